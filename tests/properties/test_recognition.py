"""No path through the decision lets a match, or the consent to be recognised, clear a need."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from properties.scenes import MODEL, PHOTO, PLACES, cases, decided, policies
from unit.register import team

from imu_imageprep.domain.answers import Anchor, Binding, Dismissal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Answers, Cleared, Held, Suggestion
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.domain.recognition import Recognition, faces_to_recognise, labelled

WORD = dataclasses.replace(team.WORD, subject="S-1", ref="R-1")
CODES = st.sampled_from(["S-1", "S-3", "S-4", "Ward 7", "R-1", ""])

suggestions = st.lists(
    st.builds(
        Suggestion,
        st.sampled_from([f"{kind}-{n}" for kind in ("face", "clinical", "code") for n in (1, 2)]),
        CODES,
        st.just(0.1),
        st.lists(st.sampled_from(["C-1", "C-3", "R-1"]), max_size=2).map(tuple),
    ),
    max_size=4,
).map(tuple)


def faces_labelled(
    scene: tuple[Examination, ...], labels: dict[str, str]
) -> tuple[Examination, ...]:
    """The scene as it would be if labels of faces had come in before the decision."""
    return tuple(
        dataclasses.replace(
            exam,
            scan=Looked(
                tuple(
                    dataclasses.replace(f, label=labels.get(f.id, f.label))
                    if f.kind == "face"
                    else f
                    for f in exam.findings
                ),
                0.9,
            ),
        )
        for exam in scene
    )


@settings(max_examples=300, deadline=None)
@given(cases, policies, suggestions)
def test_a_match_never_changes_what_is_decided(
    case: tuple[tuple[Examination, ...], Answers],
    policy: Policy,
    suggested: tuple[Suggestion, ...],
) -> None:
    scene, answers = case
    before = decided(scene, answers, policy)
    after = decided(
        faces_labelled(scene, {one.finding: one.code for one in suggested}), answers, policy
    )
    assert isinstance(after, Cleared) == isinstance(before, Cleared)
    if isinstance(before, Cleared):
        assert after == before
    else:
        assert isinstance(after, Held)
        open_needs = [
            [(n.needs, n.finding and n.finding.id, n.why) for n in d.held_for]
            for d in (before, after)
        ]
        assert open_needs[0] == open_needs[1]


@settings(max_examples=300, deadline=None)
@given(cases, policies, suggestions)
def test_labelling_a_held_photo_leaves_it_held_for_the_same(
    case: tuple[tuple[Examination, ...], Answers],
    policy: Policy,
    suggested: tuple[Suggestion, ...],
) -> None:
    scene, answers = case
    decision = decided(scene, answers, policy)
    if isinstance(decision, Cleared):
        return
    held = Receipt(Outcome.HELD, examinations=scene, held_for=decision.held_for)
    told = labelled(held, Recognition(suggested))
    assert told.outcome is Outcome.HELD
    assert told.relied_on == ()
    assert told.to_json()["held_for"] == held.to_json()["held_for"]
    clinical = any(f.kind in ("clinical", "place") for exam in scene for f in exam.findings)
    if clinical:
        assert faces_to_recognise(held) == ()


@settings(max_examples=300, deadline=None)
@given(cases, policies, st.lists(st.sampled_from(PLACES), max_size=3), st.booleans())
def test_a_consent_to_be_recognised_answers_nothing(
    case: tuple[tuple[Examination, ...], Answers],
    policy: Policy,
    boxes: list[Box],
    first: bool,
) -> None:
    """Even where somebody had managed to bind it to everything there is."""
    scene, answers = case
    bound = tuple(
        Binding(Anchor(PHOTO, kind, box, MODEL), need, ("R-1",), patients, by="A", ref=f"A-9{n}")
        for n, (kind, need, patients) in enumerate(
            [
                ("face", Need.PERSON_CONSENT, None),
                ("clinical", Need.PATIENT_CONSENT, 1),
                ("clinical", Need.PLACE_PERMISSION, None),
                ("place", Need.PLACE_PERMISSION, None),
                ("source", Need.CREDIT, None),
                ("code", Need.LOOK, None),
            ]
        )
        for box in (None, *boxes)
    )
    records = (*answers.records, WORD)
    more = dataclasses.replace(
        answers,
        records=records[::-1] if first else records,  # type: ignore[arg-type]
        bindings=(*bound, *answers.bindings) if first else (*answers.bindings, *bound),
    )
    before, after = decided(scene, answers, policy), decided(scene, more, policy)
    assert isinstance(after, Cleared) == isinstance(before, Cleared)
    if isinstance(after, Cleared):
        assert "R-1" not in after.relied_on


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), CODES, st.sampled_from(Reason))
def test_a_labelled_face_alone_is_held(box: object, code: str, reason: Reason) -> None:
    face = Finding("face", 0.9, box, code)  # type: ignore[arg-type]
    scene = numbered((Examination("faces", Flag.FACE, MODEL, Looked((face,), 0.9)),))
    seen = Anchor(PHOTO, "face", face.box, MODEL)
    answers = Answers(
        records=(WORD,),  # type: ignore[arg-type]
        bindings=(Binding(seen, Need.PERSON_CONSENT, ("R-1",), by="A", ref="A-1"),),
        dismissals=(Dismissal(seen, Need.LOOK, reason, by="A", ref="D-1"),),
    )
    assert isinstance(decided(scene, answers, Policy()), Held)
