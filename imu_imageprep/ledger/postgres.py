"""The ledger on a PostgreSQL server, which several computers share."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg

from imu_imageprep import config
from imu_imageprep.clock import account
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.trail import Damage
from imu_imageprep.ledger import links
from imu_imageprep.ledger import server_words as words
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.store import last_hash
from imu_imageprep.seal import canonical

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from imu_imageprep.ledger.links import Link
    from imu_imageprep.ledger.store import Connection, Writer
    from imu_imageprep.ports import Clock

# How long a call waits for other writers, and for a server that went away, in seconds.
PATIENCE = 30.0
# Events that are sent together, where there are many.
_TOGETHER = 300
# How long an erasure waits for those who read an older state, and between two tries.
_SWEEP, _PAUSE = 10.0, 0.2

_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# The turn comes before anything is looked up, so two writers never decide on the same state.
_WRITE = b"BEGIN; SELECT imageprep.take_turn()"

_ENTER = """
INSERT INTO events (at, kind, body, token, nth)
SELECT at, kind, body, ?, ? + nth
FROM unnest(?::text[], ?::text[], ?::text[]) WITH ORDINALITY AS given (at, kind, body, nth)
ORDER BY nth
RETURNING seq, prev, hash
"""
_ENTER_KEYS = """
INSERT INTO keys (event, key)
SELECT event, key FROM unnest(?::bigint[], ?::bytea[]) AS given (event, key)
"""
_ENTER_ONE = """
INSERT INTO events (at, kind, body, token, nth) VALUES (?, ?, ?, ?, ?) RETURNING seq, prev, hash
"""
_FIND = "SELECT hash FROM events WHERE token = ? ORDER BY nth"
_TRIGGERS = """
SELECT count(*) FROM pg_trigger
WHERE tgrelid IN ('imageprep.events'::regclass, 'imageprep.keys'::regclass) AND tgenabled <> 'O'
"""
_ALL = (
    "SELECT e.seq, e.at, e.kind, e.body, e.prev, e.hash, k.key "
    "FROM events e LEFT JOIN keys k ON k.event = e.seq ORDER BY e.seq"
)


class _Writer:
    """One transaction on the server."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self.token = _token()
        self._clock = clock
        self._count = 0
        self._last: str | None = None
        self._soon: list[tuple[Event, bytes | None]] = []

    @property
    def connection(self) -> Link:
        """What was recorded before, and all that this transaction adds."""
        self.send()
        return self._link

    def append(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """Chain an event to the last one, which the server does."""
        link = self.connection
        self._count += 1
        at, text = _now(self._clock), canonical(body)
        row = link.execute(_ENTER_ONE, (at, kind, text, self.token, self._count)).fetchone()
        assert row is not None
        seq, prev, digest = row
        self._last = digest
        if key is not None:
            link.execute("INSERT INTO keys (event, key) VALUES (?, ?)", (seq, key))
        return _checked(Event(at, kind, text, prev), digest)

    def append_soon(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """Chain an event here; the server chains it too, and both have to come to the same."""
        # Whoever has the turn knows the last event.
        last = self._last or last_hash(self._link) or GENESIS
        event = Event(_now(self._clock), kind, canonical(body), last)
        self._last = event.hash
        self._soon.append((event, key))
        if len(self._soon) == _TOGETHER:
            self.send()
        return event

    def send(self) -> None:
        """Enter the events that wait for others."""
        if not self._soon:
            return
        (events, keys), self._soon = zip(*self._soon, strict=True), []
        columns = ([getattr(event, name) for event in events] for name in ("at", "kind", "body"))
        rows = sorted(self._link.execute(_ENTER, (self.token, self._count, *columns)).fetchall())
        self._count += len(events)
        for event, (_, _, digest) in zip(events, rows, strict=True):
            _checked(event, digest)
        kept = [(seq, key) for (seq, _, _), key in zip(rows, keys, strict=True) if key is not None]
        if kept:
            self._link.execute(_ENTER_KEYS, tuple(map(list, zip(*kept, strict=True))))


@dataclass(frozen=True, slots=True)
class PostgresLedger(Ledger):
    """A ledger on a server; it holds the address alone, and no connection.

    Its ``OutputProblem``: the server cannot be reached or lets nobody in, the user lacks a role,
    there is no ledger, or a newer release's.

    Attributes:
        url: the address, without a password.
        clock: dates the events.
        patience: how long a call waits for other writers and for the server, in seconds.
    """

    shared: ClassVar[bool] = True
    refusals: ClassVar[tuple[type[Exception], ...]] = (
        *(psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError),
    )
    denied: ClassVar[tuple[type[Exception], ...]] = (psycopg.errors.InsufficientPrivilege,)
    broken: ClassVar[tuple[type[Exception], ...]] = (psycopg.InternalError,)
    size: ClassVar[str] = "size"
    relies: ClassVar[str] = "e.relied @> ARRAY[?]::text[]"

    url: str
    clock: Clock
    patience: float = PATIENCE

    @property
    def place(self) -> str:
        """The address."""
        return self.url

    @property
    def beside(self) -> Path:
        """A file in the user's data folder."""
        return config.beside_ledger(self.url)

    def account(self) -> str:
        """The computer's account, and the database's user."""
        with self._open() as link:
            return f"{account()}, in the database {link.user}"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment."""
        with self._open(_READ) as link:
            yield link

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction; it is on the server's disk when the block has ended."""
        with self._open(_WRITE) as link:
            writer = _Writer(link, self.clock)
            yield writer
            writer.send()
            try:
                link.run(b"COMMIT")
            except psycopg.OperationalError:
                # The answer was lost, perhaps after the server did it. Whoever has the turn knows
                # that the transaction is not under way any more.
                if not link.lost or not self._found(writer.token, _WRITE):
                    raise

    def enter(self, events: Sequence[tuple[str, dict[str, Any]]]) -> tuple[str, ...]:
        """Enter events in one round trip; where the answer was lost, again, and never twice."""
        if not events:
            return ()
        at, token = _now(self.clock), _token()
        ats = [at] * len(events)
        kinds, bodies = [kind for kind, _ in events], [canonical(body) for _, body in events]
        end = time.monotonic() + self.patience
        rows = None
        while rows is None:
            with self._open() as link:
                try:
                    rows = link.execute(_ENTER, (token, 0, ats, kinds, bodies)).fetchall()
                except psycopg.errors.UniqueViolation:
                    # An attempt before took place; the server lets no token in a second time.
                    return self._found(token, _READ)
                except psycopg.OperationalError:
                    if not link.lost or time.monotonic() > end:
                        raise
        return tuple(
            _checked(Event(at, kind, body, prev), digest).hash
            for kind, body, (_, prev, digest) in zip(kinds, bodies, sorted(rows), strict=True)
        )

    def _found(self, token: uuid.UUID, begin: bytes) -> tuple[str, ...]:
        """The hashes of the events that were entered under a token."""
        with self._open(begin) as link:
            return tuple(digest for (digest,) in link.execute(_FIND, (token,)))

    def walk(self, connection: Connection) -> Generator[tuple[Any, ...], None, None]:
        """By a cursor on the server, so that none of both sides holds them all."""
        assert isinstance(connection, links.Link)
        yield from connection.streamed(_ALL)

    def structure(self, connection: Connection) -> Damage | None:
        """Whether the triggers are in force that keep the events as they are."""
        (off,) = connection.execute(_TRIGGERS).fetchone()
        return (
            Damage("No event is damaged, but what protects them was switched off.") if off else None
        )

    def forget(self, keys: Iterable[bytes]) -> None:
        """Have the server write its table of keys anew; none of those that were deleted is left."""
        del keys
        end = time.monotonic() + min(self.patience, _SWEEP)
        while not self._swept():
            if time.monotonic() > end:
                raise OutputProblem(
                    "The erasure is recorded, but another program still reads an older state.",
                    "Close it, then erase again, which removes the last copies.",
                )
            time.sleep(_PAUSE)

    def _swept(self) -> bool:
        """Whether no deleted key is left; the server itself reads an older state now and then."""
        with self._open() as link:
            try:
                return link.execute("SELECT sweep_keys()").fetchone() == (True,)
            except psycopg.errors.LockNotAvailable:
                return False

    @contextlib.contextmanager
    def _open(self, begin: bytes = b"") -> Iterator[Link]:
        """A connection, alone; what goes wrong inside is said in plain words."""
        try:
            link = links.begun(self.url, begin, self.patience)
            try:
                yield link
            finally:
                links.give_back(self.url, link)
        except psycopg.Error as problem:
            raise words.told(problem) from problem
        except (UnicodeDecodeError, json.JSONDecodeError) as problem:
            raise words.damaged() from problem


def _now(clock: Clock) -> str:
    return clock.now().isoformat(timespec="milliseconds")


def _token() -> uuid.UUID:
    """A new token; its first bits are the time, so that an index grows at one end."""
    return uuid.UUID(int=time.time_ns() // 1_000_000 << 80 | secrets.randbits(80))


def _checked(event: Event, digest: str) -> Event:
    """See that the server chained an event as we would have.

    Raises:
        ValueError: it did not, as with what no event of ours holds.
    """
    if event.hash != digest:
        raise ValueError(event.kind)
    return event
