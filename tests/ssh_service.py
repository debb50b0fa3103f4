"""A server of SFTP: Debian's OpenSSH as this account, on this machine, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ports
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Server:
    """A running server; ``url`` ends in its host and port."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def known_in(self, home: Path) -> None:
        """Make an account that knows the server's key, and has one that it takes."""
        ssh = home / ".ssh"
        ssh.mkdir(mode=0o700)
        port = self.url.rpartition(":")[2]
        key = (self.folder / "host_key.pub").read_text("utf-8")
        (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}", "utf-8")
        shutil.copy(self.folder / "key", ssh / "id_ed25519")


def program() -> str:
    """The server, which has to be called by its whole path."""
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("no OpenSSH server is installed here")
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server with new keys, whose files lie in a folder."""
    sshd = program()
    for name in ("host_key", "key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
        )
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    port = ports.free()
    settings = folder / "sshd_config"
    settings.write_text(_SETTINGS.format(port=port, folder=folder), "utf-8")
    if sys.platform != "win32" and os.geteuid() == 0:  # where it wants to separate its rights
        Path("/run/sshd").mkdir(exist_ok=True)
    with subprocess.Popen([sshd, "-D", "-e", "-f", settings], stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if b"Server listening" in line:
                    break
            yield Server(f"sftp://{getpass.getuser()}@127.0.0.1:{port}", folder, process)
        finally:
            process.kill()  # connections end with the programs that opened them
