"""Fitting a photo into its bounds."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.stages.fit import fit

BOUNDS = Size(800, 600)


def photo(width: int, height: int, source: Size | None = None) -> Photo:
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack((x % 256, y % 256, (x + y) % 256), axis=-1).astype(np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, source or Size(width, height), ("a note",))


@pytest.mark.parametrize(
    ("source", "buffer", "expected"),
    [
        (Size(4032, 3024), Size(1008, 756), Size(800, 600)),
        (Size(3024, 4032), Size(756, 1008), Size(600, 800)),
        (Size(4000, 3000), Size(1000, 750), Size(800, 600)),
        (Size(3000, 3000), Size(1000, 1000), Size(600, 600)),
        (Size(8000, 600), Size(1000, 75), Size(800, 60)),
        # The buffer's sides were rounded up (4 x 1001 > 4001): the source's aspect decides.
        (Size(4001, 2668), Size(1001, 667), Size(800, 533)),
        (Size(9001, 31), Size(1126, 4), Size(800, 3)),
    ],
)
def test_the_size_comes_from_the_source(source: Size, buffer: Size, expected: Size) -> None:
    fitted = fit(photo(*buffer, source=source), BOUNDS)

    assert fitted.size == expected
    assert fitted.source_size == source
    assert fitted.notes == ("a note",)


def test_a_small_photo_is_not_enlarged_and_not_touched() -> None:
    small = photo(320, 200)

    assert fit(small, BOUNDS) is small


def test_a_buffer_smaller_than_the_target_is_not_enlarged() -> None:
    assert fit(photo(400, 300, source=Size(1600, 1200)), BOUNDS).size == Size(400, 300)


def test_the_pixels_are_read_only_rgb() -> None:
    fitted = fit(photo(1000, 750), BOUNDS)

    assert fitted.pixels.dtype == np.uint8
    assert fitted.pixels.shape == (600, 800, 3)
    assert not fitted.pixels.flags.writeable


def test_the_picture_stays_the_picture() -> None:
    halves = np.zeros((900, 1200, 3), np.uint8)
    halves[:, 600:] = (250, 120, 10)

    fitted = fit(Photo(halves, Size(1200, 900)), BOUNDS).pixels

    assert (fitted[:, :390] == 0).all()
    assert (fitted[:, 410:] == (250, 120, 10)).all()
    assert np.array_equal(fitted, fit(Photo(halves, Size(1200, 900)), BOUNDS).pixels)


def textured(size: Size) -> Image.Image:
    """A picture with detail of every size, the coarse stronger than the fine, as in a photo."""
    random = np.random.default_rng(1)
    picture = np.zeros((size.height, size.width, 3), np.float32)
    for side in (1, 2, 4, 8, 16, 32):
        grain = random.normal(size=(size.height // side, size.width // side, 3)).astype(np.float32)
        picture += side**0.6 * cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC)
    picture *= 45 / picture.std()
    return Image.fromarray((picture + 127.5).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("width", [3904, 4000, 4192])
def test_after_a_smaller_decode_it_is_near_lanczos_of_the_whole(width: int) -> None:
    size = Size(width, width * 3 // 4)
    file = BytesIO()
    textured(size).save(file, "JPEG", quality=95)
    small = Image.open(BytesIO(file.getvalue()))
    small.draft("RGB", (960, 720))
    assert small.size == (width // 4, size.height // 4)
    pixels = np.array(small)
    pixels.setflags(write=False)
    fitted = fit(Photo(pixels, size), BOUNDS).pixels
    reference = Image.open(file).resize(BOUNDS, Image.Resampling.LANCZOS)
    error = np.mean((fitted.astype(float) - np.asarray(reference)) ** 2)
    # Interpolation alone comes to 38 dB: there is more fine detail here than in any photo.
    assert 10 * np.log10(255**2 / error) > 40.5


def test_a_whole_decode_is_lanczos() -> None:
    whole = photo(1000, 750)
    reference = Image.fromarray(whole.pixels).resize(BOUNDS, Image.Resampling.LANCZOS)
    assert np.array_equal(fit(whole, BOUNDS).pixels, np.asarray(reference))


def test_fine_stripes_do_not_turn_into_coarse_ones() -> None:
    stripes = np.zeros((1200, 1600, 3), np.uint8)
    stripes[:, ::2] = 255
    fitted = fit(Photo(stripes, Size(1600, 1200)), BOUNDS).pixels[:, 20:-20]
    assert np.ptp(fitted) < 40
