"""Walk a PNG file by the PNG specification, third edition (W3C, 2025).

Allowed, each once (IDAT in a row) and in the order that the specification asks for: IHDR, PLTE,
tRNS, pHYs, IDAT, IEND; with right checksums, and in IDAT one zlib stream (RFC 1950) that is exactly
the picture. Not seen: palette entries that no pixel uses, bits after the last pixel of a row of
less than 8 bits, and how a deflate stream (RFC 1951) is cut into blocks.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Size
from imu_imageprep.stages.verify.reading import PNG_SIGNATURE, Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.verify.reading import Reading

# Allowed chunks, and those that none of them may follow (5.6, table 7).
_PICTURE = frozenset({b"IDAT", b"IEND"})
_NOT_AFTER = {
    b"IHDR": frozenset({b"pHYs", b"PLTE", b"tRNS"}) | _PICTURE,
    b"pHYs": _PICTURE,
    b"PLTE": frozenset({b"tRNS"}) | _PICTURE,
    b"tRNS": _PICTURE,
    b"IDAT": frozenset({b"IEND"}),
    b"IEND": frozenset(),
}

# What the other chunks hold (11.3).
_KNOWN = {
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"eXIf": "Exif data",
    b"iCCP": "a colour profile",
    b"tIME": "a date",
    b"acTL": "an animation",
    b"fcTL": "an animation",
    b"fdAT": "an animation",
    b"caBX": "provenance data",
}

# Channels and allowed bit depths of each colour type (11.2.1, table 11).
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_GREY, _RGB, _PALETTE = 0, 2, 3

# The seven passes of an interlaced picture: first column and row, and steps (8.1).
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)

_PER_METRE = 2835  # 72 dots per inch of 0.0254 m
_INCH = 0.0254

# Bounds on time and memory for hostile files; a picture of 12000 x 7400 still fits.
_MOST_RAW = 1 << 28
_AT_ONCE = 1 << 20
_MOST_CHUNKS = 1 << 17


@dataclass(frozen=True, slots=True)
class _Header:
    size: Size
    depth: int
    colour: int
    interlaced: bool

    def passes(self) -> list[tuple[int, int]]:
        """Number of rows and bytes in a row, filter byte included, of each pass that has pixels."""
        bits = self.depth * _CHANNELS[self.colour]
        width, height = self.size
        grids = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        out = []
        for x, y, dx, dy in grids:
            columns, rows = -(-(width - x) // dx), -(-(height - y) // dy)
            if columns > 0 and rows > 0:
                out.append((rows, 1 + (columns * bits + 7) // 8))
        return out


@dataclass(slots=True)
class _Picture:
    """What the chunks read so far have stated: entries of the palette, contents of IDAT."""

    header: _Header | None = None
    palette: int = 0
    streams: list[bytes] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)


def walk(data: bytes, reading: Reading) -> None:
    """Note size, density and leftovers of a PNG file in ``reading``.

    Raises:
        Broken: it cannot be walked to its end.
    """
    picture = _Picture()
    for kind, body in _chunks(data, reading):
        if kind not in _NOT_AFTER:
            reading.report(_name(kind))
            continue
        if kind in picture.seen and kind != b"IDAT":
            reading.report(f"a second {kind.decode()} chunk")
        if picture.seen & _NOT_AFTER[kind]:
            reading.report(f"a {kind.decode()} chunk where none belongs")
        picture.seen.add(kind)
        if picture.header is not None:
            _take(kind, body, picture, picture.header, reading)
        elif kind == b"IHDR":
            picture.header = _header(body)
            reading.size = picture.header.size
        else:
            raise Broken("a PNG file that does not start with its header")
    if picture.header is None or not picture.streams:
        raise Broken("a picture that is not whole")
    if picture.header.colour == _PALETTE and not picture.palette:
        reading.report("a picture without its palette")
    _pixels(picture.streams, picture.header, reading)


def _take(kind: bytes, body: bytes, picture: _Picture, header: _Header, reading: Reading) -> None:
    if kind == b"PLTE":
        picture.palette = _palette(body, header, reading)
    elif kind == b"tRNS":
        _transparency(body, header, picture.palette, reading)
    elif kind == b"pHYs":
        _density(body, reading)
    elif kind == b"IDAT":
        if not body:
            reading.report("an empty chunk (IDAT)")
        picture.streams.append(body)
    elif kind == b"IEND" and body:
        reading.report("bytes in the last chunk (IEND)")


def _chunks(data: bytes, reading: Reading) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk up to IEND as type and content (5.3), its checksum checked."""
    at = len(PNG_SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise Broken("a file that is cut short or damaged")
        body = data[at + 8 : end - 4]
        if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end - 4 : end]):
            reading.report("a chunk with a wrong checksum")
        yield kind, body
        at = end
        if kind == b"IEND":
            break
    else:
        raise Broken("more chunks than a picture needs")
    if at < len(data):
        reading.report(f"{len(data) - at} bytes after the end of the picture")


