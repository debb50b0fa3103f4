"""Shots of one moment stand together."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.bursts import ALIKE, ALIKE_UNDATED, GAP, Glimpse, bursts

NOON = datetime(2026, 3, 4, 12)  # noqa: DTZ001  (cameras do not say a zone)


def shot(seconds: float | None, bits: int = 0) -> Glimpse:
    """A shot that differs from an empty one in so many bits."""
    taken = None if seconds is None else NOON + timedelta(seconds=seconds)
    return Glimpse(taken, (1 << bits) - 1)


def test_shots_that_follow_each_other_and_look_alike_are_one_burst() -> None:
    shots = {"c": shot(2), "a": shot(0), "b": shot(1, ALIKE), "alone": shot(500)}
    assert bursts(shots) == {"a": "a", "b": "a", "c": "a"}


def test_what_looks_else_or_came_later_is_another() -> None:
    late = GAP.total_seconds() + 1
    assert bursts({"a": shot(0), "b": shot(1, ALIKE + 1)}) == {}
    assert bursts({"a": shot(0), "b": shot(late)}) == {}
    pairs = {"a": shot(0), "b": shot(1), "c": shot(2, 40), "d": shot(3, 41)}
    assert bursts(pairs) == {"a": "a", "b": "a", "c": "c", "d": "c"}


def test_a_long_burst_may_wander() -> None:
    shots = {number: shot(number, number * ALIKE) for number in range(4)}
    assert set(bursts(shots).values()) == {0}


def test_without_a_time_only_what_is_nearly_the_same_stands_together() -> None:
    shots = {"a": shot(None), "b": shot(None, ALIKE_UNDATED), "c": shot(None, 30)}
    assert bursts(shots) == {"a": "a", "b": "a"}
    assert bursts({"a": shot(0), "b": shot(None)}) == {}
    assert bursts({}) == {}


@given(st.lists(st.tuples(st.integers(0, 100) | st.none(), st.integers(0, 64)), max_size=30))
def test_a_burst_has_two_shots_at_least_and_is_called_after_one_of_them(
    told: list[tuple[int | None, int]],
) -> None:
    found = bursts({name: shot(*one) for name, one in enumerate(told)})
    for first in found.values():
        assert found[first] == first
        assert list(found.values()).count(first) > 1
