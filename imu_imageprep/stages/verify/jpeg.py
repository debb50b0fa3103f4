"""Walk a JPEG file by ITU-T T.81 (1992), annex B, and JFIF 1.02 (ISO/IEC 10918-5).

Allowed: SOI; one plain JFIF segment right after it; DQT, DHT, DRI, one frame (SOF0 or SOF2), SOS
with its data and RST markers; EOI; nothing else, each segment exactly as long as its content, each
table used by the picture. In a baseline picture (SOF0, what is exported) the data is followed to
its last bit. In a progressive one (SOF2) it is not: bytes between the end of a scan's last code and
the next marker go unseen there. Nor is seen which values a table holds besides those that the
picture needs.
"""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from imu_imageprep.stages.verify.jpeg_entropy import follow
from imu_imageprep.stages.verify.jpeg_tables import (
    HUFFMAN,
    QUANTISATION,
    RESTART,
    Picture,
    frame,
    huffman,
    quantisation,
    restart,
)
from imu_imageprep.stages.verify.reading import JPEG_SIGNATURE, Broken

if TYPE_CHECKING:
    from imu_imageprep.stages.verify.jpeg_entropy import HuffmanTable
    from imu_imageprep.stages.verify.jpeg_tables import Component
    from imu_imageprep.stages.verify.reading import Reading

_DHT, _EOI, _SOS, _DQT, _DRI, _COM = 0xC4, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE
_SOF0, _SOF2 = 0xC0, 0xC2
_OTHER_SOF = {*range(0xC1, 0xD0)} - {_SOF2, _DHT, 0xC8, 0xCC}
_APP0, _APP15 = 0xE0, 0xEF
_ALONE = {0x00, 0x01, *range(0xD0, 0xD9)}  # markers without a segment (T.81, table B.1)

# "JFIF", version 1.01, unit dots per inch, 72 x 72, thumbnail 0 x 0 (JFIF 1.02, page 5).
_JFIF = b"JFIF\0\x01\x01\x01\x00\x48\x00\x48\x00\x00"
_DOTS_PER_INCH = 1

# What software commonly puts into the application segments.
_APPLICATION = {
    0: "a thumbnail or another addition to JFIF",
    1: "Exif or XMP data",
    2: "a colour profile or further pictures",
    11: "provenance data",
    13: "Photoshop or IPTC data",
    14: "Adobe data",
}

_FILL = re.compile(rb"\xff+")

# Far more than any picture has; it bounds the time that a hostile file takes.
_MOST_SEGMENTS = 10_000

_BLOCK = 8  # samples on each side
_MOST_BLOCKS = 10  # of one unit of several components (B.2.3)
_LAST_COEFFICIENT = 63

# Data ends at a marker that is neither a stuffed zero nor a restart (B.1.1.5).
_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")

# Bounds on time for hostile files: a 100 MP picture with a restart in every row of units has 1000.
_MOST_FOLLOWED = 8 << 20
_MOST_RESTARTS = 1 << 20

_DAMAGED = "a damaged scan header (SOS)"


def walk(data: bytes, reading: Reading) -> None:
    """Note size, density and leftovers of a JPEG file in ``reading``.

    Raises:
        Broken: it cannot be walked to its end.
    """
    picture = Picture()
    at = len(JPEG_SIGNATURE)
    for number in range(_MOST_SEGMENTS):
        marker, at = _next_marker(data, at, reading)
        if marker == _EOI:
            break
        length = int.from_bytes(data[at : at + 2])
        if length < 2 or at + length > len(data):  # noqa: PLR2004  (the length counts itself)
            raise Broken("a file that is cut short or damaged")
        body = data[at + 2 : at + length]
        at += length
        if marker == _SOS:
            at = _scan(data, at, body, picture, reading)
        else:
            _segment(marker, body, picture, reading, first=number == 0)
    else:
        raise Broken("more segments than a picture needs")
    if at < len(data):
        reading.report(f"{len(data) - at} bytes after the end of the picture")
    picture.finish(reading)


def _next_marker(data: bytes, at: int, reading: Reading) -> tuple[int, int]:
    start = data.find(b"\xff", at)
    fill = _FILL.match(data, start) if start >= 0 else None
    if fill is None or fill.end() == len(data):
        raise Broken("a file that is cut short or damaged")
    if start > at:
        reading.report("bytes between segments")
    if fill.end() - start > 1:
        # T.81, B.1.1.2 allows any number of them, and their number can tell something.
        reading.report("fill bytes between segments")
    marker = data[fill.end()]
    if marker in _ALONE:
        raise Broken("a marker where none belongs")
    return marker, fill.end() + 1


def _segment(marker: int, body: bytes, picture: Picture, reading: Reading, *, first: bool) -> None:
    if marker == _APP0 and body.startswith(b"JFIF\0"):
        _jfif(body, reading, first=first)
    elif _APP0 <= marker <= _APP15:
        number = marker - _APP0
        reading.report(f"{_APPLICATION.get(number, 'application data')} (APP{number})")
    elif marker == _COM:
        reading.report("a comment (COM)")
    elif marker == _DQT:
        quantisation(body, picture, reading)
    elif marker == _DHT:
        huffman(body, picture, reading)
    elif marker == _DRI:
        restart(body, picture, reading)
    elif marker in (_SOF0, _SOF2):
        frame(body, picture, reading, progressive=marker == _SOF2)
    elif marker in _OTHER_SOF:
        raise Broken("a JPEG picture of a kind that cannot be checked")
    else:
        reading.report(f"a segment that a web picture does not need (FF{marker:02X})")


