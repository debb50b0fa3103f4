"""Finds the coordinates among named properties: XMP of any namespace, texts in a PNG, keywords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Position
from imu_imageprep.stages.metadata.coordinate_words import plain
from imu_imageprep.stages.metadata.coordinates import (
    NOT_READ,
    beside,
    in_text,
    pair_in_text,
    position,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.coordinate_words import Axis
    from imu_imageprep.stages.metadata.coordinates import Points, Readings

_NAME = re.compile(
    r"(.{0,40}?)(latt?itude|longt?itude|(?:(?<=gps)|(?<=geo)|(?<=dest)|(?<=location)|(?<=decimal)"
    r"|(?<=[-_.: ])|^)(?:lat|long|lon|lng))[-_ ]?(ref|reference|hemisphere)?"
)
_PAIR_NAME = re.compile(
    r"(gps|geo)?[-_ ]?(position|coordinates?|location|point|lat_?(?:lo?ng?|lon))"
)
_TAGGED = re.compile(r"\s{0,9}geo:(lat|lon|long)=(.{1,60})", re.IGNORECASE)
# More of one name than that are not compared one by one.
_VALUES = 16
_PROSE_LIMIT = 4096


class Coordinates:
    """Gathers the coordinates among named properties (XMP, texts in a PNG, keywords).

    A latitude and a longitude belong together by what stands around these words in their names:
    those of "exif:GPSDest..." never mix with those of "exif:GPS...". Where a name comes more than
    once, every latitude is tried with every longitude.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._pairs: list[Points] = []

    def take(self, prefix: str, local: str, text: str) -> None:
        """Look at one property.

        Args:
            prefix: of its namespace.
            local: its name.
            text: its value.
        """
        tagged = _TAGGED.match(text) if "geo:" in text[:20].lower() else None
        if tagged:
            self._add(("", "geo:"), tagged[1].lower(), None, tagged[2])
            return
        name = local[:60].casefold()
        match = _NAME.fullmatch(name)
        if match:
            self._add((prefix, match[1]), match[2], match[3], text)
            return
        pair = _PAIR_NAME.fullmatch(name)
        if pair and len(self._pairs) <= _VALUES:
            points = pair_in_text(text) if len(self._pairs) < _VALUES else NOWHERE.readings
            # "position" and "location" alone may be anything; what GPS wrote is a position.
            if pair[1] or prefix.casefold() == "georss" or points != NOWHERE.readings:
                self._pairs.append(points)

    def _add(self, group: tuple[str, str], axis: str, reference: str | None, text: str) -> None:
        values = self._values.setdefault(group, {})
        key = ("latitude" if axis.startswith("lat") else "longitude") + ("ref" if reference else "")
        held = values.setdefault(key, [])
        if len(held) <= _VALUES:
            held.append(text)

    def positions(self) -> Iterator[Position]:
        """Every position that was stated."""
        for values in self._values.values():
            latitudes, longitudes = (_all(values, axis) for axis in ("latitude", "longitude"))
            yield from position(latitudes, longitudes)
        yield from (Position(points) for points in self._pairs if points)


def _all(values: dict[str, list[str]], axis: Axis) -> Readings:
    """Every reading of the coordinates of one name, each with the hemisphere stated for it."""
    texts = values.get(axis, [])
    if len(texts) > _VALUES:
        return NOT_READ
    said = beside(texts, values.get(axis + "ref", []))
    found = [r for text, side in zip(texts, said, strict=True) for r in in_text(text, axis, side)]
    return tuple(dict.fromkeys(found))


# Decimals of a street's width, or degree signs; a number beside another is no position yet.
_IN_PROSE = (
    r"([+-]?\d{1,3}(?:\.\d{3,20}|(?:\.\d{1,20})?\s?°[\s\d.'′\"″]{0,20})\s?(?:[nsew](?![a-z]))?)"
)
_PROSE = re.compile(
    _IN_PROSE + r"[\s,;/|]{0,5}(?:lo(?:n|ng|ngitude)\b|lng\b)?[\s:=]{0,5}" + _IN_PROSE
)


def in_prose(text: str) -> Iterator[Position]:
    """Positions in a caption or a comment, as an app or an address of a map writes them.

    Args:
        text: "Lat: 3.0500 Long: 101.6900", "https://maps.example/?q=3.0500,101.6900" ...
    """
    for count, match in enumerate(_PROSE.finditer(plain(text, _PROSE_LIMIT))):
        if count == _VALUES:
            yield NOWHERE
            return
        for found in position(in_text(match[1], "latitude"), in_text(match[2], "longitude")):
            if not any(None in reading for reading in found.readings):
                yield found
