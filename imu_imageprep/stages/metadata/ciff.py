"""CIFF, the heap in which Canon's first digital cameras wrote their data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.statement import Entry, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

SIGNATURE = b"HEAPJPGM"
_ENTRY = 10
# Enough for real segments, and too few for heaps that hold each other.
_DEPTH = 2
_ENTRIES = 40
_INNER = 8
_KIND, _IN_ENTRY, _HEAPS = 0x3800, 0x4000, (0x2800, 0x3000)
_NAMED = {
    0x0805: (Category.COMMENT, "Comment"), 0x080A: (Category.CAMERA, "Make and model"),
    0x080B: (Category.SOFTWARE, "Firmware"), 0x0810: (Category.OWNER, "OwnerName"),
    0x180B: (Category.SERIAL, "SerialNumber"), 0x180E: (Category.DATE, "TimeStamp"),
}  # fmt: skip


def read(data: bytes) -> Iterator[Statement]:
    """Read a CIFF segment.

    Source: Canon's CIFF specification 1.0 revision 4.
    """
    little = data.startswith(b"II")
    start = int.from_bytes(data[2:6], "little" if little else "big")
    yield Entry(Category.PRIVATE, "CIFF", f"{len(data)} bytes")
    yield from _heap(data[start:], _DEPTH, little=little)


def _heap(heap: bytes, depth: int, *, little: bool) -> Iterator[Statement]:
    """A heap ends with the place of its directory; an entry's value may be a heap again."""
    order: Literal["little", "big"] = "little" if little else "big"
    at = int.from_bytes(heap[-4:], order)
    count = int.from_bytes(heap[at : at + 2], order)
    inner = 0
    stop = min(at + 2 + min(count, _ENTRIES) * _ENTRY, len(heap) - _ENTRY)
    for entry in range(at + 2, stop, _ENTRY):
        tag, size, offset = (
            int.from_bytes(heap[entry + a : entry + b], order) for a, b in ((0, 2), (2, 6), (6, 10))
        )
        if tag & _IN_ENTRY:
            offset, size = entry + 2, 8
        value = heap[offset : offset + size]
        name = tag & 0x3FFF
        if tag & _KIND in _HEAPS and depth and inner < _INNER:
            inner += 1
            yield from _heap(value, depth - 1, little=little)
        elif name in _NAMED and value.strip(b"\0"):
            text = decoded(value).strip("\0").replace("\0", " ") if name < 0x1000 else ""  # noqa: PLR2004
            yield Entry(*_NAMED[name], text)
