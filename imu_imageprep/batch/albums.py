"""The albums of a run: which photos wait for the others of their folder, and what comes of it.

Every photo is looked at in its first turn. One that the others could make a doubt of is put off:
it leaves in a second turn, when all of its folder were looked at. Until then sums of scores are
kept of a folder, and of a photo that is put off what was seen in it, or its name; never a picture.
"""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep.domain.albums import Gathered, Turn, evidence
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


# Of how many photos that are put off it is kept what was seen; more of them are looked at again,
# so that a folder of millions takes no more memory than its names in reach.
_SEEN = 1000


class _PutOff(NamedTuple):
    """A photo that waits for the others; without a receipt it is looked at again."""

    task: Task
    shot: Shot
    receipt: Receipt | None


class _Later(NamedTuple):
    """As little as can be kept of a photo that waits: the rest is as of the first of its folder."""

    name: str
    stem: str | None
    base: str | None
    renamed: bool
    shot: Shot


@dataclass(slots=True)
class _Album:
    """The photos of one folder.

    Attributes:
        open: how many are in their first turn.
        whole: no more will come.
        said: what they say to each other.
        put_off: those that wait for the others, with what was seen in them.
        first: a photo of which nothing that was seen is kept, as it is in ``later`` too.
        later: those photos.
    """

    open: int = 0
    whole: bool = False
    said: Gathered = field(default_factory=Gathered)
    put_off: deque[_PutOff] = field(default_factory=deque)
    first: Task | None = None
    later: deque[_Later] = field(default_factory=deque)

    def put(self, task: Task, receipt: Receipt) -> None:
        """Keep a photo until the others were looked at."""
        if len(self.put_off) < _SEEN or not (self.first is None or _alike(self.first, task)):
            self.put_off.append(_PutOff(task, receipt.shot, receipt))
            return
        self.first = self.first or task
        goes = task.target
        stem, base = (goes.stem, goes.base) if goes else (None, None)
        self.later.append(_Later(task.path.name, stem, base, task.renamed, receipt.shot))

    def waiting(self) -> Iterator[_PutOff]:
        """Those that wait; each is let go of as it comes."""
        while self.put_off:
            yield self.put_off.popleft()
        while self.later:
            name, stem, base, renamed, shot = self.later.popleft()
            assert self.first is not None
            goes = self.first.target
            if goes is not None:
                goes = dataclasses.replace(goes, stem=stem, base=base)
            path = self.first.path.with_name(name)
            task = dataclasses.replace(self.first, path=path, target=goes, renamed=renamed)
            yield _PutOff(task, shot, None)


def _alike(one: Task, other: Task) -> bool:
    """Whether two photos of a folder differ in their names alone."""
    goes, others = one.target, other.target
    if goes is not None and others is not None:
        others = dataclasses.replace(others, stem=goes.stem, base=goes.base)
    same = one.named == other.named and one.path.parent == other.path.parent
    return same and goes == others


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
        self._due: deque[Iterator[Task]] = deque()
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
        album.said.add(receipt.shot)
        if receipt.put_off is None:
            self._done.append((task, receipt))
        else:
            album.put(task, receipt)
        if album.whole:
            self._end(folder)

    def done(self) -> Iterator[tuple[Task, Receipt]]:
        """The photos that are finished."""
        while self._done:
            yield self._done.popleft()

    def _now_due(self) -> Iterator[Task]:
        while self._due:
            yield from self._due[0]
            self._due.popleft()

    def _end(self, folder: str) -> None:
        """No more photos of a folder come; where all were looked at, say what that means."""
        album = self._albums[folder]
        album.whole = True
        if album.open:
            return
        del self._albums[folder]
        self._due.append(self._settled(album))

    def _settled(self, album: _Album) -> Iterator[Task]:
        """The second turns of an album, as they are asked for."""
        for one in album.waiting():
            yield from self._settle(one, album.said.beside(one.shot))

    def _settle(self, one: _PutOff, logits: float) -> Iterator[Task]:
        """The second turn of a photo, unless what was seen of it says how it ends."""
        task, receipt = one.task, one.receipt
        turn = Turn() if receipt is None or receipt.put_off is None else receipt.put_off
        again = dataclasses.replace(task, turn=dataclasses.replace(turn, evidence=logits))
        if receipt is None or (receipt.outcome is not Outcome.HELD and self._finishing):
            yield again
            return
        seen = with_evidence(turn.seen, logits)
        if _count(seen) > _count(turn.seen):
            yield again
            return
        told = dataclasses.replace(receipt, put_off=None)
        self._done.append((again, _scored(told, {exam.detector: exam.scan for exam in seen})))


@dataclass(slots=True)
class _Visited:
    """A folder of a watch: its photos, and when the last one came.

    Attributes:
        shots: what each says to the others.
        put_off: those that wait for the others.
        came: when the last one came.
        left: those that left although the others could have raised them: the logits that each
            lacked, and its export.
    """

    shots: dict[str, Shot] = field(default_factory=dict)
    put_off: dict[str, _PutOff] = field(default_factory=dict)
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
        for one in list(self._folders.values()):
            if self._quiet(one):
                found = evidence(one.shots, one.put_off.keys())
                waited, one.put_off = one.put_off, {}
                for path, photo in waited.items():
                    yield from self._settle(photo, found[path])

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
        one.shots[path] = receipt.shot
        # What was known of an earlier state of the file is no more.
        one.put_off.pop(path, None)
        if receipt.outcome is not Outcome.SKIPPED:
            one.left.pop(path, None)
        if receipt.put_off is None:
            self._done.append((task, receipt))
        else:
            one.put_off[path] = _PutOff(task, receipt.shot, receipt)
        self._look_back(one)

    def keep_only(self, there: Collection[str]) -> None:
        """Forget the photos that are gone."""
        for folder, one in list(self._folders.items()):
            for known in (one.shots, one.put_off, one.left):
                for path in known.keys() - there:
                    del known[path]
            if not one.shots:
                del self._folders[folder]

    def late(self) -> tuple[str, ...]:
        """Exports that left before the photos came that make a doubt of them; each is told once."""
        told, self._late = tuple(self._late), []
        return told

    def _quiet(self, one: _Visited) -> bool:
        return bool(one.put_off) and self._now() - one.came >= self._patience

    def _look_back(self, one: _Visited) -> None:
        found = evidence(one.shots, one.left.keys() & one.shots.keys())
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
