"""The documents, the words, and what a window may set: name, language, profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from imu_imageprep import api
from imu_imageprep.domain.consent import bad_name, refuse
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.policy import Policy, Profile
from imu_imageprep.front.web import bodies, catalogue, views
from imu_imageprep.front.web.refusals import Refusal
from imu_imageprep.front.web.site import session_of, site_of
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from starlette.requests import Request

    from imu_imageprep.front.web.site import Site

_VIEWS = {"/": "drop", "/review": "review", "/results": "results", "/consents": "consents"}
_VIEWS |= {"/table": "table", "/look": "look", "/policy": "policy"}

# The move to the page is the page's own: a cookie that is SameSite=Strict comes along then, even
# where the link was followed from somewhere else.
_ENTERED = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=/"><link rel="icon" href="/static/icon.svg">
<title>imageprep</title></head>
<body><p><a href="/">imageprep</a></p></body></html>
"""


class Renderer:
    """Templates of the page; what they name must be there, and everything is escaped."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(catalogue.folder() / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def html(self, template: str, values: dict[str, Any]) -> str:
        """A template filled in."""
        return self._templates.get_template(template).render(values)


_renderer = Renderer()


def rendered(
    request: Request,
    template: str,
    *,
    status: int = 200,
    language: str | None = None,
    **values: object,
) -> Response:
    """A document; without a session it says nothing of anyone."""
    site: Site = site_of(request)
    session = request.scope.get("session")
    accepted = catalogue.preferred(request.headers.get("accept-language", ""))
    spoken = language or (session.language if session else accepted)
    common = {
        "t": site.catalogue.texts(spoken),
        "lang": spoken,
        "languages": list(catalogue.LANGUAGES),
        "csrf": session.csrf if session else "",
        "person": session.name if session else "",
        "profile": site.policy.profile.value,
        "channel": site.policy.channel,
        "version": __version__,
        "page": _VIEWS.get(request.url.path, ""),
        "status": status,
    }
    return HTMLResponse(_renderer.html(template, {**common, **values}), status)


async def document(request: Request) -> Response:
    """The page; its scripts show the view that the address names."""
    site = site_of(request)
    return rendered(
        request,
        "app.html",
        ready_paths=[str(path) for path in site.ready],
        roots=[str(root) for root in site.roots],
    )


async def enter(request: Request) -> Response:
    """Let a browser in that comes with the key of a link, once."""
    site = site_of(request)
    language = catalogue.preferred(request.headers.get("accept-language", ""))
    if request.method != "GET":
        return Response(status_code=200)
    entered = site.sessions.enter(request.query_params.get("key", ""), language)
    if entered is None and request.scope["session"] is None:
        raise Refusal(
            403,
            "no-session",
            "This link was already used, or it is an old one.",
            "Run imageprep app again: it opens the page with a new link.",
        )
    response = HTMLResponse(_ENTERED)
    if entered is not None:
        cookie, _ = entered
        name = request.app.state.cookie()
        response.set_cookie(name, cookie, httponly=True, samesite="strict", path="/")
    return response


async def words(request: Request) -> Response:
    """The texts that scripts need."""
    return JSONResponse(site_of(request).catalogue.scripts(session_of(request).language))


async def me(request: Request) -> Response:
    """Note who is at the page, and in which language."""
    session = session_of(request)
    told = await bodies.values(request, site_of(request).settings.bounds)
    if "name" in told:
        name = " ".join(bodies.text(told, "name").split())
        refuse(bad_name("Your name", name), "Type the name that your department knows.")
        session.name = name
    if "language" in told:
        if told["language"] not in catalogue.LANGUAGES:
            raise UsageProblem("The page does not speak this language.", "Choose another one.")
        session.language = told["language"]
    return JSONResponse({"name": session.name, "language": session.language})


async def switch(request: Request) -> Response:
    """Change whose page the pictures are for; it holds for photos that are not exported yet."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    try:
        profile = Profile(bodies.text(told, "profile"))
    except ValueError:
        raise PolicyProblem("This profile does not exist.", "Use personal or official.") from None
    site.switch_profile(profile)
    site.events.tell("profile", {"profile": profile.value})
    return _told(site.policy)


async def rules(request: Request) -> Response:
    """The policy in force."""
    return _told(site_of(request).policy)


def _told(policy: Policy) -> Response:
    return JSONResponse(views.policy(policy, api.policy_digest(policy)))


async def events(request: Request) -> Response:
    """What changes, as it does."""
    site = site_of(request)
    stream = site.events.stream({"started": site.started})
    return StreamingResponse(stream, media_type="text/event-stream")


async def stay(request: Request) -> Response:
    """Someone is there."""
    del request
    return Response(status_code=204)


async def stop(request: Request) -> Response:
    """End the server."""
    site_of(request).stop("stopped")
    return Response(status_code=202)


ROUTES = [
    *(Route(path, document) for path in _VIEWS),
    Route("/enter", enter),
    Route("/strings.json", words),
    Route("/api/me", me, methods=["PUT"]),
    Route("/api/profile", switch, methods=["PUT"]),
    Route("/api/policy", rules),
    Route("/api/events", events),
    Route("/api/stay", stay, methods=["POST"]),
    Route("/api/stop", stop, methods=["POST"]),
]
