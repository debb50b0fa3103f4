"""Exports that were changed part by part and put together again, so that their structure is sound.

A blind change of a byte breaks a checksum or a length, and every reader refuses the file for that.
Here a file is taken apart into segments or chunks, those are changed, doubled, swapped, renamed or
added to, and lengths and checksums are made right again.
"""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from fuzz import CHANGES
from fuzz_readers import exports

from imu_imageprep.domain.photo import EXPORT_FORMATS, Photo, Size
from imu_imageprep.domain.policy import ExportRules
from imu_imageprep.stages.encode import encode

if TYPE_CHECKING:
    from collections.abc import Callable

_JPEG, _PNG, _RIFF = b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF"
_SCAN, _DATA, _END = b"\xff\xda", b"data", b"\xff\xd9"

_KINDS = {
    _JPEG: [bytes((0xFF, marker)) for marker in range(0xC0, 0xFF)],
    _PNG: [
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"iCCP"),
        *(b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"sBIT", b"bKGD", b"hIST", b"sPLT", b"caBX"),
        *(b"acTL", b"fcTL", b"fdAT", b"oFFs", b"pCAL", b"cICP", b"prIv"),
    ],
    _RIFF: [
        *(b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", b"JUNK"),
        *(b"C2PA", b"LIST", b"priv"),
    ],
}
_BODIES = (
    *(b"", b"\0", bytes(4), bytes(10), b"Comment\0words", b"JFIF\0\1\1\1\0H\0H\0\0"),
    *(b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    *(b"ICC_PROFILE\0\1\1" + bytes(128), b"Photoshop 3.0\08BIM\4\4\0\0\0\0\0\0"),
    b"Adobe\0d\0\0\0\0\0",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment or chunk; in JPEG also what stands between a scan's header and the next marker."""

    kind: bytes
    body: bytes


# --- apart, and together --------------------------------------------------------------------------


def apart(data: bytes) -> tuple[bytes, list[Part]]:
    """The signature of a clean file, and its parts."""
    if data.startswith(_JPEG):
        return _JPEG, _segments(data)
    if data.startswith(_PNG):
        return _PNG, _chunks(data, 8, "big")
    return _RIFF, _chunks(data, 12, "little")


def _segments(data: bytes) -> list[Part]:
    out, at = [], 2
    while data[at : at + 2] != _END:
        if data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] < 0xD8:
            end = at
            while data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] < 0xD8:
                end += 1
            out.append(Part(_DATA, data[at:end]))
        else:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
            out.append(Part(data[at : at + 2], data[at + 4 : end]))
        at = end
    return [*out, Part(_END, b"")]


def _chunks(data: bytes, at: int, order: str) -> list[Part]:
    out = []
    while at < len(data):
        if order == "big":
            length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
            after = at + 12 + length
        else:
            length, kind = int.from_bytes(data[at + 4 : at + 8], "little"), data[at : at + 4]
            after = at + 8 + length + length % 2
        out.append(Part(kind, data[at + 8 : at + 8 + length]))
        at = after
    return out


def together(signature: bytes, parts: list[Part]) -> bytes:
    """The file of some parts, with right lengths and checksums."""
    if signature == _RIFF:
        body = b"WEBP" + b"".join(
            part.kind + struct.pack("<I", len(part.body)) + part.body + bytes(len(part.body) % 2)
            for part in parts
        )
        return _RIFF + struct.pack("<I", len(body)) + body
    return signature + b"".join(map(_segment if signature == _JPEG else _chunk, parts))


def _segment(part: Part) -> bytes:
    if part.kind == _DATA:
        return part.body
    if part.kind == _END:
        return part.kind + part.body
    return part.kind + struct.pack(">H", min(len(part.body) + 2, 0xFFFF)) + part.body


def _chunk(part: Part) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(part.kind + part.body))
    return struct.pack(">I", len(part.body)) + part.kind + part.body + checksum


# --- changes --------------------------------------------------------------------------------------


def _some(chance: random.Random, body: bytes) -> bytes:
    """Bytes to be hidden: few, many, or like a known block."""
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(_BODIES)
    return chance.randbytes(chance.choice((1, 2, 4, 13, 64))) if kind < 0.8 else body[:64]


def _byte(chance: random.Random, part: Part) -> Part:
    if not part.body:
        return part
    at = chance.randrange(len(part.body))
    if chance.random() < 0.5:
        at = min(at, chance.randrange(16))
    value = chance.choice((0, 1, 0x7F, 0x80, 0xFF, part.body[at] ^ 1 << chance.randrange(8)))
    return replace(part, body=part.body[:at] + bytes((value,)) + part.body[at + 1 :])


def _grow(chance: random.Random, part: Part) -> Part:
    at = chance.choice((0, len(part.body), chance.randint(0, len(part.body))))
    return replace(part, body=part.body[:at] + _some(chance, part.body) + part.body[at:])


def _shrink(chance: random.Random, part: Part) -> Part:
    at = chance.randint(0, len(part.body))
    return replace(part, body=part.body[:at] + part.body[at + chance.choice((1, 2, 16, 9999)) :])


_OF_A_PART: tuple[Callable[[random.Random, Part], Part], ...] = (
    _byte,
    _byte,
    _byte,
    _grow,
    _shrink,
)


def _change(chance: random.Random, signature: bytes, parts: list[Part]) -> None:
    at = chance.randrange(len(parts))
    what = chance.random()
    if what < 0.55:
        parts[at] = chance.choice(_OF_A_PART)(chance, parts[at])
    elif what < 0.7:
        kind = chance.choice(_KINDS[signature])
        if chance.random() < 0.2:
            kind = kind[:1] + chance.randbytes(len(kind) - 1)
        parts.insert(at, Part(kind, _some(chance, parts[at].body)))
    elif what < 0.8:
        parts.insert(chance.randint(0, len(parts)), parts[at])
    elif what < 0.9:
        other = chance.randrange(len(parts))
        parts[at], parts[other] = parts[other], parts[at]
    elif what < 0.95:
        parts[at] = replace(parts[at], kind=chance.choice(_KINDS[signature]))
    elif len(parts) > 1:
        del parts[at]


@cache
def begin() -> tuple[bytes, ...]:
    """Exports of many sizes and qualities, and other clean pictures."""
    chance = np.random.default_rng(5)
    made = []
    for number in range(120):
        width, height, contrast = (int(n) for n in chance.integers(1, (64, 48, 90)))
        values = chance.normal(128, contrast, (height, width, 3)).clip(0, 255).astype(np.uint8)
        rules = ExportRules(format=EXPORT_FORMATS[number % 3], quality=int(chance.integers(1, 96)))
        made.append(encode(Photo(values, Size(width, height)), rules).data)
    return (*made, *exports())


def changed(seed: int, run: int) -> bytes:
    """The bytes of one run, the same for the same seed and number; some are not changed at all."""
    chance = random.Random(f"{seed}/{run}")  # noqa: S311  (repeatable, not secret)
    clean = begin()
    signature, parts = apart(chance.choice(clean))
    for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3))):
        _change(chance, signature, parts)
    data = bytearray(together(signature, parts))
    kind = chance.random()
    if kind < 0.1:
        chance.choice(CHANGES)(chance, data, chance.choice(clean))
    elif kind < 0.15:
        data += _some(chance, bytes(data))
    return bytes(data)
