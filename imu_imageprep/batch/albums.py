"""The albums of a run: which photos wait for the others of their folder, and what comes of it.

Every photo is looked at in its first turn. One that the others could make a doubt of is put off:
it leaves in a second turn, when all of its folder were looked at. Of every photo a score and a time
are kept until then, of one that is put off what was seen in it; never a picture.
"""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.albums import Turn, evidence
from imu_imageprep.domain.doubting import lacking, with_evidence
from imu_imageprep.domain.finding import Looked
from imu_imageprep.domain.receipt import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.albums import Shot
    from imu_imageprep.domain.finding import Examination, Scan
    from imu_imageprep.domain.receipt import Receipt

# How long (seconds) nothing has to come to a watched folder before what is in reach leaves: longer
# than the pauses of somebody who copies photos, or of a phone that sends them.
PATIENCE = 300.0


@dataclass(slots=True)
class _Album:
    """The photos of one folder.

    Attributes:
        open: how many are in their first turn.
        whole: no more will come.
        shots: what each says to the others.
        put_off: those that wait for the others.
    """

    open: int = 0
    whole: bool = False
    shots: dict[str, Shot] = field(default_factory=dict)
    put_off: dict[str, tuple[Task, Receipt]] = field(default_factory=dict)


class Albums:
    """Gives every photo its turns.

    Args:
        finishing: whether a picture is made of what is clear; a look alone needs no second turn
            for it.
    """

    def __init__(self, *, finishing: bool) -> None:
        self._finishing = finishing
        self._albums: dict[str, _Album] = {}
        self._walked: str | None = None
        self._scattered: set[str] = set()
        self._due: deque[Task] = deque()
        self._done: deque[tuple[Task, Receipt]] = deque()

    def turns(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The photos in their first turn, and between them those whose second turn has come."""
        for task in tasks:
            folder = _folder(task)
            before = self._walked
            if before is not None and before != folder and before not in self._scattered:
                self._end(before)
            # A walk takes one folder after the other and comes back to none; files that are named
            # one by one may come at any time.
            if task.named:
                self._scattered.add(folder)
            self._walked = folder
            yield from self._now_due()
            album = self._albums.setdefault(folder, _Album())
            album.open, album.whole = album.open + 1, False
            yield dataclasses.replace(task, turn=Turn(waits=True))

    @property
    def ready(self) -> bool:
        """Whether a second turn is due before any photo comes."""
        return False

    def rest(self) -> Iterator[Task]:
        """The second turns that are left when every photo had its first."""
        for folder in list(self._albums):
            self._end(folder)
        yield from self._now_due()

    def took(self, task: Task, receipt: Receipt) -> None:
        """A photo had a turn."""
        if not task.turn.waits:
            self._done.append((task, receipt))
            return
        folder = _folder(task)
        album = self._albums[folder]
        album.open -= 1
        album.shots[str(task.path)] = receipt.shot
        if receipt.put_off is None:
            self._done.append((task, receipt))
        else:
            album.put_off[str(task.path)] = task, receipt
        if album.whole:
            self._end(folder)

    def done(self) -> Iterator[tuple[Task, Receipt]]:
        """The photos that are finished."""
        while self._done:
            yield self._done.popleft()

    def _now_due(self) -> Iterator[Task]:
        while self._due:
            yield self._due.popleft()

    def _end(self, folder: str) -> None:
        """No more photos of a folder come; where all were looked at, say what that means."""
        album = self._albums[folder]
        album.whole = True
        if album.open:
            return
        del self._albums[folder]
        self._settle_all(album)

    def _settle_all(self, album: _Album) -> None:
        found = evidence(album.shots, album.put_off.keys())
        for path, (task, receipt) in album.put_off.items():
            self._settle(task, receipt, found[path])

    def _settle(self, task: Task, receipt: Receipt, logits: float) -> None:
        assert receipt.put_off is not None
        task = dataclasses.replace(task, turn=dataclasses.replace(receipt.put_off, evidence=logits))
        if receipt.outcome is not Outcome.HELD and self._finishing:
            self._due.append(task)
            return
        seen = with_evidence(receipt.put_off.seen, logits)
        if _count(seen) > _count(receipt.put_off.seen):
            self._due.append(task)
            return
        told = dataclasses.replace(receipt, put_off=None)
        self._done.append((task, _scored(told, {exam.detector: exam.scan for exam in seen})))


@dataclass(slots=True)
class _Visited:
    """A folder of a watch: its photos, and when the last one came.

    ``left`` has those that left although the others could have raised them: the logits that each
    lacked, and its export.
    """

    album: _Album = field(default_factory=_Album)
    came: float = 0.0
    left: dict[str, tuple[float, str]] = field(default_factory=dict)


class Standing(Albums):
    """The albums of a folder that is watched: they outlive a run, as more photos may come.

    What is in reach waits until no photo came to its folder for a while.

    Args:
        now: seconds that never go back.
        patience: for how many of them.
    """

    def __init__(self, now: Callable[[], float], patience: float = PATIENCE) -> None:
        super().__init__(finishing=True)
        self._now, self._patience = now, patience
        self._folders: defaultdict[str, _Visited] = defaultdict(_Visited)
        self._late: list[str] = []

    @property
    def ready(self) -> bool:
        """Whether a photo's second turn has come."""
        return any(self._quiet(one) for one in self._folders.values())

    def turns(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The photos that came, in their first turn."""
        for task in tasks:
            yield dataclasses.replace(task, turn=Turn(waits=True))

    def rest(self) -> Iterator[Task]:
        """The second turns of photos whose folder is quiet."""
        for one in self._folders.values():
            if self._quiet(one):
                self._settle_all(one.album)
                one.album.put_off.clear()
        yield from self._now_due()

    def took(self, task: Task, receipt: Receipt) -> None:
        """A photo had a turn."""
        path, one = str(task.path), self._folders[_folder(task)]
        if not task.turn.waits:
            lack = lacking(task.turn.seen)
            if receipt.export is not None and lack is not None:
                one.left[path] = lack, receipt.export.path
            self._done.append((task, receipt))
            return
        one.came = self._now()
        one.album.shots[path] = receipt.shot
        # What was known of an earlier state of the file is no more.
        one.album.put_off.pop(path, None)
        if receipt.outcome is not Outcome.SKIPPED:
            one.left.pop(path, None)
        if receipt.put_off is None:
            self._done.append((task, receipt))
        else:
            one.album.put_off[path] = task, receipt
        self._look_back(one)

    def keep_only(self, there: Collection[str]) -> None:
        """Forget the photos that are gone."""
        for folder, one in list(self._folders.items()):
            for known in (one.album.shots, one.album.put_off, one.left):
                for path in known.keys() - there:
                    del known[path]
            if not one.album.shots:
                del self._folders[folder]

    def late(self) -> tuple[str, ...]:
        """Exports that left before the photos came that make a doubt of them; each is told once."""
        told, self._late = tuple(self._late), []
        return told

    def _quiet(self, one: _Visited) -> bool:
        return bool(one.album.put_off) and self._now() - one.came >= self._patience

    def _look_back(self, one: _Visited) -> None:
        found = evidence(one.album.shots, one.left.keys() & one.album.shots.keys())
        for path, logits in found.items():
            lack, export = one.left[path]
            if logits >= lack:
                del one.left[path]
                self._late.append(export)


def _count(exams: Iterable[Examination]) -> int:
    return sum(len(exam.findings) for exam in exams)


def _scored(receipt: Receipt, scans: Mapping[str, Scan]) -> Receipt:
    """The receipt with the scores that the album gave it, its findings as they are."""

    def scored(exam: Examination) -> Examination:
        scan = scans.get(exam.detector)
        if not (isinstance(scan, Looked) and isinstance(exam.scan, Looked)):
            return exam
        raised = dataclasses.replace(exam.scan, score=scan.score, own=scan.own)
        return dataclasses.replace(exam, scan=raised)

    return dataclasses.replace(receipt, examinations=tuple(map(scored, receipt.examinations)))


def _folder(task: Task) -> str:
    folder = task.path.parent
    # A link is a folder of its own.
    return os.path.abspath(folder) if isinstance(folder, Path) else str(folder)  # noqa: PTH100
