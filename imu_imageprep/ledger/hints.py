"""References for a shell that completes them: what is readable without any key, and quickly."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A person waits at the prompt: what takes longer is given up.
_SECONDS = 0.2
_MOST = 50
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock

_QUERY = """
SELECT e.ref, e.kind, json_extract(e.body, '$.kind'), e.at FROM events e
WHERE e.ref >= ? AND e.ref < ? AND (? OR NOT EXISTS (
  SELECT 1 FROM events w WHERE w.about = e.ref AND w.kind IN ('withdrawal', 'erasure')
))
ORDER BY e.ref LIMIT ?
"""


def references(path: Path, start: str, letters: str, *, gone: bool) -> list[tuple[str, str]]:
    """References that begin so, each with its kind and the day it was recorded.

    Args:
        path: the ledger's file; it is not made, and nothing of it is decrypted.
        start: what was typed.
        letters: what they may name, by the first letters of references.
        gone: also those that were withdrawn or erased.

    Returns:
        Some of them; none where the ledger is busy, slow or not there.
    """
    typed = start.upper()
    fitting = [letter for letter in letters if f"{letter}-".startswith(typed[:2])]
    found: list[tuple[str, str]] = []
    end = time.monotonic() + _SECONDS
    with (
        contextlib.suppress(sqlite3.Error, OSError),
        contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_SECONDS)
        ) as ledger,
    ):
        ledger.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        for letter in fitting:
            first = typed if len(typed) > 1 else f"{letter}-"
            rows = ledger.execute(_QUERY, (first, f"{first}~", gone, _MOST - len(found)))
            found += [(ref, f"{of or kind}, {at[:10]}") for ref, kind, of, at in rows]
    return found
