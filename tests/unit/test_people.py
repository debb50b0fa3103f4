"""Who is in the register, and that nobody stays in it without a consent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from unit.ledger import office
from unit.register.team import WORD, enrolled, faces, in_the_clear, join, people, raw, sealed

from imu_imageprep.api import Desk
from imu_imageprep.domain.answers import Withdrawal
from imu_imageprep.domain.consent import Kind
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.trail import Enrolment
from imu_imageprep.people import People, Unfit
from imu_imageprep.register.library import MODEL

AFTER = datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture
def team(tmp_path: Path) -> People:
    return people(tmp_path)


def events(team: People, ref: str) -> list[tuple[str, str]]:
    return [(event.what, event.why) for event in team.ledger.enrolments()[ref]]


def test_someone_is_enrolled_and_removed(team: People, tmp_path: Path) -> None:
    ref = join(team, "NURSE-7")
    (one,) = team.enrolled()
    assert (one.code, one.consent, one.templates) == (
        "NURSE-7",
        ref,
        enrolled("NURSE-7").templates,
    )
    kept = sealed(team.register.path, ref)
    assert not in_the_clear(raw(tmp_path), "NURSE-7")
    team.remove("nurse-7")
    assert team.enrolled() == ()
    assert kept not in raw(tmp_path)
    assert events(team, ref) == [("enrolled", ""), ("removed", "removed")]
    assert team.ledger.enrolments(ref)[ref][0] == Enrolment(
        "2026-03-04T05:00:00.000+00:00", "enrolled", photos=3
    )
    assert team.ledger.audit().damage is None
    assert b"NURSE-7" not in raw(tmp_path)
    with pytest.raises(UsageProblem, match="Nobody called"):
        team.remove("NURSE-7")


def test_a_consent_to_publish_is_none_to_be_recognised(team: People) -> None:
    publish = replace(office.PATIENT, kind=Kind.STAFF, subject="NURSE-7")
    staff, patient = team.ledger.add(publish, office.PATIENT)
    for ref in (staff.ref, patient.ref):
        with pytest.raises(UsageProblem, match="is not a consent to be recognised"):
            team.enrol("NURSE-7", faces("NURSE-7"), consent=ref)
    with pytest.raises(UsageProblem, match="not on record"):
        team.enrol("NURSE-7", faces("NURSE-7"), consent="R-000-000-00E")
    (other,) = team.ledger.add(WORD)
    with pytest.raises(UsageProblem, match="somebody else's"):
        team.enrol("NURSE-8", faces("NURSE-8"), consent=other.ref)
    assert not team.register.path.exists()
    assert team.ledger.enrolments() == {}


@pytest.mark.parametrize("kind", [Kind.PATIENT])
def test_a_patient_or_a_minor_is_never_entered(team: People, kind: Kind) -> None:
    with pytest.raises(UsageProblem, match="never recognised"):
        team.ledger.add(replace(WORD, kind=kind))


def test_nobody_is_enrolled_twice_or_beside_a_double(team: People) -> None:
    join(team, "NURSE-7")
    (again,) = team.ledger.add(replace(WORD, subject="nurse-7"))
    with pytest.raises(UsageProblem, match="already"):
        team.enrol("nurse-7", faces("NURSE-7"), consent=again.ref)
    (twin,) = team.ledger.add(replace(WORD, subject="TWIN"))
    with pytest.raises(Unfit) as told:
        team.enrol("TWIN", faces("NURSE-7"), consent=twin.ref)
    assert "NURSE-7 in the register" in told.value.flaws[0].what
    assert [one.code for one in team.enrolled()] == ["NURSE-7"]


@pytest.mark.parametrize("how", ["withdrawn", "erased", "expired", "no consent"])
def test_templates_end_with_their_consent(team: People, tmp_path: Path, how: str) -> None:
    ended, other = join(team, "NURSE-7"), join(team, "TUTOR-2")
    kept = sealed(team.register.path, ended)
    if how == "withdrawn":
        team.ledger.withdraw(Withdrawal(ended, "", "A Clerk"))
    elif how == "erased":
        team.ledger.erase(ended)
    elif how == "expired":
        # TUTOR-2 is asked for again in time.
        (word,) = team.ledger.add(
            replace(WORD, subject="NURSE-9", expires=datetime(2026, 3, 5, tzinfo=UTC).date())
        )
        team.enrol("NURSE-9", faces("NURSE-9"), consent=word.ref)
        ended, kept = word.ref, sealed(team.register.path, word.ref)
        team = people(tmp_path, datetime(2026, 3, 6, 5, tzinfo=UTC))
    else:
        values = json.loads(team.register.path.read_bytes())
        values["people"][0]["consent"] = ended = "R-000-000-00E"
        team.register.path.write_text(json.dumps(values))
    assert kept in raw(tmp_path)
    team.sweep()
    assert kept not in raw(tmp_path)
    assert ended not in team.register.consents()
    assert other in team.register.consents()
    assert events(team, ended)[-1] == ("removed", how)
    team.sweep()
    assert [what for what, _ in events(team, ended)].count("removed") == 1


def test_everyone_leaves_when_the_time_is_over(team: People, tmp_path: Path) -> None:
    join(team, "NURSE-7")
    join(team, "TUTOR-2")
    assert people(tmp_path, AFTER).enrolled() == ()
    assert not team.register.path.exists()


def test_withdrawing_at_the_desk_destroys_at_once(team: People, tmp_path: Path) -> None:
    ref, other = join(team, "NURSE-7"), join(team, "TUTOR-2")
    kept = sealed(team.register.path, ref)
    Desk(team.ledger).withdraw(ref, reason="", by="A Clerk")
    assert kept not in raw(tmp_path)
    kept = sealed(team.register.path, other)
    Desk(team.ledger).erase(other)
    assert kept not in raw(tmp_path)
    assert not team.register.path.exists()


def test_a_run_that_was_cut_off_is_told_to_the_end(team: People) -> None:
    """The event comes before the template: killed in between, nobody is in the file."""
    (word,) = team.ledger.add(WORD)
    team.ledger.enrolled(word.ref, photos=3, model=MODEL)
    assert team.enrolled() == ()
    assert events(team, word.ref) == [("enrolled", ""), ("removed", "not in the file")]


def test_a_ledger_that_moves_takes_the_events_along(team: People, tmp_path: Path) -> None:
    ref = join(team, "NURSE-7")
    lines = list(team.ledger.export_lines())
    there = tmp_path / "there"
    there.mkdir()
    moved = people(there)
    moved.ledger.import_lines(lines)
    assert events(moved, ref) == [("enrolled", "")]
    assert not in_the_clear("\n".join(lines).encode(), "NURSE-7")


def test_a_consent_to_be_recognised_answers_no_finding(team: People) -> None:
    (word,) = team.ledger.add(WORD)
    with pytest.raises(UsageProblem, match="do not answer"):
        team.ledger.add(office.bound(word.ref))
    with pytest.raises(UsageProblem):
        team.ledger.add(office.bound(word.ref, office.WARD, Need.PATIENT_CONSENT))
