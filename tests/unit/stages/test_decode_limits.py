"""Decoding what is damaged, cut off or too large: a clear error, and little spent on it."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Format, Photo, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.read import from_bytes

LIMITS = Limits()


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


def png_chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + crc


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_an_error_never_half_a_picture(form: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    data = encoded(Image.fromarray(noise), form)
    with pytest.raises(InputProblem):
        decoded(data[: int(len(data) * share)])


def test_a_truncated_jpeg_is_said_to_be_cut_off() -> None:
    data = encoded(scene(300, 200), "JPEG")
    with pytest.raises(InputProblem, match="cut off"):
        decoded(data[: len(data) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xff\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", b"") + png_chunk(b"IEND", b""),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND", b""),
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
    ],
)
def test_a_header_alone_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(InputProblem) as problem:
        decoded(data)
    assert problem.value.message.endswith(".")


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    idat = png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + idat + png_chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(InputProblem, match="megapixels, more than the limit of 100"):
        decoded(png_header(width, height))


def test_limits_differ_for_what_decodes_whole() -> None:
    limits = Limits(megapixels=0.1)  # and half of it for pictures that are held whole
    image = scene(300, 250)  # 0.075 MP
    assert decoded(encoded(image, "JPEG"), long_side=100, limits=limits).size == Size(150, 125)
    for data in (
        encoded(image, "JPEG", progressive=True),
        encoded(image, "PNG"),
        encoded(image, "WEBP"),
    ):
        with pytest.raises(InputProblem, match="limit"):
            decoded(data, long_side=100, limits=limits)
    with pytest.raises(InputProblem, match="limit"):
        decoded(encoded(scene(400, 300), "JPEG"), long_side=100, limits=limits)


def test_a_jpeg_of_very_many_passes_is_not_decoded_in_the_worker() -> None:
    data = encoded(scene(), "JPEG", progressive=True)
    last_pass = data[data.rindex(b"\xff\xda") : -2]
    swollen = data[:-2] + last_pass * 100 + data[-2:]
    assert not open_picture(data, Format.JPEG, 960, LIMITS).costly
    assert open_picture(swollen, Format.JPEG, 960, LIMITS).costly
    assert decoded(swollen).size == Size(64, 48)


def test_pillows_own_limit_is_left_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    decoded(encoded(scene(), "JPEG"))
    assert before == Image.MAX_IMAGE_PIXELS
