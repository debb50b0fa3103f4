"""Who may come in: one-time links, the sessions of browsers that came through one, second starts.

A second start finds the first by a private file that says where it listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import platform
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from imu_imageprep import atomic
from imu_imageprep.front.web.settings import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of a second start that asks the first: its patience, and the longest answer.
_SECONDS = 5.0
_LONGEST = 65_536

# Links that were made and not used, and browsers at a time; the oldest is dropped for a new one.
_MOST = 16


@dataclass(slots=True, eq=False)
class Session:
    """One browser.

    Attributes:
        csrf: token that every change must carry.
        name: of the person at it; empty until told.
        language: of the page.
    """

    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    name: str = ""
    language: str = "en"


class Sessions:
    """The links and the browsers of one run; nothing of it outlives the process."""

    def __init__(self) -> None:
        self.control = secrets.token_urlsafe(32)  # for a second start by the same person
        self._keys: list[str] = []
        self._sessions: dict[str, Session] = {}

    def new_key(self) -> str:
        """The key of a link that lets one browser in, once."""
        key = secrets.token_urlsafe(32)
        self._keys = [*self._keys[1 - _MOST :], key]
        return key

    def enter(self, key: str, language: str) -> tuple[str, Session] | None:
        """Use a key up; returns a cookie's value and its session, or None for a wrong key."""
        found = [known for known in self._keys if same(known, key)]
        if not found:
            return None
        self._keys.remove(found[0])
        while len(self._sessions) >= _MOST:
            del self._sessions[next(iter(self._sessions))]
        cookie = secrets.token_urlsafe(32)
        self._sessions[cookie] = Session(language=language)
        return cookie, self._sessions[cookie]

    def of(self, cookie: str) -> Session | None:
        """The session of a cookie; None where there is none."""
        found = [session for value, session in self._sessions.items() if same(value, cookie)]
        return found[0] if found else None


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing of how alike they are."""
    return hmac.compare_digest(one.encode(), other.encode())


def proof(secret: str, *said: str) -> str:
    """That whoever said this knows a secret, without telling it."""
    return hmac.new(secret.encode(), "\n".join(said).encode(), "sha256").hexdigest()


def file_of(ledger: Path, config_file: Path | None) -> Path:
    """Where a run with this ledger and configuration notes itself, and another one looks."""
    what = f"{ledger.absolute()}\n{config_file.absolute() if config_file else ''}"
    name = f"app-{hashlib.sha256(what.encode(errors='surrogateescape')).hexdigest()[:12]}.json"
    return Path(platformdirs.user_state_path("imageprep", appauthor=False)) / name


def note(file: Path, port: int, control: str) -> None:
    """Note a run; readable by this account alone."""
    told = {"port": port, "control": control, "pid": os.getpid(), "machine": platform.node()}
    with contextlib.suppress(OSError):  # without it a second start begins a run of its own
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.write(file, json.dumps(told).encode(), replace=True, mode=0o600)


def clear(file: Path, control: str) -> None:
    """Take the note of a run away, where it is still this run's."""
    with contextlib.suppress(OSError):
        if _read(file).get("control") == control:
            file.unlink()


def running(file: Path, paths: Sequence[Path]) -> str | None:
    """A fresh link of the run that a file notes; None where there is no such run any more.

    Both sides prove that they know the secret of the file without sending it: the port of a run
    that died may be somebody else's by now.

    Args:
        file: as :func:`file_of`.
        paths: folders and files to offer at its page.
    """
    told = _read(file)
    port, control = told.get("port"), told.get("control")
    if not isinstance(port, int) or not isinstance(control, str) or not 0 < port < 65_536:  # noqa: PLR2004
        return None
    if told.get("machine") != platform.node():
        return None
    try:
        return asyncio.run(_asked(port, control, [str(path) for path in paths]))
    except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
        return None


async def _asked(port: int, control: str, paths: list[str]) -> str | None:
    nonce = secrets.token_urlsafe(24)
    body = json.dumps({"paths": paths}).encode()
    head = [
        "POST /control/open HTTP/1.1",
        f"Host: {HOST}:{port}",
        f"Authorization: Bearer {proof(control, 'ask', nonce)}",
        f"X-Nonce: {nonce}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    async with asyncio.timeout(_SECONDS):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            await writer.drain()
            answer = await reader.read(_LONGEST)
            while not reader.at_eof() and len(answer) < _LONGEST:
                answer += await reader.read(_LONGEST)
        finally:
            writer.close()
    status, _, rest = answer.partition(b"\r\n")
    if b" 200 " not in status + b" ":
        return None
    told: Any = json.loads(rest.partition(b"\r\n\r\n")[2])
    key = str(told["key"]) if isinstance(told, dict) and "key" in told else ""
    if not key or not same(str(told.get("proof")), proof(control, "tell", nonce, key)):
        return None
    return link(port, key)


def link(port: int, key: str) -> str:
    """The address that lets one browser in."""
    return f"http://{HOST}:{port}/enter?key={key}"


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
