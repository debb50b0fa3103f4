"""When a file that arrives is complete: a pure state machine, told what is seen and the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
