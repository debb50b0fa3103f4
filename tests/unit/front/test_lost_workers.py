"""A worker dies while it judges what a person said: that counts, and the person is told at once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from unit.front.client import Browser, page
from unit.front.news import until

from imu_imageprep.front.web.entry import State

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.site import Site

NO_FACE = {"needs": "person-consent", "reason": "picture or statue"}


async def news_of(
    site: Site, said: Coroutine[Any, Any, Any], one: Entry
) -> tuple[Any, list[dict[str, Any]]]:
    """What comes of what was said, and what windows are told until the photo is checked again."""
    stream = site.events.stream({})
    await anext(stream)
    comes = await said
    await until(site, lambda: not one.unchecked)
    site.events.tell("end", {})
    told = []
    async for message in stream:
        _, kind, data = message.split("\n")[:3]
        if kind == "event: end":
            break
        if kind == "event: photo":
            told.append(json.loads(data.removeprefix("data: ")))
    await stream.aclose()  # type: ignore[attr-defined]
    return comes, told


async def answered(browser: Browser, entry: Entry) -> Any:
    items = [{"photo": entry.id, "finding": "face-1"}]
    return await browser.ask("POST", "/api/answers", {"items": items, "dismiss": NO_FACE})


def test_an_answer_counts_and_is_told_at_once(tmp_path: Path) -> None:
    async def said() -> None:
        dies = tmp_path / "dies"
        async with page(tmp_path, 1, dies=dies) as (site, (one,)):
            dies.touch()
            told, news = await news_of(site, answered(Browser(site, "Tan"), one), one)
            (result,), (photo,) = told["results"], told["photos"]
            assert (result["error"], len(result["refs"])) == (None, 1)
            assert (photo["unchecked"], photo["stage"], len(photo["answers"])) == (True, "look", 1)
            assert [one["unchecked"] for one in news] == [True, False]  # another worker did it

    asyncio.run(said())


def test_a_box_that_was_drawn_is_there(tmp_path: Path) -> None:
    async def said() -> None:
        dies = tmp_path / "dies"
        async with page(tmp_path, 1, dies=dies) as (site, (one,)):
            tan = Browser(site, "Tan")
            dies.touch()
            box = {"box": [5, 5, 30, 30], "kind": "face"}
            photo = await tan.ask("POST", f"/api/photos/{one.id}/drawn", box)
            assert [found["drawn"] for found in photo["findings"]] == [False, True]
            assert photo["unchecked"]

    asyncio.run(said())


def test_a_withdrawal_reaches_every_photo(tmp_path: Path) -> None:
    """What leaves with it is not to be downloaded, whatever becomes of the others."""

    async def said() -> None:
        dies = tmp_path / "dies"
        async with page(tmp_path, 2, dies=dies) as (site, (held, ready)):
            tan = Browser(site, "Tan")
            for one in (held, ready):
                await answered(tan, one)
            await tan.look(ready)
            await until(site, lambda: ready.state is State.READY)
            refs = [answer.ref for one in (held, ready) for answer in one.answers]
            dies.touch()
            await site.withdrawn(refs)
            assert not dies.exists()
            assert (ready.state, ready.export) == (State.GONE, None)
            assert held.unchecked

    asyncio.run(said())
