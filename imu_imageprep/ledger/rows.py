"""Looking entries up by reference and by photo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.ledger.store import Connection

# What can be listed, withdrawn and erased.
KEPT = (
    *("consent", "event-consent", "place-permission", "recognition-consent"),
    *("answer", "dismissal", "drawn", "confirmation", "look"),
)

# Number, time, kind and body of an event, and the key of what is encrypted in it.
SELECT = (
    "SELECT e.seq, e.at, e.kind, e.body, k.key FROM events e LEFT JOIN keys k ON k.event = e.seq"
)
Row = tuple[Any, ...]


def about_photo(connection: Connection, photo: str) -> list[Row]:
    """What was answered for, and drawn on, a photo (hex sha256), in the order it was entered."""
    return select(connection, "e.photo", [photo])


def select(connection: Connection, column: str, values: Sequence[str]) -> list[Row]:
    """Entries whose column has one of some values, in the order they were entered."""
    if not values:
        return []
    return connection.execute(
        f"{SELECT} WHERE {column} IN ({marks(values)}) ORDER BY e.seq", list(values)
    ).fetchall()


def row_of(connection: Connection, ref: str) -> Row | None:
    """The entry of a reference."""
    return next(iter(select(connection, "e.ref", [ref])), None)


def kind_of(connection: Connection, ref: str) -> str:
    """The kind of a reference that can be listed, withdrawn or erased.

    Raises:
        UsageProblem: there is none.
    """
    row = row_of(connection, ref)
    if row is None or row[2] not in KEPT:
        raise UsageProblem(f"There is no record {ref}.", "See: imageprep consent list")
    return str(row[2])


def state_of(connection: Connection, ref: str) -> State:
    """Whether what has a reference still stands."""
    kinds = kinds_about(connection, ref)
    if "erasure" in kinds:
        return State.ERASED
    return State.WITHDRAWN if "withdrawal" in kinds else State.IN_FORCE


def kinds_about(connection: Connection, ref: str) -> frozenset[str]:
    """The kinds of events that are about a reference: "withdrawal", "erasure"."""
    found = connection.execute("SELECT kind FROM events WHERE about = ?", (ref,))
    return frozenset(kind for (kind,) in found)


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))
