"""A JPEG scan: its header and the data behind it (ITU-T T.81, B.2.3 and annexes F and G)."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from imu_imageprep.stages.verify.jpeg_entropy import HuffmanTable, follow
from imu_imageprep.stages.verify.jpeg_tables import HUFFMAN, QUANTISATION, RESTART
from imu_imageprep.stages.verify.reading import Broken

if TYPE_CHECKING:
    from imu_imageprep.stages.verify.jpeg_tables import Component, Picture
    from imu_imageprep.stages.verify.reading import Reading

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


def read(data: bytes, start: int, body: bytes, picture: Picture, reading: Reading) -> int:
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
    parts, blocks = _header(body, picture, reading)
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


def _header(
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
