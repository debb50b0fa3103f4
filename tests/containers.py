"""Small files with planted metadata, built byte by byte."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.domain.photo import Format, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"

Value = str | bytes | int | list[tuple[int, int]]


def source(data: bytes, kind: Format) -> Source:
    """The bytes as an input."""
    return Source(None, data, "0" * 64, kind)


def tiff(
    ifd0: Mapping[int, Value],
    *,
    exif: Mapping[int, Value] | None = None,
    gps: Mapping[int, Value] | None = None,
    ifd1: Mapping[int, Value] | None = None,
) -> bytes:
    """A little-endian TIFF block with up to four directories."""
    pointed = [(0x8769, exif), (0x8825, gps)]
    first = dict(ifd0) | {number: 0 for number, inner in pointed if inner is not None}
    at = 8 + _size(first)
    places = {}
    for number, inner in pointed:
        if inner is not None:
            places[number] = at
            at += _size(inner)
    body = _directory(first | places, 8, at if ifd1 is not None else 0)
    for number, inner in pointed:
        if inner is not None:
            body += _directory(inner, places[number], 0)
    if ifd1 is not None:
        body += _directory(ifd1, at, 0)
    return b"II*\0\x08\0\0\0" + body


def _entry(value: Value) -> tuple[int, int, bytes]:
    """Type, count and bytes: text is ASCII, a number LONG, bytes UNDEFINED, pairs RATIONAL."""
    if isinstance(value, str):
        raw = value.encode("utf-8") + b"\0"
        return 2, len(raw), raw
    if isinstance(value, bytes):
        return 7, len(value), value
    if isinstance(value, int):
        return 4, 1, struct.pack("<I", value)
    return 5, len(value), b"".join(struct.pack("<II", *pair) for pair in value)


def _size(tags: Mapping[int, Value]) -> int:
    long_values = sum(
        len(raw) + len(raw) % 2 for _, _, raw in map(_entry, tags.values()) if len(raw) > 4
    )
    return 2 + 12 * len(tags) + 4 + long_values


def _directory(tags: Mapping[int, Value], at: int, following: int) -> bytes:
    head = struct.pack("<H", len(tags))
    tail = b""
    start = at + 2 + 12 * len(tags) + 4
    for number, value in sorted(tags.items()):
        kind, count, raw = _entry(value)
        if len(raw) <= 4:
            head += struct.pack("<HHI", number, kind, count) + raw.ljust(4, b"\0")
        else:
            head += struct.pack("<HHII", number, kind, count, start + len(tail))
            tail += raw + b"\0" * (len(raw) % 2)
    return head + struct.pack("<I", following) + tail


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes, after: bytes = b"") -> bytes:
    """A JPEG file without a decodable picture: its segments, a scan, and bytes after its end."""
    scan = segment(0xDA, bytes((1, 1, 0, 0, 63, 0))) + b"\x12\xff\0\x34\xff\xd0\x56"
    return b"\xff\xd8" + b"".join(segments) + scan + b"\xff\xd9" + after


def chunk(name: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum


def png(*chunks: bytes, after: bytes = b"") -> bytes:
    """A PNG file of one grey pixel."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + data + chunk(b"IEND", b"") + after


