"""Processes that decode, and the conversations with them."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem, PolicyProblem
from imu_imageprep.domain.sandbox import Sandbox, ShutIn
from imu_imageprep.sandbox import processes
from imu_imageprep.sandbox.wire import LONGEST_LINE, NONSENSE, Answer, told_head, told_hello

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.sandbox.processes import Process
    from imu_imageprep.sandbox.wire import Request

# -P: a file called PIL.py in the current folder must not be imported.
COMMAND = (sys.executable, "-P", "-m", "imu_imageprep.sandbox.child")

_DYING_SECONDS = 2.0  # between a process's last words and its exit status
_HELLO_SECONDS = 60.0
_LONGEST_HELLO = 1000

# Address space beyond what it has at its start: a base for what is loaded later, and per pixel of
# the largest picture allowed. The hungriest decoder measured, JPEG 2000, holds 16 bytes a pixel,
# its output apart.
_BASE_BYTES = 384_000_000
_BYTES_PER_PIXEL = 24


class Isolation:
    """Processes that decode one picture at a time each, and are used again.

    Threads may share it: every thread in need has a process of its own. One that crashes, takes
    too long or answers nonsense is killed, and only its picture fails.

    Args:
        command: a program that decodes; it talks as ``child.py`` does.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._idle: list[_Decoder] = []
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Fork a process that decodes now, if that is sound, instead of spawning one later.

        To be called early, in a process that is ours alone: before it knows what a decoder should
        not, and before libraries begin threads.
        """
        if sys.platform == "linux" and processes.may_fork():
            from imu_imageprep.sandbox.child import main  # noqa: PLC0415  (not in every program)

            self._idle.append(_Decoder(processes.Forked(main)))

    def ask(self, request: Request, data: bytes) -> tuple[Answer, ShutIn]:
        """Have a picture decoded, and its metadata read.

        Returns:
            What came of it, and how far the process that did it was shut in.

        Raises:
            InputProblem: the picture is bad, or its decoder crashed, took too long or needed too
                much memory.
            PolicyProblem: the policy requires that decoders are shut in, and this one is not.
        """
        decoder = self._take()
        try:
            answer, shut = decoder.ask(request, data), decoder.shut_in()
        except BaseException:
            # Whatever happened (a crash, Ctrl-C), the conversation is out of step.
            decoder.kill()
            raise
        self._give_back(decoder)
        if isinstance(answer, InputProblem):
            raise answer
        return answer, shut

    def shut_in(self) -> ShutIn:
        """How far decoders are shut in here; one is begun where none is.

        Raises:
            InputProblem: none could be begun.
        """
        decoder = self._take()
        try:
            shut = decoder.shut_in()
        except BaseException:
            decoder.kill()
            raise
        self._give_back(decoder)
        return shut

    def close(self) -> None:
        """End the idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for decoder in idle:
            decoder.kill()

    def forget(self) -> None:
        """Drop the processes without ending them: after a fork they are the parent's."""
        self._idle, self._lock = [], threading.Lock()

    def _take(self) -> _Decoder:
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.alive:
                    return decoder
                decoder.kill()
        return _Decoder(processes.Spawned(self._command))

    def _give_back(self, decoder: _Decoder) -> None:
        with self._lock:
            self._idle.append(decoder)


