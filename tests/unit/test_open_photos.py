"""However many answers follow, a photo is decoded and looked at once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import (
    CountingDetector,
    FailingDetector,
    FakeDetector,
    FakeSession,
    FixedClock,
    MemoryLedger,
    SpotDetector,
    damaged_model,
)
from pictures import SPOT, encoded, scene

from imu_imageprep import pipeline
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.bench import Bench, Dropped
from imu_imageprep.domain.answers import Anchor, HandDrawnFinding
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ExitCode
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import FaceRules, Policy
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.cli.pipe import Stream
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.pipeline import Equipment
from imu_imageprep.request import Request, Target
from imu_imageprep.stages.read import from_bytes, read

WIDE, EXPORT = "1600x1000", "800x500"
COVERED = Request(redact=("faces",))


@pytest.fixture
def faces(tmp_path: Path) -> CountingDetector:
    return CountingDetector(SpotDetector(SPOT), tmp_path / "asked")


@pytest.fixture
def equipment(faces: CountingDetector) -> Equipment:
    others = (
        FakeDetector("clinical", Flag.CLINICAL),
        FakeDetector("credit", Flag.SOURCE),
        FakeDetector("codes", Flag.CODE),
        FakeDetector("text", Flag.TEXT),
    )
    return Equipment(Policy(), (faces, *others), MemoryLedger(), FixedClock())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(1600, 1000, ((800, 500, 60),))))
    return path


def test_answers_only_release(
    photo: Path, faces: CountingDetector, equipment: Equipment, tmp_path: Path
) -> None:
    photos, source = OpenPhotos(), read(photo, Policy().limits)
    target = Target(tmp_path / "out", "photo")
    held = pipeline.prepare(source, Request(), target, equipment, photos)
    assert held.outcome is Outcome.HELD
    for style in ("solid", "blur", "solid"):  # a person tries what it would look like
        seen = photos.examine(source, equipment)
        told = Request.of("faces", style=style)
        receipt, shown = pipeline.preview(seen, told, equipment, photos)
        assert receipt.held_for == ()
    done = pipeline.prepare(source, COVERED, target, equipment, photos)
    assert done.outcome is Outcome.EXPORTED
    assert done.export is not None
    assert Path(done.export.path).read_bytes() == shown.data  # the preview was the export
    assert photos.examined == 1
    assert faces.calls == [WIDE, EXPORT, EXPORT, EXPORT]  # once, and each finished picture
    assert photos.finished == 3


def test_what_was_drawn_since_holds_without_another_look(
    photo: Path, faces: CountingDetector, equipment: Equipment
) -> None:
    photos, source = OpenPhotos(), read(photo, Policy().limits)
    pipeline.prepare(source, Request(), None, equipment, photos)
    seen = Anchor(source.sha256, "face", Box(0.1, 0.1, 0.1, 0.1))
    ledger = MemoryLedger(drawn=(HandDrawnFinding(seen, "Tan"),))
    later = dataclasses.replace(equipment, ledger=ledger)
    receipt = pipeline.prepare(source, Request(), None, later, photos)
    assert [finding.id for finding in receipt.findings] == ["face-1", "face-2"]
    assert faces.calls == [WIDE]


def test_another_policy_is_another_look(
    photo: Path, faces: CountingDetector, equipment: Equipment
) -> None:
    photos, source = OpenPhotos(), read(photo, Policy().limits)
    other = dataclasses.replace(equipment, policy=Policy(faces=FaceRules(min_face=90)))
    for one in (equipment, other, equipment):
        pipeline.prepare(source, Request(), None, one, photos)
    assert faces.calls == [WIDE, WIDE]


def test_what_is_kept_is_bounded(equipment: Equipment) -> None:
    photos = OpenPhotos(room=2 * 400 * 300 * 3 + 40_000)  # two small photos
    sources = [
        from_bytes(encoded(scene(400, 300, ((100 + n, 100, 20),))), Policy().limits)
        for n in range(3)
    ]
    for source in (*sources, *sources[1:], sources[0]):
        photos.examine(source, equipment)
    assert photos.examined == 4  # the first was let go for the third, and no other
    photos.let_go(sources[0].sha256)
    photos.examine(sources[0], equipment)
    assert photos.examined == 5
    large = from_bytes(encoded(scene(1600, 1000)), Policy().limits)
    photos.examine(large, equipment)  # has no room at all, and takes nobody's
    for source in (sources[2], sources[0]):
        photos.examine(source, equipment)
    assert photos.examined == 6


def test_a_photo_that_could_not_be_looked_at_is_looked_at_again(
    photo: Path, faces: CountingDetector, equipment: Equipment
) -> None:
    photos, source = OpenPhotos(), read(photo, Policy().limits)
    blind = dataclasses.replace(equipment, detectors=(damaged_model(), *equipment.detectors[1:]))
    receipt = pipeline.prepare(source, Request(), None, blind, photos)
    assert [need.scan for need in receipt.held_for] == ["faces"]
    receipt = pipeline.prepare(source, Request(), None, equipment, photos)
    assert [need.finding.id for need in receipt.held_for if need.finding] == ["face-1"]
    assert faces.calls == [WIDE]


def test_a_copy_of_a_photo_keeps_its_own_name(
    photo: Path, faces: CountingDetector, equipment: Equipment
) -> None:
    photos, limits = OpenPhotos(), Policy().limits
    copy = photo.with_name("copy.jpg")
    copy.write_bytes(photo.read_bytes())
    for path in (photo, copy):
        receipt = pipeline.prepare(read(path, limits), Request(), None, equipment, photos)
        assert receipt.path == str(path)
    assert faces.calls == [WIDE]


@pytest.mark.parametrize("jobs", [1, 2])
def test_photos_of_a_run_are_released_where_they_were_seen(tmp_path: Path, jobs: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        spots = ((800 + number, 500, 60),) if number % 2 else ()
        (folder / f"{number}.jpg").write_bytes(encoded(scene(1600, 1000, spots)))
    faces = CountingDetector(SpotDetector(SPOT), tmp_path / "asked")
    with Batch(FakeSession.with_faces(faces), jobs, keep=True) as batch:
        held = [r for r in batch.run(Plan([folder]), Request()) if r.outcome is Outcome.HELD]
        assert len(held) == 2
        assert faces.calls == [WIDE] * 4
        for receipt in held:
            assert receipt.path is not None
            done = batch.again(receipt.path, COVERED)
            assert done.outcome is Outcome.EXPORTED
    assert sorted(faces.calls) == [WIDE] * 4 + [EXPORT] * 2


def test_a_photo_at_the_page_is_seen_once_however_often_it_is_answered(
    photo: Path, tmp_path: Path
) -> None:
    faces = CountingDetector(SpotDetector(SPOT), tmp_path / "asked")
    session, dropped = FakeSession.with_faces(faces), Dropped(photo.read_bytes(), "a.jpg")
    bench = Bench(2)
    try:
        held = bench.prepare(dropped, session, Request()).result(120)
        assert held.receipt.outcome is Outcome.HELD
        for _ in range(3):  # an answer each
            again = bench.prepare(dropped, session, Request(dry_run=True)).result(120)
            assert again.receipt.held_for == held.receipt.held_for
        shown = bench.preview(dropped, session, COVERED).result(120)
        done = bench.prepare(dropped, session, COVERED).result(120)
    finally:
        bench.close()
    assert done.receipt.outcome is Outcome.EXPORTED
    assert done.data == shown.data
    assert faces.calls == [WIDE, EXPORT]


def test_what_was_seen_is_lent_to_a_worker_that_did_not_see_it(photo: Path, tmp_path: Path) -> None:
    faces = CountingDetector(SpotDetector(SPOT), tmp_path / "asked")
    session, dropped = FakeSession.with_faces(faces), Dropped(photo.read_bytes(), "a.jpg")
    receipts = []
    for _ in range(2):
        bench = Bench(1)  # another one: as if the photo had been let go
        try:
            done = bench.prepare(dropped, session, Request(dry_run=True)).result(120)
        finally:
            bench.close()
        receipts.append(done.receipt)
        dropped = dataclasses.replace(dropped, turn=done.turn)
    assert faces.calls == [WIDE]
    assert receipts[0].held_for == receipts[1].held_for != ()
    other = Dropped(encoded(scene(1600, 1000)), "b.jpg", turn=dropped.turn)
    bench = Bench(1)
    try:
        bench.prepare(other, session, Request(dry_run=True)).result(120)
    finally:
        bench.close()
    assert faces.calls == [WIDE, WIDE]  # nothing is lent to another photo


@dataclass(frozen=True)
class Broken(FakeSession):
    """A session in which something of ours is wrong."""

    def equipment(self, policy: Policy) -> Equipment:
        del policy
        assert isinstance(self.faces, FailingDetector)
        raise self.faces.problem


@pytest.mark.parametrize(
    ("trouble", "code"), [(KeyError("needle"), ExitCode.BUG), (MemoryError(), ExitCode.INPUT)]
)
def test_a_fault_of_ours_has_one_exit_code_on_every_road(
    photo: Path, trouble: Exception, code: ExitCode
) -> None:
    session = Broken.with_faces(FailingDetector("faces", Flag.FACE, trouble))
    bench = Bench(1)
    try:
        (task,) = Plan([photo])
        dropped = bench.prepare(Dropped(photo.read_bytes(), "a.jpg"), session, Request())
        typed = bench.prepare(task, session, Request())
        with Batch(session) as batch:
            (run,) = batch.run(Plan([photo]), Request())
        (streamed,) = Stream(session, str(photo), photo.parent, OpenPhotos()).run(Request())
        receipts = [dropped.result(120).receipt, typed.result(120).receipt, run, streamed]
    finally:
        bench.close()
    for receipt in receipts:
        assert receipt.exit_code is code
        assert "needle" not in str(receipt.to_json())
