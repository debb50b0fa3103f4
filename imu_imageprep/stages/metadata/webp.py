"""WebP: RIFF chunks, and what follows the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.statement import Entry, Kind, Part, Unreadable, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_STRUCTURE = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM")
_CHUNKS = 100_000
_FRAME_HEADER = 16


def parts(data: bytes) -> Iterator[Part | Statement]:
    """Walk a WebP file.

    Source: RFC 9649, section 2.
    """
    end = 8 + int.from_bytes(data[4:8], "little")
    yield from _chunks(data, 12, min(end, len(data)))
    end += end % 2
    if end < len(data):
        yield Entry(Category.TRAILER, "bytes after the picture", f"{len(data) - end} bytes")


def _chunks(data: bytes, pos: int, end: int) -> Iterator[Part | Statement]:
    for _ in range(_CHUNKS):
        if pos + 8 > end:
            return
        name = data[pos : pos + 4]
        length = int.from_bytes(data[pos + 4 : pos + 8], "little")
        start, stop = pos + 8, min(pos + 8 + length, end)
        pos = pos + 8 + length + length % 2
        match name:
            case b"EXIF" | b"Exif":
                yield Part(Kind.EXIF, data[start:stop])
            case b"XMP " | b"XMP\0":
                yield Part(Kind.XMP, data[start:stop])
            case b"ICCP":
                yield Entry(Category.PROFILE, "ICC profile")
            case b"C2PA":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case b"ANMF":
                yield from _chunks(data, start + _FRAME_HEADER, stop)
            case _ if name not in _STRUCTURE:
                yield Entry(Category.PRIVATE, f"chunk {decoded(name)}")
    yield Unreadable("the list of chunks")
