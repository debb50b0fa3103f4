from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from fakes import FailingDetector, FakeDetector, SpotDetector, damaged_model
from pictures import SPOT, scene

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.doubting import READ
from imu_imageprep.domain.finding import Cue, DidNotLook, Finding, Flag, Looked, Scan
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import FaceRules, Flags, Level, Policy
from imu_imageprep.ports import Detector
from imu_imageprep.stages.look import look, look_again, look_closer

PHOTO = Photo(np.zeros((6, 8, 3), np.uint8), Size(8, 6))
FACES = FakeDetector("faces", Flag.FACE, (Finding("face", 0.9, Box(0.1, 0.1, 0.2, 0.2)),))
CLINICAL = FakeDetector("clinical", Flag.CLINICAL)
CREDIT = FakeDetector("credit", Flag.SOURCE, model=None)
CODES = FakeDetector("codes", Flag.CODE, model=None)
TEXT = FakeDetector("text", Flag.TEXT)
ALL: tuple[Detector, ...] = (FACES, CLINICAL, CREDIT, CODES, TEXT)


def scans(detectors: tuple[Detector, ...], policy: Policy | None = None) -> dict[str, object]:
    return {e.detector: e.scan for e in look(PHOTO, Metadata(), detectors, policy or Policy())}


def test_every_detector_answers() -> None:
    answers = scans(ALL)
    assert list(answers) == ["faces", "clinical", "credit", "codes", "text"]
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
    assert list(answers) == ["faces", "credit", "codes", "text"]


def test_a_third_partys_detector_is_always_asked() -> None:
    third = FakeDetector("tattoos", None, (Finding("tattoo", 0.5),))
    off = Flags(
        face=Level.OFF, clinical=Level.OFF, source=Level.OFF, code=Level.OFF, text=Level.OFF
    )
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


class NearSighted(SpotDetector):
    """Sees a face only where the view is no larger than a default export."""

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        if max(photo.size) > 900:
            return Looked((), 0.0)
        return super().look(photo, metadata)


def seen_closer(detector: Detector, picture: Photo) -> Scan:
    (exam, *_) = look(picture, Metadata(), (detector,), Policy())
    return look_closer((exam,), picture, picture.size, Metadata(), (detector,))[0].scan


@pytest.mark.parametrize("place", [(30, 30), (1500, 1000), (2999, 1999), (820, 640)])
def test_what_only_the_pieces_show_is_found_where_it_lies(place: tuple[int, int]) -> None:
    x, y = place
    pixels = np.asarray(scene(3000, 2000, ((x, y, 12),)))
    scan = seen_closer(NearSighted(SPOT), Photo(pixels, Size(3000, 2000)))
    assert isinstance(scan, Looked)
    assert [finding.id for finding in scan.findings] == ["face-1"]
    (box,) = (finding.box for finding in scan.findings)
    assert box is not None
    assert box.x * 3000 <= x <= (box.x + box.w) * 3000
    assert box.y * 2000 <= y <= (box.y + box.h) * 2000
    assert scan.score == 0.9


def test_what_the_whole_shows_stays() -> None:
    picture = Photo(np.zeros((1200, 1600, 3), np.uint8), Size(1600, 1200))
    (exam, *_) = look(picture, Metadata(), ALL, Policy())
    (closer, *_) = look_closer((exam,), picture, picture.size, Metadata(), ())
    assert closer == exam


def test_an_export_of_the_default_size_costs_no_second_look() -> None:
    fails = FailingDetector("faces", Flag.FACE, ValueError())
    (exam, *_) = look(PHOTO, Metadata(), ALL, Policy())
    assert look_closer((exam,), PHOTO, Size(800, 600), Metadata(), (fails,)) == (exam,)


def test_a_piece_that_cannot_be_checked_is_not_checked() -> None:
    class Tires(SpotDetector):
        def look(self, photo: Photo, metadata: Metadata) -> Scan:
            if max(photo.size) < 900:
                raise ValueError
            return super().look(photo, metadata)

    scan = seen_closer(Tires(SPOT), Photo(np.asarray(scene(1600, 1200)), Size(1600, 1200)))
    assert isinstance(scan, DidNotLook)


