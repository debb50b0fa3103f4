"""A piece of a run, worked on in one of Dask's workers; and what a worker must be like for that.

Photos are prepared as on one computer: each worker has processes of its own, as many as it has
threads, and a photo that kills one costs that photo alone.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import pickle
import platform
import threading
import time
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from imu_imageprep import assets
from imu_imageprep.batch.run import failed, one_ready, together
from imu_imageprep.batch.workers import Workers, side_by_side
from imu_imageprep.domain.errors import ImageprepError, ModelProblem, PolicyProblem
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.session import Session, policy_digest
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.verify import verify
from imu_imageprep.stages.watermark import approved_logo, watermark
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from distributed import Worker

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.request import Request

_log = logging.getLogger("imu_imageprep")

# Of how many runs a process remembers what they are about: several people may share a cluster.
_RUNS = 8

_SAMPLE = Size(1600, 1200)
_YEAR = 2000  # on the sample alone, which must not depend on the day

INSTALL = "Install the same imageprep, with the same extras, on every machine of the cluster."
_FILES = "Put the same fonts and the same logo on every machine of the cluster, at the same places."


@dataclass(frozen=True, slots=True)
class Traits:
    """What has to be the same wherever photos of one run are prepared.

    Attributes:
        product: the version of imageprep.
        models: of each model, its name and the sha256 of its weights.
        detectors: of each detector that the policy asks, its name and its version.
        policy: sha256 of the policy, the bytes of its logo included.
        sample: sha256 of the export of a made-up picture: fonts, scaling and encoding decide it.
        system: Python and libraries, which are told and not compared.
    """

    product: str
    models: tuple[tuple[str, str], ...]
    detectors: tuple[tuple[str, str | None], ...]
    policy: str
    sample: str
    system: str

    @classmethod
    def of(cls, session: Session) -> Traits:
        """Those of this process, for a run.

        Raises:
            ImageprepError: a model, a font or the logo is missing here.
        """
        policy = session.policy
        found = session.equipment(policy).detectors
        return cls(
            product=__version__,
            models=tuple((name, model.sha256) for name, model in sorted(assets.models().items())),
            detectors=tuple((detector.name, detector.model) for detector in found),
            policy=policy_digest(policy),
            sample=_sample(policy),
            system=_system(),
        )

    def refuse(self, other: Traits, name: str) -> None:
        """Refuse a worker that is not like this computer.

        Args:
            other: what the worker is like.
            name: what it is called.

        Raises:
            ModelProblem: it has another release, or other models or detectors.
            PolicyProblem: it would mark or write a picture in another way.
        """
        if other.product != self.product:
            raise ModelProblem(
                f"The worker {name} has imageprep {other.product}; this computer has "
                f"{self.product}.",
                INSTALL,
            )
        if other.models != self.models:
            raise ModelProblem(f"The worker {name} has other models than this computer.", INSTALL)
        if other.detectors != self.detectors:
            raise ModelProblem(
                f"The worker {name} has other detectors than this computer.", INSTALL
            )
        if other.policy != self.policy:
            raise PolicyProblem(f"The worker {name} has another policy than this computer.", _FILES)
        if other.sample != self.sample:
            raise PolicyProblem(
                f"The worker {name} marks or writes a picture in another way than this computer.",
                f"{_FILES} {INSTALL}",
            )
        if other.system != self.system:
            _log.info("the worker %s has %s, this computer %s", name, other.system, self.system)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some photos of a run, as they are sent to a worker.

    Attributes:
        session: the session, pickled: it is the same for all photos of a run.
        request: what is asked for with each.
        traits: what the worker has to be like.
        tasks: the photos.
    """

    session: bytes
    request: Request
    traits: Traits
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a piece.

    Attributes:
        receipts: one for each photo, in their order.
        seconds: how long it took.
    """

    receipts: tuple[Receipt, ...]
    seconds: float


def refused(pickled: bytes, dask_worker: Worker) -> bytes:
    """In a worker: why it may not work on a run; pickled, None where it may.

    Args:
        pickled: a piece without photos.
        dask_worker: the worker, by the name under which Dask gives it.
    """
    return _told(lambda: _refuse(pickle.loads(pickled), dask_worker))  # noqa: S301  (as below)


def answered(pickled: bytes) -> bytes:
    """In a thread of a worker: prepare a piece's photos.

    Returns:
        An :class:`Answer`, or the problem of a worker that is not like the computer on which the
        run began; pickled, so that Dask neither looks at it nor writes of it.
    """
    return _told(lambda: _answer(pickle.loads(pickled)))  # noqa: S301  (who may send, may do all)


def _told(work: Callable[[], object]) -> bytes:
    try:
        told = work()
    except ImageprepError as problem:
        told = problem
    return pickle.dumps(told)


def _answer(piece: Piece) -> Answer:
    from distributed import get_worker  # noqa: PLC0415  (only in its workers)

    began, worker = time.monotonic(), get_worker()
    _refuse(piece, worker)
    place = {id(task): number for number, task in enumerate(piece.tasks)}
    receipts = {
        place[id(task)]: receipt
        for task, receipt in side_by_side(
            _processes(worker.state.nthreads),
            _one,
            _wanted(piece.tasks, worker),
            piece.session,
            piece.request,
            seconds=_session(piece.session).policy.limits.seconds,
            lost=failed,
            together=_together,
        )
    }
    in_order = tuple(receipts[number] for number in range(len(piece.tasks)))
    return Answer(in_order, time.monotonic() - began)


def _refuse(piece: Piece, worker: Worker) -> None:
    name = str(worker.name)
    piece.traits.refuse(_traits_of(piece.session, name), name)


def end() -> None:
    """End this process's workers, where it had any."""
    global _workers  # noqa: PLW0603  (a process has one set of them)
    with _beginning:
        if _workers is not None:
            _workers.close()
        _workers = None


