"""Reads latitudes and longitudes as cameras and programs write them, in every way of reading.

A reading is a number of degrees; None stands for a coordinate that is there and could not be read.
No reading at all means that nothing was stated. What exiftool takes for a coordinate is taken for
one here (``ToDegrees`` in its GPS.pm); what it guesses, the hemisphere above all, is left open.
"""

from __future__ import annotations

import math
import re
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep.domain.metadata import NOWHERE, Position
from imu_imageprep.stages.metadata.coordinate_words import (
    is_of_both,
    plain,
    reference_side,
    says_nothing,
    word_side,
    words_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.stages.metadata.coordinate_words import Axis

    Readings = tuple[float | None, ...]
    Points = tuple[tuple[float | None, float | None], ...]

NOT_READ: Readings = (None,)

_MOST = {"latitude": 90.0, "longitude": 180.0}
_FULL_CIRCLE = 360.0
_TEXT_LIMIT = 200
# Every text is cut before it is searched, so nothing here is bounded by itself. What is searched is
# compiled when a text comes: cameras write numbers.
_DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)"
_NUMBER = rf"([+-]?)\s?({_DIGITS})(?:\s?/\s?(\d+))?"
_PLAIN = rf"([+-]?)({_DIGITS}e[+-]?\d{{1,3}})"
_COMMA = r"(?<=\d),(?=\d)"
_PARTS = 3


class _Spelled(NamedTuple):
    """A coordinate's text: sign before its first number (0 for none), its numbers, its words."""

    sign: int
    parts: tuple[float, ...]
    words: tuple[str, ...]


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
    if is_of_both(text, other) and not re.fullmatch(_PLAIN, text):
        # Both coordinates in one property, as some programs write them.
        return tuple(dict.fromkeys(point[axis == "longitude"] for point in pair_in_text(text)))
    readings = _one(text, axis, reference)
    if len(text) <= _TEXT_LIMIT and any(part >= 60 for part in _spelled(text).parts[1:]):  # noqa: PLR2004
        # No minutes: perhaps the other coordinate, which exiftool would add as minutes.
        readings += tuple(point[axis == "longitude"] for point in pair_in_text(text))
        known = tuple(reading for reading in readings if reading is not None)
        return tuple(dict.fromkeys(known or readings))
    return readings


def _one(text: str, axis: Axis, reference: str | None = None) -> Readings:
    """As :func:`in_text`, for a plain text of one coordinate."""
    if len(text) > _TEXT_LIMIT:
        return NOT_READ
    if says_nothing(text):
        return ()
    spelled = _spelled(text)
    if not spelled.parts:
        return () if word_side(spelled.words, 0, axis) else NOT_READ
    said = reference_side(reference, axis)
    spellings = [spelled]
    if len(re.findall(_COMMA, text)) == 1 and "." not in text:
        # "3,05": three degrees and five minutes in XMP, 3.05 where the comma is the decimal point.
        spellings.append(_spelled(re.sub(_COMMA, ".", text)))
    found = [one for one in spellings if len(one.parts) <= _PARTS]
    found = [one for one in found if all(part < 60 for part in one.parts[1:])] or found  # noqa: PLR2004
    readings = [
        reading
        for one in found
        for reading in _degrees(
            one.sign, one.parts, axis, {word_side(one.words, len(one.parts), axis), said}
        )
    ]
    return tuple(dict.fromkeys(readings)) if found else NOT_READ


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
    sign = -1 if any(part < 0 for part in parts) else 0
    said = {reference_side(reference, axis)}
    return _degrees(sign, tuple(abs(part) for part in parts), axis, said)


