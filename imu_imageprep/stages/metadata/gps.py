"""GPS directories of EXIF: where the camera was, and where it was pointed at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata import coordinates
from imu_imageprep.stages.metadata.statement import Entry, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.stages.metadata import tiff
    from imu_imageprep.stages.metadata.coordinate_words import Axis
    from imu_imageprep.stages.metadata.coordinates import Readings
    from imu_imageprep.stages.metadata.statement import Statement

_NAMES = {
    1: "GPSLatitudeRef", 2: "GPSLatitude", 3: "GPSLongitudeRef", 4: "GPSLongitude",
    5: "GPSAltitudeRef", 6: "GPSAltitude", 7: "GPSTimeStamp", 8: "GPSSatellites", 12: "GPSSpeedRef",
    13: "GPSSpeed", 16: "GPSImgDirectionRef", 17: "GPSImgDirection", 18: "GPSMapDatum",
    27: "GPSProcessingMethod", 28: "GPSAreaInformation", 29: "GPSDateStamp",
}  # fmt: skip
_DATE = 29
# Where the camera was, and where it was pointed at: the hemisphere of each is the tag before it.
_POSITIONS = ((2, 4), (20, 22))
# Types of texts, and of bytes that programs write texts in: BYTE, ASCII, SBYTE, UNDEFINED, UTF-8.
_WORDED = (1, 2, 6, 7, 129)
# One tag may stand in a directory several times, in broken files.
_VALUES = 8


def read(tags: Sequence[tiff.Tag]) -> Iterator[Statement]:
    """A GPS directory; its version number (tag 0) alone says nothing of a place."""
    for latitude, longitude in _POSITIONS:
        found = coordinates.position(
            _degrees(tags, latitude, "latitude"), _degrees(tags, longitude, "longitude")
        )
        for place in found:
            yield place
            if place.sure:
                yield Entry(Category.GPS, "position", "{:.6f}, {:.6f}".format(*place.sure))
    for number, tag in {tag.number: tag for tag in reversed(tags)}.items():
        if number == 0:
            continue
        name = _NAMES.get(number, f"GPS tag {number}")
        text = tag.shown()
        if number == _DATE and text.strip("0: "):
            yield Entry(Category.DATE, name, text)
        if text:
            yield Entry(Category.GPS, name, text)


def _degrees(tags: Sequence[tiff.Tag], number: int, axis: Axis) -> Readings:
    """Every reading of the latitudes or longitudes of a directory; one may come twice."""
    values = [tag for tag in tags if tag.number == number]
    if len(values) > _VALUES:
        return coordinates.NOT_READ
    said = coordinates.beside(
        values, [decoded(tag.raw(40)) for tag in tags if tag.number == number - 1]
    )
    return tuple(
        dict.fromkeys(
            reading
            for tag, reference in zip(values, said, strict=True)
            for reading in _coordinate(tag, axis, reference)
        )
    )


def _coordinate(tag: tiff.Tag, axis: Axis, reference: str | None) -> Readings:
    numbers = tag.numbers()
    if not numbers:
        return coordinates.NOT_READ
    if tag.type in _WORDED:
        return coordinates.in_text(decoded(tag.raw()), axis, reference)
    if math.isnan(numbers[0]) and any(tag.raw(24)[at : at + 4].strip(b"\0") for at in (0, 8, 16)):
        return coordinates.NOT_READ  # something over zero; zero over zero states nothing
    return coordinates.in_numbers(numbers, axis, reference)
