"""Windows and Samba shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import smbclient
from fsspec.implementations.smb import SMBFileSystem
from smbprotocol import exceptions

from imu_imageprep.storage.asking import Told
from imu_imageprep.storage.served import Served

if TYPE_CHECKING:
    from imu_imageprep.domain.place import Remote

_SECONDS = 20  # until a connection stands
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

    def _rename_over(self, part: str, path: str) -> None:
        smbclient.replace(self._unc(part), self._unc(path), port=self.fs.port or 445)

    def _rename_new(self, part: str, path: str) -> None:
        smbclient.rename(self._unc(part), self._unc(path), port=self.fs.port or 445)

    def _unc(self, path: str) -> str:
        return f"\\\\{self.fs.host}" + path.replace("/", "\\")
