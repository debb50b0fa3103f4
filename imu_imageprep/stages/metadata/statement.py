"""What walkers and readers say: parts still to be read, and statements about the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.metadata import Category, CreditField, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imu_imageprep.domain.colour import ColourSpace

# More text than this is neither shown nor compared; a name of a creator is far shorter.
TEXT_LIMIT = 1000
# Bytes of a free text; real captions stay far below.
FREE_TEXT = 64 << 10
_DATE = re.compile(r"\s*(\d{4})[:\-/. ]?(\d{2})[:\-/. ]?(\d{2})(?!\d{3})")
_TIME = re.compile(r"[T ]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?!\d)")


class Kind(StrEnum):
    """A block inside a file that has a reader of its own; the value names it in notes."""

    EXIF = "the EXIF block"
    XMP = "the XMP block"
    IPTC = "the IPTC block"
    PHOTOSHOP = "the Photoshop block"
    PICTURE = "a second picture"


# The part whose loss is told apart: it holds the position.
GPS = "the GPS directory"


@dataclass(frozen=True, slots=True)
class Part:
    """A block to be read by the reader of its kind."""

    kind: Kind
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of hidden data.

    Attributes:
        category: what a person is told was there.
        name: the field's name in its standard.
        text: its value; empty where the value says nothing to a person.
        credit: set where the field names a creator or an owner of rights.
    """

    category: Category
    name: str
    text: str = field(default="", repr=False)
    credit: CreditField | None = None


@dataclass(frozen=True, slots=True)
class Orientation:
    """How the stored pixels are to be turned (TIFF 6.0, tag 274); rank 0 is believed first."""

    value: int
    rank: int


class ColourRank(IntEnum):
    """Which statement of a colour space is followed, best first."""

    CODES = 0  # the codes of ITU-T H.273, which go before a profile in PNG
    FORMAT = 1
    NUMBERS = 2
    EXIF = 3
    XMP = 4


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour space that the file states besides an embedded profile."""

    space: ColourSpace
    rank: ColourRank


class DateRank(IntEnum):
    """Which field is believed to say when a photo was taken, best first."""

    ORIGINAL = 0
    DIGITIZED = 1
    XMP = 2
    IPTC = 3
    MODIFIED = 4


@dataclass(frozen=True, slots=True)
class Captured:
    """A date on which the photo may have been taken; ``at``: with the time, where it is told."""

    day: date = field(repr=False)
    rank: DateRank
    at: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part that is there and could not be read."""

    what: str


_Said = TypeVar("_Said")
Statement = Entry | Orientation | Colour | Captured | Position | Unreadable


def trailer(size: int) -> Entry:
    """What is said of bytes that follow the picture."""
    return Entry(Category.TRAILER, "bytes after the picture", f"{size} bytes")


def guarded(items: Iterable[_Said], what: str) -> Iterator[_Said | Unreadable]:
    """The items; whatever is raised on the way becomes a note that ``what`` could not be read."""
    try:
        yield from items
    except Exception:  # noqa: BLE001 - hostile bytes; a person is told, and reading goes on
        yield Unreadable(what)


def decoded(raw: bytes) -> str:
    """Text of a field without a stated character set: UTF-8 where it fits, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line without control characters (they could drive a terminal), cut to ``limit``."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    return " ".join(printable.split())[:limit]


def words(text: str) -> set[str]:
    """The words of a text in lower case."""
    return set(re.findall(r"\w+", text.casefold()))


def instruction(text: str) -> CreditField:
    """What an instruction for the use of a picture says of whose it is.

    Who gives one holds the rights. Facebook and Instagram write a number of their own ("FBMD...")
    into every picture that is downloaded from them.
    """
    return CreditField.SOURCE if text.startswith("FBMD") else CreditField.RIGHTS


def parse_date(text: str) -> date | None:
    """The date at the start of an EXIF, XMP or IPTC date field; None where it is not one."""
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups())
    try:
        return date(year, month, day) if year >= 1900 else None  # noqa: PLR2004 - 0000 means unset
    except ValueError:
        return None


def captured(text: str, rank: DateRank) -> Iterator[Captured]:
    """The date of a field as the day when the photo may have been taken; nothing without one."""
    day = parse_date(text)
    if day:
        yield Captured(day, rank, _at(day, text))


def _at(day: date, text: str) -> datetime | None:
    """The time that follows a date, by the photo's own clock; None where there is none."""
    before = _DATE.match(text)
    match = _TIME.match(text, before.end()) if before else None
    if match is None:
        return None
    try:
        hour, minute, second = (int(group) for group in match.groups("0"))
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None
