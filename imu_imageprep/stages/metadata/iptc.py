"""IPTC records, and the Photoshop resource blocks that carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import RIGHTS_RESERVED, Category, CreditField
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    DateRank,
    Entry,
    Kind,
    Part,
    captured,
    clean,
    decoded,
    instruction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_C = Category
# Data sets of the application record, IPTC-IIM 4.2 section 6.
_APPLICATION: dict[int, tuple[Category, str]] = {
    5: (_C.CAPTION, "Object Name"), 15: (_C.CAPTION, "Category"),
    20: (_C.CAPTION, "Supplemental Category"), 22: (_C.CAPTION, "Fixture Identifier"),
    25: (_C.CAPTION, "Keywords"), 26: (_C.CAPTION, "Content Location Code"),
    27: (_C.CAPTION, "Content Location Name"), 30: (_C.DATE, "Release Date"),
    37: (_C.DATE, "Expiration Date"), 40: (_C.CAPTION, "Special Instructions"),
    55: (_C.DATE, "Date Created"), 60: (_C.DATE, "Time Created"),
    62: (_C.DATE, "Digital Creation Date"), 63: (_C.DATE, "Digital Creation Time"),
    65: (_C.SOFTWARE, "Originating Program"), 70: (_C.SOFTWARE, "Program Version"),
    80: (_C.OWNER, "By-line"), 85: (_C.OWNER, "By-line Title"), 90: (_C.CAPTION, "City"),
    92: (_C.CAPTION, "Sub-location"), 95: (_C.CAPTION, "Province/State"),
    100: (_C.CAPTION, "Country Code"), 101: (_C.CAPTION, "Country Name"),
    103: (_C.CAPTION, "Original Transmission Reference"), 105: (_C.CAPTION, "Headline"),
    110: (_C.CREDIT, "Credit"), 115: (_C.CREDIT, "Source"), 116: (_C.CREDIT, "Copyright Notice"),
    118: (_C.OWNER, "Contact"), 120: (_C.CAPTION, "Caption"), 122: (_C.OWNER, "Writer/Editor"),
    188: (_C.CREDIT, "Owner ID"),
    200: (_C.THUMBNAIL, "Object Preview Format"), 202: (_C.THUMBNAIL, "Object Preview"),
}  # fmt: skip
_CREDIT = {
    80: CreditField.CREATOR, 110: CreditField.CREDIT,
    115: CreditField.SOURCE, 116: CreditField.COPYRIGHT, 118: CreditField.CONTACT,
    188: CreditField.RIGHTS,
}  # fmt: skip
_INSTRUCTIONS = 40
# Data sets of the envelope by which an agency sends a picture: its name, product and registry.
_SENT = {30: "Service Identifier", 50: "Product I.D.", 100: "Unique Name of Object"}
_DATE_CREATED, _CHARACTER_SET, _VERSION = 55, 90, 0
_ENVELOPE, _APPLICATION_RECORD = 1, 2
_UTF8 = b"\x1b%G"
_RECORDS = 20_000

_PREVIEWS = (0x0409, 0x040C)
_PROFILE, _CAPTION_DIGEST = 0x040F, 0x0425
_BLOCKS = {0x0404: Kind.IPTC, 0x0422: Kind.EXIF, 0x0423: Kind.EXIF, 0x0424: Kind.XMP}
_RESOURCES = 20_000
_WORDED = _COPYRIGHT_FLAG, _COPYRIGHT_URL, _CAPTION_TEXT = 0x040A, 0x040B, 0x03F0


def read(data: bytes) -> Iterator[Statement]:
    """Read IPTC records (IPTC-IIM 4.2): marker 0x1C, record, data set, length, value.

    Raises:
        ValueError: the records break off.
    """
    pos = data[:64].find(b"\x1c")
    utf8 = False
    for _ in range(_RECORDS):
        if not 0 <= pos < len(data) or data[pos] != 0x1C:  # noqa: PLR2004
            if data[max(pos, 0) :].strip(b"\0"):
                raise ValueError("no record")
            return
        record, number = data[pos + 1 : pos + 3]
        length = int.from_bytes(data[pos + 3 : pos + 5], "big")
        pos += 5
        if length & 0x8000:
            size = length & 0x7FFF
            length = int.from_bytes(data[pos : pos + size], "big")
            pos += size
        value = data[pos : pos + length]
        pos += length
        if record == _ENVELOPE and number == _CHARACTER_SET:
            utf8 = value.startswith(_UTF8)
        elif record == _ENVELOPE and number in _SENT and value.strip(b"\0 "):
            text = decoded(value[:200])
            yield Entry(Category.CREDIT, f"IPTC {_SENT[number]}", text, CreditField.RIGHTS)
        elif record == _APPLICATION_RECORD and number != _VERSION:
            yield from _data_set(number, value, utf8=utf8)


def _data_set(number: int, value: bytes, *, utf8: bool) -> Iterator[Statement]:
    raw = value[:FREE_TEXT]
    written = raw.decode("utf-8", "replace") if utf8 else decoded(raw)
    text = clean(written)
    if not text:
        return
    category, name = _APPLICATION.get(number, (Category.PRIVATE, f"IPTC 2:{number}"))
    if number == _DATE_CREATED:
        yield from captured(text, DateRank.IPTC)
    if category is Category.DATE and not text.strip("0:+- "):
        return
    shown = "" if category is Category.THUMBNAIL else written
    credit = instruction(text) if number == _INSTRUCTIONS else _CREDIT.get(number)
    yield Entry(category, name, shown, credit)


def read_photoshop(data: bytes) -> Iterator[Part | Statement]:
    """Read Photoshop image resources: "8BIM", id, name, length, value.

    Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".

    Raises:
        ValueError: the resources break off.
    """
    if data.startswith(b"\x1c"):  # some writers leave the resources out
        yield Part(Kind.IPTC, data)
        return
    pos = 0
    for _ in range(_RESOURCES):
        if data[pos : pos + 4] not in (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"):
            if data[pos:].strip(b"\0"):
                raise ValueError("no resource")
            return
        number = int.from_bytes(data[pos + 4 : pos + 6], "big")
        name_length = data[pos + 6] + 1
        pos += 6 + name_length + name_length % 2
        length = int.from_bytes(data[pos : pos + 4], "big")
        body = data[pos + 4 : pos + 4 + length]
        pos += 4 + length + length % 2
        if number in _BLOCKS:
            yield Part(_BLOCKS[number], body)
        elif number in _PREVIEWS:
            yield Entry(Category.THUMBNAIL, "Photoshop thumbnail")
        elif number == _PROFILE:
            yield Entry(Category.PROFILE, "Photoshop ICC profile")
        elif number in _WORDED:
            yield from _worded(number, body)
        elif number != _CAPTION_DIGEST:
            yield Entry(Category.PRIVATE, f"Photoshop resource 0x{number:04x}")


def _worded(number: int, body: bytes) -> Iterator[Statement]:
    """A resource in words, or that stands for words: what Photoshop's "File Info" writes."""
    if number == _COPYRIGHT_FLAG and any(body):
        yield Entry(_C.CREDIT, "Photoshop CopyrightFlag", RIGHTS_RESERVED, CreditField.RIGHTS)
    elif number == _COPYRIGHT_URL:
        address = decoded(body[:FREE_TEXT])
        yield Entry(_C.CREDIT, "Photoshop URL", address, CreditField.COPYRIGHT)
    elif number == _CAPTION_TEXT:  # its first byte is its length
        yield Entry(_C.CAPTION, "Photoshop caption", decoded(body[1:256]))