def riff(name: bytes, body: bytes) -> bytes:
    """A RIFF chunk."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*chunks: bytes, after: bytes = b"") -> bytes:
    """A WebP file without a decodable picture."""
    body = b"WEBP" + riff(b"VP8X", bytes(10)) + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


def gif(*extensions: bytes, after: bytes = b"") -> bytes:
    """A GIF file of one pixel."""
    image = b",\0\0\0\0\1\0\1\0\0\2\2L\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"".join(extensions) + image + b";" + after


def box(name: bytes, body: bytes) -> bytes:
    """An ISO base media box."""
    return struct.pack(">I", len(body) + 8) + name + body


def heif(
    items: Sequence[tuple[bytes, bytes]],
    *,
    brand: bytes = b"heic",
    links: Sequence[tuple[bytes, int, int]] = (),
    properties: Sequence[bytes] = (),
    after: bytes = b"",
) -> bytes:
    """A HEIF file: item 1 is the picture, the others follow; properties belong to item 1."""
    entries = [(b"hvc1", b""), *items]
    infos = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + kind + b"\0")
        for number, (kind, _) in enumerate(entries, 1)
    )
    # Version 1 with construction method 1: offsets count from the start of the idat box.
    places = struct.pack(">BBH", 0x44, 0, len(entries))
    offset = 0
    for number, (_, body) in enumerate(entries, 1):
        places += struct.pack(">HHHHII", number, 1, 0, 1, offset, len(body))
        offset += len(body)
    references = b"".join(
        box(kind, struct.pack(">HHH", source_, 1, target)) for kind, source_, target in links
    )
    indexes = bytes(range(1, len(properties) + 1))
    associations = struct.pack(">IHB", 1, 1, len(indexes)) + indexes
    meta = (
        box(b"pitm", b"\0\0\0\0\0\1")
        + box(b"iinf", b"\0\0\0\0" + struct.pack(">H", len(entries)) + infos)
        + box(b"iloc", b"\1\0\0\0" + places)
        + box(b"iref", b"\0\0\0\0" + references)
        + box(b"iprp", box(b"ipco", b"".join(properties)) + box(b"ipma", bytes(4) + associations))
        + box(b"idat", b"".join(body for _, body in entries))
    )
    return box(b"ftyp", brand + bytes(4) + b"mif1") + box(b"meta", bytes(4) + meta) + after


def jp2(*boxes: bytes, after: bytes = b"") -> bytes:
    """A JPEG 2000 file without a decodable picture."""
    comment = b"\xff\x64" + struct.pack(">HH", 4 + 7, 1) + b"made by"
    stream = b"\xff\x4f" + comment + b"\xff\x90\0\2" + b"\xff\xd9"
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 " + bytes(4))
    return start + b"".join(boxes) + box(b"jp2c", stream + after)


def iptc(records: Sequence[tuple[int, int, bytes]]) -> bytes:
    """IPTC records: (record, data set, value)."""
    return b"".join(
        bytes((0x1C, record, number)) + struct.pack(">H", len(value)) + value
        for record, number, value in records
    )


def photoshop(number: int, body: bytes) -> bytes:
    """A Photoshop image resource."""
    padded = body + b"\0" * (len(body) % 2)
    return b"8BIM" + struct.pack(">HH", number, 0) + struct.pack(">I", len(body)) + padded


def xmp(properties: str, namespaces: str = "") -> bytes:
    """An XMP packet around the given properties."""
    known = {
        "dc": "http://purl.org/dc/elements/1.1/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "tiff": "http://ns.adobe.com/tiff/1.0/",
        "aux": "http://ns.adobe.com/exif/1.0/aux/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
        "GCamera": "http://ns.google.com/photos/1.0/camera/",
        "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    }
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in known.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {declared} {namespaces}>{properties}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


EXIF = tiff(
    {
        0x010F: "Example", 0x0110: "Camera 9", 0x0112: 6, 0x0131: "Firm 1.2",
        0x0132: "2024:05:06 07:08:09", 0x013B: "Ali Bakar", 0x8298: "(c) 2024 Ali Bakar",
    },
    exif={
        0x9003: "2023:04:05 06:07:08", 0x9286: b"ASCII\0\0\0a needle", 0xA430: "Ali Bakar",
        0xA431: "SN-0042", 0x927C: b"private to the maker",
    },
    gps={
        1: "N", 2: [(3, 1), (8, 1), (2220, 100)], 3: "E", 4: [(101, 1), (42, 1), (0, 1)],
    },
    ifd1={0x0201: 8, 0x0202: 100},
)  # fmt: skip
IN_EXIF = {
    Category.GPS, Category.CAMERA, Category.SERIAL, Category.OWNER, Category.DATE,
    Category.SOFTWARE, Category.THUMBNAIL, Category.COMMENT, Category.CREDIT, Category.PRIVATE,
}  # fmt: skip
XMP = xmp(
    "<dc:creator><rdf:Seq><rdf:li>Agency X</rdf:li></rdf:Seq></dc:creator>"
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A title</rdf:li></rdf:Alt></dc:title>"
    "<exif:GPSLatitude>3,8.37N</exif:GPSLatitude><exif:GPSLongitude>101,42,0E</exif:GPSLongitude>"
    "<tiff:Orientation>3</tiff:Orientation><xmp:CreatorTool>Editor 7</xmp:CreatorTool>"
    "<photoshop:DateCreated>2022-03-04T05:06:07Z</photoshop:DateCreated>"
)
IN_XMP = {
    Category.OWNER, Category.CREDIT, Category.CAPTION, Category.GPS, Category.SOFTWARE,
    Category.DATE,
}  # fmt: skip
BY_LINE = photoshop(0x0404, iptc([(1, 90, b"\x1b%G"), (2, 80, "Zoë".encode())]))

# Every container that holds EXIF, with its builder, and every one that holds XMP.
HOLDERS: dict[str, tuple[Format, Callable[[bytes], bytes]]] = {
    "jpeg": (Format.JPEG, lambda b: jpeg(segment(0xE1, b"Exif\0\0" + b))),
    "png": (Format.PNG, lambda b: png(chunk(b"eXIf", b))),
    "webp": (Format.WEBP, lambda b: webp(riff(b"EXIF", b))),
    "heif": (Format.HEIF, lambda b: heif([(b"Exif", bytes(4) + b)])),
    "avif": (Format.AVIF, lambda b: heif([(b"Exif", bytes(4) + b)], brand=b"avif")),
    "tiff": (Format.TIFF, lambda b: b),
    "jp2": (Format.JPEG2000, lambda b: jp2(box(b"uuid", b"JpgTiffExif->JP2" + b))),
}
XMP_HOLDERS = {
    "jpeg": (Format.JPEG, jpeg(segment(0xE1, XMP_HEADER + XMP))),
    "png": (Format.PNG, png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP))),
    "webp": (Format.WEBP, webp(riff(b"XMP ", XMP))),
    "tiff": (Format.TIFF, tiff({0x02BC: XMP})),
    "gif": (
        Format.GIF,
        gif(b"!\xff\x0bXMP DataXMP" + XMP + b"\1" + bytes(range(255, -1, -1)) + b"\0"),
    ),
    "jp2": (Format.JPEG2000, jp2(box(b"xml ", XMP))),
}
