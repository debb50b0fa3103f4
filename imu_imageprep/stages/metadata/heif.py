"""HEIF and AVIF: items beside the picture, and boxes beside its items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.boxes import Box, boxes, number
from imu_imageprep.stages.metadata.items import meta
from imu_imageprep.stages.metadata.statement import Entry, Kind, Orientation, Part, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.items import Meta
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
            case b"moov" | b"mpvd":
                yield Entry(Category.MOTION, "video beside the picture")
            case b"uuid":
                yield from _uuid(data, box)
            case b"jumb":
                yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
            case b"free" | b"skip" | b"wide" if not data[box.start : box.stop].strip(b"\0"):
                continue
            case _:
                yield Entry(Category.PRIVATE, "box")


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


def _meta(found: Meta, *, turned: bool) -> Iterator[Part | Statement]:
    if b"iprp" in found.inner and not turned:
        yield Orientation(found.orientation(), _FIRST)
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
            yield Entry(Category.CAPTION, "description of an item")
