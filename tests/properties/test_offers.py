"""What is offered and what is decided cannot differ, in either direction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.scenes import (
    CAPTURED,
    EVENT,
    FLAGS,
    MODEL,
    PERMIT,
    PERSON,
    PHOTO,
    PLACES,
    RECORDS,
    TODAY,
    all_answers,
    policies,
    scenes,
)

from imu_imageprep.domain.answers import Anchor, Binding, Dismissal, Record
from imu_imageprep.domain.case import Answers, Case, Held
from imu_imageprep.domain.cover import cover_of
from imu_imageprep.domain.decide import decide, judge
from imu_imageprep.domain.finding import (
    SECOND,
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    numbered,
    offered,
)
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import Need, Reason, Rule, needs_of
from imu_imageprep.domain.offers import offers
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.trail import Listed, State

WINDOW = dataclasses.replace(PERMIT, ref="P-2", photo="", first=CAPTURED, last=CAPTURED)
FILE: list[Record] = [
    *RECORDS,
    WINDOW,
    dataclasses.replace(PERMIT, ref="P-3", place="Ward 8"),
    dataclasses.replace(EVENT, ref="E-2", people=1),
    dataclasses.replace(PERSON, ref="C-7", subject="S-7", channels=("print",)),
]
NOT_CLINICAL = tuple(
    Dismissal(Anchor(PHOTO, kind, None, MODEL), need, reason, "A Clerk", ref=f"D-{kind}-{need}-{n}")
    for n in range(2)
    for kind, need, reason in (
        ("clinical", Need.PATIENT_CONSENT, Reason.NO_PATIENT),
        ("clinical", Need.PLACE_PERMISSION, Reason.NO_CLINICAL_PLACE),
        ("place", Need.PLACE_PERMISSION, Reason.NO_CLINICAL_PLACE),
    )
)


@st.composite
def photos(draw: st.DrawFn) -> Case:
    """A photo with findings of every kind, answers and a policy; some checks are off or failed."""
    scene = []
    for exam in draw(scenes()):
        how = draw(st.sampled_from(["looked", "looked", "looked", "failed", "off"]))
        if how != "off":
            failed = dataclasses.replace(exam, scan=DidNotLook("no model"))
            scene.append(failed if how == "failed" else exam)
    examined = numbered(tuple(scene))
    answers = draw(st.just(Answers()) | all_answers(examined))
    if draw(st.booleans()):  # somebody looked: it is no clinical scene
        answers = dataclasses.replace(answers, dismissals=(*answers.dismissals, *NOT_CLINICAL))
    return Case(
        examined,
        answers,
        draw(policies),
        photo=PHOTO,
        today=TODAY,
        captured=draw(st.sampled_from([None, CAPTURED, date(2026, 5, 5)])),
    )


def listed(case: Case) -> list[Listed]:
    gone = case.answers.withdrawn
    return [
        Listed(
            one.ref, "record", State.WITHDRAWN if one.ref in gone else State.IN_FORCE, one.ref, one
        )
        for one in FILE
    ]


def needs_in(case: Case) -> Iterator[tuple[Finding, Need, Anchor]]:
    for exam in case.examinations:
        for finding in exam.findings:
            for need in needs_of(finding.kind):
                yield finding, need, Anchor(PHOTO, finding.kind, finding.box, exam.model)


def clears(case: Case, answers: Answers, finding: Finding, need: Need) -> bool:
    """Whether decide itself holds the photo no more for this need."""
    decision = decide(
        case.examinations,
        answers,
        case.policy,
        photo=case.photo,
        today=case.today,
        captured=case.captured,
    )
    held = decision.held_for if isinstance(decision, Held) else ()
    return (finding, need) not in {(one.finding, one.needs) for one in held}


def with_record(
    answers: Answers, anchor: Anchor, need: Need, record: Record, asks: frozenset[str]
) -> Answers:
    """A record, with what a person says to it and nothing else."""
    first = getattr(record, "first", None)
    said = Binding(
        anchor,
        need,
        (record.ref,),
        patients=1 if "patients" in asks else None,
        captured=first if "captured" in asks else None,
        nobody_excluded="nobody_excluded" in asks,
        by="A Clerk",
        ref="A-NEW",
    )
    others = (one for one in answers.records if one.ref != record.ref)
    return dataclasses.replace(
        answers, records=(*others, record), bindings=(*answers.bindings, said)
    )


def all_that_could_be_said(need: Need) -> frozenset[str]:
    patients = {"patients"} if need is Need.PATIENT_CONSENT else set()
    return frozenset({"captured", "nobody_excluded", *patients})


@settings(max_examples=300, deadline=None)
@given(photos())
def test_a_record_is_offered_as_fitting_exactly_where_it_clears_the_need(case: Case) -> None:
    for finding, need, anchor in needs_in(case):
        made = offers(case, finding, need, listed(case))
        fitting = {one.listed.ref: one for one in made if not one.why}
        for record in FILE:
            if record.ref in fitting:
                said = with_record(
                    case.answers, anchor, need, record, frozenset(fitting[record.ref].asks)
                )
                assert clears(case, said, finding, need), (record.ref, finding, need)
            elif not clears(case, case.answers, finding, need):
                all_said = all_that_could_be_said(need)
                said = with_record(case.answers, anchor, need, record, all_said)
                assert not clears(case, said, finding, need), (record.ref, finding, need)


def open_needs(case: Case, answers: Answers) -> int:
    decision = judge(dataclasses.replace(case, answers=answers))
    return len(decision.held_for) if isinstance(decision, Held) else 0


@settings(max_examples=300, deadline=None)
@given(photos(), st.sampled_from(Reason))
def test_a_false_alarm_a_cover_and_a_credit_are_offered_exactly_where_they_answer(
    case: Case, reason: Reason
) -> None:
    """What is not offered changes nothing; what is offered leaves fewer needs open."""
    before = open_needs(case, case.answers)
    for finding, need, anchor in needs_in(case):
        if clears(case, case.answers, finding, need):
            continue
        told = offered(finding, need)
        said = Dismissal(anchor, need, reason, "A Clerk", ref="D-NEW")
        dismissals = (*case.answers.dismissals, said)
        after = open_needs(case, dataclasses.replace(case.answers, dismissals=dismissals))
        assert (after < before) == (reason in told.reasons)
        drawn = () if finding.box is None else (cover_of(finding.box, finding.kind),)
        covered = dataclasses.replace(case.answers, covered=(*case.answers.covered, *drawn))
        assert clears(case, covered, finding, need) == told.covering
        credited = dataclasses.replace(case.answers, credit="Photo: an agency")
        assert clears(case, credited, finding, need) == told.credit


FACE = Finding("face", 0.9, PLACES[0])
WARD = Finding("clinical", 0.9, None, "ward")


def photo_of(*found: tuple[str, Finding | None], **changes: object) -> Case:
    exams = tuple(
        Examination(kind, FLAGS[kind], MODEL, Looked((one,) if one else (), 0.9))
        for kind, one in found
    )
    case = Case(numbered(exams), Answers(), Policy(), PHOTO, TODAY, CAPTURED)
    return dataclasses.replace(case, **changes)  # type: ignore[arg-type]


def sheet(case: Case) -> tuple[Unfit, ...]:
    """Why the event's sheet would not answer for the face."""
    face = next(f for exam in case.examinations for f in exam.findings if f.kind == "face")
    on_file = Listed("E-1", "event-consent", State.IN_FORCE, "", EVENT)
    (offer,) = offers(case, face, Need.PERSON_CONSENT, [on_file])
    assert offer.asks == ("nobody_excluded",)
    return offer.why


