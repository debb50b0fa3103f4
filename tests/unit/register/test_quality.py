"""Which photos are fit to know a person by; every refusal says what to take again."""

from __future__ import annotations

import pytest
from unit.register.team import enrolled, faces

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked
from imu_imageprep.domain.recognition import Measured
from imu_imageprep.register.faces import Flaw, flaws_among, flaws_between, flaws_of, only_face

FACE = Finding("face", 0.9, Box(0.1, 0.1, 0.5, 0.5))


def seen(*findings: Finding) -> tuple[Examination, ...]:
    return (Examination("all", Flag.FACE, "m", Looked(findings, 0.9)),)


def test_one_face_is_taken() -> None:
    assert only_face(seen(FACE)) == FACE


@pytest.mark.parametrize(
    ("exams", "says"),
    [
        (seen(), "no face"),
        (seen(FACE, FACE), "2 faces"),
        (seen(FACE, Finding("clinical", 0.6)), "clinical"),
        (seen(FACE, Finding("place", 1.0)), "clinical"),
        ((Examination("faces", Flag.FACE, None, DidNotLook("no model")),), "no model"),
    ],
)
def test_other_photos_are_refused(exams: tuple[Examination, ...], says: str) -> None:
    why = only_face(exams)
    assert isinstance(why, str)
    assert says in why


def face(at: float = 0.0, **changes: float) -> Measured:
    values = {"side": 200.0, "sharpness": 100.0, "turned": 0.0, "tilted": 0.0} | changes
    return Measured((at, *[0.0] * 127), **values)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"side": 79.0}, "closer"),
        ({"turned": 0.3}, "look at the camera"),
        ({"tilted": 30.0}, "upright"),
        ({"sharpness": 5.0}, "blurred"),
    ],
)
def test_a_flaw_says_what_to_do(changes: dict[str, float], says: str) -> None:
    (flaw,) = flaws_of(face(**changes))
    assert says in flaw


def test_a_good_face_has_none() -> None:
    assert not list(flaws_of(face()))


def test_photos_are_compared_with_each_other() -> None:
    assert not list(flaws_between([face(0.0), face(0.3), face(0.5)]))
    (few,) = flaws_between([face(0.0), face(0.3)])
    assert few.photo is None
    assert "at least 3" in few.what
    (twice,) = flaws_between([face(0.0), face(0.3), face(0.05)])
    assert twice == Flaw(2, "it is nearly the same picture as photo 1: take one on another day")
    (other,) = flaws_between([face(0.0), face(0.3), face(0.9)])
    assert other == Flaw(2, "it does not look like the person in the other photos")


def test_a_photo_without_a_face_is_counted_but_not_compared() -> None:
    assert not list(flaws_between([face(0.0), None, face(0.3)]))


def test_who_would_be_mixed_up_is_named() -> None:
    assert not list(flaws_among(faces("A"), [enrolled("B")]))
    (flaw,) = flaws_among(faces("A"), [enrolled("A"), enrolled("B")])
    assert flaw.what.startswith("A in the register looks so alike")
