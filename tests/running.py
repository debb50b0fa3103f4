"""A real server of the page, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from command import HOMES, ROOT

from imu_imageprep.front.web import instance
from imu_imageprep.front.web.settings import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

# Starts a server with bounds that the command line has no options for.
_STARTER = """
import json, sys
from pathlib import Path
from imu_imageprep.session import Session
from imu_imageprep.front.web.serving import serve
from imu_imageprep.front.web.settings import Bounds, Settings
told = json.loads(sys.argv[1])
given = told["config_file"] and Path(told["config_file"])
serve(
    Settings(
        session=Session.open(config_file=given, ledger=told["ledger"]),
        roots=tuple(Path(root) for root in told["roots"]),
        ready=tuple(Path(path) for path in told["ready"]),
        jobs=told["jobs"],
        bounds=Bounds(**told["bounds"]),
    ),
    lambda link: print(link, flush=True),
)
"""


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    first: str
    ledger: Path
    config_file: Path | None
    home: Path
    used: bool = field(default=False)

    @property
    def url(self) -> str:
        return self.first.partition("/enter")[0]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def link(self) -> str:
        """A link that was not used yet."""
        if not self.used:
            self.used = True
            return self.first
        with _environment(self.home):
            found = instance.running(instance.file_of(self.ledger, self.config_file), [])
        assert found is not None
        return found

    def browser(self, name: str = "Tan") -> Browser:
        """One that came in through a link."""
        return Browser(self, name)

    def said(self) -> str:
        """Everything that it printed besides its link."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


class Browser:
    """A client that does what a browser does: a cookie, an origin, a token from the page."""

    def __init__(self, server: Server, name: str = "") -> None:
        self.client = httpx.Client(base_url=server.url, timeout=60, trust_env=False, verify=False)
        entered = self.client.get(server.link())
        assert entered.status_code == 200, entered.text
        page = self.client.get("/")
        found = re.search(r'name="csrf" content="([^"]+)"', page.text)
        assert found, page.text
        self.csrf = found[1]
        self.headers = {
            "Origin": server.url,
            "X-CSRF-Token": self.csrf,
            "Sec-Fetch-Site": "same-origin",
        }
        if name:
            self.put("/api/me", {"name": name})

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.get(path, params=params or None)

    def put(self, path: str, values: Any) -> httpx.Response:
        return self.client.put(path, json=values, headers=self.headers)

    def post(self, path: str, values: Any = None) -> httpx.Response:
        return self.client.post(path, json=values or {}, headers=self.headers)

    def delete(self, path: str, values: Any = None) -> httpx.Response:
        return self.client.request("DELETE", path, json=values, headers=self.headers)

    def drop(self, data: bytes, name: str = "photo.jpg") -> httpx.Response:
        headers = {**self.headers, "X-Photo-Name": name}
        return self.client.post("/api/photos", content=data, headers=headers)

    def photo(self, ident: str) -> dict[str, Any]:
        return dict(self.get(f"/api/photos/{ident}").json())

    def settled(self, *idents: str) -> list[dict[str, Any]]:
        """The photos, once none of the list waits to be looked at."""
        with self.client.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            while self.get("/api/state").json()["counts"]["done"] < self._total():
                for line in lines:
                    if line.startswith("event: counts"):
                        break
        return [self.photo(ident) for ident in idents]

    def _total(self) -> int:
        return int(self.get("/api/state").json()["counts"]["total"])

    def looked(self, *idents: str) -> dict[str, Any]:
        """A last look at photos; what the page answers."""
        for ident in idents:
            assert self.get(f"/api/photos/{ident}/preview").status_code == 200
        answer = self.post("/api/looks", {"photos": list(idents), "fine": True})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def released(self, ident: str) -> dict[str, Any]:
        """A photo after a last look, once it left or could not."""
        assert self.looked(ident)["stays"] == []
        with self.client.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            while (photo := self.photo(ident))["stage"] == "releasing":
                next(lines)
        return photo

    def dropped(self, data: bytes, name: str = "photo.jpg") -> dict[str, Any]:
        """A photo that was dropped and looked at."""
        answer = self.drop(data, name)
        assert answer.status_code == 201, answer.text
        (photo,) = self.settled(answer.json()["id"])
        return photo


@contextmanager
def serve(
    folder: Path,
    *,
    roots: tuple[Path, ...] = (),
    ready: tuple[Path, ...] = (),
    config: str | None = None,
    jobs: int = 1,
    bounds: Bounds | None = None,
) -> Iterator[Server]:
    """A server with a home, a ledger and a folder for temporary files inside ``folder``.

    Args:
        folder: an empty one.
        roots: where typed paths may lie; ``folder`` by default.
        ready: paths to offer.
        config: text of a configuration.
        jobs: workers.
        bounds: what it may cost.
    """
    home, temporary = folder / "home", folder / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    temporary.mkdir(exist_ok=True)
    ledger = home / "ledger.db"
    config_file = None
    if config is not None:
        config_file = home / "given.toml"
        config_file.write_text(config, "utf-8")
    told = {
        "roots": [str(root.resolve()) for root in roots or (folder,)],
        "ready": [str(path) for path in ready],
        "config_file": None if config_file is None else str(config_file),
        "ledger": str(ledger),
        "jobs": jobs,
        "bounds": asdict(bounds or Bounds()),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _STARTER, json.dumps(told)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={
            **(os.environ | _names(home) | {"PYTHONPATH": str(ROOT)}),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        },
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline().strip()
        assert first, "the server did not start"
        yield Server(process, first, ledger, config_file, home)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _names(home: Path) -> dict[str, str]:
    return dict.fromkeys(HOMES, str(home))


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _names(home)}
    os.environ.update(_names(home))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def typed(folder: Path, data: bytes) -> Iterator[tuple[Server, Browser, dict[str, Any]]]:
    """A server, a browser, and one photo of a folder, "trip", whose path was typed there."""
    (folder / "trip").mkdir()
    (folder / "trip" / "me.jpg").write_bytes(data)
    with serve(folder / "page", roots=(folder,)) as server:
        browser = server.browser("Tan")
        browser.post("/api/runs", {"path": str(folder / "trip")})
        browser.settled()
        (photo,) = browser.get("/api/state").json()["photos"]
        yield server, browser, photo
