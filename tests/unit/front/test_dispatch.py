"""Who waits for whom at the page."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest

from imu_imageprep.bench import Bench
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.front.web.dispatch import Dispatch


def test_answers_that_wait_for_a_worker_keep_no_photo_from_its_turn() -> None:
    async def page() -> None:
        bench = Bench(1)
        dispatch = Dispatch(bench, 1)
        slow: Future[str] = Future()
        answers = [asyncio.create_task(dispatch.now(slow)) for _ in range(5)]
        turn = asyncio.Event()

        async def look() -> None:
            turn.set()

        dispatch.later(look)
        await asyncio.wait_for(turn.wait(), 60)
        slow.set_result("done")
        assert await asyncio.gather(*answers) == ["done"] * 5
        dispatch.close()
        bench.close()

    asyncio.run(page())


def test_an_answer_that_waits_when_the_program_ends_is_told_so() -> None:
    async def page() -> None:
        bench = Bench(1)
        dispatch = Dispatch(bench, 1)
        waiting: Future[str] = Future()
        answer = asyncio.create_task(dispatch.now(waiting))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(InputProblem, match="ending"):
            await answer
        dispatch.close()
        bench.close()

    asyncio.run(page())
