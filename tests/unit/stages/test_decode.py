"""Decoding: smallest sufficient scale, upright, sRGB, 8 bit, opaque, within limits."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from pictures import profile
from PIL import Image, ImageCms, ImageOps

from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.read import from_bytes

LIMITS = Limits()
RED, WHITE, GREY = (200, 30, 40), (255, 255, 255), (128, 128, 128)


def scene(width: int = 64, height: int = 48) -> Image.Image:
    """Smooth colours whose four corners all differ."""
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([across, down, 255 - across]).astype(np.uint8))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def decoded(
    data: bytes, *, orientation: int = 1, long_side: int = 960, limits: Limits = LIMITS
) -> Photo:
    return decode(from_bytes(data, limits), Metadata(orientation=orientation), long_side, limits)


def distance(photo: Photo, image: Image.Image) -> float:
    """Mean difference per sample, in levels of 255."""
    assert photo.size == Size(*image.size)
    return float(np.abs(photo.pixels.astype(int) - np.asarray(image.convert("RGB"))).mean())


def png_chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + crc


def png_with(data: bytes, *chunks: bytes) -> bytes:
    """Chunks put after IHDR (8 bytes of signature, 25 of IHDR)."""
    return data[:33] + b"".join(chunks) + data[33:]


def test_pixels_are_read_only_rgb() -> None:
    photo = decoded(encoded(scene(), "JPEG"))
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape == (48, 64, 3)
    assert not photo.pixels.flags.writeable
    assert photo.source_size == Size(64, 48)
    assert photo.notes == ()


@pytest.mark.parametrize(
    ("width", "height", "averaged", "scaled"),
    [
        (400, 300, (100, 75), (100, 75)),
        (300, 400, (75, 100), (75, 100)),  # portrait pixels scale as far as landscape ones
        (99, 60, (99, 60), (99, 60)),
        (199, 100, (199, 100), (199, 100)),
        (399, 300, (133, 100), (100, 75)),  # halves are rounded up: 200, then 100
        (1700, 1000, (100, 59), (107, 63)),  # by 17 at once; by 8, then by 2
        (800, 3, (100, 1), (100, 1)),
    ],
)
def test_scale_is_the_smallest_sufficient_one(
    width: int, height: int, averaged: tuple[int, int], scaled: tuple[int, int]
) -> None:
    for form, expected in (("PNG", averaged), ("JPEG", scaled)):
        photo = decoded(encoded(scene(width, height), form), long_side=100)
        assert photo.source_size == Size(width, height)
        assert photo.size == Size(*expected)


def test_reduced_picture_resembles_the_full_one() -> None:
    image = scene(1600, 1200)
    photo = decoded(encoded(image, "JPEG", quality=95), long_side=200)
    assert distance(photo, image.resize((200, 150), Image.Resampling.LANCZOS)) < 1.5


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("long_side", [960, 80])
def test_every_orientation_comes_out_upright(form: str, orientation: int, long_side: int) -> None:
    image = scene(320, 200)
    exif = Image.Exif()
    exif[274] = orientation
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(image, "PNG", exif=exif))))

    photo = decoded(encoded(image, form), orientation=orientation, long_side=long_side)

    assert photo.source_size == Size(*upright.size)
    assert distance(photo, upright.resize(photo.size, Image.Resampling.BOX)) < 3


def test_nonsense_orientation_is_as_stored() -> None:
    assert decoded(encoded(scene(), "PNG"), orientation=99).size == Size(64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("long_side", [960, 30])
def test_every_png_mode(mode: str, long_side: int) -> None:
    grey = scene().convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = scene().convert(mode)
    expected = image.convert("RGB") if mode != "I;16" else grey.convert("RGB")

    photo = decoded(encoded(image, "PNG"), long_side=long_side)

    assert distance(photo, expected.resize(photo.size, Image.Resampling.BOX)) < 1.5


def test_sixteen_bit_is_scaled_not_clipped() -> None:
    levels = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    photo = decoded(encoded(Image.fromarray(levels), "PNG"))
    assert np.array_equal(photo.pixels[..., 0], np.arange(256, dtype=np.uint8).reshape(16, 16))


def test_sixteen_bit_colour_is_scaled() -> None:
    # Pillow writes no 16-bit RGB: one row, filter 0, by hand.
    row = b"\0" + struct.pack(">6H", 0xFFFF, 0x8080, 0, 0x4040, 0xC0C0, 0x2020)
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(row))
        + png_chunk(b"IEND", b"")
    )
    assert decoded(data).pixels[0].tolist() == [[255, 128, 0], [64, 192, 32]]


def test_alpha_is_laid_on_white_and_hides_what_was_under_it() -> None:
    image = Image.new("RGBA", (2, 1))
    image.putpixel((0, 0), (10, 20, 30, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    for form in ("PNG", "WEBP"):
        pixels = decoded(encoded(image, form, lossless=True, exact=True)).pixels[0]
        assert pixels[0].tolist() == list(WHITE)
        assert abs(int(pixels[1][0]) - 127) <= 1


@pytest.mark.parametrize("mode", ["P", "RGB", "L", "1", "I;16"])
def test_a_transparent_colour_becomes_white(mode: str) -> None:
    image = Image.new("L" if mode == "I;16" else mode, (4, 4), 0)
    image = Image.fromarray(np.zeros((4, 4), np.uint16)) if mode == "I;16" else image
    key = (0, 0, 0) if mode == "RGB" else 0
    photo = decoded(encoded(image, "PNG", transparency=key))
    assert photo.pixels.min() == 255


def test_palette_with_partial_transparency() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([200, 0, 0, 0, 0, 200])
    image.putpixel((1, 0), 1)
    pixels = decoded(encoded(image, "PNG", transparency=bytes([0, 255]))).pixels[0]
    assert pixels.tolist() == [[255, 255, 255], [0, 0, 200]]


# --- colour --------------------------------------------------------------------------------------


SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WIDE_PROFILE = profile((0.55, 0.28, 0.02))
RED_PLAIN = Image.new("RGB", (8, 8), RED)


def reference(image: Image.Image, icc: bytes) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    assert converted is not None
    return converted


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_wide_gamut_is_converted_through_its_profile(form: str) -> None:
    expected = reference(RED_PLAIN, WIDE_PROFILE)
    assert expected.getpixel((0, 0)) != RED  # the case tests something

    photo = decoded(encoded(RED_PLAIN, form, icc_profile=WIDE_PROFILE, lossless=True))

    assert photo.notes == ()
    assert distance(photo, expected) <= 1


def test_wide_gamut_under_alpha() -> None:
    image = RED_PLAIN.convert("RGBA")
    photo = decoded(encoded(image, "PNG", icc_profile=WIDE_PROFILE))
    assert distance(photo, reference(RED_PLAIN, WIDE_PROFILE)) <= 1


def test_an_srgb_profile_changes_nothing() -> None:
    image = scene()
    photo = decoded(encoded(image, "PNG", icc_profile=SRGB_PROFILE))
    assert photo.notes == ()
    assert distance(photo, image) == 0


@pytest.mark.parametrize(
    ("image", "icc"),
    [
        (scene(), b"junk" * 50),
        (scene(), WIDE_PROFILE[:200]),
        (scene().convert("L"), WIDE_PROFILE),
        (scene().convert("CMYK"), WIDE_PROFILE),
    ],
    ids=["junk", "cut off", "grey with an RGB profile", "CMYK with an RGB profile"],
)
def test_a_profile_that_cannot_be_used_is_ignored_and_said(image: Image.Image, icc: bytes) -> None:
    photo = decoded(encoded(image, "JPEG", icc_profile=icc, quality=95))
    assert photo.notes == ("its colour profile is broken and was ignored",)
    assert distance(photo, image) < 3


def test_cmyk_without_a_profile() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)
    assert np.abs(decoded(data).pixels.astype(int) - (255, 0, 0)).max() <= 2


@pytest.mark.parametrize("mode", ["L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg(mode: str, *, progressive: bool) -> None:
    image = scene(300, 200).convert(mode)
    photo = decoded(encoded(image, "JPEG", quality=95, progressive=progressive), long_side=100)
    assert distance(photo, image.convert("RGB").resize(photo.size, Image.Resampling.BOX)) < 3


# --- several pictures, what is left out ----------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame_and_says_so(form: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREY, WHITE)]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:], lossless=True)
    photo = decoded(data)
    assert photo.notes == ("only the first of 3 frames is used",)
    assert distance(photo, frames[0]) < 2


def test_a_jpeg_with_a_second_picture_gives_the_first() -> None:
    second = Image.new("RGB", (64, 48), GREY)
    photo = decoded(encoded(scene(), "MPO", save_all=True, append_images=[second], quality=95))
    assert distance(photo, scene()) < 3


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000), 9)),
        png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(30_000_000), 9)),
        png_chunk(b"iCCP", b"x\0\x07nonsense"),
        png_chunk(b"eXIf", b"nonsense"),
        png_chunk(b"fcTL", b""),
        b"\0\0\0\x04tEXtabcd\0\0\0\0",  # a wrong checksum
    ],
    ids=["text bomb", "profile bomb", "unknown method", "broken EXIF", "lone frame", "checksum"],
)
def test_what_a_png_carries_besides_does_not_stop_its_pixels(chunk: bytes) -> None:
    photo = decoded(png_with(encoded(scene(), "PNG"), chunk))
    assert distance(photo, scene()) == 0
    assert bool(photo.notes) == (b"iCCP" in chunk)


def test_what_a_jpeg_carries_besides_does_not_stop_its_pixels() -> None:
    data = encoded(scene(), "JPEG", quality=95)
    broken = b"\xff\xe1\x00\x10Exif\0\0MM\0\x2a\xff\xff" + b"\xff\xed\x00\x10Photoshop 3.0\0"
    photo = decoded(data[:2] + broken + b"junk" + data[2:])
    assert distance(photo, scene()) < 3
