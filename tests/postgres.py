"""A PostgreSQL server of the tests' own, from the system's package, under an ordinary account."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ports
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg import sql

from imu_imageprep.ledger import postgres_schema

ADMIN = "office_admin"
ROLES = ("reader", "writer", "eraser")
# Of each role a user: reader_1 and so on. Others log in by the network with this.
PASSWORD = "needle-password"  # an ordinary secret of the tests
_NEW = "ledger_template"

# A test asks for speed; tools/measure_ledger.py runs its server with fsync.
_FAST = "fsync = off\nsynchronous_commit = on\nfull_page_writes = off\n"
_ROOT = sys.platform != "win32" and os.geteuid() == 0
_WHO = """\
local all all trust
host all reader_1,writer_1,eraser_1 127.0.0.1/32 trust
hostssl all tls_only 127.0.0.1/32 scram-sha-256
host all tls_only 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


def _certified() -> tuple[bytes, bytes]:
    """A certificate of localhost that it signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.public_bytes(pem), key.private_bytes(pem, *plain)


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
        port = ports.free()
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
                f"CREATE ROLE {role}_1 LOGIN IN ROLE imageprep_{role}",
            )
        for user in ("careful_1", "tls_only"):
            self.sql(
                _NEW, f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE imageprep_writer"
            )
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

    @contextlib.contextmanager
    def encrypted(self) -> Iterator[Path]:
        """With TLS for as long as the block lasts; gives the certificate, which is of localhost."""
        certificate, key = self.data / "server.crt", self.data / "server.key"
        for path, content in zip((certificate, key), _certified(), strict=True):
            path.write_bytes(content)
            path.chmod(0o600)
            if _ROOT:
                shutil.chown(path, "postgres", "postgres")
        self._switch("on")
        try:
            yield certificate
        finally:
            self._switch("off")

    def _switch(self, tls: str) -> None:
        self.sql("postgres", f"ALTER SYSTEM SET ssl = {tls}")
        self.sql("postgres", "SELECT pg_reload_conf()")
        while self.sql("postgres", "SHOW ssl") != [(tls,)]:  # the server takes it up by itself
            pass

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
        pytest.skip("no PostgreSQL server is installed here (Debian: postgresql)")
    server = Server.new(settings)
    try:
        yield server
    finally:
        server.remove()


class Cut:
    """A way to a server that is cut once, at a message of the client's; both sides are real.

    Args:
        server: where it leads.
        at: bytes of that message.
        heard: whether the server gets the message, and answers it, before it is cut off too.
    """

    def __init__(self, server: Server, at: bytes, *, heard: bool) -> None:
        self._server, self._at, self._heard = server, at, heard
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server.port))
                for way in (self._ask, self._answer):
                    threading.Thread(target=way, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(1 << 16):
                cut = self._at in said and not self.cuts
                if cut:
                    self.cuts += 1
                    client.shutdown(socket.SHUT_RDWR)
                if not cut or self._heard:
                    server.sendall(said)
                if cut and not self._heard:
                    server.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := server.recv(1 << 16):
                client.sendall(said)
        # What it answered reached nobody, or the client has gone.
        client.close()
        server.close()

    def close(self) -> None:
        """No new connections."""
        self._listening.close()
