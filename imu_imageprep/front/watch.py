"""Watches a folder and prepares the photos that arrive in it.

The file system's events only say that it is worth looking; what there is to do is found by walking
the folder, and done in the same walk. So an event that is lost, a folder that is moved in, or a
network share that tells nothing costs time and never a photo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.domain.errors import AlreadyThere, ExitCode, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.settling import Settling, Sight

# Without any event the folder is walked this often (seconds): shares, and events that were lost.
RESCAN = 60.0
# A photo that could not be written, or not be judged, is tried again after this long (seconds).
RETRY = 300.0
# After a walk that found nothing to do, this many times its duration passes before the next one,
# however much happens: looking costs a tenth of the time at most.
_PAUSE = 9


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
                "Start again when it is back; what was exported is not done twice.",
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
        """Whether a person should hear of it; what may pass is tried again, and said once."""
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
