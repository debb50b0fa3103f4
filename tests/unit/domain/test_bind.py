from __future__ import annotations

import pytest
from unit.ledger import office

from imu_imageprep.domain.answers import Anchor, Confirmation, HandDrawnFinding, bound_to_all
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.by_hand import BY_HAND, CONFIRMED, told_as, with_drawn
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


def doubtful(
    box: Box | None = None, model: str = "m2", flag: Flag | None = Flag.CLINICAL
) -> Examination:
    doubt = Finding("doubt", 0.4, box, "clinical")
    return Examination("clinical", flag, model, Looked((doubt,), 0.4))


def confirmed(box: Box | None = None, model: str = "m2") -> Confirmation:
    return Confirmation(Anchor(office.PHOTO, "doubt", box, model), "A Clerk")


@pytest.mark.parametrize("box", [None, LEFT])
def test_a_confirmed_doubt_is_a_clinical_scene_that_somebody_saw(box: Box | None) -> None:
    clinical, by_hand = with_drawn(numbered((doubtful(box),)), (confirmed(box),), Policy())
    assert clinical.findings == ()
    assert (by_hand.detector, by_hand.flag, by_hand.model) == (BY_HAND, None, None)
    assert by_hand.findings == (
        Finding("clinical", 1.0, box, None, "clinical-1", reason=CONFIRMED),
    )
    bound = Anchor.of(office.PHOTO, by_hand.findings[0], by_hand.model)
    assert told_as(confirmed(box)).matches(bound)


@pytest.mark.parametrize("flags", [Flags(clinical=Level.NOTE), Flags(doubt=Level.OFF), Flags()])
@pytest.mark.parametrize("found", [(), (doubtful(model="m3"),), (doubtful(LEFT),)])
def test_what_was_confirmed_holds_whatever_the_check_makes_of_it_now(
    found: tuple[Examination, ...], flags: Flags
) -> None:
    seen = with_drawn(found, (confirmed(),), Policy(flags=flags))
    assert [finding.kind for exam in seen for finding in exam.findings] == ["clinical"]
    assert seen[-1].flag is None


def test_said_again_it_is_told_once() -> None:
    once = with_drawn((doubtful(),), (confirmed(),), Policy())
    assert with_drawn((doubtful(),), (confirmed(), confirmed()), Policy()) == once
    assert with_drawn(once, (confirmed(),), Policy()) == once


def test_a_foreign_doubt_stays_unless_it_was_meant() -> None:
    foreign = doubtful(RIGHT, "x", None)
    other, _ = with_drawn((foreign,), (confirmed(LEFT, "x"),), Policy())
    assert [finding.kind for finding in other.findings] == ["doubt"]
    meant, _ = with_drawn((foreign,), (confirmed(RIGHT, "x"),), Policy())
    assert meant.findings == ()


def test_only_a_doubt_can_be_confirmed_and_none_is_drawn() -> None:
    assert list(confirmed().problems()) == []
    face = Confirmation(Anchor(office.PHOTO, "face", LEFT, "m1"), "A Clerk")
    assert list(face.problems()) == ["Only a doubt can be confirmed."]
    assert list(Confirmation(confirmed().seen, " ").problems()) != []
    (problem,) = HandDrawnFinding(Anchor(office.PHOTO, "doubt", LEFT), "A Clerk").problems()
    assert problem == (
        "What is drawn by hand is one of: face, clinical, place, source, code, text, person."
    )
