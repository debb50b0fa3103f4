"""Photos that came to the page together are an album; the workers are real, the check is not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from fakes import ClinicalSession, SpotDetector, width_of
from pictures import SPOT, encoded
from PIL import Image
from unit.front.news import until

from imu_imageprep.bench import Bench, Dropped
from imu_imageprep.domain.doubting import BESIDE
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.web.dispatch import Dispatch
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.runs import planned
from imu_imageprep.front.web.settings import Bounds, Settings
from imu_imageprep.front.web.site import Site
from imu_imageprep.request import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from imu_imageprep.front.web.entry import Entry

NEAR, PLAIN, CLINICAL = 0.06, 0.01, 0.9


def photo(score: float, shade: int = 0) -> bytes:
    return plain(score, (shade * 20, 120, 90))


def plain(score: float, colour: tuple[int, int, int]) -> bytes:
    return encoded(Image.new("RGB", (width_of(score), 60), colour))


@asynccontextmanager
async def page(home: Path) -> AsyncIterator[Site]:
    session = replace(ClinicalSession.at(home / "ledger"), faces=SpotDetector(SPOT))
    site = Site(Settings(session, (home,), bounds=Bounds(quiet_seconds=0.01)))
    bench = Bench(1)
    site.dispatch = Dispatch(bench, 1)
    try:
        yield site
    finally:
        site.dispatch.close()
        bench.close()


def drop(
    site: Site,
    score: float,
    shade: int = 0,
    together: str = "one/",
    data: bytes = b"",
) -> Entry:
    data = data or photo(score, shade)
    dropped = Dropped(data, "photo.jpg")
    entry = site.album.add("photo.jpg", "", len(data), dropped, together=together)
    site.look_later(entry)
    return entry


def doubts(entry: Entry) -> list[str | None]:
    assert entry.receipt is not None
    return [one.reason for one in entry.receipt.findings if one.kind == "doubt"]


def test_a_drop_is_an_album(tmp_path: Path) -> None:
    async def dropped() -> None:
        async with page(tmp_path) as site:
            near, *others = [drop(site, NEAR), *(drop(site, CLINICAL, n) for n in range(6))]
            alone = drop(site, NEAR, 9, together="")
            await until(site, lambda: not site.album.working)
            assert near.state is State.HELD
            assert doubts(near) == [BESIDE]
            assert alone.state is State.READY
            assert all(doubts(one) == [] for one in others)

    asyncio.run(dropped())


def test_an_answer_does_not_lose_the_doubt(tmp_path: Path) -> None:
    async def dropped() -> None:
        async with page(tmp_path) as site:
            near, *_ = [drop(site, NEAR), *(drop(site, CLINICAL, n) for n in range(6))]
            await until(site, lambda: not site.album.working)
            async with near.lock:
                await site.refresh(near)
            assert doubts(near) == [BESIDE]

    asyncio.run(dropped())


def test_one_in_reach_leaves_when_the_others_are_nothing_clinical(tmp_path: Path) -> None:
    async def dropped() -> None:
        async with page(tmp_path) as site:
            near = drop(site, NEAR)
            other = drop(site, PLAIN)
            await until(site, lambda: near.put_off)
            assert near.state is State.WAITING
            assert near.export is None
            await until(site, lambda: not site.album.working)
            assert near.state is other.state is State.READY
            assert near.export is not None

    asyncio.run(dropped())


def test_one_that_was_answered_does_not_wait_for_others_that_were_looked_at(
    tmp_path: Path,
) -> None:
    """It is in their reach, and they do not raise it: what was covered leaves by one last look."""

    async def dropped() -> None:
        async with page(tmp_path) as site:
            near = drop(site, NEAR, data=plain(NEAR, SPOT))
            drop(site, PLAIN)
            await until(site, lambda: not site.album.working)
            assert (near.state, near.stage) == (State.HELD, "answer")
            async with asyncio.timeout(60):
                while near.handed is None or near.handed.turn.waits:  # noqa: ASYNC110  (it tells nobody)
                    await asyncio.sleep(0)
            near.request = Request(redact=("faces",))
            async with near.lock:
                await site.refresh(near)
                assert near.stage == "look"
                prepared = await site.work(near, near.request)
            assert prepared.receipt.put_off is None
            assert prepared.receipt.outcome is Outcome.EXPORTED

    asyncio.run(dropped())


def test_one_in_reach_goes_on_when_those_it_waits_for_leave_the_list(tmp_path: Path) -> None:
    async def dropped() -> None:
        async with page(tmp_path) as site:
            near, other = drop(site, NEAR), drop(site, PLAIN)
            async with other.lock:
                await until(site, lambda: near.put_off)
                async with asyncio.timeout(60):
                    while site.together._due:  # noqa: ASYNC110  (it tells nobody)
                        await asyncio.sleep(0)
                site.album.remove([other])
            await until(site, lambda: not site.album.working)
            assert near.state is State.READY

    asyncio.run(dropped())


def test_photos_of_a_drop_that_come_later_raise_what_waits(tmp_path: Path) -> None:
    async def dropped() -> None:
        async with page(tmp_path) as site:
            near = drop(site, NEAR, data=plain(NEAR, SPOT))
            await until(site, lambda: not site.album.working)
            assert near.state is State.HELD
            assert doubts(near) == []
            for number in range(6):
                drop(site, CLINICAL, number)
            await until(site, lambda: doubts(near) != [])
            assert doubts(near) == [BESIDE]

    asyncio.run(dropped())


def test_a_typed_folder_is_an_album(tmp_path: Path) -> None:
    folder = tmp_path / "ward"
    folder.mkdir()
    (folder / "near.jpg").write_bytes(photo(NEAR))
    for number in range(6):
        (folder / f"c{number}.jpg").write_bytes(photo(CLINICAL, number))

    async def typed() -> None:
        async with page(tmp_path) as site:
            tasks = planned(folder, site.session, site.roots, 100)
            run = site.runs.begin(folder, tasks)
            for task in tasks:
                entry = site.album.add(task.path.name, "", 1, task, run.id, together=run.id)
                site.look_later(entry)
            await until(site, lambda: run.state == "done")
            near = next(one for one in site.album.all() if one.name == "near.jpg")
            assert near.state is State.HELD
            assert doubts(near) == [BESIDE]
            assert run.done == len(tasks)

    asyncio.run(typed())
