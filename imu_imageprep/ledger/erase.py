"""Erasing: the key of personal fields is destroyed, and with it every copy of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger import exports, rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.trail import StoredReceipt
    from imu_imageprep.ledger.store import Store, Writer


def erase(store: Store, ref: str) -> tuple[StoredReceipt, ...]:
    """Destroy the key of a record's personal fields, and of what its withdrawal said.

    Returns:
        Every export that relied on it, newest first.

    Raises:
        UsageProblem: there is no such reference.
        OutputProblem: the ledger could not be written, or a copy of the key is still in use.
    """
    with store.writing() as writer:
        rows.kind_of(writer.connection, ref)
        keys = destroy(writer, ref)
        relying = exports.relying_on(writer.connection, ref)
    forget(store, keys)
    return relying


def destroy(writer: Writer, ref: str, **more: Any) -> list[bytes]:
    """Write the tombstone of a reference and delete its keys; returns what was deleted."""
    found = writer.connection.execute(
        "SELECT e.seq, k.key FROM events e LEFT JOIN keys k ON k.event = e.seq "
        "WHERE e.ref = ? OR (e.about = ? AND e.kind = 'withdrawal')",
        (ref, ref),
    ).fetchall()
    keys = [bytes(key) for _, key in found if key is not None]
    if keys or more or rows.state_of(writer.connection, ref) is not State.ERASED:
        writer.append("erasure", {"about": ref, "keys": [event for event, _ in found], **more})
    writer.connection.executemany("DELETE FROM keys WHERE event = ?", [row[:1] for row in found])
    return keys


def forget(store: Store, keys: Iterable[bytes]) -> None:
    """Empty the write-ahead log, and see that no file holds a destroyed key.

    Raises:
        OutputProblem: another program still reads an older state, or a key could not be removed.
    """
    keys = list(keys)
    for attempt in range(2):
        with store.alone() as connection:
            if attempt:
                # A copy that SQLite left in a page's unused part: rewrite the whole file.
                connection.execute("VACUUM")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise OutputProblem(
                "The erasure is recorded, but another program still reads an older state.",
                "Close it, then erase again, which removes the last copies.",
            )
        raw = b"".join(path.read_bytes() for path in store.files() if path.exists())
        if not any(key in raw for key in keys):
            return
    raise OutputProblem("A destroyed key could not be removed from the file.")
