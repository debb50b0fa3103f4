"""Scenes and answers for the rules of the decision: mostly sound, sometimes not."""

from __future__ import annotations

import dataclasses
from datetime import date

from hypothesis import strategies as st

from imu_imageprep.domain.answers import Anchor, Binding, Dismissal, Record
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Answers, Decision
from imu_imageprep.domain.consent import (
    ConsentRecord,
    Form,
    Kind,
    Known,
    Purpose,
)
from imu_imageprep.domain.decide import decide
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import Need, Reason, needs_of, rule_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.policy import Flags, Level, Policy

PHOTO, MODEL, TODAY = "5" * 64, "m1", date(2026, 6, 15)
CAPTURED = date(2026, 3, 1)
PLACES = [Box(x, 0.2, 0.1, 0.1) for x in (0.1, 0.12, 0.5, 0.8)]  # the first two overlap by 0.67

PERSON = ConsentRecord(
    Kind.STAFF,
    "S-1",
    "A Person",
    capacity=Known.YES,
    minor=Known.NO,
    form=Form.WRITTEN,
    purpose=(Purpose.PUBLICATION,),
    channels=("web",),
    identifiable=Known.YES,
    told_no_recall=Known.YES,
    signed=date(2026, 1, 1),
    ref="C-1",
)
EVENT = EventConsent(
    "White coat day",
    (Kind.STUDENT,),
    CAPTURED,
    CAPTURED,
    people=2,
    purpose=(Purpose.PUBLICATION,),
    channels=("any",),
    identifiable=Known.YES,
    signed=CAPTURED,
    ref="E-1",
)
PERMIT = PlacePermission(
    "Ward 7", "director", "A Director", PHOTO, signed=CAPTURED, recorded_by="A Clerk", ref="P-1"
)
RECORDS: list[Record] = [
    PERSON,
    dataclasses.replace(PERSON, ref="C-2"),  # the same subject once more
    dataclasses.replace(PERSON, ref="C-3", subject="S-3"),
    dataclasses.replace(PERSON, ref="C-4", subject="S-4", kind=Kind.PATIENT),
    dataclasses.replace(PERSON, ref="C-5", subject="S-5", kind=Kind.PATIENT, identifiable=Known.NO),
    dataclasses.replace(PERSON, ref="C-6", subject="S-6", expires=date(2026, 6, 14)),
    EVENT,
    PERMIT,
]
REFS = [record.ref for record in RECORDS]

findings = st.one_of(
    st.builds(Finding, st.just("face"), st.just(0.9), st.sampled_from(PLACES)),
    st.sampled_from(
        [
            Finding("clinical", 0.9, None, "ward"),
            Finding("doubt", 0.4, None, "clinical"),
            Finding("place", 1.0, None, "Ward 7"),
            Finding("source", 1.0),
            Finding("code", 1.0, PLACES[2]),
            Finding("text", 0.9, PLACES[3], "name"),
            Finding("reflection", 0.5, PLACES[0]),
        ]
    ),
)
FLAGS = {
    "face": Flag.FACE,
    "clinical": Flag.CLINICAL,
    "source": Flag.SOURCE,
    "code": Flag.CODE,
    "text": Flag.TEXT,
}


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Examination, ...]:
    found = draw(st.lists(findings, max_size=4))
    kinds = ["face", "clinical", "source", "place", "code", "text", "reflection"]
    scan_of = {"doubt": "clinical"}
    exams = [
        Examination(
            kind,
            FLAGS.get(kind),
            MODEL,
            Looked(
                tuple(one for one in found if scan_of.get(one.kind, one.kind) == kind),
                0.9,
            ),
        )
        for kind in kinds
    ]
    return numbered(tuple(exams))