def _name(kind: bytes) -> str:
    shown = kind.decode() if kind.isalpha() else "no valid name"
    return f"{_KNOWN.get(kind, 'a chunk that a web picture does not need')} ({shown})"


def _header(body: bytes) -> _Header:
    """IHDR (11.2.1): width, height, depth, colour type, compression, filter, interlace."""
    if len(body) != 13:  # noqa: PLR2004
        raise Broken("a damaged header (IHDR)")
    size = Size(int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
    depth, colour, compression, filtering, interlace = body[8:]
    sound = depth in _DEPTHS.get(colour, ()) and not compression and not filtering
    if not sound or interlace > 1 or not 0 < min(size) <= max(size) < 1 << 31:
        raise Broken("a damaged header (IHDR)")
    return _Header(size, depth, colour, bool(interlace))


def _palette(body: bytes, header: _Header, reading: Reading) -> int:
    """PLTE (11.2.2): entries of three bytes; other colour types only carry it as a suggestion."""
    if header.colour != _PALETTE:
        reading.report("a palette that the picture does not use (PLTE)")
    elif len(body) % 3 or not 0 < len(body) // 3 <= 1 << header.depth:
        reading.report("surplus bytes in the palette (PLTE)")
    return len(body) // 3


def _transparency(body: bytes, header: _Header, palette: int, reading: Reading) -> None:
    """TRNS (11.3.1.1): one value per channel, or one per palette entry."""
    if header.colour == _PALETTE:
        sound = 0 < len(body) <= palette
    else:
        sound = len(body) == {_GREY: 2, _RGB: 6}.get(header.colour)
    if not sound:
        reading.report("surplus bytes in the transparency chunk (tRNS)")


def _density(body: bytes, reading: Reading) -> None:
    """PHYs (11.3.4.3): dots per unit across and down, and the unit, 1 for the metre."""
    across, down, unit = int.from_bytes(body[:4]), int.from_bytes(body[4:8]), body[8:]
    if unit == b"\x01" and across == down:
        reading.dpi = round(across * _INCH)
    if (across, down, unit) != (_PER_METRE, _PER_METRE, b"\x01"):
        reading.report("a density other than 72 dpi (pHYs)")


def _pixels(streams: list[bytes], header: _Header, reading: Reading) -> None:
    """Unpack the zlib stream piece by piece and compare it with the picture it should be."""
    passes = header.passes()
    if sum(count * length for count, length in passes) > _MOST_RAW:
        reading.report("a picture too large to check")
        return
    unpack = zlib.decompressobj()
    rows = _Rows(passes)
    try:
        for number, packed in enumerate(streams):
            rest = packed
            while rest and not unpack.eof:
                rows.take(unpack.decompress(rest, _AT_ONCE), reading)
                rest = unpack.unconsumed_tail
            if unpack.eof and (unpack.unused_data or any(streams[number + 1 :])):
                reading.report("bytes after the packed picture (IDAT)")
                break
        while not unpack.eof and (more := unpack.decompress(unpack.unconsumed_tail, _AT_ONCE)):
            rows.take(more, reading)
    except zlib.error:
        raise Broken("picture data that is damaged (IDAT)") from None
    if rows.passes or not unpack.eof:
        reading.report("a picture that is not whole")


@dataclass(slots=True)
class _Rows:
    """Where unpacking stands: passes still to come as (rows, bytes in a row), and bytes taken."""

    passes: list[tuple[int, int]]
    taken: int = 0

    def take(self, raw: bytes, reading: Reading) -> None:
        """Pass over unpacked bytes; each row starts with its filter type, 0 to 4 (9.2)."""
        at = 0
        while at < len(raw):
            if not self.passes:
                raise Broken("picture data after the last row (IDAT)")
            count, length = self.passes[0]
            end = min(len(raw), at + count * length - self.taken)
            if raw[at + -self.taken % length : end : length].translate(None, bytes(range(5))):
                reading.report("filter types that do not exist (IDAT)")
            self.taken += end - at
            at = end
            if self.taken == count * length:
                del self.passes[0]
                self.taken = 0
