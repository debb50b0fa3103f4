"""Worker processes that stand ready, each of which can die alone, and photos side by side in them.

Pools that share one pipe break as a whole when a worker dies while it waits or has just begun. A
program that watches a folder or serves a page for weeks must survive that, so every worker here
has a pipe of its own and is replaced alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import OrderedDict, deque
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pickle import PickleError
from typing import TYPE_CHECKING, Any, TypeVar, cast

from imu_imageprep import memory, sandbox
from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem
from imu_imageprep.domain.receipt import Receipt
from imu_imageprep.windows import SLICE, children_deaf_to_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.stages.export import Ready
    from imu_imageprep.storage import Place

T = TypeVar("T")

# spawn: a forked process would share locks of threads that it does not have.
_context = multiprocessing.get_context("spawn")

# Beyond the decoder's own limit, for everything else that happens to a photo.
GRACE_SECONDS = 60

# Photos begun beyond those being worked on: no worker waits, and memory stays flat.
_AHEAD = 2

# Exports that are recorded together, where they may be: two round trips to a server for all; and
# how long (seconds) one waits for others at most, while photos finish.
_GROUP, _WAIT_SECONDS = 16, 2.0

# Of how many photos it is known which worker had them: more than a page lists.
_REMEMBERED = 20_000


class Workers:
    """Some worker processes; each does one piece of work at a time and can die alone.

    They end with this process, also when that is killed.

    Args:
        jobs: how many workers.
        first: called in every worker before anything else; sent to each once.
    """

    def __init__(self, jobs: int, first: Callable[[], object] | None = None) -> None:
        self.jobs = jobs
        self._urgent: deque[_Call] = deque()
        self._work: deque[_Call] = deque()
        self._came = threading.Condition()
        self._ended = False
        # Who worked on what, the latest last, so that the same worker can be asked again.
        self._at: OrderedDict[str, _Worker] = OrderedDict()
        self._workers = [_Worker(first) for _ in range(jobs)]
        self._threads = [
            threading.Thread(target=self._serve, args=(worker,), daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        work: Callable[..., T],
        *args: Any,
        seconds: float,
        at: str | None = None,
        urgent: bool = False,
    ) -> Future[T]:
        """Have a worker call a function of a module.

        Args:
            work: the function; sent by its name.
            args: sent to the worker, which sends the result, or what was raised, back.
            seconds: limit for a photo's decoder; the work as a whole gets a minute more, and so
                long has a worker to stand ready that was just begun. The future raises
                ``InputProblem`` where it is over, or the worker died.
            at: what is worked on: all work at the same goes to one worker, as long as it lives,
                which may have kept something of it.
            urgent: do it before everything that is not.
        """
        one = _Call(work, args, seconds + GRACE_SECONDS, at)
        with self._came:
            if self._ended:
                one.future.cancel()
            else:
                (self._urgent if urgent else self._work).append(one)
                self._came.notify_all()
        return one.future

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        with self._came:
            self._ended = True
            for waiting in (self._urgent, self._work):
                for one in waiting:
                    one.future.cancel()
                waiting.clear()
            self._came.notify_all()
        for worker in self._workers:
            worker.end()
        for thread in self._threads:
            thread.join()

    def _serve(self, worker: _Worker) -> None:
        """In a thread: give a worker what comes, one piece of work after the other."""
        while (one := self._next(worker)) is not None:
            if not one.future.set_running_or_notify_cancel():
                continue
            try:
                one.future.set_result(worker.do(one.call, one.args, one.seconds))
            except BaseException as trouble:  # noqa: BLE001  (whoever asked gets it)
                one.future.set_exception(trouble)

    def _next(self, worker: _Worker) -> _Call | None:
        """The first piece of work that is this worker's or nobody's; None at the end."""
        with self._came:
            while not self._ended:
                for waiting in (self._urgent, self._work):
                    for one in waiting:
                        known = None if one.at is None else self._at.get(one.at)
                        if known is None or known is worker:
                            waiting.remove(one)
                            self._remember(one.at, worker)
                            return one
                self._came.wait()
        return None

    def _remember(self, at: str | None, worker: _Worker) -> None:
        if at is not None:
            self._at[at] = worker
            self._at.move_to_end(at)
            if len(self._at) > _REMEMBERED:
                self._at.popitem(last=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """A call to be made in a worker, and what comes of it."""

    call: Callable[..., Any]
    args: tuple[Any, ...]
    seconds: float
    at: str | None
    future: Future[Any] = field(default_factory=Future)


class _Worker:
    """One process, begun anew when it is gone; used by one thread at a time."""

    def __init__(self, first: Callable[[], object] | None) -> None:
        self._first = first
        self._ended = False
        # What is being begun cannot be ended, and nothing is begun after the end.
        self._changing = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._stands_ready = False
        self._pipe, theirs = _context.Pipe()
        # Daemonic: ended with us even where we end without a word to it.
        self._process = _context.Process(target=_work, args=(theirs,), daemon=True)
        with interrupts_blocked():
            self._process.start()
        theirs.close()
        # Sent after the start: what decodes is forked before a worker knows anything.
        with contextlib.suppress(OSError):  # it has ended: whoever gives it work is told
            self._pipe.send(self._first)

    def do(self, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
        with self._changing:
            if not self._process.is_alive() and not self._ended:
                self._begin()
        try:
            # Whoever sends a photo waits until it is read, and one that hangs at its start reads
            # nothing: it is told to work only when it has said that it stands ready.
            if not self._stands_ready:
                self._stands_ready = self._heard(seconds)
            self._pipe.send((work, args))
            done, value = self._heard(seconds)
        except (OSError, EOFError):
            self._kill()
            raise InputProblem(
                "The process that worked on this photo crashed; only this photo is affected.",
                SAVE_AGAIN,
            ) from None
        if not done:
            raise value
        result: T = value
        return result

    def _heard(self, seconds: float) -> Any:
        """What the process says next; it is ended where it says nothing for so long."""
        if not wait([self._pipe, self._process.sentinel], seconds):
            self._kill()
            raise InputProblem("The photo took too long and was stopped.", SAVE_AGAIN)
        # Windows leaves the end of the pipe of a process that has ended before it took that over
        # open in ours, so that its reader would wait for ever.
        if not self._pipe.poll():
            raise EOFError
        return self._pipe.recv()

    def end(self) -> None:
        with self._changing:
            self._ended = True
            self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()  # until then it counts as alive, and would be given the next photo


def side_by_side(
    workers: Workers,
    one: Callable[..., Receipt],
    tasks: Iterable[Task],
    *args: Any,
    seconds: float,
    lost: Callable[[Task, Exception], Receipt],
    together: Callable[..., Sequence[Receipt]] | None = None,
) -> Iterator[tuple[Task, Receipt]]:
    """Work on photos in workers; receipts come as photos finish, each with its task.

    A worker that crashes, is killed or takes too long costs its own photo alone; another takes its
    place.

    Args:
        workers: the workers.
        one: prepares a photo: a function of a module that takes a task and ``args``.
        tasks: taken as workers become free.
        args: sent along with each task.
        seconds: limit for a photo's decoder; the photo as a whole gets a minute more.
        lost: makes the receipt of a photo whose worker was lost, or that is not there.
        together: exports some photos whose receipts say that they are ready: takes the receipts
            and ``args``; also a function of a module.
    """
    begun = _Begun(workers, args, seconds, lost, together)
    for task in tasks:
        if task.problem is not None:
            yield task, lost(task, task.problem)
            continue
        begun.begin([task], one, task, at=str(task.path))
        if len(begun.running) >= workers.jobs + _AHEAD:
            yield from begun.finished()
    while begun.running or begun.group:
        if not begun.running:
            begun.leave()
        yield from begun.finished()


@dataclass(slots=True)
class _Begun:
    """The photos of a run that are being worked on, and those that wait to leave together."""

    workers: Workers
    args: tuple[Any, ...]
    seconds: float
    lost: Callable[[Task, Exception], Receipt]
    together: Callable[..., Sequence[Receipt]] | None
    running: dict[Future[Any], list[Task]] = field(default_factory=dict)
    group: list[tuple[Task, Receipt]] = field(default_factory=list)
    since: float = 0.0

    def begin(
        self, tasks: list[Task], work: Callable[..., Any], what: object, at: str | None = None
    ) -> None:
        seconds = self.seconds * len(tasks)
        future = self.workers.submit(work, what, *self.args, seconds=seconds, at=at)
        self.running[future] = tasks

    def finished(self) -> Iterator[tuple[Task, Receipt]]:
        for future in any_done(self.running):
            tasks = self.running.pop(future)
            try:
                done = future.result()
            except InputProblem as problem:
                done = [self.lost(task, problem) for task in tasks]
            receipts = [done] if isinstance(done, Receipt) else done
            for task, receipt in zip(tasks, receipts, strict=True):
                if receipt.ready is None:
                    yield task, receipt
                    continue
                # Of two with one name, the second sees what became of the first.
                if any(_target(receipt) == _target(other) for _, other in self.group):
                    self.leave()
                self.since = self.since if self.group else time.monotonic()
                self.group.append((task, receipt))
        waited = time.monotonic() - self.since if self.group else 0.0
        if len(self.group) >= _GROUP or waited > _WAIT_SECONDS:
            self.leave()

    def leave(self) -> None:
        """Let those that are ready leave."""
        assert self.together is not None
        tasks = [task for task, _ in self.group]
        self.begin(tasks, self.together, [receipt for _, receipt in self.group])
        self.group.clear()


def _target(receipt: Receipt) -> Place:
    return cast("Ready", receipt.ready).target


def any_done(work: Collection[Future[T]]) -> set[Future[T]]:
    """Work that has ended, as soon as some has; Ctrl-C is heard while it is waited for."""
    while not (done := futures.wait(work, SLICE, futures.FIRST_COMPLETED).done):
        pass
    return done


@contextlib.contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C, which a terminal sends to every process: workers begun here never see it.

    They are ended by the process that began them; one that is still loading Python would otherwise
    print a traceback. Threads and processes inherit the mask (signal(7)), and on Windows that
    Ctrl-C is not for them.
    """
    if sys.platform == "win32":
        with children_deaf_to_ctrl_c():
            yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415  (not on Windows)

    resource_tracker.ensure_running()  # first, because starting it unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """In a worker, until its parent closes the pipe."""
    memory.ours_alone()
    sandbox.begin()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        first = pipe.recv()
        if first is not None:
            first()
        pipe.send(True)  # it stands ready
        while True:
            work, args = pipe.recv()
            try:
                answer = True, work(*args)
            except Exception as trouble:  # noqa: BLE001  (whoever asked gets it)
                answer = False, trouble
            try:
                pipe.send(answer)
            except (TypeError, AttributeError, PickleError):
                pipe.send((False, RuntimeError("the answer cannot be sent")))


def _end_with_parent() -> None:
    """In a thread of a worker: end it when its parent dies, even by ``kill -9``."""
    # A worker that waits sees its pipe close; one that works on a photo would first finish it, and
    # one that hangs would stay, because its time limit is the parent's to keep.
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
