"""What a shell offers while a command is typed; nothing personal, and never a look at a photo."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep import config
from imu_imageprep.report.record import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def references(
    start: str,
    letters: str,
    *,
    gone: bool = False,
    ledger: str | os.PathLike[str] | None = None,
) -> list[tuple[str, str]]:
    """References in the ledger that begin so, each with its kind and day.

    Args:
        start: what was typed.
        letters: what they may name, by the first letters of references ("CEP").
        gone: also those that were withdrawn or erased.
        ledger: file of the ledger; by default the user's own. Nothing of it is decrypted.

    Returns:
        Some of them; none where the ledger is busy, slow, not there or on a server.
    """
    path = config.ledger_place(ledger)
    if isinstance(path, str):
        return []
    typed = start.upper()
    fitting = [letter for letter in letters if f"{letter}-".startswith(typed[:2])]
    found: list[tuple[str, str]] = []
    end = time.monotonic() + _SECONDS
    with (
        contextlib.suppress(sqlite3.Error, OSError),
        contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_SECONDS)
        ) as opened,
    ):
        opened.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        for letter in fitting:
            first = typed if len(typed) > 1 else f"{letter}-"
            rows = opened.execute(_QUERY, (first, f"{first}~", gone, _MOST - len(found)))
            found += [(ref, f"{of or kind}, {at[:10]}") for ref, kind, of, at in rows]
    return found


def findings(
    start: str, photos: Sequence[str], *, ledger: str | os.PathLike[str] | None = None
) -> list[tuple[str, str]]:
    """Ids of what the last run found, each with its kind.

    Args:
        start: what was typed.
        photos: the photos that are named already; without any, of every photo of the run.
        ledger: file of the ledger, beside which the record of the run lies.
    """
    place = config.beside_ledger(config.ledger_place(ledger))
    wanted = {os.path.abspath(photo) for photo in photos}  # noqa: PTH100  (links stay links)
    found: dict[str, str] = {}
    end = time.monotonic() + _SECONDS
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        for photo in _photos(place.with_name(FILE_NAME), {Path(path).name for path in wanted}):
            if not wanted or photo["path"] in wanted:
                for finding in photo["receipt"]["findings"]:
                    if finding["id"].startswith(start):
                        found.setdefault(finding["id"], finding["kind"])
            if len(found) >= _MOST or time.monotonic() > end:
                break
    return list(found.items())


def _photos(record: Path, names: set[str]) -> Iterator[dict[str, Any]]:
    """The photos of a record; where names are given, only lines that hold one of them are read."""
    written = [json.dumps(name)[1:-1] for name in names]
    with record.open(encoding="ascii") as file:
        for line in file:
            if line.startswith('{"outcome"') and (
                not written or any(name in line for name in written)
            ):
                yield json.loads(line.rstrip().rstrip(","))
