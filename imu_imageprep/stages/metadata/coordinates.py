"""Reads latitudes and longitudes as cameras and programs write them, in every way of reading.

A reading is a number of degrees; None stands for a coordinate that is there and could not be read.
No reading at all means that nothing was stated. What exiftool takes for a coordinate is taken for
one here (``ToDegrees`` in its GPS.pm); what it guesses, the hemisphere above all, is left open.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from itertools import islice, product
from typing import TYPE_CHECKING, Literal, NamedTuple

from imu_imageprep.domain.metadata import NOWHERE, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Readings = tuple[float | None, ...]
    Points = tuple[tuple[float | None, float | None], ...]

Axis = Literal["latitude", "longitude"]

NOT_READ: Readings = (None,)

_MOST = {"latitude": 90.0, "longitude": 180.0}
_FULL_CIRCLE = 360.0
# English and Malay; other words leave the hemisphere open.
_HEMISPHERES: dict[Axis, dict[str, int]] = {
    "latitude": {"n": 1, "north": 1, "northern": 1, "utara": 1,
                 "s": -1, "south": -1, "southern": -1, "selatan": -1},
    "longitude": {"e": 1, "east": 1, "eastern": 1, "timur": 1,
                  "w": -1, "west": -1, "western": -1, "barat": -1},
}  # fmt: skip
_MINUTES = frozenset(("m", "min", "mins", "minute", "minutes", "minit"))
_SECONDS = frozenset(("sec", "secs", "second", "seconds", "saat"))
_UNITS = frozenset(
    (
        *("d", "deg", "degs", "degree", "degrees", "darjah", *_MINUTES, "s", *_SECONDS),
        *("quot", "apos", "gps", "lat", "latitude", "lon", "long", "lng", "longitude"),
    )
)
# What programs write where they know no position.
_NOTHING = frozenset(
    (
        "",
        "nan",
        "inf",
        "undef",
        "undefined",
        "unknown",
        "none",
        "null",
        "na",
        "n a",
        "not available",
    )
)
_SAME = str.maketrans(dict.fromkeys("º˚", "°") | dict.fromkeys("−–—‒‐‑", "-") | {"٫": "."})
_TEXT_LIMIT = 200
# Every text is cut before it is searched, so nothing here is bounded by itself.
_DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)"
_NUMBER = re.compile(rf"([+-]?)\s?({_DIGITS})(?:\s?/\s?(\d+))?")
_PLAIN = re.compile(rf"([+-]?)({_DIGITS}e[+-]?\d{{1,3}})")
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = 3


class _Spelled(NamedTuple):
    """A coordinate's text: sign before its first number (0 for none), its numbers, its words."""

    sign: int
    parts: tuple[float, ...]
    words: tuple[str, ...]


def plain(text: str) -> str:
    """A text with one form of each sign, digit and letter, without blanks around it."""
    same = html.unescape(text[: 4 * _TEXT_LIMIT]).translate(_SAME)
    return unicodedata.normalize("NFKC", same).casefold().replace("\0", " ").strip()


def in_text(text: str, axis: Axis, reference: str | None = None) -> Readings:
    r"""Every way to read a coordinate written as text.

    Args:
        text: "3.05", "-3,3.0", "3,3,0N", "3 deg 3' 0.00\" N", "3/1 3/1 0/1" ...
        axis: which of the two it is.
        reference: a hemisphere stated beside it; None where none is.

    Returns:
        Degrees; (None,) where it cannot be read; nothing where nothing is stated.
    """
    text = plain(text)
    other: Axis = "longitude" if axis == "latitude" else "latitude"
    if _of_both(text, other) and not _PLAIN.fullmatch(text):
        # Both coordinates in one property, as some programs write them.
        return tuple(dict.fromkeys(point[axis == "longitude"] for point in pair_in_text(text)))
    return _one(text, axis, reference)


def _of_both(text: str, other: Axis) -> bool:
    return any(
        word in _HEMISPHERES[other] and word not in _UNITS for word in _LETTERS.findall(text)
    )


