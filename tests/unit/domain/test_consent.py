from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from unit.ledger import office

from imu_imageprep.domain.answers import Binding, Dismissal, HandDrawnFinding, Withdrawal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Relation, refuse
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.matching import matched
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.values import from_values, to_values

ENTRIES = [
    office.PATIENT,
    office.EVENT,
    office.PLACE,
    office.DRAWN,
    office.NO_PATIENT,
    office.bound("C-1"),
    office.bound("C-1", office.WARD, Need.PATIENT_CONSENT),
    Withdrawal("C-1", "changed their mind", "A Clerk"),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_sound_entries_have_no_problem(entry: Any) -> None:
    assert list(entry.problems()) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_an_entry_survives_plain_values(entry: Any) -> None:
    assert from_values(type(entry), to_values(entry)) == entry


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": "900101-14-5678"}, "an identity number"),
        ({"subject": "012-345-6789"}, "a phone number"),
        ({"subject": "A1234567"}, "identity or record number"),
        ({"subject": "MRN-004"}, None),
        ({"subject": "MRN0045671"}, "record number"),
        ({"subject": "someone@example.edu"}, "1 to 24"),
        ({"subject": "A Name"}, "1 to 24"),
        ({"subject": ""}, "1 to 24"),
        ({"subject": "P-2026-014"}, None),
        ({"giver": ""}, "giver is missing"),
        ({"giver": "A Person 012-345 6789"}, "phone number"),
        ({"recorded_by": " "}, "Recorded by is missing"),
        ({"conditions": "ask a.person@example.edu"}, "e-mail"),
        ({"conditions": "two\nlines"}, "one line"),
        ({"conditions": "x" * 501}, "500"),
        ({"purpose": ()}, "purpose is missing"),
        ({"channels": ()}, "channels are missing"),
        ({"channels": ("Web Site",)}, "lower-case"),
        ({"channels": ("any",)}, "each channel"),
        ({"channels": ("any",), "kind": Kind.STAFF}, None),
        ({"signed": None}, "day of signing"),
        ({"expires": date(2026, 1, 9)}, "before it was signed"),
        ({"form_sha256": ""}, "sha256"),
        ({"form_sha256": "", "form": Form.ORAL}, None),
        ({"minor": Known.YES, "relation": Relation.PARENT}, "come of age"),
        (
            {
                "minor": Known.YES,
                "relation": Relation.PARENT,
                "majority": date(2030, 1, 1),
            },
            None,
        ),
        (
            {
                "minor": Known.YES,
                "relation": Relation.PARENT,
                "majority": date(2026, 1, 10),
            },
            "after the consent",
        ),
        ({"minor": Known.YES, "majority": date(2030, 1, 1)}, "parent"),
        ({"majority": date(2030, 1, 1)}, "only for a minor"),
        ({"capacity": Known.NO}, "acts for them"),
        ({"relation": Relation.PARENT}, "themselves"),
        ({"capacity": Known.UNKNOWN}, None),
    ],
)
def test_what_is_wrong_with_a_consent_is_said(changes: dict[str, Any], said: str | None) -> None:
    record: ConsentRecord = replace(office.PATIENT, **changes)
    problems = list(record.problems())
    if said is None:
        assert problems == []
    else:
        assert said in problems[0]
        with pytest.raises(UsageProblem, match=said):
            refuse(record.problems())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"giver": "a clerk"}, "cannot be the one"),
        ({"authority": ""}, "authority is missing"),
        ({"first": date(2026, 1, 1)}, "not for both"),
        ({"photo": ""}, "first and the last day"),
        ({"photo": "", "first": date(2026, 1, 2), "last": date(2026, 1, 1)}, "before the first"),
        ({"photo": "", "first": date(2026, 1, 2), "last": date(2026, 1, 2)}, None),
        ({"photo": "abc"}, "sha256"),
    ],
)
def test_what_is_wrong_with_a_place_is_said(changes: dict[str, Any], said: str | None) -> None:
    record: PlacePermission = replace(office.PLACE, **changes)
    assert [said in problem for problem in record.problems() if said] == ([True] if said else [])
    assert said or list(record.problems()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kinds": (Kind.STAFF, Kind.PATIENT)}, "never for patients"),
        ({"kinds": ()}, "never for patients"),
        ({"people": 0}, "how many"),
        ({"sheet_sha256": ""}, "sheet needs"),
        ({"opt_outs": "900101-14-5678"}, "identity number"),
        ({"last": None}, "last day"),
    ],
)
def test_what_is_wrong_with_an_event_is_said(changes: dict[str, Any], said: str) -> None:
    record: EventConsent = replace(office.EVENT, **changes)
    (problem,) = record.problems()
    assert said in problem


