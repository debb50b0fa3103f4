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


JPEG = encode(noise(), ExportRules(format=Format.JPEG)).data


def saved(mode: str, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels).convert(mode)
    picture.save(out, form, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def after_start(more: bytes) -> bytes:
    """More bytes right after the JFIF segment."""
    return JPEG[:20] + more + JPEG[20:]


def grown(marker: int, more: bytes) -> bytes:
    """More bytes at the end of the first segment of a kind, its length set right."""
    at = JPEG.index(bytes([0xFF, marker]))
    length = int.from_bytes(JPEG[at + 2 : at + 4])
    end = at + 2 + length
    return (
        JPEG[: at + 2]
        + struct.pack(">H", length + len(more))
        + JPEG[at + 4 : end]
        + more
        + JPEG[end:]
    )


def jfif(body: bytes) -> bytes:
    return JPEG[:2] + segment(0xE0, b"JFIF\0" + body) + JPEG[20:]


def before_frame(more: bytes) -> bytes:
    at = JPEG.index(b"\xff\xc0")
    return JPEG[:at] + more + JPEG[at:]


@pytest.mark.parametrize("number", range(16))
def test_every_application_segment_is_reported(number: int) -> None:
    found = inspect(after_start(segment(0xE0 + number, b"Exif\0\0" + NEEDLE)))
    assert len(found) == 1
    assert f"(APP{number})" in found[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (after_start(segment(0xFE, NEEDLE)), "a comment"),
        (after_start(segment(0xFE, b"")), "a comment"),
        (after_start(segment(0xC8, NEEDLE)), "FFC8"),
        (after_start(segment(0xCC, NEEDLE)), "FFCC"),
        (after_start(segment(0xDC, b"\0\x10")), "FFDC"),
        (after_start(segment(0xF0, NEEDLE)), "FFF0"),
        (after_start(segment(0xDB, b"")), "an empty segment (DQT)"),
        (after_start(segment(0xC4, b"")), "an empty segment (DHT)"),
        (after_start(JPEG[2:20]), "a JFIF segment where none belongs"),
        (JPEG[:2] + JPEG[20:89] + JPEG[2:20] + JPEG[89:], "where none belongs"),
        (jfif(b"\1\1\1\0\x48\0\x48\1\1" + b"abc"), "a thumbnail"),
        (jfif(b"\1\1\1\0\x48\0\x48\1\0"), "a thumbnail"),
        (jfif(b"\1\1\1\0\x48\0\x48\0\0" + NEEDLE), "surplus bytes in the JFIF"),
        (jfif(b"\1\1\1\1\x2c\1\x2c\0\0"), "72 dpi"),
        (jfif(b"\1\2\1\0\x48\0\x48\0\0"), "version 1.01"),
        (jfif(b"\1\1"), "version 1.01"),
        (after_start(NEEDLE), "bytes between segments"),
        (after_start(b"\xff\xff\xff"), "fill bytes"),
        (JPEG[:2] + b"\xff" + JPEG[2:], "fill bytes"),
        (JPEG[:-2] + b"\xff" + JPEG[-2:], "fill bytes"),
        (grown(0xDB, NEEDLE), "(DQT)"),
        (grown(0xDB, b"\0"), "(DQT)"),
        (grown(0xC4, NEEDLE), "(DHT)"),
        (grown(0xC4, b"\0" * 17), "(DHT)"),
        (grown(0xC0, NEEDLE), "(SOF)"),
        (grown(0xDA, NEEDLE), "(SOS)"),
        (before_frame(segment(0xDB, b"\2" + bytes(64))), "a quantisation table that"),
        (before_frame(segment(0xDB, b"\0" + bytes(64))), "a quantisation table that"),
        (before_frame(segment(0xC4, b"\2\1" + bytes(15) + b"\5")), "a Huffman table that"),
        (before_frame(segment(0xC4, b"\0\1" + bytes(15) + b"\5")), "a Huffman table that"),
        (before_frame(segment(0xDD, b"\xff\xff")), "a restart interval that"),
        (before_frame(segment(0xDD, b"\0\0" + NEEDLE)), "(DRI)"),
        (before_frame(segment(0xDD, b"\0\1")), "restart markers"),
        (before_frame(JPEG[JPEG.index(b"\xff\xc0") :][:19]), "a second picture"),
        (JPEG + NEEDLE, "12 bytes after the end"),
        (JPEG + JPEG, "bytes after the end"),
        (JPEG + b"\0", "1 bytes after the end"),
        (JPEG[:-2] + NEEDLE + JPEG[-2:], "after the last part of the picture data"),
        (JPEG[:-2] + b"\xff\0" + JPEG[-2:], "after the last part of the picture data"),
        (JPEG[:-2] + b"\xff\xd0" + JPEG[-2:], "restart markers"),
        (JPEG[:-12] + JPEG[-2:], "picture data"),
        (JPEG[:-2], "cut short"),
        (JPEG[:-1], "cut short"),
        (JPEG[:50], "cut short"),
        (b"\xff\xd8", "cut short"),
        (b"\xff\xd8\xff\xd9", "not whole"),
        (b"\xff\xd8" + b"\xff" * 9, "cut short"),
        (JPEG[:2] + b"\xff\x01" + JPEG[2:], "a marker where none belongs"),
        (JPEG[:2] + JPEG, "a marker where none belongs"),
        (JPEG.replace(b"\xff\xc0", b"\xff\xc1", 1), "a kind that cannot be checked"),
        (saved("CMYK", "JPEG", dpi=(72, 72)), "Adobe data"),
        (saved("RGB", "JPEG", dpi=(72, 72), comment=NEEDLE), "a comment"),
        (saved("RGB", "JPEG", dpi=(72, 72), progressive=True) + NEEDLE, "after the end"),
    ],
)
def test_what_hides_in_a_jpeg_is_reported(data: bytes, said: str) -> None:
    assert said in "; ".join(inspect(data))


def test_padding_bits_and_restart_numbers_are_checked() -> None:
    data = saved("RGB", "JPEG", dpi=(72, 72), restart_marker_blocks=1)
    marks = [at for at in range(len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    assert len(marks) == 5
    renumbered = data[: marks[2] + 1] + b"\xd7" + data[marks[2] + 2 :]
    assert inspect(renumbered) == ("restart markers where none belong",)
    padded = [at for at in marks if data[at - 1] & 1 and data[at - 1] != 0]
    told = [inspect(data[: at - 1] + bytes([data[at - 1] & 0xFE]) + data[at:]) for at in padded]
    # Where the last code fills its byte, the bit is the picture's own.
    assert ("padding bits that are not plain",) in told


def test_a_scan_that_comes_twice_is_reported() -> None:
    at = JPEG.index(b"\xff\xda")
    assert inspect(JPEG[:-2] + JPEG[at:]) == ("picture data that comes twice",)


def test_endless_parts_end_the_walk() -> None:
    assert inspect(b"\xff\xd8" + b"\xff\xfe\0\2" * 20_000)[-1].startswith("more ")
