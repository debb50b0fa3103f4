"""Worker processes that stand ready, for a program that is given photos one at a time.

A batch has pebble's pool; it breaks as a whole when a worker dies while it waits, which a program
that runs for hours must survive. Here every worker has a pipe of its own and is replaced alone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import wait
from pickle import PickleError
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep.batch.pool import (
    GRACE_SECONDS,
    died,
    interrupts_blocked,
    start_worker,
    too_late,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

T = TypeVar("T")

# spawn: a forked process would share locks of threads that it does not have.
_context = multiprocessing.get_context("spawn")


class Bench:
    """Some worker processes; each does one piece of work at a time and can die alone.

    They end with this process, also when that is killed.

    Args:
        jobs: how many workers.
    """

    def __init__(self, jobs: int) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="bench")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers = [_Worker() for _ in range(jobs)]
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

    def __init__(self) -> None:
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self._pipe, theirs = _context.Pipe()
        # Daemonic: ended with us even where we end without a word to it.
        self._process = _context.Process(target=_work, args=(theirs,), daemon=True)
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
                raise too_late()
            done, value = self._pipe.recv()
        except (OSError, EOFError):
            self._kill()
            raise died() from None
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


def _work(pipe: Connection) -> None:
    """In a worker, until its parent closes the pipe."""
    start_worker()
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
