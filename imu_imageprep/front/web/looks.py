"""Requests about the last look: who saw the picture as it leaves, and its release by that."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain.answers import Look
from imu_imageprep.domain.errors import Failure, ImageprepError, Outcome, UsageProblem
from imu_imageprep.domain.selecting import Stays
from imu_imageprep.front.web import bodies, views
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.selections import told_stay
from imu_imageprep.front.web.site import in_thread, named, session_of, site_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from imu_imageprep.front.web.entry import Entry, Sight
    from imu_imageprep.front.web.site import Site


async def look(request: Request) -> Response:
    """Record a last look at photos, and have them released by it; nobody waits for that."""
    site, session, by = site_of(request), session_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    if told.get("fine") is not True:
        raise UsageProblem("Say that the pictures are fine.", "Load the page again.")
    stays: list[dict[str, Any]] = []
    looks: list[tuple[Entry, Look]] = []
    for ident in dict.fromkeys(bodies.texts(told, "photos")):
        entry = site.album.find(ident)
        if entry is None:
            stays.append(told_stay(ident, None, Stays.STATE))
            continue
        seen = _seen(site, entry, entry.sight(session))
        if isinstance(seen, Stays):
            stays.append(told_stay(ident, None, seen))
            continue
        looks.append((entry, dataclasses.replace(seen, by=by)))
        entry.releasing = True  # from now on nothing of it is changed
    try:
        entered = await in_thread(site.desk.looked, [one for _, one in looks])
    except BaseException:
        for entry, _ in looks:
            entry.releasing = False
            site.album.changed(entry)  # whoever asked meanwhile was told that it leaves
        raise
    for (entry, _), one in zip(looks, entered, strict=True):
        entry.look, entry.trouble = one, None
        site.album.changed(entry)
        _release_soon(site, entry)
    return JSONResponse({"photos": [views.photo(entry) for entry, _ in looks], "stays": stays})


def _seen(site: Site, entry: Entry, sight: Sight) -> Look | Stays:
    """The look at a picture that was served as it stands now; or why there is none."""
    if entry.stage == "answer":
        return Stays.OPEN
    if entry.stage != "look" or entry.receipt is None or entry.receipt.source is None:
        return Stays.STATE
    if sight.preview is None or sight.preview[:2] != (entry.said, site.policy):
        return Stays.NOT_LOOKED
    return Look(entry.receipt.source.sha256, sight.preview[2])


def _release_soon(site: Site, entry: Entry) -> None:
    async def release() -> None:
        async with entry.lock:
            try:
                await _release(site, entry)
            finally:
                entry.releasing = False
                site.album.changed(entry)

    site.dispatch.soon(release)


async def _release(site: Site, entry: Entry) -> None:
    """Let a photo leave that was looked at; where it does not, it waits with the reason."""
    if not site.album.there(entry) or entry.state is not State.HELD:
        return
    try:
        wish = dataclasses.replace(entry.request, look_first=True, look=entry.look)
        prepared = await site.work(entry, wish)
    except ImageprepError as problem:
        _stays(entry, Failure.of(problem))
        return
    except BaseException:
        _stays(entry, None)
        raise
    receipt = prepared.receipt
    if receipt.outcome is Outcome.FAILED and receipt.failure is not None:
        _stays(entry, receipt.failure)
        return
    site.take(entry, prepared)
    if entry.state is State.HELD:
        _stays(entry, None)
        await site.learn(entry, receipt, entry.said)


def _stays(entry: Entry, trouble: Failure | None) -> None:
    """It did not leave: whoever lets it go next looks at it again."""
    entry.look, entry.trouble = None, trouble
    for sight in entry.sights.values():
        sight.preview = None


ROUTES = [Route("/api/looks", look, methods=["POST"])]
