"""What a shell offers while a command is typed; nothing personal, and never a look at a photo."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep import config
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.place import Remote, place
from imu_imageprep.report.record import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A person waits at the prompt: what takes longer is given up.
_SECONDS = 0.2
# A server's library has to be loaded, and a connection to be made, encrypted as a rule.
_SERVER_SECONDS = 1.5
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
        Some of them; none where the ledger is busy, slow or not there, or cannot be reached.
    """
    try:
        lies = config.ledger_place(ledger)
    except ImageprepError:  # the command itself says so
        return []
    typed = start.upper()
    fitting = [letter for letter in letters if f"{letter}-".startswith(typed[:2])]
    begins = [typed if len(typed) > 1 else f"{letter}-" for letter in fitting]
    if isinstance(lies, str):
        return _on_server(lies, begins, gone=gone)
    return _in_file(lies, begins, gone=gone)


def _in_file(path: Path, begins: Sequence[str], *, gone: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    end = time.monotonic() + _SECONDS
    with (
        contextlib.suppress(sqlite3.Error, OSError),
        contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_SECONDS)
        ) as opened,
    ):
        opened.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        for one in _named(opened, begins, gone=gone):
            found.append(one)  # noqa: PERF402  (what came before the time was over is offered)
    return found


def _on_server(url: str, begins: Sequence[str], *, gone: bool) -> list[tuple[str, str]]:
    """Asked in a thread, which ends with this process: names of servers are looked up for long."""
    found: list[list[tuple[str, str]]] = []

    def ask() -> None:
        from imu_imageprep.clock import SystemClock  # noqa: PLC0415  (for a server alone)
        from imu_imageprep.ledger import opened  # noqa: PLC0415

        with (
            contextlib.suppress(Exception),  # nobody reads at a prompt what went wrong
            opened(url, SystemClock()).reading() as connection,
        ):
            if connection is not None:
                found.append(list(_named(connection, begins, gone=gone)))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_SERVER_SECONDS)
    return found[0] if found else []


def _named(connection: Any, begins: Sequence[str], *, gone: bool) -> Iterator[tuple[str, str]]:
    """The references that begin so; a connection of either store will do."""
    left = _MOST
    for first in begins:
        for ref, kind, of, at in connection.execute(_QUERY, (first, f"{first}~", gone, left)):
            left -= 1
            yield ref, f"{of or kind}, {at[:10]}"


def findings(
    start: str, photos: Sequence[str], *, ledger: str | os.PathLike[str] | None = None
) -> list[tuple[str, str]]:
    """Ids of what the last run found, each with its kind.

    Args:
        start: what was typed.
        photos: the photos that are named already; without any, of every photo of the run.
        ledger: file of the ledger, beside which the record of the run lies.
    """
    found: dict[str, str] = {}
    end = time.monotonic() + _SECONDS
    with contextlib.suppress(ImageprepError, OSError, ValueError, KeyError, TypeError):
        beside = config.beside_ledger(config.ledger_place(ledger))
        wanted = {_recorded(photo) for photo in photos}
        for photo in _photos(beside.with_name(FILE_NAME), {Path(path).name for path in wanted}):
            if not wanted or photo["path"] in wanted:
                for finding in photo["receipt"]["findings"]:
                    if finding["id"].startswith(start):
                        found.setdefault(finding["id"], finding["kind"])
            if len(found) >= _MOST or time.monotonic() > end:
                break
    return list(found.items())


def _recorded(photo: str) -> str:
    """A photo as the record of a run tells it."""
    where = place(photo)
    return str(where) if isinstance(where, Remote) else os.path.abspath(photo)  # noqa: PTH100  (links stay links)


def _photos(record: Path, names: set[str]) -> Iterator[dict[str, Any]]:
    """The photos of a record; where names are given, only lines that hold one of them are read."""
    written = [json.dumps(name)[1:-1] for name in names]
    with record.open(encoding="ascii") as file:
        for line in file:
            if line.startswith('{"outcome"') and (
                not written or any(name in line for name in written)
            ):
                yield json.loads(line.rstrip().rstrip(","))
