"""Decode in a child process that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode.pixels import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.colour import ColourSpace

# -P: a file called PIL.py in the current folder must not be imported.
COMMAND = (sys.executable, "-P", "-m", "imu_imageprep.stages.decode.child")

_LONGEST_LINE = 65_536  # bytes of a reply's header
_BYTES_PER_PIXEL = 3
_DYING_SECONDS = 2.0  # between a child's last words and its exit status


@dataclass(frozen=True, slots=True)
class Request:
    """What the child is asked to decode, besides the file's bytes.

    Attributes:
        format: the real format.
        orientation: EXIF orientation 1..8.
        long_side: the smallest sufficient long side, in pixels.
        limits: megapixels and seconds.
        colour: the colour space that is stated besides a profile.
    """

    format: Format
    orientation: int
    long_side: int
    limits: Limits
    colour: ColourSpace | None = None

    def to_line(self, size: int) -> bytes:
        """The request's header: one line of JSON; ``size`` bytes of the file follow it."""
        return _line(
            format=self.format.value,
            orientation=self.orientation,
            long_side=self.long_side,
            megapixels=self.limits.megapixels,
            seconds=self.limits.seconds,
            colour=asdict(self.colour) if self.colour else None,
            bytes=size,
        )

    @classmethod
    def from_line(cls, line: bytes) -> tuple[Request, int]:
        """The request of a header line, and how many bytes follow it."""
        told = json.loads(line)
        limits = Limits(megapixels=told["megapixels"], seconds=told["seconds"])
        request = cls(
            Format(told["format"]), told["orientation"], told["long_side"], limits, _space(told)
        )
        return request, told["bytes"]


def _space(told: dict[str, Any]) -> ColourSpace | None:
    stated = told["colour"]
    if stated is None:
        return None
    from imu_imageprep.domain.colour import ColourSpace, Curve  # noqa: PLC0415  (few state one)

    numbers = {name: tuple(stated[name]) for name in ("corners", "numbers")}
    return ColourSpace(**stated | numbers | {"curve": Curve(stated["curve"])})


def frame_to_reply(frame: Frame) -> tuple[bytes, bytes]:
    """A decoded frame as a reply: header line and pixels."""
    head = _line(size=frame.size, source_size=frame.source_size, notes=frame.notes)
    return head, frame.rgb


def problem_to_reply(problem: InputProblem) -> tuple[bytes, bytes]:
    """A problem as a reply: header line and nothing."""
    return _line(message=problem.message, advice=problem.advice), b""


def _line(**values: Any) -> bytes:
    return json.dumps(values).encode() + b"\n"


class Isolation:
    """Child processes that decode one picture at a time each, and are used again.

    Threads may share it: every thread in need has a child of its own. A child that crashes, takes
    too long or answers nonsense is killed, and only its picture fails.

    Args:
        command: the program that decodes; it speaks the protocol of ``child.py``.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._idle: list[_Child] = []
        self._lock = threading.Lock()

    def decode(self, request: Request, data: bytes) -> Frame:
        """Decode a picture in a child.

        Raises:
            InputProblem: the picture is bad, or its decoder crashed, took too long or needed too
                much memory.
        """
        child = self._take()
        try:
            reply = child.ask(request, data)
        except BaseException:
            # Whatever happened (a crash, Ctrl-C), the conversation is out of step.
            child.kill()
            raise
        with self._lock:
            self._idle.append(child)
        if isinstance(reply, InputProblem):
            raise reply
        return reply

    def close(self) -> None:
        """End the idle children."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()

    def forget(self) -> None:
        """Drop the children without ending them: after a fork they are the parent's."""
        self._idle, self._lock = [], threading.Lock()

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.kill()
        return _Child(self._command)


class _Child:
    """One child process and the conversation with it."""

    def __init__(self, command: Sequence[str]) -> None:
        # Its path is ours, so that it finds the same packages however this process was started;
        # its stderr is closed because libtiff and others print there. Where it needs NumPy, one
        # thread is enough, and those for every processor would need much address space.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # noqa: S603  (a fixed command)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request, data: bytes) -> Frame | InputProblem:
        """Send a picture and wait for its pixels.

        Raises:
            InputProblem: the child died, was late, or answered nonsense.
        """
        late = threading.Event()
        timer = threading.Timer(request.limits.seconds, self._end_late, (late,))
        timer.daemon = True
        timer.start()
        try:
            return self._converse(request, data)
        except (OSError, EOFError, ValueError, LookupError, TypeError) as trouble:
            if not isinstance(trouble, OSError | EOFError):
                self._process.kill()  # it lives, and talks nonsense
            raise self._cause(request, trouble, late=late.is_set()) from None
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process and release its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # unsent bytes of a request
                assert pipe is not None
                pipe.close()

    def _converse(self, request: Request, data: bytes) -> Frame | InputProblem:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(request.to_line(len(data)))
        stdin.write(data)
        stdin.flush()
        line = stdout.readline(_LONGEST_LINE)
        if not line:
            raise EOFError
        reply = json.loads(line)
        if "message" in reply:
            return InputProblem(str(reply["message"]), str(reply["advice"]))
        size, source_size = _size(reply["size"]), _size(reply["source_size"])
        notes = tuple(str(note) for note in reply["notes"])
        expected = size.width * size.height * _BYTES_PER_PIXEL
        if expected > _BYTES_PER_PIXEL * 1e6 * request.limits.megapixels:
            raise ValueError("more pixels than were asked for")
        rgb = stdout.read(expected)
        if len(rgb) != expected:
            raise EOFError
        return Frame(size, rgb, source_size, notes)

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _cause(self, request: Request, trouble: Exception, *, late: bool) -> InputProblem:
        try:
            status = self._process.wait(timeout=_DYING_SECONDS)
        except subprocess.TimeoutExpired:  # it closed its end and lives on
            self._process.kill()
            status = 0
        # The child has an alarm of its own, for the case that this process dies first.
        if late or _ended_by("SIGALRM", status):
            return InputProblem(
                f"Decoding the picture took longer than {request.limits.seconds:g} seconds, so it"
                " was stopped.",
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


def _ended_by(name: str, status: int) -> bool:
    number = getattr(signal, name, None)  # Windows has few signals
    return number is not None and status == -number


def _size(told: Any) -> Size:
    width, height = (int(side) for side in told)
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    return Size(width, height)
