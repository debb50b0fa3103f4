"""Who works on what next: people who wait for an answer first, then photos in their order."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from imu_imageprep.bench import Bench

T = TypeVar("T")

_log = logging.getLogger("imu_imageprep")


class Dispatch:
    """Keeps the workers busy. Used by one event loop alone.

    Args:
        bench: the workers.
        jobs: how many there are.
    """

    def __init__(self, bench: Bench, jobs: int) -> None:
        self.bench = bench
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        # One more than workers, so that the next photo is on its way when one is done.
        self._lanes = [asyncio.create_task(self._lane()) for _ in range(jobs + 1)]

    def later(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something when its turn comes."""
        self._queue.put_nowait(work)

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

    async def _lane(self) -> None:
        while True:
            work = await self._queue.get()
            try:
                await work()
            except Exception as trouble:  # noqa: BLE001  (one photo's trouble must not end the rest)
                _log.error("unexpected %s at the bench", type(trouble).__name__)
