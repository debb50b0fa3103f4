from __future__ import annotations

import pytest

from imu_imageprep.domain.box import Box, covered_share


def test_pixels_come_back_exactly() -> None:
    box = Box.from_pixels(17, 23, 101, 59, width=640, height=480)
    assert box.to_pixels(640, 480) == (17, 23, 101, 59)


def test_pixels_round_outwards() -> None:
    assert Box(0.101, 0.101, 0.101, 0.101).to_pixels(100, 100) == (10, 10, 11, 11)


def test_a_box_is_never_empty_in_pixels() -> None:
    assert Box(1.0, 1.0, 0.0, 0.0).to_pixels(7, 5) == (6, 4, 1, 1)


def test_growing_stops_at_the_border() -> None:
    assert Box(0.0, 0.0, 0.5, 0.5).grown((1, 1, 1, 1)) == Box(0.0, 0.0, 1.0, 1.0)


def test_growing_adds_more_above_than_below() -> None:
    grown = Box(0.4, 0.4, 0.2, 0.2).grown()
    assert 0.4 - grown.y > (grown.y + grown.h) - 0.6


@pytest.mark.parametrize(
    ("other", "iou"),
    [
        (Box(0, 0, 0.2, 0.2), 1.0),
        (Box(0.1, 0, 0.2, 0.2), 1 / 3),
        (Box(0.5, 0.5, 0.2, 0.2), 0.0),
        (Box(0.2, 0, 0.2, 0.2), 0.0),
    ],
)
def test_iou(other: Box, iou: float) -> None:
    assert Box(0, 0, 0.2, 0.2).iou(other) == pytest.approx(iou)


def test_two_halves_do_not_cover_together() -> None:
    halves = (Box(0, 0, 0.5, 1), Box(0.5, 0, 0.5, 1))
    assert covered_share(Box(0.25, 0, 0.5, 1), halves) == pytest.approx(0.5)


def test_a_box_without_area_is_not_covered() -> None:
    assert covered_share(Box(0.5, 0.5, 0, 0), (Box(0, 0, 1, 1),)) == 0
