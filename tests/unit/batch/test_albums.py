"""The others of a folder raise a photo to a doubt, whoever is looked at first."""

from __future__ import annotations

import itertools
import random
import shutil
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import ClinicalSession, width_of
from pictures import encoded
from PIL import Image

from imu_imageprep.batch.albums import PATIENCE, Albums, Standing
from imu_imageprep.batch.plan import Plan, Task
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.albums import Shot, Turn
from imu_imageprep.domain.doubting import BESIDE
from imu_imageprep.domain.place import Remote, place
from imu_imageprep.domain.policy import Level, Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.request import Request, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NOON = datetime.fromisoformat("2026-03-04 12:00")  # by the clock of a camera: without a zone
NEAR, PLAIN, CLINICAL = 0.06, 0.01, 0.9  # in reach of an album; far from it; clinical by itself


def photo(score: float, shade: int, taken: str | None = None) -> bytes:
    """A photo with a score; no two with the same shade are the same file."""
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    picture = Image.new("RGB", (width_of(score), 60), (shade * 7 % 256, 120, 90))
    return encoded(picture, exif=exif)


def put(folder: Path, scores: Mapping[str, float]) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for number, (name, score) in enumerate(scores.items()):
        (folder / name).write_bytes(photo(score, 20 + number))
    return folder


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A photo in reach, among others that are clinical, and one that nothing can raise so far."""
    beside = {f"c{number}.jpg": CLINICAL for number in range(6)}
    return put(tmp_path / "ward", {"a-near.jpg": NEAR, **beside, "plain.jpg": PLAIN})


@pytest.fixture
def picnic(tmp_path: Path) -> Path:
    return put(tmp_path / "picnic", {"a-near.jpg": NEAR, **{f"p{n}.jpg": PLAIN for n in range(6)}})


def answers(
    got: Iterable[Receipt],
) -> dict[str, tuple[Outcome, tuple[tuple[str, str | None], ...]]]:
    return {
        Path(one.path or "").name: (
            one.outcome,
            tuple((found.kind, found.reason) for found in one.findings),
        )
        for one in got
    }


def run(
    session: ClinicalSession, paths: Iterable[Path], jobs: int = 1, *, dry_run: bool = False
) -> dict[str, tuple[Outcome, tuple[tuple[str, str | None], ...]]]:
    with Batch(session, jobs) as batch:
        return answers(batch.run(Plan(list(paths)), Request(dry_run=dry_run)))


DOUBTED = (Outcome.HELD, (("doubt", BESIDE),))


@pytest.mark.parametrize("jobs", [1, 2])
def test_others_that_look_clinical_make_a_doubt(tmp_path: Path, ward: Path, jobs: int) -> None:
    got = run(ClinicalSession.at(tmp_path / "ledger"), [ward], jobs)
    assert got["a-near.jpg"] == DOUBTED
    assert got["plain.jpg"] == (Outcome.EXPORTED, ())
    assert Counter(outcome for outcome, _ in got.values()) == {Outcome.HELD: 7, Outcome.EXPORTED: 1}


def test_others_that_do_not_let_it_leave(tmp_path: Path, picnic: Path) -> None:
    got = run(ClinicalSession.at(tmp_path / "ledger"), [picnic])
    assert {outcome for outcome, _ in got.values()} == {Outcome.EXPORTED}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_single_photo_has_no_album(tmp_path: Path, ward: Path, jobs: int) -> None:
    got = run(ClinicalSession.at(tmp_path / "ledger"), [ward / "a-near.jpg"], jobs)
    assert got == {"a-near.jpg": (Outcome.EXPORTED, ())}


def test_it_can_be_switched_off(tmp_path: Path, ward: Path) -> None:
    rules = Policy()
    rules = rules.replace(clinical=replace(rules.clinical, album=False))
    got = run(ClinicalSession.at(tmp_path / "ledger", rules), [ward])
    assert got["a-near.jpg"] == (Outcome.EXPORTED, ())


def test_a_look_alone_uses_it_too(tmp_path: Path, ward: Path, picnic: Path) -> None:
    session = ClinicalSession.at(tmp_path / "ledger")
    assert run(session, [ward], dry_run=True)["a-near.jpg"] == DOUBTED
    assert run(session, [picnic], dry_run=True)["a-near.jpg"] == (Outcome.CLEAR, ())


def test_the_score_that_is_told_has_the_albums_part(tmp_path: Path) -> None:
    near = {f"near{number}.jpg": NEAR for number in range(4)}
    party = put(tmp_path / "party", {**near, "c.jpg": CLINICAL, "plain.jpg": PLAIN})
    with Batch(ClinicalSession.at(tmp_path / "ledger"), 1) as batch:
        for one in batch.run(Plan([party]), Request(dry_run=True)):
            (scan,) = [scan for scan in one.to_json()["scans"] if scan["detector"] == "clinical"]
            name = Path(one.path or "").stem
            assert scan["own"] == {"c": CLINICAL, "plain": PLAIN}.get(name, NEAR)
            assert (scan["score"] > scan["own"]) == (name in {"near0", "near1", "near2", "near3"})


def test_folders_are_apart(tmp_path: Path) -> None:
    top = tmp_path / "top"
    put(top / "one", {"near.jpg": NEAR, "plain.jpg": PLAIN})
    put(top / "two", {f"c{number}.jpg": CLINICAL for number in range(6)})
    got = run(ClinicalSession.at(tmp_path / "ledger"), [top])
    assert got["near.jpg"][0] is Outcome.EXPORTED


def test_files_named_one_by_one_are_one_album_a_folder(tmp_path: Path, ward: Path) -> None:
    files = sorted(ward.iterdir())
    other = put(tmp_path / "other", {"far.jpg": NEAR, "b.jpg": PLAIN})
    mixed = [files[0], *other.iterdir(), *files[1:]]
    got = run(ClinicalSession.at(tmp_path / "ledger"), mixed)
    assert got["a-near.jpg"] == DOUBTED
    assert got["far.jpg"][0] is Outcome.EXPORTED


def test_a_photo_that_is_named_before_its_folder_is_of_its_album(
    tmp_path: Path, ward: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = ClinicalSession.at(tmp_path / "ledger")
    assert run(session, [Path("ward/a-near.jpg"), ward])["a-near.jpg"] == DOUBTED


def test_hours_between_captures_split_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    for number in range(6):
        taken = f"2026:03:04 09:0{number}:00"
        (folder / f"c{number}.jpg").write_bytes(photo(CLINICAL, 20 + number, taken))
    for name, hour in (("morning.jpg", 10), ("evening.jpg", 18)):
        (folder / name).write_bytes(photo(NEAR, 60 + hour, f"2026:03:04 {hour}:00:00"))
    got = run(ClinicalSession.at(tmp_path / "ledger"), [folder])
    assert got["morning.jpg"] == DOUBTED
    assert got["evening.jpg"] == (Outcome.EXPORTED, ())


def test_no_detector_is_asked_twice(tmp_path: Path, ward: Path) -> None:
    log = tmp_path / "log"
    run(ClinicalSession.at(tmp_path / "ledger", log=log), [ward])
    assert len(log.read_text().split()) == len(list(ward.iterdir()))


def test_what_waits_is_answered_with_its_album(tmp_path: Path, ward: Path) -> None:
    with Batch(ClinicalSession.at(tmp_path / "ledger"), 1, keep=True) as batch:
        held = list(batch.run(Plan([ward]), Request()))
        near = next(one for one in held if one.path and "near" in one.path)
        again = batch.again(near.path or "", Request())
    assert answers([again])["a-near.jpg"] == DOUBTED


def test_after_a_kill_what_was_exported_counts_still(tmp_path: Path) -> None:
    """Without the scores of those that left, there would be one doubt more."""
    scores = {"near.jpg": 0.05, "nearer.jpg": 0.09, **{f"p{n}.jpg": PLAIN for n in range(4)}}
    folder = put(tmp_path / "mixed", {**scores, "y.jpg": CLINICAL, "z.jpg": CLINICAL})
    session = ClinicalSession.at(tmp_path / "ledger")
    whole = run(ClinicalSession.at(tmp_path / "other"), [folder], dry_run=True)
    with Batch(session, 1) as batch:
        begun = batch.run(Plan([folder]), Request())
        first = [next(begun) for _ in range(3)]
        begun.close()  # type: ignore[attr-defined]
    assert {one.outcome for one in first} == {Outcome.EXPORTED}
    with Batch(session, 2) as batch:
        second = list(batch.run(Plan([folder]), Request()))
    told = {Path(one.path or "").name: one.outcome for one in second}
    for one in first:
        assert told[Path(one.path or "").name] is Outcome.SKIPPED
    held = {name for name, (outcome, _) in whole.items() if outcome is Outcome.HELD}
    assert held == {name for name, outcome in told.items() if outcome is Outcome.HELD}
    assert held == {"nearer.jpg", "y.jpg", "z.jpg"}


def test_one_that_was_exported_alone_raises_the_next(tmp_path: Path) -> None:
    """A clinical photo was let go by its answers; its score is in the ledger and lends itself."""
    session = ClinicalSession.at(tmp_path / "ledger")
    folder = put(tmp_path / "ward", {f"c{n}.jpg": 0.45 for n in range(8)})
    noting = replace(Policy().flags, doubt=Level.NOTE)
    lenient = replace(session, policy=Policy().replace(flags=noting))
    assert {o for o, _ in run(lenient, [folder]).values()} == {Outcome.EXPORTED}
    put(folder, {"near.jpg": NEAR})
    got = run(lenient, [folder])
    assert Counter(outcome for outcome, _ in got.values())[Outcome.SKIPPED] == 8
    assert got["near.jpg"][1] == (("doubt", BESIDE),)


def test_many_folders_have_the_same_answers_in_any_order(tmp_path: Path) -> None:
    chance = random.Random(7)
    top = tmp_path / "top"
    for number in range(8):
        scores = [chance.choice((NEAR, 0.08, 0.03, PLAIN, 0.2, CLINICAL)) for _ in range(6)]
        put(top / f"f{number}", {f"{number}-{n}.jpg": one for n, one in enumerate(scores)})
    files = sorted(top.rglob("*.jpg"))
    chance.shuffle(files)
    one = run(ClinicalSession.at(tmp_path / "1"), [top], dry_run=True)
    assert any(found == (("doubt", BESIDE),) for _, found in one.values())
    assert run(ClinicalSession.at(tmp_path / "2"), [top], 2, dry_run=True) == one
    assert run(ClinicalSession.at(tmp_path / "3"), files, dry_run=True) == one


def test_of_a_folder_that_was_looked_at_nothing_is_kept() -> None:
    """Memory stays bounded: what is kept goes with its folder."""
    albums = Albums(finishing=True)
    tasks = (Task(Path(f"{folder}/{n}.jpg"), None) for folder in range(50) for n in range(10))
    for task in albums.turns(tasks):
        albums.took(task, Receipt(Outcome.CLEAR, path=str(task.path), shot=Shot(0.0)))
        assert len(list(albums.done())) == 1
        (album,) = albums._albums.values()
        assert not album.put_off
    assert list(albums.rest()) == []
    assert not albums._albums


def looked_at(number: int, *, put_off: bool) -> Albums:
    """When so many photos of one folder were looked at."""
    albums, folder = Albums(finishing=True), Path("a folder of many photos")

    def tasks() -> Iterator[Task]:
        for n in range(number):
            yield Task(folder / f"{n:08d}.jpg", Target(folder / "web", f"{n:08d}"))

    for task in albums.turns(tasks()):
        waits = Turn(photo="0" * 64, policy="1" * 64) if put_off else None
        receipt = Receipt(Outcome.CLEAR, path=str(task.path), shot=Shot(0.5, NOON), put_off=waits)
        albums.took(task, receipt)
        assert len(list(albums.done())) == 1 - put_off
    return albums


def test_a_folder_of_many_takes_no_more_memory() -> None:
    looked_at(6000, put_off=False)  # Python's own tables have room from now on
    tracemalloc.start()
    few, kept = looked_at(3000, put_off=False), tracemalloc.get_traced_memory()[0]
    many, more = looked_at(6000, put_off=False), tracemalloc.get_traced_memory()[0] - kept
    tracemalloc.stop()
    assert abs(more - kept) < 20_000
    assert list(few.rest()) == list(many.rest()) == []


def test_of_those_that_are_put_off_little_more_than_names_is_kept() -> None:
    albums = looked_at(3000, put_off=True)
    (album,) = albums._albums.values()
    assert (len(album.put_off), len(album.later)) == (1000, 2000)
    own = (sys.getsizeof(one) + sum(map(sys.getsizeof, one)) for one in album.later)
    assert max(own) < 500  # a receipt with what was seen takes some thousand
    # What comes out of it comes one by one.
    assert len(list(itertools.islice(albums.rest(), 1500))) == 1500
    assert (len(album.put_off), len(album.later)) == (0, 1500)


@pytest.mark.parametrize("dry_run", [False, True])
def test_one_of_which_only_the_name_was_kept_ends_as_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    near = {f"near{number}.jpg": NEAR for number in range(5)}
    ward = put(tmp_path / "ward", {**near, **{f"c{number}.jpg": CLINICAL for number in range(9)}})
    picnic = put(tmp_path / "picnic", {**near, **{f"p{number}.jpg": PLAIN for number in range(9)}})
    places = [ward, picnic / "near1.jpg", picnic]
    whole = run(ClinicalSession.at(tmp_path / "1"), [ward], dry_run=dry_run)
    other = run(ClinicalSession.at(tmp_path / "2"), places[1:], dry_run=dry_run)
    monkeypatch.setattr("imu_imageprep.batch.albums._SEEN", 1)
    log = tmp_path / "log"
    session = ClinicalSession.at(tmp_path / "3", log=log)
    shutil.rmtree(tmp_path / "ward-web", ignore_errors=True)
    shutil.rmtree(tmp_path / "picnic-web", ignore_errors=True)
    assert run(session, [ward], dry_run=dry_run) == whole
    assert len(log.read_text().split()) == 14 + 4  # four were looked at again
    assert {found for name, (_, found) in whole.items() if name in near} == {DOUBTED[1]}
    for path in picnic.glob("*-web.jpg"):
        path.unlink()
    assert run(session, places[1:], dry_run=dry_run) == other


def test_names_that_are_kept_alone_go_where_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imu_imageprep.batch.albums._SEEN", 1)
    one = Albums(finishing=True)
    bucket, out = place("s3://b/in"), place("s3://b/out")
    assert isinstance(bucket, Remote)
    goes = [
        Target(out, "a"),
        Target(out, "b"),
        Target(out, "b-2", base="b"),
        Target(out, "c", True),
    ]
    tasks = [
        Task(bucket / f"{n} ä.jpg", target, renamed=target.stem == "b-2")
        for n, target in enumerate(goes)
    ]
    for task in one.turns(tasks):
        put_off = Receipt(Outcome.CLEAR, path=str(task.path), shot=Shot(0.0), put_off=Turn())
        one.took(task, put_off)
    second = {task.path: task for task in one.rest()}
    for task in tasks:
        again = second[task.path]
        assert (again.target, again.renamed) == (task.target, task.renamed)
        assert again.turn.evidence > 0
        assert not again.turn.waits


def test_what_is_put_off_is_told_once_the_folder_was_looked_at() -> None:
    albums = Albums(finishing=True)
    tasks = [Task(Path(f"f/{n}.jpg"), None) for n in range(3)]
    for task in albums.turns(tasks):
        put_off = Receipt(Outcome.CLEAR, path=str(task.path), shot=Shot(0.0), put_off=Turn())
        albums.took(task, put_off)
        assert list(albums.done()) == []
    second = list(albums.rest())
    assert [task.path for task in second] == [task.path for task in tasks]
    assert all(not task.turn.waits and task.turn.evidence > 0 for task in second)


class Watched:
    """A folder that is walked again and again, at times of its own."""

    def __init__(self, folder: Path, ledger: Path) -> None:
        self.time = 0.0
        self.albums = Standing(lambda: self.time)
        self.folder, self.session, self.done = folder, ClinicalSession.at(ledger), set[str]()

    def walk(self, after: float) -> dict[str, tuple[Outcome, tuple[tuple[str, str | None], ...]]]:
        self.time += after
        plan = list(Plan([self.folder]))
        self.albums.keep_only({str(task.path) for task in plan})
        new = [task for task in plan if task.path.name not in self.done]
        self.done |= {task.path.name for task in new}
        with Batch(self.session, 1) as batch:
            return answers(batch.run(new, Request(), self.albums))


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    folder = put(tmp_path / "in", {"near.jpg": NEAR, "p.jpg": PLAIN})
    return Watched(folder, tmp_path / "ledger")


def beside(watched: Watched) -> None:
    put(watched.folder, {f"c{number}.jpg": CLINICAL for number in range(6)})


def test_a_watched_photo_in_reach_waits_until_nothing_comes_any_more(watched: Watched) -> None:
    assert watched.walk(0) == {"p.jpg": (Outcome.EXPORTED, ())}
    assert watched.walk(PATIENCE - 1) == {}
    assert watched.walk(1) == {"near.jpg": (Outcome.EXPORTED, ())}
    assert watched.walk(PATIENCE) == {}


def test_photos_that_come_later_raise_what_is_left(watched: Watched) -> None:
    watched.walk(0)
    beside(watched)
    assert set(watched.walk(PATIENCE - 1)) == {f"c{number}.jpg" for number in range(6)}
    assert watched.walk(PATIENCE - 1) == {}
    assert watched.walk(1) == {"near.jpg": DOUBTED}
    assert watched.albums.late() == ()


def test_photos_that_come_later_list_what_has_left(watched: Watched) -> None:
    watched.walk(0)
    watched.walk(PATIENCE)
    beside(watched)
    watched.walk(10)
    (export,) = watched.albums.late()
    assert Path(export).name == "near.jpg"
    assert watched.albums.late() == ()


def test_a_watched_photo_that_is_gone_is_forgotten(watched: Watched) -> None:
    watched.walk(0)
    (watched.folder / "near.jpg").unlink()
    assert watched.walk(PATIENCE) == {}
    assert not watched.albums.ready
