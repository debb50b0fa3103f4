"""Watches a folder and prepares the photos that arrive in it.

The file system's events only say that it is worth looking; what there is to do is found by walking
the folder, and done in the same walk. So an event that is lost, a folder that is moved in, or a
network share that tells nothing costs time and never a photo. ``Settling`` says when a file that
arrives is complete; it is told what is seen and the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.domain.errors import AlreadyThere, ExitCode, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imu_imageprep.domain.receipt import Receipt

# Without any event the folder is walked this often (seconds): shares, and events that were lost.
RESCAN = 60.0
# A photo that could not be written, or not be judged, is tried again after this long (seconds).
RETRY = 300.0
# After a walk that found nothing to do, this many times its duration passes before the next one,
# however much happens: looking costs a tenth of the time at most.
_PAUSE = 9
# How many quiet periods a file must have been the same, by (somebody has it open for writing, its
# writer was seen to close it). A file that stays open is taken in the end: some programs never
# close theirs, and network shares say "open" of every file. A half one fails, and is tried again
# when it grows.
_PERIODS = {
    (False, True): 1,
    (False, False): 1,
    (None, True): 1,
    (None, False): 10,
    (True, True): 10,
    (True, False): 60,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What tells one state of a file from the next.

    The inode is part of it: a file renamed into place may have the size and the time of the one
    that it replaces.
    """

    size: int
    mtime_ns: int
    inode: int


@dataclass(slots=True)
class _Waiting:
    sight: Sight
    since: float


@dataclass(slots=True)
class Settling:
    """Files that arrive, each until it was handled in the state that it has.

    A file is ready when it has been the same for ``quiet`` seconds and nobody has it open for
    writing; where that is not known, after a longer while. Times are seconds of any clock that
    never goes back.
    """

    quiet: float
    _waiting: dict[Path, _Waiting] = field(default_factory=dict)
    _closed: dict[Path, bool] = field(default_factory=dict)
    _handled: dict[Path, Sight] = field(default_factory=dict)
    _again: dict[Path, float] = field(default_factory=dict)

    def written(self, path: Path, now: float, *, closed: bool) -> None:
        """Somebody wrote to the file; ``closed``: and closed it, or moved it here whole."""
        self._closed[path] = closed
        if waiting := self._waiting.get(path):
            waiting.since = now

    def is_handled(self, path: Path, sight: Sight, now: float) -> bool:
        """Whether the file was handled as it is now, and not to be tried again yet."""
        return self._handled.get(path) == sight and now < self._again.get(path, float("inf"))

    def is_ready(self, path: Path, sight: Sight, now: float, *, writer: bool | None) -> bool:
        """Whether a file that was looked at just now is complete.

        Args:
            path: the file.
            sight: what it looks like.
            now: the time of the look.
            writer: whether somebody has it open for writing; None where that cannot be told.
        """
        waiting = self._waiting.get(path)
        if waiting is None:
            self._handled.pop(path, None)
            self._again.pop(path, None)
            self._waiting[path] = _Waiting(sight, now)
            return False
        if waiting.sight != sight:
            waiting.sight, waiting.since = sight, now
            self._closed.pop(path, None)
            return False
        closed = self._closed.get(path, False)
        return now - waiting.since >= self.quiet * _PERIODS[writer, closed]

    def handle(self, path: Path, sight: Sight) -> None:
        """The file is taken in this state."""
        self._waiting.pop(path, None)
        self._closed.pop(path, None)
        self._handled[path] = sight

    def try_again(self, path: Path, at: float) -> None:
        """What kept the file from being prepared was not the file: take it once more, then."""
        if path in self._handled:
            self._again[path] = at

    def forget_all(self) -> None:
        """Take every file once more."""
        self._handled.clear()
        self._again.clear()

    def keep_only(self, there: Iterable[Path]) -> None:
        """Forget the files that are gone; one that comes back is new."""
        present = set(there)
        for known in (self._waiting, self._closed, self._handled, self._again):
            for path in known.keys() - present:
                del known[path]

    def next_look(self, now: float) -> float | None:
        """When a look may find something ready; None while nothing is on its way."""
        due = [waiting.since + self.quiet for waiting in self._waiting.values()]
        due = [at if at > now else now + self.quiet for at in due]
        return min([*due, *self._again.values()], default=None)


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

    def wait(self, seconds: float) -> dict[Path, bool] | None:
        """Wait for something to happen.

        Returns:
            The files that were written to since the last call, each with whether its writer closed
            it; None where nothing happened in that time.
        """
        ...


