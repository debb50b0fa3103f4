"""Albums: photos of one event, whose others tell what kind of event it is.

Photos of one folder are an album, or several where hours lie between them. What the clinical check
made of the others raises a photo's own score (``doubting``), and never lowers it.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.doubting import share_evidence
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.odds import probability
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from imu_imageprep.domain.finding import Examination
    from imu_imageprep.domain.policy import Policy

Name = TypeVar("Name")

# Photos that were taken so long after the one before are of another event.
GAP = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Shot:
    """What the others of an album get to know of one photo; it is told to nobody.

    Attributes:
        logit: of the clinical check's own score; None where it does not say.
        taken: when it was taken, by its own clock; None where the file does not say.
    """

    logit: float | None = None
    taken: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a photo's album when the photo is prepared.

    Attributes:
        waits: the others are not all looked at: what they could make a doubt of does not leave yet.
        evidence: logits that the others add.
        photo: hex sha256 of the file that was looked at in the turn before.
        policy: sha256 of the rules of that turn.
        seen: what every detector answered then.
    """

    waits: bool = False
    evidence: float = 0.0
    photo: str = ""
    policy: str = ""
    seen: tuple[Examination, ...] = ()

    def seen_in(self, photo: str, policy: Policy) -> tuple[Examination, ...]:
        """What was seen in the turn before; nothing where the file or the rules changed since."""
        same = self.photo == photo and self.seen and self.policy == policy.digest()
        return self.seen if same else ()


ALONE = Turn()


def in_album(policy: Policy) -> bool:
    """Whether the others of an album count."""
    return policy.clinical.album and policy.flags.level(Flag.DOUBT) is not Level.OFF


def evidence(shots: Mapping[Name, Shot], asked: Collection[Name]) -> dict[Name, float]:
    """Logits that the others of its album add to each photo that is asked about.

    Args:
        shots: the photos of one folder, in any order.
        asked: names of some of them.
    """
    gathered = Gathered()
    for shot in shots.values():
        gathered.add(shot)
    return {name: gathered.beside(shots[name]) for name in asked}


class Gathered:
    """What the photos of one folder say to each other, summed up: ten million take no more memory.

    There is one sum for each event, and days do not have many of those. Photos that do not say when
    they were taken are one album.
    """

    def __init__(self) -> None:
        self._undated = _Sum()
        self._events: list[_Event] = []  # in order of time, a gap between any two

    def add(self, shot: Shot) -> None:
        """Count a photo."""
        if shot.taken is None:
            self._undated.add(shot.logit)
            return
        event = _Event(shot.taken, shot.taken)
        event.said.add(shot.logit)
        at = bisect.bisect(self._events, shot.taken, key=_begins)
        # It may lie in the event that began before, or close a gap.
        near = [one for one in self._events[max(at - 1, 0) : at + 1] if one.joins(event)]
        for one in near:
            self._events.remove(one)
            event.take(one)
        bisect.insort(self._events, event, key=_begins)

    def beside(self, shot: Shot) -> float:
        """Logits that the others of its album add to a photo that was counted."""
        if shot.taken is None:
            return self._undated.without(shot.logit)
        at = bisect.bisect(self._events, shot.taken, key=_begins)
        return self._events[at - 1].said.without(shot.logit)


@dataclass(slots=True)
class _Sum:
    """The probabilities of some photos: exact, so that their order does not matter."""

    clinical: Fraction = Fraction(0)
    number: int = 0

    def add(self, logit: float | None) -> None:
        if logit is not None:
            self.clinical += Fraction(probability(logit))
            self.number += 1

    def without(self, logit: float | None) -> float:
        """What all but one say."""
        if logit is None:
            return share_evidence(float(self.clinical), self.number)
        others = self.clinical - Fraction(probability(logit))
        return share_evidence(float(others), self.number - 1)


@dataclass(slots=True)
class _Event:
    """Photos without a gap between them: the first, the last, and what they say."""

    first: datetime
    last: datetime
    said: _Sum = field(default_factory=_Sum)

    def joins(self, other: _Event) -> bool:
        return self.first - other.last < GAP and other.first - self.last < GAP

    def take(self, other: _Event) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.said.clinical += other.said.clinical
        self.said.number += other.said.number


def _begins(event: _Event) -> datetime:
    return event.first