def _wanted(tasks: Iterable[Task], worker: Worker) -> Iterator[Task]:
    """The photos of a piece, as long as somebody waits for it.

    Dask stops no thread: a piece that was cancelled, or that another worker does again because the
    scheduler lost this one, would go on to its end.
    """
    key = worker.get_current_task()
    for task in tasks:
        state = worker.state.tasks.get(key)
        if state is None or state.state != "executing" or worker.status.name != "running":
            raise _Abandoned
        yield task


class _Abandoned(Exception):
    """Nobody waits for a piece any more."""


_beginning = threading.Lock()
_workers: Workers | None = None


def _processes(number: int) -> Workers:
    """This worker's processes, which all of its threads share."""
    global _workers  # noqa: PLW0603  (a process has one set of them)
    with _beginning:
        if _workers is None:
            _workers = Workers(number)
        return _workers


@functools.lru_cache(_RUNS)
def _session(pickled: bytes) -> Session:
    session: Session = pickle.loads(pickled)  # noqa: S301  (as above)
    return session


_nothing_kept = OpenPhotos(0)


def _one(task: Task, session: bytes, request: Request) -> Receipt:
    """In a process of a worker, for each photo."""
    return one_ready(_session(session), task, request, _nothing_kept)


def _together(receipts: Sequence[Receipt], session: bytes, request: Request) -> list[Receipt]:
    """In a process of a worker, for photos that are ready."""
    del request
    return together(_session(session), receipts)


@functools.lru_cache(_RUNS)
def _traits_of(session: bytes, name: str) -> Traits:
    if multiprocessing.current_process().daemon:
        raise ModelProblem(
            f"The worker {name} may not begin processes of its own.",
            "Start it so: dask worker SCHEDULER --no-nanny",
        )
    try:
        return Traits.of(_session(session))
    except ImageprepError as problem:
        raise type(problem)(f"The worker {name}: {problem.message}", problem.advice) from problem


def _sample(policy: Policy) -> str:
    """The sha256 of the export of a made-up picture, which no photo enters."""
    rows, columns = np.mgrid[0 : _SAMPLE.height, 0 : _SAMPLE.width]
    pixels = np.stack([columns % 256, rows % 256, (rows + columns) // 11 % 256], axis=2)
    photo = fit(Photo(pixels.astype(np.uint8), _SAMPLE), policy.export.size)
    text = policy.watermark_text(_YEAR)
    photo = watermark(photo, text, policy.watermark, None, approved_logo(policy))
    return verify(encode(photo, policy.export)).sha256


def _system() -> str:
    names = ("onnxruntime", "opencv-python-headless", "pillow", "numpy", "pi-heif")
    packages = (f"{name} {metadata.version(name)}" for name in names)
    return f"Python {platform.python_version()}, {', '.join(packages)}"
