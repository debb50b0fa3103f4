"""Photos one at a time in worker processes that stand ready: what a server needs.

A photo is handed over as bytes, and its export comes back as bytes, or it lies in a folder that
was planned, and its export goes beside it. What was seen in a photo stays in the worker that saw
it. Whatever happens to a worker costs its own photo alone.
"""

from __future__ import annotations

import functools
import io
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from imu_imageprep import pipeline
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan, Task
from imu_imageprep.batch.run import attempt, failure, one, prepare_open, swept
from imu_imageprep.batch.workers import Workers
from imu_imageprep.domain.albums import ALONE, Turn
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.request import Handover, plain_stem
from imu_imageprep.sandbox import opened
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.read import from_bytes, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from imu_imageprep.domain.photo import Format, Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session

__all__ = ["Bench", "Dropped", "Prepared", "Preview", "Task", "failure_of", "planned"]

T = TypeVar("T")

# JPEG at this quality shows no marks of its own.
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Dropped:
    """A photo that was handed over.

    Attributes:
        data: the file.
        name: a label and never a path.
        id: its own.
        turn: what is known of its album.
    """

    data: bytes = field(repr=False)
    name: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    turn: Turn = ALONE


Handed: TypeAlias = Dropped | Task


@dataclass(frozen=True, slots=True)
class Prepared:
    """A receipt, and the export's bytes where it was exported and not written to a file."""

    receipt: Receipt
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture as its export would be; it is on no record: never post it.

    Attributes:
        data: the whole file.
        format: the export's.
        size: width and height in pixels.
        receipt: of a dry run: what still holds the photo.
    """

    data: bytes = field(repr=False)
    format: Format
    size: Size
    receipt: Receipt


class Bench:
    """Worker processes for photos; they end with this process, also when that is killed.

    Where a worker dies or is late, the future of its work raises ``InputProblem``.

    Args:
        jobs: how many photos are worked on at a time.
    """

    def __init__(self, jobs: int) -> None:
        self._workers = Workers(jobs)

    def prepare(
        self, photo: Handed, session: Session, request: Request, *, urgent: bool = False
    ) -> Future[Prepared]:
        """Prepare a photo, before all others where it is urgent; one that fails gives a receipt."""
        return self._submit(_prepared, photo, session, request, urgent=urgent)

    def picture(self, photo: Handed, policy: Policy, side: int) -> Future[bytes]:
        """The photo for showing (see ``shown``)."""
        return self._workers.submit(
            _picture, photo, policy, side, seconds=policy.limits.seconds, urgent=True
        )

    def preview(self, photo: Handed, session: Session, request: Request) -> Future[Preview]:
        """What would leave (see ``previewed``)."""
        return self._submit(_previewed, photo, session, request, urgent=True)

    def _submit(
        self,
        work: Callable[[Handed, Session, Request], T],
        photo: Handed,
        session: Session,
        request: Request,
        *,
        urgent: bool,
    ) -> Future[T]:
        """Have the worker that knows a photo, if one does, work on it."""
        at = str(photo.path) if isinstance(photo, Task) else photo.id
        seconds = session.policy.limits.seconds
        return self._workers.submit(
            work, photo, session, request, seconds=seconds, at=at, urgent=urgent
        )

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        self._workers.close()


def planned(path: Path, session: Session) -> Iterator[Task]:
    """The photos of a folder, or one file, each with the place of its export.

    What killed runs left in the folders of the exports is removed on the way.

    Args:
        path: the folder or file.
        session: its ledger knows the exports, which are no photos.
    """
    return swept(Plan([path], made=Made(session.ledger)))


def failure_of(photo: Handed, problem: Exception) -> Receipt:
    """The receipt of a photo that could not be prepared."""
    return failure(str(photo.path) if isinstance(photo, Task) else None, problem)


def shown(source: Source, policy: Policy, side: int) -> bytes:
    """The photo for showing: upright, sRGB, nothing hidden, as a JPEG file's bytes.

    Args:
        source: the photo, read.
        policy: its limits hold.
        side: the long side in pixels; a smaller photo stays as it is.

    Raises:
        InputProblem: the photo could not be read.
    """
    from PIL import Image  # noqa: PLC0415  (answers are given without it)

    photo = fit(opened(source, side, policy.limits)[1], Size(side, side))
    buffer = io.BytesIO()
    Image.fromarray(photo.pixels).save(buffer, "JPEG", quality=_QUALITY, dpi=(72, 72))
    return buffer.getvalue()


def previewed(
    source: Source,
    session: Session,
    request: Request,
    photos: OpenPhotos,
    *,
    turn: Turn = ALONE,
) -> Preview:
    """Exactly the pixels that the export would have, whether or not the photo is held.

    Nothing is written and nothing recorded.

    Raises:
        ImageprepError: as of ``prepare``.
    """
    equipment = session.equipment(session.rules_for(source.path))
    seen = photos.examine(source, equipment, turn)
    receipt, picture = pipeline.preview(seen, request, equipment, photos, turn=turn)
    return Preview(picture.data, picture.format, picture.size, receipt)


@functools.cache
def _photos() -> OpenPhotos:
    """In a worker: what was seen there."""
    return OpenPhotos()


def _prepared(photo: Handed, session: Session, request: Request) -> Prepared:
    """In a worker."""
    if isinstance(photo, Task):
        return Prepared(one(session, photo, request, _photos()))
    buffer = io.BytesIO()

    def prepared() -> Receipt:
        source = from_bytes(photo.data, session.policy.limits)
        target = Handover(buffer, plain_stem(photo.name))
        return prepare_open(session, source, request, target, _photos(), turn=photo.turn)

    receipt = attempt(None, prepared)
    done = receipt.outcome is Outcome.EXPORTED
    return Prepared(receipt, buffer.getvalue() if done else None)


def _picture(photo: Handed, policy: Policy, side: int) -> bytes:
    """In a worker."""
    return shown(_read(photo, policy), policy, side)


def _previewed(photo: Handed, session: Session, request: Request) -> Preview:
    """In a worker."""
    return previewed(_read(photo, session.policy), session, request, _photos(), turn=photo.turn)


def _read(photo: Handed, policy: Policy) -> Source:
    if isinstance(photo, Task):
        return read(photo.path, policy.limits)
    return from_bytes(photo.data, policy.limits)