def _one(text: str, axis: Axis, reference: str | None = None) -> Readings:
    """As :func:`in_text`, for a plain text of one coordinate."""
    if len(text) > _TEXT_LIMIT:
        return NOT_READ
    if _says_nothing(text):
        return ()
    spelled = _spelled(text)
    if not spelled.parts:
        hemispheres = _HEMISPHERES[axis]
        return () if spelled.words and all(w in hemispheres for w in spelled.words) else NOT_READ
    spellings = [spelled]
    if len(_COMMA.findall(text)) == 1 and "." not in text:
        # "3,05": three degrees and five minutes in XMP, 3.05 where the comma is the decimal point.
        spellings.append(_spelled(_COMMA.sub(".", text)))
    found = [one for one in spellings if len(one.parts) <= _PARTS]
    found = [one for one in found if all(part < 60 for part in one.parts[1:])] or found  # noqa: PLR2004
    readings = [
        reading
        for one in found
        for reading in _degrees(one.sign, one.parts, axis, (_word_side(one, axis), reference))
    ]
    return tuple(dict.fromkeys(readings)) if found else NOT_READ


def _says_nothing(text: str) -> bool:
    return " ".join(_LETTERS.findall(text)) in _NOTHING and not re.search(r"\d", text)


def in_numbers(numbers: Sequence[float], axis: Axis, reference: str | None) -> Readings:
    """Every way to read a coordinate given as degrees, minutes and seconds.

    Args:
        numbers: at most three count; NaN for one that is not stated.
        axis: which of the two it is.
        reference: the hemisphere stated beside it.

    Returns:
        As for :func:`in_text`.
    """
    parts = tuple(numbers[:_PARTS])
    if all(math.isnan(part) for part in parts):
        return ()
    sign = -1 if any(part < 0 for part in parts) else 0
    return _degrees(sign, tuple(abs(part) for part in parts), axis, (0, reference))


