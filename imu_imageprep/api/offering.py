"""What could answer a need of a photo, as a suggestion to a person; ``decide`` alone judges."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imu_imageprep.api.choosing import chosen
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain import offers as _offers
from imu_imageprep.domain.offers import Case, Offer, Offered

if TYPE_CHECKING:
    from imu_imageprep.api.answers import Desk
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt

__all__ = ["Offer", "Offered", "case_of", "offered", "offers"]


def case_of(
    receipt: Receipt,
    *,
    desk: Desk,
    policy: Policy,
    covered: tuple[Box, ...] = (),
    credit: str | None = None,
) -> Case:
    """A photo's case as it stands: what was seen, and what the ledger holds at this moment.

    Args:
        receipt: of a look at the photo.
        desk: where answers are taken.
        policy: the rules in force.
        covered: areas that would be covered.
        credit: the credit line that would be drawn.
    """
    assert receipt.source is not None
    photo = receipt.source.sha256
    answers = desk.ledger.answers_for(photo)
    return Case(
        receipt.examinations,
        dataclasses.replace(answers, covered=covered, credit=credit),
        policy,
        photo=photo,
        today=SystemClock().now().astimezone().date(),
        captured=receipt.metadata.captured if receipt.metadata else None,
    )


def offers(
    receipt: Receipt, finding: str, need: Need, *, desk: Desk, policy: Policy
) -> tuple[Offer, ...]:
    """The records on file that may answer a need, those that would first.

    Args:
        receipt: of a look at the photo.
        finding: id of one of its findings.
        need: one of the finding's needs.
        desk: where answers are taken.
        policy: the rules in force.

    Raises:
        UsageProblem: there is no such finding.
    """
    ((found, _),) = chosen(receipt, [finding], ())
    case = case_of(receipt, desk=desk, policy=policy)
    return _offers.offers(case, found, need, desk.records())


def offered(receipt: Receipt, finding: str, need: Need, *, desk: Desk, policy: Policy) -> Offered:
    """What besides records would answer a need; the arguments are those of ``offers``.

    Raises:
        UsageProblem: there is no such finding.
    """
    ((found, _),) = chosen(receipt, [finding], ())
    return _offers.offered(case_of(receipt, desk=desk, policy=policy), found, need)
