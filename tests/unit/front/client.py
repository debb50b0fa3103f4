"""A page and its browsers without a window, in one loop; the workers are real."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import httpx
from fakes import DyingSession, FixedClock, SpotDetector, width_of
from pictures import SPOT, encoded, scene, unlike
from unit.front.news import until

from imu_imageprep.bench import Bench, Dropped
from imu_imageprep.domain.policy import Policy
from imu_imageprep.front.web.app import application
from imu_imageprep.front.web.dispatch import Dispatch
from imu_imageprep.front.web.settings import Settings
from imu_imageprep.front.web.site import Site
from imu_imageprep.ledger.sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from imu_imageprep.front.web.entry import Entry

SPOTTED = encoded(scene(width_of(0.01), 500, ((width_of(0.01) // 2, 250, 40),)))


class Browser:
    """A client that came in, and has a name."""

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
async def page(
    home: Path, count: int, *, dies: Path | None = None
) -> AsyncIterator[tuple[Site, list[Entry]]]:
    """A page with photos that wait, each for one face; a worker dies where there is that file."""
    order = dies or home / "never"
    session = DyingSession(
        Policy(),
        None,
        SqliteLedger(home / "ledger", FixedClock()),
        faces=SpotDetector(SPOT),
        order=order,
    )
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
