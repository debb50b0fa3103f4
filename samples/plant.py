"""Write metadata into pictures byte by byte: EXIF, XMP, IPTC, PNG chunks and a colour profile.

Only `make_samples.py` uses this. The blocks are written by hand, and not by a library that is later
asked to find or drop them, so that the samples hold exactly what their table promises. Layouts:
TIFF 6.0 and Exif 2.32 (EXIF), XMP part 3 (JPEG packets), IPTC-IIM 4.2 in a Photoshop 8BIM resource,
PNG third edition, ICC.1:2010.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_TYPE_SIZE: Final = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}
_EXIF_POINTER, _GPS_POINTER, _THUMB_OFFSET, _THUMB_LENGTH = 0x8769, 0x8825, 0x0201, 0x0202

_NAMESPACES: Final = {
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One TIFF field: a tag, its type, and its value in little-endian bytes."""

    tag: int
    type: int
    data: bytes


def text(tag: int, value: str) -> Field:
    """Make an ASCII field, closed by a zero byte."""
    return Field(tag, ASCII, value.encode("ascii") + b"\0")


def short(tag: int, value: int) -> Field:
    """Make a 16-bit field."""
    return Field(tag, SHORT, struct.pack("<H", value))


def long(tag: int, value: int) -> Field:
    """Make a 32-bit field."""
    return Field(tag, LONG, struct.pack("<I", value))


def rational(tag: int, *values: tuple[int, int]) -> Field:
    """Make a field of fractions, each a numerator and a denominator."""
    return Field(tag, RATIONAL, b"".join(struct.pack("<II", *pair) for pair in values))


def gps(latitude: float, longitude: float, metres: int, time: tuple[int, int, int]) -> list[Field]:
    """Make a GPS directory: degrees north and east, metres above the sea, time in UTC."""

    def sexagesimal(tag: int, degrees: float) -> Field:
        seconds = round(abs(degrees) * 3600 * 100)
        return rational(
            tag, (seconds // 360_000, 1), (seconds // 6000 % 60, 1), (seconds % 6000, 100)
        )

    return [
        Field(0x00, BYTE, b"\2\3\0\0"),
        text(0x01, "N" if latitude >= 0 else "S"),
        sexagesimal(0x02, latitude),
        text(0x03, "E" if longitude >= 0 else "W"),
        sexagesimal(0x04, longitude),
        Field(0x05, BYTE, b"\0"),
        rational(0x06, (metres, 1)),
        rational(0x07, *((part, 1) for part in time)),
    ]


def _directory(fields: list[Field], at: int, following: int) -> bytes:
    """Lay out the directory at offset `at`; `following` is the next one's offset, or 0."""
    values_at = at + 2 + 12 * len(fields) + 4
    entries, values = b"", b""
    for field in sorted(fields, key=lambda field: field.tag):
        value = field.data.ljust(4, b"\0")
        if len(value) > 4:
            offset = struct.pack("<I", values_at + len(values))
            values += value + b"\0" * (len(value) % 2)  # values start at even offsets
            value = offset
        entries += struct.pack(
            "<HHI", field.tag, field.type, len(field.data) // _TYPE_SIZE[field.type]
        )
        entries += value
    return struct.pack("<H", len(fields)) + entries + struct.pack("<I", following) + values


def tiff(
    image: list[Field],
    camera: list[Field],
    place: list[Field] | None = None,
    thumbnail: bytes | None = None,
) -> bytes:
    """Lay out a little-endian EXIF block.

    Args:
        image: fields of the first directory (IFD0).
        camera: fields of the Exif directory.
        place: fields of the GPS directory, or none.
        thumbnail: a whole JPEG for the thumbnail directory (IFD1), or none.
    """

    def first(exif_at: int, gps_at: int) -> list[Field]:
        pointers = [long(_EXIF_POINTER, exif_at)]
        return [*image, *pointers, *([long(_GPS_POINTER, gps_at)] if place else [])]

    def second(jpeg_at: int) -> list[Field]:
        length = len(thumbnail or b"")
        return [
            short(0x0103, 6),
            rational(0x011A, (72, 1)),
            rational(0x011B, (72, 1)),
            short(0x0128, 2),
            long(_THUMB_OFFSET, jpeg_at),
            long(_THUMB_LENGTH, length),
        ]

    exif_at = 8 + len(_directory(first(0, 0), 8, 0))
    gps_at = exif_at + len(_directory(camera, exif_at, 0))
    thumb_at = gps_at + (len(_directory(place, gps_at, 0)) if place else 0)
    jpeg_at = thumb_at + len(_directory(second(0), thumb_at, 0))
    block = b"II*\0" + struct.pack("<I", 8)
    block += _directory(first(exif_at, gps_at), 8, thumb_at if thumbnail else 0)
    block += _directory(camera, exif_at, 0)
    block += _directory(place, gps_at, 0) if place else b""
    if thumbnail:
        block += _directory(second(jpeg_at), thumb_at, 0) + thumbnail
    return block


def xmp(
    properties: dict[str, str], creators: tuple[str, ...] = (), rights: str | None = None
) -> bytes:
    """Write an XMP packet from simple properties ("prefix:Name"), creators and rights."""
    names = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _NAMESPACES.items())
    simple = "".join(f" {name}={quoteattr(value)}" for name, value in properties.items())
    body = ""
    if creators:
        people = "".join(f"<rdf:li>{escape(name)}</rdf:li>" for name in creators)
        body += f"<dc:creator><rdf:Seq>{people}</rdf:Seq></dc:creator>"
    if rights:
        item = f'<rdf:li xml:lang="x-default">{escape(rights)}</rdf:li>'
        body += f"<dc:rights><rdf:Alt>{item}</rdf:Alt></dc:rights>"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about=""{names}{simple}>{body}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def iptc(datasets: list[tuple[int, str]]) -> bytes:
    """Write IPTC records (dataset number of record 2, text) as the content of APP13."""
    records = b"\x1c\x01\x5a" + struct.pack(">H", 3) + b"\x1b%G"  # 1:90, the text is UTF-8
    for number, value in datasets:
        data = value.encode()
        records += struct.pack(">BBBH", 0x1C, 2, number, len(data)) + data
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(records)) + records
    return b"Photoshop 3.0\0" + resource + b"\0" * (len(records) % 2)


