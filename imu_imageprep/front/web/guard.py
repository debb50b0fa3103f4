"""Stands before every request: who asks, from where, and with what; and what leaves is sealed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser

from imu_imageprep.front.web import refusals
from imu_imageprep.front.web.instance import proof, same
from imu_imageprep.front.web.refusals import Refusal
from imu_imageprep.front.web.settings import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from imu_imageprep.front.web.instance import Session, Sessions

    Answer = Callable[[Scope, Refusal], ASGIApp]

_log = logging.getLogger("imu_imageprep")

_SAFE = frozenset({"GET", "HEAD"})
_CHANGES = frozenset({"POST", "PUT", "DELETE"})

# Whatever is not named may not be loaded at all, nothing runs or is styled from within a page, and
# no text ever becomes markup or code: the page's scripts build elements, and make no policy of
# Trusted Types that could let one through.
_CONTENT = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)

_SEAL = {
    "content-security-policy": "; ".join(_CONTENT),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
    "x-robots-tag": "noindex",
}


class Guard:
    """The outermost layer.

    Args:
        app: what answers requests that may be answered.
        sessions: who may come in.
        answer: makes the response to a refusal.
        touch: told of every request that shows that someone is there.
    """

    def __init__(
        self, app: ASGIApp, sessions: Sessions, answer: Answer, touch: Callable[[], None]
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._answer = answer
        self._touch = touch
        self.port = 0

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not know ports, and two runs may listen on two."""
        return f"imageprep-{self.port}"

    @property
    def origin(self) -> str:
        """The page's own origin."""
        return f"http://{HOST}:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets
        began = False

        async def sealed(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                _seal(MutableHeaders(scope=message))
            await send(message)

        app = self._app
        try:
            self._check(scope)
        except Refusal as refusal:
            scope["session"] = None  # whoever is refused is told nothing of anyone
            app = self._answer(scope, refusal)
        try:
            await app(scope, receive, sealed)
        except Exception as trouble:  # noqa: BLE001  (a traceback could quote a photo)
            _log.error("unexpected %s in a request", type(trouble).__name__)
            if not began:
                await self._answer(scope, refusals.bug())(scope, receive, sealed)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        path = scope["path"]
        session = self._session(headers)
        scope["session"] = session
        if headers.getlist("host") != [f"{HOST}:{self.port}"]:
            raise _forbidden("This page can only be used at its own address.")
        if path.startswith("/control/"):
            self._check_control(headers)
            return
        if path == "/enter" or path.startswith("/static/"):
            if scope["method"] not in _SAFE:
                raise refusals.of_http(405)
            return
        if session is None:
            raise Refusal(
                403,
                "no-session",
                "This browser may not open the page.",
                "Open it with the link that imageprep app printed, or run imageprep app again.",
            )
        if scope["method"] in _SAFE:
            _check_reading(headers)
        elif scope["method"] in _CHANGES:
            self._check_change(headers, session)
        else:
            raise refusals.of_http(405)
        if path != "/api/events":
            self._touch()

    def _session(self, headers: Headers) -> Session | None:
        found = cookie_parser(headers.get("cookie", "")).get(self.cookie)
        return self._sessions.of(found) if found else None

    def _check_control(self, headers: Headers) -> None:
        expected = proof(self._sessions.control, "ask", headers.get("x-nonce", ""))
        if not same(headers.get("authorization", ""), f"Bearer {expected}"):
            raise _forbidden("Only imageprep may ask for this.")

    def _check_change(self, headers: Headers, session: Session) -> None:
        if headers.getlist("origin") != [self.origin]:
            raise _forbidden("Another page may not change anything here.")
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise _forbidden("Another page may not change anything here.")
        if not same(headers.get("x-csrf-token", ""), session.csrf):
            raise _forbidden("The page is out of date.", "Load it again.")


def _check_reading(headers: Headers) -> None:
    # A page of another server on this machine counts as "same-site" and would bring the cookie.
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise _forbidden("Another page may not read anything here.")


def _forbidden(message: str, advice: str = "Open it with: imageprep app") -> Refusal:
    return Refusal(403, "forbidden", message, advice)


# How the policy of a page begins that allows less than the page itself.
STRICTER = "default-src 'none'; "


def _seal(headers: MutableHeaders) -> None:
    for name, value in _SEAL.items():
        if not headers.get(name, "").startswith(STRICTER):
            headers[name] = value
    headers.setdefault("cache-control", "no-store")
