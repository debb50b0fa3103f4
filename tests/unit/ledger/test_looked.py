"""How somebody looked at a photo is kept with the answer; older answers are as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.ledger import office

from imu_imageprep.decision import case_of
from imu_imageprep.desk import Desk
from imu_imageprep.domain.answers import Answer, Withdrawal
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.permits import PlacePermission
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.selecting import Name, Signed, said_of
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.entries import to_event
from imu_imageprep.request import Request


def answers(ledger: Ledger) -> tuple[Answer, ...]:
    (consent,) = ledger.add(office.PATIENT)
    return office.bound(consent.ref), office.NO_PATIENT, office.CLINICAL


def test_it_is_read_back_exported_and_imported(ledger: Ledger, new: Callable[[], Ledger]) -> None:
    said = [replace(one, looked="sheet-480") for one in answers(ledger)]
    entered = ledger.add(*said)
    other = new()
    other.import_lines(ledger.export_lines())
    for kept in (ledger, other):
        assert kept.audit().damage is None
        for one in entered:
            listed = kept.record(one.ref)
            assert listed is not None
            assert getattr(listed.entry, "looked", None) == "sheet-480"


def test_an_answer_to_the_photo_alone_is_the_event_that_it_always_was(
    ledger: Ledger,
) -> None:
    fields = [
        {"seen", "need", "refs", "patients", "captured", "nobody_excluded", "ref", "sealed"},
        {"seen", "need", "reason", "ref", "sealed"},
        {"seen", "ref", "sealed"},
    ]
    entered = ledger.add(*answers(ledger))
    assert [set(to_event(one)[1]) for one in entered] == fields
    bodies = [json.loads(json.loads(line)["body"]) for line in list(ledger.export_lines())[2:]]
    assert [set(body) for body in bodies] == fields
    for one in entered:
        listed = ledger.record(one.ref)
        assert listed is not None
        assert getattr(listed.entry, "looked", None) == ""


@pytest.mark.parametrize(
    "looked", ["sheet", "sheet-48", "sheet-480 ", "sheet-0480", "by A. Person"]
)
def test_nothing_else_is_kept_of_it(ledger: Ledger, looked: str) -> None:
    with pytest.raises(UsageProblem, match="like sheet-480"):
        ledger.add(replace(office.NO_PATIENT, looked=looked))


def test_many_are_withdrawn_at_once_or_none_is(ledger: Ledger) -> None:
    entered = ledger.add(*answers(ledger), office.DRAWN)
    *refs, drawn = (one.ref for one in entered)

    def said(*refs: str) -> list[Withdrawal]:
        return [Withdrawal(ref, "undone", "A Clerk") for ref in refs]

    with pytest.raises(UsageProblem, match="drew"):
        ledger.withdraw(*said(*refs, drawn))
    assert all(ledger.record(ref).state is State.IN_FORCE for ref in refs)  # type: ignore[union-attr]
    ledger.withdraw(*said(refs[0]))
    before = ledger.audit().events
    ledger.withdraw(*said(*refs))
    assert ledger.audit().events == before + len(refs) - 1  # once is enough
    assert all(ledger.record(ref).state is State.WITHDRAWN for ref in refs)  # type: ignore[union-attr]


def test_what_is_said_of_many_is_what_would_be_said_of_each(ledger: Ledger) -> None:
    """But for how it was looked at, and its own reference and time."""
    desk, seen = Desk(ledger), office.receipt()
    (place,) = ledger.add(office.PLACE)
    assert isinstance(place, PlacePermission)
    (alone,) = desk.answer(seen, [place.ref], findings=["clinical-1"], by="A Clerk")
    ledger.withdraw(Withdrawal(alone.ref, "again", "A Clerk"))
    case = case_of(seen, Request(), Policy(), ledger, ledger.clock)
    saying = Name(Need.PLACE_PERMISSION, (place,))
    told = said_of(case, saying, Signed("A Clerk", "sheet-480"))
    (many,) = desk.answer_many(told.answers)
    assert many.looked == "sheet-480"
    assert replace(many, looked="", ref="", at="") == replace(alone, ref="", at="")
