"""Watches a folder and prepares the photos that arrive in it.

The file system's events only say that it is worth looking; what there is to do is found by walking
the folder, and done in the same walk. So an event that is lost, a folder that is moved in, or a
network share that tells nothing costs time and never a photo.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.domain.errors import ExitCode, InputProblem
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.settling import Settling, Sight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imu_imageprep.domain.receipt import Receipt

# Without any event the folder is walked this often (seconds): shares, and events that were lost.
RESCAN = 60.0
# A photo that could not be written, or not be judged, is tried again after this long (seconds).
RETRY = 300.0
# A walk may take at most this share of the time, however large the folder.
_SHARE = 0.1
# What is no fault of the photo, and may pass: no space, no right to write, a damaged installation.
_PASSING = frozenset({ExitCode.OUTPUT, ExitCode.MODEL, ExitCode.POLICY})


class Ticks(Protocol):
    """Seconds that never go back."""

    def now(self) -> float:
        """The current time in seconds since some moment."""
        ...


class Disk(Protocol):
    """Looks at files."""

    def look(self, path: Path) -> Sight | None:
        """What a file looks like; None where it is gone."""
        ...

    def has_writer(self, path: Path) -> bool | None:
        """Whether somebody has it open for writing; None where that cannot be told."""
        ...


class Bell(Protocol):
    """Rings when something happened."""

    def wait(self, seconds: float) -> dict[Path, bool]:
        """Wait for something to happen, or the time to pass.

        Returns:
            The files that were written to since the last call, and whether they were closed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stop:
    """Asked for by a signal; the photo in hand is finished."""

    asked: threading.Event = field(default_factory=threading.Event)
    look_again: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Prepares what arrives in a folder until it is told to stop.

    Attributes:
        folder: the folder.
        prepare: prepares those of its photos that a function wants.
        settling: remembers what was seen and done.
        ticks: the time.
        disk: looks at files.
        bell: says when looking is worth while.
        stop: set from outside to end the watch.
    """

    folder: Path
    prepare: Callable[[Callable[[Path], bool]], Iterator[Receipt]]
    settling: Settling
    ticks: Ticks
    disk: Disk
    bell: Bell
    stop: Stop

    def __iter__(self) -> Iterator[Receipt]:
        """Receipts, as photos arrive and are finished.

        Raises:
            InputProblem: the folder is gone.
        """
        while not self.stop.asked.is_set():
            if self.stop.look_again.is_set():
                self.stop.look_again.clear()
                self.settling.forget_all()
            began = self.ticks.now()
            yield from self._walk()
            self._rest(self.ticks.now() - began)

    def _walk(self) -> Iterator[Receipt]:
        there: set[Path] = set()

        def wanted(path: Path) -> bool:
            there.add(path)
            return self._take(path)

        if not self.folder.is_dir():
            raise InputProblem(
                f"The folder {self.folder} is not there any more.",
                "Start again when it is back; what was exported is not done twice.",
            )
        for receipt in self.prepare(wanted):
            self._note(receipt)
            yield receipt
        if not self.stop.asked.is_set():
            self.settling.keep_only(there)

    def _take(self, path: Path) -> bool:
        """Whether a photo is to be prepared now."""
        if self.stop.asked.is_set():
            return False
        now = self.ticks.now()
        sight = self.disk.look(path)
        if sight is None or self.settling.is_handled(path, sight, now):
            return False
        if not self.settling.is_ready(path, sight, now, writer=self.disk.has_writer(path)):
            return False
        self.settling.handle(path, sight)
        return True

    def _note(self, receipt: Receipt) -> None:
        failure = receipt.failure
        passing = failure and failure.code in _PASSING and failure.type != "AlreadyThere"
        blind = receipt.outcome is Outcome.HELD and receipt.exit_code in _PASSING
        if receipt.path is not None and (passing or blind):
            self.settling.try_again(Path(receipt.path), self.ticks.now() + RETRY)

    def _rest(self, walked: float) -> None:
        """Wait until something may be ready, or something happened; never walk without a pause."""
        pause = max(self.settling.quiet / 2, walked * (1 - _SHARE) / _SHARE)
        # A walk that found work to do was long for another reason.
        pause = min(pause, RESCAN)
        now = self.ticks.now()
        due = self.settling.next_look(now)
        until = now + RESCAN if due is None else min(due, now + RESCAN)
        until = max(until, now + pause)
        while not self.stop.asked.is_set() and (left := until - self.ticks.now()) > 0:
            for path, closed in self.bell.wait(left).items():
                self.settling.written(path, self.ticks.now(), closed=closed)
                until = min(until, now + pause)
            if self.stop.look_again.is_set():
                break


@dataclass(frozen=True, slots=True)
class LocalDisk:
    """The files of this computer."""

    def look(self, path: Path) -> Sight | None:
        """What a file looks like; None where it is gone."""
        try:
            status = path.stat()
        except OSError:
            return None
        return Sight(status.st_size, status.st_mtime_ns, status.st_ino)

    def has_writer(self, path: Path) -> bool | None:
        """Whether somebody has it open for writing; None where that cannot be told.

        Linux grants a read lease on a file only while nobody has it open for writing; the owner
        of the file may ask (fcntl(2), F_SETLEASE).
        """
        try:
            import fcntl  # noqa: PLC0415  (Windows has none)

            lease, read, none = fcntl.F_SETLEASE, fcntl.F_RDLCK, fcntl.F_UNLCK
        except (ImportError, AttributeError):
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return False
            fcntl.fcntl(descriptor, lease, read)
            fcntl.fcntl(descriptor, lease, none)
        except BlockingIOError:
            return True
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return False


class EventBell:
    """Collects what the file system tells; holds one entry per file, however many events."""

    def __init__(self, passing_over: Path | None) -> None:
        self._rang = threading.Event()
        self._lock = threading.Lock()
        self._files: dict[Path, bool] = {}
        self._passing_over = passing_over
