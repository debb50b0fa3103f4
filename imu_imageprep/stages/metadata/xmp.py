"""XMP packets: their properties, flattened, and what each of them tells."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Category
from imu_imageprep.stages.metadata.positions import Coordinates
from imu_imageprep.stages.metadata.statement import (
    DateRank,
    Entry,
    Orientation,
    Unreadable,
    captured,
    clean,
    decoded,
    parse_date,
)
from imu_imageprep.stages.metadata.xmp_credits import AGENCY, credit_of, is_agency
from imu_imageprep.stages.metadata.xmp_names import NAMES, NAMESPACES, PREFIXES, STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from imu_imageprep.domain.metadata import Position
    from imu_imageprep.stages.metadata.statement import Statement

    Property = tuple[str, str, str]

_PACKET_LIMIT = 2 << 20
_LOOSE_LIMIT = 256 << 10
_PROPERTIES = 20_000
_CAPTURED = {
    ("exif", "DateTimeOriginal"), ("photoshop", "DateCreated"), ("xmp", "CreateDate"),
}  # fmt: skip
_COLOURS = {
    ("exif", "ColorSpace"), ("exif", "InteroperabilityIndex"),
    ("exifEX", "InteroperabilityIndex"), ("photoshop", "ICCProfile"),
}  # fmt: skip
# Names that tell by themselves, in whatever namespace.
_LOCAL_NAMES = (
    (re.compile("serial.?number", re.IGNORECASE), Category.SERIAL),
    (re.compile("^GPS", re.IGNORECASE), Category.GPS),
)
_DATE_NAME = re.compile(r"Date|^when$|^date[A-Z]?|Timestamp")
# What an item of Google's container is to the picture.
_SEMANTICS = {"Primary": None, "MotionPhoto": Category.MOTION}
# What stands around a packet, also an empty one (XMP part 1, 7.3.2).
_WRAPPER = re.compile(rb"<\?xpacket [^<>]{0,200}\?>|\xef\xbb\xbf")
# For packets that are not well-formed: attributes, and elements with their first text.
_LOOSE_ATTRIBUTE = re.compile(
    r"\b([\w-]{1,40}):([\w-]{1,60})\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,2000})"
)
_LOOSE_ELEMENT = re.compile(
    r"<([\w-]{1,40}):([\w-]{1,60})[^<>]{0,200}>\s{0,99}"
    r"(?:<rdf:(?:Seq|Bag|Alt)[^<>]{0,200}>\s{0,99}<rdf:li[^<>]{0,200}>)?([^<>]{1,2000})"
)


def read(data: bytes) -> Iterator[Statement]:
    """Read an XMP packet.

    Source: ISO 16684-1 (XMP part 1); property names of parts 2 and of IPTC, PLUS and MWG.
    """
    packet = data[:_PACKET_LIMIT]
    if not _WRAPPER.sub(b"", packet).strip(b"\0 \r\n\t"):
        return
    root = _parsed(packet) if len(data) <= _PACKET_LIMIT else None
    if root is None:
        yield Unreadable("the XMP block")
    properties = _loose(packet) if root is None else _properties(root)
    found = list(islice(properties, _PROPERTIES))
    yield from _positions(found, packet_lost=data if root is None else b"")
    for prefix, local, text in found:
        if (prefix, local) == ("tiff", "Orientation") and text in tuple("12345678"):
            yield Orientation(int(text), 1)
        if (prefix, local) in _COLOURS:
            from imu_imageprep.stages.metadata.colour import of_xmp  # noqa: PLC0415  (few state one)

            yield from of_xmp(local, clean(text))
        if (prefix, local) in _CAPTURED:
            yield from captured(text, DateRank.XMP)
        yield from classify(prefix, local, text)


def _positions(properties: list[Property], packet_lost: bytes) -> Iterator[Position]:
    """Where the properties say that the photo was taken; they come before all else is read.

    A packet that is not read whole, and names a latitude that was not found, may say any place.
    """
    coordinates = Coordinates()
    for prefix, local, text in properties:
        coordinates.take(prefix, local, text)
    places = list(coordinates.positions())
    yield from places
    if not places and b"latitude" in packet_lost.replace(b"\0", b"").lower():
        yield NOWHERE


def classify(prefix: str, local: str, text: str) -> Iterator[Entry]:
    """What a property tells; nothing where it only describes the pixels.

    Args:
        prefix: the namespace's usual prefix ("dc").
        local: the property's name ("creator").
        text: its value.
    """
    key = (prefix, local)
    name = f"{prefix}:{local}"
    if not clean(text):
        return
    credit = credit_of(prefix, local, text)
    if credit is not None:
        yield credit
        return
    if key in STRUCTURE:
        return
    category_by_name = _category(prefix, local, text)
    if category_by_name is not None:
        yield Entry(category_by_name, name, text)
    if local == "GPSTimeStamp" and parse_date(text):
        yield Entry(Category.DATE, name, text)


def _category(prefix: str, local: str, text: str) -> Category | None:
    """The category of a property that is no credit; None where its value says "nothing here"."""
    if (prefix, local) in NAMES:
        return NAMES[prefix, local]
    telling = next((category for pattern, category in _LOCAL_NAMES if pattern.search(local)), None)
    if telling:
        return telling
    if prefix == "GCamera" and local in ("MotionPhoto", "MicroVideo"):
        return None if text == "0" else Category.MOTION
    if local == "Semantic":
        return _SEMANTICS.get(text, Category.SECOND_PICTURE)
    if _DATE_NAME.search(local):
        return Category.DATE if re.search(r"[1-9]", text) else None
    return PREFIXES.get(prefix, Category.PRIVATE)


def _parsed(packet: bytes) -> Element | None:
    """The root of a well-formed packet; None where it is broken or tries to define entities."""
    from xml.etree.ElementTree import ParseError  # noqa: PLC0415 - 5 ms, only where there is XMP

    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    start, stop = packet.find(b"<"), packet.rfind(b">")
    # Wide encodings (UTF-16, UTF-32) are told by their NUL bytes and left to the parser whole.
    narrow = start >= 0 and b"\0" not in packet[start : start + 8]
    try:
        root: Element = fromstring(packet[start : stop + 1] if narrow else packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def _properties(root: Element) -> Iterator[Property]:
    """Prefix, name and text of every property, structures and lists flattened."""
    # The name a text belongs to is that of the nearest element that is not RDF's own (Bag, li).
    waiting: list[tuple[Element, tuple[str, str]]] = [(root, ("", ""))]
    for _ in range(_PROPERTIES):
        if not waiting:
            return
        element, owner = waiting.pop()
        name = _name(element.tag)
        if name[0] not in ("rdf", "x", ""):
            owner = name
        if owner[1] and element.text and element.text.strip():
            yield (*owner, element.text.strip())
        for attribute, value in element.attrib.items():
            prefix, local = _name(attribute)
            if prefix == "rdf" and local in ("resource", "value") and owner[1]:
                yield (*owner, value)
            elif prefix not in ("rdf", "xml", ""):
                yield prefix, local, value
        waiting += [(child, owner) for child in reversed(element[:_PROPERTIES])]


def _name(tag: object) -> tuple[str, str]:
    """Usual prefix and local name of "{namespace}local"; an unknown namespace gives its last word.

    An element or attribute outside any namespace has an empty prefix.
    """
    namespace, closed, local = str(tag).rpartition("}")
    if not closed:
        return "", local
    namespace = namespace[1:]
    known = NAMESPACES.get(namespace)
    if known is None and is_agency(namespace):
        known = AGENCY
    elif known is None:
        words = re.findall(r"[\w.-]+", namespace) or ["other"]
        known = next((word for word in reversed(words) if not word[0].isdigit()), "other")
    return known, local


def _loose(packet: bytes) -> Iterator[Property]:
    """Properties of a broken packet, as far as its text still shows them."""
    text = decoded(packet[:_LOOSE_LIMIT].replace(b"\0", b""))
    for pattern in (_LOOSE_ATTRIBUTE, _LOOSE_ELEMENT):
        for match in pattern.finditer(text):
            prefix, local, value = match.groups()
            if prefix not in ("rdf", "x", "xml", "xmlns") and value.strip():
                yield prefix, local, value.strip()
