"""Bursts: shots of one moment, which a person answers once and looks at side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

Name = TypeVar("Name")

# Shots of one burst follow each other so closely, and differ in so few of 64 bits. Where a file
# does not say when it was taken, its picture alone speaks, so it has to be nearly the same.
GAP = timedelta(seconds=15)
ALIKE, ALIKE_UNDATED = 14, 6


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What tells whether two photos are shots of one moment; it is told to nobody.

    Attributes:
        taken: when it was taken, by its own clock; None where the file does not say.
        pattern: 64 bits: of 8 rows of 9 grey areas each, whether the right neighbour is brighter
            (a difference hash).
    """

    taken: datetime | None
    pattern: int


def bursts(shots: Mapping[Name, Glimpse]) -> dict[Name, Name]:
    """Which shots stand together: for each one of a burst the name of the burst's first.

    Each is compared with the one before it alone, so that a long burst may wander; a shot of which
    there is only one has no burst.

    Args:
        shots: of one drop or folder, in the order in which they came.
    """
    found: dict[Name, Name] = {}
    for run in _runs(shots):
        if len(run) > 1:
            found.update(dict.fromkeys(run, run[0]))
    return found


def _runs(shots: Mapping[Name, Glimpse]) -> Iterator[list[Name]]:
    """The shots, cut wherever one is not like the one before."""
    run: list[Name] = []
    before: Glimpse | None = None
    for name in _in_order(shots):
        if before is not None and not _alike(before, shots[name]):
            yield run
            run = []
        run.append(name)
        before = shots[name]
    yield run


def _in_order(shots: Mapping[Name, Glimpse]) -> list[Name]:
    """By the time of capture, then those without one as they came."""
    dated = [(shot.taken, name) for name, shot in shots.items() if shot.taken is not None]
    dated.sort(key=lambda one: one[0])
    undated = [name for name, shot in shots.items() if shot.taken is None]
    return [*(name for _, name in dated), *undated]


def _alike(one: Glimpse, other: Glimpse) -> bool:
    if one.taken is None or other.taken is None:
        dated_alike = one.taken is other.taken
        return dated_alike and (one.pattern ^ other.pattern).bit_count() <= ALIKE_UNDATED
    close = other.taken - one.taken <= GAP
    return close and (one.pattern ^ other.pattern).bit_count() <= ALIKE
