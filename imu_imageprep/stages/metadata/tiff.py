"""TIFF directories, the structure behind EXIF, TIFF, MPF and most maker notes."""

from __future__ import annotations

import math
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from imu_imageprep.stages.metadata import statement
from imu_imageprep.stages.metadata.statement import Unreadable, clean, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

Order = Literal["little", "big"]

# Size in bytes and struct code of each type, TIFF 6.0 section 2; 13 IFD; 16-18 BigTIFF.
_TYPES = {
    1: (1, "B"), 2: (1, "c"), 3: (2, "H"), 4: (4, "I"), 5: (8, "II"), 6: (1, "b"), 7: (1, "B"),
    8: (2, "h"), 9: (4, "i"), 10: (8, "ii"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"),
    16: (8, "Q"), 17: (8, "q"), 18: (8, "Q"), 129: (1, "c"),
}  # fmt: skip
_RATIONALS = (5, 10)
UNDEFINED = 7
_GPS = "gps"
_COORDINATES = (2, 4)  # GPSLatitude, GPSLongitude
_POINTERS = {0x8769: "exif", 0x8825: _GPS, 0xA005: "interop", 0x014A: "sub"}
# Bounds that real files stay far below.
_DIRECTORIES = 500
_TAGS = 2000
_TAGS_IN_ALL = 20_000
_NUMBERS = 64


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that hold directories.

    Attributes:
        data: the bytes.
        order: byte order.
        base: where the offsets inside count from.
        big: BigTIFF, with 8-byte offsets.
    """

    data: bytes = field(repr=False)
    order: Order
    base: int = 0
    big: bool = False

    def integer(self, at: int, size: int) -> int:
        """The unsigned number of ``size`` bytes at an absolute place; 0 beyond the end."""
        return int.from_bytes(self.data[at : at + size], self.order)


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry of a directory; its value is cut out when asked for.

    Attributes:
        directory: "ifd0", "ifd1", ..., "exif", "gps8", "interop", "sub"; GPS with its own place.
        number: tag number.
        type: TIFF type of the value.
        count: number of values.
        start: absolute place of the value in the block's data.
        block: the block it stands in.
    """

    directory: str
    number: int
    type: int
    count: int
    start: int
    block: Block = field(repr=False)

    @property
    def is_gps(self) -> bool:
        """Whether it stands in a GPS directory, of which a file may have several."""
        return self.directory.startswith(_GPS)

    def raw(self, limit: int = 1000) -> bytes:
        """The value's bytes, at most ``limit``."""
        size = _TYPES[self.type][0] * self.count
        return self.block.data[self.start : self.start + min(size, limit)]

    def text(self) -> str:
        """The value as text; NUL separates, as between photographer and editor in Copyright."""
        return clean(decoded(self.raw()).strip("\0").replace("\0", " / ")).strip(" /")

    def numbers(self) -> tuple[float, ...]:
        """The first values as numbers; a fraction over zero is NaN."""
        size, code = _TYPES[self.type]
        raw = self.raw(size * _NUMBERS)
        sign = "<" if self.block.order == "little" else ">"
        code = "B" if code == "c" else code
        values = struct.unpack(f"{sign}{len(raw) // size * code}", raw[: len(raw) // size * size])
        if self.type not in _RATIONALS:
            return values
        pairs = zip(values[::2], values[1::2], strict=True)
        return tuple(top / bottom if bottom else math.nan for top, bottom in pairs)

    def shown(self) -> str:
        """The value for a person: text, or the first few numbers."""
        if self.type in (2, 129):
            return self.text()
        values = self.numbers()[:8]
        more = " ..." if self.count > len(values) else ""
        return " ".join(f"{value:g}" for value in values) + more


def block(data: bytes) -> Block | None:
    """The block that starts with a TIFF header; None where there is none."""
    order: Order | None = {b"II": "little", b"MM": "big"}.get(data[:2])  # type: ignore[assignment]
    if order is None:
        return None
    return Block(data, order, big=int.from_bytes(data[2:4], order) == 43)  # noqa: PLR2004


def walk(block: Block) -> Iterator[Tag | Unreadable]:
    """Every tag of every directory: the chain from the header, and what pointers lead to."""
    first = block.integer(8, 8) if block.big else block.integer(4, 4)
    waiting = deque([("ifd0", first)])
    seen: set[int] = set()
    left = _TAGS_IN_ALL
    while waiting:
        name, offset = waiting.popleft()
        if offset in seen:
            continue
        seen.add(offset)
        try:
            tags, following = directory(block, offset, name)
        except ValueError:
            gps = name.startswith(_GPS)
            yield Unreadable(statement.GPS if gps else "a directory of the EXIF block")
            continue
        for tag in tags:
            yield tag
            pointed = _POINTERS.get(tag.number)
            if pointed:
                places = [int(n) for n in tag.numbers() if n > 0]
                waiting += [(f"{_GPS}{n}" if pointed == _GPS else pointed, n) for n in places]
        if following and name.startswith("ifd"):
            waiting.append((f"ifd{int(name[3:]) + 1}", following))
        left -= len(tags)
        if left < 0 or len(seen) > _DIRECTORIES:
            yield Unreadable("the list of directories")
            return


def directory(block: Block, offset: int, name: str) -> tuple[list[Tag], int]:
    """The readable tags of the directory at ``offset`` (from the base), and the next one's offset.

    Raises:
        ValueError: there is no directory there.
    """
    wide = block.big
    at = block.base + offset
    head, size, inline = (8, 20, 8) if wide else (2, 12, 4)
    count = block.integer(at, head)
    if not 0 < at <= len(block.data) - head or count > _TAGS:
        raise ValueError("no directory")
    tags: list[Tag] = []
    for entry in range(at + head, at + head + count * size, size):
        if entry + size > len(block.data):
            if name.startswith(_GPS):
                # A coordinate may be among what is cut off: one is there, without a value.
                lost = (Tag(name, n, UNDEFINED, 1, len(block.data), block) for n in _COORDINATES)
                tags += [tag for tag in lost if tag.number not in {one.number for one in tags}]
            return tags, 0
        kind = block.integer(entry + 2, 2)
        values = block.integer(entry + 4, inline)
        if name.startswith(_GPS) and kind not in _TYPES:
            kind = UNDEFINED  # a position that cannot be read is there nevertheless
        if kind not in _TYPES or not values:
            continue
        start = entry + 4 + inline
        if _TYPES[kind][0] * values > inline:
            start = block.base + block.integer(start, inline)
        if start < len(block.data) or name.startswith(_GPS):
            tags.append(Tag(name, block.integer(entry, 2), kind, values, start, block))
    return tags, block.integer(at + head + count * size, inline)
