"""Stand-ins that implement the real interfaces; nothing of the product is patched."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Answers, Suggestion
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import Finding, Flag, Looked, Scan
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.recognition import Recognition
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.pipeline import Equipment
from imu_imageprep.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.answers import Pointed
    from imu_imageprep.domain.fitting import Circumstances
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.receipt import ExportRecord, Receipt
    from imu_imageprep.domain.trail import Listed
    from imu_imageprep.ports import Detector


@dataclass(frozen=True)
class FixedClock:
    """Always the same moment."""

    moment: datetime = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class FakeDetector:
    """Finds what it is told to."""

    name: str
    flag: Flag | None
    finds: tuple[Finding, ...] = ()
    model: str | None = "0123456789ab"
    score: float = 0.01

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del photo, metadata
        return Looked(self.finds, max([self.score, *(f.score for f in self.finds)]))


@dataclass(frozen=True)
class FailingDetector:
    """Raises whatever it is given."""

    name: str
    flag: Flag | None
    problem: Exception
    model: str | None = None

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del photo, metadata
        raise self.problem


@dataclass(frozen=True)
class SpotDetector:
    """Finds a face wherever the picture has its colour: what it sees depends on the pixels.

    Covering the spot makes it disappear, so the second look is tried for real.
    """

    colour: tuple[int, int, int]
    name: str = "faces"
    flag: Flag | None = Flag.FACE
    model: str | None = "spot"

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del metadata
        near = np.abs(photo.pixels.astype(int) - self.colour).max(axis=2) < 24
        if not near.any():
            return Looked((), 0.0)
        rows, columns = np.where(near)
        width, height = photo.size
        box = Box.from_pixels(
            float(columns.min()),
            float(rows.min()),
            float(np.ptp(columns) + 1),
            float(np.ptp(rows) + 1),
            width=width,
            height=height,
        )
        return Looked((Finding("face", 0.9, box),), 0.9)


def damaged_model() -> FailingDetector:
    return FailingDetector("faces", Flag.FACE, ModelProblem("The model file is damaged."))


@dataclass
class MemoryLedger:
    """A ledger that forgets everything with the test."""

    begun: list[Receipt] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    drawn: tuple[Pointed, ...] = ()
    answers: Answers = field(default_factory=Answers)
    kept: dict[str, Listed] = field(default_factory=dict)

    def clinical_of(self, source: str) -> float | None:
        for receipt in reversed(self.begun):
            if receipt.source and receipt.source.sha256 == source:
                for exam in receipt.examinations:
                    if exam.flag is Flag.CLINICAL and isinstance(exam.scan, Looked):
                        return exam.scan.score if exam.scan.own is None else exam.scan.own
        return None

    def original_at(self, path: str) -> str | None:
        for number, receipt in reversed(list(enumerate(self.begun, 1))):
            if f"head-{number}" in self.done and receipt.export and receipt.export.path == path:
                return None if receipt.path is None else Path(receipt.path).name
        return None

    def made(self, sha256: str) -> bool:
        return any(r.export is not None and r.export.sha256 == sha256 for r in self.begun)

    def captioned(self, sha256: str) -> bool:
        return any(r.caption_sha256 == sha256 for r in self.begun)

    def drawn_for(self, photo: str) -> tuple[Pointed, ...]:
        return tuple(one for one in self.drawn if one.seen.photo == photo)

    def answers_for(self, photo: str) -> Answers:
        del photo
        return self.answers

    def record(self, ref: str) -> Listed | None:
        return self.kept.get(ref)

    def begin(self, receipt: Receipt) -> str:
        self.begun.append(receipt)
        return f"head-{len(self.begun)}"

    def finish(self, begun: str) -> str:
        self.done.append(begun)
        return f"{begun}-done"

    def exports_of(self, source: str, policy: str, request: str) -> tuple[ExportRecord, ...]:
        return tuple(
            r.export
            for n, r in enumerate(self.begun, 1)
            if f"head-{n}" in self.done
            and r.export is not None
            and (r.source.sha256 if r.source else None, r.policy, r.request)
            == (source, policy, request)
        )


@dataclass(frozen=True)
class FakeRecogniser:
    """Knows every face it is shown, and has a record that would fit."""

    code: str = "NURSE-7"
    trouble: str | None = None
    shown: list[str] = field(default_factory=list)

    def recognise(self, photo: Photo, faces: Sequence[Finding], now: Circumstances) -> Recognition:
        del photo
        assert now.today is not None
        self.shown.extend(face.id for face in faces)
        if self.trouble is not None:
            return Recognition(trouble=self.trouble)
        return Recognition(tuple(Suggestion(face.id, self.code, 0.0, ("C-1",)) for face in faces))


@dataclass(frozen=True)
class FatalDetector:
    """Kills its own process where the picture has its colour, as a decoder's bug would."""

    colour: tuple[int, int, int]
    name: str = "faces"
    flag: Flag | None = Flag.FACE
    model: str | None = "fatal"

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        if SpotDetector(self.colour).look(photo, metadata).findings:  # type: ignore[union-attr]
            _die()
        return Looked((), 0.0)


