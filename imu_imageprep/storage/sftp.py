"""SFTP servers, whose keys are checked and who let in by keys, an agent or a ticket."""

from __future__ import annotations

import contextlib
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from imu_imageprep.storage.asking import Told
from imu_imageprep.storage.port import Entry, Kind
from imu_imageprep.storage.served import Served, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imu_imageprep.domain.place import Remote

_SECONDS = 20  # until a connection stands
_QUIET_SECONDS = 60  # between two answers
_PORT = 22
_KEYLESS = "No authentication methods available"  # paramiko's words where there is no key at all


class _Known(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """fsspec's, which would take any server's key."""

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        for file in ("/etc/ssh/ssh_known_hosts", "~/.ssh/known_hosts"):
            if (path := Path(file).expanduser()).is_file():
                self.client.load_system_host_keys(str(path))
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(self.host, **self.ssh_kwargs)
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(_QUIET_SECONDS)


class Sftp(Served):
    """As of ``port.Store``."""

    def _connected(self, where: Remote) -> Any:
        user, _, server = where.host.rpartition("@")
        host, port = _split(server)
        told = _settings(host)
        return _Known(
            told.get("hostname", host),
            port=port or int(told.get("port", _PORT)),
            username=user or told.get("user") or getpass.getuser(),
            key_filename=told.get("identityfile"),
            timeout=_SECONDS,
            banner_timeout=_SECONDS,
            auth_timeout=_SECONDS,
            skip_instance_cache=True,
        )

    def why(self, problem: Exception) -> Told | None:
        """As of ``Asked``."""
        if isinstance(problem, paramiko.BadHostKeyException):
            return Told(
                f"{self.name} shows another key than the one that is known.",
                "Somebody may stand between; ask its administrator before you go on.",
            )
        if isinstance(problem, paramiko.AuthenticationException) or _KEYLESS in str(problem):
            return Told(
                f"{self.name} does not let you in.",
                "Log in with ssh first: imageprep uses the same keys and agent, and no password.",
            )
        if isinstance(problem, paramiko.SSHException):
            if "known_hosts" in str(problem):
                return Told(
                    f"The key of {self.name} is not known.",
                    "Log in with ssh once, and check the key that it shows.",
                )
            return self.unreachable("the connection broke")
        if isinstance(problem, paramiko.ssh_exception.NoValidConnectionsError):
            return self.unreachable("connection refused")
        return None

    def _info(self, path: str, *, follow: bool = False) -> tuple[Kind, int, float]:
        told = self.fs.ftp.stat(path) if follow else self.fs.ftp.lstat(path)
        return kind_of(told.st_mode), told.st_size or 0, float(told.st_mtime or 0)

    def _listed(self, path: str) -> Iterator[Entry]:
        for one in self.fs.ftp.listdir_iter(path):
            yield Entry(one.filename, kind_of(one.st_mode), one.st_size or 0)

    def _whole(self, path: str, fits: Callable[[int], object]) -> bytes:
        with self.fs.ftp.open(path, "rb") as file:
            size = file.stat().st_size or 0
            fits(size)
            file.prefetch(size)
            return self._complete(file.read(size + 1), size)

    def _rename_new(self, part: str, path: str) -> None:
        # The protocol's own rename refuses to replace, on most servers; fsspec's mv would.
        with contextlib.suppress(FileNotFoundError):
            self.fs.ftp.lstat(path)
            raise FileExistsError
        try:
            self.fs.ftp.rename(part, path)
        except OSError:
            self.fs.ftp.lstat(path)  # why it was refused, which the server does not say
            raise FileExistsError from None

    def _rename_over(self, part: str, path: str) -> None:
        self.fs.ftp.posix_rename(part, path)


def _split(server: str) -> tuple[str, int | None]:
    """Host and port of ``host:port`` or ``[::1]:port``."""
    host, colon, port = server.rpartition(":")
    if not colon or not port.isdecimal():
        return server.strip("[]"), None
    return host.strip("[]"), int(port)


def _settings(host: str) -> dict[str, Any]:
    """What the user's own configuration of ssh says of a host."""
    path = Path("~/.ssh/config").expanduser()
    if not os.path.isfile(path):  # noqa: PTH113  (a home that cannot be looked at has none)
        return {}
    return dict(paramiko.SSHConfig.from_path(str(path)).lookup(host))
