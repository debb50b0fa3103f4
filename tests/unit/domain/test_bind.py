from __future__ import annotations

from unit.ledger import office

from imu_imageprep.domain.answers import Anchor, HandDrawnFinding, bound_to_all
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.by_hand import BY_HAND, with_drawn
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.policy import Flags, Level, Policy

LEFT, RIGHT = Box(0.1, 0.2, 0.1, 0.1), Box(0.6, 0.2, 0.1, 0.1)


def scene(*boxes: Box) -> tuple[Examination, ...]:
    faces = tuple(Finding("face", 0.9, box) for box in boxes)
    clinical = Finding("clinical", 0.8)
    return numbered(
        (
            Examination("faces", Flag.FACE, "m1", Looked(faces, 0.9)),
            Examination("clinical", Flag.CLINICAL, "m2", Looked((clinical,), 0.8)),
        )
    )


def drawn(box: Box) -> HandDrawnFinding:
    return HandDrawnFinding(Anchor(office.PHOTO, "face", box), "A Clerk")


def test_all_means_all_that_is_there_now() -> None:
    now = bound_to_all(office.PHOTO, scene(LEFT), Need.PERSON_CONSENT, "E-1", "A Clerk")
    (binding,) = now
    assert binding.seen == Anchor(office.PHOTO, "face", LEFT, "m1")
    assert (binding.refs, list(binding.problems())) == (("E-1",), [])
    places = bound_to_all(office.PHOTO, scene(LEFT), Need.PLACE_PERMISSION, "P-1", "A Clerk")
    assert [(one.seen.kind, one.seen.model) for one in places] == [("clinical", "m2")]


def test_a_drawn_face_is_numbered_with_the_others() -> None:
    seen = with_drawn(scene(RIGHT), (drawn(LEFT),), Policy())
    by_hand = next(exam for exam in seen if exam.detector == BY_HAND)
    assert {finding.id for exam in seen for finding in exam.findings} == {
        *("face-1", "face-2", "clinical-1")
    }
    assert (by_hand.flag, by_hand.findings[0].box) == (None, LEFT)


def test_what_is_found_and_drawn_is_told_once() -> None:
    assert with_drawn(scene(LEFT), (drawn(LEFT),), Policy()) == scene(LEFT)
    (*_, by_hand) = with_drawn((), (drawn(LEFT), drawn(LEFT)), Policy())
    assert len(by_hand.findings) == 1


def test_a_drawn_face_holds_where_detected_ones_are_only_noted() -> None:
    noted = Policy(flags=Flags(face=Level.NOTE))
    seen = with_drawn(scene(LEFT), (drawn(LEFT),), noted)
    assert [exam.detector for exam in seen] == ["faces", "clinical", BY_HAND]


def test_nothing_drawn_changes_nothing() -> None:
    before = scene(LEFT)
    assert with_drawn(before, (), Policy()) is before
