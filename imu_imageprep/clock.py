"""What the computer tells: the time, who is at it, and how much it can do at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SystemClock:
    """Tells the computer's time."""

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)


def account() -> str:
    """The name of the account that this process runs under; empty where there is none."""
    import getpass  # noqa: PLC0415  (only those who answer something are named)

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return os.environ.get("USER", "")


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