def pair_in_text(text: str) -> Points:
    """Every way to read a text that states latitude and longitude, in this order.

    Sources: ISO 6709 annex H ("+03.0500+101.6900/"); GPSPosition as exiftool prints it.

    Returns:
        Points; one of (None, None) where it cannot be read, none where nothing is stated.
    """
    text = plain(text).removeprefix("geo:")
    if _says_nothing(text):
        return ()
    if len(text) > _TEXT_LIMIT:
        return NOWHERE.readings
    standard = _ISO_6709.fullmatch(text)
    if standard:
        north, east = (_packed(half) for half in standard.groups())
        return _points(_one(north, "latitude"), _one(east, "longitude"))
    for north, east in islice(_halves(text), 2 * _PARTS):
        points = _points(_one(north, "latitude"), _one(east, "longitude"))
        if points and not any(None in point for point in points):
            return points
    return NOWHERE.readings


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Where a text of two coordinates may be cut."""
    cuts = [match.start() for match in _EAST_WEST.finditer(text)] if text[0] in "ns" else []
    cuts += [match.end() for match in _NORTH_SOUTH.finditer(text)]
    for cut in cuts:
        north, east = text[:cut].strip(" ,;/"), text[cut:].strip(" ,;/")
        if not _of_both(north, "longitude") and re.search(r"\d", north) and re.search(r"\d", east):
            yield north, east
    for pattern in _PAIRS:
        match = pattern.fullmatch(text)
        if match:
            yield match[1], match[2]


_ISO_6709 = re.compile(
    r"([+-]\d{1,7}(?:\.\d*)?)([+-]\d{1,8}(?:\.\d*)?)"
    r"(?:[+-]\d{1,8}(?:\.\d*)?)?(?:crs\w{0,20})?/?"
)
_NORTH_SOUTH = re.compile(r"(?<![a-z])(?:n|s|north|south)(?![a-z])")
_EAST_WEST = re.compile(r"(?<![a-z])(?:e|w|east|west)(?![a-z])")
_PAIRS = (
    re.compile(r"([+-]?\S+ \S+ \S+)[,;]? ([+-]?\S+ \S+ \S+)"),
    re.compile(
        r"([+-]?\d{1,3}(?:\.\d*)?)°?[\s,;/]+([+-]?\d{1,3}(?:\.\d*)?)°?"
        r"(?:[\s,;]+[+-]?\d{1,6}(?:\.\d*)?)?"
    ),
    re.compile(r"([+-]?\d{1,3},\d{1,20})[\s;/]+([+-]?\d{1,3},\d{1,20})"),
)


def _packed(half: str) -> str:
    """ISO 6709 packs degrees, minutes and seconds, two digits each: "+0303.00" as "+03 03.00"."""
    whole = re.match(r"[+-](\d+)", half)
    size = len(whole[1]) if whole else 0
    degrees = 2 + size % 2
    if size <= 3:  # noqa: PLR2004 - degrees alone, with or without leading zeros
        return half
    minutes = half[degrees + 1 :]
    pieces = (half[: degrees + 1], minutes[:2], minutes[2:])
    return " ".join(pieces) if size > 5 else f"{pieces[0]} {minutes}"  # noqa: PLR2004


def _spelled(text: str) -> _Spelled:
    exact = _PLAIN.fullmatch(text)
    if exact:
        return _Spelled(_sign(exact[1]), (float(exact[2]),), ())
    found = list(islice(_NUMBER.finditer(text), 2 * _PARTS + 1))
    parts = tuple(_fraction(match[2], match[3]) for match in found)
    letters = _LETTERS.findall(_NUMBER.sub(" ", text))
    return _Spelled(_sign(found[0][1]) if found else 0, parts, tuple(_words(letters)))


def _words(letters: Iterable[str]) -> Iterator[str]:
    """The words beside the numbers; "sn" after seconds is their unit and the hemisphere."""
    for word in letters:
        if word not in _UNITS and len(word) == 2 and word[0] in "dms":  # noqa: PLR2004
            yield from word
        else:
            yield word


def _sign(text: str) -> int:
    return {"+": 1, "-": -1}.get(text, 0)


def _fraction(top: str, bottom: str | None) -> float:
    if bottom is None:
        return float(top)
    return float(top) / float(bottom) if float(bottom) else math.nan


def _word_side(spelled: _Spelled, axis: Axis) -> int | None:
    """What the words say of the hemisphere: 1, -1, 0 for nothing, None for what is not understood.

    An "s" after minutes with a letter and a third number is its unit, or the south.
    """
    words = list(spelled.words)
    unit = (
        "s" in words
        and len(spelled.parts) == _PARTS
        and not _MINUTES.isdisjoint(words)
        and _SECONDS.isdisjoint(words)
    )
    if unit or axis == "longitude":
        words = [word for at, word in enumerate(words) if word != "s" or at != words.index("s")]
    sides = {_HEMISPHERES[axis].get(word) for word in words}
    known = sides - {None}
    if len(known) == 1:
        return known.pop()
    strange = [word for word in words if word not in _UNITS]
    return None if known or strange or (unit and axis == "latitude") else 0


def _reference_side(reference: str | None, axis: Axis) -> int | None:
    """As :func:`_word_side`, of a hemisphere stated beside the number."""
    if reference is None:
        return 0
    words = _LETTERS.findall(plain(reference))
    sides = {_HEMISPHERES[axis].get(word) for word in words if word not in _UNITS or word == "s"}
    if not words:
        return 0
    return sides.pop() if len(sides) == 1 else None


def _degrees(
    sign: int, parts: tuple[float, ...], axis: Axis, said: tuple[int | None, str | None]
) -> Readings:
    """Degrees from a sign, numbers without one, and what was said of the hemisphere.

    Sign, word and reference must agree; where they do not, or none says a side, it is either.
    """
    if all(math.isnan(part) for part in parts):
        return ()
    if math.isnan(parts[0]):
        return NOT_READ
    # Minutes or seconds over zero mean "not stated" in files from phones.
    size = sum(0.0 if math.isnan(part) else part / 60.0**i for i, part in enumerate(parts))
    sides = {sign, said[0], _reference_side(said[1], axis)} - {0}
    if axis == "longitude" and 180 < size <= _FULL_CIRCLE and sides <= {1}:  # noqa: PLR2004
        return (size - _FULL_CIRCLE,)
    if not size <= _MOST[axis]:
        return NOT_READ
    if size == 0:
        return (0.0,)
    side = next(iter(sides)) if len(sides) == 1 else None
    return (size, -size) if side is None else (side * size,)


def _points(latitudes: Readings, longitudes: Readings) -> Points:
    """Every point of some readings; a coordinate that is missing beside the other is not read."""
    if not latitudes and not longitudes:
        return ()
    return tuple(product(latitudes or NOT_READ, longitudes or NOT_READ))


def position(latitudes: Readings, longitudes: Readings) -> Iterator[Position]:
    """The position of two coordinates; nothing where neither is stated."""
    points = _points(latitudes, longitudes)
    if points:
        yield Position(points)


def beside(values: Sequence[object], references: Sequence[str]) -> Sequence[str | None]:
    """The hemisphere stated for each of some values: one for all, one each, or none for sure."""
    if len(references) == len(values):
        return references
    return (references[0] if len(references) == 1 else None,) * len(values)
