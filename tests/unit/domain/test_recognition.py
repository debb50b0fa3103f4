"""Whom a face is like, and what a suggestion may do: nothing but be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor, Suggestion
from imu_imageprep.domain.consent import ConsentRecord, Kind, Known, Purpose
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked
from imu_imageprep.domain.fitting import Circumstances
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.domain.recognition import (
    Enrolled,
    Match,
    Measured,
    Recognition,
    Template,
    best_match,
    faces_to_recognise,
    fitting,
    labelled,
    matches,
    unlabelled,
)
from imu_imageprep.domain.trail import Listed, State

FACE = Finding("face", 0.9, Box(0.1, 0.1, 0.2, 0.2), id="face-1")
OTHER = Finding("face", 0.9, Box(0.6, 0.1, 0.2, 0.2), id="face-2")
NOW = Circumstances("web", "5" * 64, date(2026, 6, 15))
CONSENT = ConsentRecord(
    Kind.STAFF,
    "Nurse-7",
    "A Person",
    capacity=Known.YES,
    minor=Known.NO,
    purpose=(Purpose.PUBLICATION,),
    channels=("web",),
    identifiable=Known.YES,
    signed=date(2026, 1, 1),
    ref="C-1",
)


def at(distance: float) -> Template:
    """A template so far from the origin."""
    return (distance, *[0.0] * 127)


def person(code: str, *distances: float) -> Enrolled:
    return Enrolled(code, f"R-{code}", "", tuple(at(d) for d in distances))


def face(distance: float = 0.0, side: float = 100, turned: float = 0.0) -> Measured:
    return Measured(at(distance), side, 100.0, turned, 0.0)


@pytest.mark.parametrize(
    ("distances", "found"),
    [
        ((0.3, 0.45, 0.9), True),  # two agree
        ((0.3, 0.46, 0.9), False),  # one alone does not
        ((0.1,), False),
        ((), False),
    ],
)
def test_several_photos_have_to_agree(distances: tuple[float, ...], found: bool) -> None:
    match = best_match(at(0), [person("A", *distances)])
    assert match == (Match("A", distances[1]) if found else None)


@pytest.mark.parametrize(("rival", "found"), [(0.49, False), (0.51, True)])
def test_a_match_is_far_enough_from_anybody_else(rival: float, found: bool) -> None:
    people = [person("B", rival, 0.9, 0.9), person("A", 0.3, 0.4, 0.4)]
    assert best_match(at(0), people) == (Match("A", 0.4) if found else None)


def test_two_faces_of_a_photo_are_never_one_person() -> None:
    people = [person("A", 0.0, 0.0, 0.0), person("B", 5.0, 5.0, 5.0)]
    assert matches([face(), face(5.0)], people) == (Match("A", 0.0), Match("B", 0.0))
    assert matches([face(), face(0.1), face(5.0)], people) == (None, None, Match("B", 0.0))


@pytest.mark.parametrize("unseen", [face(side=39), face(turned=0.46)])
def test_a_tiny_or_turned_face_is_compared_with_nobody(unseen: Measured) -> None:
    assert matches([unseen], [person("A", 0.0, 0.0)]) == (None,)


def held(*exams: Examination) -> Receipt:
    needs = tuple(
        HeldFor(Need.PERSON_CONSENT, finding)
        for exam in exams
        for finding in exam.findings
        if finding.kind == "face"
    )
    return Receipt(Outcome.HELD, examinations=exams, held_for=needs)


FACES = Examination("faces", Flag.FACE, "m", Looked((FACE, OTHER), 0.9))
CALM = Examination("clinical", Flag.CLINICAL, "m", Looked((), 0.1))


def test_waiting_faces_are_compared() -> None:
    receipt = held(FACES, CALM)
    assert faces_to_recognise(receipt) == (FACE, OTHER)
    answered = replace(receipt, held_for=receipt.held_for[1:])
    assert faces_to_recognise(answered) == (OTHER,)


@pytest.mark.parametrize(
    "exams",
    [
        (FACES,),
        (FACES, Examination("clinical", Flag.CLINICAL, "m", DidNotLook("no model"))),
        (FACES, replace(CALM, scan=Looked((Finding("clinical", 0.6),), 0.6))),
        (FACES, replace(CALM, scan=Looked((Finding("doubt", 0.3),), 0.3))),
        (FACES, CALM, Examination("places", None, None, Looked((Finding("place", 1.0),), 1.0))),
        (FACES, CALM, Examination("by hand", None, None, Looked((Finding("clinical", 1.0),), 1.0))),
    ],
)
def test_nobody_is_recognised_where_it_may_be_clinical(exams: tuple[Examination, ...]) -> None:
    assert faces_to_recognise(held(*exams)) == ()


def test_only_consents_that_would_answer_are_named() -> None:
    def listed(ref: str, state: State = State.IN_FORCE, **changes: object) -> Listed:
        entry = replace(CONSENT, ref=ref, **changes)  # type: ignore[arg-type]
        return Listed(ref, "consent", state, "", entry)

    rows = [
        listed("C-1"),
        listed("C-2", State.WITHDRAWN),
        listed("C-3", subject="NURSE-8"),
        listed("C-4", kind=Kind.PATIENT),
        listed("C-5", channels=("print",)),
        listed("C-6", expires=date(2026, 6, 14)),
        listed("C-7", subject="NURSE-7"),
        Listed("C-8", "consent", State.ERASED, "", None),
    ]
    assert fitting("nurse-7", rows, NOW) == ("C-7", "C-1")


def test_a_suggestion_is_a_label_and_leaves_no_trace() -> None:
    receipt = held(FACES, CALM)
    told = labelled(receipt, Recognition((Suggestion("face-2", "NURSE-7", 0.3, ("C-1",)),)))
    assert [finding.label for finding in told.findings] == [None, "NURSE-7"]
    assert [need.finding and need.finding.label for need in told.held_for] == [None, "NURSE-7"]
    assert [(n.needs, n.finding and n.finding.id) for n in told.held_for] == [
        (n.needs, n.finding and n.finding.id) for n in receipt.held_for
    ]
    assert told.to_json()["suggestions"] == [
        {"finding": "face-2", "code": "NURSE-7", "distance": 0.3, "records": ["C-1"]}
    ]
    assert unlabelled(told) == receipt
    assert "suggestions" not in receipt.to_json()


def test_trouble_is_told_and_changes_nothing_else() -> None:
    receipt = held(FACES, CALM)
    told = labelled(receipt, Recognition(trouble="No package."))
    assert told == replace(receipt, notes=("nobody was recognised: No package.",))
