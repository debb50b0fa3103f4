"""The rules for readable text, for whatever is read."""

from __future__ import annotations

from datetime import date

from golden.test_readable import NAMES, read
from hypothesis import example, given
from hypothesis import strategies as st

from imu_imageprep.domain.readable.judging import NOTED, SURE_PLATE, Category, judge
from imu_imageprep.domain.readable.lines import Bounds, Line

SEPARATORS = st.sampled_from(["", "-", " ", ".", " - ", "–", "‑", "−", "~", "\u00a0", "\u200b"])
numbers = st.floats(0, 1000, allow_nan=False, width=32)
texts = st.one_of(
    st.text(max_size=60),
    st.text("0123456789 -OIl./+", max_size=30),
    st.sampled_from(["Nurul Izzati", "MRN 123456", "WXY 1234", "Name:", "Bed 1 Siti NBM", "Nurse"]),
)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    left, top, length, thickness = (draw(numbers) for _ in range(4))
    bounds = Bounds(left, top, left + length, top + thickness)
    height = draw(st.floats(9, 400))
    return Line(draw(texts), draw(st.floats(0, 1)), height, bounds, length, thickness)


@given(st.lists(lines(), max_size=12))
def test_whatever_is_read_is_judged_and_lies_where_it_was_read(read_lines: list[Line]) -> None:
    for found in judge(read_lines, NAMES):
        assert found.category in set(Category)
        assert SURE_PLATE <= found.sure <= 1
        assert any(
            found.bounds.left <= line.bounds.left
            and found.bounds.top <= line.bounds.top
            and found.bounds.right >= line.bounds.right
            and found.bounds.bottom >= line.bounds.bottom
            for line in read_lines
        )


@given(st.dates(), st.integers(0, 99), st.integers(0, 9999), SEPARATORS)
@example(date(1988, 1, 31), 18, 5566, "-")
def test_an_identity_number_is_one_however_it_is_parted(
    born: date, place: int, rest: int, part: str
) -> None:
    text = f"{born:%y%m%d}{part}{place:02d}{part}{rest:04d}"
    for about in (text, f"No. K/P: {text}", f"Siti  {text}  F"):
        kinds = {f.category for f in judge(read(about), NAMES)}
        assert kinds & {Category.IDENTITY_NUMBER, Category.RECORD}, about


@given(st.lists(lines(), max_size=8), lines())
def test_more_to_read_hides_no_identity_number(read_lines: list[Line], other: Line) -> None:
    (card,) = read("880131-18-5566")
    found = judge([card, *read_lines, other], NAMES)
    assert any(
        f.category not in NOTED
        and f.bounds.left <= card.bounds.left
        and f.bounds.right >= card.bounds.right
        for f in found
    )


@given(st.text(min_size=4, max_size=40).filter(lambda text: sum(map(str.isalnum, text)) >= 4))
def test_what_is_allowed_is_of_nobody(text: str) -> None:
    kinds = {f.category for f in judge(read(text), NAMES, (text,))}
    assert kinds <= {Category.SMALL_TEXT}
