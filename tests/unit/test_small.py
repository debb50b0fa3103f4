"""A photo in small: no larger than a list needs, nothing hidden, and known again."""

from __future__ import annotations

import io

import numpy as np
from pictures import encoded, exif, scene
from PIL import Image

from imu_imageprep import api, small
from imu_imageprep.domain.bursts import ALIKE


def moved(picture: Image.Image, by: int) -> Image.Image:
    width, height = picture.size
    return picture.crop((by, by, width, height)).resize((width, height))


def test_a_small_picture_fits_and_holds_nothing_hidden() -> None:
    out = small.jpeg(small.of_file(encoded(scene(1200, 800), exif=exif())))
    assert Image.open(io.BytesIO(out)).size == (320, 213)
    assert api.verify(out) == ()
    tiny = small.of_pixels(np.asarray(scene(100, 60)))
    assert tiny.size == (100, 60)


def test_a_picture_that_moved_a_little_has_nearly_the_same_pattern() -> None:
    """The scene is noise-free and repeats itself, so discs tell one place of it from another."""
    here = scene(1200, 800, ((300, 300, 160), (900, 500, 120)))
    there = scene(1200, 800, ((900, 200, 220), (200, 700, 160)))
    first, second, other = (
        small.pattern(small.of_pixels(np.asarray(one))) for one in (here, moved(here, 20), there)
    )
    assert first < 1 << 64
    assert (first ^ second).bit_count() <= ALIKE < (first ^ other).bit_count()
