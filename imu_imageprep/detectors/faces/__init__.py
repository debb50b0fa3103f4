"""Faces: the detector, over the networks and the search of a picture with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep import assets
from imu_imageprep.detectors.faces import centerface, persons, search
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import Finding, Flag, Looked
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from imu_imageprep.detectors.faces.centerface import Values
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo


@dataclass(frozen=True, slots=True)
class Faces:
    """Looks for faces, upright ones first, and for turned ones where those are not sure.

    Attributes:
        people: what becomes of people of whom no face is found; how thoroughly they are asked for
            depends on it.
    """

    people: Level = Level.NOTE
    name: ClassVar[str] = "faces"
    flag: ClassVar[Flag] = Flag.FACE

    @property
    def model(self) -> str | None:
        """Versions of the networks' weights; None where the list of models cannot be read."""
        return assets.version_of(centerface.MODEL, persons.MODEL)

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002  (the port's shape)
        """Look for faces.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            One finding per face, best first, then one per person of whom no face is found; and the
            strongest response, flagged or not.

        Raises:
            ModelProblem: a network that is asked is missing or damaged.
        """
        seen = search.search(photo.pixels)
        findings = [_finding("face", row) for row in seen.faces]
        if self.people is not Level.OFF:
            people = seen.people(thoroughly=self.people is Level.HOLD)
            findings += [_finding("person", row) for row in people]
        return Looked(tuple(findings), seen.best)


def _finding(kind: str, row: Values) -> Finding:
    score, x, y, w, h = (float(number) for number in row)
    # float32 fractions may end a hair outside.
    return Finding(kind, min(score, 1.0), Box(x, y, w, h).clipped())
