"""What JPEG segments define before a scan: tables, restart interval, frame (ITU-T T.81, B.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Size
from imu_imageprep.stages.verify.jpeg_entropy import HuffmanTable
from imu_imageprep.stages.verify.reading import Broken

if TYPE_CHECKING:
    from imu_imageprep.stages.verify.reading import Reading

QUANTISATION = "a quantisation table"
HUFFMAN = "a Huffman table"
RESTART = "a restart interval"

_LAST_TABLE = 3  # four tables of each kind
_MOST_COMPONENTS = 4
_MOST_SAMPLES = 4  # sampling factors go from 1 to 4
_LARGEST_DC = 11  # bits of a difference of DC coefficients (F.1.2.1.1)


@dataclass(slots=True, eq=False)
class Component:
    """One colour component: sampling factors, quantisation table, and how much was coded so far.

    Attributes:
        coded: per coefficient the lowest bit coded, -1 for none yet (T.81, G.1.1.1).
    """

    h: int
    v: int
    table: int
    coded: list[int] = field(default_factory=lambda: [-1] * 64)


@dataclass(slots=True, eq=False)
class Picture:
    """What the segments read so far have defined.

    Attributes:
        size: width and height in pixels; None before the frame header.
        progressive: whether the frame is SOF2.
        components: by their identifiers.
        tables: Huffman tables by class (0 DC, 1 AC) and number.
        restart: units between restart markers; 0 for none.
        unused: definitions that no scan has used yet: kind, class, number.
    """

    size: Size | None = None
    progressive: bool = False
    components: dict[int, Component] = field(default_factory=dict)
    tables: dict[tuple[int, int], HuffmanTable] = field(default_factory=dict)
    restart: int = 0
    unused: set[tuple[str, int, int]] = field(default_factory=set)

    def define(self, kind: str, number: int = 0, table_class: int = 0) -> None:
        """Note that something is defined; twice without a use between says more than a picture."""
        if (kind, table_class, number) in self.unused:
            raise Broken(f"{kind} that the picture does not use")
        self.unused.add((kind, table_class, number))

    def use(self, kind: str, number: int = 0, table_class: int = 0) -> None:
        """Note that a scan uses a definition."""
        self.unused.discard((kind, table_class, number))

    def finish(self, reading: Reading) -> None:
        """Note what is wrong once the file has ended."""
        if not self.components or any(c.coded[0] < 0 for c in self.components.values()):
            reading.report("a picture that is not whole")
        for kind, _, _ in sorted(self.unused):
            reading.report(f"{kind} that the picture does not use")


def quantisation(body: bytes, picture: Picture, reading: Reading) -> None:
    """B.2.4.1: precision and number in one byte, then 64 values of 8 or 16 bits; and so on."""
    at = 0
    while at < len(body):
        precision, number = body[at] >> 4, body[at] & 15
        at += 1 + 64 * (1 + precision)
        if precision > 1 or number > _LAST_TABLE or at > len(body):
            reading.report("surplus bytes in a quantisation segment (DQT)")
            return
        picture.define(QUANTISATION, number)
    if not body:
        reading.report("an empty segment (DQT)")


def huffman(body: bytes, picture: Picture, reading: Reading) -> None:
    """B.2.4.2: class and number in one byte, 16 counts, then that many values; and so on."""
    at = 0
    while at < len(body):
        table_class, number = body[at] >> 4, body[at] & 15
        counts = body[at + 1 : at + 17]
        symbols = body[at + 17 : at + 17 + sum(counts)]
        at += 17 + sum(counts)
        if table_class > 1 or number > _LAST_TABLE or at > len(body):
            reading.report("surplus bytes in a Huffman segment (DHT)")
            return
        if len(set(symbols)) != len(symbols) or not symbols:
            reading.report("values in a Huffman table that no picture needs (DHT)")
        if table_class == 0 and any(symbol > _LARGEST_DC for symbol in symbols):
            raise Broken("a damaged Huffman table (DHT)")
        picture.define(HUFFMAN, number, table_class)
        picture.tables[table_class, number] = HuffmanTable.build(
            counts, symbols, ac=table_class == 1
        )
    if not body:
        reading.report("an empty segment (DHT)")


def restart(body: bytes, picture: Picture, reading: Reading) -> None:
    """B.2.4.4: the number of units between restart markers, 16 bits."""
    if len(body) != 2:  # noqa: PLR2004  (16 bits)
        reading.report("surplus bytes in a restart segment (DRI)")
    picture.restart = int.from_bytes(body[:2])
    picture.define(RESTART)


def frame(body: bytes, picture: Picture, reading: Reading, *, progressive: bool) -> None:
    """B.2.2: precision, height, width, count; then identifier, sampling and table of each part."""
    if picture.components:
        raise Broken("a second picture (SOF)")
    count = body[5] if len(body) > 5 else 0  # noqa: PLR2004  (the fixed part)
    end = 6 + 3 * count
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    sound = len(body) >= end and 1 <= count <= _MOST_COMPONENTS and width and height
    if not sound or body[0] != 8:  # noqa: PLR2004  (bits of a sample)
        raise Broken("a damaged frame header (SOF)")
    if len(body) > end:
        reading.report("surplus bytes in the frame header (SOF)")
    for identifier, sampling, table in zip(
        body[6:end:3], body[7:end:3], body[8:end:3], strict=True
    ):
        h, v = sampling >> 4, sampling & 15
        if not (1 <= h <= _MOST_SAMPLES and 1 <= v <= _MOST_SAMPLES and table <= _LAST_TABLE):
            raise Broken("a damaged frame header (SOF)")
        picture.components[identifier] = Component(h, v, table)
    if len(picture.components) != count:
        raise Broken("a damaged frame header (SOF)")
    reading.size = picture.size = Size(width, height)
    picture.progressive = progressive
