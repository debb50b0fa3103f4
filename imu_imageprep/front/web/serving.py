"""A run of the page from its first to its last moment."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import uvicorn

from imu_imageprep.bench import Bench
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.web import instance
from imu_imageprep.front.web.app import application
from imu_imageprep.front.web.dispatch import Dispatch
from imu_imageprep.front.web.settings import HOST
from imu_imageprep.front.web.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imu_imageprep.front.web.settings import Settings

# How long before it stops an idle server says so, and the share of its patience between looks.
_WARNING_SECONDS = 300.0
_LOOKS = 30
_LONGEST_HEAD = 32_768


def serve(settings: Settings, tell: Callable[[str], None]) -> None:
    """Serve the page until someone stops it or nobody is there any more.

    Args:
        settings: how it is set up.
        tell: told the link for the first browser, when the server listens.

    Raises:
        UsageProblem: the port is taken.
    """
    _quiet()
    site = Site(settings)
    life = _Life(site)
    guard = application(site, life.lived, life.touch)
    config = uvicorn.Config(
        guard,
        host=HOST,
        port=settings.port,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # it would hold names
        proxy_headers=False,
        server_header=False,
        limit_concurrency=settings.bounds.connections,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
    )
    try:
        listening = _bound(settings.port)
    except OSError:
        raise UsageProblem(
            f"The port {settings.port} cannot be used.",
            "Another program may use it: choose another port, or leave out --port.",
        ) from None
    guard.port = listening.getsockname()[1]
    file = instance.file_of(site.desk.ledger.beside, settings.session.config_file)

    def ready() -> None:
        instance.note(file, guard.port, site.sessions.control)
        tell(instance.link(guard.port, site.sessions.new_key()))

    server = _Server(config, ready, life.said_goodbye)
    life.end = server.end
    site.stop = life.stop
    signal.signal(signal.SIGTERM, _terminated)
    try:
        server.run(sockets=[listening])
    finally:
        instance.clear(file, site.sessions.control)
        listening.close()


def _bound(port: int) -> socket.socket:
    """A socket at a port of this computer alone, which no other program can take meanwhile.

    Elsewhere a port that was just left may be used again at once (SO_REUSEADDR); on Windows that
    option lets another program listen at a port in use, and its contrary forbids it.

    Raises:
        OSError: the port is taken, or may not be used.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    alone = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    try:
        listening.setsockopt(socket.SOL_SOCKET, alone or socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(False)
    return listening


class _Server(uvicorn.Server):
    """Says when it listens, and says goodbye to the windows before it closes their streams."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], goodbye: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._goodbye = goodbye

    def end(self) -> None:
        """End soon."""
        self.should_exit = True

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: Any = None) -> None:
        """End everything that goes on."""
        self._goodbye()
        await super().shutdown(sockets=sockets)


class _Life:
    """When a run begins, goes on and ends."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._last = 0.0
        self._reason = "stopped"
        self._warned = False
        self.end: Callable[[], None] = lambda: None

    def touch(self) -> None:
        """Someone is there."""
        self._last = asyncio.get_running_loop().time()
        if self._warned:
            self._warned = False
            self._site.events.tell("used", {})

    def stop(self, reason: str) -> None:
        """End the run."""
        self._reason = reason
        self.end()

    def said_goodbye(self) -> None:
        """Tell the windows that this is the end."""
        self._site.events.tell("bye", {"reason": self._reason})
        self._site.events.close()

    @contextlib.asynccontextmanager
    async def lived(self) -> AsyncIterator[None]:
        """The time between the first and the last request."""
        self.touch()
        jobs = self._site.settings.jobs
        bench = await asyncio.to_thread(Bench, jobs, self._site.session)
        self._site.dispatch = Dispatch(bench, jobs)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            self._site.dispatch.close()
            await asyncio.to_thread(bench.close)

    async def _watch(self) -> None:
        """End a run that nobody needs: what it holds in memory is not for whoever comes next."""
        patience = self._site.settings.bounds.idle_seconds
        while True:
            await asyncio.sleep(patience / _LOOKS)
            if self._site.album.working:
                self.touch()
            left = self._last + patience - asyncio.get_running_loop().time()
            if left <= 0:
                self.stop("idle")
            elif left < min(_WARNING_SECONDS, patience / 2) and not self._warned:
                self._warned = True
                self._site.events.tell("idle", {"minutes": max(1, round(left / 60))})


def _terminated(number: int, frame: object) -> NoReturn:
    """End as any program does that ends, so that nothing is left to the system."""
    del frame
    sys.exit(128 + number)


def _quiet() -> None:
    """Nothing of a request may reach a log: neither a name nor a traceback's values."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
