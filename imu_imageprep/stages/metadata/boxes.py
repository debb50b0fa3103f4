"""Boxes of the ISO base media file format, the structure of HEIF, AVIF and JPEG 2000."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOXES = 20_000


class Box(NamedTuple):
    """A box: its four-letter type, and where its content starts and stops."""

    type: bytes
    start: int
    stop: int


def boxes(data: bytes, start: int, stop: int) -> Iterator[Box]:
    """The boxes between two places (ISO 14496-12, 4.2).

    Raises:
        ValueError: a box breaks off, or they go on and on.
    """
    pos = start
    for _ in range(_BOXES):
        if pos + 8 > stop:
            return
        size = int.from_bytes(data[pos : pos + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[pos + 8 : pos + 16], "big"), 16
        elif size == 0:
            size = stop - pos
        end = pos + size
        if size < head or end > stop:
            raise ValueError("a box breaks off")
        yield Box(data[pos + 4 : pos + 8], pos + head, end)
        pos = end
    raise ValueError("too many boxes")


def number(data: bytes, at: int, size: int) -> int:
    """The big-endian number of ``size`` bytes at a place; 0 for a size of 0."""
    return int.from_bytes(data[at : at + size], "big")
