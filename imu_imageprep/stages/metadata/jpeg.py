"""JPEG: segments, what lies between them, and what follows the picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Category, CreditField
from imu_imageprep.stages.metadata import cameras, tiff
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    GPS,
    Entry,
    Kind,
    Part,
    decoded,
    guarded,
    trailer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

# Markers, ITU-T T.81 table B.1.
_SOI, _EOI, _SOS, _COM, _APP0 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0
_STRUCTURE = frozenset((*range(0xC0, 0xD0), *range(0xDB, 0xE0)))
# A marker inside entropy-coded data: not stuffing, not a restart marker, not a fill byte.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_NO_FILL = re.compile(rb"[^\xff]")
_SEGMENTS = 100_000

_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
# A block of several segments is put together up to this size.
_BLOCK_LIMIT = 16 << 20
_PIECES = _BLOCK_LIMIT >> 16
_PICTURE_START = b"\xff\xd8\xff"
_VIDEO_BRANDS = (b"mp4", b"iso", b"qt ", b"M4V", b"3gp", b"avc", b"MSN")
_MPF_ENTRIES = 0xB001
_FALSE_STARTS = 1000


def parts(data: bytes) -> Iterator[Part | Statement]:
    """Walk a JPEG file.

    Sources: ITU-T T.81 annex B; XMP specification part 3; CIPA DC-007 (MPF); ISO 19566-5 (JUMBF).
    """
    exif: list[bytearray] = []
    photoshop: list[bytes] = []
    flir: list[bytes] = []
    more_xmp: dict[bytes, list[tuple[int, bytes]]] = {}
    end = len(data)
    for marker, body, stop in _segments(data):
        if marker == _EOI:
            end = stop
        elif marker == _APP0 + 1 and body.startswith(_EXIF):
            block = body[6:]
            # A block above 64 KB goes on in the next segment, without a header of its own.
            if exif and block[:2] not in (b"II", b"MM"):
                exif[-1] += block if len(exif[-1]) < _BLOCK_LIMIT else b""
            else:
                exif.append(bytearray(block))
        elif marker == _APP0 + 1 and body.startswith(_XMP_MORE):
            start = len(_XMP_MORE)
            guid, offset = body[start : start + 32], body[start + 36 : start + 40]
            chunk = (int.from_bytes(offset, "big"), body[start + 40 :])
            if sum(map(len, more_xmp.values())) < _PIECES:
                more_xmp.setdefault(guid, []).append(chunk)
        elif marker == _APP0 + 13 and body.startswith(b"Photoshop 3.0\0"):
            photoshop += [body[14:]] if len(photoshop) < _PIECES else []
        else:
            flir += [body[8:]] if body.startswith(b"FLIR\0") and len(flir) < _PIECES else []
            yield from guarded(_segment(marker, body), "a segment")
    yield from (Part(Kind.EXIF, bytes(block)) for block in exif)
    if photoshop:
        yield Part(Kind.PHOTOSHOP, b"".join(photoshop))
    yield from _thermal(flir)
    for chunks in more_xmp.values():
        yield Part(Kind.XMP, b"".join(body for _, body in sorted(chunks)))
    yield from _after_the_end(data, end)


def _thermal(pieces: list[bytes]) -> Iterator[Statement]:
    """The record of a thermal camera, whose pieces came behind their numbers."""
    if pieces:
        from imu_imageprep.stages.metadata import flir  # noqa: PLC0415 - seldom

        yield from guarded(flir.read(b"".join(pieces)), GPS)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, body and end of every segment; stray bytes come as marker 0."""
    pos = 2
    for _ in range(_SEGMENTS):
        if pos >= len(data):
            return
        if data[pos] != 0xFF:  # noqa: PLR2004
            found = _MARKER.search(data, pos)
            stop = found.start() if found else len(data)
            yield 0, data[pos : min(stop, pos + 64)], stop
            pos = stop
            continue
        pos = _after_fill(data, pos)
        marker = data[pos] if pos < len(data) else 0
        pos += 1
        if marker == _EOI:
            yield marker, b"", pos
            return
        if marker <= 1 or 0xD0 <= marker <= _SOI:  # noqa: PLR2004
            continue
        length = int.from_bytes(data[pos : pos + 2], "big")
        stop = pos + max(length, 2)
        yield marker, data[pos + 2 : stop], stop
        pos = stop
        if marker == _SOS:
            found = _MARKER.search(data, pos)
            pos = found.start() if found else len(data)
    yield 0, b"too many segments", len(data)


