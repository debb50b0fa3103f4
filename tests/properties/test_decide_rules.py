"""What must hold of every decision, whatever was found and whatever people answered."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from properties.scenes import (
    FLAGS,
    MODEL,
    PERSON,
    PHOTO,
    PLACES,
    RECORDS,
    REFS,
    TODAY,
    all_answers,
    cases,
    decided,
    policies,
    scenes,
)

from imu_imageprep.domain.answers import Anchor, Binding, Confirmation, Dismissal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.by_hand import with_drawn
from imu_imageprep.domain.case import Answers, Cleared, Held
from imu_imageprep.domain.consent import (
    ConsentRecord,
    Form,
    Kind,
    Known,
    Purpose,
    Relation,
)
from imu_imageprep.domain.decide import decide
from imu_imageprep.domain.doubting import with_evidence
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import KINDS, Need, Reason
from imu_imageprep.domain.policy import Level, Policy


@settings(max_examples=250, deadline=None)
@given(cases, policies, st.data())
def test_removing_an_answer_never_clears(
    case: tuple[tuple[Examination, ...], Answers], policy: Policy, data: st.DataObject
) -> None:
    scene, answers = case
    part = data.draw(st.sampled_from(["records", "bindings", "dismissals", "covered"]))
    given_part = getattr(answers, part)
    assume(given_part)
    at = data.draw(st.integers(0, len(given_part) - 1))
    fewer = dataclasses.replace(answers, **{part: given_part[:at] + given_part[at + 1 :]})
    if isinstance(decided(scene, fewer, policy), Cleared):
        assert isinstance(decided(scene, answers, policy), Cleared)


@settings(max_examples=250, deadline=None)
@given(cases, policies, st.sampled_from([*REFS, "A-0", "A-1", "A-2", "D-0", "D-1"]))
def test_a_withdrawal_or_an_erasure_never_clears(
    case: tuple[tuple[Examination, ...], Answers], policy: Policy, ref: str
) -> None:
    scene, answers = case
    before = decided(scene, answers, policy)
    withdrawn = dataclasses.replace(answers, withdrawn=answers.withdrawn | {ref})
    erased = dataclasses.replace(answers, erased=frozenset({ref}))
    for after in (decided(scene, withdrawn, policy), decided(scene, erased, policy)):
        if isinstance(after, Cleared):
            assert isinstance(before, Cleared)
            assert ref not in after.relied_on


@settings(max_examples=250, deadline=None)
@given(cases, policies)
def test_what_cleared_a_photo_is_told_and_stands(
    case: tuple[tuple[Examination, ...], Answers], policy: Policy
) -> None:
    scene, answers = case
    decision = decided(scene, answers, policy)
    assume(isinstance(decision, Cleared))
    assert isinstance(decision, Cleared)
    assert answers.withdrawn.isdisjoint(decision.relied_on)
    told = dataclasses.replace(
        answers,
        records=tuple(one for one in answers.records if one.ref in decision.relied_on),
        bindings=tuple(one for one in answers.bindings if one.ref in decision.relied_on),
        dismissals=tuple(one for one in answers.dismissals if one.ref in decision.relied_on),
    )
    flags = policy.flags
    if all(level is Level.HOLD for level in (flags.face, flags.clinical, flags.doubt)):
        assert isinstance(decided(scene, told, policy), Cleared)


@settings(max_examples=200, deadline=None)
@given(all_answers())
def test_a_staff_consent_never_answers_for_a_patient(answers: Answers) -> None:
    scene = numbered(
        (Examination("clinical", Flag.CLINICAL, MODEL, Looked((Finding("clinical", 0.9),), 0.9)),)
    )
    staff = tuple(
        one
        for one in answers.records
        if not isinstance(one, ConsentRecord) or one.kind is not Kind.PATIENT
    )
    answers = dataclasses.replace(answers, records=staff, dismissals=())
    decision = decided(scene, answers, Policy())
    assert isinstance(decision, Held)
    assert Need.PATIENT_CONSENT in {need.needs for need in decision.held_for}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PLACES), min_size=2, max_size=4), all_answers())
def test_one_subject_never_answers_for_two_faces(boxes: list[Box], answers: Answers) -> None:
    faces = tuple(Finding("face", 0.9, box) for box in boxes)
    scene = numbered((Examination("faces", Flag.FACE, MODEL, Looked(faces, 0.9)),))
    one = tuple(record for record in RECORDS if record.ref in ("C-1", "C-2"))
    everywhere = tuple(
        Binding(
            Anchor(PHOTO, "face", box, MODEL),
            Need.PERSON_CONSENT,
            (ref,),
            by="A",
            ref=f"A-{ref}{n}",
        )
        for ref in ("C-1", "C-2")
        for n, box in enumerate(PLACES)
    )
    answers = Answers(records=one, bindings=(*answers.bindings, *everywhere))
    decision = decided(scene, answers, Policy())
    assert isinstance(decision, Held)
    assert len(decision.held_for) == len(faces) - 1


@settings(max_examples=200, deadline=None)
@given(
    st.text(min_size=1, max_size=12).filter(lambda kind: kind not in KINDS),
    st.none() | st.sampled_from(PLACES),
    all_answers(),
    st.sampled_from(Reason),
    st.sampled_from(REFS),
)
def test_an_unknown_kind_of_finding_holds(
    kind: str, box: Box | None, answers: Answers, reason: Reason, ref: str
) -> None:
    scene = numbered((Examination("other", None, MODEL, Looked((Finding(kind, 0.9, box),), 0.9)),))
    seen = Anchor(PHOTO, kind, box, MODEL)
    answers = dataclasses.replace(
        answers,
        covered=(Box(0, 0, 1, 1),),
        bindings=tuple(Binding(seen, need, (ref,), 1, by="A", ref="A-9") for need in Need),
        dismissals=tuple(Dismissal(seen, need, reason, "A", ref="D-9") for need in Need),
        withdrawn=frozenset(),
    )
    assert isinstance(decided(scene, answers, Policy()), Held)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(0.5, 2))
def test_a_face_found_again_is_known_by_its_place_or_held(
    box: Box, dx: float, dy: float, scale: float
) -> None:
    again = Box(box.x + dx, box.y + dy, box.w * scale, box.h * scale)
    exam = Examination("faces", Flag.FACE, "m2", Looked((Finding("face", 0.7, again),), 0.7))
    answers = Answers(
        records=(PERSON,),
        bindings=(
            Binding(
                Anchor(PHOTO, "face", box, MODEL), Need.PERSON_CONSENT, ("C-1",), by="A", ref="A-1"
            ),
        ),
    )
    decision = decided(numbered((exam,)), answers, Policy())
    assert isinstance(decision, Cleared) == (box.iou(again) >= 0.6)


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        ConsentRecord,
        kind=st.sampled_from(Kind),
        subject=st.sampled_from(["S-1", ""]),
        giver=st.just("A Person"),
        relation=st.sampled_from(Relation),
        capacity=st.sampled_from(Known),
        minor=st.sampled_from(Known),
        majority=st.none() | st.dates(TODAY - timedelta(3), TODAY + timedelta(3)),
        form=st.sampled_from(Form),
        purpose=st.lists(st.sampled_from(Purpose), max_size=2).map(tuple),
        channels=st.lists(st.sampled_from(["web", "print", "any"]), max_size=2).map(tuple),
        identifiable=st.sampled_from(Known),
        told_no_recall=st.sampled_from(Known),
        signed=st.none() | st.dates(TODAY - timedelta(3), TODAY + timedelta(3)),
        expires=st.none() | st.dates(TODAY - timedelta(3), TODAY + timedelta(3)),
        ref=st.just("C-1"),
    )
)
def test_a_consent_shows_a_face_only_if_all_of_it_says_so(record: ConsentRecord) -> None:
    """The rule once more, written as one sentence, against the code that gives reasons."""
    exam = Examination("faces", Flag.FACE, MODEL, Looked((Finding("face", 0.9, PLACES[0]),), 0.9))
    seen = Anchor(PHOTO, "face", PLACES[0], MODEL)
    answers = Answers(
        records=(record,),
        bindings=(Binding(seen, Need.PERSON_CONSENT, ("C-1",), by="A", ref="A-1"),),
    )
    patient = record.kind is Kind.PATIENT
    by_self = record.relation is Relation.SELF
    minor = (
        record.minor is Known.YES
        and record.majority is not None
        and record.majority > TODAY
        and record.relation in (Relation.PARENT, Relation.GUARDIAN, Relation.REPRESENTATIVE)
    )
    adult = record.minor is Known.NO and (record.capacity, by_self) in (
        (Known.YES, True),
        (Known.NO, False),
    )
    fits = (
        Purpose.PUBLICATION in record.purpose
        and ("web" in record.channels or ("any" in record.channels and not patient))
        and record.identifiable is Known.YES
        and record.subject != ""
        and record.signed is not None
        and record.signed <= TODAY
        and (record.expires is None or record.expires >= TODAY)
        and (minor or adult)
        and not (patient and (record.form is Form.ORAL or record.told_no_recall is not Known.YES))
    )
    decision = decided(numbered((exam,)), answers, Policy())
    assert isinstance(decision, Cleared) == fits
    assert isinstance(decide(numbered((exam,)), answers, Policy(), photo=PHOTO), Held)
    assert isinstance(decide(numbered((exam,)), answers, Policy(), today=TODAY), Held)


@settings(max_examples=100, deadline=None)
@given(scenes(), all_answers(), policies, st.sampled_from(["faces", "clinical", "other"]))
def test_a_detector_that_did_not_look_holds(
    scene: tuple[Examination, ...], answers: Answers, policy: Policy, name: str
) -> None:
    blind = Examination(name, FLAGS.get(name), None, DidNotLook("no model"))
    decision = decided((*scene, blind), answers, policy)
    assert isinstance(decision, Held)
    assert any(need.scan == name for need in decision.held_for)


@settings(max_examples=200, deadline=None)
@given(cases, policies, st.sampled_from([None, *PLACES]))
def test_a_yes_asks_for_both_needs_whatever_else_is_found_and_answered(
    case: tuple[tuple[Examination, ...], Answers], policy: Policy, box: Box | None
) -> None:
    scene, answers = case
    yes = Confirmation(Anchor(PHOTO, "doubt", box, MODEL), "A Clerk")
    nothing = dataclasses.replace(answers, bindings=(), dismissals=())
    decision = decided(with_drawn(scene, (yes,), policy), nothing, policy)
    assert isinstance(decision, Held)
    needs = {
        need.needs for need in decision.held_for if need.finding and need.finding.kind == "clinical"
    }
    assert needs == {Need.PATIENT_CONSENT, Need.PLACE_PERMISSION}
    assert not any(need.finding and need.finding.kind == "doubt" for need in decision.held_for)


@settings(max_examples=200, deadline=None)
@given(policies, all_answers(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 4))
def test_a_higher_score_never_loses_a_hold(
    policy: Policy, answers: Answers, one: float, other: float, album: float
) -> None:
    def held(own: float) -> bool:
        kind = "clinical" if own >= 0.6 else "doubt" if own >= 0.25 else None
        found = (Finding(kind, own),) if kind else ()
        scan = Looked(found, own, doubted_from=0.25)
        exams = with_evidence((Examination("clinical", Flag.CLINICAL, MODEL, scan),), album)
        unanswered = dataclasses.replace(answers, dismissals=(), bindings=())
        return isinstance(decided(exams, unanswered, policy), Held)

    low, high = sorted((one, other))
    assert held(low) <= held(high)
