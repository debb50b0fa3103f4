"""JPEG 2000: boxes around the codestream, and comments inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.boxes import Box, boxes, number
from imu_imageprep.stages.metadata.statement import Entry, Kind, Part, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_CODESTREAM = b"\xff\x4f"
_SOT, _EOC, _COM = 0xFF90, 0xFFD9, 0xFF64
_MARKERS = 1000
_STRUCTURE = (b"jP  ", b"ftyp", b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef", b"res ", b"rreq")
_UUIDS = {
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): Kind.XMP,
    b"JpgTiffExif->JP2": Kind.EXIF,
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): Kind.IPTC,
    bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb"): Kind.PHOTOSHOP,
}
_GEO = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")


def parts(data: bytes) -> Iterator[Part | Statement]:
    """Walk a JPEG 2000 file or a bare codestream.

    Sources: ITU-T T.800 annexes A and I; XMP specification part 3.
    """
    if data.startswith(_CODESTREAM):
        yield from _codestream(data, 0, len(data))
    else:
        yield from _boxes(data, 0, len(data))


def _boxes(data: bytes, start: int, stop: int) -> Iterator[Part | Statement]:
    for box in boxes(data, start, stop):
        match box.type:
            case b"jp2h":
                yield from _boxes(data, box.start, box.stop)
            case b"jp2c":
                yield from _codestream(data, box.start, box.stop)
            case b"colr":
                if data[box.start] in (2, 3):
                    yield Entry(Category.PROFILE, "ICC profile")
            case b"xml ":
                yield _xml(data[box.start : box.stop])
            case b"uuid":
                yield from _uuid(data, box)
            case b"jumb":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case _ if box.type not in _STRUCTURE:
                yield Entry(Category.PRIVATE, "box")


def _xml(body: bytes) -> Part | Statement:
    is_xmp = b"x:xmpmeta" in body or b"rdf:RDF" in body
    return Part(Kind.XMP, body) if is_xmp else Entry(Category.PRIVATE, "xml box")


def _uuid(data: bytes, box: Box) -> Iterator[Part | Statement]:
    uuid, body = data[box.start : box.start + 16], data[box.start + 16 : box.stop]
    if uuid in _UUIDS:
        yield Part(_UUIDS[uuid], body)
    elif uuid == _GEO:
        yield Entry(Category.GPS, "GeoJP2")
        yield Part(Kind.EXIF, body)
    else:
        yield Entry(Category.PRIVATE, "uuid box")


def _codestream(data: bytes, start: int, stop: int) -> Iterator[Statement]:
    """Comments of the main header, and bytes after the end of a codestream that ends the file."""
    pos = start + 2
    for _ in range(_MARKERS):
        marker = number(data, pos, 2)
        length = number(data, pos + 2, 2)
        if pos >= stop or marker in (_SOT, _EOC) or length < 2:  # noqa: PLR2004
            break
        if marker == _COM:
            text = decoded(data[pos + 6 : pos + 2 + length])
            yield Entry(Category.COMMENT, "codestream comment", text)
        pos += 2 + length
    end = data.rfind(_EOC.to_bytes(2, "big"), start, stop)
    if stop == len(data) and 0 <= end < stop - 2:
        yield Entry(Category.TRAILER, "bytes after the picture", f"{stop - end - 2} bytes")
