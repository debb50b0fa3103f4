"""What people saw in a photo: what they drew on it, and doubts that they say are clinical."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imu_imageprep.domain.answers import Anchor, Confirmation, HandDrawnFinding, Pointed
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import rules_of
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.policy import Policy

# The name of the examination that holds what a person saw.
BY_HAND: Final = "by hand"

# What is told of a doubt that somebody confirmed.
CONFIRMED: Final = "somebody says so"


def with_drawn(
    examinations: tuple[Examination, ...], drawn: Sequence[Pointed], policy: Policy
) -> tuple[Examination, ...]:
    """The examinations, and one more with what people saw; findings are numbered anew.

    What a detector found at the same place, and holds, is not told twice. The flag is None, so that
    a policy that only notes faces still holds for one that a person pointed out. A doubt that
    somebody confirmed is no doubt any more, whatever the check makes of the photo by now.
    """
    confirmed = [one for one in drawn if isinstance(one, Confirmation)]
    if confirmed:
        examinations = tuple(_certain(exam, confirmed) for exam in examinations)
    known = [
        finding
        for exam in examinations
        for finding in exam.findings
        if not finding.noted and policy.flags.level_of(exam.flag, finding) is Level.HOLD
    ]
    added: list[Finding] = []
    for one in drawn:
        seen = told_as(one)
        if not any(
            seen.matches(Anchor.of(seen.photo, finding, seen.model)) for finding in (*known, *added)
        ):
            reason = CONFIRMED if isinstance(one, Confirmation) else None
            added.append(Finding(seen.kind, 1.0, seen.box, reason=reason))
    if not added:
        return examinations
    return numbered((*examinations, Examination(BY_HAND, None, None, Looked(tuple(added), 1.0))))


def told_as(one: Pointed) -> Anchor:
    """What an answer to it is bound to: nobody's model found it."""
    seen = one.seen
    if isinstance(one, HandDrawnFinding):
        return seen
    return Anchor(seen.photo, rules_of(seen.kind).may_be or seen.kind, seen.box)


def _certain(exam: Examination, confirmed: Sequence[Confirmation]) -> Examination:
    """The examination without the doubts that somebody confirmed."""

    def open_(finding: Finding) -> bool:
        if rules_of(finding.kind).may_be is None:
            return True
        return exam.flag is not Flag.CLINICAL and not any(
            one.seen.matches(Anchor.of(one.seen.photo, finding, exam.model)) for one in confirmed
        )

    return exam.holding(finding for finding in exam.findings if open_(finding))
