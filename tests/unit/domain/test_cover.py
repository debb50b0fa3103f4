from __future__ import annotations

import pytest

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.cover import areas, unaccounted
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import Finding
from imu_imageprep.domain.photo import Size

SIZE = Size(1000, 500)
LEFT = Finding("face", 0.9, Box(0.1, 0.4, 0.1, 0.2), id="face-1")
RIGHT = Finding("face", 0.8, Box(0.6, 0.4, 0.1, 0.2), id="face-2")
WHOLE = Finding("source", 1.0, None, id="source-1")


def test_all_faces_are_covered_with_a_margin() -> None:
    assert areas(["faces"], [], [LEFT, RIGHT, WHOLE], SIZE) == (
        LEFT.box.grown() if LEFT.box else None,
        RIGHT.box.grown() if RIGHT.box else None,
    )


def test_one_face_by_its_id() -> None:
    (box,) = areas(["face-2"], [], [LEFT, RIGHT], SIZE)
    assert box.x > 0.5


def test_a_drawn_box_is_covered_as_drawn() -> None:
    (box,) = areas([], [(100, 50, 200, 100)], [], SIZE)
    assert box.to_pixels(*SIZE) == (100, 50, 200, 100)


@pytest.mark.parametrize(
    ("chosen", "drawn"),
    [
        (["face-9"], []),
        (["source-1"], []),
        ([], [(2000, 0, 10, 10)]),
        ([], [(10, 10, 0, 10)]),
        ([], [(10, 10, -5, 10)]),
    ],
)
def test_what_cannot_be_covered_is_said(
    chosen: list[str], drawn: list[tuple[int, int, int, int]]
) -> None:
    with pytest.raises(UsageProblem):
        areas(chosen, drawn, [LEFT, WHOLE], SIZE)


def test_no_faces_is_nothing_to_cover() -> None:
    assert areas(["faces"], [], [WHOLE], SIZE) == ()


def test_a_face_beside_the_covered_area_still_shows() -> None:
    covered = (Box(0.05, 0.3, 0.2, 0.4),)
    assert unaccounted([LEFT, RIGHT], covered, ()) == (RIGHT,)
    assert unaccounted([WHOLE], (Box(0, 0, 1, 1),), ()) == (WHOLE,)


def test_a_face_that_was_answered_before_may_show() -> None:
    moved = Finding("face", 0.5, Box(0.61, 0.41, 0.1, 0.2))
    assert unaccounted([moved, LEFT], (), [RIGHT]) == (LEFT,)
    code = Finding("code", 0.5, RIGHT.box)
    assert unaccounted([moved], (), [code]) == (moved,)


PAGE = Finding("text", 0.9, Box(0.1, 0.1, 0.4, 0.4), "record")
LINE = Finding("text", 0.9, Box(0.2, 0.2, 0.2, 0.05), "name")


def test_text_that_can_be_read_is_not_covered() -> None:
    assert LINE.box is not None
    assert PAGE.box is not None
    assert unaccounted([LINE], (LINE.box,), ()) == (LINE,)
    # What was answered by covering it does not answer for what is read there still.
    assert unaccounted([LINE], (PAGE.box,), [PAGE]) == (LINE,)
    assert unaccounted([LINE], (Box(0.1, 0.1, 0.4, 0.2),), [PAGE]) == ()


def test_a_part_of_a_page_that_was_answered_may_be_read() -> None:
    assert unaccounted([LINE], (), [PAGE]) == ()
    assert unaccounted([PAGE], (), [LINE]) == (PAGE,)
    assert unaccounted([LINE], (), [LEFT]) == (LINE,)
