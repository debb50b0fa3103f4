"""The mark and the credit line."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from imu_imageprep import assets
from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Position, WatermarkRules
from imu_imageprep.stages.watermark import SMALLEST_SIDE, drawing, lettering, watermark
from imu_imageprep.stages.watermark.layout import Layout, arrange
from imu_imageprep.stages.watermark.lettering import Block
from imu_imageprep.stages.watermark.wording import line

MARK = "© 2026 Tan Mei Ling"
LONG = "© 2026 Puan Sri Dr. Nur Aisyah Siti Khadijah binti Abdul Rahman, Faculty of Medicine"
CREDIT = "Photo: Nguyễn Thị Ánh Tuyết, CC BY 4.0"
CORNER = WatermarkRules()
TILE = WatermarkRules(position=Position.TILE)
SINGLE = [position for position in Position if position is not Position.TILE]
FACE = line("", MARK).faces[0].path


def laid_out(size: tuple[int, int], mark: str, credit: str, position: Position) -> Layout:
    return arrange(Size(*size), line("", mark), line("", credit), position)


def ink_of(block: object) -> NDArray[np.uint8]:
    assert isinstance(block, Block)
    return block.ink


def flat(width: int, height: int, level: int = 128) -> Photo:
    pixels = np.full((height, width, 3), level, np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height), ("a note",))


def noise(width: int, height: int) -> Photo:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def changed(before: Photo, after: Photo) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of everything that differs."""
    differs = (before.pixels != after.pixels).any(axis=-1)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def luminance(values: NDArray[np.uint8]) -> float:
    """Mean relative luminance of grey values (WCAG 2.1)."""
    linear = values.astype(float) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    return float(linear.mean())