def test_an_event_sheet_is_not_offered_where_nobody_looked_for_clinical_scenes() -> None:
    assert sheet(photo_of(("face", FACE), ("clinical", None))) == ()
    assert sheet(photo_of(("face", FACE))) == (Unfit.CLINICAL,)


def test_an_event_sheet_is_offered_where_the_clinical_scene_was_ruled_out() -> None:
    case = photo_of(("face", FACE), ("clinical", WARD))
    assert sheet(case) == (Unfit.CLINICAL,)
    ward = Anchor(PHOTO, "clinical", None, MODEL)
    ruled_out = (
        Dismissal(ward, Need.PATIENT_CONSENT, Reason.NO_PATIENT, "Tan", ref="D-1"),
        Dismissal(ward, Need.PLACE_PERMISSION, Reason.NO_CLINICAL_PLACE, "Tan", ref="D-2"),
    )
    assert sheet(dataclasses.replace(case, answers=Answers(dismissals=ruled_out))) == ()


def test_reasons_are_those_of_what_is_said_now() -> None:
    """An earlier answer, which did not say that somebody looked, tells no reason here."""
    case = photo_of(("face", FACE))
    earlier = Binding(
        Anchor(PHOTO, "face", FACE.box, MODEL), Need.PERSON_CONSENT, ("E-1",), by="A", ref="A-1"
    )
    assert sheet(
        dataclasses.replace(case, answers=Answers(records=(EVENT,), bindings=(earlier,)))
    ) == (Unfit.CLINICAL,)


@pytest.mark.parametrize("flag", [Flag.FACE, None])
def test_what_shows_only_in_the_finished_picture_is_covered_and_nothing_else(
    flag: Flag | None,
) -> None:
    exams = numbered((Examination("faces", flag, MODEL, Looked((FACE,), 0.9)),), prefix=SECOND)
    case = Case(exams, Answers(), Policy(), PHOTO, TODAY, CAPTURED)
    (face,) = exams[0].findings
    assert offers(case, face, Need.PERSON_CONSENT, listed(case)) == ()
    assert offered(face, Need.PERSON_CONSENT) == Rule(Need.PERSON_CONSENT, covering=True)
