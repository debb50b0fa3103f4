"""What the core asks of the outside, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from imu_imageprep.domain.answers import Pointed
    from imu_imageprep.domain.case import Answers
    from imu_imageprep.domain.finding import Finding, Flag, Scan
    from imu_imageprep.domain.fitting import Circumstances
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.receipt import ExportRecord, Receipt
    from imu_imageprep.domain.recognition import Recognition
    from imu_imageprep.domain.trail import Listed


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


class Recogniser(Protocol):
    """Suggests who the faces of a photo that waits may be; asked for in a run, or absent."""

    def recognise(self, photo: Photo, faces: Sequence[Finding], now: Circumstances) -> Recognition:
        """Compare faces with the people who agreed to it; never raises for what it lacks.

        Args:
            photo: upright sRGB pixels, uint8 RGB.
            faces: findings with boxes.
            now: the circumstances that a consent would have to fit.
        """
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class Ledger(Protocol):
    """What the pipeline asks of the ledger; ``OutputProblem`` wherever it cannot be used."""

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

    def clinical_of(self, source: str) -> float | None:
        """The clinical check's own score of a source (sha256) as it was exported last, if any."""
        ...

    def original_at(self, path: str) -> str | None:
        """File name of the original of the last finished export at a path, where it is known."""
        ...

    def made(self, sha256: str) -> bool:
        """Whether bytes (hex sha256) are an export's, wherever they lie now."""
        ...

    def captioned(self, sha256: str) -> bool:
        """Whether bytes (hex sha256) are those of a caption that was written beside an export."""
        ...

    def drawn_for(self, photo: str) -> tuple[Pointed, ...]:
        """What people saw in a photo (hex sha256); to be asked for every photo, found or not."""
        ...

    def answers_for(self, photo: str) -> Answers:
        """Everything that people answered for a photo (hex sha256), with the records it names."""
        ...

    def record(self, ref: str) -> Listed | None:
        """What has a reference, as it stands; None where nothing has."""
        ...


class ManyLedger(Protocol):
    """What is asked of a ledger that records exports in groups; as ``Ledger`` for one."""

    def begin_many(self, receipts: Sequence[Receipt]) -> tuple[str, ...]:
        """Record that exports are about to be written, all or none."""
        ...

    def finish_many(self, begun: Sequence[str]) -> tuple[str, ...]:
        """Record that exports were written, all or none."""
        ...
