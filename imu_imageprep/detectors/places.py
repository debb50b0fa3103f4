"""Finds photos that were taken inside a listed place, by where their file says they were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep.domain.finding import Finding, Looked

if TYPE_CHECKING:
    from imu_imageprep.domain.metadata import Metadata
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
            metadata: its position, where it has one.

        Returns:
            One "place" finding per place, with its name as label; score 1.0, or 0.0 for none.
        """
        if metadata.position is None:
            return Looked((), 0.0)
        inside = [
            place
            for place in self.places
            if place.position is not None
            and metres(metadata.position, place.position) <= place.radius
        ]
        found = tuple(Finding("place", 1.0, None, place.name) for place in inside)
        return Looked(found, 1.0 if found else 0.0)


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
