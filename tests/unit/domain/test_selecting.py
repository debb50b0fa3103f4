"""What one answer for many photos answers in each, and what stays open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from unit.ledger import office

from imu_imageprep.domain.answers import Anchor, Binding, Confirmation
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Answers, Case
from imu_imageprep.domain.decide import judge
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.selecting import (
    Cover,
    Credit,
    Dismiss,
    Name,
    Outcome,
    Saying,
    Signed,
    Stay,
    Stays,
    said_of,
)

DAY = date(2026, 3, 1)  # of the event
SIGNED = Signed("A Clerk", "sheet-480")
LEFT, RIGHT = Box(0.1, 0.2, 0.1, 0.1), Box(0.6, 0.2, 0.1, 0.1)
NOTHING = Dismiss("doubt", Need.LOOK, Reason.NOTHING_CLINICAL)


def case(*findings: Finding, prefix: str = "", answers: Answers | None = None) -> Case:
    """A photo with some findings, each of a check of its own."""
    flags = {"face": Flag.FACE, "text": Flag.TEXT, "source": Flag.SOURCE, "code": Flag.CODE}
    exams = [
        Examination(kind, flag, "m1", Looked(tuple(f for f in findings if f.kind == kind), 0.9))
        for kind, flag in flags.items()
    ]
    scenes = tuple(f for f in findings if f.kind not in flags)
    exams.append(Examination("clinical", Flag.CLINICAL, "m2", Looked(scenes, 0.9)))
    return Case(
        numbered(tuple(exams), prefix=prefix),
        answers or Answers(),
        Policy(),
        photo=office.PHOTO,
        today=DAY,
        captured=DAY,
    )


def face(box: Box = LEFT) -> Finding:
    return Finding("face", 0.9, box)


def doubt() -> Finding:
    return Finding("doubt", 0.4, None, "clinical")


def ids(outcome: Outcome) -> list[str]:
    return [one.finding.id for one in outcome.will]


def event(people: int) -> Name:
    sheet = replace(office.EVENT, ref="E-1", people=people)
    return Name(Need.PERSON_CONSENT, (sheet,), nobody_excluded=True)


def test_a_sheet_answers_as_many_faces_as_signed_and_no_others() -> None:
    two = case(face(LEFT), face(RIGHT))
    assert ids(said_of(two, event(2), SIGNED)) == ["face-1", "face-2"]
    some = said_of(two, event(1), SIGNED)
    assert len(some.will) == len(some.stays) == 1
    assert some.stays[0].why is Unfit.USED
    out = said_of(two, event(1), SIGNED, ["face-1"])
    assert (ids(out), out.stays) == (["face-2"], (Stay("face-1", Stays.EXCEPTED),))
    (binding,) = out.answers
    assert (binding.by, binding.looked) == ("A Clerk", "sheet-480")


def test_no_sheet_is_for_what_may_be_clinical() -> None:
    scene = case(face(), doubt())
    told = said_of(scene, event(9), SIGNED)
    assert (told.will, told.stays) == ((), (Stay("face-1", Unfit.CLINICAL),))
    assert ids(said_of(scene, NOTHING, SIGNED)) == ["doubt-1"]


def test_what_is_covered_already_needs_no_answer() -> None:
    covered = case(face(), answers=Answers(covered=(Box(0, 0, 1, 1),)))
    nothing = Outcome(stays=(Stay(None, Stays.NOTHING),))
    assert said_of(covered, event(9), SIGNED) == nothing
    assert said_of(case(doubt()), Cover("faces"), SIGNED) == nothing
    assert said_of(case(face()), NOTHING, SIGNED) == nothing


def test_what_shows_after_covering_is_only_covered() -> None:
    second = case(face(), prefix="second-")
    not_a_face = Dismiss("face", Need.PERSON_CONSENT, Reason.NO_FACE)
    for saying in (event(9), not_a_face):
        told = said_of(second, saying, SIGNED)
        assert (told.will, told.stays) == ((), (Stay("second-face-1", Stays.SECOND),))
    told = said_of(second, Cover("faces"), SIGNED)
    assert (ids(told), told.answers) == (["second-face-1"], ())


def test_what_has_no_place_cannot_be_covered() -> None:
    told = said_of(case(Finding("text", 0.9, None, "name")), Cover("text"), SIGNED)
    assert told.stays == (Stay("text-1", Stays.NO_PLACE),)


def test_a_credit_line_is_for_somebody_elses_picture() -> None:
    source = case(Finding("source", 1.0), face())
    assert ids(said_of(source, Credit("Photo: A. Maker"), SIGNED)) == ["source-1"]
    own = Dismiss("source", Need.CREDIT, Reason.OWN_WORK)
    assert ids(said_of(source, own, SIGNED)) == ["source-1"]


def test_who_names_records_for_a_doubt_says_that_it_is_clinical() -> None:
    place = Name(Need.PLACE_PERMISSION, (replace(office.PLACE, ref="P-1"),))
    told = said_of(case(doubt()), place, SIGNED)
    yes, binding = told.answers
    assert isinstance(yes, Confirmation)
    assert isinstance(binding, Binding)
    assert (binding.seen.kind, yes.looked) == ("clinical", "sheet-480")


def test_patients_are_as_many_as_are_named() -> None:
    patient = replace(office.PATIENT, ref="C-1")
    other = replace(patient, ref="C-2", subject="somebody else")
    scene = case(Finding("clinical", 0.9, None, "ward"))
    (binding,) = said_of(scene, Name(Need.PATIENT_CONSENT, (patient, other)), SIGNED).answers
    assert isinstance(binding, Binding)
    assert (binding.patients, binding.refs) == (2, ("C-1", "C-2"))
    alone = Binding(
        Anchor(office.PHOTO, "clinical", None, "m2"),
        Need.PATIENT_CONSENT,
        ("C-1",),
        patients=1,
        by="A Clerk",
        ref="A-1",
    )
    spoiled = replace(scene, answers=Answers(bindings=(alone,)))  # its record is not there
    told = said_of(spoiled, Name(Need.PATIENT_CONSENT, (patient, other)), SIGNED)
    assert told.stays == (Stay("clinical-1", Unfit.PATIENTS),)


@pytest.mark.parametrize("saying", [event(2), NOTHING, Cover("faces")])
def test_nothing_is_decided_here(saying: Saying) -> None:
    """The case is as it was; what is told would be answered so by the same words alone."""
    before = case(face(LEFT), face(RIGHT), doubt())
    kept = judge(before)
    said_of(before, saying, SIGNED)
    assert judge(before) == kept