def jpeg(
    picture: bytes,
    *,
    exif: bytes | None = None,
    packet: bytes | None = None,
    photoshop: bytes | None = None,
    comment: str | None = None,
    trailer: bytes = b"",
) -> bytes:
    """Put metadata segments behind the JFIF segment of a JPEG, and a trailer behind its end."""
    added = [
        (0xE1, b"Exif\0\0" + exif if exif else None),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet if packet else None),
        (0xED, photoshop),
        (0xFE, comment.encode() if comment else None),
    ]
    segments = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in added if data
    )
    cut = 2
    if picture[2:4] == b"\xff\xe0":
        cut = 4 + int.from_bytes(picture[4:6], "big")
    return picture[:cut] + segments + picture[cut:] + trailer


def png_text(keyword: str, value: str) -> tuple[bytes, bytes]:
    """Make a tEXt chunk."""
    return b"tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1")


def png_packed_text(keyword: str, value: str) -> tuple[bytes, bytes]:
    """Make a zTXt chunk: Latin-1 text, deflated."""
    return b"zTXt", keyword.encode("latin-1") + b"\0\0" + zlib.compress(value.encode("latin-1"), 9)


def png_utf8_text(keyword: str, value: str, language: str = "") -> tuple[bytes, bytes]:
    """Make an iTXt chunk: UTF-8 text, not compressed."""
    head = keyword.encode("latin-1") + b"\0\0\0" + language.encode("ascii") + b"\0\0"
    return b"iTXt", head + value.encode()


def png(picture: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Put chunks (type, data) behind the header chunk of a PNG."""
    added = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    cut = 8 + 12 + 13  # signature, then IHDR with its length, type and checksum
    return picture[:cut] + added + picture[cut:]


def display_p3() -> bytes:
    """Write a Display P3 colour profile (ICC v4: P3 primaries, D65 adapted to D50, the sRGB curve).

    The primaries come from SMPTE EG 432-1, adapted with the Bradford matrix of ICC.1:2010 annex E.
    """

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def label(value: str) -> bytes:
        data = value.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    curve = fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para\0\0\0\0\0\3\0\0" + curve
    adaptation = fixed(1.047882, 0.022919, -0.050201, 0.029587, 0.990479, -0.017059)
    adaptation += fixed(-0.009232, 0.015076, 0.751678)
    tags = {
        b"desc": label("Display P3"),
        b"cprt": label("Public domain"),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
        b"chad": b"sf32\0\0\0\0" + adaptation,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, values = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(values), len(data))
        values += data + b"\0" * (-len(data) % 4)
    size = 128 + len(table) + len(values)
    head = struct.pack(">I4sI12s", size, b"\0" * 4, 0x04000000, b"mntrRGB XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + values
