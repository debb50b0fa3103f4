from __future__ import annotations

import math

import numpy as np
import pytest
from fakes import FailingDetector, FakeDetector, damaged_model

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import DidNotLook, Finding, Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Flags, Level, Policy
from imu_imageprep.ports import Detector
from imu_imageprep.stages.look import look

PHOTO = Photo(np.zeros((6, 8, 3), np.uint8), Size(8, 6))
FACES = FakeDetector("faces", Flag.FACE, (Finding("face", 0.9, Box(0.1, 0.1, 0.2, 0.2)),))
CLINICAL = FakeDetector("clinical", Flag.CLINICAL)
CREDIT = FakeDetector("credit", Flag.SOURCE, model=None)
CODES = FakeDetector("codes", Flag.CODE, model=None)
ALL: tuple[Detector, ...] = (FACES, CLINICAL, CREDIT, CODES)


def scans(detectors: tuple[Detector, ...], policy: Policy | None = None) -> dict[str, object]:
    return {e.detector: e.scan for e in look(PHOTO, Metadata(), detectors, policy or Policy())}


def test_every_detector_answers() -> None:
    answers = scans(ALL)
    assert list(answers) == ["faces", "clinical", "credit", "codes"]
    assert all(isinstance(scan, Looked) for scan in answers.values())


def test_findings_are_numbered() -> None:
    (exam, *_) = look(PHOTO, Metadata(), ALL, Policy())
    assert [finding.id for finding in exam.findings] == ["face-1"]
    assert exam.model == "0123456789ab"


@pytest.mark.parametrize(
    "problem", [ValueError("secret"), MemoryError(), RecursionError(), SystemError()]
)
def test_whatever_a_detector_raises_it_did_not_look(problem: Exception) -> None:
    answers = scans((FailingDetector("faces", Flag.FACE, problem), CLINICAL, CREDIT))
    assert isinstance(answers["faces"], DidNotLook)
    assert "secret" not in answers["faces"].reason
    assert isinstance(answers["clinical"], Looked)


def test_a_damaged_model_says_so_with_its_code() -> None:
    scan = scans((damaged_model(), CLINICAL, CREDIT))["faces"]
    assert scan == DidNotLook("The model file is damaged.", 3)


def test_a_check_without_a_detector_was_not_made() -> None:
    answers = scans((FACES, CREDIT))
    assert isinstance(answers["clinical"], DidNotLook)


def test_a_check_that_is_off_is_not_made() -> None:
    answers = scans(ALL, Policy(flags=Flags(clinical=Level.OFF)))
    assert list(answers) == ["faces", "credit", "codes"]


def test_a_third_partys_detector_is_always_asked() -> None:
    third = FakeDetector("tattoos", None, (Finding("tattoo", 0.5),))
    off = Flags(face=Level.OFF, clinical=Level.OFF, source=Level.OFF, code=Level.OFF)
    assert list(scans((*ALL, third), Policy(flags=off))) == ["tattoos"]


@pytest.mark.parametrize(
    "answer",
    [
        Looked((), math.nan),
        Looked((Finding("face", math.inf),), 1.0),
        Looked((Finding("face", 0.5, Box(math.nan, 0, 1, 1)),), 1.0),
        Looked((Finding("face", 0.5, noted=True),), 1.0),
        None,
        [],
    ],
)
def test_nonsense_is_not_an_answer(answer: Looked) -> None:
    class Nonsense(FakeDetector):
        def look(self, photo: Photo, metadata: Metadata) -> Looked:
            del photo, metadata
            return answer

    assert isinstance(scans((Nonsense("faces", Flag.FACE), CLINICAL, CREDIT))["faces"], DidNotLook)


def test_one_check_can_be_asked_alone() -> None:
    exams = look(PHOTO, Metadata(), ALL, Policy(), flags=(Flag.FACE,))
    assert [exam.detector for exam in exams] == ["faces"]
