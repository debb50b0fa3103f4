"""WebP, GIF and BMP: chunks and blocks beside the picture, and what follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category, CreditField
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    Entry,
    Kind,
    Part,
    Unreadable,
    decoded,
    trailer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_STRUCTURE = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM")
_CHUNKS = 100_000
_FRAME_HEADER = 16
_TEXTS = 100


def parts_webp(data: bytes) -> Iterator[Part | Statement]:
    """Walk a WebP file.

    Source: RFC 9649, section 2.
    """
    end = 8 + int.from_bytes(data[4:8], "little")
    yield from _chunks(data, 12, min(end, len(data)))
    end += end % 2
    if end < len(data):
        yield trailer(len(data) - end)


def _chunks(data: bytes, pos: int, end: int) -> Iterator[Part | Statement]:
    for _ in range(_CHUNKS):
        if pos + 8 > end:
            return
        name = data[pos : pos + 4]
        length = int.from_bytes(data[pos + 4 : pos + 8], "little")
        start, stop = pos + 8, min(pos + 8 + length, end)
        pos = pos + 8 + length + length % 2
        match name:
            case b"EXIF" | b"Exif":
                yield Part(Kind.EXIF, data[start:stop])
            case b"XMP " | b"XMP\0":
                yield Part(Kind.XMP, data[start:stop])
            case b"ICCP":
                yield Entry(Category.PROFILE, "ICC profile")
            case b"C2PA":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case b"LIST" if data[start : start + 4] == b"INFO":
                yield from _info(data[start + 4 : stop])
            case b"ANMF":
                yield from _chunks(data, start + _FRAME_HEADER, stop)
            case _ if name not in _STRUCTURE:
                yield Entry(Category.PRIVATE, f"chunk {decoded(name)}")
    yield Unreadable("the list of chunks")


# Texts of RIFF files (Microsoft's Multimedia Programming Interface 1.0), which WebP files may hold.
_INFO: dict[bytes, tuple[Category, CreditField | None]] = {
    b"IART": (Category.OWNER, CreditField.CREATOR), b"ICMT": (Category.COMMENT, None),
    b"ICOP": (Category.CREDIT, CreditField.COPYRIGHT), b"INAM": (Category.CAPTION, None),
    b"ISBJ": (Category.CAPTION, None), b"ISRC": (Category.CREDIT, CreditField.SOURCE),
    b"IKEY": (Category.CAPTION, None), b"ISFT": (Category.SOFTWARE, None),
}  # fmt: skip


def _info(body: bytes) -> Iterator[Statement]:
    pos = 0
    for _ in range(_TEXTS):
        if pos + 8 > len(body):
            return
        name, length = body[pos : pos + 4], int.from_bytes(body[pos + 4 : pos + 8], "little")
        text = decoded(body[pos + 8 : pos + 8 + min(length, FREE_TEXT)]).strip("\0 ")
        category, credit = _INFO.get(name, (Category.PRIVATE, None))
        if text:
            yield Entry(category, f"RIFF {decoded(name)}", text, credit)
        pos += 8 + length + length % 2


_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_XMP_TRAILER = 258
_BLOCKS = 200_000
_SUB_BLOCKS = 2_000_000
_BLOCK_LIMIT = 16 << 20


def parts_gif(data: bytes) -> Iterator[Part | Statement]:
    """Walk a GIF file.

    Sources: GIF89a specification; XMP specification part 3, section 1.1.2.
    """
    flags = data[10]
    pos = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    for _ in range(_BLOCKS):
        if pos >= len(data):
            return
        kind = data[pos]
        if kind == _TRAILER:
            if pos + 1 < len(data):
                yield trailer(len(data) - pos - 1)
            return
        if kind == _IMAGE and pos + 10 < len(data):
            flags = data[pos + 9]
            pos = _skip(data, pos + 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))
        elif kind == _EXTENSION and pos + 2 < len(data):
            start = pos + 2
            pos = _skip(data, start)
            yield from _extension(data[start - 1], data[start:pos])
        else:
            yield Unreadable("the list of blocks")
            return
    yield Unreadable("the list of blocks")


def _skip(data: bytes, pos: int) -> int:
    """The place after a chain of sub-blocks; the end of the data where it breaks off.

    Raises:
        ValueError: they go on and on.
    """
    for _ in range(_SUB_BLOCKS):
        if pos >= len(data) or not data[pos]:
            return min(pos + 1, len(data))
        pos += 1 + data[pos]
    raise ValueError("too many sub-blocks")


def _extension(label: int, body: bytes) -> Iterator[Part | Statement]:
    """An extension; ``body`` is its chain of sub-blocks, length bytes included."""
    if label in (_COMMENT, _PLAIN_TEXT):
        text = decoded(_joined(body, FREE_TEXT))
        if text.strip("\0 \r\n\t"):
            yield Entry(Category.COMMENT, "GIF comment", text)
    elif label == _APPLICATION:
        yield from _application(body[1:12], body[12:])
    elif label != _CONTROL:
        yield Entry(Category.PRIVATE, f"extension 0x{label:02x}")


def _application(name: bytes, body: bytes) -> Iterator[Part | Statement]:
    """An application's own extension, by the name in its first sub-block."""
    match name:
        case b"NETSCAPE2.0" | b"ANIMEXTS1.0":
            return  # how often the animation runs
        case b"XMP DataXMP":
            # The packet is not cut into sub-blocks; a trailer leads readers of those to its end.
            yield Part(Kind.XMP, body[:-_XMP_TRAILER])
        case b"ICCRGBG1012":
            yield Entry(Category.PROFILE, "ICC profile")
        case b"MGK8BIM0000":
            yield Part(Kind.PHOTOSHOP, _joined(body, _BLOCK_LIMIT))
        case b"MGKIPTC0000":
            yield Part(Kind.IPTC, _joined(body, _BLOCK_LIMIT))
        case _ if name.startswith(b"C2PA"):
            yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
        case _:
            yield Entry(Category.PRIVATE, "application extension")


def _joined(body: bytes, limit: int) -> bytes:
    """The bytes of a chain of sub-blocks without their lengths."""
    out = bytearray()
    pos = 0
    while pos < len(body) and body[pos] and len(out) < limit:
        out += body[pos + 1 : pos + 1 + body[pos]]
        pos += 1 + body[pos]
    return bytes(out)


_V4_SIZE, _V5_SIZE = 108, 124
_COLOUR_SPACE = 14 + 56


def parts_bmp(data: bytes) -> Iterator[Statement]:
    """Walk a BMP file.

    Source: Microsoft's BITMAPFILEHEADER and BITMAPV5HEADER.
    """
    size = int.from_bytes(data[2:6], "little")
    header = int.from_bytes(data[14:18], "little")
    if header >= _V4_SIZE:
        from imu_imageprep.stages.metadata.colour import of_bmp  # noqa: PLC0415  (for BMP alone)

        yield from of_bmp(data[14 : 14 + _V4_SIZE])
    if header >= _V5_SIZE:
        colour_space = data[_COLOUR_SPACE : _COLOUR_SPACE + 4]
        if colour_space == b"DEBM":
            yield Entry(Category.PROFILE, "ICC profile")
        elif colour_space == b"KNIL":
            # The profile is named by its path on the disk where the picture was made.
            yield Entry(Category.PRIVATE, "path of an ICC profile")
    if 54 <= size < len(data):  # noqa: PLR2004 - writers that leave it 0 say nothing
        yield trailer(len(data) - size)
