"""The hash chain: each event carries the hash of the one before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from imu_imageprep.seal import canonical

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        at: when, ISO 8601 in UTC.
        kind: what ("export-begun").
        body: canonical JSON.
        prev: hash of the event before, ``GENESIS`` for the first.
    """

    at: str
    kind: str
    body: str
    prev: str

    @property
    def hash(self) -> str:
        """Hex SHA-256 over the canonical encoding of all four fields."""
        return hashlib.sha256(
            canonical([self.at, self.kind, self.body, self.prev]).encode()
        ).hexdigest()


def first_at(body: dict[str, Any], at: str) -> str:
    """When something was first recorded: where it came by an import, in the other ledger."""
    origin = body.get("origin")
    return str(origin["at"]) if origin else at
