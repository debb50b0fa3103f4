from __future__ import annotations

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import (
    LONG_NUMBER,
    SMALL_TEXT,
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    numbered,
    text_noted,
)
from imu_imageprep.domain.needs import Need, needs_of


def test_faces_are_numbered_from_left_to_right() -> None:
    right, left = (
        Finding("face", 0.9, Box(0.8, 0, 0.1, 0.1)),
        Finding("face", 0.3, Box(0.1, 0.5, 0.1, 0.1)),
    )
    (exam,) = numbered((Examination("faces", Flag.FACE, None, Looked((right, left), 0.9)),))
    assert [(f.id, f.score) for f in exam.findings] == [("face-1", 0.3), ("face-2", 0.9)]


def test_a_blind_scan_passes_through() -> None:
    blind = Examination("faces", Flag.FACE, None, DidNotLook("no model"))
    assert numbered((blind,)) == (blind,)
    assert blind.findings == ()


def test_an_unknown_kind_needs_a_look() -> None:
    assert needs_of("tattoo") == (Need.LOOK,)
    assert needs_of("clinical") == (Need.PATIENT_CONSENT, Need.PLACE_PERMISSION)


FACE = Finding("face", 0.9, Box(0.4, 0.2, 0.1, 0.2))
TAG = Finding("text", 0.9, Box(0.42, 0.6, 0.06, 0.02), SMALL_TEXT)


def noted(*texts: Finding, faces: tuple[Finding, ...] = (FACE,)) -> list[tuple[str | None, bool]]:
    exams = (
        Examination("faces", Flag.FACE, None, Looked(faces, 0.9)),
        Examination("text", Flag.TEXT, None, Looked(texts, 0.9)),
    )
    first, exam = text_noted(exams)
    assert first is exams[0]
    return [(finding.label, finding.noted) for finding in exam.findings]


def test_long_numbers_are_noted_and_names_are_not() -> None:
    number, name = (Finding("text", 0.9, TAG.box, label) for label in (LONG_NUMBER, "name"))
    assert noted(number, name, faces=()) == [(LONG_NUMBER, True), ("name", False)]


def test_small_text_counts_where_a_name_is_worn() -> None:
    assert noted(TAG) == [(SMALL_TEXT, True)]
    assert noted(TAG, faces=()) == []
    elsewhere = (
        Box(0.42, 0.3, 0.06, 0.02),  # on the face
        Box(0.42, 0.05, 0.06, 0.02),  # above it
        Box(0.8, 0.6, 0.06, 0.02),  # beside
        Box(0.42, 0.6, 0.06, 0.06),  # too large
    )
    assert noted(*(Finding("text", 0.9, box, SMALL_TEXT) for box in elsewhere)) == []


def test_other_peoples_detectors_always_hold() -> None:
    theirs = Examination("tags", None, None, Looked((TAG,), 0.9))
    assert text_noted((theirs,)) == (theirs,)
    blind = Examination("text", Flag.TEXT, None, DidNotLook("no model"))
    assert text_noted((blind,)) == (blind,)
