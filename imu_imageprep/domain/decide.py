"""May this photo leave? A pure, total function of what was seen and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.box import covered_share
from imu_imageprep.domain.finding import DidNotLook, Need, needs_of
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.policy import Policy

# A finding counts as covered only when practically all of its box lies in one covered area.
COVERED = 0.95

# Kinds that covering answers; a ward stays a ward when its patients' faces are covered.
_ANSWERED_BY_COVERING = frozenset({"face", "code"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What people answered for one photo.

    Attributes:
        covered: areas that will be covered irreversibly before export.
        credit: the credit line that will be drawn, naming another maker.
        hold: someone asked to hold the photo whatever is found.
    """

    covered: tuple[Box, ...] = ()
    credit: str | None = None
    hold: bool = False


@dataclass(frozen=True, slots=True)
class HeldFor:
    """One open need: of a finding, of a scan that did not happen, or of a person who said hold."""

    needs: Need
    finding: Finding | None = None
    scan: str | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """Every need is answered."""


@dataclass(frozen=True, slots=True)
class Held:
    """At least one need is open."""

    held_for: tuple[HeldFor, ...]


Decision = Cleared | Held


def decide(examinations: tuple[Examination, ...], answers: Answers, policy: Policy) -> Decision:
    """Decide whether a photo may leave.

    Args:
        examinations: every detector's scan; one that did not look holds, whatever its flag says.
        answers: what people answered for this photo.
        policy: which findings hold.

    Returns:
        ``Held`` with every open need in the order of the examinations, or ``Cleared``.
    """
    open_needs: list[HeldFor] = []
    for exam in examinations:
        if isinstance(exam.scan, DidNotLook):
            open_needs.append(HeldFor(Need.LOOK, scan=exam.detector))
        elif policy.flags.level(exam.flag) is Level.HOLD:
            open_needs.extend(
                HeldFor(need, finding)
                for finding in exam.scan.findings
                for need in needs_of(finding.kind)
                if not _answered(need, finding, answers)
            )
    if answers.hold:
        open_needs.append(HeldFor(Need.LOOK))
    return Held(tuple(open_needs)) if open_needs else Cleared()


def _answered(need: Need, finding: Finding, answers: Answers) -> bool:
    if finding.kind in _ANSWERED_BY_COVERING and finding.box is not None:
        return covered_share(finding.box, answers.covered) >= COVERED
    return finding.kind == "source" and need is Need.CREDIT and bool(answers.credit)
