from __future__ import annotations

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import LONG_NUMBER, Finding
from imu_imageprep.domain.pieces import added

WHOLE = Box(0, 0, 1, 1)
PAGE = Finding("text", 0.9, Box(0.1, 0.1, 0.5, 0.5), "record")
LINE = Finding("text", 0.9, Box(0.2, 0.2, 0.2, 0.05), "name")
NUMBER = Finding("text", 0.9, LINE.box, LONG_NUMBER, noted=True)


def test_a_line_of_a_page_that_is_known_is_not_told_again() -> None:
    assert added([PAGE], [LINE], WHOLE) == (PAGE,)
    assert added([LINE], [PAGE], WHOLE) == (LINE, PAGE)


def test_what_is_only_noted_hides_no_name() -> None:
    assert added([NUMBER], [LINE], WHOLE) == (NUMBER, LINE)
    assert added([LINE], [NUMBER], WHOLE) == (LINE,)
    assert added([NUMBER], [NUMBER], WHOLE) == (NUMBER,)