@pytest.mark.parametrize("position", SINGLE)
def test_a_mark_changes_its_own_corner_only(position: Position) -> None:
    photo = noise(800, 600)
    marked = watermark(photo, MARK, WatermarkRules(position=position))
    left, top, right, bottom = changed(photo, marked)

    assert right - left < 280
    assert bottom - top < 60
    # The middle of the change lies where the position says, by thirds.
    column = int((left + right) / 2 // (800 / 3))
    row = int((top + bottom) / 2 // (600 / 3))
    places = [["top-left", "top", "top-right"], ["left", "center", "right"]]
    places.append(["bottom-left", "bottom", "bottom-right"])
    assert places[row][column] == position.value
    # Everything outside is the very same.
    outside = np.ones((600, 800), bool)
    outside[top:bottom, left:right] = False
    assert np.array_equal(marked.pixels[outside], photo.pixels[outside])
    assert marked.source_size == photo.source_size
    assert not marked.pixels.flags.writeable


@pytest.mark.parametrize("opacity", [0.6, 1.0])
def test_letters_stand_out_on_every_grey(opacity: float) -> None:
    """Contrast of at least 3:1, what WCAG 2.1 asks of large text."""
    rules = WatermarkRules(opacity=opacity)
    (placed,) = laid_out((800, 600), MARK, "", Position.BOTTOM_RIGHT).marks
    ink, height, width = ink_of(placed.block), placed.block.height, placed.block.width
    contrasts = {}
    for level in range(0, 256, 3):
        marked = watermark(flat(800, 600, level), MARK, rules).pixels
        region = marked[placed.y : placed.y + height, placed.x : placed.x + width, 0]
        letters, between = luminance(region[ink > 240]), luminance(region[ink < 10])
        light, dark = max(letters, between), min(letters, between)
        contrasts[level] = (light + 0.05) / (dark + 0.05)

    assert {level: contrast for level, contrast in contrasts.items() if contrast < 3} == {}


@settings(max_examples=40, deadline=None)
@given(colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_letters_stand_out_on_every_colour(colour: tuple[int, int, int]) -> None:
    photo = flat(500, 300)
    pixels = photo.pixels.copy()
    pixels[:] = colour
    marked = watermark(Photo(pixels, photo.size), MARK, CORNER).pixels
    (placed,) = laid_out((500, 300), MARK, "", Position.BOTTOM_RIGHT).marks
    ink, height, width = ink_of(placed.block), placed.block.height, placed.block.width
    region = marked[placed.y : placed.y + height, placed.x : placed.x + width].astype(np.float32)
    letters, between = (float(drawing.luminance(region[m]).mean()) for m in (ink > 240, ink < 10))

    assert (max(letters, between) + 0.05) / (min(letters, between) + 0.05) >= 2.7


@pytest.mark.parametrize("cell", [1, 4, 12, 80])
def test_letters_stand_out_on_busy_ground(cell: int) -> None:
    """Letters are one tone: clearly lighter or darker than nine tenths of what surrounds them."""
    rng = np.random.default_rng(cell)
    grid = rng.choice(np.array((0, 255), np.uint8), (600 // cell + 1, 800 // cell + 1))
    pixels = np.kron(grid, np.ones((cell, cell), np.uint8))[:600, :800, None].repeat(3, axis=2)
    photo = Photo(pixels, Size(800, 600))
    marked = watermark(photo, MARK, CORNER).pixels
    (placed,) = laid_out(photo.size, MARK, "", Position.BOTTOM_RIGHT).marks
    ink, height, width = ink_of(placed.block), placed.block.height, placed.block.width
    region = marked[placed.y : placed.y + height, placed.x : placed.x + width, 0].astype(int)
    # Right around the letters: one pixel away from ink.
    near = np.zeros_like(ink, bool)
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        near |= np.roll(ink, (dy, dx), (0, 1)) > 60
    around = region[near & (ink < 10)]
    letters = region[ink > 240]

    assert np.ptp(letters) <= 40
    assert np.quantile(np.abs(around - np.median(letters)), 0.1) >= 60


def test_the_mark_grows_with_the_picture() -> None:
    heights = []
    for width, height in ((400, 300), (800, 600), (1600, 1200)):
        photo = flat(width, height)
        _, top, _, bottom = changed(photo, watermark(photo, MARK, CORNER))
        heights.append((bottom - top) / height)

    assert max(heights) / min(heights) < 1.25
    assert 0.03 < heights[1] < 0.08


@pytest.mark.parametrize("position", Position)
@pytest.mark.parametrize("text", [MARK, LONG, "©", "Universiti-Antarabangsa-Kuala-Lumpur"])
@pytest.mark.parametrize(
    "size",
    [
        (800, 600),
        (600, 800),
        (450, 600),
        (120, 90),
        (90, 120),
        (800, 60),
        (60, 800),
        (40, 40),
        (1000, 100),
        (100, 1000),
    ],
)
def test_nothing_is_cropped_and_nothing_overlaps(
    size: tuple[int, int], text: str, position: Position
) -> None:
    for credit in ("", CREDIT):
        layout = laid_out(size, text, credit, position)
        placed = [*layout.marks, *([layout.credit] if layout.credit else [])]
        for index, one in enumerate(placed):
            assert one.x >= 4
            assert one.y >= 4
            assert one.x + one.block.width <= size[0] - 4
            assert one.y + one.block.height <= size[1] - 4
            assert one.block.em >= 8
            assert all(one.clear_of(other, 1) for other in placed[:index])


@pytest.mark.parametrize("text", [MARK, "ỤẾỹ gjpqy ÅŽ|", "fjord @ Åse Çelik"])
def test_a_block_holds_all_of_its_ink(text: str) -> None:
    """Drawn with air all around, the same letters have not a pixel more."""
    block = lettering.set_text(line("", text), 40, 700, most_lines=1, align=0)
    assert block is not None
    canvas = Image.new("L", (900, 200))
    font = ImageFont.truetype(FACE, block.em)
    ImageDraw.Draw(canvas).text((50, 100), text.replace("© ", "©\u00a0"), 255, font, anchor="ls")

    assert block.em == 40
    assert int(block.ink.astype(int).sum()) == int(np.asarray(canvas).astype(int).sum())


def test_long_text_breaks_into_lines_in_a_narrow_picture() -> None:
    wide = laid_out((800, 600), LONG, "", Position.BOTTOM_RIGHT).marks[0].block
    narrow = laid_out((450, 600), LONG, "", Position.BOTTOM_RIGHT).marks[0].block

    assert wide.height < 2 * wide.em
    assert 2 * narrow.em < narrow.height < 3.2 * narrow.em


@pytest.mark.parametrize(
    ("size", "text", "credit"),
    [
        *(
            (size, text, credit)
            for size in ((800, 600), (600, 800), (799, 601), (800, 180))
            for text, credit in ((MARK, ""), (MARK, CREDIT), (LONG, ""))
        ),
        ((333, 251), MARK, CREDIT),
        ((320, 240), MARK, CREDIT),
        ((200, 150), MARK, ""),
        ((1000, 100), MARK, CREDIT),
        ((800, 80), MARK, ""),
    ],
)
def test_any_quarter_of_a_tiled_picture_holds_a_whole_mark(
    size: tuple[int, int], text: str, credit: str
) -> None:
    marks = laid_out(size, text, credit, Position.TILE).marks
    assert len(marks) > 4
    wide, high = size[0] // 2, size[1] // 2
    block = marks[0].block
    x, y = np.array([m.x for m in marks]), np.array([m.y for m in marks])
    lefts, tops = np.arange(size[0] - wide + 1), np.arange(size[1] - high + 1)
    in_columns = (lefts[:, None] <= x) & (x + block.width <= lefts[:, None] + wide)
    in_rows = (tops[:, None] <= y) & (y + block.height <= tops[:, None] + high)

    whole = in_rows.astype(int) @ in_columns.T.astype(int)

    assert whole.min() >= 1


@pytest.mark.parametrize(
    ("size", "text"),
    [((320, 240), LONG), ((1000, 100), LONG), ((100, 1000), MARK), ((160, 120), MARK)],
)
def test_each_quarter_has_a_whole_mark_where_there_is_room_for_no_more(
    size: tuple[int, int], text: str
) -> None:
    marks = laid_out(size, text, "", Position.TILE).marks
    quarters = {
        (x, y)
        for mark in marks
        for x in (0, 1)
        for y in (0, 1)
        if x * (size[0] - size[0] // 2) <= mark.x
        and y * (size[1] - size[1] // 2) <= mark.y
        and mark.x + mark.block.width <= size[0] // 2 + x * (size[0] - size[0] // 2)
        and mark.y + mark.block.height <= size[1] // 2 + y * (size[1] - size[1] // 2)
    }

    assert quarters == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_tiled_mark_is_drawn_at_each_of_its_places() -> None:
    photo = flat(800, 600)
    marked = watermark(photo, MARK, TILE)
    marks = laid_out(photo.size, MARK, "", Position.TILE).marks
    looks = {
        marked.pixels[m.y : m.y + m.block.height, m.x : m.x + m.block.width].tobytes()
        for m in marks
    }

    assert len(looks) == 1


@pytest.mark.parametrize("position", Position)
def test_the_credit_line_is_drawn_beside_the_same_mark(position: Position) -> None:
    photo = flat(800, 600)
    rules = WatermarkRules(position=position)
    both = watermark(photo, MARK, rules, CREDIT)
    alone = watermark(photo, "", rules, CREDIT)
    layout = laid_out(photo.size, MARK, CREDIT, position)

    assert layout.credit is not None
    assert layout.credit.block.em < 20
    assert changed(photo, alone)
    for placed in (*layout.marks, layout.credit):
        region = np.s_[placed.y : placed.y + placed.block.height, placed.x :][0:2]
        assert (both.pixels[region] != photo.pixels[region]).any()


def test_a_faint_mark_leaves_its_credit_line_readable() -> None:
    photo = flat(800, 600, 0)
    faint = watermark(photo, "", WatermarkRules(opacity=0.1), CREDIT)

    assert int(faint.pixels.max()) >= 210
    assert int(watermark(photo, MARK, WatermarkRules(opacity=0.1)).pixels.max()) <= 40


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("Aida Rahman", "Photo: Aida Rahman"),
        (" Photo:  Aida  Rahman ", "Photo: Aida Rahman"),
        ("© Aida Rahman", "© Aida Rahman"),
        ("Sumber: Bernama", "Sumber: Bernama"),
        ("Courtesy of NASA", "Courtesy of NASA"),
    ],
)
def test_a_name_alone_is_said_to_be_the_photographer(given: str, drawn: str) -> None:
    photo = flat(400, 300)

    assert np.array_equal(
        watermark(photo, MARK, CORNER, given).pixels, watermark(photo, MARK, CORNER, drawn).pixels
    )


@pytest.mark.parametrize(
    "text",
    [
        "© 2026 · Nguyễn Thị Ánh Tuyết",
        "Åse Łukasz Žižek Ğül Ñandú ß æ œ – — … ’ “” • RM € £ @ #",
        "Ελληνικά Кириллица",
        "e\u0301 decomposed",
        "no\u00a0break",
    ],
)
def test_european_and_malaysian_names_are_shown(text: str) -> None:
    photo = flat(800, 600)

    assert changed(photo, watermark(photo, text, CORNER))


@pytest.mark.parametrize(
    "text", ["two\nlines", "tab\there", "null\x00", "line\u2028separator", "turned \u202eround"]
)
def test_line_breaks_and_control_characters_are_refused(text: str) -> None:
    with pytest.raises(PolicyProblem, match="line break"):
        watermark(flat(800, 600), text, CORNER)
    with pytest.raises(PolicyProblem, match="The credit line"):
        watermark(flat(800, 600), MARK, CORNER, text)


@pytest.mark.parametrize(
    "size", [(SMALLEST_SIDE - 1, 300), (300, SMALLEST_SIDE - 1), (40, 30), (1, 1)]
)
def test_a_tiny_picture_gets_no_mark_and_says_so(size: tuple[int, int]) -> None:
    photo = flat(*size)
    result = watermark(photo, MARK, CORNER)

    assert np.array_equal(result.pixels, photo.pixels)
    assert result.notes == ("a note", "too small for its watermark, which was left out")


@pytest.mark.parametrize("size", [(30, 30), (60, 800)])
def test_a_credit_line_is_never_dropped(size: tuple[int, int]) -> None:
    with pytest.raises(PolicyProblem, match="too small for its credit line"):
        watermark(flat(*size), MARK, CORNER, CREDIT * 4)


def test_where_both_do_not_fit_the_credit_line_stays_and_the_note_says_so() -> None:
    photo = flat(80, 41)
    result = watermark(photo, MARK, CORNER, CREDIT)

    assert np.array_equal(result.pixels, watermark(photo, "", CORNER, CREDIT).pixels)
    assert not np.array_equal(result.pixels, photo.pixels)
    assert result.notes[-1] == "too small for its watermark, which was left out"


def test_no_text_leaves_the_photo_itself() -> None:
    photo = flat(800, 600)

    assert watermark(photo, " ", CORNER, " ") is photo


def test_another_font_is_used(tmp_path: Path) -> None:
    font = tmp_path / "other.otf"
    font.write_bytes((assets.root() / "watermark" / "Inter-SemiBold.otf").read_bytes())
    photo = flat(400, 300)

    result = watermark(photo, MARK, WatermarkRules(font=str(font)))

    assert np.array_equal(result.pixels, watermark(photo, MARK, CORNER).pixels)


def test_a_font_that_is_missing_or_none_is_said(tmp_path: Path) -> None:
    not_a_font = tmp_path / "notes.ttf"
    not_a_font.write_text("not a font")

    for path in (tmp_path / "gone.ttf", not_a_font, tmp_path):
        with pytest.raises(PolicyProblem, match=r"watermark\.font"):
            watermark(flat(400, 300), MARK, WatermarkRules(font=str(path)))


def test_threads_draw_what_one_draws() -> None:
    photos = [noise(200 + 40 * n, 300) for n in range(8)]
    one_by_one = [watermark(photo, f"{MARK} {n}", TILE).pixels for n, photo in enumerate(photos)]

    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda job: watermark(job[1], f"{MARK} {job[0]}", TILE), enumerate(photos))
        )

    assert all(np.array_equal(a, b.pixels) for a, b in zip(one_by_one, together, strict=True))
