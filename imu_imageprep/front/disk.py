"""The real file system and clock under a watch: looks at files, and hears the system's events."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import stat
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog import events
from watchdog.observers import Observer

from imu_imageprep import windows
from imu_imageprep.front.watch import Sight
from imu_imageprep.windows import SLICE

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Monotonic:
    """The computer's clock for durations."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class LocalDisk:
    """The files of this computer."""

    def look(self, path: Path) -> Sight | None:
        """What a file looks like; None where it is gone."""
        try:
            status = windows.reachable(path).stat()
        except OSError:
            return None
        return Sight(status.st_size, status.st_mtime_ns, status.st_ino)

    def has_writer(self, path: Path) -> bool | None:
        """Whether somebody has it open for writing; None where that cannot be told.

        Linux grants a read lease on a file only while nobody has it open for writing; the owner
        of the file may ask (fcntl(2), F_SETLEASE).
        """
        if sys.platform != "linux":
            return windows.has_writer(path)
        import fcntl  # noqa: PLC0415  (Windows has none)

        lease, read, none = fcntl.F_SETLEASE, fcntl.F_RDLCK, fcntl.F_UNLCK
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


class EventBell(events.FileSystemEventHandler):
    """Collects what the file system tells: one entry per file, however many events.

    Args:
        folder: watched with all folders in it.
        passed_over: a folder in it whose files are not told of, written as ``folder`` is.
    """

    def __init__(self, folder: Path, passed_over: Path | None) -> None:
        self._folder = folder
        self._passed_over = passed_over
        self._files: dict[Path, bool] = {}
        self._lock = threading.Lock()
        # Putting into a SimpleQueue is safe in a signal handler; setting an Event is not.
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def wait(self, seconds: float) -> dict[Path, bool] | None:
        """The files written to since the last call; None where nothing happened in that time."""
        end = time.monotonic() + seconds
        while not self._rang(min(SLICE, max(0.0, end - time.monotonic()))):
            if time.monotonic() >= end:
                return None
        with self._lock:
            files, self._files = self._files, {}
        return files

    def _rang(self, seconds: float) -> bool:
        try:
            self._rings.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def ring(self) -> None:
        """End a wait; may be called by a signal handler."""
        if self._rings.empty():
            self._rings.put(None)

    def dispatch(self, event: events.FileSystemEvent) -> None:
        """Take an event from the file system's observer."""
        moved = event.event_type == "moved"
        path = Path(os.fsdecode(event.dest_path if moved else event.src_path))
        if self._passed_over is not None and path.is_relative_to(self._passed_over):
            return
        if not event.is_directory:
            with self._lock:
                self._files[path] = moved or event.event_type == "closed"
        self.ring()

    @contextlib.contextmanager
    def hung(self) -> Iterator[bool]:
        """Hear the file system's events within a ``with`` block.

        Yields:
            Whether it tells any: there may be too many folders for it, or no such service.
        """
        logging.getLogger("watchdog").setLevel(
            logging.CRITICAL
        )  # its messages are not for a person
        told_of: list[type[events.FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileModifiedEvent,
            events.FileMovedEvent,
            events.FileClosedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        observer = Observer()
        try:
            # Opening and reading are not asked for: the watcher does both itself.
            observer.schedule(self, str(self._folder), recursive=True, event_filter=told_of)
            observer.start()
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            observer.stop()
            observer.join()
