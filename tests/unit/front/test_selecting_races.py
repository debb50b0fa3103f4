"""What is said of many photos while somebody else changes them; the workers are real."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakes import ClinicalSession, SpotDetector, width_of
from pictures import SPOT, encoded, scene, unlike
from unit.front.news import until

from imu_imageprep.bench import Bench, Dropped
from imu_imageprep.desk import Desk
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.front.web.app import application
from imu_imageprep.front.web.dispatch import Dispatch
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.settings import Settings
from imu_imageprep.front.web.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from imu_imageprep.front.web.entry import Entry

SPOTTED = encoded(scene(width_of(0.01), 500, ((width_of(0.01) // 2, 250, 40),)))
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


class Browser:
    """A browser of the page, within the same loop."""

    def __init__(self, site: Site, name: str) -> None:
        self.guard = application(site, nullcontext, lambda: None)
        self.guard.port = 8000
        entered = site.sessions.enter(site.sessions.new_key(), "en")
        assert entered is not None
        cookie, session = entered
        session.name = name
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.guard),
            base_url=self.guard.origin,
            headers={
                "Cookie": f"{self.guard.cookie}={cookie}",
                "Origin": self.guard.origin,
                "X-CSRF-Token": session.csrf,
            },
            timeout=60,
        )

    async def ask(self, method: str, path: str, values: Any = None) -> Any:
        answer = await self.client.request(method, path, json=values)
        assert answer.status_code == 200, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.content

    async def saw(self, *entries: Entry) -> None:
        for entry in entries:
            await self.ask("GET", f"/api/photos/{entry.id}/picture?side=480")
        await self.ask("POST", "/api/shown", {"photos": [e.id for e in entries], "side": 480})

    async def say(self, say: dict[str, Any], *entries: Entry) -> Any:
        photos = [entry.id for entry in entries]
        return await self.ask(
            "POST", "/api/selections", {"photos": photos, "say": say, "side": 480}
        )

    async def cover(self, entry: Entry, **values: Any) -> Any:
        return await self.ask("PUT", f"/api/photos/{entry.id}/covering", values)

    async def dismiss(self, entry: Entry) -> None:
        items = [{"photo": entry.id, "finding": "face-1"}]
        reason = {"needs": "person-consent", "reason": "picture or statue"}
        await self.ask("POST", "/api/answers", {"items": items, "dismiss": reason})

    async def look(self, entry: Entry) -> Any:
        await self.ask("GET", f"/api/photos/{entry.id}/preview")
        return await self.ask("POST", "/api/looks", {"photos": [entry.id], "fine": True})


@asynccontextmanager
async def page(home: Path, count: int) -> AsyncIterator[tuple[Site, list[Entry]]]:
    """A page with photos that wait, each for one face."""
    session = replace(ClinicalSession.at(home / "ledger"), faces=SpotDetector(SPOT))
    site = Site(Settings(session, (home,)))
    bench = Bench(1)
    site.dispatch = Dispatch(bench, 1)
    try:
        entries = []
        for _ in range(count):
            dropped = Dropped(unlike(SPOTTED), "photo.jpg")
            entries.append(site.album.add("photo.jpg", "", len(dropped.data), dropped))
            site.look_later(entries[-1])
        await until(site, lambda: not site.album.working)
        assert {entry.stage for entry in entries} == {"answer"}
        yield site, entries
    finally:
        site.dispatch.close()
        bench.close()


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
