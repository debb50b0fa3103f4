"""Pictures that no camera wrote: forwarded, downloaded, taken off a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.finding import Finding, Looked
from imu_imageprep.domain.metadata import NO_CAMERA_DATA

if TYPE_CHECKING:
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo


@dataclass(frozen=True, slots=True)
class Origin:
    """Asks who took a picture that holds no camera data; at work where the policy holds for it."""

    @property
    def name(self) -> str:
        """Name of the scan in reports."""
        return "origin"

    @property
    def flag(self) -> None:
        """None: it is only asked where the policy holds for what it finds."""
        return

    @property
    def model(self) -> None:
        """It has no model."""
        return

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002  (the port's shape)
        """Look whether anything says where the picture is from.

        Args:
            photo: not needed.
            metadata: what the file said about itself.

        Returns:
            One "source" finding with score 1.0 where nothing does, which a credit line or the word
            that it is one's own work answers; no finding and 0.0 otherwise.
        """
        if not metadata.of_unknown_source:
            return Looked((), 0.0)
        return Looked((Finding("source", 1.0, None, NO_CAMERA_DATA),), 1.0)
