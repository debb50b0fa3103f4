"""The ledger as one SQLite file: append-only events in a hash chain."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord
from imu_imageprep.ledger.chain import GENESIS, Event, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ports import Clock

SCHEMA_VERSION = 1

# Generated columns give the look-ups an index without a second copy of anything.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  source TEXT GENERATED ALWAYS AS (json_extract(body, '$.source.sha256')) VIRTUAL,
  begun TEXT GENERATED ALWAYS AS (json_extract(body, '$.begun')) VIRTUAL
);
CREATE INDEX IF NOT EXISTS events_by_source ON events (source) WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_by_begun ON events (begun) WHERE begun IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS events_never_change BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_never_go BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
"""

_EXPORTS_OF = """
SELECT b.body FROM events b
WHERE b.source = ? AND b.kind = 'export-begun'
  AND EXISTS (SELECT 1 FROM events d WHERE d.begun = b.hash AND d.kind = 'export-done')
ORDER BY b.seq DESC
"""


@dataclass(frozen=True, slots=True)
class SqliteLedger:
    """A ledger in one file, opened for each call, so that threads and processes may share it.

    Attributes:
        path: the file; made with mode 0600 by the first event.
        clock: dates the events.
    """

    path: Path
    clock: Clock

    def begin(self, receipt: Receipt) -> str:
        """Record that an export is about to be written; returns the head hash."""
        return self._append("export-begun", receipt.to_json())

    def finish(self, begun: str) -> str:
        """Record that the export of the ``begun`` event was written; returns the head hash."""
        return self._append("export-done", {"begun": begun})

    def exports_of(self, source: str, policy: str, request: str) -> tuple[ExportRecord, ...]:
        """Finished exports of a source under a policy and request (sha256 each), newest first."""
        if not self.path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute(_EXPORTS_OF, (source,)).fetchall()
        bodies = [json.loads(body) for (body,) in rows]
        return tuple(
            _record(body["export"])
            for body in bodies
            if body["receipt"]["policy"] == policy and body["receipt"]["request"] == request
        )

    def _append(self, kind: str, body: dict[str, Any]) -> str:
        with self._open() as connection:
            # The write lock comes before the head is read, so two writers never fork the chain.
            connection.execute("BEGIN IMMEDIATE")
            head = connection.execute(
                "SELECT hash FROM events ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            event = Event(
                at=self.clock.now().isoformat(timespec="milliseconds"),
                kind=kind,
                body=canonical(body),
                prev=head[0] if head else GENESIS,
            )
            connection.execute(
                "INSERT INTO events (at, kind, body, prev, hash) VALUES (?, ?, ?, ?, ?)",
                (event.at, event.kind, event.body, event.prev, event.hash),
            )
            connection.execute("COMMIT")
        return event.hash

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Made by us first: sqlite3 would create it readable for others.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            with contextlib.closing(
                sqlite3.connect(self.path, timeout=30, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                self._migrate(connection)
                yield connection
        except (sqlite3.Error, OSError) as problem:
            raise OutputProblem(
                "The ledger could not be used.",
                f"Check that {self.path} can be written, or name another file with --ledger.",
            ) from problem

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise OutputProblem(
                "The ledger was written by a newer imageprep.",
                "Update imageprep, or name another file with --ledger.",
            )
        if version < SCHEMA_VERSION:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;"
            )


def _record(export: dict[str, Any]) -> ExportRecord:
    return ExportRecord(**{**export, "format": Format(export["format"])})
