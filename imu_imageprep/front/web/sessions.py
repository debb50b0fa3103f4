"""Who may come in: one-time links, and the sessions of browsers that came through one."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

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
