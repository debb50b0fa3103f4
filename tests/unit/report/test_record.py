from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path

import pytest
from fakes import FakeSession, FixedClock, SpotDetector
from pictures import SPOT, encoded, scene
from unit.report import receipts as made

from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.report import folder as reports
from imu_imageprep.report.record import LastRun
from imu_imageprep.request import Request


def test_the_record_is_json_for_its_owner_alone(tmp_path: Path) -> None:
    ledger = tmp_path / "data" / "ledger.db"
    with reports.recorded([tmp_path], made.POLICY, FixedClock(), ledger=ledger) as record:
        record.add(made.held(tmp_path / "a.jpg", made.FACE))
        record.add(made.failed(tmp_path / "b.jpg"))
        record.passed_over = 3
    path = ledger.with_name("last-run.json")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["last-run.json"]
    whole = json.loads(path.read_text("ascii"))
    assert [photo["outcome"] for photo in whole["photos"]] == ["held", "failed"]
    assert whole["end"]["counts"] == {"held": 1, "failed": 1}
    assert whole["end"]["passed_over"] == 3
    assert whole["end"]["not_checked"] == ["code"]
    assert made.NEEDLE not in path.read_text("ascii")


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    odd = tmp_path / "\udcff \u202e\n{}.jpg"
    with reports.recorded(
        [tmp_path], made.POLICY, FixedClock(), ledger=tmp_path / "l.db"
    ) as record:
        record.add(made.held(odd, made.WARD))
        record.add(made.failed(tmp_path / "b.jpg"))
        record.interrupted = True
    run = made.last_run(tmp_path)
    assert run.ended.interrupted
    first, second = run.entries()
    assert first.path == str(odd)
    assert first.why == ["a scene that looks clinical (ward)"]
    assert first.needs == ["needs the consent of each patient shown and the place's permission"]
    assert [entry.name for entry in run.entries(Outcome.FAILED)] == [second.name]
    assert list(run.entries(Outcome.EXPORTED)) == []


def test_a_run_without_photos_has_a_record(tmp_path: Path) -> None:
    with reports.recorded([tmp_path], made.POLICY, FixedClock(), ledger=tmp_path / "l.db"):
        pass
    assert list(made.last_run(tmp_path).entries()) == []


def test_a_run_that_breaks_leaves_the_record_before_it(tmp_path: Path) -> None:
    ledger = tmp_path / "l.db"
    with reports.recorded([tmp_path], made.POLICY, FixedClock(), ledger=ledger) as record:
        record.add(made.failed(tmp_path / "a.jpg"))
    with (
        pytest.raises(ZeroDivisionError),
        reports.recorded([tmp_path], made.POLICY, FixedClock(), ledger=ledger),
    ):
        raise ZeroDivisionError
    assert made.last_run(tmp_path).ended.counts == {"failed": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["last-run.json"]


def test_a_run_that_cannot_be_remembered_is_still_a_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    ledger = tmp_path / "file" / "ledger.db"
    with reports.recorded([tmp_path], made.POLICY, FixedClock(), ledger=ledger) as record:
        record.add(made.failed(tmp_path / "a.jpg"))
    report = tmp_path / "report"
    with (
        pytest.raises(OutputProblem),
        reports.recorded([], made.POLICY, FixedClock(), ledger=ledger, report=report),
    ):
        raise AssertionError  # never begun


def test_no_run_and_a_damaged_record_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no run to report on"):
        made.last_run(tmp_path)
    for damage in ("", "{}", '{"run": {"begun": "x"}}\n', '{"run": {}, "photos": [\n'):
        (tmp_path / "last-run.json").write_text(damage, "ascii")
        with pytest.raises(InputProblem):
            made.last_run(tmp_path)


def test_commands_answer_what_holds(tmp_path: Path) -> None:
    face = made.held(tmp_path / "face.jpg", made.FACE)
    both = made.held(tmp_path / "both.jpg", made.FACE, made.WARD)
    by_hand = dataclasses.replace(face, held_for=())
    with reports.recorded(
        [tmp_path], made.POLICY, FixedClock(), ledger=tmp_path / "l.db"
    ) as record:
        for receipt in (face, both, by_hand):
            record.add(receipt)
    told = [entry.commands for entry in made.last_run(tmp_path).entries()]
    assert told == [
        ["imageprep PHOTO --redact faces"],
        [
            "imageprep consent use C-REF --patients N --by NAME --photo PHOTO --finding clinical-1",
            "imageprep consent use P-REF --by NAME --photo PHOTO --finding clinical-1",
            "imageprep PHOTO --redact faces",
        ],
        [],
    ]


def test_a_real_run_is_recorded_photo_for_photo(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "clear.jpg").write_bytes(encoded(scene(300, 200)))
    (photos / "spot.jpg").write_bytes(encoded(scene(300, 200, ((150, 100, 20),))))
    (photos / "text.jpg").write_bytes(b"no photo at all, but a letter")
    batch = Batch(FakeSession.with_faces(SpotDetector(SPOT)), 1)
    with reports.recorded([photos], Policy(), FixedClock(), ledger=tmp_path / "l.db") as record:
        for receipt in batch.run(Plan([photos]), Request()):
            record.add(receipt)
    last: LastRun = made.last_run(tmp_path)
    outcomes = {Path(entry.name).as_posix(): entry.outcome for entry in last.entries()}
    assert outcomes == {
        "photos/clear.jpg": "exported",
        "photos/spot.jpg": "held",
        "photos/text.jpg": "failed",
    }
    (ready,) = last.entries(Outcome.EXPORTED)
    assert ready.export_name == os.path.join("photos-web", "clear.jpg")  # noqa: PTH118
    assert Path(ready.export_path or "").is_file()
