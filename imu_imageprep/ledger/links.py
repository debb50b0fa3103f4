"""Connections to a PostgreSQL server: kept open between calls, opened anew where one was lost."""

from __future__ import annotations

import atexit
import contextlib
import functools
import ipaddress
import logging
import os
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.ledger import postgres_schema as schema
from imu_imageprep.ledger import server_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_log = logging.getLogger("imu_imageprep")

# Seconds: how long a server that was never reached is tried, between two tries, and how long an
# answer may take.
_FIRST, _PAUSE, _ANSWER = 5.0, 0.2, 120.0

# Unless the address, the environment or a service file says otherwise: a server that fell silent is
# noticed in half a minute.
_DEFAULTS = {
    "application_name": "imageprep",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}

# Temporary tables come last, so that none stands in for one of the ledger's. A program that stops
# inside a transaction gives up its turn. An event that was acknowledged is on the disk.
_SETTINGS = """
SET search_path = pg_catalog, imageprep, pg_temp;
SET default_transaction_isolation = 'read committed';
SET idle_in_transaction_session_timeout = '60s';
SET client_encoding = 'UTF8';
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
_USER = "SELECT session_user::text"


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which nothing waits for ever."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg does, for a bounded time; a server that did not answer by then is given up."""
        try:
            return super().wait(gen, interval, _ANSWER if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


class Link:
    """One connection, which takes the queries as they are written for SQLite.

    Attributes:
        user: the database's user.
    """

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], user: str) -> None:
        self._connection = connection
        self.user = user

    @property
    def lost(self) -> bool:
        """Whether it is of no use any more."""
        return self._connection.closed

    @property
    def connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Psycopg's own."""
        return self._connection

    def execute(
        self, sql: str, parameters: Sequence[Any] = (), /
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement; values stand in it as ``?``."""
        return self._connection.execute(_translated(sql), [_text(one) for one in parameters])

    def executemany(
        self, sql: str, parameters: Iterable[Sequence[Any]], /
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement with each of some values."""
        cursor = self._connection.cursor()
        cursor.executemany(_translated(sql), list(parameters))
        return cursor

    def run(self, script: bytes) -> None:
        """Run statements without values in one round trip."""
        self._connection.execute(script)

    def streamed(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time; inside a transaction."""
        with self._connection.cursor("streamed") as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(_translated(sql))

    def close(self) -> None:
        """Close it, whatever state it is in."""
        with contextlib.suppress(psycopg.Error):
            self._connection.close()


@functools.lru_cache(maxsize=256)
def _translated(sql: str) -> bytes:
    return sql.replace("%", "%%").replace("?", "%s").encode()


def _text(value: Any) -> Any:
    """A value as PostgreSQL takes it: what no text may hold is replaced, as ``as_json`` does."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


# Connections that wait for the next call, by process and address. A process that was forked opens
# its own.
_idle: dict[tuple[int, str], list[Link]] = {}


@atexit.register
def _close_idle() -> None:
    """Say goodbye to the servers at the end of this process."""
    for (process, _), waiting in list(_idle.items()):
        while waiting and process == os.getpid():
            waiting.pop().close()


def begun(url: str, begin: bytes, patience: float) -> Link:
    """A connection, with what was run first on it; a server that went away is waited for.

    Args:
        url: the address of the server.
        begin: statements without values that may run twice; empty for none.
        patience: how long to wait for other writers and for the server, in seconds.

    Raises:
        psycopg.Error: the statements failed.
        OutputProblem: the server cannot be used.
    """
    known = (os.getpid(), url) in _idle
    waiting = _idle.get((os.getpid(), url), [])
    end = time.monotonic() + (patience if known else min(patience, _FIRST))
    while True:
        try:
            link = waiting.pop() if waiting else connected(url, patience)
        except psycopg.Error as problem:
            if not words.passing(problem) or time.monotonic() > end:
                raise words.unreachable(problem) from problem
            time.sleep(_PAUSE)
            continue
        try:
            if begin:
                link.run(begin)
        except BaseException as problem:
            give_back(url, link)
            if not isinstance(problem, psycopg.Error) or not link.lost:
                raise
            # It was lost while it waited: the next one, or a new one, may do.
            _log.debug("a connection to the ledger's server was lost and is opened again")
        else:
            return link


def give_back(url: str, link: Link) -> None:
    """Keep a connection for the next call; what it had not finished is undone."""
    with contextlib.suppress(psycopg.Error):
        if link.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            link.run(b"ROLLBACK")
    if not link.lost:
        _idle.setdefault((os.getpid(), url), []).append(link)


def connected(url: str, patience: float) -> Link:
    """A new connection to a ledger that is set up.

    Raises:
        UsageProblem: the address is none.
        OutputProblem: there is no ledger, it is another release's, or the way is not encrypted.
        psycopg.Error: the server was not reached, or lets nobody in.
    """
    connection = opened(url)
    try:
        _refuse_other(version_of(connection))
        connection.execute(f"SET lock_timeout = {int(patience * 1000)}".encode())
        (user,) = connection.execute(_USER.encode()).fetchone() or ("",)
    except BaseException:
        connection.close()
        raise
    return Link(connection, user)


def version_of(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """The version of the ledger's tables; 0 where there are none."""
    found = connection.execute("SELECT to_regclass('imageprep.version') IS NOT NULL").fetchone()
    if found != (True,):
        return 0
    (version,) = connection.execute("SELECT version FROM imageprep.version").fetchone() or (0,)
    return int(version)


def _refuse_other(version: int) -> None:
    if version > schema.VERSION:
        raise words.newer()
    if version < schema.VERSION:
        what = "of an older imageprep" if version else "not set up"
        raise OutputProblem(
            f"The ledger on the server is {what}.",
            "The administrator sets it up with: imageprep ledger init --run",
        )


def opened(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to a database, in autocommit, whether or not there is a ledger.

    Raises:
        UsageProblem: the address is none.
        OutputProblem: the way to another computer is not encrypted, and nobody said that it may.
        psycopg.Error: the server was not reached, or lets nobody in.
    """
    try:
        address = make_conninfo("", **{**_DEFAULTS, **conninfo_to_dict(url)})
    except psycopg.ProgrammingError as problem:
        raise UsageProblem(
            "The address of the ledger is not one of PostgreSQL.",
            "Write it like postgresql://HOST/DATABASE",
        ) from problem
    connection = _Connection.connect(address, autocommit=True)
    try:
        _refuse_plain(connection)
        connection.execute(_SETTINGS.encode())
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_plain(connection: psycopg.Connection[Any]) -> None:
    """Refuse a way to another computer that anybody between may read, unless somebody chose it.

    libpq by itself tries TLS and goes on without (sslmode "prefer").
    """
    pgconn = connection.pgconn
    mode = next((one.val for one in pgconn.info if one.keyword == b"sslmode"), None)
    if pgconn.ssl_in_use or mode in (b"disable", b"allow") or on_this_computer(connection):
        return
    raise OutputProblem(
        "The connection to the ledger's server is not encrypted.",
        "Switch TLS on at the server, or write ?sslmode=disable if nobody can listen between.",
    )


def on_this_computer(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server is reached without a network."""
    info = connection.info
    if info.host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(info.hostaddr or info.host).is_loopback
    except ValueError:
        return False
