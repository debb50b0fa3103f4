"""Boxes of the ISO base media file format (HEIF, AVIF, JPEG 2000), and the meta box of items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


_CONTENT_LIMIT = 16 << 20
_ENTRIES = 20_000
# TIFF orientation by quarter turns to the left (irot) and mirroring (none, top to bottom, left to
# right: imir), ISO 23008-12, 6.5.10 and 6.5.12.
_ORIENTATIONS = ((1, 4, 2), (8, 5, 7), (3, 2, 4), (6, 7, 5))


class Item(NamedTuple):
    """An item: type ("Exif", "mime", "hvc1"), and the content type of a "mime" item."""

    number: int
    type: bytes
    content_type: bytes


class Link(NamedTuple):
    """A reference from one item to others ("thmb": is a thumbnail of)."""

    type: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Meta:
    """A meta box by the types of the boxes in it."""

    data: bytes = field(repr=False)
    inner: Mapping[bytes, Box]

    def items(self) -> list[Item]:
        """Every item, from the item information box (ISO 14496-12, 8.11.6)."""
        box = self.inner.get(b"iinf")
        if box is None:
            return []
        start = box.start + (8 if self.data[box.start] else 6)
        return [
            self._item(entry)
            for entry in boxes(self.data, start, box.stop)
            if entry.type == b"infe" and self.data[entry.start] >= 2  # noqa: PLR2004
        ]

    def _item(self, entry: Box) -> Item:
        size = 2 if self.data[entry.start] == 2 else 4  # noqa: PLR2004 - by version
        at = entry.start + 4
        kind = at + size + 2
        names = self.data[kind + 4 : entry.stop].split(b"\0")
        content_type = names[1] if len(names) > 1 else b""
        return Item(number(self.data, at, size), self.data[kind : kind + 4], content_type)

    def primary(self) -> int:
        """Number of the item that is the picture (8.11.4); 0 where none is named."""
        box = self.inner.get(b"pitm")
        if box is None:
            return 0
        return number(self.data, box.start + 4, 4 if self.data[box.start] else 2)

    def links(self) -> list[Link]:
        """How items refer to each other (8.11.12)."""
        box = self.inner.get(b"iref")
        if box is None:
            return []
        size = 4 if self.data[box.start] else 2
        found = []
        for link in boxes(self.data, box.start + 4, box.stop):
            count = min(number(self.data, link.start + size, 2), _ENTRIES)
            places = range(link.start + size + 2, link.stop, size)[:count]
            targets = tuple(number(self.data, at, size) for at in places)
            found.append(Link(link.type, number(self.data, link.start, size), targets))
        return found

    def contents(self, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of the wanted items, from the item location box (8.11.3)."""
        box = self.inner.get(b"iloc")
        if box is None:
            return
        data = self.data
        version, at = data[box.start], box.start + 4
        offset_size, length_size = data[at] >> 4, data[at] & 15
        base_size, index_size = data[at + 1] >> 4, data[at + 1] & 15 if version else 0
        id_size = 4 if version == 2 else 2  # noqa: PLR2004
        count = number(data, at + 2, id_size)
        at += 2 + id_size
        stored = self.inner.get(b"idat")
        pieces_left, bytes_left = _ENTRIES, _CONTENT_LIMIT
        for _ in range(min(count, _ENTRIES)):
            item = number(data, at, id_size)
            at += id_size
            method = number(data, at, 2) & 15 if version else 0
            at += 2 if version else 0
            base = number(data, at + 2, base_size)
            pieces = number(data, at + 2 + base_size, 2)
            at += 4 + base_size
            if method == 1 and stored:
                base += stored.start
            content = bytearray()
            pieces_left -= pieces
            if pieces_left < 0 or bytes_left <= 0:
                return
            for _ in range(pieces):
                start = base + number(data, at + index_size, offset_size)
                size = number(data, at + index_size + offset_size, length_size)
                at += index_size + offset_size + length_size
                if at > box.stop:
                    return
                if item in wanted:
                    piece = data[start : start + min(size, max(bytes_left, 0))]
                    bytes_left -= len(piece)
                    content += piece
            if item in wanted:
                yield item, bytes(content)

    def properties(self) -> list[Box]:
        """Every property of any item, in order (ISO 23008-12, 9.3)."""
        box = self.inner.get(b"iprp")
        found = [] if box is None else list(boxes(self.data, box.start, box.stop))
        return [
            one
            for inner in found
            if inner.type == b"ipco"
            for one in boxes(self.data, inner.start, inner.stop)
        ]

    def orientation(self) -> int:
        """How the primary item is to be turned, as a TIFF orientation."""
        turns, mirror = 0, 0
        for box in self.properties_of(self.primary()):
            if box.type == b"irot":
                turns = self.data[box.start] & 3
            elif box.type == b"imir":
                mirror = 1 + (self.data[box.start] & 1)
        return _ORIENTATIONS[turns][mirror]

    def nclx(self) -> bytes:
        """Content of the colour box with codes of the primary item, or of the first of its tiles.

        Empty where there is none.
        """
        primary = self.primary()
        of_tiles = (link for link in self.links() if link == (b"dimg", primary, link.targets))
        owners = (primary, *next((link.targets[:1] for link in of_tiles), ()))
        for owner in owners if b"iprp" in self.inner else ():
            for found in self.properties_of(owner):
                body = self.data[found.start : found.stop]
                if found.type == b"colr" and body[:4] == b"nclx":
                    return body
        return b""

    def properties_of(self, item: int) -> Iterator[Box]:
        """The properties of one item, in the order in which they apply (ISO 23008-12, 9.3)."""
        box = self.inner[b"iprp"]
        properties = self.properties()
        data = self.data
        for inner in boxes(data, box.start, box.stop):
            if inner.type != b"ipma":
                continue
            id_size = 4 if data[inner.start] else 2
            index_size = 2 if data[inner.start + 3] & 1 else 1
            mask = 0x7FFF if index_size == 2 else 0x7F  # noqa: PLR2004
            at = inner.start + 8
            for _ in range(min(number(data, inner.start + 4, 4), _ENTRIES)):
                owner, count = number(data, at, id_size), number(data, at + id_size, 1)
                at += id_size + 1
                for place in range(at, at + count * index_size, index_size):
                    index = number(data, place, index_size) & mask
                    if owner == item and 0 < index <= len(properties):
                        yield properties[index - 1]
                at += count * index_size
                if at > inner.stop:
                    return


def meta(data: bytes, box: Box) -> Meta:
    """The meta box, opened."""
    return Meta(data, {inner.type: inner for inner in boxes(data, box.start + 4, box.stop)})