def test_what_is_wrong_with_an_answer_is_said() -> None:
    good = office.bound("C-1")
    patient = office.bound("C-1", office.WARD, Need.PATIENT_CONSENT)
    wrong: list[Binding | Dismissal | HandDrawnFinding] = [
        replace(good, by=""),
        replace(good, refs=()),
        replace(good, refs=("C-1", "C-2")),
        replace(good, refs=("P-1",)),
        replace(good, need=Need.PATIENT_CONSENT, patients=1),
        replace(good, patients=1),
        replace(good, seen=replace(good.seen, photo="abc")),
        replace(good, seen=replace(good.seen, box=Box(1.5, 0, 0.1, 0.1))),
        replace(patient, patients=None),
        replace(patient, patients=2),
        replace(patient, refs=("E-1",)),
        replace(office.NO_PATIENT, by=" "),
        replace(office.NO_PATIENT, reason=Reason.NO_CLINICAL_PLACE),
        replace(office.NO_PATIENT, need=Need.LOOK),
        replace(office.NO_PATIENT, seen=replace(office.WARD, kind="reflection")),
        replace(office.DRAWN, seen=replace(office.DRAWN.seen, box=None)),
        replace(office.DRAWN, seen=replace(office.DRAWN.seen, kind="ghost")),
        replace(office.DRAWN, seen=replace(office.DRAWN.seen, model="m")),
    ]
    assert [entry for entry in wrong if not list(entry.problems())] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "staff"}, "subject is missing"),
        ({"kind": "robot", "subject": "S-1"}, "one of: patient, staff"),
        ({"kind": "staff", "subject": 5}, "must be a text"),
        ({"kind": "staff", "subject": "S-1", "signed": "yesterday"}, "must be a day"),
        ({"kind": "staff", "subject": "S-1", "channels": "web"}, "must be a list"),
        ({"kind": "staff", "subject": "S-1", "name": "x"}, "no field name"),
        ({"kind": "staff", "subject": "S-1", "capacity": True}, "one of: yes, no, unknown"),
    ],
)
def test_a_template_that_does_not_fit_is_said(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        from_values(ConsentRecord, values)


def test_days_may_be_texts_or_days() -> None:
    day = date(2026, 3, 4)
    for given in (day, "2026-03-04"):
        values = {"kind": "staff", "subject": "S-1", "signed": given}
        assert from_values(ConsentRecord, values).signed == day


def test_matching_moves_others_to_make_room() -> None:
    assert matched([["a", "b"], ["a"]], {}) == ("b", "a")
    assert matched([["a"], ["a"], ["a"]], {"a": 2}) == ("a", "a", None)
    assert matched([["a", "b"], ["b", "c"], ["a"], ["c"]], {}) == ("b", "c", "a", None)
    assert matched([[], ["a"]], {"a": 0}) == (None, None)


def test_matching_of_a_crowd_is_no_deeper_than_it_must_be() -> None:
    """A chain in which every face moves: recursion would not survive it."""
    crowd = 3000
    chain = [[n, n + 1] for n in range(crowd)] + [[0]]
    assert sorted(one for one in matched(chain, {}) if one is not None) == list(range(crowd + 1))