def pair_in_text(text: str) -> Points:
    """Every way to read a text that states latitude and longitude, in this order.

    Sources: ISO 6709 annex H ("+03.0500+101.6900/"); GPSPosition as exiftool prints it.

    Returns:
        Points; one of (None, None) where it cannot be read, none where nothing is stated.
    """
    text = plain(text)
    if text.startswith("geo:"):  # RFC 5870
        text = text.removeprefix("geo:").partition(";")[0]
    if says_nothing(text):
        return ()
    if len(text) > _TEXT_LIMIT:
        return NOWHERE.readings
    standard = re.fullmatch(_ISO_6709, text)
    if standard:
        north, east = (_packed(half) for half in standard.groups())
        return _points(_one(north, "latitude"), _one(east, "longitude"))
    drawn = re.fullmatch(_POINT, text)
    if drawn:
        return _points(_one(drawn[2], "latitude"), _one(drawn[1], "longitude"))
    for first, second in islice(_halves(text), 2 * _PARTS):
        for north, east in ((first, second), (second, first)):  # no latitude is above 90
            points = _points(_one(north, "latitude"), _one(east, "longitude"))
            if points and not any(None in point for point in points):
                return points
    return NOWHERE.readings


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Where a text of two coordinates may be cut."""
    cuts = [match.start() for match in re.finditer(_EAST_WEST, text)] if text[0] in "ns" else []
    cuts += [match.end() for match in re.finditer(_NORTH_SOUTH, text)]
    for cut in cuts:
        north, east = text[:cut].strip(" ,;/"), text[cut:].strip(" ,;/")
        if (
            not is_of_both(north, "longitude")
            and re.search(r"\d", north)
            and re.search(r"\d", east)
        ):
            yield north, east
    for pattern in _PAIRS:
        match = re.fullmatch(pattern, text)
        if match:
            yield match[1], match[2]


_ISO_6709 = (
    r"([+-]\d{1,7}(?:\.\d*)?)([+-]\d{1,8}(?:\.\d*)?)"
    r"(?:[+-]\d{1,8}(?:\.\d*)?)?(?:crs\w{0,20})?/?"
)
# Well-known text (OGC 06-103r4): the longitude comes first.
_POINT = r"point ?z? ?\( ?([+-]?[\d.]{1,25}) ([+-]?[\d.]{1,25})(?: [+-]?[\d.]{1,25})? ?\)"
_NORTH_SOUTH = r"(?<![a-z])(?:n|s|north|south)(?![a-z])"
_EAST_WEST = r"(?<![a-z])(?:e|w|east|west)(?![a-z])"
_PAIRS = (
    r"([+-]?\S+ \S+ \S+)[,;]? ([+-]?\S+ \S+ \S+)",
    (
        r"([+-]?\d{1,3}(?:\.\d*)?)°?[\s,;/]+([+-]?\d{1,3}(?:\.\d*)?)°?"
        r"(?:[\s,;]+[+-]?\d{1,6}(?:\.\d*)?)?"
    ),
    r"([+-]?\d{1,3},\d{1,20})[\s;/]+([+-]?\d{1,3},\d{1,20})",
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
    exact = re.fullmatch(_PLAIN, text)
    if exact:
        return _Spelled(_sign(exact[1]), (float(exact[2]),), ())
    found = list(islice(re.finditer(_NUMBER, text), 2 * _PARTS + 1))
    parts = tuple(_fraction(match[2], match[3]) for match in found)
    words = tuple(words_in(re.sub(_NUMBER, " ", text)))
    return _Spelled(_sign(found[0][1]) if found else 0, parts, words)


def _sign(text: str) -> int:
    return {"+": 1, "-": -1}.get(text, 0)


def _fraction(top: str, bottom: str | None) -> float:
    if bottom is None:
        return float(top)
    return float(top) / float(bottom) if float(bottom) else math.nan


def _degrees(sign: int, parts: tuple[float, ...], axis: Axis, said: set[int | None]) -> Readings:
    """Degrees from a sign, numbers without one, and what was said of the hemisphere.

    Sign, word and reference must agree; where they do not, or none says a side, it is either.
    """
    if math.isnan(parts[0]):
        return NOT_READ if any(part > 0 for part in parts) else ()
    # Minutes or seconds over zero mean "not stated" in files from phones.
    size = sum(0.0 if math.isnan(part) else part / 60.0**i for i, part in enumerate(parts))
    stated = said - {0}
    sides = (stated | {sign}) - {0}
    if axis == "longitude" and 180 < size <= _FULL_CIRCLE and sides <= {1}:  # noqa: PLR2004
        return (size - _FULL_CIRCLE,)
    if not size <= _MOST[axis]:
        return NOT_READ
    if size == 0:
        return (0.0,)
    # A minus before a south: some programs mean the south, exiftool reads it as the north.
    twice = sign < 0 and stated
    side = next(iter(sides)) if len(sides) == 1 and not twice else None
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
