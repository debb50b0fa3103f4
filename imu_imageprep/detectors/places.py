"""Finds photos that were taken inside a listed place, by where their file says they were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep.domain.finding import Finding, Looked
from imu_imageprep.domain.metadata import POSITION_NOT_READ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.metadata import Metadata, Position
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Place

_EARTH = 6_371_000  # mean radius in metres (IUGG)


@dataclass(frozen=True, slots=True)
class Places:
    """Compares a photo's position with the places of the policy; the position stays in memory.

    Attributes:
        places: those that need a permission; without a position they only name a place.
    """

    places: tuple[Place, ...]

    name: ClassVar[str] = "places"
    flag: ClassVar[None] = None
    model: ClassVar[None] = None

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002
        """Look whether the photo says that it was taken inside a place.

        Args:
            photo: not needed.
            metadata: its positions, where it has any.

        Returns:
            One "place" finding per place, with its name as label; score 1.0, or 0.0 for none.
            A position that can be read in several ways is in a place if one of them is, also with
            the longitude first, as some programs write it; one that cannot be read at all may be
            in any place, and is a finding of its own.
        """
        placed = tuple(place for place in self.places if place.position is not None)
        found: dict[str, Finding] = {}
        for stated in metadata.positions if placed else ():
            for name, reason in _inside(stated, placed):
                one = Finding("place", 1.0, None, name, reason=reason)
                if (name or "") not in found or one.reason is None:
                    found[name or ""] = one
        return Looked(tuple(found.values()), 1.0 if found else 0.0)


def _inside(stated: Position, placed: tuple[Place, ...]) -> Iterator[tuple[str | None, str | None]]:
    """The places that a position may lie in, None for any of several; and why it is not sure."""
    if (None, None) in stated.readings:
        yield placed[0].name if len(placed) == 1 else None, POSITION_NOT_READ
        return
    for place in placed:
        if any(_is_inside(reading, place) for reading in stated.readings):
            yield place.name, None if stated.sure else POSITION_NOT_READ
        elif any(_is_inside((north, east), place) for east, north in stated.readings):
            yield place.name, POSITION_NOT_READ


def _is_inside(reading: tuple[float | None, float | None], place: Place) -> bool:
    """Whether a point lies in a place; a coordinate that is not known may be the place's own."""
    middle = place.position
    if middle is None:
        return False
    point = tuple(own if one is None else one for one, own in zip(reading, middle, strict=True))
    return metres((point[0], point[1]), middle) <= place.radius


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points given as latitude and longitude in degrees (haversine formula)."""
    (lat1, lon1), (lat2, lon2) = (
        [math.radians(angle) for angle in point] for point in (one, other)
    )
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, chord)))