@dataclass(slots=True)
class Wishes:
    """What was asked for from outside, by signals."""

    stop: bool = False
    look_again: bool = False


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
        wishes: to stop (the photo in hand is finished), or to look once more at what was held.
    """

    folder: Path
    prepare: Callable[[Callable[[Path], bool]], Iterator[Receipt]]
    settling: Settling
    ticks: Ticks
    disk: Disk
    bell: Bell
    wishes: Wishes
    _said: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Receipt]:
        """Receipts, as photos arrive and are finished.

        Raises:
            InputProblem: the folder is gone.
        """
        while not self.wishes.stop:
            if self.wishes.look_again:
                self.wishes.look_again = False
                self.settling.forget_all()
            began, worked = self.ticks.now(), False
            for receipt in self._walk():
                worked = True
                if self._is_news(receipt):
                    yield receipt
            walked = 0.0 if worked else self.ticks.now() - began
            self._rest(max(self.settling.quiet / 2, walked * _PAUSE))

    def _walk(self) -> Iterator[Receipt]:
        """Prepare what is ready now."""
        there: set[Path] = set()

        def wanted(path: Path) -> bool:
            there.add(path)
            return not self.wishes.stop and self._take(path)

        if not self.folder.is_dir():
            raise InputProblem(
                "The folder that was watched is not there any more.",
                "Start again when it is back; what was exported is skipped.",
            )
        yield from self.prepare(wanted)
        self.settling.keep_only(there)

    def _take(self, path: Path) -> bool:
        """Whether a photo is to be prepared now; it is then remembered as handled."""
        now = self.ticks.now()
        sight = self.disk.look(path)
        if sight is None or self.settling.is_handled(path, sight, now):
            return False
        if not self.settling.is_ready(path, sight, now, writer=self.disk.has_writer(path)):
            return False
        self.settling.handle(path, sight)
        return True

    def _is_news(self, receipt: Receipt) -> bool:
        """Whether a person should hear of it; what the photo is not to blame for is said once."""
        if receipt.path is None or not _may_pass(receipt):
            return True
        self.settling.try_again(Path(receipt.path), self.ticks.now() + RETRY)
        what = receipt.failure.message if receipt.failure else ""
        told = self._said.get(receipt.path) == what
        self._said[receipt.path] = what
        return not told

    def _rest(self, pause: float) -> None:
        """Wait until something may be ready or something happened, and at least for a pause."""
        now = self.ticks.now()
        due = self.settling.next_look(now)
        until = now + RESCAN if due is None else min(due, now + RESCAN)
        until = max(until, now + pause)
        while not (self.wishes.stop or self.wishes.look_again):
            left = until - self.ticks.now()
            if left <= 0:
                return
            happened = self.bell.wait(left)
            if happened is None:
                continue
            until = min(until, now + pause)
            for path, closed in happened.items():
                self.settling.written(path, self.ticks.now(), closed=closed)


def _may_pass(receipt: Receipt) -> bool:
    """Whether what kept a photo is no fault of the photo: a full disk, a damaged installation."""
    if receipt.failure is not None and receipt.failure.type == AlreadyThere.__name__:
        return False
    return receipt.exit_code in (ExitCode.OUTPUT, ExitCode.MODEL, ExitCode.POLICY)
