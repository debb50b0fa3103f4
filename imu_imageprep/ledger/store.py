"""What the ledger asks of where its events lie; ``sqlite`` and ``postgres`` give it."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from imu_imageprep.domain.errors import OutputProblem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from imu_imageprep.domain.trail import Damage
    from imu_imageprep.ledger.chain import Event
    from imu_imageprep.ports import Clock


class DamagedLedger(OutputProblem):
    """The events are not, or no longer, as they were recorded."""

    default_advice = "See: imageprep consent audit"


class Rows(Protocol):
    """What a query found."""

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Takes the one set of queries, which both stores understand: SQLite's, values as ``?``.

    ``json_extract`` gives a text wherever it is not told otherwise; empty ``IN ()`` is not for all.
    """

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Rows:
        """Run a statement with each of some values."""
        ...


class Writer(Protocol):
    """One transaction: all of its events are recorded, or none is."""

    @property
    def connection(self) -> Connection:
        """What was recorded before, and what this transaction adds."""
        ...

    def append(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """Chain an event to the last one.

        Args:
            kind: what happened.
            body: plain values.
            key: of the personal fields that the body holds encrypted.
        """
        ...

    def append_soon(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """As :meth:`append`, for many: a server is told of some hundred at a time.

        What it refuses shows then: at a later call, when the connection is asked for, or at the
        end.
        """
        ...


class Store(abc.ABC):
    """Where the events lie; it holds no connection and no secret, and can be sent to a process.

    Attributes:
        clock: dates the events.
        shared: whether other computers reach it.
        refusals: what is raised for a value that no event of ours has.
        denied: what of that is raised where this user may not write.
        broken: what is raised where the store cannot read what it kept.
        size: SQL for the number of bytes of an event's export.
        relies: SQL for whether the export of an event ``e`` relied on a reference.
    """

    __slots__ = ()

    clock: Clock
    shared: ClassVar[bool]
    refusals: ClassVar[tuple[type[Exception], ...]]
    denied: ClassVar[tuple[type[Exception], ...]] = ()
    broken: ClassVar[tuple[type[Exception], ...]]
    size: ClassVar[str]
    relies: ClassVar[str]

    @property
    @abc.abstractmethod
    def place(self) -> Path | str:
        """By what it is named: a file, or the address of a server."""

    @property
    @abc.abstractmethod
    def beside(self) -> Path:
        """The file beside which this computer keeps what belongs to the ledger but not into it."""

    @abc.abstractmethod
    def account(self) -> str:
        """Who is at work here, as the computer and the store know them."""

    @abc.abstractmethod
    def reading(self) -> AbstractContextManager[Connection | None]:
        """A connection that sees one moment; None where there is no ledger yet.

        Raises:
            OutputProblem: the store could not be used.
        """

    @abc.abstractmethod
    def writing(self) -> AbstractContextManager[Writer]:
        """A transaction that no other writer shares; it is on the disk when the block has ended.

        Raises:
            OutputProblem: the store could not be used, and nothing of the block was recorded.
        """

    def enter(self, events: Sequence[tuple[str, dict[str, Any]]]) -> tuple[str, ...]:
        """Enter events by kind and body, all or none; returns the hash of each.

        Raises:
            OutputProblem: the store could not be used, and nothing was recorded.
        """
        if not events:
            return ()
        with self.writing() as writer:
            return tuple(writer.append(kind, body).hash for kind, body in events)

    @abc.abstractmethod
    def forget(self, keys: Iterable[bytes]) -> None:
        """See that nothing of the store holds keys that were deleted.

        Raises:
            OutputProblem: another program still reads an older state, or a key is still there.
        """

    @abc.abstractmethod
    def walk(self, connection: Connection) -> Generator[tuple[Any, ...], None, None]:
        """Every event in order, a few at a time: number, time, kind, body, prev, hash, key."""

    @abc.abstractmethod
    def structure(self, connection: Connection) -> Damage | None:
        """What is wrong with the store around sound events."""


def last_hash(connection: Connection) -> str | None:
    """The hash of the last event; None where there is none."""
    row = connection.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return str(row[0]) if row else None
