"""What is said of many photos while somebody else changes them; the workers are real."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from unit.front.client import Browser, page
from unit.front.news import until

from imu_imageprep.desk import Desk
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.front.web.entry import State

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

NO_FACE = {
    "what": "dismiss",
    "kind": "face",
    "need": "person-consent",
    "reason": "picture or statue",
}
COVER = {"what": "cover-faces"}


class Gate(ThreadPoolExecutor):
    """Threads as the loop has them; what one call found out is held back until it may go."""

    def __init__(self, name: str) -> None:
        super().__init__(8)
        self._name = name
        self._loop = asyncio.get_running_loop()
        self.reached = asyncio.Event()
        self.go = threading.Event()

    def submit(self, fn: Any, /, *args: Any, **options: Any) -> Future[Any]:
        """As of every executor; a call is known by its name, and the first one counts."""
        if fn.args[0].__name__ != self._name:
            return super().submit(fn, *args, **options)
        self._name = ""

        def held() -> Any:
            found = fn(*args, **options)
            self._loop.call_soon_threadsafe(self.reached.set)
            assert self.go.wait(60)
            return found

        return super().submit(held)


async def meanwhile(
    call: str, asked: Coroutine[Any, Any, Any], others: Callable[[], Coroutine[Any, Any, Any]]
) -> Any:
    """What was asked for, while others did something before a call of it was taken note of."""
    gate = Gate(call)
    asyncio.get_running_loop().set_default_executor(gate)
    task = asyncio.create_task(asked)
    try:
        async with asyncio.timeout(60):
            await gate.reached.wait()
        await others()
    finally:
        gate.go.set()
    return await task


def test_a_covering_that_is_changed_while_an_answer_is_written_stands(tmp_path: Path) -> None:
    async def said() -> None:
        async with page(tmp_path, 2) as (site, entries):
            tan, lim = Browser(site, "Tan"), Browser(site, "Lim")
            one, other = entries
            await tan.saw(*entries)

            async def covered() -> None:
                await lim.cover(one, boxes=[[1, 1, 9, 9]], credit="Photo: A. Maker")

            told = await meanwhile("answer_many", tan.say(NO_FACE, *entries), covered)
            assert (one.request.boxes, one.request.credit) == (((1, 1, 9, 9),), "Photo: A. Maker")
            assert [len(entry.answers) for entry in entries] == [1, 1]
            assert [entry.stage for entry in entries] == ["look", "look"]
            await tan.ask("DELETE", f"/api/selections/{told['selection']}")
            assert one.request.boxes == ((1, 1, 9, 9),)
            assert other.stage == "answer"

    asyncio.run(said())


def test_what_somebody_covered_meanwhile_is_covered_once(tmp_path: Path) -> None:
    async def said() -> None:
        async with page(tmp_path, 2) as (site, entries):
            tan, lim = Browser(site, "Tan"), Browser(site, "Lim")
            (one, _) = entries
            await tan.saw(*entries)

            async def covered() -> None:
                await lim.cover(one, redact=["face-1"])

            told = await meanwhile("_outcomes", tan.say(COVER, *entries), covered)
            assert [stay["why"] for stay in told["stays"]] == ["nothing"]
            assert [entry.request.redact for entry in entries] == [("face-1",)] * 2
            await tan.ask("DELETE", f"/api/selections/{told['selection']}")
            assert [entry.request.redact for entry in entries] == [("face-1",), ()]

    asyncio.run(said())


def test_a_photo_that_left_meanwhile_is_not_told_to_be_covered(tmp_path: Path) -> None:
    async def said() -> None:
        async with page(tmp_path, 1) as (site, (one,)):
            tan, lim = Browser(site, "Tan"), Browser(site, "Lim")
            await tan.saw(one)

            async def released() -> None:
                await lim.dismiss(one)
                assert (await lim.look(one))["stays"] == []
                await until(site, lambda: one.state is State.READY)

            told = await meanwhile("_outcomes", tan.say(COVER, one), released)
            assert ([stay["why"] for stay in told["stays"]], told["will"]) == (["state"], [])
            assert one.request.redact == ()

    asyncio.run(said())


def test_what_was_written_of_a_photo_that_left_meanwhile_says_so(tmp_path: Path) -> None:
    async def said() -> None:
        async with page(tmp_path, 2) as (site, entries):
            tan, lim = Browser(site, "Tan"), Browser(site, "Lim")
            one, other = entries
            await tan.saw(*entries)

            async def released() -> None:
                await lim.cover(one, redact=["face-1"])
                assert (await lim.look(one))["stays"] == []
                await until(site, lambda: one.state is State.READY)

            told = await meanwhile("answer_many", tan.say(NO_FACE, *entries), released)
            assert [(s["photo"], s["why"]) for s in told["stays"]] == [(one.id, "released")]
            assert one.state is State.READY
            assert other.stage == "look"

    asyncio.run(said())


def test_a_look_that_could_not_be_recorded_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked meanwhile heard that the photo leaves, and would believe it for ever."""

    async def said() -> None:
        async with page(tmp_path, 1) as (site, (one,)):
            tan = Browser(site, "Tan")
            await tan.cover(one, redact=["face-1"])
            await tan.ask("GET", f"/api/photos/{one.id}/preview")
            await until(site, lambda: not site.album.working)
            meanwhile: list[tuple[str | None, int]] = []

            def full(*_: object) -> None:
                meanwhile.append((one.stage, one.told))
                raise OutputProblem("The disk is full, so nothing was recorded.")

            monkeypatch.setattr(Desk, "looked", full)
            looks = {"photos": [one.id], "fine": True}
            assert (await tan.client.post("/api/looks", json=looks)).status_code == 507
            ((stage, told),) = meanwhile
            assert (stage, one.stage) == ("releasing", "look")
            assert one.told > told

    asyncio.run(said())
