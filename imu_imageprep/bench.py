"""Photos one at a time in worker processes that stand ready: what a server needs.

A photo is handed over as bytes, and its export comes back as bytes, or it lies in a folder that
was planned, and its export goes beside it. What was seen in a photo stays in the worker that saw
it. Whatever happens to a worker costs its own photo alone.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from imu_imageprep import pipeline, small
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan, Task
from imu_imageprep.batch.run import attempt, failure, one, prepare_open, swept
from imu_imageprep.batch.workers import Workers
from imu_imageprep.domain.albums import ALONE, Turn
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.request import Handover, Request, plain_stem
from imu_imageprep.sandbox import opened
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.read import from_bytes, read
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from PIL import Image

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.photo import Format, Photo, Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.pipeline import Equipment, Seen
    from imu_imageprep.session import Session

__all__ = ["Bench", "Dropped", "Prepared", "Preview", "Task", "failure_of", "planned"]

T = TypeVar("T")

# Long side in pixels in which codes are read: more than a look needs, so that small ones are read.
_READ_SIDE = 3000

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
    """What came of a photo.

    Attributes:
        receipt: its receipt.
        data: the export's bytes, where it was exported and not written to a file.
        small: of the export, or else of the photo, a small JPEG file's bytes; not of a dry run.
        pattern: of the small picture, as ``domain.bursts.Glimpse`` says.
        turn: what was seen, so that whoever works on the photo next need not ask the detectors.
    """

    receipt: Receipt
    data: bytes | None = field(default=None, repr=False)
    small: bytes | None = field(default=None, repr=False)
    pattern: int | None = None
    turn: Turn = field(default=ALONE, repr=False)


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
        session: its networks are loaded before the first photo comes; None loads them with it.
    """

    def __init__(self, jobs: int, session: Session | None = None) -> None:
        warm = None if session is None else functools.partial(_warm, session)
        self._workers = Workers(jobs, warm)

    def prepare(
        self, photo: Handed, session: Session, request: Request, *, urgent: bool = False
    ) -> Future[Prepared]:
        """Prepare a photo, before all others where it is urgent; one that fails gives a receipt."""
        return self._submit(_prepared, photo, session, request, urgent=urgent)

    def picture(self, photo: Handed, policy: Policy, side: int, sha256: str = "") -> Future[bytes]:
        """The photo for showing (see ``shown``).

        Args:
            photo: the photo.
            policy: its limits hold.
            side: the long side in pixels.
            sha256: of its file, where it is known: a photo that is still open is not decoded again,
                and one that was changed is not shown (``InputProblem``).
        """
        seconds = policy.limits.seconds
        return self._workers.submit(
            _picture, photo, policy, side, sha256, seconds=seconds, at=_at(photo), urgent=True
        )

    def codes(
        self, photo: Handed, policy: Policy, boxes: Sequence[Box], sha256: str
    ) -> Future[list[str | None]]:
        """What the QR codes at some places of a photo say; None for one that cannot be read.

        It is for the person who decides about them and is kept nowhere. A photo that was changed
        is not read (``InputProblem``).
        """
        seconds = policy.limits.seconds
        return self._workers.submit(
            _codes, photo, policy, boxes, sha256, seconds=seconds, at=_at(photo), urgent=True
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
        seconds = session.policy.limits.seconds
        return self._workers.submit(
            work, photo, session, request, seconds=seconds, at=_at(photo), urgent=urgent
        )

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        self._workers.close()


def _at(photo: Handed) -> str:
    """By what the workers know a photo."""
    return str(photo.path) if isinstance(photo, Task) else photo.id


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
    return _jpeg(opened(source, side, policy.limits)[1], side)


def _jpeg(photo: Photo, side: int) -> bytes:
    from PIL import Image  # noqa: PLC0415  (answers are given without it)

    photo = fit(photo, Size(side, side))
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


class _Watched(OpenPhotos):
    """Open photos, and what was seen in the one that was asked about last, by which rules."""

    latest: tuple[Seen, Policy] | None = None

    def examine(self, source: Source, equipment: Equipment, turn: Turn = ALONE) -> Seen:
        """As of :class:`OpenPhotos`."""
        seen = super().examine(source, equipment, turn)
        self.latest = seen, equipment.policy
        return seen


@functools.cache
def _photos() -> _Watched:
    """In a worker: what was seen there."""
    return _Watched()


# The smallest picture that every detector looks at; it shows nothing.
_BLANK = (64, 64)


def _warm(session: Session) -> None:
    """In a worker, once: load what looks at photos by looking at a blank one."""
    from PIL import Image  # noqa: PLC0415

    buffer = io.BytesIO()
    Image.new("RGB", _BLANK, "grey").save(buffer, "PNG")
    source = from_bytes(buffer.getvalue(), session.policy.limits)
    # What is wrong is told with the first photo.
    attempt(None, lambda: session.prepare(source, Request(dry_run=True), None))


def _prepared(photo: Handed, session: Session, request: Request) -> Prepared:
    """In a worker."""
    photos = _photos()
    buffer = io.BytesIO()

    def dropped(photo: Dropped) -> Receipt:
        source = from_bytes(photo.data, session.policy.limits)
        target = Handover(buffer, plain_stem(photo.name))
        return prepare_open(session, source, request, target, photos, turn=photo.turn)

    if isinstance(photo, Task):
        receipt = one(session, photo, request, photos)
    else:
        receipt = attempt(None, lambda: dropped(photo))
    latest, photos.latest = photos.latest, None
    done = Prepared(receipt, buffer.getvalue() or None)
    if latest is not None:
        done = dataclasses.replace(done, turn=_next_turn(*latest))
    if request.dry_run:
        return done
    picture = _small(done, latest[0].photo if latest else None)
    if picture is None:
        return done
    return dataclasses.replace(done, small=small.jpeg(picture), pattern=small.pattern(picture))


def _small(done: Prepared, photo: Photo | None) -> Image.Image | None:
    """What is shown of a photo in small: its export where it has one."""
    export = done.receipt.export
    if export is not None and done.receipt.outcome in (Outcome.EXPORTED, Outcome.SKIPPED):
        try:
            return small.of_file(done.data or reachable(Path(export.path)).read_bytes())
        except (OSError, ValueError):
            return None
    return None if photo is None else small.of_pixels(photo.pixels)


def _next_turn(seen: Seen, rules: Policy) -> Turn:
    """What the next look at a photo begins with; what could not be looked at is tried again."""
    if not seen.whole:
        return ALONE
    return Turn(photo=seen.source.sha256, policy=rules.digest(), seen=seen.examinations)


def _picture(photo: Handed, policy: Policy, side: int, sha256: str) -> bytes:
    """In a worker."""
    kept = _photos().photo(sha256)
    if kept is not None and max(kept.size) >= min(side, max(kept.source_size)):
        return _jpeg(kept, side)
    return shown(_unchanged(photo, policy, sha256), policy, side)


def _unchanged(photo: Handed, policy: Policy, sha256: str) -> Source:
    source = _read(photo, policy)
    if sha256 and source.sha256 != sha256:
        # Whoever answers what was found in one file must not be shown another.
        raise InputProblem("The photo was changed since it was checked.", "Check it again.")
    return source


def _codes(photo: Handed, policy: Policy, boxes: Sequence[Box], sha256: str) -> list[str | None]:
    """In a worker."""
    from imu_imageprep.detectors.codes import said_by  # noqa: PLC0415  (seldom)

    source = _unchanged(photo, policy, sha256)
    pixels = opened(source, _READ_SIDE, policy.limits)[1]
    return [said_by(pixels, box) for box in boxes]


def _previewed(photo: Handed, session: Session, request: Request) -> Preview:
    """In a worker."""
    return previewed(_read(photo, session.policy), session, request, _photos(), turn=photo.turn)


def _read(photo: Handed, policy: Policy) -> Source:
    if isinstance(photo, Task):
        return read(photo.path, policy.limits)
    return from_bytes(photo.data, policy.limits)
