"""Who works on what next: people who wait for an answer first, then photos in their order."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from imu_imageprep.bench import Bench

T = TypeVar("T")
_Work: TypeAlias = "Callable[[], Awaitable[None]]"

_log = logging.getLogger("imu_imageprep")


class Dispatch:
    """Keeps the workers busy. Used by one event loop alone.

    Args:
        bench: the workers.
        jobs: how many there are.
    """

    def __init__(self, bench: Bench, jobs: int) -> None:
        self.bench = bench
        self._queue: asyncio.Queue[_Work] = asyncio.Queue()
        self._answered: asyncio.Queue[_Work] = asyncio.Queue()
        # One more than workers, so that the next photo is on its way when one is done.
        ahead = [asyncio.create_task(_lane(self._queue)) for _ in range(jobs + 1)]
        # No more at a time than workers: somebody who waits for a preview comes next.
        soon = [asyncio.create_task(_lane(self._answered)) for _ in range(jobs)]
        self._lanes = [*ahead, *soon]

    def later(self, work: _Work) -> None:
        """Do something when its turn comes."""
        self._queue.put_nowait(work)

    def soon(self, work: _Work) -> None:
        """Do something for a person who does not wait for it, before photos that nobody saw."""
        self._answered.put_nowait(work)

    async def now(self, work: Future[T]) -> T:
        """Wait for what a worker was asked to do at once.

        It takes no lane: work that waits for one worker must not keep the others from theirs.

        Raises:
            ImageprepError: what the work raised, its worker died or took too long, or the program
                is ending.
        """
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            if not work.cancelled():
                raise  # whoever waited has gone
            raise InputProblem("The program is ending.", "Start it again and go on.") from None

    def close(self) -> None:
        """Begin nothing any more."""
        for lane in self._lanes:
            lane.cancel()


async def _lane(queue: asyncio.Queue[_Work]) -> None:
    while True:
        work = await queue.get()
        try:
            await work()
        except Exception as trouble:  # noqa: BLE001  (one photo's trouble must not end the rest)
            _log.error("unexpected %s at the bench", type(trouble).__name__)
