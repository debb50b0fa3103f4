"""The ledger as one SQLite file, opened for each call."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from imu_imageprep import atomic, windows
from imu_imageprep.clock import account
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.trail import Damage
from imu_imageprep.ledger import sqlite_schema as schema
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.store import DamagedLedger, last_hash
from imu_imageprep.seal import canonical

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from imu_imageprep.ledger.store import Connection, Writer
    from imu_imageprep.ports import Clock


_log = logging.getLogger("imu_imageprep")

# How long a writer waits for another, and between two tries to switch a journal, in seconds.
PATIENCE, _PAUSE = 30.0, 0.01

MOUNTS = Path("/proc/mounts")

# File systems that other computers may write at the same time. WAL needs memory that all writers
# share (sqlite.org/wal.html), so two computers would damage the file. 9p is not among them: it is
# the root of some containers, where one kernel serves every writer.
_NETWORK = frozenset(
    {
        *("afs", "beegfs", "ceph", "cifs", "davfs", "davfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs"),
        *("fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    }
)


class _Gate:
    """Keeps this process from opening a ledger's files beside SQLite, which has them open.

    A process that closes a file gives up all its locks on it, also those that SQLite holds for
    another thread (fcntl(2)). Then a second writer gets in, or the last connection of another
    process removes the log to which that thread writes.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nobody has a ledger open: so it is in a process that was forked, too."""
        self._changed = threading.Condition()
        self._inside = 0

    @contextlib.contextmanager
    def inside(self, path: Path) -> Iterator[None]:
        """While SQLite has the ledger open; it is made first where there is none.

        Raises:
            OSError: it cannot be made, or this account may not read and write what is there.
        """
        with self._changed:
            _make(path)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def outside(self, patience: float) -> Iterator[bool]:
        """While no thread has a ledger open: whether that came about in time (seconds)."""
        with self._changed:
            yield self._changed.wait_for(lambda: not self._inside, patience)


_gate = _Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_gate.begin)

# What went wrong, by SQLite's own name of it (sqlite.org/rescode.html), the first that fits.
_WORDS = (
    ("SQLITE_BUSY", "The ledger is in use by another program.", "Wait a moment and try again."),
    ("SQLITE_FULL", "The disk is full, so nothing was recorded.", "Make room, then try again."),
    ("SQLITE_READONLY", "The ledger cannot be written.", ""),
)

# SQLITE_ERROR too: our statements are fixed, so a table or a text is not what it was.
_DAMAGE = ("SQLITE_NOTADB", "SQLITE_ERROR")


_ALL = (
    "SELECT e.seq, e.at, e.kind, e.body, e.prev, e.hash, k.key "
    "FROM events e NOT INDEXED LEFT JOIN keys k ON k.event = e.seq ORDER BY e.seq"
)


@dataclass(frozen=True, slots=True)
class _Writer:
    """One transaction: all of its events are recorded, or none is."""

    connection: sqlite3.Connection
    clock: Clock

    def append(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """Chain an event to the last one."""
        event = Event(
            at=self.clock.now().isoformat(timespec="milliseconds"),
            kind=kind,
            body=canonical(body),
            prev=last_hash(self.connection) or GENESIS,
        )
        seq = self.connection.execute(
            "INSERT INTO events (at, kind, body, prev, hash) VALUES (?, ?, ?, ?, ?)",
            (event.at, event.kind, event.body, event.prev, event.hash),
        ).lastrowid
        if key is not None:
            self.connection.execute("INSERT INTO keys (event, key) VALUES (?, ?)", (seq, key))
        return event

    def append_soon(self, kind: str, body: dict[str, Any], key: bytes | None = None) -> Event:
        """As of ``store.Writer``: a file is told at once."""
        return self.append(kind, body, key)


@dataclass(frozen=True, slots=True)
class SqliteLedger(Ledger):
    """A ledger in one file, which threads and processes may share.

    Its ``OutputProblem``: the file cannot be written, the disk is full, it is damaged, a newer
    release wrote it, or it lies on a network share.

    Attributes:
        path: the file; made with mode 0600 by the first event.
        clock: dates the events.
        mounts: the system's list of mounted file systems.
        patience: how long a call waits for other programs, in seconds.
    """

    shared: ClassVar[bool] = False
    refusals: ClassVar[tuple[type[Exception], ...]] = (
        *(sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError),
    )
    broken: ClassVar[tuple[type[Exception], ...]] = (sqlite3.DatabaseError,)
    size: ClassVar[str] = "json_extract(body, '$.export.bytes')"
    relies: ClassVar[str] = "EXISTS (SELECT 1 FROM json_each(e.relied) r WHERE r.value = ?)"

    path: Path
    clock: Clock
    mounts: Path = MOUNTS
    patience: float = PATIENCE

    @property
    def place(self) -> Path:
        """The file."""
        return self.path

    @property
    def beside(self) -> Path:
        """The file: what belongs to it lies in its folder."""
        return self.path

    def account(self) -> str:
        """The computer's account."""
        return account()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection that sees one moment; None where there is no file yet."""
        if not os.path.exists(self.path):  # noqa: PTH110  (Path raises for a name too long)
            yield None
            return
        with self._open() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction; it is on the disk when the block has ended."""
        with self._open() as connection:
            # The write lock comes before the head is read, so two writers never fork the chain.
            connection.execute("BEGIN IMMEDIATE")
            yield _Writer(connection, self.clock)
            connection.execute("COMMIT")

    def walk(self, connection: Connection) -> Generator[tuple[Any, ...], None, None]:
        """By the table itself and not by an index: every event is read from where it lies."""
        yield from connection.execute(_ALL)

    def structure(self, connection: Connection) -> Damage | None:
        """What SQLite finds wrong with the file: indexes, free pages, triggers."""
        (answer, *_) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        damaged = "No event is damaged, but the file's indexes are."
        return None if answer == "ok" else Damage(damaged)

    def forget(self, keys: Iterable[bytes]) -> None:
        """Empty the write-ahead log, and see that no file holds a destroyed key."""
        keys = list(keys)
        for attempt in range(2):
            with self._open() as connection:
                if attempt:
                    # A copy that SQLite left in a page's unused part: rewrite the whole file.
                    connection.execute("VACUUM")
                (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            with _gate.outside(0 if busy else self.patience) as alone:
                if busy or not alone:
                    raise OutputProblem(
                        "The erasure is recorded, but another program still reads an older state.",
                        "Close it, then erase again, which removes the last copies.",
                    )
                raw = b"".join(path.read_bytes() for path in self.files() if path.exists())
            if not any(key in raw for key in keys):
                return
        raise OutputProblem("A destroyed key could not be removed from the file.")

    def files(self) -> tuple[Path, ...]:
        """Every file that SQLite keeps for this ledger, whether or not it is there."""
        return (self.path, *(Path(f"{self.path}{end}") for end in ("-wal", "-shm", "-journal")))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if share := network_share(self.path, self.mounts):
            raise OutputProblem(
                f"The ledger lies on a network share ({share}), where two writers can damage it.",
                "Name a file on this computer's own disk with --ledger or IMAGEPREP_LEDGER.",
            )
        try:
            with (
                _gate.inside(self.path),
                contextlib.closing(
                    sqlite3.connect(self.path, timeout=self.patience, isolation_level=None)
                ) as connection,
            ):
                # An event that was acknowledged is on the disk; what was erased is overwritten.
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                self._migrate(connection)
                yield connection
        except (UnicodeDecodeError, json.JSONDecodeError) as problem:
            raise self._damaged() from problem
        except (sqlite3.Error, OSError) as problem:
            raise self._problem(problem) from problem

    def _damaged(self) -> DamagedLedger:
        return DamagedLedger(f"The ledger {self.path} is damaged, or it is not a ledger.")

    def _problem(self, problem: sqlite3.Error | OSError) -> OutputProblem:
        name = getattr(problem, "sqlite_errorname", "")
        _log.debug("the ledger could not be used: %s", name or type(problem).__name__)
        usual = f"Check that {self.path} can be written, or name another file with --ledger."
        if isinstance(problem, OSError) and problem.strerror:
            reason = atomic.reason(problem)
            return OutputProblem(f"The ledger could not be used ({reason}).", usual)
        if name in _DAMAGE or name.startswith("SQLITE_CORRUPT"):
            return self._damaged()
        for start, message, advice in _WORDS:
            if name.startswith(start):
                return OutputProblem(message, advice or usual)
        return OutputProblem("The ledger could not be used.", usual)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if (version := _version(connection)) == schema.VERSION:
            return
        if version < schema.VERSION:
            if version == 0:
                _switch_to_wal(connection, self.patience)
            connection.execute("BEGIN IMMEDIATE")
            try:
                # Another process may have been faster while this one waited for the lock.
                for number in range(version := _version(connection), schema.VERSION):
                    for statement in _statements(schema.STEPS[number]):
                        connection.execute(statement)
                if version < schema.VERSION:
                    connection.execute(f"PRAGMA user_version = {schema.VERSION}")
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
        if version > schema.VERSION:
            raise OutputProblem(
                "The ledger was written by a newer imageprep.",
                "Update imageprep, or name another file with --ledger.",
            )


def _make(path: Path) -> None:
    """Make an empty ledger where there is none; one that is there is not opened."""
    if os.path.exists(path):  # noqa: PTH110  (Path raises for a name too long)
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made by us first: sqlite3 would create it readable for others, and gives its own files beside
    # it the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _switch_to_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Switch a new ledger's journal; SQLite does not wait by itself where others do so too."""
    end = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if not problem.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; ``executescript`` would commit before it begins."""
    part = ""
    for line in script.splitlines():
        part += f"{line}\n"
        if sqlite3.complete_statement(part):
            yield part
            part = ""


def network_share(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of network share that a path lies on; None where it lies on none.

    Args:
        path: need not be there yet.
        mounts: the system's list of mounted file systems (proc(5)); without one the answer is
            None, as on macOS.
    """
    if windows.remote_drive(path):
        return "a drive of another computer"
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = os.path.realpath(path)
    deepest, kind = "", None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004
            continue
        # The kernel writes spaces, tabs, newlines and backslashes of a path as octal.
        point = fields[1]
        for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
            point = point.replace(octal, character)
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(deepest):
            deepest, kind = point, fields[2]
    return kind if kind in _NETWORK else None