def _jfif(body: bytes, reading: Reading, *, first: bool) -> None:
    if not first:
        reading.report("a JFIF segment where none belongs (APP0)")
        return
    if body[7:8] == bytes([_DOTS_PER_INCH]) and body[8:10] == body[10:12]:
        reading.dpi = int.from_bytes(body[8:10])
    if len(body) > len(_JFIF) or body[12:14].strip(b"\0"):
        reading.report("a thumbnail or surplus bytes in the JFIF segment (APP0)")
    elif body != _JFIF:
        reading.report("a JFIF segment other than plain version 1.01 with 72 dpi (APP0)")


def _scan(data: bytes, start: int, body: bytes, picture: Picture, reading: Reading) -> int:
    """Check a scan.

    Args:
        data: the whole file.
        start: where the scan's data starts.
        body: the scan header.
        picture: what was defined before; its components' progress is noted.
        reading: told of leftovers.

    Returns:
        Where the marker after the data starts.

    Raises:
        Broken: header and definitions do not fit together, or the file is cut short.
    """
    parts, blocks = _scan_header(body, picture, reading)
    found = _END.search(data, start)
    if found is None:
        raise Broken("a file that is cut short or damaged")
    end = found.start()
    units = _units(parts, picture)
    pieces = _pieces(data, start, end, len(units))
    if pieces is None:
        reading.report("restart markers where none belong")
    elif not picture.progressive and end - start > _MOST_FOLLOWED:
        reading.report("picture data too large to check")
    elif not picture.progressive:
        try:
            follow(pieces, blocks, units)
        except Broken as wrong:
            # The file itself can still be walked: its segments do not depend on the data.
            reading.report(str(wrong))
    return end


def _scan_header(
    body: bytes, picture: Picture, reading: Reading
) -> tuple[list[Component], list[tuple[HuffmanTable, HuffmanTable]]]:
    """The scan's components and, in a baseline picture, the tables of each block of a unit."""
    count = body[0] if body else 0
    end = 4 + 2 * count
    if not 1 <= count <= len(picture.components) or len(body) < end:
        raise Broken(_DAMAGED)
    if len(body) > end:
        reading.report("surplus bytes in a scan header (SOS)")
    first, last, bits = body[end - 3 : end]
    parts: list[Component] = []
    blocks: list[tuple[HuffmanTable, HuffmanTable]] = []
    samples = 0
    for identifier, selectors in zip(body[1 : end - 3 : 2], body[2 : end - 3 : 2], strict=True):
        component = picture.components.get(identifier)
        if component is None or component in parts:
            raise Broken(_DAMAGED)
        parts.append(component)
        picture.use(QUANTISATION, component.table)
        _advance(component, first, last, bits, progressive=picture.progressive)
        tables = _select(selectors, first, bits >> 4, picture)
        area = component.h * component.v if count > 1 else 1
        samples += area
        if not picture.progressive:
            blocks += [(tables[0], tables[1])] * area
    if (count > 1 and samples > _MOST_BLOCKS) or (count > 1 and first > 0):
        raise Broken(_DAMAGED)
    return parts, blocks


def _advance(component: Component, first: int, last: int, bits: int, *, progressive: bool) -> None:
    """Note what a scan codes; nothing may be coded twice (G.1.1.1)."""
    high, low = bits >> 4, bits & 15
    if progressive:
        sound = last == 0 if first == 0 else first <= last <= _LAST_COEFFICIENT
    else:
        sound = (first, last, bits) == (0, _LAST_COEFFICIENT, 0)
    before = -1 if high == 0 else high
    if not sound or (high and low != high - 1):
        raise Broken(_DAMAGED)
    for k in range(first, last + 1):
        if component.coded[k] != before:
            raise Broken("picture data that comes twice")
        component.coded[k] = low


def _select(selectors: int, first: int, high: int, picture: Picture) -> list[HuffmanTable]:
    """The Huffman tables (DC, AC) that a scan needs of a component."""
    needed = []
    for table_class, number in enumerate((selectors >> 4, selectors & 15)):
        if picture.progressive:
            # DC and AC have scans of their own; refining a DC coefficient takes no code (G.1.2).
            needs = first > 0 if table_class else (first == 0 and high == 0)
        else:
            needs = True
        if not needs:
            if number:
                raise Broken(_DAMAGED)
            continue
        if (table := picture.tables.get((table_class, number))) is None:
            raise Broken(_DAMAGED)
        picture.use(HUFFMAN, number, table_class)
        needed.append(table)
    return needed


def _units(parts: list[Component], picture: Picture) -> list[int]:
    """The number of units in each restart interval (A.2)."""
    assert picture.size is not None
    width, height = picture.size
    widest = max(c.h for c in picture.components.values())
    highest = max(c.v for c in picture.components.values())
    if len(parts) > 1:
        across, down = ceil(width / (_BLOCK * widest)), ceil(height / (_BLOCK * highest))
    else:
        across = ceil(ceil(width * parts[0].h / widest) / _BLOCK)
        down = ceil(ceil(height * parts[0].v / highest) / _BLOCK)
    total = across * down
    interval = picture.restart or total
    if interval < total:
        picture.use(RESTART)
    if total > interval * _MOST_RESTARTS:
        raise Broken("more restart markers than can be checked")
    full, rest = divmod(total, interval)
    return [interval] * full + ([rest] if rest else [])


def _pieces(data: bytes, start: int, end: int, count: int) -> list[bytes] | None:
    """The data between restart markers; None where they do not count up as B.2.1 asks."""
    pieces, at = [], start
    for number, mark in enumerate(_RESTART.finditer(data, start, end)):
        if number + 1 >= count or mark[1][0] & 7 != number & 7:
            return None
        pieces.append(data[at : mark.start()])
        at = mark.end()
    pieces.append(data[at:end])
    return pieces if len(pieces) == count else None
