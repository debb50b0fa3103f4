"""Worker processes that stand ready, for a program that is given photos one at a time."""

from __future__ import annotations

import multiprocessing
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep.batch.pool import (
    GRACE_SECONDS,
    LOADING_SECONDS,
    end_with_parent,
    interrupts_blocked,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from multiprocessing.synchronize import Semaphore

T = TypeVar("T")


class Bench:
    """Some worker processes; each does one piece of work at a time and can die alone.

    They end with this process, also when that is killed.

    Args:
        jobs: how many workers.
    """

    def __init__(self, jobs: int) -> None:
        from pebble import ProcessPool  # noqa: PLC0415  (only those who work on many need it)

        context = multiprocessing.get_context("spawn")
        self.jobs = jobs
        self._begun = context.Semaphore(0)
        self._pool = ProcessPool(jobs, context=context, initializer=_begin, initargs=(self._begun,))
        with interrupts_blocked():
            _ = self._pool.active  # starts the workers

    def submit(self, work: Callable[..., T], *args: Any, seconds: float) -> Future[T]:
        """Have a worker call a function of a module.

        Args:
            work: the function; sent by its name.
            args: sent to the worker, which sends the result, or what was raised, back.
            seconds: limit for a photo's decoder; the work as a whole gets a minute more.
        """
        timeout = seconds + GRACE_SECONDS
        future: Future[T] = self._pool.schedule(work, args=list(args), timeout=timeout)
        return future

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        # A worker that is still loading Python would not find what it shares with us any more.
        for _ in range(self.jobs):
            self._begun.acquire(timeout=LOADING_SECONDS)
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _begin(begun: Semaphore) -> None:
    """In a worker, once."""
    begun.release()
    threading.Thread(target=end_with_parent, daemon=True).start()
