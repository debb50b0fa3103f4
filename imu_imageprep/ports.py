"""What the core asks of the outside, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from imu_imageprep.domain.finding import Flag, Scan
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.receipt import ExportRecord, Receipt


class Detector(Protocol):
    """Looks at one photo and answers; may be shared by threads."""

    @property
    def name(self) -> str:
        """Name of the scan in reports ("faces")."""
        ...

    @property
    def flag(self) -> Flag | None:
        """The policy's check it serves; None for a third party's own kind of finding."""
        ...

    @property
    def model(self) -> str | None:
        """Version of its model, so that answers bind to what was seen; None without a model."""
        ...

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        """Look at the photo.

        Args:
            photo: upright sRGB pixels, uint8 RGB.
            metadata: what the file said about itself.

        Returns:
            ``Looked`` with findings (without ids) and the strongest score, or ``DidNotLook``.
        """
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class Ledger(Protocol):
    """Remembers exports; append-only."""

    def begin(self, receipt: Receipt) -> str:
        """Record that an export is about to be written.

        Returns:
            The head hash after the event.

        Raises:
            OutputProblem: the ledger could not be written.
        """
        ...

    def finish(self, begun: str) -> str:
        """Record that the export of the ``begun`` event was written; returns the head hash.

        Raises:
            OutputProblem: the ledger could not be written.
        """
        ...

    def exports_of(self, source: str, policy: str, request: str) -> tuple[ExportRecord, ...]:
        """Finished exports of a source (sha256) under a policy (sha256) and request (sha256)."""
        ...
