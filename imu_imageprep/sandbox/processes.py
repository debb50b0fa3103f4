"""The two ways to begin a process that decodes: a fresh interpreter, or a fork of this process."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PIPE_BYTES = 1 << 20  # what an unprivileged process may ask for
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
    import fcntl

    class Forked:
        """A copy of this process, which has everything loaded: a tenth of a fresh one's cost.

        It knows what this process knows, so it is for one that has seen no photo yet. It keeps no
        open file but its end of the conversation.

        Args:
            main: what it does with its standard input and output.
        """

        def __init__(self, main: Callable[[], None]) -> None:
            theirs_in, ours_out = _pipe()
            ours_in, theirs_out = _pipe()
            parent = os.getpid()
            self.pid = os.fork()
            if self.pid == 0:
                try:
                    _become(main, theirs_in, theirs_out, parent)
                finally:
                    os._exit(1)
            os.close(theirs_in)
            os.close(theirs_out)
            self.requests: BinaryIO = os.fdopen(ours_out, "wb")
            self.answers: BinaryIO = os.fdopen(ours_in, "rb")
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

    def _pipe() -> tuple[int, int]:
        ends = os.pipe()
        with contextlib.suppress(OSError):  # somebody has many large ones: a photo takes more turns
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return ends

    def _become(main: Callable[[], None], requests: int, answers: int, parent: int) -> None:
        """In the new process; what it shares with this one is closed, and none of it tidied up."""
        from imu_imageprep.sandbox import kernel  # noqa: PLC0415

        gc.freeze()
        kernel.die_with_parent(parent)
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for number in os.listdir("/proc/self/fd"):  # noqa: PTH208  (numbers, not paths)
            if int(number) > 2:  # noqa: PLR2004  (the standard streams)
                with contextlib.suppress(OSError):  # that of the listing
                    os.close(int(number))
        main()
        os._exit(0)


def may_fork() -> bool:
    """Whether this process can be forked soundly: locks of other threads would stay locked."""
    if sys.platform != "linux":
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208  (numbers, not paths)
    except OSError:  # a system without /proc
        return False
