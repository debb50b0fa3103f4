"""When an arriving file counts as complete: events and times in, ready or not out."""

from __future__ import annotations

from pathlib import Path

import pytest

from imu_imageprep.front.watch import Settling, Sight

PHOTO = Path("photo.jpg")
HALF = Sight(500, 10, 1)
WHOLE = Sight(1000, 20, 1)


def ready(
    settling: Settling, now: float, sight: Sight = WHOLE, *, writer: bool | None = False
) -> bool:
    return settling.is_ready(PHOTO, sight, now, writer=writer)


def test_the_first_look_is_never_enough() -> None:
    settling = Settling(2)
    assert not ready(settling, 100)
    assert settling.next_look(100) == 102


def test_a_file_that_stays_the_same_is_ready() -> None:
    settling = Settling(2)
    ready(settling, 0)
    assert not ready(settling, 1.9)
    assert ready(settling, 2)


def test_a_file_that_grows_starts_again() -> None:
    settling = Settling(2)
    ready(settling, 0, HALF)
    assert not ready(settling, 1.9, WHOLE)
    assert not ready(settling, 3, WHOLE)
    assert ready(settling, 3.9, WHOLE)


@pytest.mark.parametrize("other", [Sight(1000, 21, 1), Sight(1000, 20, 2)])
def test_time_and_inode_tell_states_apart(other: Sight) -> None:
    settling = Settling(2)
    ready(settling, 0)
    assert not ready(settling, 2, other)


@pytest.mark.parametrize(
    ("writer", "closed", "seconds"),
    [
        (False, False, 2),
        (None, True, 2),
        (None, False, 20),
        (True, True, 20),
        (True, False, 120),
    ],
)
def test_the_less_is_known_the_longer_it_takes(
    writer: bool | None, closed: bool, seconds: float
) -> None:
    settling = Settling(2)
    settling.written(PHOTO, 0, closed=closed)
    ready(settling, 0, writer=writer)
    assert not ready(settling, seconds - 0.1, writer=writer)
    assert ready(settling, seconds, writer=writer)


def test_a_write_that_changes_nothing_to_see_starts_again() -> None:
    settling = Settling(2)
    ready(settling, 0)
    settling.written(PHOTO, 1.5, closed=True)
    assert not ready(settling, 2)
    assert ready(settling, 3.5)


def test_closing_counts_for_the_state_that_was_closed() -> None:
    settling = Settling(2)
    settling.written(PHOTO, 0, closed=True)
    ready(settling, 0, HALF, writer=None)
    assert not ready(settling, 1, WHOLE, writer=None)
    assert not ready(settling, 4, WHOLE, writer=None)


def test_what_was_handled_is_left_until_it_changes() -> None:
    settling = Settling(2)
    settling.handle(PHOTO, HALF)
    assert settling.is_handled(PHOTO, HALF, 1e9)
    assert not settling.is_handled(PHOTO, WHOLE, 1)
    assert settling.next_look(1) is None


def test_a_passing_failure_is_tried_again_once_its_time_has_come() -> None:
    settling = Settling(2)
    settling.handle(PHOTO, WHOLE)
    settling.try_again(PHOTO, 300)
    assert settling.is_handled(PHOTO, WHOLE, 299)
    assert settling.next_look(1) == 300
    assert not settling.is_handled(PHOTO, WHOLE, 300)
    ready(settling, 300)
    assert settling.next_look(300) == 302
    assert ready(settling, 302)
    settling.handle(PHOTO, WHOLE)
    assert settling.is_handled(PHOTO, WHOLE, 1e9)


def test_a_file_that_went_and_came_back_is_new() -> None:
    settling = Settling(2)
    settling.handle(PHOTO, WHOLE)
    settling.keep_only([])
    assert not settling.is_handled(PHOTO, WHOLE, 1)


def test_nothing_is_kept_of_files_that_are_gone() -> None:
    settling = Settling(2)
    for number in range(1000):
        path = Path(f"{number}.jpg")
        settling.written(path, 0, closed=True)
        settling.is_ready(path, WHOLE, 0, writer=False)
    settling.keep_only([PHOTO])
    assert settling == Settling(2)


def test_looking_again_forgets_what_was_handled() -> None:
    settling = Settling(2)
    settling.handle(PHOTO, WHOLE)
    settling.forget_all()
    assert not settling.is_handled(PHOTO, WHOLE, 1)


def test_a_file_that_is_held_open_is_not_asked_about_without_a_pause() -> None:
    settling = Settling(2)
    ready(settling, 0, writer=True)
    assert settling.next_look(50) == 52
