"""Requests about the list of photos: dropping, listing, forgetting, showing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.bench import Dropped
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import table
from imu_imageprep.front.web import bodies, views
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.refusals import NoRoom, wrong_state
from imu_imageprep.front.web.site import handed_of, session_of, site_of
from imu_imageprep.small import SIDE

if TYPE_CHECKING:
    from starlette.requests import Request

# Letters of what a window calls a drop.
_DROP = 64
_SMALLEST, _USUAL, LARGEST = 64, 1600, 3000

# What a file picker offers and a folder's other files are told apart by; the bytes decide.
_ENDINGS = """
jpg jpeg jpe jfif png webp heic heif avif tif tiff gif bmp jp2
dng cr2 cr3 nef arw raf orf rw2 dcm
"""
SUFFIXES = [f".{ending}" for ending in _ENDINGS.split()]


async def upload(request: Request) -> Response:
    """Take one file; its body waits until there is room."""
    site = site_of(request)
    most = site.policy.limits.bytes
    size = bodies.announced(request, most)
    folder, name = bodies.label(request.headers.get("x-photo-name", ""))
    bounds = site.settings.bounds
    try:
        async with site.album.room(size):
            data = await bodies.body(request, most, bounds)
            drop = request.headers.get("x-photo-drop", "")[:_DROP]
            together = f"{drop}/{folder}" if drop else ""
            entry = site.album.add(name, folder, len(data), Dropped(data, name), together=together)
    except NoRoom:
        await bodies.heard_out(request, size, bounds)
        raise
    site.look_later(entry)
    return JSONResponse(views.photo(entry), 201)


async def show(request: Request) -> Response:
    """One photo, with what only a review needs."""
    entry = site_of(request).album.get(request.path_params["photo"])
    source = entry.receipt.source if entry.receipt else None
    more = {
        "sha256": source.sha256 if source else None,
        "captured": views.captured(entry.receipt),
    }
    return JSONResponse({**views.photo(entry), **more})


async def forget(request: Request) -> Response:
    """Take one photo off the list."""
    site = site_of(request)
    site.forget([site.album.get(request.path_params["photo"])])
    return Response(status_code=204)


async def forget_many(request: Request) -> Response:
    """Take all photos of a state off the list."""
    site = site_of(request)
    wanted = request.query_params.get("state", "")
    if wanted not in ("ready", "failed", "held", "gone", "all"):
        raise UsageProblem("Name the photos to clear.", "Load the page again.")
    chosen = [entry for entry in site.album.all() if wanted in ("all", entry.state.value)]
    return JSONResponse({"removed": site.forget(chosen)})


async def cancel(request: Request) -> Response:
    """Drop what waits to be looked at, and end typed paths."""
    site = site_of(request)
    for run in site.runs.all():
        if run.cancel():
            site.events.tell("run", run.to_json())
    removed = site.forget(entry for entry in site.album.all() if entry.state is State.WAITING)
    return JSONResponse({"removed": removed})


async def picture(request: Request) -> Response:
    """The photo itself, for showing; up to ``small.SIDE`` what is kept of it in small."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    side = request.query_params.get("side", str(_USUAL))
    if (
        not side.isdecimal()
        or len(side) > len(str(LARGEST))
        or not _SMALLEST <= int(side) <= LARGEST
    ):
        raise UsageProblem(f"side is a number from {_SMALLEST} to {LARGEST}.", "Load it again.")
    if int(side) <= SIDE and entry.small is not None:
        return Response(entry.small, media_type="image/jpeg")
    if entry.state not in (State.HELD, State.READY, State.GONE):
        raise wrong_state()
    handed, policy, bench = handed_of(entry), site.policy, site.dispatch.bench
    sha256 = entry.sha256
    data = await site.dispatch.now(bench.picture(handed, policy, int(side), sha256))
    if request.method == "GET" and sha256 == entry.sha256:
        sight = entry.sight(session_of(request))
        sight.served = max(sight.served, int(side))
    return Response(data, media_type="image/jpeg")


async def seen(request: Request) -> Response:
    """Note that a person had a last look at results."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    entries = [site.album.get(ident) for ident in bodies.texts(told, "photos")]
    for entry in entries:
        entry.seen = told.get("seen") is True
        site.album.changed(entry)
    return JSONResponse({"photos": [views.photo(entry) for entry in entries]})


async def again(request: Request) -> Response:
    """Look at a photo of a typed path anew: it may have changed."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    if entry.run is None or entry.waits or entry.handed is None:
        raise wrong_state()
    async with entry.lock:
        entry.state, entry.seen = State.WAITING, False
        entry.sights.clear()
        entry.look = entry.trouble = None
        site.album.changed(entry)
    site.look_later(entry)
    return JSONResponse(views.photo(entry))


async def state(request: Request) -> Response:
    """Everything that a window needs to begin with."""
    site, session = site_of(request), session_of(request)
    bounds = site.settings.bounds
    return JSONResponse(
        {
            "me": {"name": session.name, "language": session.language},
            "profile": site.policy.profile,
            "channel": site.policy.channel,
            "limits": {
                "bytes": site.policy.limits.bytes,
                "photos": bounds.photos,
                "held_bytes": bounds.held_bytes,
                "suffixes": SUFFIXES,
            },
            "needs": table(),
            "counts": site.album.counts(),
            "photos": [views.photo(entry) for entry in site.album.all()],
            "runs": [run.to_json() for run in site.runs.all()],
            "event": site.events.number,
            "started": site.started,
            "idle_minutes": round(bounds.idle_seconds / 60),
            "roots": [str(root) for root in site.roots],
            "ready_paths": [str(path) for path in site.ready],
        }
    )


ROUTES = [
    Route("/api/state", state),
    Route("/api/photos", upload, methods=["POST"]),
    Route("/api/photos", forget_many, methods=["DELETE"]),
    Route("/api/cancel", cancel, methods=["POST"]),
    Route("/api/seen", seen, methods=["POST"]),
    Route("/api/photos/{photo}", show),
    Route("/api/photos/{photo}", forget, methods=["DELETE"]),
    Route("/api/photos/{photo}/picture", picture),
    Route("/api/photos/{photo}/again", again, methods=["POST"]),
]