def _after_fill(data: bytes, pos: int) -> int:
    """The place of the first byte that is not 0xFF."""
    found = _NO_FILL.search(data, pos)
    return found.start() if found else len(data)


def _segment(marker: int, body: bytes) -> Iterator[Part | Statement]:
    """What a single segment says; those of several segments are put together by the caller."""
    if marker in _STRUCTURE or marker == _SOS:
        return
    if marker == _COM:
        if body.strip(b"\0 \r\n\t"):
            yield Entry(Category.COMMENT, "JPEG comment", decoded(body[:FREE_TEXT]))
    elif _APP0 <= marker <= _APP0 + 15:
        yield from _application(marker - _APP0, body)
    else:
        yield Entry(Category.PRIVATE, "bytes between segments" if not marker else "JPEG segment")


def _application(number: int, body: bytes) -> Iterator[Part | Statement]:  # noqa: C901, PLR0912
    """An application segment by its number and signature."""
    match number:
        case 0 if body.startswith(b"JFIF\0"):
            if len(body) > 14 and body[12] and body[13]:  # noqa: PLR2004 - width and height
                yield Entry(Category.THUMBNAIL, "JFIF thumbnail")
        case 0 if body.startswith(b"JFXX\0"):
            yield Entry(Category.THUMBNAIL, "JFXX thumbnail")
        case 0 if body[6:14] == cameras.CIFF:
            yield from cameras.read_ciff(body)
        case 1 if body.startswith(_XMP):
            yield Part(Kind.XMP, body[len(_XMP) :])
        case 1 if body.startswith(b"FLIR\0"):
            # A thermal camera's record; its camera part carries model and serial number.
            yield Entry(Category.CAMERA, "FLIR record")
            yield Entry(Category.SERIAL, "FLIR record")
            yield Entry(Category.PRIVATE, "FLIR record")
        case 1 if b"<x:xmpmeta" in body[:1000] or b"<?xpacket" in body[:1000]:
            yield Part(Kind.XMP, body[body.find(b"<") :])
        case 2 if body.startswith(b"ICC_PROFILE\0"):
            yield Entry(Category.PROFILE, "ICC profile")
        case 2 if body.startswith(b"MPF\0"):
            yield from _multi_picture(body[4:])
        case 3 if body[:4] in (b"Meta", b"META", b"Exif") and body[6:8] in (b"II", b"MM"):
            yield Part(Kind.EXIF, body[6:])
        case 5 if body.startswith(b"ssuniqueid\0"):
            yield Entry(Category.SERIAL, "Samsung unique id")
        case 6 if body.startswith(b"GoPro\0"):
            yield from _gopro(body)
        case 10 if body.startswith(b"UNICODE\0"):
            yield Entry(
                Category.COMMENT,
                "APP10 comment",
                body[8 : 2 * FREE_TEXT].decode("utf-16", "replace"),
            )
        case 11 if body.startswith(b"JP"):
            yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
        case 11 if body.startswith(b"HDR_RI"):
            yield Entry(Category.SECOND_PICTURE, "HDR ratio image")
        case 12 if body.startswith(b"Ducky"):
            yield from _ducky(body)
        case 12:
            yield from _picture_info(body)
        case 14 if body.startswith(b"Adobe") and len(body) == 12:  # noqa: PLR2004
            return  # the colour transform, part of the picture
        case 3 | 4 | 5 if _PICTURE_START in body[:64]:
            yield Entry(Category.THUMBNAIL, f"preview in APP{number}")
        case _:
            yield Entry(Category.PRIVATE, f"APP{number} segment")


