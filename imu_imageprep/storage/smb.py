"""Windows and Samba shares."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import smbclient
from fsspec.implementations.smb import SMBFileSystem
from smbprotocol import exceptions
from smbprotocol.file_info import FileAttributes

from imu_imageprep.storage.asking import Told
from imu_imageprep.storage.port import Entry, Kind
from imu_imageprep.storage.served import Served, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.place import Remote

_SECONDS = 20  # until a connection stands
_PORT = 445
_REFUSED = (exceptions.SMBAuthenticationError, exceptions.LogonFailure)


class Share(Served):
    """As of ``port.Store``; the first part of a path is the share's name."""

    def _connected(self, where: Remote) -> Any:
        user, _, server = where.host.rpartition("@")
        host, _, port = server.partition(":")
        # Who one is comes from a ticket, or from FSSPEC_SMB_USERNAME and FSSPEC_SMB_PASSWORD.
        named = {"username": user} if user else {}
        return SMBFileSystem(
            host,
            port=int(port) if port else None,
            timeout=_SECONDS,
            register_session_retries=0,
            # Left out, whoever reads a photo would keep everybody else from it meanwhile.
            share_access="rwd",
            skip_instance_cache=True,
            **named,
        )

    def why(self, problem: Exception) -> Told | None:
        """As of ``Asked``."""
        if isinstance(problem, _REFUSED):
            return Told(
                f"{self.name} does not let you in.",
                "Log in to its domain, or set FSSPEC_SMB_USERNAME and FSSPEC_SMB_PASSWORD.",
            )
        if isinstance(problem, ValueError):  # how smbprotocol tells what a socket refused
            return self.unreachable("no answer")
        return None

    def _info(self, path: str, *, follow: bool = False) -> tuple[Kind, int, float]:
        if path == "/":  # a server of shares is no folder that anything is in
            raise FileNotFoundError
        with _as_of_system():
            ask = smbclient.stat if follow else smbclient.lstat
            told = ask(self._unc(path), port=self._port)
        return kind_of(told.st_mode), told.st_size, told.st_mtime

    def _listed(self, path: str) -> Iterator[Entry]:
        with _as_of_system():
            for one in smbclient.scandir(self._unc(path), port=self._port):
                yield Entry(one.name, _kind_of(one), one.smb_info.end_of_file)

    def _mkdir(self, path: str) -> None:
        with _as_of_system():
            smbclient.mkdir(self._unc(path), port=self._port)

    def _rename_over(self, part: str, path: str) -> None:
        with _as_of_system():
            smbclient.replace(self._unc(part), self._unc(path), port=self._port)

    def _rename_new(self, part: str, path: str) -> None:
        with _as_of_system():
            smbclient.rename(self._unc(part), self._unc(path), port=self._port)

    @property
    def _port(self) -> int:
        return int(self.fs.port or _PORT)

    def _unc(self, path: str) -> str:
        return f"\\\\{self.fs.host}" + path.replace("/", "\\")


@contextlib.contextmanager
def _as_of_system() -> Iterator[None]:
    """What a share says, as the system's own functions would: "not there", "there already"."""
    try:
        yield
    except exceptions.SMBOSError as problem:
        raise OSError(problem.errno, problem.strerror) from problem


def _kind_of(one: Any) -> Kind:
    """What a name in a listing stands for; a folder that stands for another one is not followed."""
    attributes = one.smb_info.file_attributes
    if attributes & FileAttributes.FILE_ATTRIBUTE_DIRECTORY:
        elsewhere = attributes & FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT
        return Kind.OTHER if elsewhere else Kind.FOLDER
    return Kind.OTHER if one.is_symlink() else Kind.FILE
