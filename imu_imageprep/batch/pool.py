"""Photos side by side in processes that can die alone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import FIRST_COMPLETED, wait
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING

from imu_imageprep import memory
from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from multiprocessing.synchronize import Semaphore

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.receipt import Receipt

# Photos begun beyond those being worked on: no worker waits, and memory stays flat.
_AHEAD = 2
# Beyond the decoder's own limit, for everything else that happens to a photo.
GRACE_SECONDS = 60
# The longest that the end of a batch waits for a worker to have begun.
_LOADING_SECONDS = 10


def in_processes(
    one: Callable[[Task], Receipt],
    tasks: Iterable[Task],
    jobs: int,
    *,
    seconds: float,
    lost: Callable[[Task, InputProblem], Receipt],
) -> Iterator[Receipt]:
    """Work on ``jobs`` photos at a time, each in a worker process.

    A worker that crashes, is killed or takes too long costs its own photo alone; another takes its
    place. When the caller stops early, photos in flight are abandoned: an export is written whole
    or not at all. When the caller's process dies, even by ``kill -9``, its workers end with it.

    Args:
        one: prepares a photo; sent to each worker once.
        tasks: taken as workers become free.
        jobs: how many workers.
        seconds: limit for a photo's decoder; the photo as a whole gets a minute more.
        lost: makes the receipt of a photo whose worker was lost.
    """
    from pebble import ProcessPool  # noqa: PLC0415  (only a batch needs it)

    # spawn: a forked process would share locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    begun = context.Semaphore(0)
    pool = ProcessPool(jobs, context=context, initializer=_remember, initargs=(one, begun))
    running: dict[Future[Receipt], Task] = {}
    try:
        with interrupts_blocked():
            _ = pool.active  # starts the workers
        for task in tasks:
            if task.problem is not None:
                yield lost(task, task.problem)
                continue
            running[pool.schedule(_prepare, args=[task], timeout=seconds + GRACE_SECONDS)] = task
            if len(running) >= jobs + _AHEAD:
                yield from _finished(running, lost)
        while running:
            yield from _finished(running, lost)
    finally:
        # A worker that is still loading Python would not find what it shares with us any more.
        for _ in range(jobs):
            begun.acquire(timeout=_LOADING_SECONDS)
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


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


def _finished(
    running: dict[Future[Receipt], Task], lost: Callable[[Task, InputProblem], Receipt]
) -> Iterator[Receipt]:
    from pebble import ProcessExpired  # noqa: PLC0415

    for future in wait(running, return_when=FIRST_COMPLETED).done:
        task = running.pop(future)
        try:
            receipt = future.result()
        except TimeoutError:
            receipt = lost(task, too_late())
        except ProcessExpired:
            receipt = lost(task, died())
        yield receipt


def too_late() -> InputProblem:
    """The problem of a photo that took too long."""
    return InputProblem("The photo took too long and was given up.")


def died() -> InputProblem:
    """The problem of a photo whose worker is gone."""
    return InputProblem("The process that worked on this photo died; only it is affected.")


_one: Callable[[Task], Receipt] | None = None


def _remember(one: Callable[[Task], Receipt], begun: Semaphore) -> None:
    """In a worker, once: keep what every photo needs, say so, and end when the parent does."""
    global _one  # noqa: PLW0603  (a worker process holds one run)
    _one = one
    begun.release()
    start_worker()


def start_worker() -> None:
    """In a worker, first: what holds for every process that works on photos for another."""
    memory.large_pages()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """In a thread of a worker: end it when its parent dies, even by ``kill -9``."""
    # A worker that waits sees its pipe close; one that works on a photo would first finish it, and
    # one that hangs would stay, because its time limit is the parent's to keep.
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


def _prepare(task: Task) -> Receipt:
    """In a worker, for each photo."""
    assert _one is not None
    return _one(task)
