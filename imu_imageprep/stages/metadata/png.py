"""PNG: chunks, texts, and what follows the picture."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category, CreditField
from imu_imageprep.stages.metadata import xmp
from imu_imageprep.stages.metadata.free_text.words import DEVICES, STOCK
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    DateRank,
    Entry,
    Kind,
    Part,
    Unreadable,
    captured,
    decoded,
    guarded,
    trailer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imu_imageprep.stages.metadata.statement import Statement

# What shows the picture and its animation (PNG third edition), and registered raster extensions.
_STRUCTURE = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD",
     b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"cICP", b"mDCV", b"mDCv", b"cLLI",
     b"cLLi", b"oFFs", b"sCAL", b"pCAL", b"sTER", b"gIFg", b"vpAg")
)  # fmt: skip
_COLOURS = frozenset((b"cICP", b"sRGB", b"gAMA", b"cHRM"))
_COLOUR_BYTES = 32
_COMPRESSED = (b"zTXt", b"iTXt")
_CHUNKS = 200_000
_INFLATED = 1 << 20
_INFLATED_TEXTS = 100

_C = Category
# Keywords of PNG 11.3.3.2, in lower case without spaces.
_KEYWORDS: dict[str, tuple[Category, CreditField | None]] = {
    "author": (_C.OWNER, CreditField.CREATOR), "copyright": (_C.CREDIT, CreditField.COPYRIGHT),
    "software": (_C.SOFTWARE, None),
    "title": (_C.CAPTION, None), "description": (_C.CAPTION, None),
    "disclaimer": (_C.CAPTION, None), "warning": (_C.CAPTION, None),
    "comment": (_C.COMMENT, None), "creationtime": (_C.DATE, None),
    # Keywords are free; these are in use.
    "artist": (_C.OWNER, CreditField.CREATOR), "photographer": (_C.OWNER, CreditField.CREATOR),
    "contributor": (_C.OWNER, CreditField.CREATOR), "byline": (_C.OWNER, CreditField.CREATOR),
    "by-line": (_C.OWNER, CreditField.CREATOR), "contact": (_C.OWNER, CreditField.CONTACT),
    "rights": (_C.CREDIT, CreditField.COPYRIGHT),
    "copyrightnotice": (_C.CREDIT, CreditField.COPYRIGHT),
    "copyrightholder": (_C.CREDIT, CreditField.COPYRIGHT),
    "credit": (_C.CREDIT, CreditField.CREDIT), "credits": (_C.CREDIT, CreditField.CREDIT),
    "creditline": (_C.CREDIT, CreditField.CREDIT), "courtesy": (_C.CREDIT, CreditField.CREDIT),
    "attribution": (_C.CREDIT, CreditField.CREDIT), "publisher": (_C.CREDIT, CreditField.SOURCE),
    "license": (_C.CREDIT, CreditField.RIGHTS), "licence": (_C.CREDIT, CreditField.RIGHTS),
    "usageterms": (_C.CREDIT, CreditField.RIGHTS),
}  # fmt: skip
# A camera's model, alone: "C2500L".
_MODEL = re.compile(r"[A-Z]{1,6}[ -]?\d\w{0,9}")
_XMP_KEYWORD = "XML:com.adobe.xmp"
_RAW_PROFILE = re.compile(
    rb"\s{0,9}[a-z][\w ]{0,40}?\s{1,20}\d{1,9}\s(.*)", re.DOTALL | re.IGNORECASE
)
_PROFILES = {
    "exif": Kind.EXIF, "app1": Kind.EXIF, "xmp": Kind.XMP, "iptc": Kind.PHOTOSHOP,
    "8bim": Kind.PHOTOSHOP,
}  # fmt: skip


def parts(data: bytes) -> Iterator[Part | Statement]:
    """Walk a PNG file.

    Sources: PNG specification, third edition; the "Raw profile type" texts of ImageMagick.
    """
    texts: list[tuple[str, str]] = []
    yield from _chunks(data, texts)
    if texts:
        from imu_imageprep.stages.metadata.positions import Coordinates  # noqa: PLC0415 - seldom

        places = Coordinates()
        for keyword, text in texts:
            places.take("", keyword.rpartition(":")[2], text)
        yield from places.positions()


def _chunks(data: bytes, texts: list[tuple[str, str]]) -> Iterator[Part | Statement]:
    pos = 8
    compressed = 0
    colours: dict[bytes, bytes] = {}
    for _ in range(_CHUNKS):
        if pos + 8 > len(data):
            return
        length = int.from_bytes(data[pos : pos + 4], "big")
        name = data[pos + 4 : pos + 8]
        start, pos = pos + 8, pos + 12 + length
        if name in _STRUCTURE:
            if name in _COLOURS:
                colours.setdefault(name, data[start : start + min(length, _COLOUR_BYTES)])
            elif name == b"IDAT":  # what follows the first does not count
                yield from guarded(_colour(colours), "the colour space")
                colours = dict.fromkeys(_COLOURS, b"")
            if name == b"IEND":
                if pos < len(data):
                    yield trailer(len(data) - pos)
                return
        elif start + length > len(data):
            yield Unreadable("the last chunk")
            return
        else:
            compressed += name in _COMPRESSED
            if compressed <= _INFLATED_TEXTS or name not in _COMPRESSED:
                yield from guarded(_chunk(name, data[start : start + length], texts), "a chunk")
            else:
                yield Unreadable("a text chunk")
    yield Unreadable("the list of chunks")


def _chunk(name: bytes, body: bytes, texts: list[tuple[str, str]]) -> Iterator[Part | Statement]:
    match name:
        case b"tEXt" | b"zTXt" | b"iTXt":
            try:
                keyword, text = _text(name, body)
            except (zlib.error, ValueError, UnicodeDecodeError):
                keyword = decoded(body.partition(b"\0")[0][:79])
                category, _ = _category(keyword)
                yield Entry(category or Category.COMMENT, f"PNG {keyword}")
                yield Unreadable("a text chunk")
            else:
                texts.append((keyword, decoded(text[:400])))
                yield from _keyword(keyword, text)
        case b"eXIf" | b"zxIf" | b"exIf":
            yield Part(Kind.EXIF, body)
        case b"tIME":
            yield Entry(Category.DATE, "last change", _time(body))
        case b"iCCP":
            yield Entry(Category.PROFILE, "ICC profile")
        case b"caBX":
            yield Entry(Category.PROVENANCE, "JUMBF (C2PA)")
        case _:
            yield Entry(Category.PRIVATE, f"chunk {decoded(name)}")


def _text(name: bytes, body: bytes) -> tuple[str, bytes]:
    """Keyword and text of a text chunk, inflated up to a bound (PNG 11.3.3).

    Raises:
        ValueError: there is no keyword.
        zlib.error: the compressed text is damaged.
    """
    keyword, separator, rest = body.partition(b"\0")
    if not separator:
        raise ValueError("no keyword")
    if name == b"tEXt":
        return decoded(keyword), rest[:_INFLATED]
    if name == b"zTXt":
        return decoded(keyword), zlib.decompressobj().decompress(rest[1:], _INFLATED)
    compressed = rest[:1] == b"\1"
    _, _, rest = rest[2:].partition(b"\0")  # language
    _, _, rest = rest.partition(b"\0")  # translated keyword
    if compressed:
        rest = zlib.decompressobj().decompress(rest, _INFLATED)
    return decoded(keyword), rest


def _keyword(keyword: str, text: bytes) -> Iterator[Part | Statement]:
    profile = re.match(r"raw profile type (\w+)", keyword, re.IGNORECASE)
    if keyword == _XMP_KEYWORD:
        yield Part(Kind.XMP, text)
        return
    if profile:
        yield from _raw_profile(profile[1].lower(), text)
        return
    value = decoded(text[:FREE_TEXT])
    if not value.strip("\0 \r\n\t"):
        return
    category, credit = _category(keyword, value)
    if category:
        if category is Category.DATE:
            yield from captured(value, DateRank.MODIFIED)
        yield Entry(category, f"PNG {keyword}", value, credit)
    elif keyword.lower().startswith("date:"):
        yield Entry(Category.DATE, f"PNG {keyword}", value)
    elif keyword.lower().startswith("thumb::"):
        yield Entry(Category.PRIVATE, f"PNG {keyword}", value)
    elif ":" in keyword:
        # ImageMagick writes EXIF and XMP properties as texts: "exif:GPSLatitude", "xmp:CreateDate".
        prefix, _, local = keyword.partition(":")
        yield from xmp.classify(prefix, local, value)
    else:
        yield Entry(Category.COMMENT, f"PNG {keyword}", value)


def _category(keyword: str, text: str = "") -> tuple[Category | None, CreditField | None]:
    name = keyword.lower().replace(" ", "")
    if name == "source":
        return (_C.CAMERA, None) if _is_device(text) else (_C.CREDIT, CreditField.SOURCE)
    return _KEYWORDS.get(name, (None, None))


def _is_device(text: str) -> bool:
    """Whether a "Source" is the device, as the standard means it, and not where it was found."""
    if _MODEL.fullmatch(text.strip("\0 \r\n\t")):
        return True
    told = re.findall(r"[\w-]+", text.casefold()[:1000])
    site = re.search(f"https?://|www[.]|{STOCK}", text[:1000], re.IGNORECASE)
    return not site and not DEVICES.isdisjoint(told)


def _raw_profile(kind: str, text: bytes) -> Iterator[Part | Statement]:
    """ImageMagick's texts: a name, a length, and the profile in hexadecimal digits.

    The name stands in a line of its own and may have two words: "generic profile".
    """
    fields = _RAW_PROFILE.match(text)
    if kind in ("icc", "icm"):
        yield Entry(Category.PROFILE, "ICC profile")
    elif kind not in _PROFILES:
        yield Entry(Category.PRIVATE, f"profile {kind}")
    elif fields is None:
        yield Unreadable(_PROFILES[kind].value)
    else:
        digits = re.sub(rb"[^0-9a-fA-F]", b"", fields[1])
        body = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
        is_xmp = kind == "xmp" or body.startswith(b"http://ns.adobe.com/xap/")
        yield Part(Kind.XMP if is_xmp else _PROFILES[kind], body)


def _time(body: bytes) -> str:
    year = int.from_bytes(body[:2], "big")
    return "{:04d}-{:02d}-{:02d}".format(year, *body[2:4]) if len(body) >= 4 else ""  # noqa: PLR2004


def _colour(chunks: Mapping[bytes, bytes]) -> Iterator[Statement]:
    if any(chunks.values()):
        from imu_imageprep.stages.metadata.colour import of_png  # noqa: PLC0415  (few state one)

        yield from of_png(chunks)
