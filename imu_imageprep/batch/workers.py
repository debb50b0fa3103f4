"""Worker processes that stand ready, each of which can die alone.

Pools that share one pipe break as a whole when a worker dies while it waits or has just begun. A
program that watches a folder or serves a page for weeks must survive that, so every worker here
has a pipe of its own and is replaced alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import wait
from pickle import PickleError
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep import memory
from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

T = TypeVar("T")

# spawn: a forked process would share locks of threads that it does not have.
_context = multiprocessing.get_context("spawn")

# Beyond the decoder's own limit, for everything else that happens to a photo.
GRACE_SECONDS = 60


class Workers:
    """Some worker processes; each does one piece of work at a time and can die alone.

    They end with this process, also when that is killed.

    Args:
        jobs: how many workers.
        first: called in every worker before anything else; sent to each once.
    """

    def __init__(self, jobs: int, first: Callable[[], object] | None = None) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="workers")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers = [_Worker(first) for _ in range(jobs)]
        for worker in self._workers:
            self._idle.put(worker)

    def submit(self, work: Callable[..., T], *args: Any, seconds: float) -> Future[T]:
        """Have a worker call a function of a module.

        Args:
            work: the function; sent by its name.
            args: sent to the worker, which sends the result, or what was raised, back.
            seconds: limit for a photo's decoder; the work as a whole gets a minute more. The
                future raises ``InputProblem`` where it is over, or the worker died.
        """
        return self._threads.submit(self._do, work, args, seconds + GRACE_SECONDS)

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        for worker in self._workers:
            worker.end()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.end()  # one that was begun meanwhile

    def _do(self, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
        worker = self._idle.get()  # there is one: as many threads as workers
        try:
            return worker.do(work, args, seconds)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process, begun anew when it is gone; used by one thread at a time."""

    def __init__(self, first: Callable[[], object] | None) -> None:
        self._first = first
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self._pipe, theirs = _context.Pipe()
        # Daemonic: ended with us even where we end without a word to it.
        self._process = _context.Process(target=_work, args=(theirs, self._first), daemon=True)
        with interrupts_blocked():
            self._process.start()
        theirs.close()

    def do(self, work: Callable[..., T], args: tuple[Any, ...], seconds: float) -> T:
        if not self._process.is_alive() and not self._ended:
            self._begin()
        try:
            self._pipe.send((work, args))
            if not wait([self._pipe, self._process.sentinel], seconds):
                self._kill()
                raise InputProblem("The photo took too long and was given up.")
            done, value = self._pipe.recv()
        except (OSError, EOFError):
            self._kill()
            raise InputProblem(
                "The process that worked on this photo died; only it is affected."
            ) from None
        if not done:
            raise value
        result: T = value
        return result

    def end(self) -> None:
        self._ended = True
        self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.join()  # until then it counts as alive, and would be given the next photo


@contextlib.contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C, which a terminal sends to every process: workers begun here never see it.

    They are ended by the process that began them; one that is still loading Python would otherwise
    print a traceback. Threads and processes inherit the mask (signal(7)); Windows has none.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415  (not on Windows)

    resource_tracker.ensure_running()  # first, because starting it unblocks Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, first: Callable[[], object] | None) -> None:
    """In a worker, until its parent closes the pipe."""
    memory.ours_alone()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if first is not None:
        first()
    with contextlib.suppress(EOFError, OSError):
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