def _multi_picture(body: bytes) -> Iterator[Statement]:
    """CIPA DC-007: a TIFF directory with the number of pictures in this file."""
    block = tiff.block(body)
    tags = [t for t in tiff.walk(block) if isinstance(t, tiff.Tag)] if block else []
    count = next((tag.numbers()[0] for tag in tags if tag.number == _MPF_ENTRIES), 2)
    if count > 1:
        yield Entry(Category.SECOND_PICTURE, "MPF", f"{count:.0f} pictures")
    else:
        yield Entry(Category.PRIVATE, "MPF")


def _gopro(body: bytes) -> Iterator[Statement]:
    """GoPro's metadata format: four-letter keys (CASN: serial number, MINF: model, GPS5)."""
    yield Entry(Category.PRIVATE, "GoPro record")
    if b"CASN" in body:
        yield Entry(Category.SERIAL, "GoPro serial number")
    if b"MINF" in body:
        yield Entry(Category.CAMERA, "GoPro model")
    if b"GPS5" in body or b"GPS9" in body:
        yield Entry(Category.GPS, "GoPro track")
        yield NOWHERE


def _ducky(body: bytes) -> Iterator[Statement]:
    """Photoshop's "save for web": (id, length, value) records; 2 is a comment, 3 a copyright."""
    pos = 5
    while pos + 4 <= len(body):
        number = int.from_bytes(body[pos : pos + 2], "big")
        length = int.from_bytes(body[pos + 2 : pos + 4], "big")
        text = body[pos + 8 : pos + 4 + length].decode("utf-16-be", "replace")
        if number == 2 and text.strip():  # noqa: PLR2004
            yield Entry(Category.COMMENT, "Ducky comment", text)
        elif number == 3 and text.strip():  # noqa: PLR2004
            yield Entry(Category.CREDIT, "Ducky copyright", text, CreditField.COPYRIGHT)
        elif number == 0:
            return
        pos += 4 + length


def _picture_info(body: bytes) -> Iterator[Statement]:
    """The text of early digital cameras: "TimeDate=...", "Serial#=...", "Type=..."."""
    yield Entry(Category.PRIVATE, "APP12 picture info", decoded(body[:4096]))
    for category, needle in (
        (Category.SERIAL, rb"serial|\bID=OLYMPUS\b.*#"),
        (Category.DATE, rb"TimeDate|Date="),
        (Category.CAMERA, rb"Type=|Shutter|FNumber|camera"),
    ):
        if re.search(needle, body[:8192], re.IGNORECASE):
            yield Entry(category, "APP12 picture info")


def _after_the_end(data: bytes, end: int) -> Iterator[Part | Statement]:
    """Bytes after the end of the picture, and what they are where that can be told."""
    if end >= len(data):
        return
    yield trailer(len(data) - end)
    movie = _video(data, end)
    if movie >= 0:
        yield Entry(Category.MOTION, "video after the picture")
        from imu_imageprep.stages.metadata import video  # noqa: PLC0415 - seldom

        yield from video.read(data[movie:])
    start = data.find(_PICTURE_START, end, movie if movie >= 0 else len(data))
    if start >= 0:
        yield Entry(Category.SECOND_PICTURE, "picture after the picture")
        yield Part(Kind.PICTURE, data[start:])


def _video(data: bytes, start: int) -> int:
    """Where a video begins after ``start`` (ISO 14496-12, or Samsung's marker); -1 without one."""
    box = data.find(b"ftyp", start)
    for _ in range(_FALSE_STARTS):
        if box < 0 or data.startswith(_VIDEO_BRANDS, box + 4):
            break
        box = data.find(b"ftyp", box + 4)
    return box if box >= 0 else data.find(b"MotionPhoto_Data", start)
