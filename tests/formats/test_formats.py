"""Every other format that people have: the first picture, upright, 8 bit."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.read import from_bytes

FORMATS = ["TIFF", "GIF", "BMP", "JPEG2000", "AVIF"]
LIMITS = Limits()


def scene(width: int = 64, height: int = 48) -> Image.Image:
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([across, down, 255 - across]).astype(np.uint8))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def decoded(data: bytes, *, orientation: int = 1, long_side: int = 960) -> Photo:
    return decode(from_bytes(data, LIMITS), Metadata(orientation=orientation), long_side, LIMITS)


def distance(photo: Photo, image: Image.Image) -> float:
    assert photo.size == Size(*image.size)
    return float(np.abs(photo.pixels.astype(int) - np.asarray(image.convert("RGB"))).mean())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_decoded_and_reduced(form: str) -> None:
    data = encoded(scene(320, 240), form)
    whole, small = decoded(data), decoded(data, long_side=80)
    assert distance(whole, scene(320, 240)) < 7  # a GIF's palette is coarse
    assert small.size == Size(80, 60)
    assert small.source_size == Size(320, 240)
    assert distance(small, scene(320, 240).resize((80, 60), Image.Resampling.BOX)) < 7


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_truncated_file_is_a_clear_error(form: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (100, 150, 3), np.uint8)
    data = encoded(Image.fromarray(noise), form)
    with pytest.raises(InputProblem) as problem:
        decoded(data[: int(len(data) * share)])
    assert problem.value.message.endswith(".")


def test_a_broken_heic_is_a_clear_error() -> None:
    with pytest.raises(InputProblem, match=r"damaged|cut off"):
        decoded(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x10meta" + bytes(40))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["TIFF", "AVIF"])
def test_formats_with_their_own_rotation_are_turned_once(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    data = encoded(scene(64, 40), form, exif=exif)
    upright = Image.open(io.BytesIO(encoded(scene(64, 40), "PNG", exif=exif)))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    expected = upright.transpose(turns[orientation]) if orientation > 1 else upright

    photo = decoded(data, orientation=orientation)

    assert photo.source_size == Size(*expected.size)
    assert distance(photo, expected) < 4


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"]
)
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_every_tiff_mode(mode: str, compression: str | None) -> None:
    grey = scene().convert("L")
    match mode:
        case "I;16":
            image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
        case "I":
            image = Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
        case "F":
            image = Image.fromarray((np.asarray(grey) / 255).astype(np.float32))
        case "LAB":  # lightness alone: 128 stands for no colour
            neutral = Image.new("L", grey.size, 128)
            image = Image.merge(
                "LAB", (Image.linear_gradient("L").resize((64, 48)), neutral, neutral)
            )
        case _:
            image = scene().convert(mode)
    photo = decoded(encoded(image, "TIFF", compression=compression))
    if mode == "LAB":
        lightness = np.asarray(photo.pixels).mean(2).astype(int)
        assert lightness[0, 0] < 10
        assert lightness[-1, -1] > 245
        assert np.ptp(photo.pixels.astype(int), axis=2).max() <= 3
    else:
        expected = grey if mode in ("I;16", "I", "F") else image
        assert distance(photo, expected.convert("RGB")) < 2


@pytest.mark.parametrize("form", ["TIFF", "GIF", "AVIF"])
def test_several_pictures_give_the_first_and_say_so(form: str) -> None:
    first, rest = scene(), [Image.new("RGB", (64, 48), grey) for grey in ("grey", "white")]
    photo = decoded(encoded(first, form, save_all=True, append_images=rest))
    unit = "pages" if form == "TIFF" else "frames"
    assert photo.notes == (f"only the first of 3 {unit} is used",)
    assert distance(photo, first) < 7


def test_transparent_parts_of_a_gif_are_white() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([200, 0, 0, 0, 0, 200])
    assert decoded(encoded(image, "GIF", transparency=0)).pixels.min() == 255


def test_a_small_file_with_a_huge_jpeg2000_picture_is_decoded_at_a_lower_resolution() -> None:
    data = encoded(Image.new("L", (6000, 5000), 90), "JPEG2000")
    assert len(data) < 5000
    photo = decoded(data, long_side=300)
    assert photo.source_size == Size(6000, 5000)
    assert photo.size == Size(300, 250)
    assert np.abs(photo.pixels.astype(int) - 90).max() <= 1


def test_a_costly_ordinary_picture_comes_back_from_the_child() -> None:
    data = encoded(Image.new("L", (8000, 6400), 90), "PNG")  # 51 MP
    photo = decoded(data, long_side=400)
    assert photo.size == Size(400, 320)
    assert np.all(photo.pixels == 90)
