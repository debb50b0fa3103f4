"""Many photos, each with an answer of its own; one that fails never ends the rest."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import logging
from typing import TYPE_CHECKING, Protocol, Self

from imu_imageprep import atomic, storage
from imu_imageprep.batch.albums import Albums
from imu_imageprep.clock import processors
from imu_imageprep.domain.albums import ALONE
from imu_imageprep.domain.errors import (
    SAVE_AGAIN,
    TOO_LITTLE_MEMORY,
    ExitCode,
    ImageprepError,
    InputProblem,
)
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.open_photos import ROOM, OpenPhotos
from imu_imageprep.stages.export import Ready, export_many
from imu_imageprep.stages.read import read
from imu_imageprep.stages.watermark import approved_logo
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.batch.workers import Workers
    from imu_imageprep.domain.albums import Turn
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.request import Handover, Request, Target
    from imu_imageprep.session import Session
    from imu_imageprep.storage import Place

_log = logging.getLogger("imu_imageprep")

# Of how many folders it is known that they were swept: a walk comes back to few, and once more does
# no harm.
_SWEPT = 1000


class Elsewhere(Protocol):
    """Works on photos somewhere else than on this computer."""

    def work(self, tasks: Iterable[Task], request: Request) -> Iterator[tuple[Task, Receipt]]:
        """Prepare photos, taken as there is room; each comes back with its receipt."""
        ...

    def close(self) -> None:
        """Give up what is being done."""
        ...


class Batch:
    """Photos of one session, prepared in this process or in workers that can die alone.

    Photos that wait may be prepared again with other wishes: what was seen in them is kept where
    it was seen, as long as there is room.

    Args:
        session: what holds for all of them.
        jobs: how many photos are worked on at a time; by default as many as there are processors.
        apart: work on every photo in a process of its own, also where there is just one.
        keep: whether photos that wait will be asked about again.
        cluster: works on the photos instead of this computer; closed with this.

    Raises:
        PolicyProblem: the policy's logo is missing or not an approved one: one problem, not one
            for each photo.
    """

    def __init__(
        self,
        session: Session,
        jobs: int | None = None,
        *,
        apart: bool = False,
        keep: bool = False,
        cluster: Elsewhere | None = None,
    ) -> None:
        approved_logo(session.policy)
        self._session = session
        self._jobs = jobs or processors()
        self._apart = apart
        self._room = ROOM if keep else 0
        self._photos = OpenPhotos(self._room)
        self._waiting: dict[str, Task] = {}
        self._workers: Workers | None = None
        self._cluster = cluster

    def run(
        self, tasks: Iterable[Task], request: Request, albums: Albums | None = None
    ) -> Iterator[Receipt]:
        """Prepare photos; receipts come as they finish.

        What killed runs left in the folders of the exports is removed first. One photo, or one
        job, needs no process of its own and keeps the order of the tasks. Who stops early ends
        the workers: an export is written whole or not at all.

        Args:
            tasks: taken as they are needed, never all at once.
            request: what is asked for with each photo.
            albums: which photos belong together; by default those of a folder in this run.
        """
        ahead = iter(tasks) if request.dry_run else swept(tasks)
        first = list(itertools.islice(ahead, 1 if self._apart else 2))
        tasks = itertools.chain(first, ahead)
        # One photo has no album, and its answer comes without a second turn.
        single = albums is None and not self._apart and len(first) <= 1
        if albums is None:
            finishing = not request.dry_run or bool(request.redact or request.boxes)
            albums = Albums(finishing=finishing)
        turns = tasks if single else albums.turns(tasks)
        try:
            apart = self._apart and (first or albums.ready)
            if self._cluster is None and (apart or (self._jobs > 1 and len(first) > 1)):
                self._begin_workers()
            for task, receipt in itertools.chain(
                self._work(turns, request, albums), self._work(albums.rest(), request, albums)
            ):
                if self._room and receipt.outcome is Outcome.HELD:
                    self._waiting[str(task.path)] = task
                yield receipt
        except BaseException:  # whoever stops, also with Ctrl-C, waits for no worker
            self.close()
            raise

    def _work(
        self, tasks: Iterable[Task], request: Request, albums: Albums
    ) -> Iterator[tuple[Task, Receipt]]:
        """Give photos a turn; those that are finished come back."""
        took: Iterator[tuple[Task, Receipt]]
        if self._cluster is not None:
            took = self._cluster.work(tasks, request)
        elif self._workers is None:
            took = ((task, one(self._session, task, request, self._photos)) for task in tasks)
        else:
            took = self._side_by_side(self._workers, tasks, request)
        for task, receipt in took:
            albums.took(task, receipt)
            yield from albums.done()
        yield from albums.done()

    def again(self, path: str, request: Request) -> Receipt:
        """Prepare a photo that waits again, with other wishes.

        Args:
            path: as its receipt tells it.
            request: what is asked for now.
        """
        task = self._waiting[path]
        if self._workers is None:
            return one(self._session, task, request, self._photos)
        from imu_imageprep.batch.workers import any_done  # noqa: PLC0415  (the workers are there)

        work = self._workers.submit(
            _one, task, request, seconds=self._session.policy.limits.seconds, at=path
        )
        try:
            return any_done([work]).pop().result()
        except InputProblem as problem:
            return failed(task, problem)

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        for ended in (self._workers, self._cluster):
            if ended is not None:
                ended.close()

    def __enter__(self) -> Self:
        """Itself; it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _begin_workers(self) -> None:
        from imu_imageprep.batch.workers import Workers  # noqa: PLC0415  (multiprocessing: 6 CPU ms)

        self._workers = Workers(self._jobs, functools.partial(_remember, self._session, self._room))

    def _side_by_side(
        self, workers: Workers, tasks: Iterable[Task], request: Request
    ) -> Iterator[tuple[Task, Receipt]]:
        from imu_imageprep.batch.workers import side_by_side  # noqa: PLC0415

        seconds = self._session.policy.limits.seconds
        if not self._session.ledger.shared:
            return side_by_side(workers, _one, tasks, request, seconds=seconds, lost=failed)
        return side_by_side(
            workers,
            _one_ready,
            tasks,
            request,
            seconds=seconds,
            lost=failed,
            together=_together,
        )


