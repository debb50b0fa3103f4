"""Photos of a run on many machines: pieces of the plan, given to the workers of a Dask cluster.

A piece is done again where its worker or the scheduler is lost. What was exported by then is found
in the ledger, so that no photo is exported twice.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import pickle
import queue
import time
import uuid
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from imu_imageprep.batch.piece import INSTALL, Answer, Piece, Traits, answered, end, refused
from imu_imageprep.batch.reach import LOCAL, address
from imu_imageprep.batch.run import failed
from imu_imageprep.clock import processors
from imu_imageprep.domain.errors import (
    ImageprepError,
    InputProblem,
    ModelProblem,
    UsageProblem,
)
from imu_imageprep.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distributed import Client, Future

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.session import Session

_log = logging.getLogger("imu_imageprep")

# Receipts come with their piece, and a piece is what is done again where a worker is lost: so a
# piece takes about as many seconds as this, and has no more photos than that.
_SECONDS, _MOST, _FIRST = 10.0, 256, 8

# Pieces for each thread of the workers, done or waiting: no worker waits, and memory stays flat.
_AHEAD = 2

# How long (seconds) a scheduler, or any worker, may be away before the run ends; for the first
# answer; and between looks.
PATIENCE, FIRST_ANSWER, _LOOK = 300.0, 20.0, 2.0

_GO_ON = "Run the same command again to go on; what is exported is skipped."


class _Sent(NamedTuple):
    """A piece that was sent."""

    tasks: tuple[Task, ...]
    future: Future


class Cluster:
    """Workers of a Dask cluster, asked for a run; closed at the end.

    Args:
        session: what holds for every photo of the run.
        scheduler: ``tcp://HOST:PORT``, ``tls://HOST:PORT``, or ``local`` for one in this process.
        jobs: how many photos at a time, for ``local`` alone.
        answer: how many seconds the first answer may take.
        patience: how many seconds the scheduler, or every worker, may be away later.

    Raises:
        UsageProblem: that is no address, or the run asks for what does not leave this computer.
        ModelProblem: Dask is not installed, nobody answers, or a worker has another release.
        PolicyProblem: a worker would make other exports under this policy.
    """

    def __init__(
        self,
        session: Session,
        scheduler: str,
        jobs: int | None = None,
        *,
        answer: float = FIRST_ANSWER,
        patience: float = PATIENCE,
    ) -> None:
        if session.known is not None:
            raise UsageProblem(
                "Faces are not compared on a cluster: what was measured of people stays here.",
                "Leave out --recognise, or --scheduler.",
            )
        self._address, self._jobs = address(scheduler), jobs or processors()
        if self._address != LOCAL and jobs is not None:
            raise UsageProblem(
                "--jobs is not for a cluster: each worker says how many photos it takes at a time.",
                "See: dask worker --help (--nthreads)",
            )
        self._patience = patience
        self._session, self._traits = pickle.dumps(session), Traits.of(session)
        self._answers: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._sent: dict[str, _Sent] = {}
        self._suspects: deque[Task] = deque()
        self._alone: str | None = None
        self._pace: float | None = None
        self._threads, self._looked, self._seen = 0, 0.0, time.monotonic()
        self._own: Any = None
        self._client = self._connected(answer)

    def work(self, tasks: Iterable[Task], request: Request) -> Iterator[tuple[Task, Receipt]]:
        """Prepare photos; receipts come with their pieces, each with its task.

        Args:
            tasks: taken as workers become free.
            request: what is asked for with each photo.

        Raises:
            ModelProblem: the scheduler, or every worker, was away too long, or a worker that came
                later has another release.
            PolicyProblem: a worker that came later would make other exports.
        """
        ahead = iter(tasks)
        while piece := tuple(itertools.islice(ahead, self._size())):
            if self._client.status != "running":
                self._begin_again(request)
            self._send(piece, request)
            while len(self._sent) >= max(1, _AHEAD * self._number()):
                yield from self._took(request)
        while self._sent:
            yield from self._took(request)

    def close(self) -> None:
        """Give up what is being done; workers stop before their next photo."""
        futures = [one.future for one in self._sent.values()]
        self._sent.clear()
        with _quiet():
            with contextlib.suppress(Exception):  # it may be gone
                self._client.cancel(futures)
            self._disconnect(self._client)

    def _size(self) -> int:
        """How many photos the next piece has."""
        if self._pace is None:
            return _FIRST
        return max(1, min(_MOST, int(_SECONDS / max(self._pace, 1e-6))))

    def _send(self, tasks: tuple[Task, ...], request: Request) -> str:
        piece = Piece(self._session, request, self._traits, tasks)
        key = f"imageprep-{uuid.uuid4().hex}"
        # Pickled here, so that Dask looks into neither a piece nor its answer.
        future = self._client.submit(answered, pickle.dumps(piece), key=key, pure=False)
        self._sent[key] = _Sent(tasks, future)
        future.add_done_callback(self._answers.put)
        return key

    def _took(self, request: Request) -> Iterator[tuple[Task, Receipt]]:
        """What the next piece that is done gives."""
        done = self._next()
        sent = self._sent.get(done.key)
        if sent is None:  # of a scheduler that is gone
            return
        try:
            if done.status == "cancelled":  # Dask's word for a scheduler that is gone
                raise ConnectionError  # noqa: TRY301  (as it is where it shows only later)
            answer = pickle.loads(done.result())  # noqa: S301  (see Piece)
        except OSError:
            self._begin_again(request)
            return
        except Exception as problem:  # noqa: BLE001  (its workers died, again and again)
            _log.info("a piece was given up (%s)", type(problem).__name__)
            answer = None
        del self._sent[done.key]
        if isinstance(answer, ImageprepError):
            raise answer
        if answer is None:
            yield from self._given_up(done.key, sent.tasks, request)
            return
        self._try_next(done.key, request)
        assert isinstance(answer, Answer)
        pace = answer.seconds / len(sent.tasks)
        self._pace = pace if self._pace is None else (self._pace + pace) / 2
        yield from zip(sent.tasks, answer.receipts, strict=True)

    def _given_up(
        self, key: str, tasks: tuple[Task, ...], request: Request
    ) -> Iterator[tuple[Task, Receipt]]:
        """A piece's workers died: try its photos one by one, and say so of one that is alone.

        One after the other, because Dask blames all that a worker had when it died.
        """
        if key == self._alone:
            problem = InputProblem(
                "The workers that had this photo died, one after the other.",
                "See what the workers wrote when they ended; then run the same command again.",
            )
            yield from ((task, failed(task, problem)) for task in tasks)
        else:
            self._suspects.extend(tasks)
        self._try_next(key, request)

    def _try_next(self, key: str, request: Request) -> None:
        """Send the next photo that is tried alone, where no other one is."""
        if self._alone == key:
            self._alone = None
        if self._suspects and self._alone is None:
            self._alone = self._send((self._suspects.popleft(),), request)

    def _next(self) -> Future:
        """The next piece that is done.

        Raises:
            ModelProblem: all workers were away too long.
        """
        while True:
            try:
                return self._answers.get(timeout=_LOOK)
            except queue.Empty:
                self._number()
                if time.monotonic() - self._seen > self._patience:
                    raise ModelProblem(
                        f"The cluster at {self._address} has no workers any more.", _GO_ON
                    ) from None

    def _number(self) -> int:
        """How many threads the workers have now; asked for every few seconds."""
        now = time.monotonic()
        if now - self._looked > _LOOK:
            with contextlib.suppress(Exception):  # where it is gone, its pieces say so
                self._threads = sum(self._client.nthreads().values())
            self._looked = now
        if self._threads:
            self._seen = now
        return self._threads

    def _begin_again(self, request: Request) -> None:
        """The scheduler is gone: find it again, and send what was not answered."""
        lost = [one.tasks for one in self._sent.values()]
        _log.info("the scheduler is gone; %d pieces are sent again when it is back", len(lost))
        self._sent.clear()
        with _quiet():
            self._disconnect(self._client)
        self._client, self._alone = self._connected(self._patience), None
        for tasks in lost:
            self._send(tasks, request)

    def _disconnect(self, client: Client | None) -> None:
        with contextlib.suppress(Exception):  # it may be gone
            if client is not None:
                client.close(timeout=_LOOK)
        if self._own is not None:
            with contextlib.suppress(Exception):  # a photo in hand may take longer
                self._own.close(timeout=_LOOK)
            end()

    def _connected(self, patience: float) -> Client:
        """A connection to a scheduler that has workers, all of which are as they have to be."""
        until = time.monotonic() + patience
        with _quiet():
            while (client := self._tried(until)) is None:
                if time.monotonic() >= until:
                    raise ModelProblem(
                        f"No scheduler answers at {self._address}.",
                        f"Check the address, the network and the certificates. {_GO_ON}",
                    )
                time.sleep(_LOOK / 2)
        self._seen = time.monotonic()
        return client

    def _tried(self, until: float) -> Client | None:
        """A connection; None where it breaks before all workers were looked at."""
        client: Client | None = None
        try:
            client = self._client_of(until - time.monotonic())
            self._await_workers(client, until)
            self._refuse_others(client)
        except BaseException as problem:
            self._disconnect(client)
            if isinstance(problem, ImageprepError) or not isinstance(problem, Exception):
                raise
            _log.info("the scheduler does not answer (%s)", type(problem).__name__)
            return None
        return client

    def _client_of(self, patience: float) -> Any:
        distributed = _dask()
        if self._address != LOCAL:
            return distributed.Client(
                self._address, timeout=max(patience, _LOOK), set_as_default=False
            )
        import dask  # noqa: PLC0415  (as distributed)

        # In this process: a port of this computer would be open to everybody who works on it. The
        # web server that Dask always starts has nothing to tell, and tells it to nobody else.
        here = {"protocol": "inproc://", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
        worker = {**here, "nthreads": self._jobs, "memory_limit": 0}
        with dask.config.set(
            {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
        ):
            self._own = distributed.SpecCluster(
                workers={0: {"cls": distributed.Worker, "options": worker}},
                scheduler={"cls": distributed.Scheduler, "options": here},
                silence_logs=logging.CRITICAL,
            )
        return distributed.Client(self._own, set_as_default=False)

    def _await_workers(self, client: Client, until: float) -> None:
        while not client.nthreads():
            if time.monotonic() >= until:
                raise ModelProblem(
                    f"The scheduler at {self._address} has no workers.",
                    f"Start them so: dask worker {self._address} --no-nanny",
                )
            time.sleep(_LOOK / 10)

    def _refuse_others(self, client: Client) -> None:
        """Ask every worker what it is like.

        Raises:
            ImageprepError: one is not as it has to be.
        """
        asked = pickle.dumps(Piece(self._session, Request(), self._traits, ()))
        for worker, answer in client.run(refused, asked, on_error="return").items():
            if isinstance(answer, OSError):  # it is gone again; its pieces ask once more
                continue
            if not isinstance(answer, bytes):
                raise ModelProblem(
                    f"The worker {worker} has another imageprep than this computer, or none.",
                    INSTALL,
                )
            if (problem := pickle.loads(answer)) is not None:  # noqa: S301  (see Piece)
                raise problem


@functools.cache
def _dask() -> Any:
    """Dask's ``distributed``; what goes wrong in it is told in our words alone.

    Raises:
        ModelProblem: it is not installed.
    """
    try:
        import distributed  # noqa: PLC0415  (an extra, and slow to load)
    except ImportError as problem:
        from imu_imageprep.assets import unloadable  # noqa: PLC0415

        raise unloadable("Dask (distributed), which many machines need,", problem) from problem
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings of Dask off the screen: that releases differ is refused where it matters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
