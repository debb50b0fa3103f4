"""Reading the whole chain again, to find the first event that is not as it was recorded."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.trail import Audit, Damage
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.store import DamagedLedger
from imu_imageprep.seal import Unreadable, unseal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.ledger.store import Connection, Store


def audit(store: Store, expect: str | None = None) -> Audit:
    """Walk the whole chain, and look for a head hash in it."""
    try:
        return _audited(store, expect)
    except DamagedLedger:
        return Audit(0, None, Damage("The file is not a ledger, or its beginning is damaged."))


def _audited(store: Store, expect: str | None) -> Audit:
    with store.reading() as connection:
        if connection is None:
            cut = "There is no ledger, although a receipt names one." if expect else ""
            return Audit(0, None, Damage(cut) if cut else None)
        walk = _Walk(expect)
        try:
            erased = _erased(connection)
            with contextlib.closing(store.walk(connection)) as rows:
                for row in rows:
                    if damage := walk.step(row, erased):
                        return Audit(walk.events, walk.head, damage)
        except store.broken:
            # Indexes can be at fault too, but the walk does not use them.
            damage = Damage("It cannot be read: the file is damaged or cut off.", walk.last + 1)
            return Audit(walk.events, walk.head, damage)
        damage = walk.end() or store.structure(connection) or _orphan(connection)
        return Audit(walk.events, walk.head, damage)


class _Walk:
    """Where the walk along the chain stands."""

    def __init__(self, expect: str | None) -> None:
        self.expect = expect
        self.met = expect in (None, GENESIS)
        self.head: str | None = None
        self.events = 0
        self.last = 0

    def step(self, row: tuple[Any, ...], erased: set[int]) -> Damage | None:
        """Check one event; nothing moves on from a damaged one."""
        seq, at, kind, body, prev, stored, key = row
        if seq != self.last + 1:
            return Damage("It is missing.", self.last + 1)
        texts = all(isinstance(text, str) for text in row[1:6])
        if not texts or Event(at, kind, body, prev).hash != stored:
            return Damage("It was changed after it was recorded.", seq)
        if prev != (self.head or GENESIS):
            return Damage("It does not follow the event before it.", seq)
        if what := _sealed(json.loads(body), kind, key, gone=seq in erased):
            return Damage(what, seq)
        self.head, self.last = stored, seq
        self.events += 1
        self.met = self.met or stored == self.expect
        return None

    def end(self) -> Damage | None:
        """What is wrong with the chain as a whole."""
        if self.met:
            return None
        return Damage(
            f"The head {self.expect} is not in the ledger: its end was cut off, or it was "
            f"written again from the start. The last event is number {self.last}."
        )


def _sealed(body: dict[str, Any], kind: str, key: bytes | None, *, gone: bool) -> str | None:
    if "sealed" not in body:
        return None if key is None else "It has a key without personal fields."
    if gone:
        return None if key is None else "It was erased, and its key is still there."
    if key is None:
        return "The key of its personal fields is missing, and it was not erased."
    try:
        unseal(body["sealed"], key, kind, body["ref"])
    except Unreadable:
        return "Its personal fields do not open: the key was changed."
    return None


def _erased(connection: Connection) -> set[int]:
    """The events whose keys erasures destroyed; read without an index, as the walk is."""
    rows = connection.execute("SELECT body FROM events WHERE kind || '' = 'erasure'")
    return set(_numbers(body for (body,) in rows))


def _numbers(bodies: Iterator[str]) -> Iterator[int]:
    for body in bodies:
        try:
            yield from json.loads(body)["keys"]
        except (ValueError, KeyError, TypeError):
            continue  # the walk names this event


def _orphan(connection: Connection) -> Damage | None:
    # With NOT IN, PostgreSQL would read all events again for every key of a large ledger.
    orphan = connection.execute(
        "SELECT event FROM keys WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = event) LIMIT 1"
    ).fetchone()
    return Damage("There is a key of an event that is not there.") if orphan else None
