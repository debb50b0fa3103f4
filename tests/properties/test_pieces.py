"""Whatever the size of the export: what is small in it lies whole in a piece that shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import Finding
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.pieces import SLACK, WHOLE, added, in_picture, pieces

SIZES = st.builds(Size, st.integers(1, 30_000), st.integers(1, 30_000)).filter(
    lambda size: size.width * size.height <= 200_000_000  # the limit of photos
)
HAIR = 1e-6
# Pixels of a default export in which the measured recall of faces and codes is 1 (docs/models.md).
LARGE_ENOUGH = 80


def longest(piece: Box, shown: Size) -> float:
    """The piece's long side in pixels of the export."""
    return max(piece.w * shown.width, piece.h * shown.height)


def holds(piece: Box, box: Box) -> bool:
    return (
        piece.x <= box.x + HAIR
        and piece.y <= box.y + HAIR
        and box.x + box.w <= piece.x + piece.w + HAIR
        and box.y + box.h <= piece.y + piece.h + HAIR
    )


@pytest.mark.parametrize("shown", [Size(800, 600), Size(600, 800), Size(1, 1), Size(800, 1)])
def test_up_to_the_default_size_the_whole_is_enough(shown: Size) -> None:
    assert pieces(shown) == ()


@given(shown=SIZES, corner=st.tuples(st.floats(0, 1), st.floats(0, 1)), side=st.floats(1, 20_000))
def test_whatever_is_in_the_export_is_seen_whole_at_a_scale_that_shows_it(
    shown: Size, corner: tuple[float, float], side: float
) -> None:
    width, height = min(side / shown.width, 1), min(side / shown.height, 1)
    box = Box(corner[0] * (1 - width), corner[1] * (1 - height), width, height)
    in_export = max(width * shown.width, height * shown.height)
    views = (Box(0, 0, 1, 1), *pieces(shown))
    # How large it is in a picture of the default size that shows one view and nothing else.
    largest = max(
        in_export * min(1, WHOLE * SLACK / longest(view, shown))
        for view in views
        if holds(view, box)
    )
    assert largest >= min(in_export, LARGE_ENOUGH) * (1 - 1e-3)


@given(shown=SIZES)
def test_the_finest_pieces_cover_the_picture_and_are_no_larger_than_a_default_export(
    shown: Size,
) -> None:
    cut = pieces(shown)
    assert all(holds(Box(0, 0, 1, 1), piece) for piece in cut)
    if cut:
        assert longest(cut[-1], shown) <= WHOLE * SLACK * (1 + HAIR)


def face(x: float, y: float, w: float, h: float) -> Finding:
    return Finding("face", 0.9, Box(x, y, w, h))


def test_a_face_is_placed_in_the_picture() -> None:
    placed = in_picture(face(0.5, 0.5, 0.25, 0.5), Box(0.5, 0, 0.5, 0.5))
    assert placed.box == Box(0.75, 0.25, 0.125, 0.25)


@pytest.mark.parametrize(
    ("known", "new", "told"),
    [
        (face(0.3, 0.3, 0.1, 0.1), face(0.31, 0.3, 0.1, 0.1), 1),  # the same face
        (face(0.4, 0.3, 0.2, 0.1), face(0.4, 0.3, 0.1, 0.1), 1),  # cut off by the piece's edge
        (face(0.2, 0.2, 0.2, 0.2), face(0.25, 0.25, 0.06, 0.06), 2),  # a small one before a large
        (face(0.3, 0.3, 0.1, 0.1), face(0.1, 0.6, 0.1, 0.1), 2),  # another place
        (face(0.3, 0.3, 0.1, 0.1), Finding("code", 1, Box(0.3, 0.3, 0.1, 0.1)), 2),  # another kind
    ],
)
def test_what_is_known_is_not_told_twice(known: Finding, new: Finding, told: int) -> None:
    assert len(added([known], [new], Box(0, 0, 0.5, 1))) == told
