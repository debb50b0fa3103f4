"""XMP packets: their properties, flattened, and what each of them tells."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.statement import (
    DateRank,
    Entry,
    Orientation,
    Position,
    Unreadable,
    captured,
    clean,
    decoded,
    parse_date,
    parse_position,
)
from imu_imageprep.stages.metadata.xmp_names import CREDITS, NAMES, NAMESPACES, PREFIXES, STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

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
    root = _parsed(packet) if len(data) <= _PACKET_LIMIT else None
    if root is None:
        yield Unreadable("the XMP block")
    properties = _loose(packet) if root is None else _properties(root)
    coordinates: dict[str, float] = {}
    for prefix, local, text in islice(properties, _PROPERTIES):
        if (prefix, local) == ("tiff", "Orientation") and text in tuple("12345678"):
            yield Orientation(int(text), 1)
        if (prefix, local) in _COLOURS:
            from imu_imageprep.stages.metadata.colour import of_xmp  # noqa: PLC0415  (few state one)

            yield from of_xmp(local, clean(text))
        if (prefix, local) in _CAPTURED:
            yield from captured(text, DateRank.XMP)
        if prefix == "exif" and local in ("GPSLatitude", "GPSLongitude"):
            coordinates[local] = _degrees(text)
        yield from classify(prefix, local, text)
    yield from _place(coordinates)


def classify(prefix: str, local: str, text: str) -> Iterator[Entry]:
    """What a property tells; nothing where it only describes the pixels.

    Args:
        prefix: the namespace's usual prefix ("dc").
        local: the property's name ("creator").
        text: its value.
    """
    key = (prefix, local)
    name = f"{prefix}:{local}"
    if key in STRUCTURE or not clean(text):
        return
    if key in CREDITS:
        category, credit = CREDITS[key]
        yield Entry(category, name, text, credit)
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
    if known is None:
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


def _place(coordinates: dict[str, float]) -> Iterator[Position]:
    if len(coordinates) == 2:  # noqa: PLR2004
        place = parse_position(coordinates["GPSLatitude"], coordinates["GPSLongitude"], 1)
        if place:
            yield place


def _degrees(text: str) -> float:
    """A coordinate as XMP writes it: "3,8.345N" or "101,42,10E"; NaN where it is not one."""
    match = re.fullmatch(r"([\d.]{1,20})(?:,([\d.]{1,20}))?(?:,([\d.]{1,20}))?\s?([NSEW])", text)
    if match is None:
        return float("nan")
    try:
        parts = [float(group) for group in match.groups()[:3] if group]
    except ValueError:
        return float("nan")
    degrees = sum(part / 60.0**i for i, part in enumerate(parts))
    return -degrees if match[4] in "SW" else degrees
