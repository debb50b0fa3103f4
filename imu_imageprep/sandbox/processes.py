"""The two ways to begin a process that decodes: a fresh interpreter, or a fork of this process."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Serve = Callable[[BinaryIO, BinaryIO], None]

_SOCKET = 3  # the first number after the standard streams
_POLL_SECONDS = 0.005


class Process(Protocol):
    """A process that decodes, and both ends of the conversation with it."""

    requests: BinaryIO
    answers: BinaryIO
    pid: int

    def poll(self) -> int | None:
        """How it ended, as ``subprocess`` has it; None while it lives."""
        ...

    def wait(self, seconds: float) -> int | None:
        """How it ended, waited for as long as that; None where it lives on."""
        ...

    def kill(self) -> None:
        """End it; it is to be waited for still."""
        ...


class Spawned:
    """A fresh interpreter: no memory, no open file and no lock of this process comes along.

    Args:
        command: the program.
    """

    def __init__(self, command: Sequence[str]) -> None:
        # Its path is ours, so that it finds the same packages however this process was started;
        # its stderr is closed because libtiff and others print there.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # noqa: S603  (a fixed command)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.requests: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self.answers: BinaryIO = self._process.stdout  # type: ignore[assignment]
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """As of :class:`Process`."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """As of :class:`Process`."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """As of :class:`Process`."""
        self._process.kill()


if sys.platform == "linux":

    class Forked:
        """A copy of this process, which has everything loaded: a tenth of a fresh one's cost.

        It knows what this process knows, so it is for one that has seen no photo yet. It keeps no
        open file but its end of the conversation.

        Args:
            serve: what it does, until its requests end.
        """

        def __init__(self, serve: Serve) -> None:
            ours, theirs = socket.socketpair()
            parent = os.getpid()
            self.pid = os.fork()
            if self.pid == 0:
                try:
                    _serve(serve, theirs.fileno(), parent)
                finally:
                    os._exit(1)
            theirs.close()
            other = os.dup(ours.fileno())
            self.requests: BinaryIO = os.fdopen(ours.detach(), "wb")
            self.answers: BinaryIO = os.fdopen(other, "rb")
            self._ended: int | None = None
            self._asking = threading.Lock()  # nobody signals a number that is another's by now

        def poll(self) -> int | None:
            """As of :class:`Process`."""
            with self._asking:
                if self._ended is None:
                    try:
                        pid, status = os.waitpid(self.pid, os.WNOHANG)
                    except ChildProcessError:  # somebody else waited for it
                        pid, status = self.pid, 0
                    if pid:
                        self._ended = os.waitstatus_to_exitcode(status)
                return self._ended

        def wait(self, seconds: float) -> int | None:
            """As of :class:`Process`."""
            end = time.monotonic() + seconds
            while self.poll() is None and time.monotonic() < end:
                time.sleep(_POLL_SECONDS)
            return self._ended

        def kill(self) -> None:
            """As of :class:`Process`."""
            with self._asking:
                if self._ended is None:
                    os.kill(self.pid, 9)

    def _serve(serve: Serve, talk: int, parent: int) -> None:
        """In the new process; what it shares with this one is closed, and none of it tidied up."""
        from imu_imageprep.sandbox import kernel  # noqa: PLC0415

        gc.freeze()
        kernel.die_with_parent(parent)
        os.dup2(talk, _SOCKET)
        os.closerange(_SOCKET + 1, os.sysconf("SC_OPEN_MAX"))
        requests, answers = os.fdopen(_SOCKET, "rb"), os.fdopen(_SOCKET, "wb", closefd=False)
        serve(requests, answers)
        os._exit(0)


def may_fork() -> bool:
    """Whether this process can be forked soundly: locks of other threads would stay locked."""
    if sys.platform != "linux":
        return False
    return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208
