"""The consent to be recognised: explicit, of an adult who is no patient, and for two years."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from unit.ledger import office
from unit.register.team import TODAY, WORD

from imu_imageprep.domain import forms
from imu_imageprep.domain.answers import Record
from imu_imageprep.domain.consent import Kind, Known
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.permits import RecognitionConsent
from imu_imageprep.domain.recognition import Lapsed, lapsed
from imu_imageprep.domain.trail import State


def test_a_whole_one_is_sound() -> None:
    assert not list(WORD.problems())
    assert lapsed(WORD, State.IN_FORCE, "nurse-7", TODAY) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": Kind.PATIENT}, "Patients"),
        ({"adult": Known.NO}, "minors"),
        ({"adult": Known.UNKNOWN}, "adults"),
        ({"agreed": Known.UNKNOWN}, "explicitly"),
        ({"agreed": Known.NO}, "explicitly"),
        ({"told": Known.UNKNOWN}, "told what is kept"),
        ({"voluntary": Known.UNKNOWN}, "no disadvantage"),
        ({"form_sha256": ""}, "signed form"),
        ({"signed": None}, "signing"),
        ({"expires": None}, "last day"),
        ({"expires": date(2029, 1, 1)}, "two years"),
        ({"expires": date(2025, 1, 1)}, "expire before"),
        ({"subject": "900101-14-5678"}, "subject code"),
        ({"giver": " "}, "giver"),
    ],
)
def test_what_is_missing_is_refused_and_never_carries_a_template(
    change: dict[str, object], says: str
) -> None:
    word: RecognitionConsent = replace(WORD, **change)  # type: ignore[arg-type]
    assert any(says in problem for problem in word.problems())
    assert lapsed(word, State.IN_FORCE, word.subject, TODAY) is not None


@pytest.mark.parametrize(
    ("entry", "state", "code", "today", "why"),
    [
        (None, State.ERASED, "NURSE-7", TODAY, Lapsed.ERASED),
        (WORD, State.WITHDRAWN, "NURSE-7", TODAY, Lapsed.WITHDRAWN),
        (WORD, State.IN_FORCE, "NURSE-8", TODAY, Lapsed.OTHER),
        (WORD, State.IN_FORCE, "NURSE-7", date(2027, 12, 31), Lapsed.EXPIRED),
        (WORD, State.IN_FORCE, "NURSE-7", date(2025, 12, 31), Lapsed.AHEAD),
        (office.PATIENT, State.IN_FORCE, office.PATIENT.subject, TODAY, Lapsed.NOT_THIS),
        (
            replace(office.PATIENT, kind=Kind.STAFF),
            State.IN_FORCE,
            "P-0417",
            TODAY,
            Lapsed.NOT_THIS,
        ),
        (office.EVENT, State.IN_FORCE, "NURSE-7", TODAY, Lapsed.NOT_THIS),
    ],
)
def test_who_may_stay_in_the_register(
    entry: object, state: State, code: str, today: date, why: Lapsed
) -> None:
    assert lapsed(entry, state, code, today) is why


def test_it_is_none_of_the_records_that_can_answer() -> None:
    assert not isinstance(WORD, Record)


def test_the_form_asks_for_all_of_it_and_is_refused_as_it_is() -> None:
    text = forms.template("recognition")
    assert "biometric" in text
    values = tomllib.loads(text)
    with pytest.raises(UsageProblem):
        forms.record_from(values)
    filled = {
        **values,
        "subject": "NURSE-7",
        "giver": "A Person",
        "form_sha256": "ab" * 32,
        "adult": "yes",
        "agreed": "yes",
        "told": "yes",
        "voluntary": "yes",
        "signed": "2026-01-01",
        "expires": "2027-12-30",
        "recorded_by": "A Clerk",
    }
    assert forms.record_from(filled) == WORD
    del filled["person"]
    record = forms.record_from(filled)
    assert any("Patients" in problem for problem in record.problems())