def test_a_scene_is_judged_by_the_whole_alone() -> None:
    picture = Photo(np.zeros((1200, 1600, 3), np.uint8), Size(1600, 1200))
    clinical = FakeDetector("clinical", Flag.CLINICAL, (Finding("clinical", 0.8),))
    exams = look(picture, Metadata(), (*ALL[:1], clinical, *ALL[2:]), Policy())
    fails = FailingDetector("clinical", Flag.CLINICAL, ValueError())
    assert look_closer(exams, picture, picture.size, Metadata(), (fails,)) == exams


@dataclass(frozen=True)
class Unsure(FakeDetector):
    """A clinical check that doubts from a score on."""

    doubted_from: float = 0.3

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del photo, metadata
        return Looked(self.finds, self.score, doubted_from=self.doubted_from)


class Reads(FakeDetector):
    """Reads words of a clinical place."""

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        del photo, metadata
        return Looked((), 0.0, frozenset({Cue.CLINICAL_WORDS}))


def test_words_that_can_be_read_raise_a_photo_to_a_doubt() -> None:
    unsure = Unsure("clinical", Flag.CLINICAL, score=0.2)
    without = look(PHOTO, Metadata(), (FACES, unsure, CREDIT, CODES, TEXT), Policy())
    assert without[1].findings == ()
    exams = look(
        PHOTO, Metadata(), (FACES, unsure, CREDIT, CODES, Reads("text", Flag.TEXT)), Policy()
    )
    (doubt,) = exams[1].findings
    assert (doubt.id, doubt.kind, doubt.reason) == ("doubt-1", "doubt", READ)
    assert isinstance(exams[1].scan, Looked)
    assert exams[1].scan.own == 0.2 < exams[1].scan.score


def test_a_check_that_did_not_look_is_told_once() -> None:
    answers = scans((FACES, CREDIT, CODES, TEXT))
    assert list(answers) == ["faces", "credit", "codes", "text", "clinical"]
    assert isinstance(answers["clinical"], DidNotLook)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_threshold_that_is_no_number_is_no_answer(bad: float) -> None:
    unsure = Unsure("clinical", Flag.CLINICAL, doubted_from=bad)
    assert isinstance(scans((FACES, unsure, CREDIT))["clinical"], DidNotLook)


PERSON = Finding("person", 0.9, Box(0.5, 0.1, 0.2, 0.8))
CROWD = FakeDetector("faces", Flag.FACE, (*FACES.finds, PERSON))


@pytest.mark.parametrize("level", [Level.NOTE, Level.HOLD])
def test_somebody_without_a_face_is_noted_unless_that_is_to_hold(level: Level) -> None:
    policy = Policy(faces=FaceRules(person=level))
    theirs = FakeDetector("crowds", None, (PERSON,))
    exam, *_, other = look(PHOTO, Metadata(), (CROWD, *ALL[1:], theirs), policy)
    assert [(f.id, f.noted) for f in exam.findings] == [
        ("face-1", False),
        ("person-1", level is Level.NOTE),
    ]
    # Another's detector holds whatever it finds.
    assert [f.noted for f in other.findings] == [False]


def test_what_a_detector_says_of_people_cannot_be_noted_by_itself() -> None:
    noted = Finding("person", 0.9, PERSON.box, noted=True)
    assert isinstance(scans((FakeDetector("faces", Flag.FACE, (noted,)),))["faces"], DidNotLook)


def test_a_part_of_a_picture_shows_nobody_new() -> None:
    large = Photo(np.zeros((3000, 4000, 3), np.uint8), Size(4000, 3000))
    exams = look(large, Metadata(), (CROWD,), Policy(), flags=(Flag.FACE,))
    (exam,) = look_closer(exams, large, large.size, Metadata(), (CROWD,))
    kinds = [finding.kind for finding in exam.findings]
    assert kinds.count("person") == 1
    assert kinds.count("face") > 1


def test_whose_face_was_covered_is_not_held_for_the_rest() -> None:
    policy = Policy(faces=FaceRules(person=Level.HOLD))
    exams = look_again(PHOTO, Metadata(), (CROWD, TEXT), policy)
    assert [finding.kind for exam in exams for finding in exam.findings] == ["face"]
