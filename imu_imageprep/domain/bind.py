"""Joining people's answers and findings to what detectors found just now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.answers import Binding, HandDrawnFinding, Seen
from imu_imageprep.domain.finding import Examination, Finding, Looked, numbered
from imu_imageprep.domain.needs import Need, needs_of
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.domain.policy import Policy

# The name of the examination that holds what a person drew.
BY_HAND = "by hand"


def bound_to_all(
    photo: str, examinations: Iterable[Examination], need: Need, ref: str, by: str
) -> tuple[Binding, ...]:
    """One record bound to every present finding that has a need; what is found later stays open.

    Args:
        photo: hex sha256 of the photo.
        examinations: what was found now.
        need: ``person-consent`` for an event's sheet, ``place-permission`` for a place.
        ref: the record.
        by: who says so.
    """
    return tuple(
        Binding(Seen.of(photo, finding, exam.model), need, (ref,), by=by)
        for exam in examinations
        for finding in exam.findings
        if need in needs_of(finding.kind)
    )


def with_drawn(
    examinations: tuple[Examination, ...], drawn: Sequence[HandDrawnFinding], policy: Policy
) -> tuple[Examination, ...]:
    """The examinations, and one more with what people drew; findings are numbered anew.

    What a detector found at the same place, and holds, is not told twice. The flag is None, so that
    a policy that only notes faces still holds for one that a person pointed out.
    """
    known = [
        finding
        for exam in examinations
        if policy.flags.level(exam.flag) is Level.HOLD
        for finding in exam.findings
        if not finding.noted
    ]
    added: list[Finding] = []
    for one in drawn:
        seen = one.seen
        if not any(
            seen.matches(Seen.of(seen.photo, finding, seen.model)) for finding in (*known, *added)
        ):
            added.append(Finding(seen.kind, 1.0, seen.box))
    if not added:
        return examinations
    return numbered((*examinations, Examination(BY_HAND, None, None, Looked(tuple(added), 1.0))))
