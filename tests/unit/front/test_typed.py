"""When a typed path is through: no worker is there, so what waits goes on waiting."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from fakes import ClinicalSession
from unit.front.client import Browser

from imu_imageprep.front.web.settings import Settings
from imu_imageprep.front.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


async def typed(home: Path, photos: int) -> tuple[Site, Browser]:
    """A page with a typed folder; nothing is looked at."""
    folder = home / "typed"
    folder.mkdir()
    for number in range(photos):
        (folder / f"{number}.jpg").write_bytes(b"never read")
    site = Site(Settings(ClinicalSession.at(home / "ledger"), (home,)))
    site.dispatch = cast("Any", SimpleNamespace(later=lambda _: None))
    browser = Browser(site, "Tan")
    answer = await browser.client.post("/api/runs", json={"path": str(folder)})
    assert (answer.status_code, answer.json()["state"]) == (201, "running")
    return site, browser


async def told(browser: Browser) -> tuple[str, int, int]:
    (run,) = (await browser.ask("GET", "/api/state"))["runs"]
    return run["state"], run["done"], run["total"]


async def all_at_once(site: Site, browser: Browser) -> None:
    del site
    await browser.ask("DELETE", "/api/photos?state=all")


async def one_by_one(site: Site, browser: Browser) -> None:
    for entry in site.album.all():
        assert (await browser.client.delete(f"/api/photos/{entry.id}")).status_code == 204


@pytest.mark.parametrize("cleared", [all_at_once, one_by_one])
def test_photos_that_left_the_list_are_waited_for_no_more(
    tmp_path: Path, cleared: Callable[[Site, Browser], Awaitable[None]]
) -> None:
    async def page() -> None:
        site, browser = await typed(tmp_path, 3)
        before = site.events.number
        await cleared(site, browser)
        assert await told(browser) == ("done", 3, 3)
        assert site.events.number > before  # windows are told

    asyncio.run(page())


def test_a_photo_that_is_looked_at_again_counts_once(tmp_path: Path) -> None:
    """The others are waited for still."""

    async def page() -> None:
        site, browser = await typed(tmp_path, 3)
        one, *_ = site.album.all()
        for _ in range(3):
            site.runs.went_on([one], site.events)
        assert await told(browser) == ("running", 1, 3)

    asyncio.run(page())


def test_a_path_that_was_ended_is_not_said_to_be_through(tmp_path: Path) -> None:
    async def page() -> None:
        _, browser = await typed(tmp_path, 3)
        await browser.ask("POST", "/api/cancel", {})
        assert (await told(browser))[0] == "cancelled"

    asyncio.run(page())
