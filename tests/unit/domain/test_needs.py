"""The table of needs: complete, in words that the rest of the product knows."""

from __future__ import annotations

import json

import pytest

from imu_imageprep.domain import words
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.forms import QUESTIONS
from imu_imageprep.domain.needs import (
    GROUPS,
    KINDS,
    Need,
    Reason,
    Rule,
    answered_by,
    letter_for,
    needs_of,
    rule_of,
    rules_of,
    table,
)
from imu_imageprep.domain.reference import LETTERS, RECOGNITION

RULES = [(kind, rule) for kind, rules in KINDS.items() for rule in rules.needs]


def test_every_need_reason_check_and_record_has_its_place_in_the_table() -> None:
    assert {rule.need for _, rule in RULES} == set(Need)
    assert {reason for _, rule in RULES for reason in rule.reasons} == set(Reason)
    assert set(Flag) <= set(KINDS)
    recorded = {record for _, rule in RULES for record in rule.records}
    assert recorded == set(QUESTIONS) - {"recognition"}  # which answers nothing
    assert answered_by(RECOGNITION) == frozenset()
    assert {letter_for(record) for record in QUESTIONS} == {"C", "E", "P", "R"} <= LETTERS
    assert {need.value for need in Need} == set(words.NEED)


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_every_need_can_be_answered(kind: str, rule: Rule) -> None:
    assert rule in rules_of(kind).needs
    assert any([rule.records, rule.reasons, rule.covering, rule.credit])


def test_of_a_clinical_scene_nothing_but_patients_and_places_answers() -> None:
    assert needs_of("clinical") == (Need.PATIENT_CONSENT, Need.PLACE_PERMISSION)
    assert rule_of("clinical", Need.PATIENT_CONSENT).records == ("patient",)
    assert not any(rule.covering or rule.credit for rule in rules_of("clinical").needs)
    assert [kind for kind, rules in KINDS.items() if rules.clinical] == [
        "clinical",
        "place",
        "doubt",
    ]
    identifying = [kind for kind, rules in KINDS.items() if rules.identifying]
    assert identifying == ["face", "clinical", "place", "text", "doubt", "person"]


def test_what_can_be_covered_has_a_name_for_all_of_it() -> None:
    coverable = {kind for kind, rule in RULES if rule.covering}
    assert set(GROUPS.values()) == coverable == {"face", "code", "text", "person"}


@pytest.mark.parametrize("need", Need)
def test_nothing_answers_a_kind_that_nobody_knows(need: Need) -> None:
    assert needs_of("tattoo") == (Need.LOOK,)
    rule = rule_of("tattoo", need)
    assert not any([rule.records, rule.reasons, rule.covering, rule.credit])


def test_scripts_get_it_as_plain_values() -> None:
    told = table()
    assert json.loads(json.dumps(told)) == told
    assert list(told) == list(KINDS)
    (code,) = told["code"]
    assert code == {
        "need": "look",
        "records": [],
        "reasons": ["public code", "not a code"],
        "covering": True,
        "credit": False,
        "may_be": None,
    }
    (doubt,) = told["doubt"]
    assert (doubt["need"], doubt["reasons"], doubt["may_be"]) == (
        "look",
        ["nothing clinical"],
        "clinical",
    )
