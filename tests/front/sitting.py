"""A person at the real command, in a terminal that is made for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest
from command import ROOT

# Ctrl-C reaches the processes of a controlling terminal, which has to be asked for.
_AT_ITS_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "imu_imageprep", *sys.argv[1:]])
"""


class Sitting:
    """Types when the command waits for a line."""

    _terminal: int
    _command: subprocess.Popen[bytes]

    def __init__(self, *args: object, **environment: str) -> None:
        self.heard = ""
        if sys.platform == "win32":
            pytest.skip("there are no pseudo terminals")
        mine, its = os.openpty()
        self._terminal = mine
        self._command = subprocess.Popen(
            [sys.executable, "-c", _AT_ITS_TERMINAL, *map(str, args)],
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        os.close(its)

    def until(self, prompt: str) -> None:
        """Read until the command asks this."""
        before = len(self.heard)
        while prompt not in self.heard[before:]:
            self.heard += self._read()

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        with contextlib.suppress(OSError):  # Linux says so when the other side has gone
            while text := self._read():
                self.heard += text
        os.close(self._terminal)
        return self._command.wait()

    def _read(self) -> str:
        return os.read(self._terminal, 65536).decode().replace("\r\n", "\n")
