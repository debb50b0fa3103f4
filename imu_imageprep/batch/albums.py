"""The albums of a run: which photos wait for the others of their folder, and what comes of it.

Every photo is looked at in its first turn. One that the others could make a doubt of is put off:
it leaves in a second turn, when all of its folder were looked at. Of every photo a score and a time
are kept until then, of one that is put off what was seen in it; never a picture.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from imu_imageprep.domain.albums import Turn, evidence
from imu_imageprep.domain.doubting import with_evidence
from imu_imageprep.domain.finding import Looked
from imu_imageprep.domain.receipt import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.albums import Shot
    from imu_imageprep.domain.finding import Examination, Scan
    from imu_imageprep.domain.receipt import Receipt

# A folder, and whether its photos were named one by one: those may come at any time of a run.
_Folder: TypeAlias = tuple[str, bool]


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
    put_off: list[tuple[Task, Receipt]] = field(default_factory=list)


class Albums:
    """Gives every photo its turns.

    Args:
        finishing: whether a picture is made of what is clear; a look alone needs no second turn
            for it.
    """

    def __init__(self, *, finishing: bool) -> None:
        self._finishing = finishing
        self._albums: dict[_Folder, _Album] = {}
        self._walked: _Folder | None = None
        self._due: deque[Task] = deque()
        self._done: deque[tuple[Task, Receipt]] = deque()

    def turns(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The photos in their first turn, and between them those whose second turn has come."""
        for task in tasks:
            folder = _folder(task)
            if self._walked is not None and folder != self._walked:
                self._end(self._walked)
            # A walk takes one folder after the other and comes back to none.
            self._walked = None if task.named else folder
            yield from self._now_due()
            self._albums.setdefault(folder, _Album()).open += 1
            yield dataclasses.replace(task, turn=Turn(waits=True))

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
            album.put_off.append((task, receipt))
        if album.whole:
            self._end(folder)

    def done(self) -> Iterator[tuple[Task, Receipt]]:
        """The photos that are finished."""
        while self._done:
            yield self._done.popleft()

    def _now_due(self) -> Iterator[Task]:
        while self._due:
            yield self._due.popleft()

    def _end(self, folder: _Folder) -> None:
        """No more photos of a folder come; where all were looked at, say what that means."""
        album = self._albums[folder]
        album.whole = True
        if album.open:
            return
        del self._albums[folder]
        found = evidence(album.shots, {str(task.path) for task, _ in album.put_off})
        for task, receipt in album.put_off:
            self._settle(task, receipt, found[str(task.path)])

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


def _folder(task: Task) -> _Folder:
    return str(task.path.parent), task.named
