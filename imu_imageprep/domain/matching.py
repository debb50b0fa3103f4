"""Who answers for what, where each answerer has room for a few and each thing needs one."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


def matched(choices: Sequence[Sequence[T]], room: Mapping[T, int]) -> tuple[T | None, ...]:
    """Give as many things as possible an answerer, none more than it has room for.

    More answers never leave fewer things answered, which picking the nearest would not promise.

    Args:
        choices: for each thing, who could answer for it, the best first.
        room: how many things each answerer may take; 1 where it is not listed.

    Returns:
        Each thing's answerer, or None; earlier things come first.

    Source: augmenting paths (Kuhn 1955), breadth first.
    """
    taken: dict[T, set[int]] = {}
    answerer: dict[int, T] = {}
    for start in range(len(choices)):
        _augment(start, choices, room, taken, answerer)
    return tuple(answerer.get(thing) for thing in range(len(choices)))


def _augment(
    start: int,
    choices: Sequence[Sequence[T]],
    room: Mapping[T, int],
    taken: dict[T, set[int]],
    answerer: dict[int, T],
) -> None:
    """Find ``start`` an answerer, moving others to their next one where that makes room."""
    came_from: dict[T, int] = {}
    waiting = deque([start])
    while waiting:
        thing = waiting.popleft()
        for one in choices[thing]:
            if one in came_from:
                continue
            came_from[one] = thing
            holders = taken.setdefault(one, set())
            if len(holders) >= room.get(one, 1):
                waiting.extend(sorted(holders))
                continue
            _shift(one, start, came_from, taken, answerer)
            return


def _shift(
    free: T,
    start: int,
    came_from: Mapping[T, int],
    taken: dict[T, set[int]],
    answerer: dict[int, T],
) -> None:
    while True:
        thing = came_from[free]
        before = answerer.get(thing)
        answerer[thing] = free
        taken[free].add(thing)
        if thing == start or before is None:
            return
        taken[before].discard(thing)
        free = before
