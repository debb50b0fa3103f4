"""Who works on what next: people who wait for an answer first, then photos in their order."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from imu_imageprep.bench import Bench

T = TypeVar("T")

_log = logging.getLogger("imu_imageprep")

_URGENT, _IN_ORDER = 0, 1


class Dispatch:
    """Keeps the workers busy. Used by one event loop alone.

    Args:
        bench: the workers.
        jobs: how many there are.
    """

    def __init__(self, bench: Bench, jobs: int) -> None:
        self.bench = bench
        self._queue: asyncio.PriorityQueue[tuple[int, int, Callable[[], Awaitable[None]]]] = (
            asyncio.PriorityQueue()
        )
        self._number = itertools.count()
        # One more than workers, so that the next photo is on its way when one is done.
        self._lanes = [asyncio.create_task(self._lane()) for _ in range(jobs + 1)]

    def later(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something when its turn comes."""
        self._queue.put_nowait((_IN_ORDER, next(self._number), work))

    async def now(self, submit: Callable[[], Future[T]]) -> T:
        """Have a worker do something before everything that is in order.

        Raises:
            ImageprepError: what the work raised, or its worker died or took too long.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            try:
                result = await asyncio.wrap_future(submit())
            except Exception as trouble:  # noqa: BLE001  (whoever waits gets it)
                if not done.done():
                    done.set_exception(trouble)
            else:
                if not done.done():
                    done.set_result(result)

        self._queue.put_nowait((_URGENT, next(self._number), work))
        return await done

    def close(self) -> None:
        """Begin nothing any more."""
        for lane in self._lanes:
            lane.cancel()

    async def _lane(self) -> None:
        while True:
            _, _, work = await self._queue.get()
            try:
                await work()
            except Exception as trouble:  # noqa: BLE001  (one photo's trouble must not end the rest)
                _log.error("unexpected %s at the bench", type(trouble).__name__)
