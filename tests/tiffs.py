"""TIFF files built number by number."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

Order = Literal["<", ">"]
SHORT, LONG, RATIONAL = 3, 4, 5
DEFLATE = 8


@dataclass
class Page:
    """A page: rows of pixels of numbers, and what is said of them.

    Attributes:
        numbers: height, width and, where there are several, numbers for each pixel.
        photometric: 0 white is zero, 1 black is zero, 2 RGB, 5 CMYK.
        kind: 1 unsigned, 2 signed, 3 floating-point.
        planar: 2 for separate planes.
        compression: 1 none, 8 Deflate, others by the name alone.
        rows: in each strip.
        bits: of each number, where it is not the array's own.
        packed: how the numbers of a strip become bytes.
        tags: further tags: type and values.
    """

    numbers: NDArray[Any]
    photometric: int = 2
    kind: int = 1
    planar: int = 1
    compression: int = 1
    rows: int | None = None
    bits: int | None = None
    packed: Callable[[NDArray[Any]], bytes] | None = None
    tags: Mapping[int, tuple[int, Sequence[Any]]] = field(default_factory=dict)


def tiff(*pages: Page, order: Order = "<") -> bytes:
    """The pages as a file."""
    data = (b"II*\0" if order == "<" else b"MM\0*") + bytes(4)
    link = 4
    for page in pages:
        data, tags = _strips(data, page, order)
        at = len(data)
        data = data[:link] + struct.pack(order + "I", at) + data[link + 4 :]
        entries, values = _directory(tags, at, order)
        data += entries
        link = len(data)
        data += bytes(4) + values
    return data


def _strips(data: bytes, page: Page, order: Order) -> tuple[bytes, dict[int, Any]]:
    numbers = page.numbers if page.numbers.ndim == 3 else page.numbers[..., None]
    height, width, samples = numbers.shape
    rows = page.rows or height
    numbers = numbers.astype(numbers.dtype.newbyteorder(order))
    planes = [numbers]
    if page.planar == 2:
        planes = [numbers[..., number : number + 1] for number in range(samples)]
    places, sizes = [], []
    for plane in planes:
        for top in range(0, height, rows):
            part = plane[top : top + rows]
            raw = page.packed(part) if page.packed else part.tobytes()
            raw = zlib.compress(raw) if page.compression == DEFLATE else raw
            places.append(len(data))
            sizes.append(len(raw))
            data += raw + bytes(len(raw) % 2)
    tags: dict[int, Any] = {
        256: (SHORT, [width]),
        257: (SHORT, [height]),
        258: (SHORT, [page.bits or 8 * numbers.dtype.itemsize] * samples),
        259: (SHORT, [page.compression]),
        262: (SHORT, [page.photometric]),
        273: (LONG, places),
        277: (SHORT, [samples]),
        278: (SHORT, [rows]),
        279: (LONG, sizes),
        284: (SHORT, [page.planar]),
        339: (SHORT, [page.kind] * samples),
    }
    return data, tags | dict(page.tags)


def _directory(tags: Mapping[int, Any], at: int, order: Order) -> tuple[bytes, bytes]:
    entries, values = struct.pack(order + "H", len(tags)), b""
    outside = at + 2 + 12 * len(tags) + 4
    for number, (kind, content) in sorted(tags.items()):
        if kind == RATIONAL:
            raw = b"".join(struct.pack(order + "II", *pair) for pair in content)
        else:
            letter = {SHORT: "H", LONG: "I"}[kind]
            raw = struct.pack(f"{order}{len(content)}{letter}", *content)
        place = raw.ljust(4, b"\0")
        if len(raw) > 4:
            place = struct.pack(order + "I", outside + len(values))
            values += raw + bytes(len(raw) % 2)
        entries += struct.pack(order + "HHI", number, kind, len(content)) + place
    return entries, values
