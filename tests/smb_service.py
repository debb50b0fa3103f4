"""A share of Debian's Samba as this account, on this machine, with a password of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
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

PASSWORD = "needle-password"  # an ordinary secret of the tests
_SETTINGS = """
[global]
server role = standalone server
smb ports = {port}
interfaces = 127.0.0.1
bind interfaces only = yes
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/rpc
passdb backend = tdbsam:{folder}/private/passdb.tdb
log file = {folder}/log
load printers = no
disable spoolss = yes
rpc start on demand helpers = no
server min protocol = SMB2

[share]
path = {folder}/share
read only = no
"""


@dataclass(frozen=True)
class Server:
    """A running server: of its one share, the address and the folder that it gives."""

    url: str
    top: Path
    user: str


def _program(name: str) -> str:
    """A program of Samba, which is on few people's path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("no Samba is installed here (Debian: samba)")
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server whose files lie in a folder."""
    if sys.platform == "win32":
        pytest.skip("Windows has a server of its own, which no test may set up")
    smbd, pdbedit = _program("smbd"), _program("pdbedit")
    for name in ("private", "lock", "state", "cache", "pid", "rpc", "share"):
        (folder / name).mkdir()
    port, user, settings = ports.free(), getpass.getuser(), folder / "smb.conf"
    settings.write_text(_SETTINGS.format(port=port, folder=folder), "utf-8")
    subprocess.run(
        [pdbedit, "-s", settings, "-a", "-t", "-u", user],
        input=f"{PASSWORD}\n{PASSWORD}\n".encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    with (folder / "out").open("wb") as log:
        process = subprocess.Popen(
            [smbd, "-F", "--no-process-group", "--debug-stdout", "-s", settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        ports.listens(port, process)
        yield Server(f"smb://127.0.0.1:{port}/share", folder / "share", user)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # there is a process for each connection
        process.wait()