def _die() -> None:
    if sys.platform != "win32":
        os.kill(os.getpid(), signal.SIGKILL)
    os.abort()


@dataclass(frozen=True)
class CountingDetector:
    """Answers as another one does, and writes down each time that it is asked, in any process.

    What is written is the size of the picture: the finished one has the size of an export.
    """

    asked: SpotDetector
    log: Path
    name: str = "faces"
    flag: Flag | None = Flag.FACE
    model: str | None = "spot"

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        with self.log.open("a") as file:
            file.write(f"{photo.size.width}x{photo.size.height}\n")
        return self.asked.look(photo, metadata)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []


@dataclass(frozen=True)
class FakeSession(Session):
    """Equips a run with a detector of faces and nothing else to find; can be sent to a worker."""

    faces: Detector = field(kw_only=True)

    @classmethod
    def with_faces(cls, faces: Detector) -> FakeSession:
        return cls(Policy(), None, SqliteLedger(Path("nowhere"), FixedClock()), faces=faces)

    def equipment(self, policy: Policy) -> Equipment:
        others = (
            FakeDetector("clinical", Flag.CLINICAL),
            FakeDetector("credit", Flag.SOURCE),
            FakeDetector("codes", Flag.CODE),
            FakeDetector("text", Flag.TEXT),
        )
        return Equipment(policy, (self.faces, *others), MemoryLedger(), FixedClock())


# The width that WidthDetector takes for nothing clinical at all, and how much wider is certain.
PLAIN, CERTAIN = 300, 100


@dataclass(frozen=True)
class WidthDetector:
    """A clinical check that goes by a photo's width, so that tests say what it makes of each.

    It writes down each time that it is asked, in any process, where it is told to.
    """

    log: Path | None = None
    name: str = "clinical"
    flag: Flag | None = Flag.CLINICAL
    model: str | None = "width"

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del metadata
        if self.log is not None:
            with self.log.open("a") as file:
                file.write("looked\n")
        score = (photo.source_size.width - PLAIN) / CERTAIN
        found = (Finding("clinical", score),) if score >= 0.5 else ()
        return Looked(found, score, doubted_from=0.1)


def width_of(score: float) -> int:
    """How wide a photo has to be for WidthDetector to give it a score."""
    return PLAIN + round(score * CERTAIN)


@dataclass(frozen=True)
class ClinicalSession(FakeSession):
    """With a clinical check that goes by the photo's width, and a ledger on disk."""

    log: Path | None = field(default=None, kw_only=True)

    @classmethod
    def at(cls, ledger: Path, policy: Policy | None = None, log: Path | None = None) -> Self:
        quiet = FakeDetector("faces", Flag.FACE)
        kept = SqliteLedger(ledger, FixedClock())
        return cls(policy or Policy(), None, kept, faces=quiet, log=log)

    def equipment(self, policy: Policy) -> Equipment:
        plain = super().equipment(policy)
        others = (one for one in plain.detectors if one.flag is not Flag.CLINICAL)
        detectors = (*others, WidthDetector(self.log))
        return Equipment(policy, detectors, self.ledger, FixedClock())


@dataclass(frozen=True)
class DyingSession(ClinicalSession):
    """A worker that works by it kills itself where a file says so.

    The file is taken away first, so that whoever tries again comes through.
    """

    order: Path = field(kw_only=True)

    def equipment(self, policy: Policy) -> Equipment:
        if self.order.exists():
            self.order.unlink()
            _die()
        return super().equipment(policy)
