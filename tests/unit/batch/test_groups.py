"""Exports that are recorded together: all are on record before the first gets its name."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from fakes import ClinicalSession, FixedClock, width_of
from pictures import encoded
from PIL import Image

from imu_imageprep.batch import run
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.answers import Anchor, HandDrawnFinding, Pointed
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.request import Request


@dataclass(frozen=True, slots=True)
class Shared(SqliteLedger):
    """A file that says of itself what a server says, so that exports are recorded in groups."""

    shared = True


@dataclass(frozen=True, slots=True)
class Full(Shared):
    """One that cannot be written."""

    def begin_many(self, receipts: object) -> tuple[str, ...]:
        del receipts
        raise OutputProblem("The disk is full, so nothing was recorded.")


@dataclass(frozen=True, slots=True)
class Broken(Shared):
    """One that fails as nobody foresaw."""

    def begin_many(self, receipts: object) -> tuple[str, ...]:
        del receipts
        raise ValueError("export-begun")


_asked: list[str] = []


@dataclass(frozen=True, slots=True)
class Counting(Shared):
    """One that notes which photos were asked about."""

    def drawn_for(self, photo: str) -> tuple[Pointed, ...]:
        _asked.append(photo)
        return Shared.drawn_for(self, photo)


def photos(folder: Path, number: int) -> Path:
    folder.mkdir()
    for at in range(number):
        picture = Image.new("RGB", (width_of(0.01), 60), (at * 5, 120, 90))
        (folder / f"{at:02d}.jpg").write_bytes(encoded(picture))
    return folder


def session(ledger: SqliteLedger) -> ClinicalSession:
    plain = ClinicalSession.at(ledger.path)
    return replace(plain, ledger=ledger)


def kinds(ledger: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM events ORDER BY seq")]


def left_ready(one: ClinicalSession, place: Path) -> list[Receipt]:
    return [run.one_ready(one, task, Request(), OpenPhotos(0)) for task in Plan([place])]


def test_a_run_records_its_exports_in_groups(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 20)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    with Batch(session(ledger), 2) as batch:
        got = list(batch.run(Plan([place]), Request()))
    assert [one.outcome for one in got] == [Outcome.EXPORTED] * 20
    assert all(one.ready is None and one.export and Path(one.export.path).exists() for one in got)
    first = kinds(ledger.path)[:16]
    assert first == ["export-begun"] * 16  # and not begun, done, begun, done
    assert ledger.audit().damage is None
    assert {one.head for one in got} <= {
        line.split('"hash": "')[1][:64] for line in list(ledger.export_lines())[1:]
    }


def test_what_is_ready_is_neither_written_nor_recorded(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    ready = left_ready(session(ledger), place)
    assert {(one.outcome, one.export) for one in ready} == {(Outcome.CLEAR, None)}
    assert not list((tmp_path / "photos-web").iterdir())
    assert ledger.head() is None
    done = run.together(session(ledger), ready)
    assert {one.outcome for one in done} == {Outcome.EXPORTED}
    assert kinds(ledger.path) == ["export-begun"] * 3 + ["export-done"] * 3


def test_one_whose_name_is_taken_meanwhile_fails_alone(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    ready = left_ready(session(ledger), place)
    mine = tmp_path / "photos-web" / "01.jpg"
    mine.write_bytes(b"somebody's own")
    done = run.together(session(ledger), ready)
    assert [one.outcome for one in done] == [Outcome.EXPORTED, Outcome.FAILED, Outcome.EXPORTED]
    assert mine.read_bytes() == b"somebody's own"
    assert kinds(ledger.path).count("export-done") == 2
    assert ledger.audit().damage is None


def test_nothing_is_written_where_nothing_can_be_recorded(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Full(tmp_path / "ledger.db", FixedClock())
    done = run.together(session(ledger), left_ready(session(ledger), place))
    assert {one.exit_code for one in done} == {5}
    assert not list((tmp_path / "photos-web").iterdir())


def test_an_export_with_a_caption_leaves_alone(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 1)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    (task,) = Plan([place])
    done = run.one_ready(session(ledger), task, Request(caption="Open day"), OpenPhotos(0))
    assert (done.outcome, done.ready) == (Outcome.EXPORTED, None)


def test_what_somebody_marks_meanwhile_does_not_leave(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    ready = left_ready(session(ledger), place)
    assert ready[1].source is not None
    seen = Anchor(photo=ready[1].source.sha256, kind="face", box=Box(0.1, 0.1, 0.2, 0.2))
    ledger.add(HandDrawnFinding(seen=seen, by="Tan"))
    done = run.together(session(ledger), ready)
    assert [one.outcome for one in done] == [Outcome.EXPORTED, Outcome.FAILED, Outcome.EXPORTED]
    assert not (tmp_path / "photos-web" / "01.jpg").exists()
    # Decided anew it waits, and it never leaves with others again.
    again = left_ready(session(ledger), place)
    assert [one.outcome for one in again] == [Outcome.SKIPPED, Outcome.HELD, Outcome.SKIPPED]


def test_what_is_drawn_on_a_photo_is_asked_once_before_it_waits(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Counting(tmp_path / "ledger.db", FixedClock())
    _asked.clear()
    ready = left_ready(session(ledger), place)
    assert len(ready) == len(_asked) == len(set(_asked)) == 3


def test_a_photo_that_was_drawn_on_before_leaves_alone(tmp_path: Path) -> None:
    """It is covered, so it may leave; it waits for no others, among which it would be refused."""
    place = photos(tmp_path / "photos", 1)
    ledger = Shared(tmp_path / "ledger.db", FixedClock())
    photo = hashlib.sha256((place / "00.jpg").read_bytes()).hexdigest()
    box = Box(0.1, 0.1, 0.2, 0.2)
    ledger.add(HandDrawnFinding(seen=Anchor(photo=photo, kind="face", box=box), by="Tan"))
    (task,) = Plan([place])
    covered = Request(redact=("faces",))
    done = run.one_ready(session(ledger), task, covered, OpenPhotos(0))
    assert (done.outcome, done.ready) == (Outcome.EXPORTED, None)


def test_a_bug_in_a_group_costs_the_group_alone(tmp_path: Path) -> None:
    place = photos(tmp_path / "photos", 3)
    ledger = Broken(tmp_path / "ledger.db", FixedClock())
    done = run.together(session(ledger), left_ready(session(ledger), place))
    assert {one.exit_code for one in done} == {70}
    assert not list((tmp_path / "photos-web").iterdir())
