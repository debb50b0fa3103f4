"""A PostgreSQL server of the tests' own, from the system's package, under an ordinary account."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from imu_imageprep.ledger import postgres_schema

ADMIN = "office_admin"
ROLES = ("reader", "writer", "eraser")
# Of each role a user: reader_1 and so on. These may log in by the network, with this.
PASSWORD = "needle-password"  # an ordinary secret of the tests
_NEW = "ledger_template"

# A test asks for speed; tools/measure_ledger.py runs its server with fsync.
_FAST = "fsync = off\nsynchronous_commit = on\nfull_page_writes = off\n"
_ROOT = sys.platform != "win32" and os.geteuid() == 0
_WHO = """\
local all all trust
hostssl all tls_only 127.0.0.1/32 scram-sha-256
host all tls_only 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


def programs() -> Path | None:
    """Where the newest server's programs lie; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    there = shutil.which("postgres")
    return found[-1].parent if found else Path(there).parent if there else None


@dataclass(frozen=True)
class Server:
    """A server that listens at a socket in its folder, and at 127.0.0.1."""

    folder: Path
    port: int

    @classmethod
    def new(cls, settings: str = _FAST) -> Server:
        """A new one, which runs."""
        folder = Path(tempfile.mkdtemp(prefix="imageprep-pg-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = cls(folder, port)
        if _ROOT:
            shutil.chown(folder, "postgres", "postgres")
        server._run("initdb", "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        (server.data / "pg_hba.conf").write_text(_WHO)
        with (server.data / "postgresql.conf").open("a") as file:
            file.write(
                f"port = {port}\nlisten_addresses = '127.0.0.1'\nmax_connections = 60\n"
                f"unix_socket_directories = '{folder}'\nlog_min_messages = fatal\n{settings}"
            )
        try:
            server.start()
            server._template()
        except BaseException:
            server.remove()
            raise
        return server

    def _template(self) -> None:
        self.sql("postgres", f"CREATE DATABASE {_NEW}")
        self.sql(_NEW, postgres_schema.script())
        for role in ROLES:
            self.sql(
                _NEW,
                f"CREATE ROLE {role}_1 LOGIN PASSWORD '{PASSWORD}' IN ROLE imageprep_{role}",
            )
        self.sql(_NEW, f"CREATE ROLE tls_only LOGIN PASSWORD '{PASSWORD}'")
        self.sql(_NEW, "CREATE ROLE nobody_1 LOGIN")

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        where = programs()
        assert where is not None
        subprocess.run(
            [where / program, "-D", self.data, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            user="postgres" if _ROOT else None,
            group="postgres" if _ROOT else None,
            extra_groups=[] if _ROOT else None,
        )

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it; "immediate" is as a power cut, but for what the system had in its memory."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, user: str = "eraser_1", **more: str) -> str:
        """The address by the socket."""
        said = "".join(f"&{name}={value}" for name, value in more.items())
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}{said}"

    def by_network(self, database: str, user: str = "eraser_1", host: str = "127.0.0.1") -> str:
        """The address by the network."""
        return f"postgresql://{user}@{host}:{self.port}/{database}"

    def database(self, *, empty: bool = False) -> str:
        """The name of a new database, with a ledger that nobody wrote to, or none."""
        name = f"ledger_{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres", ADMIN), autocommit=True) as connection:
            made = "CREATE DATABASE {}" if empty else f"CREATE DATABASE {{}} TEMPLATE {_NEW}"
            connection.execute(sql.SQL(made).format(sql.Identifier(name)))
        return name

    def drop(self, database: str) -> None:
        """Take a database away, with whoever is connected to it."""
        with psycopg.connect(self.url("postgres", ADMIN), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())

    def sql(self, database: str, script: str) -> list[tuple[Any, ...]]:
        """Run SQL as the administrator; the rows of the last statement."""
        with psycopg.connect(self.url(database, ADMIN), autocommit=True) as connection:
            cursor = connection.execute(script.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def files(self, database: str) -> bytes:
        """Everything that lies in a database's own files, when all is written."""
        ((oid,),) = self.sql(
            database,
            "CHECKPOINT; SELECT oid FROM pg_database WHERE datname = current_database()",
        )
        folder = self.data / "base" / str(oid)
        return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


@contextlib.contextmanager
def serving(settings: str = _FAST) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    if sys.platform == "win32":
        pytest.skip("Windows has no accounts to start a server under")
    if programs() is None:
        if os.environ.get("CI"):
            pytest.fail("there is no PostgreSQL server here, which .ci/run installs")
        pytest.skip("no PostgreSQL server is installed here (Debian: postgresql)")
    server = Server.new(settings)
    try:
        yield server
    finally:
        server.remove()
