"""The ledger as JSON lines, and back; what was erased or withdrawn stays so."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NoReturn

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.consents import destroy
from imu_imageprep.ledger.rows import KEPT
from imu_imageprep.ledger.store import last_hash
from imu_imageprep.seal import Unreadable, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from imu_imageprep.ledger.store import Store, Writer

# What goes wrong with an event that imageprep never wrote, besides what a store refuses.
_NOT_OURS = (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError)

_FORMAT = 1
_FIELDS = frozenset({"at", "kind", "body", "prev", "hash", "key"})


def export_lines(store: Store) -> Iterator[str]:
    """A line about the export, then every event as a line of JSON."""
    with store.reading() as connection:
        count, head = 0, None
        if connection is not None:
            (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
            head = last_hash(connection)
        yield json.dumps({"imageprep_ledger": _FORMAT, "events": count, "head": head})
        for _, at, kind, body, prev, digest, key in store.walk(connection) if connection else ():
            event = {"at": at, "kind": kind, "body": body, "prev": prev, "hash": digest}
            yield json.dumps({**event, "key": base64.b64encode(key).decode() if key else None})


def import_lines(store: Store, lines: Iterable[str]) -> int:
    """Add the events of another ledger that are not here yet, chained to this one's end.

    Each keeps its first hash and time as its origin, so that a second import adds nothing.
    """
    events = _checked(lines)
    try:
        merge = _merged(store, events, together=True)
    except _RefusedError:  # one of some hundred; nothing was recorded
        try:
            merge = _merged(store, events, together=False)
        except _RefusedError as refused:
            raise _changed(refused.number) from refused.__cause__
    if merge.destroyed:
        store.forget(merge.destroyed)
    return merge.added


class _RefusedError(Exception):
    """Something is no event of ours: this one, or one shortly before where many go together."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _merged(store: Store, events: Sequence[dict[str, Any]], *, together: bool) -> _Merge:
    number = 0
    not_ours: tuple[type[Exception], ...] = (*_NOT_OURS, *store.refusals)
    with store.writing() as writer:
        try:
            merge = _Merge(writer, writer.append_soon if together else writer.append)
            for number, event in enumerate(events, 1):
                merge.take(number, event)
            merge.end()
        except store.denied:
            raise
        except not_ours as problem:
            # A chain that is whole says that nobody changed it, not that imageprep made it.
            raise _RefusedError(number) from problem
    return merge


class _Merge:
    """One import; ``here`` tells the hash under which an event of the file is kept here."""

    def __init__(self, writer: Writer, append: Callable[..., Event]) -> None:
        self.writer, self.append = writer, append
        self.added = 0
        self.destroyed: list[bytes] = []
        self.closed: dict[int, tuple[str, str | None]] = {}
        rows = writer.connection.execute("SELECT hash, origin, ref FROM events").fetchall()
        self.here = {origin or digest: digest for digest, origin, _ in rows}
        self.here |= {digest: digest for digest, _, _ in rows}
        self.refs = {ref for _, _, ref in rows if ref is not None}
        self.erased = {
            about
            for (about,) in writer.connection.execute(
                "SELECT about FROM events WHERE kind = 'erasure'"
            )
        }

    def take(self, number: int, row: dict[str, Any]) -> None:
        """Add an event unless it is here."""
        body = json.loads(row["body"], parse_constant=_no_number)
        if row["kind"] in KEPT and not isinstance(body["ref"], str):
            raise TypeError("a reference is a text")
        if not all(_plain(body.get(name)) for name in ("ref", "about")):
            raise TypeError("a reference is of plain characters")
        origin = body.pop("origin", None) or {"hash": row["hash"], "at": row["at"]}
        if origin["hash"] in self.here:
            self.here[row["hash"]] = self.here[origin["hash"]]
            return
        if body.get("ref") in self.refs:
            raise InputProblem(
                f"Event {number} has the reference of something else in this ledger.",
                "Nothing was imported.",
            )
        if row["kind"] == "erasure":
            self.erased.add(body["about"])
            more = {"origin": origin}
            self.destroyed += destroy(self.writer, body["about"], **more)
            (digest,) = self.writer.connection.execute(
                "SELECT hash FROM events WHERE origin = ? ORDER BY seq LIMIT 1", (origin["hash"],)
            ).fetchone()
        else:
            if row["kind"] == "export-done":
                body["begun"] = self.here.get(body["begun"], body["begun"])
            key = self._key(number, row, body)
            digest = self.append(row["kind"], {**body, "origin": origin}, key).hash
            if "sealed" in body and key is None:
                self.closed[number] = body["ref"], body.get("about")
        self.added += 1
        self.here[origin["hash"]] = self.here[row["hash"]] = digest
        if "ref" in body:
            self.refs.add(body["ref"])

    def end(self) -> None:
        """See that all is entered, and that what came without its key has a tombstone of it."""
        connection = self.writer.connection  # asking for it sends what waits
        for number, (ref, about) in self.closed.items():
            gone = ref if ref in self.erased else about
            if gone not in self.erased or gone is None:
                raise _changed(number)
            named = connection.execute(
                "SELECT 1 FROM events e, json_each(e.body, '$.keys') k, events own "
                "WHERE own.ref = ? AND e.kind = 'erasure' AND CAST(k.value AS BIGINT) = own.seq",
                (ref,),
            ).fetchone()
            if named is None:
                destroy(self.writer, gone, imported=True)

    def _key(self, number: int, row: dict[str, Any], body: dict[str, Any]) -> bytes | None:
        if row["key"] is None or "sealed" not in body:
            return None
        gone = {body["ref"], body.get("about") if row["kind"] == "withdrawal" else None}
        if gone & self.erased:
            return None
        key = base64.b64decode(row["key"])
        try:
            unseal(body["sealed"], key, row["kind"], body["ref"])
        except Unreadable as problem:
            raise _changed(number) from problem
        return key


def _checked(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The events of an export whose chain is whole."""
    try:
        first, *rows = [json.loads(line) for line in lines if line.strip()]
    except (ValueError, RecursionError) as problem:
        raise _no_export() from problem
    if not isinstance(first, dict) or first.get("imageprep_ledger") != _FORMAT:
        raise _no_export()
    prev = GENESIS
    for number, row in enumerate(rows, 1):
        if not _is_event(row):
            raise _no_export()
        event = Event(row["at"], row["kind"], row["body"], row["prev"])
        if event.prev != prev or event.hash != row["hash"]:
            raise _changed(number)
        prev = event.hash
    if len(rows) != first.get("events") or (rows and first.get("head") != prev):
        raise InputProblem("The file was cut off.", "Export the other ledger again.")
    return rows


def _is_event(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != _FIELDS:
        return False
    texts = all(isinstance(row[name], str) for name in _FIELDS - {"key"})
    return texts and isinstance(row["key"], str | None)


def _plain(value: object) -> bool:
    """Whether a reference can be looked up in any store; half a surrogate or a zero cannot."""
    return value is None or (isinstance(value, str) and value.isascii() and value.isprintable())


def _no_number(text: str) -> NoReturn:
    """Refuse nan and infinity, which Python's JSON has and SQLite's has not."""
    raise ValueError(text)


def _changed(number: int) -> InputProblem:
    return InputProblem(
        f"Event {number} of the file was changed after it was exported.",
        "Nothing was imported; export the other ledger again.",
    )


def _no_export() -> InputProblem:
    return InputProblem(
        "The file is not an export of a ledger.", "Make one with: imageprep consent export"
    )
