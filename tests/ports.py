"""Ports of this machine: one that is free, and the wait until a program listens at one."""

from __future__ import annotations

import socket
import subprocess
import time

_WAIT_SECONDS = 60


def free() -> int:
    """A port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listens(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a program that was begun listens.

    Raises:
        AssertionError: it ended, or takes longer than a minute.
    """
    end = time.monotonic() + _WAIT_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # it loads
    raise AssertionError("the service did not begin")
