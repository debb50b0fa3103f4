from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules
from imu_imageprep.stages.encode import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray


def photo(pixels: NDArray[np.uint8]) -> Photo:
    pixels.setflags(write=False)
    return Photo(pixels, Size(pixels.shape[1], pixels.shape[0]))


def ramp(width: int, height: int) -> NDArray[np.uint8]:
    """Red grows to the right, green downwards, blue stays."""
    out = np.full((height, width, 3), 60, np.uint8)
    out[..., 0] = np.linspace(0, 255, width)
    out[..., 1] = np.linspace(0, 255, height)[:, None]
    return out


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_the_picture_comes_back_as_it_was(form: Format) -> None:
    pixels = ramp(120, 80)
    encoded = encode(photo(pixels.copy()), ExportRules(format=form, quality=90))
    with Image.open(io.BytesIO(encoded.data)) as back:
        assert back.format == form.value.upper()
        assert back.mode == "RGB"
        difference = np.abs(np.asarray(back).astype(int) - pixels)
    assert encoded.format is form
    assert encoded.size == (120, 80)
    assert difference.mean() < (0.001 if form is Format.PNG else 2.5)


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_views_and_turned_arrays_are_taken_as_they_look(form: Format) -> None:
    turned = np.rot90(ramp(40, 30))[::-1, 2:-2]
    one = encode(photo(turned), ExportRules(format=form))
    other = encode(photo(turned.copy()), ExportRules(format=form))
    assert one == other


def test_the_same_pixels_give_the_same_bytes() -> None:
    rules = ExportRules(format=Format.JPEG)
    assert encode(photo(ramp(33, 17)), rules) == encode(photo(ramp(33, 17)), rules)


@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG])
def test_the_density_is_stated(form: Format) -> None:
    encoded = encode(photo(ramp(20, 20)), ExportRules(format=form))
    with Image.open(io.BytesIO(encoded.data)) as back:
        assert tuple(round(value, 1) for value in back.info["dpi"]) == (72, 72)


def test_jpeg_is_baseline_with_halved_chroma() -> None:
    encoded = encode(photo(ramp(64, 64)), ExportRules(format=Format.JPEG))
    frame = encoded.data.index(b"\xff\xc0")
    assert encoded.data[frame + 10 : frame + 19] == bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])


@pytest.mark.parametrize("form", [Format.JPEG, Format.WEBP])
def test_a_lower_quality_makes_a_smaller_file(form: Format) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), np.uint8)
    low, high = (
        encode(photo(noise.copy()), ExportRules(format=form, quality=quality))
        for quality in (30, 90)
    )
    assert len(low.data) < len(high.data)


def test_noise_at_the_highest_quality_fits_the_encoders_buffer() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (600, 800, 3), np.uint8)
    encoded = encode(photo(noise), ExportRules(format=Format.JPEG, quality=95))
    with Image.open(io.BytesIO(encoded.data)) as back:
        back.load()
        assert back.size == (800, 600)


def test_a_side_that_the_format_cannot_state_is_refused() -> None:
    strip = np.zeros((1, 16_384, 3), np.uint8)
    with pytest.raises(OutputProblem, match="cannot be this large"):
        encode(photo(strip.copy()), ExportRules(format=Format.WEBP))
    assert encode(photo(strip.copy()), ExportRules(format=Format.JPEG)).size == (16_384, 1)