class _Decoder:
    """One process and the conversation with it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._shut: ShutIn | None = None
        self._most = 0
        self._at_start = 0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def shut_in(self) -> ShutIn:
        """What the process gave up; it says so once, before it has seen a photo.

        Raises:
            InputProblem: it died, was late, or said nonsense.
        """
        if self._shut is None:
            with self._in_time(_HELLO_SECONDS):
                self._shut = told_hello(self._line(_LONGEST_HELLO))
        return self._shut

    def ask(self, request: Request, data: bytes) -> Answer | InputProblem:
        """Send a picture and wait for what comes of it.

        Raises:
            InputProblem: the process died, was late, or answered nonsense.
            PolicyProblem: it is not shut in, and has to be; it was sent nothing.
        """
        if not self.shut_in().wholly and request.limits.sandbox is Sandbox.REQUIRE:
            raise not_shut_in(self.shut_in())
        with self._in_time(request.limits.seconds):
            self._limit(request)
            return self._converse(request, data)

    def kill(self) -> None:
        """End the process and release its pipes."""
        self._process.kill()
        while self._process.wait(_DYING_SECONDS) is None:
            pass
        for pipe in (self._process.requests, self._process.answers):
            with contextlib.suppress(OSError):  # unsent bytes of a request
                pipe.close()

    def _converse(self, request: Request, data: bytes) -> Answer | InputProblem:
        requests = self._process.requests
        requests.write(request.to_line(len(data)))
        requests.write(data)
        requests.flush()
        head = told_head(self._line(LONGEST_LINE), request)
        if isinstance(head, InputProblem):
            return head
        rgb = self._process.answers.read(head.expected)
        if len(rgb) != head.expected:
            raise EOFError
        return head.answer(rgb)

    def _line(self, most: int) -> bytes:
        line = self._process.answers.readline(most)
        if not line:
            raise EOFError
        return line

    def _limit(self, request: Request) -> None:
        """Hold the process to the memory that such a picture may need; it cannot raise that."""
        if sys.platform != "linux":
            return
        import resource  # noqa: PLC0415  (Windows has none)

        self._at_start = self._at_start or _address_space(self._process.pid)
        pixels = int(request.limits.megapixels_whole * 1e6)
        most = self._at_start + _BASE_BYTES + pixels * _BYTES_PER_PIXEL
        if most != self._most:
            with contextlib.suppress(OSError, ValueError):
                _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_AS)
                resource.prlimit(self._process.pid, resource.RLIMIT_AS, (most, hard))
            self._most = most

    @contextlib.contextmanager
    def _in_time(self, seconds: float) -> Iterator[None]:
        """End the process where a conversation takes longer, and say what went wrong in it."""
        late = threading.Event()
        timer = threading.Timer(seconds, self._end_late, (late,))
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, *NONSENSE) as trouble:
            if not isinstance(trouble, OSError | EOFError):
                self._process.kill()  # it lives, and talks nonsense
            raise self._cause(seconds, trouble, late=late.is_set()) from None
        finally:
            timer.cancel()

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _cause(self, seconds: float, trouble: Exception, *, late: bool) -> InputProblem:
        status = self._process.wait(_DYING_SECONDS)
        if status is None:  # it closed its end and lives on
            self._process.kill()
            status = 0
        # It has an alarm of its own, for the case that this process dies first.
        if late or _ended_by("SIGALRM", status):
            return InputProblem(
                f"Decoding the picture took longer than {seconds:g} seconds, so it was stopped.",
                "Save it again as JPEG, or raise limits.seconds in the configuration.",
            )
        # Not killed by us: the system was out of memory.
        if isinstance(trouble, OSError | EOFError) and _ended_by("SIGKILL", status):
            return InputProblem(
                "The picture's decoder needed too much memory; only this photo is affected.",
                "Save it smaller, or as JPEG.",
            )
        return InputProblem(
            "The picture's decoder crashed; only this photo is affected.", SAVE_AGAIN
        )


def not_shut_in(shut: ShutIn) -> PolicyProblem:
    """What is said of a photo where decoders have to be shut in and are not."""
    return PolicyProblem(
        f"The picture's decoder cannot be shut in on this system ({shut}), and limits.sandbox"
        " requires it.",
        'See imageprep doctor; limits.sandbox = "try" decodes photos all the same.',
    )


def _address_space(pid: int) -> int:
    """Bytes of a process's address space; 0 where it is gone."""
    if sys.platform != "linux":
        return 0
    import resource  # noqa: PLC0415  (Windows has none)

    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.readline().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _ended_by(name: str, status: int) -> bool:
    number = getattr(signal, name, None)  # Windows has few signals
    return number is not None and status == -number
