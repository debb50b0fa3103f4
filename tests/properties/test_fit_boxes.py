"""A box marks the same part of the picture at every scale."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.redact import SOLID_COLOUR, redact

sides = st.integers(1, 400)
sizes = st.builds(Size, sides, sides)
bounds = st.builds(Size, st.integers(1, 500), st.integers(1, 500))
shares = st.floats(0, 1)
boxes = st.builds(Box, shares, shares, shares, shares)
draft_scales = st.sampled_from((1, 2, 4, 8))


def blank(size: Size, source: Size) -> Photo:
    pixels = np.full((size.height, size.width, 3), 255, np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, source)


@given(source=sizes, bounds=bounds, scale=draft_scales)
def test_a_fitted_photo_lies_inside_keeps_its_aspect_and_never_grows(
    source: Size, bounds: Size, scale: int
) -> None:
    buffer = Size(-(-source.width // scale), -(-source.height // scale))
    size = fit(blank(buffer, source), bounds).size

    assert max(size) <= max(bounds)
    assert min(size) <= max(1, min(bounds))
    assert size.width <= buffer.width
    assert size.height <= buffer.height
    if scale == 1 and min(size) > 1:  # both sides are rounded once, by half a pixel at most
        turned = abs(size.width * source.height - size.height * source.width)
        assert turned <= (source.width + source.height) / 2


@given(source=sizes, bounds=bounds, scale=draft_scales, box=boxes)
def test_what_was_covered_in_the_buffer_is_covered_after_fitting(
    source: Size, bounds: Size, scale: int, box: Box
) -> None:
    """Inside the box, a filter's reach from its edge, only the covering colour is left."""
    buffer = Size(-(-source.width // scale), -(-source.height // scale))
    covered = redact(blank(buffer, source), (box,), RedactStyle.SOLID)
    fitted = fit(covered, bounds)

    # Lanczos reaches 3 pixels of the smaller picture, except over the picture's own border.
    width, height = fitted.size
    inside = box.clipped()
    left = math.ceil(inside.x * width) + 4 if inside.x > 0 else 0
    top = math.ceil(inside.y * height) + 4 if inside.y > 0 else 0
    right, bottom = inside.x + inside.w, inside.y + inside.h
    right = math.floor(right * width) - 4 if right < 1 else width
    bottom = math.floor(bottom * height) - 4 if bottom < 1 else height
    if right > left and bottom > top:
        assert (fitted.pixels[top:bottom, left:right] == SOLID_COLOUR).all()


@settings(max_examples=50)
@given(source=sizes, scale=draft_scales, box=boxes)
def test_a_box_covers_at_least_its_share_at_every_draft_scale(
    source: Size, scale: int, box: Box
) -> None:
    buffer = Size(-(-source.width // scale), -(-source.height // scale))
    covered = redact(blank(buffer, source), (box,), RedactStyle.SOLID).pixels[:, :, 0] != 255
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    inside = box.clipped()
    hair = 1e-5

    assert columns[0] <= inside.x * buffer.width + hair
    assert rows[0] <= inside.y * buffer.height + hair
    assert columns[-1] + 1 >= (inside.x + inside.w) * buffer.width - hair
    assert rows[-1] + 1 >= (inside.y + inside.h) * buffer.height - hair
