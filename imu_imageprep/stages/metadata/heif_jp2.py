"""HEIF, AVIF and JPEG 2000: what lies in the boxes beside the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.boxes import Box, boxes, meta, number
from imu_imageprep.domain.metadata import NOWHERE, RIGHTS_RESERVED, Category, CreditField
from imu_imageprep.stages.metadata.colour import of_jp2, of_nclx
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    Entry,
    Kind,
    Orientation,
    Part,
    decoded,
    guarded,
    trailer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.boxes import Meta
    from imu_imageprep.stages.metadata.statement import Statement

_C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PICTURES = (b"hvc1", b"av01", b"grid", b"iovl", b"iden", b"jpeg", b"avc1", b"unci", b"j2k1")
_SEQUENCES = (b"avis", b"msf1", b"hevc", b"hevs", b"hevx")
_XMP_TYPE = b"application/rdf+xml"
# Before every EXIF and XMP orientation, which decoders of both formats are told not to follow.
_FIRST = -1


def parts_heif(data: bytes) -> Iterator[Part | Statement]:
    """Walk a HEIF file; its decoder turns the picture upright, so its orientation is 1.

    Sources: ISO 14496-12, ISO 23008-12.
    """
    yield Orientation(1, _FIRST)
    yield from _walk(data, turned=True)


def parts_avif(data: bytes) -> Iterator[Part | Statement]:
    """Walk an AVIF file; its decoder leaves turning (irot, imir) to the caller.

    Sources: ISO 14496-12, ISO 23000-22.
    """
    yield from _walk(data, turned=False)
    yield Orientation(1, _FIRST + 1)


def _walk(data: bytes, *, turned: bool) -> Iterator[Part | Statement]:
    sequence = data[8:12] in _SEQUENCES
    for box in boxes(data, 0, len(data)):
        match box.type:
            case b"ftyp" | b"mdat":
                continue
            case b"meta":
                yield from guarded(_meta(meta(data, box), turned=turned), "the list of items")
            case b"moov" if sequence:
                yield from _movie(data, box)
                yield from _positions(data[box.start : box.stop])
            case b"moov" | b"mpvd":
                yield Entry(Category.MOTION, "video beside the picture")
                yield from _positions(data[box.start : box.stop])
            case b"uuid":
                yield from _uuid(data, box)
            case b"jumb":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case b"free" | b"skip" | b"wide" if not data[box.start : box.stop].strip(b"\0"):
                continue
            case _:
                yield Entry(Category.PRIVATE, "box")


def _positions(movie: bytes) -> Iterator[Part | Statement]:
    from imu_imageprep.stages.metadata import video  # noqa: PLC0415 - seldom

    yield from video.read(movie)


def _uuid(data: bytes, box: Box) -> Iterator[Part | Statement]:
    uuid = data[box.start : box.start + 16]
    if uuid == _C2PA_UUID:
        yield Entry(Category.PROVENANCE, "C2PA")
    elif uuid == _XMP_UUID:
        yield Part(Kind.XMP, data[box.start + 16 : box.stop])
    else:
        yield Entry(Category.PRIVATE, "uuid box")


def _movie(data: bytes, movie: Box) -> Iterator[Statement]:
    """An image sequence's header may say when it was made (seconds since 1904)."""
    for box in boxes(data, movie.start, movie.stop):
        if box.type == b"mvhd" and number(data, box.start + 4, 8 if data[box.start] == 1 else 4):
            yield Entry(Category.DATE, "creation time of the sequence")
        elif box.type in (b"udta", b"meta"):
            yield Entry(Category.PRIVATE, "user data of the sequence")
        elif box.type == b"trak":
            yield from guarded(_track_colour(data, box), "the colour space")


_TO_SAMPLES = (b"mdia", b"minf", b"stbl", b"stsd")
_SAMPLE_HEAD = 78  # bytes of a VisualSampleEntry before its boxes (ISO 14496-12, 12.1.3)


def _track_colour(data: bytes, track: Box) -> Iterator[Statement]:
    for name in _TO_SAMPLES:
        inner = (box for box in boxes(data, track.start, track.stop) if box.type == name)
        track = next(inner, Box(name, track.stop, track.stop))
    for sample in boxes(data, track.start + 8, track.stop):
        for box in boxes(data, sample.start + _SAMPLE_HEAD, sample.stop):
            if box.type == b"colr" and data[box.start : box.start + 4] == b"nclx":
                yield from of_nclx(data[box.start : box.stop])