def one(session: Session, task: Task, request: Request, photos: OpenPhotos) -> Receipt:
    """Prepare one photo; whatever goes wrong becomes a failed receipt.

    Args:
        session: the rules and the ledger.
        task: the photo, and where its export goes.
        request: what is asked for with it.
        photos: keeps what is seen in it while it waits.
    """
    if task.problem is not None:
        return failed(task, task.problem)

    def prepared() -> Receipt:
        rules = session.rules_for(task.path)  # looks for files in every folder above: once
        source = read(task.path, rules.limits)
        return prepare_open(
            session, source, request, task.target, photos, rules=rules, turn=task.turn
        )

    receipt = attempt(str(task.path), prepared)
    if task.renamed and receipt.failure is None:
        note = "another photo of this run has the same name, so this one is numbered"
        receipt = dataclasses.replace(receipt, notes=(*receipt.notes, note))
    return receipt


def one_ready(session: Session, task: Task, request: Request, photos: OpenPhotos) -> Receipt:
    """As :func:`one`; an export that may be recorded and written with others is left ready."""
    if task.target is not None:
        task = dataclasses.replace(task, target=dataclasses.replace(task.target, grouped=True))
    return one(session, task, request, photos)


def together(session: Session, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Export photos that were left ready; whatever goes wrong becomes a failed receipt.

    Args:
        session: holds the ledger.
        receipts: of photos that were left ready.
    """
    try:
        marked = [_marked(session, receipt) for receipt in receipts]
        group = [
            receipt.ready
            for receipt, held in zip(receipts, marked, strict=True)
            if not held and isinstance(receipt.ready, Ready)
        ]
        made = iter(export_many(group, session.ledger))
    except Exception as problem:  # noqa: BLE001  (one bug must not end the batch)
        return [failure(receipt.path, problem) for receipt in receipts]
    return [
        _left(receipt, _MARKED if held else next(made))
        for receipt, held in zip(receipts, marked, strict=True)
    ]


_MARKED = InputProblem(
    "Somebody marked something in this photo just before it was exported.",
    "Run the same command again: it is decided anew.",
)


def _marked(session: Session, receipt: Receipt) -> bool:
    """Whether somebody drew on a photo after it was decided; only unmarked ones wait for others."""
    return receipt.source is not None and bool(session.ledger.drawn_for(receipt.source.sha256))


def _left(receipt: Receipt, made: Receipt | ImageprepError) -> Receipt:
    if isinstance(made, ImageprepError):
        return failure(receipt.path, made)
    return dataclasses.replace(
        receipt, ready=None, outcome=made.outcome, export=made.export, head=made.head
    )


def prepare_open(
    session: Session,
    source: Source,
    request: Request,
    target: Target | Handover | None,
    photos: OpenPhotos,
    *,
    rules: Policy | None = None,
    turn: Turn = ALONE,
) -> Receipt:
    """Prepare a photo, and keep what was seen in it as long as it waits.

    The arguments are those of ``Session.prepare``.

    Raises:
        ImageprepError: as of ``Session.prepare``.
    """
    receipt = session.prepare(source, request, target, photos, rules=rules, turn=turn)
    if receipt.ready is not None or receipt.outcome not in (Outcome.HELD, Outcome.CLEAR):
        photos.let_go(source.sha256)
    return receipt


def attempt(path: str | None, work: Callable[[], Receipt]) -> Receipt:
    """The receipt of a photo's work, also where it fails: one trouble, one exit code.

    Args:
        path: what the photo is called in its receipt; None where it has no file.
        work: prepares it.
    """
    try:
        return work()
    except Exception as problem:  # noqa: BLE001  (one photo's bug must not end the batch)
        return failure(path, problem)


def failure(path: str | None, problem: Exception) -> Receipt:
    """The receipt of a photo that could not be prepared; what is no problem of ours is our bug."""
    if isinstance(problem, MemoryError):
        problem = InputProblem(TOO_LITTLE_MEMORY, SAVE_AGAIN)
    elif isinstance(problem, OSError):
        problem = atomic.refused(problem)
    if isinstance(problem, ImageprepError):
        told = Failure.of(problem)
    else:
        # The type alone: a message could quote the file's content.
        _log.error("unexpected %s at %s", type(problem).__name__, _where(problem))
        told = Failure(
            code=int(ExitCode.BUG),
            type=type(problem).__name__,
            message="imageprep itself failed on this photo; nothing was written.",
            advice="Report it with the file's format and size; -v says where it happened.",
        )
    return Receipt(Outcome.FAILED, path=path, failure=told, product=__version__)


def failed(task: Task, problem: Exception) -> Receipt:
    """The receipt of a planned photo that could not be prepared."""
    return failure(str(task.path), problem)


def swept(tasks: Iterable[Task]) -> Iterator[Task]:
    """The tasks; the folder of each export is swept when it first comes up."""
    swept: dict[Place, None] = {}
    for task in tasks:
        folder = None if task.target is None else task.target.folder
        if folder is not None and folder not in swept:
            if len(swept) == _SWEPT:
                del swept[next(iter(swept))]
            swept[folder] = None
            with contextlib.suppress(ImageprepError):  # of a store: its photos say so
                storage.at(folder).sweep(folder)
        yield task


def _where(bug: Exception) -> str:
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"


_at_hand: tuple[Session, OpenPhotos] | None = None


def _remember(session: Session, room: int) -> None:
    """In a worker, once: what every photo needs."""
    global _at_hand  # noqa: PLW0603  (a worker process holds one run)
    _at_hand = session, OpenPhotos(room)


def _one(task: Task, request: Request) -> Receipt:
    """In a worker, for each photo."""
    assert _at_hand is not None
    session, photos = _at_hand
    return one(session, task, request, photos)


def _one_ready(task: Task, request: Request) -> Receipt:
    """In a worker, for each photo whose export may be recorded with others."""
    assert _at_hand is not None
    session, photos = _at_hand
    return one_ready(session, task, request, photos)


def _together(receipts: Sequence[Receipt], request: Request) -> list[Receipt]:
    """In a worker, for photos that are ready."""
    assert _at_hand is not None
    del request
    return together(_at_hand[0], receipts)