@st.composite
def bindings(draw: st.DrawFn, number: int = 0) -> Binding:
    kind, need, letters = draw(
        st.sampled_from(
            [
                ("face", Need.PERSON_CONSENT, "CE"),
                ("face", Need.PERSON_CONSENT, "CE"),
                ("clinical", Need.PATIENT_CONSENT, "C"),
                ("clinical", Need.PLACE_PERMISSION, "P"),
                ("place", Need.PLACE_PERMISSION, "P"),
                ("code", Need.LOOK, "C"),
                ("text", Need.LOOK, "C"),
                ("reflection", Need.LOOK, "C"),
            ]
        )
    )
    likely = [ref for ref in REFS if ref[0] in letters]
    refs = tuple(draw(st.lists(st.sampled_from([*likely, *likely, *REFS]), min_size=1, max_size=2)))
    refs = refs if need is Need.PATIENT_CONSENT else refs[:1]
    box = draw(st.sampled_from(PLACES)) if kind in ("face", "code", "text", "reflection") else None
    return Binding(
        Anchor(draw(st.sampled_from([PHOTO, PHOTO, PHOTO, "6" * 64])), kind, box, MODEL),
        need,
        refs,
        patients=draw(st.sampled_from([1, len(refs)])) if need is Need.PATIENT_CONSENT else None,
        nobody_excluded=draw(st.booleans()),
        by="A Clerk",
        ref=f"A-{number}",
    )


@st.composite
def dismissals(draw: st.DrawFn, number: int = 0) -> Dismissal:
    kind = draw(
        st.sampled_from(
            ["face", "clinical", "place", "source", "code", "text", "doubt", "reflection"]
        )
    )
    box = draw(st.sampled_from(PLACES)) if kind in ("face", "code", "text", "reflection") else None
    need = draw(st.sampled_from(needs_of(kind)))
    reason = draw(st.sampled_from(rule_of(kind, need).reasons or tuple(Reason)))
    return Dismissal(Anchor(PHOTO, kind, box, MODEL), need, reason, by="A Clerk", ref=f"D-{number}")


SOUND = {
    Need.PERSON_CONSENT: ("C-1", "C-3", "C-4", "C-4", "E-1"),
    Need.PATIENT_CONSENT: ("C-4", "C-5"),
    Need.PLACE_PERMISSION: ("P-1",),
}


@st.composite
def all_answers(draw: st.DrawFn, scene: tuple[Examination, ...] = ()) -> Answers:
    """Sound answers for most of a scene's needs, and others that may not fit anything."""
    bound = [draw(bindings(number)) for number in range(draw(st.integers(0, 2)))]
    dismissed = [draw(dismissals(number)) for number in range(draw(st.integers(0, 1)))]
    for finding in (finding for exam in scene for finding in exam.findings):
        seen = Anchor(PHOTO, finding.kind, finding.box, MODEL)
        for need in needs_of(finding.kind):
            how = draw(st.sampled_from(["record", "record", "record", "dismissal", "nothing"]))
            if how == "record" and need in SOUND:
                refs = (draw(st.sampled_from(SOUND[need])),)
                patients = 1 if need is Need.PATIENT_CONSENT else None
                ref = f"A-{len(bound)}"
                bound.append(
                    Binding(seen, need, refs, patients, nobody_excluded=True, by="A", ref=ref)
                )
            elif how != "nothing" and (reasons := rule_of(finding.kind, need).reasons):
                ref = f"D-{len(dismissed)}"
                dismissed.append(Dismissal(seen, need, reasons[0], by="A", ref=ref))
    return Answers(
        covered=tuple(draw(st.lists(st.sampled_from(PLACES), max_size=1))),
        credit=draw(st.sampled_from([None, "Photo: an agency"])),
        records=tuple(draw(st.permutations(RECORDS))),
        bindings=tuple(bound),
        dismissals=tuple(dismissed),
        withdrawn=draw(st.frozensets(st.sampled_from([*REFS, "A-0", "D-0"]), max_size=1)),
    )


cases = scenes().flatmap(lambda scene: st.tuples(st.just(scene), all_answers(scene)))


levels = st.sampled_from([Level.HOLD, Level.HOLD, Level.NOTE])
policies = st.builds(
    Policy,
    flags=st.builds(Flags, face=levels, clinical=levels, source=levels, doubt=levels),
    channel=st.just("web"),
)


def decided(scene: tuple[Examination, ...], answers: Answers, policy: Policy) -> Decision:
    return decide(scene, answers, policy, photo=PHOTO, today=TODAY, captured=CAPTURED)
