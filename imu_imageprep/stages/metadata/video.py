"""Where a video beside or behind the picture says that it was taken."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Category, Position
from imu_imageprep.stages.metadata.coordinates import NOT_READ, pair_in_text, position
from imu_imageprep.stages.metadata.statement import Entry, Kind, Part, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

# A box of an address is short; longer ones are these letters by chance, inside the pictures.
_HEAD, _LONGEST = 8, 2000
_BOXES = 1000
_TEXT_BOX, _NUMBER_BOX, _APPLE_KEY = b"\xa9xyz", b"loci", b"location.ISO6709"
_ISO_6709 = re.compile(rb"[+-]\d{1,9}(?:\.\d{0,20})?[+-]\d{1,9}(?:\.\d{0,20})?[-+.\w]{0,40}/")
_PACKET = re.compile(rb"<x:xmpmeta")
_PACKET_END = b"</x:xmpmeta>"
_PACKETS = 8


def read(data: bytes) -> Iterator[Part | Statement]:
    r"""Read the positions in a video, wherever its boxes hold them, and its XMP.

    The letters of the boxes are looked for, for a video behind a picture is often cut or wrapped.

    Sources: QuickTime File Format (user data "\xa9xyz", metadata keys), 3GPP TS 26.244 8.3 (loci),
    ISO 6709.
    """
    for place in _positions(data):
        yield Entry(Category.GPS, "position of the video")
        yield place
    for packet in islice(_PACKET.finditer(data), _PACKETS):
        end = data.find(_PACKET_END, packet.start())
        if end >= 0:
            yield Part(Kind.XMP, data[packet.start() : end + len(_PACKET_END)])


def _positions(data: bytes) -> Iterator[Position]:
    for body in _bodies(data, _TEXT_BOX):
        # A 16-bit length and language come first; some writers leave them out.
        text = decoded(body[4:] if body[:1] == b"\0" else body)
        yield from (Position(points) for points in (pair_in_text(text),) if points)
    for body in _bodies(data, _NUMBER_BOX):
        yield from _numbered(body)
    if _APPLE_KEY in data:
        found = list(islice(_ISO_6709.finditer(data), _BOXES))
        yield from (Position(pair_in_text(decoded(match[0]))) for match in found)
        if not found:
            yield NOWHERE


def _bodies(data: bytes, name: bytes) -> Iterator[bytes]:
    """Contents of the boxes of a type, as far as their size can be one."""
    at = data.find(name, 4)
    for _ in range(_BOXES):
        if at < 0:
            return
        size = int.from_bytes(data[at - 4 : at], "big")
        if _HEAD < size <= _LONGEST and at - 4 + size <= len(data):
            yield data[at + 4 : at - 4 + size]
        at = data.find(name, at + 4)


def _numbered(body: bytes) -> Iterator[Position]:
    """The box of phones: version, language, a name, its role, then 16.16 fixed-point numbers."""
    if body[:4].strip(b"\0"):
        return  # no version 0: the letters by chance
    if body[6:8] in (b"\xfe\xff", b"\xff\xfe"):
        end = next((at for at in range(8, len(body) - 1, 2) if body[at : at + 2] == b"\0\0"), -2)
        start = end + 2 + 1
    else:
        start = body.find(b"\0", 6) + 1 + 1
    if start < 8 or len(body) < start + 8:  # noqa: PLR2004 - the name's end was not found
        yield NOWHERE
        return
    east, north = (
        int.from_bytes(body[at : at + 4], "big", signed=True) / 65536 for at in (start, start + 4)
    )
    yield from position(_sure(north, 90), _sure(east, 180))


def _sure(degrees: float, most: int) -> tuple[float | None, ...]:
    return (degrees,) if abs(degrees) <= most else NOT_READ
