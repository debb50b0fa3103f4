"""From which scores a scene should count as clinical, or as a doubt, on a person's own photos."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# Thresholds that can be recommended: hundredths, which is finer than a few hundred photos can tell.
_STEPS = tuple(step / 100 for step in range(1, 100))

# The share of other photos that may be flagged, and that may be flagged or doubted.
FALSE_ALARMS, DOUBTS = 0.11, 0.25

# 95 % of a normal distribution lies within so many standard deviations.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``of`` photos."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The share, 0..1; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share (Wilson 1927, J. Am. Stat. Assoc. 22)."""
        if not self.of:
            return 0.0, 1.0
        z2 = _Z * _Z / self.of
        middle = (self.share + z2 / 2) / (1 + z2)
        spread = (
            _Z * math.sqrt(self.share * (1 - self.share) / self.of + z2 / (4 * self.of)) / (1 + z2)
        )
        return max(0.0, middle - spread), min(1.0, middle + spread)


@dataclass(frozen=True, slots=True)
class Row:
    """What a threshold would do.

    Attributes:
        threshold: the score from which a photo is flagged.
        recall: clinical photos that are flagged.
        false_alarms: other photos that are flagged.
    """

    threshold: float
    recall: Rate
    false_alarms: Rate


@dataclass(frozen=True, slots=True)
class Scores:
    """The detector's scores of photos that people sorted.

    Attributes:
        clinical: of those that show a clinical scene or a patient.
        other: of those that do not.
    """

    clinical: tuple[float, ...]
    other: tuple[float, ...]

    def at(self, threshold: float) -> Row:
        """What a threshold would do."""
        return Row(threshold, _at(self.clinical, threshold), _at(self.other, threshold))

    def for_recall(self, wanted: float) -> Row | None:
        """The highest threshold that finds at least this share of the clinical photos."""
        rows = (self.at(step) for step in reversed(_STEPS))
        return next((row for row in rows if row.recall.share >= wanted), None)

    def for_false_alarms(self, allowed: float) -> Row | None:
        """The lowest threshold that flags at most this share of the others."""
        rows = (self.at(step) for step in _STEPS)
        return next((row for row in rows if row.false_alarms.share <= allowed), None)


class Pair(NamedTuple):
    """Two thresholds: from the upper one a photo counts as clinical, from the lower as a doubt."""

    upper: Row
    lower: Row


def recommended(
    scores: Scores,
    used: Pair,
    *,
    recall: float | None = None,
    false_alarms: float | None = None,
    doubts: float | None = None,
) -> Pair | None:
    """The two thresholds that fit; none that finds less than now unless a person asks for it.

    Args:
        scores: of photos that people sorted.
        used: the thresholds in force.
        recall: find this share of the clinical photos; or
        false_alarms: flag at most this share of the others, ``FALSE_ALARMS`` by default.
        doubts: flag or doubt at most this share of the others, ``DOUBTS`` by default.

    Returns:
        None where no upper threshold reaches what is asked for.
    """
    if recall is not None:
        upper = scores.for_recall(recall)
    else:
        upper = scores.for_false_alarms(FALSE_ALARMS if false_alarms is None else false_alarms)
    if upper is None:
        return None
    if recall is None and false_alarms is None and upper.threshold > used.upper.threshold:
        upper = used.upper
    lower = scores.for_false_alarms(DOUBTS if doubts is None else doubts)
    if doubts is None and (lower is None or lower.threshold > used.lower.threshold):
        lower = used.lower
    if lower is None or lower.threshold > upper.threshold:
        lower = upper
    return Pair(upper, lower)


def _at(scores: Sequence[float], threshold: float) -> Rate:
    return Rate(sum(score >= threshold for score in scores), len(scores))
