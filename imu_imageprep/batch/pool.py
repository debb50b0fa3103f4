"""Photos side by side in processes that can die alone."""

from __future__ import annotations

import functools
from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING

from imu_imageprep.batch.workers import Workers
from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.receipt import Receipt

# Photos begun beyond those being worked on: no worker waits, and memory stays flat.
_AHEAD = 2


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
    workers = Workers(jobs, functools.partial(_remember, one))
    running: dict[Future[Receipt], Task] = {}
    try:
        for task in tasks:
            if task.problem is not None:
                yield lost(task, task.problem)
                continue
            running[workers.submit(_prepare, task, seconds=seconds)] = task
            if len(running) >= jobs + _AHEAD:
                yield from _finished(running, lost)
        while running:
            yield from _finished(running, lost)
    finally:
        workers.close()


def _finished(
    running: dict[Future[Receipt], Task], lost: Callable[[Task, InputProblem], Receipt]
) -> Iterator[Receipt]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        task = running.pop(future)
        try:
            receipt = future.result()
        except InputProblem as problem:
            receipt = lost(task, problem)
        yield receipt


_one: Callable[[Task], Receipt] | None = None


def _remember(one: Callable[[Task], Receipt]) -> None:
    """In a worker, once: keep what every photo needs."""
    global _one  # noqa: PLW0603  (a worker process holds one run)
    _one = one


def _prepare(task: Task) -> Receipt:
    """In a worker, for each photo."""
    assert _one is not None
    return _one(task)
