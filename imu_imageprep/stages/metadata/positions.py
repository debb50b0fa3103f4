"""Finds the coordinates among named properties: XMP of any namespace, texts in a PNG, keywords."""

from __future__ import annotations

import re
from itertools import chain
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
    r"|(?<=[-_.: ])|^)(?:lat|long|lon|lng))"
    r"[-_ ]?(?:decimal|degrees|deg|value|string|text|raw|e[5-7])?(ref|reference|hemisphere)?"
)
# "LRFTargetLat" of DJI: a short word at the end of others.
_CAMEL = re.compile(r"(?<=[a-z])(?=(?:Lat|Long|Lon|Lng)(?:Ref)?$)")
_PAIR_NAME = re.compile(
    r"(gps|geo)?[-_ ]?(position|coordinates?|location|point|lat_?(?:lo?ng?|lon))|gps|geo"
)
# An angle in parts, each an item of a list.
_ITEM = re.compile(r"\d{1,9}(?:\.\d{0,20})?(?:/\d{1,9})?")
# More of one name than that are not compared one by one.
_VALUES = 16


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
        name = _CAMEL.sub("_", local[:60]).casefold()
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
    if len(texts) in (2, 3) and all(map(_ITEM.fullmatch, texts)):
        said = beside(("",), values.get(axis + "ref", []))
        found += in_text(" ".join(texts), axis, said[0])
    return tuple(dict.fromkeys(found))


_SIDE = r"\s?(?:[nsew](?![a-z]))?"
_ANGLE = r"\s?°[\s\d.'′\"″]{0,20}"
# Decimals of a street's width, or degree signs; a number beside another is no position yet.
_FINE = rf"([+-]?\d{{1,3}}(?:\.\d{{3,20}}|(?:\.\d{{1,20}})?{_ANGLE}){_SIDE})"
_PAIR = re.compile(rf"{_FINE}[\s,;/|]{{0,5}}{_FINE}")
# Hemispheres before their numbers, as on a receiver for GPS: "N 03 03.000 E 101 41.400"; behind.
_PARTS = r"\d{1,3}[\d\s.°'′\"″:]{0,24}"
_SIDED = (
    re.compile(rf"(?<![^\W_])([ns]\s?{_PARTS})[\s,;/|]{{0,5}}([ew]\s?{_PARTS})"),
    re.compile(rf"(?<![\w.])({_PARTS}[ns])[\s,;/|]{{0,5}}({_PARTS}[ew])(?![^\W_])"),
)
_DECIMALS = r"([+-]?\d{1,3}\.\d{1,20})"
# Words and addresses that only a position stands behind, also a coarse one.
_TOLD = re.compile(
    r"(?:\bgeo:|@|[?&]\w{1,12}=(?:loc:)?|\b(?:gps|coordinates?|koordinat|location|lokasi|position)"
    rf"[\s:=(]{{1,4}}){_DECIMALS}(?:%2c|[\s,;/|]){{1,3}}{_DECIMALS}"
)
_LABELLED = re.compile(
    r"(?<![^\W\d_])(?:gps)?_?(latt?itude|lat|longt?itude|long|lon|lng)[\"']?[\s:=]{1,5}[\"']?"
    rf"([nsew]?\s?[+-]?\d{{1,3}}(?:\.\d{{1,20}})?(?:{_ANGLE})?{_SIDE})"
)
_TEXT_LIMIT = 4096


class Prose:
    """Gathers positions from captions, comments and keywords, as apps and maps write them.

    "Lat: 3.05 Long: 101.69", "geo:lat=3.05" and "geo:lon=101.69" in two keywords,
    "https://maps.example/?q=3.0500,101.6900". What is no position there is no statement of one.
    """

    def __init__(self) -> None:
        self._found: list[Position] = []
        self._labelled: dict[bool, list[str]] = {True: [], False: []}

    def take(self, text: str) -> None:
        """Look at one text."""
        text = plain(text, _TEXT_LIMIT)
        for match in chain.from_iterable(p.finditer(text) for p in (_PAIR, _TOLD, *_SIDED)):
            if len(self._found) <= _VALUES:
                self._found += _pair(match[1], match[2]) or _pair(match[2], match[1])
        for match in _LABELLED.finditer(text):
            values = self._labelled[match[1].startswith("lat")]
            if len(values) <= _VALUES:
                values.append(match[2])

    def positions(self) -> Iterator[Position]:
        """Every position that was found; any, where there are too many to compare."""
        norths, easts = self._labelled[True], self._labelled[False]
        if max(len(self._found), len(norths), len(easts)) > _VALUES:
            yield NOWHERE
        yield from self._found
        for north in norths:
            for east in easts:
                yield from _readable(in_text(north, "latitude"), in_text(east, "longitude"))


def _pair(north: str, east: str) -> tuple[Position, ...]:
    return tuple(_readable(in_text(north, "latitude"), in_text(east, "longitude")))


def _readable(latitudes: Readings, longitudes: Readings) -> Iterator[Position]:
    if latitudes and longitudes and None not in (*latitudes, *longitudes):
        yield from position(latitudes, longitudes)
