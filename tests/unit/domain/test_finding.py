from __future__ import annotations

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked, numbered
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
