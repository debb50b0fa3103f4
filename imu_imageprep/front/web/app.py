"""The application: routes, what answers refusals, and the guard before all of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.front.web import (
    bodies,
    catalogue,
    consents,
    folders,
    looks,
    pages,
    photos,
    refusals,
    results,
    review,
    runs,
    selections,
)
from imu_imageprep.front.web.guard import Guard
from imu_imageprep.front.web.instance import proof
from imu_imageprep.front.web.refusals import Refusal
from imu_imageprep.front.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Scope

    from imu_imageprep.front.web.site import Site


def application(
    site: Site,
    life: Callable[[], AbstractAsyncContextManager[None]],
    touch: Callable[[], None],
) -> Guard:
    """The application of a run.

    Args:
        site: the run.
        life: entered when the server begins and left when it ends.
        touch: told of every request that shows that someone is there.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        async with life():
            yield

    inner = Starlette(
        routes=[
            *pages.ROUTES,
            *photos.ROUTES,
            *review.ROUTES,
            *selections.ROUTES,
            *looks.ROUTES,
            *results.ROUTES,
            *folders.ROUTES,
            *consents.ROUTES,
            Route("/control/open", reopen, methods=["POST"]),
            Mount("/static", _Fresh(directory=catalogue.folder() / "static", check_dir=False)),
        ],
        exception_handlers={
            Refusal: _refused,
            ImageprepError: _refused,
            HTTPException: _refused,
            Exception: _refused,
        },
        lifespan=lifespan,
    )
    inner.state.site = site
    guard = Guard(inner, site.sessions, _answer(inner), touch)
    inner.state.cookie = lambda: guard.cookie
    return guard


async def reopen(request: Request) -> Response:
    """A second start by the same person: a fresh link, and paths to offer."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    key = site.sessions.new_key()
    for path in map(Path, bodies.texts(told, "paths")):
        site.roots = runs.with_named(site.roots, path)
        if path not in site.ready:
            site.ready = (*site.ready, path)
    site.events.tell("paths", {"ready_paths": [str(path) for path in site.ready]})
    nonce = request.headers.get("x-nonce", "")
    return JSONResponse({"key": key, "proof": proof(site.sessions.control, "tell", nonce, key)})


class _Fresh(StaticFiles):
    """Static files: kept by the browser, and asked for again each time."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """The answer with a file, or that it is still the same."""
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "no-cache"
        return response


def _answer(inner: Starlette) -> Callable[[Scope, Refusal], ASGIApp]:
    def answer(scope: Scope, refusal: Refusal) -> ASGIApp:
        scope["app"] = inner
        return _told(Request(scope), refusal)

    return answer


async def _refused(request: Request, trouble: Exception) -> Response:
    if isinstance(trouble, ImageprepError):
        return _told(request, refusals.of_problem(trouble))
    if isinstance(trouble, Refusal):
        return _told(request, trouble)
    status = trouble.status_code if isinstance(trouble, HTTPException) else 500
    return _told(request, refusals.of_http(status))


def _told(request: Request, refusal: Refusal) -> Response:
    """A refusal for whoever asked: JSON for a script, a page for a person."""
    response: Response
    if refusals.speaks_json(request.scope):
        response = JSONResponse(refusal.to_json(), refusal.status)
    else:
        response = pages.rendered(
            request,
            "error.html",
            status=refusal.status,
            code=refusal.code,
            message=refusal.message,
            advice=refusal.advice,
        )
    if refusal.retry is not None:
        response.headers["retry-after"] = str(refusal.retry)
    if refusal.status in (408, 413, 503, 507):
        response.headers["connection"] = "close"  # what is still being sent is not read
    return response
