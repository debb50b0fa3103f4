"""Covering areas so that nothing of them is left."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.stages.redact import SOLID_COLOUR, redact

SMOOTHING = (RedactStyle.PIXELATE, RedactStyle.BLUR)

# What docs/threat-model.md promises of them; written here again, so that the code cannot move it.
AVERAGES_A_SIDE = 4
THREATS = Path(__file__).parents[3] / "docs" / "threat-model.md"


def noise(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def as_photo(pixels: NDArray[np.uint8]) -> Photo:
    pixels = pixels.copy()
    pixels.setflags(write=False)
    return Photo(pixels, Size(pixels.shape[1], pixels.shape[0]), ("a note",))


def box_of(x: int, y: int, w: int, h: int, *, inside: NDArray[np.uint8]) -> Box:
    return Box.from_pixels(x, y, w, h, width=inside.shape[1], height=inside.shape[0])


@pytest.mark.parametrize("style", RedactStyle)
def test_only_the_box_changes_and_all_of_it_does(style: RedactStyle) -> None:
    pixels = noise(90, 70)
    photo = as_photo(pixels)

    result = redact(photo, (box_of(20, 10, 40, 50, inside=pixels),), style)

    changed = (result.pixels != pixels).any(axis=-1)
    expected = np.zeros_like(changed)
    expected[10:60, 20:60] = True
    assert not changed[~expected].any()
    # Of 2,000 random pixels hardly one equals an average by chance; every corner is covered.
    assert changed[expected].mean() > 0.99
    assert changed[[10, 10, 59, 59], [20, 59, 20, 59]].all()
    assert np.array_equal(photo.pixels, pixels)
    assert not result.pixels.flags.writeable
    assert result.notes == ("a note",)


def test_no_boxes_leave_the_photo_itself() -> None:
    photo = as_photo(noise(8, 8))

    assert redact(photo, (), RedactStyle.SOLID) is photo


@settings(max_examples=60)
@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    box=st.builds(Box, *[st.floats(-0.2, 1.2)] * 2, *[st.floats(0, 1.5)] * 2),
    seed=st.integers(0, 99),
)
def test_a_solid_box_does_not_depend_on_what_was_in_it(
    size: tuple[int, int], box: Box, seed: int
) -> None:
    width, height = size
    one = noise(width, height)
    x, y, w, h = box.to_pixels(width, height)
    other = one.copy()
    other[y : y + h, x : x + w] = noise(w, h, seed + 1)

    first = redact(as_photo(one), (box,), RedactStyle.SOLID).pixels
    second = redact(as_photo(other), (box,), RedactStyle.SOLID).pixels

    assert np.array_equal(first, second)
    assert (first[y : y + h, x : x + w] == SOLID_COLOUR).all()


@pytest.mark.parametrize("style", SMOOTHING)
@settings(max_examples=40)
@given(width=st.integers(1, 90), height=st.integers(1, 90), seed=st.integers(0, 9), data=st.data())
def test_a_smoothed_box_depends_on_its_few_averages_alone(
    style: RedactStyle, width: int, height: int, seed: int, data: st.DataObject
) -> None:
    """Pixels shuffled inside the cells of a 4 x 4 grid give the very same result."""
    pixels = noise(width, height, seed)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    shuffled = pixels.copy()
    rows = min(AVERAGES_A_SIDE, max(1, height // 8))
    columns = min(AVERAGES_A_SIDE, max(1, width // 8))
    for row in range(rows):
        for column in range(columns):
            cell = shuffled[
                row * height // rows : (row + 1) * height // rows,
                column * width // columns : (column + 1) * width // columns,
            ]
            cell[:] = rng.permutation(cell.reshape(-1, 3)).reshape(cell.shape)
    whole = (Box(0, 0, 1, 1),)

    assert np.array_equal(
        redact(as_photo(pixels), whole, style).pixels,
        redact(as_photo(shuffled), whole, style).pixels,
    )


def test_a_mosaic_of_any_size_has_the_promised_cells_and_no_more() -> None:
    promised = f"at most {AVERAGES_A_SIDE} x {AVERAGES_A_SIDE} averages"
    assert promised in THREATS.read_text("utf-8")
    # A different light in every row and column, as far as 8 levels can tell them apart.
    down, across = np.mgrid[0:800, 0:800]
    pixels = np.repeat(((down + across) * 255 // 1598)[..., None], 3, axis=2).astype(np.uint8)
    mosaic = redact(as_photo(pixels), (Box(0, 0, 1, 1),), RedactStyle.PIXELATE).pixels
    for line in (mosaic[:, 0], mosaic[0]):
        edges = np.flatnonzero((line[1:] != line[:-1]).any(axis=1)) + 1
        assert set(edges.tolist()) <= {200, 400, 600}
        assert len(edges) >= 2


@settings(max_examples=30)
@given(width=st.integers(1, 200), height=st.integers(1, 200), seed=st.integers(0, 99))
def test_a_pixelated_box_holds_at_most_8_shades_of_one_tint(
    width: int, height: int, seed: int
) -> None:
    result = redact(as_photo(noise(width, height, seed)), (Box(0, 0, 1, 1),), RedactStyle.PIXELATE)
    colours = np.unique(result.pixels.reshape(-1, 3), axis=0)

    assert len(colours) <= 8


@pytest.mark.parametrize("style", SMOOTHING)
def test_small_changes_of_the_light_do_not_show(style: RedactStyle) -> None:
    """Averages are rounded to coarse levels: what is left cannot be measured finely."""
    face = np.full((80, 80, 3), 110, np.uint8)
    other = face.copy()
    other[20:60, 20:60] += 6

    whole = (Box(0, 0, 1, 1),)

    assert np.array_equal(
        redact(as_photo(face), whole, style).pixels, redact(as_photo(other), whole, style).pixels
    )


@pytest.mark.parametrize("style", RedactStyle)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 2), (7, 9), (640, 480)])
def test_any_size_down_to_one_pixel_is_one_covered_whole(
    style: RedactStyle, size: tuple[int, int]
) -> None:
    pixels = noise(*size)
    result = redact(as_photo(pixels), (Box(0, 0, 1, 1),), style).pixels

    assert result.shape == pixels.shape
    if max(size) < 16:  # too few pixels for two cells: one colour
        assert len(np.unique(result.reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("style", RedactStyle)
@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(-0.5, -0.5, 0.6, 0.6), (0, 0, 4, 4)),
        (Box(0.9, 0.9, 0.5, 0.5), (36, 36, 4, 4)),
        (Box(0.5, 0.5, 0, 0), (20, 20, 1, 1)),
        (Box(0.51, 0.51, 0.001, 0.001), (20, 20, 1, 1)),
    ],
)
def test_boxes_at_the_border_and_tiny_ones_cover_outwards(
    style: RedactStyle, box: Box, expected: tuple[int, int, int, int]
) -> None:
    pixels = np.tile(np.array((255, 0, 255), np.uint8), (40, 40, 1))
    x, y, w, h = expected

    changed = (redact(as_photo(pixels), (box,), style).pixels != pixels).any(axis=-1)

    assert changed[y : y + h, x : x + w].all()
    assert changed.sum() == w * h


@pytest.mark.parametrize("style", SMOOTHING)
def test_where_boxes_overlap_the_later_one_sees_only_what_is_left(style: RedactStyle) -> None:
    pixels = noise(64, 64)
    first, second = box_of(0, 0, 40, 40, inside=pixels), box_of(10, 10, 50, 50, inside=pixels)
    half_done = redact(as_photo(pixels), (first,), style)

    both = redact(as_photo(pixels), (first, second), style)

    assert np.array_equal(both.pixels, redact(half_done, (second,), style).pixels)


def test_the_same_photo_gives_the_same_pixels() -> None:
    photo, boxes = as_photo(noise(100, 80)), (Box(0.1, 0.1, 0.5, 0.5),)

    for style in RedactStyle:
        assert np.array_equal(
            redact(photo, boxes, style).pixels, redact(photo, boxes, style).pixels
        )
