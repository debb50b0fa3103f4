"""What leaves by a last look is the picture that was looked at, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeDetector, FixedClock, MemoryLedger, SpotDetector
from pictures import SPOT, encoded, scene

from imu_imageprep import pipeline
from imu_imageprep.domain.answers import LastLook, Look
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.pipeline import Equipment
from imu_imageprep.request import Request, Target
from imu_imageprep.stages.read import from_bytes

FACES = ("faces",)
SPOTTED = encoded(scene(1600, 1000, ((800, 500, 60),)))


@pytest.fixture
def equipment() -> Equipment:
    others = (
        FakeDetector("clinical", Flag.CLINICAL),
        FakeDetector("credit", Flag.SOURCE),
        FakeDetector("codes", Flag.CODE),
        FakeDetector("text", Flag.TEXT),
    )
    return Equipment(Policy(), (SpotDetector(SPOT), *others), MemoryLedger(), FixedClock())


def prepared(data: bytes, request: Request, equipment: Equipment, folder: Path) -> Receipt:
    source = from_bytes(data, Policy().limits)
    return pipeline.prepare(source, request, Target(folder, "photo"), equipment)


def test_what_was_covered_waits_for_a_look_and_what_had_nothing_does_not(
    equipment: Equipment, tmp_path: Path
) -> None:
    covered = Request(redact=FACES, look_first=True)
    waits = prepared(SPOTTED, covered, equipment, tmp_path / "out")
    assert (waits.outcome, waits.export) == (Outcome.CLEAR, None)
    assert not (tmp_path / "out").exists()
    plain = prepared(encoded(scene()), Request(look_first=True), equipment, tmp_path / "out")
    assert (plain.outcome, plain.last_look) == (Outcome.EXPORTED, None)
    held = prepared(SPOTTED, Request(look_first=True), equipment, tmp_path / "out")
    assert held.outcome is Outcome.HELD


def test_only_the_picture_that_was_looked_at_leaves(equipment: Equipment, tmp_path: Path) -> None:
    before = prepared(SPOTTED, Request(redact=FACES), equipment, tmp_path / "before")
    assert before.export is not None
    assert before.source is not None
    look = Look(before.source.sha256, before.export.sha256, "Tan", at="2026-03-04", ref="K-1")
    same = Request(redact=FACES, look_first=True, look=look)
    done = prepared(SPOTTED, same, equipment, tmp_path / "out")
    assert done.last_look == LastLook("Tan", "2026-03-04", "K-1")
    assert done.request == before.request  # the same export, whoever looked
    other = Request(redact=FACES, boxes=((0, 0, 90, 90),), look_first=True, look=look)
    with pytest.raises(InputProblem, match="changed since it was looked at"):
        prepared(SPOTTED, other, equipment, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("look", "problem"),
    [
        (Look("5" * 64, "e" * 64), "By"),
        (Look("5" * 64, "x", "Tan"), "picture"),
        (Look("", "e" * 64, "Tan"), "photo"),
    ],
)
def test_a_look_has_a_photo_a_picture_and_a_name(look: Look, problem: str) -> None:
    assert any(problem in one for one in look.problems())