def _meta(found: Meta, *, turned: bool) -> Iterator[Part | Statement]:
    if b"iprp" in found.inner and not turned:
        yield Orientation(found.orientation(), _FIRST)
    yield from guarded(of_nclx(found.nclx()), "the colour space")
    yield from _properties(found)
    items, links = found.items(), found.links()
    beside = {link.source for link in links if link.type in (b"thmb", b"auxl")}
    beside |= {target for link in links if link.type == b"dimg" for target in link.targets}
    if any(link.type == b"thmb" for link in links):
        yield Entry(Category.THUMBNAIL, "thumbnail item")
    primary = found.primary()
    if any(i.type in _PICTURES and i.number != primary and i.number not in beside for i in items):
        yield Entry(Category.SECOND_PICTURE, "picture item")
    kinds = {item.number: item for item in items if item.type in (b"Exif", b"mime", b"uri ")}
    for number_, content in found.contents(set(kinds)):
        item = kinds[number_]
        if item.type == b"Exif":
            # ISO 23008-12, annex A: four bytes say how far away the TIFF header is.
            yield Part(Kind.EXIF, content[4 + number(content, 0, 4) :])
        elif item.content_type == _XMP_TYPE:
            yield Part(Kind.XMP, content)
        else:
            yield Entry(Category.PRIVATE, "data item")


def _properties(found: Meta) -> Iterator[Statement]:
    for box in found.properties():
        head = found.data[box.start : min(box.stop, box.start + 200)]
        if box.type == b"colr" and head[:4] in (b"prof", b"rICC"):
            yield Entry(Category.PROFILE, "ICC profile")
        elif box.type == b"auxC" and not (
            b"alpha" in head or head[4:].startswith(b"urn:mpeg:hevc:2015:auxid:1")
        ):
            yield Entry(Category.SECOND_PICTURE, "depth or gain map")
        elif box.type in (b"udes", b"altt"):
            # Texts that end with NUL, behind a version and flags: language, name, description.
            body = found.data[box.start + 4 : min(box.stop, box.start + FREE_TEXT)]
            text = decoded(body.replace(b"\0", b"\n")).strip()
            yield Entry(Category.CAPTION, "description of an item", text)


_CODESTREAM = b"\xff\x4f"
_SOT, _EOC, _COM = 0xFF90, 0xFFD9, 0xFF64
_MARKERS = 1000
_STRUCTURE = (b"jP  ", b"ftyp", b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef", b"res ", b"rreq")
# T.800, I.6: the picture's intellectual property rights.
_RIGHTS = Entry(Category.CREDIT, "rights box", RIGHTS_RESERVED, CreditField.RIGHTS)
_UUIDS = {
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): Kind.XMP,
    b"JpgTiffExif->JP2": Kind.EXIF,
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): Kind.IPTC,
    bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb"): Kind.PHOTOSHOP,
}
_GEO = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")


def parts_jp2(data: bytes) -> Iterator[Part | Statement]:
    """Walk a JPEG 2000 file or a bare codestream.

    Sources: ITU-T T.800 annexes A and I; XMP specification part 3.
    """
    if data.startswith(_CODESTREAM):
        yield from _codestream(data, 0, len(data))
    else:
        yield from _jp2_boxes(data, 0, len(data))


def _jp2_boxes(data: bytes, start: int, stop: int) -> Iterator[Part | Statement]:
    for box in boxes(data, start, stop):
        match box.type:
            case b"jp2h" | b"asoc":
                yield from _jp2_boxes(data, box.start, box.stop)
            case b"jp2c":
                yield from _codestream(data, box.start, box.stop)
            case b"colr":
                yield from of_jp2(data[box.start : box.start + 7])
                if data[box.start] in (2, 3):
                    yield Entry(Category.PROFILE, "ICC profile")
            case b"xml ":
                yield from _xml(data[box.start : box.stop])
            case b"uuid":
                yield from _jp2_uuid(data, box)
            case b"jumb":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case _ if box.type not in _STRUCTURE:
                yield _RIGHTS if box.type == b"jp2i" else Entry(Category.PRIVATE, "box")


def _xml(body: bytes) -> Iterator[Part | Statement]:
    if b"x:xmpmeta" in body or b"rdf:RDF" in body:
        yield Part(Kind.XMP, body)
        return
    yield Entry(Category.PRIVATE, "xml box", decoded(body[:FREE_TEXT]))
    if b"opengis.net/gml" in body:
        # Where on a map the pixels lie (OGC 05-047r3), in any of many ways to say it.
        yield Entry(Category.GPS, "GMLJP2")
        yield NOWHERE


def _jp2_uuid(data: bytes, box: Box) -> Iterator[Part | Statement]:
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
        yield trailer(stop - end - 2)
