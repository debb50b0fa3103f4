"""May this photo leave? What was seen, asked and answered, brought together for ``decide``.

What judges consents is imported where there is something to judge: most photos need none of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import Answers, Case
from imu_imageprep.domain.cover import areas
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import SECOND
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Size

if TYPE_CHECKING:
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ports import Clock, Ledger
    from imu_imageprep.request import Request


def case_of(
    receipt: Receipt, request: Request, policy: Policy, ledger: Ledger, clock: Clock
) -> Case:
    """A photo's case: what was seen, what is asked for now, and what the ledger holds.

    Args:
        receipt: of a look at the photo; it is not looked at again.
        request: what is asked for with it.
        policy: the rules in force.
        ledger: holds the answers.
        clock: says the day.

    Raises:
        UsageProblem: the request names what was not found, or a permission that is not there.
    """
    source, metadata = receipt.source, receipt.metadata
    assert source is not None
    return Case(
        receipt.examinations,
        _answers(receipt, request, ledger),
        policy,
        photo=source.sha256,
        today=clock.now().astimezone().date(),
        captured=metadata.captured if metadata else None,
    )


def chosen_areas(receipt: Receipt, request: Request) -> tuple[Box, ...]:
    """The areas of a photo that a request covers.

    Raises:
        UsageProblem: it names what was not found, or lies outside the photo.
    """
    assert receipt.source is not None
    size = Size(receipt.source.width, receipt.source.height)
    # What shows only in the finished picture is covered by boxes: the first look does not know it.
    first = [finding for finding in receipt.findings if not finding.id.startswith(SECOND)]
    return areas(request.redact, request.boxes, first, size)


def _answers(receipt: Receipt, request: Request, ledger: Ledger) -> Answers:
    """What is asked for now, and what the ledger holds for what was found in this photo."""
    assert receipt.source is not None
    photo, examinations = receipt.source.sha256, receipt.examinations
    covered = chosen_areas(receipt, request)
    found = any(exam.findings for exam in examinations)
    stored = ledger.answers_for(photo) if found else Answers()
    answers = dataclasses.replace(stored, covered=covered, credit=request.credit, hold=request.hold)
    if not found or request.place is None:
        return answers
    from imu_imageprep.domain.answers import bound_to_all  # noqa: PLC0415
    from imu_imageprep.domain.permits import PlacePermission  # noqa: PLC0415
    from imu_imageprep.domain.trail import State  # noqa: PLC0415

    listed = ledger.record(request.place)
    if listed is None or not isinstance(listed.entry, PlacePermission):
        raise UsageProblem(
            f"There is no place permission {request.place} in the ledger.",
            "See: imageprep consent list",
        )
    bound = bound_to_all(photo, examinations, Need.PLACE_PERMISSION, listed.ref, by=request.by)
    gone = answers.withdrawn | ({listed.ref} if listed.state is State.WITHDRAWN else frozenset())
    return dataclasses.replace(
        answers,
        records=(*answers.records, listed.entry),
        bindings=(*answers.bindings, *bound),
        withdrawn=gone,
    )
