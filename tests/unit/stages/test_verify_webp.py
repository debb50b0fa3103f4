from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.photo import Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.verify import inspect

NEEDLE = b"patient 4711"
SIDES = Size(45, 31)


def noise(size: Size = SIDES) -> Photo:
    pixels = np.random.default_rng(3).integers(0, 256, (size.height, size.width, 3), np.uint8)
    return Photo(pixels, size)


WEBP = encode(noise(), ExportRules(format=Format.WEBP)).data


def saved(mode: str, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels).convert(mode)
    picture.save(out, form, **options)
    return out.getvalue()


def piece(kind: bytes, body: bytes, pad: bytes = b"\0") -> bytes:
    return kind + struct.pack("<I", len(body)) + body + (pad if len(body) % 2 else b"")


def webp(*pieces: bytes, more: int = 0) -> bytes:
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(body) + more) + body


def extended(flags: int = 0, size: Size = SIDES, reserved: bytes = b"\0\0\0") -> bytes:
    sides = (side - 1 for side in size)
    return piece(
        b"VP8X", bytes([flags]) + reserved + b"".join(n.to_bytes(3, "little") for n in sides)
    )


LOSSY = WEBP[12:]
LOSSLESS = saved("RGB", "WEBP", lossless=True)[12:]
RAW_ALPHA = piece(b"ALPH", b"\0" + bytes(SIDES.width * SIDES.height))


def changed(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


def test_the_plain_parts_of_a_webp_are_clean() -> None:
    assert inspect(webp(extended(), LOSSY)) == ()
    assert inspect(webp(extended(0x10), RAW_ALPHA, LOSSY)) == ()
    assert inspect(webp(extended(), LOSSLESS)) == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (webp(extended(), LOSSY, piece(b"EXIF", NEEDLE)), "Exif data (EXIF)"),
        (webp(LOSSY, piece(b"XMP ", NEEDLE)), "XMP data (XMP)"),
        (webp(extended(), piece(b"ICCP", NEEDLE), LOSSY), "a colour profile (ICCP)"),
        (webp(piece(b"ANIM", bytes(6)), LOSSY), "an animation (ANIM)"),
        (webp(LOSSY, piece(b"prVt", NEEDLE)), "(prVt)"),
        (webp(LOSSY, piece(b"\0\n\xff\x01", NEEDLE)), "no valid name"),
        (webp(LOSSY, piece(b"prVt", b"")), "(prVt)"),
        (webp(LOSSY) + NEEDLE, "12 bytes after the end"),
        (webp(LOSSY, NEEDLE, more=-12), "12 bytes after the end"),
        (webp(LOSSY, b"1234567"), "cut short"),
        (webp(LOSSY, b"\0"), "cut short"),
        (webp(LOSSY, more=2), "cut short"),
        (webp(LOSSY)[:-2], "cut short"),
        (webp(LOSSY, LOSSY), "twice or in the wrong order"),
        (webp(LOSSY, LOSSLESS), "twice or in the wrong order"),
        (webp(LOSSY, extended()), "twice or in the wrong order"),
        (webp(extended(), extended(), LOSSY), "twice or in the wrong order"),
        (webp(extended(0x10), RAW_ALPHA, LOSSLESS), "twice or in the wrong order"),
        (webp(extended(0x08), LOSSY), "flags"),
        (webp(extended(0x04), LOSSY), "flags"),
        (webp(extended(0x20), LOSSY), "flags"),
        (webp(extended(0x80), LOSSY), "flags"),
        (webp(extended(0, reserved=b"abc"), LOSSY), "flags"),
        (webp(extended(size=Size(46, 31)), LOSSY), "a canvas of another size"),
        (webp(piece(b"VP8X", bytes(10) + NEEDLE), LOSSY), "surplus bytes in the header"),
        (webp(piece(b"VP8X", b"\0"), LOSSY), "a damaged header (VP8X)"),
        (webp(extended(), RAW_ALPHA, LOSSY), "transparency that the picture does not use"),
        (webp(RAW_ALPHA, LOSSY), "transparency without a picture"),
        (webp(extended(0x10), changed(RAW_ALPHA, 8, 0x40), LOSSY), "flags"),
        (webp(extended(0x10), piece(b"ALPH", b"\0" + NEEDLE), LOSSY), "surplus bytes"),
        (webp(changed(LOSSY, 8, LOSSY[8] | 1)), "a damaged picture (VP8)"),
        (webp(changed(LOSSY, 11, 0)), "a damaged picture (VP8)"),
        (webp(changed(LOSSY, 15, LOSSY[15] | 0x40)), "a scaling"),
        (webp(piece(b"VP8 ", NEEDLE)), "a damaged picture (VP8)"),
        (webp(piece(b"VP8L", NEEDLE)), "a damaged picture (VP8L)"),
        (webp(changed(LOSSLESS, 12, LOSSLESS[12] | 0x20)), "a version that does not exist"),
        (webp(), "not whole"),
        (webp(extended()), "not whole"),
    ],
)
def test_what_hides_in_a_webp_is_reported(data: bytes, said: str) -> None:
    assert said in "; ".join(inspect(data))


def test_a_padding_byte_can_hide_nothing() -> None:
    odd = piece(b"VP8 ", (LOSSY[8:] + b"\0\0")[: len(LOSSY) - 8 | 1], pad=b"p")
    assert inspect(webp(odd)) == ("a padding byte that is not zero",)


def test_webp_with_transparency_is_clean() -> None:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels)
    picture.putalpha(Image.linear_gradient("L").resize(SIDES))
    picture.save(out, "WEBP", quality=70)
    assert b"ALPH" in out.getvalue()
    assert inspect(out.getvalue()) == ()


def test_endless_parts_end_the_walk() -> None:
    assert inspect(webp(*[piece(b"abcd", b"")] * 200))[-1].startswith("more ")
