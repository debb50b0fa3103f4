from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from unit.ledger import office

from imu_imageprep.domain.answers import Binding, Entry, Withdrawal
from imu_imageprep.domain.case import Answers
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger.book import Ledger

AT = "2026-03-04T05:06:07.000+00:00"


@pytest.fixture
def ref(ledger: Ledger) -> str:
    """A patient's consent, bound to a face."""
    ref = ledger.new_reference("C")
    ledger.add(replace(office.PATIENT, ref=ref), office.bound(ref))
    return ref


@pytest.mark.parametrize(
    "entry",
    [
        *(office.PATIENT, office.EVENT, office.PLACE, office.NO_PATIENT, office.DRAWN),
        office.CLINICAL,
    ],
)
def test_what_was_entered_is_read_back(ledger: Ledger, entry: Entry) -> None:
    (made,) = ledger.add(entry)
    listed = ledger.record(made.ref)
    assert made == replace(entry, ref=made.ref, at=AT)
    assert listed is not None
    assert (listed.entry, listed.state, listed.at) == (made, State.IN_FORCE, AT)


def test_answers_come_with_their_records(ledger: Ledger, ref: str) -> None:
    place, event, drawn, dismissed = ledger.add(
        office.PLACE, office.EVENT, office.DRAWN, office.NO_PATIENT
    )
    (there,) = ledger.add(office.bound(place.ref, office.WARD, Need.PLACE_PERMISSION))
    answers = ledger.answers_for(office.PHOTO)
    assert {record.ref for record in answers.records} == {ref, place.ref}
    assert event not in answers.records
    assert answers.dismissals == (dismissed,)
    assert [one.seen for one in answers.drawn] == [office.DRAWN.seen]
    assert answers.bindings[-1] == there
    assert ledger.drawn_for(office.PHOTO) == answers.drawn
    assert [one.ref for one in answers.drawn] == [drawn.ref]


def test_another_photo_has_no_answers(ledger: Ledger, ref: str) -> None:
    assert ledger.answers_for("6" * 64) == Answers()
    assert ledger.drawn_for("6" * 64) == ()
    assert [listed.ref for listed in ledger.records()] == [ref]
    assert ledger.records("6" * 64) == ()


def test_all_or_nothing_is_entered(ledger: Ledger) -> None:
    with pytest.raises(UsageProblem, match="no record"):
        ledger.add(office.PLACE, office.bound("C-000-000-000"))
    assert ledger.records() == ()
    assert ledger.head() is None


def test_a_reference_is_never_given_twice(ledger: Ledger, ref: str) -> None:
    with pytest.raises(UsageProblem, match="already used"):
        ledger.add(replace(office.PATIENT, ref=ref))
    with pytest.raises(UsageProblem, match="does not fit"):
        ledger.add(replace(office.PLACE, ref=ledger.new_reference("C")))


@pytest.mark.parametrize("word", ["withdraw", "erase"])
def test_what_does_not_stand_cannot_be_bound(ledger: Ledger, ref: str, word: str) -> None:
    if word == "withdraw":
        ledger.withdraw(Withdrawal(ref, "", "A Clerk"))
    else:
        ledger.erase(ref)
    with pytest.raises(UsageProblem, match="answers nothing"):
        ledger.add(office.bound(ref))


def test_two_words_on_how_many_patients_are_refused(ledger: Ledger, ref: str) -> None:
    first = office.bound(ref, office.WARD, Need.PATIENT_CONSENT)
    (made,) = ledger.add(first)
    (other,) = ledger.add(replace(office.PATIENT, subject="P-2"))
    two = replace(first, refs=(ref, other.ref), patients=2)
    with pytest.raises(UsageProblem, match="1 patients are visible"):
        ledger.add(two)
    ledger.withdraw(Withdrawal(made.ref, "miscounted", "A Clerk"))
    (second,) = ledger.add(two)
    assert isinstance(second, Binding)
    assert second.patients == 2


def test_a_withdrawal_lists_exports_and_posts(ledger: Ledger, ref: str) -> None:
    done = ledger.begin(office.receipt(ref))
    ledger.finish(done)
    cut_off = ledger.begin(office.receipt(ref, export="d" * 64))
    ledger.begin(office.receipt("C-OTHER", export="c" * 64))
    ledger.post(office.EXPORT, "https://example.edu/a")
    ledger.post(office.EXPORT, "https://example.edu/b")
    found = ledger.withdraw(Withdrawal(ref, "changed their mind", "A Clerk"))
    assert [(one.head, one.finished) for one in found] == [(cut_off, False), (done, True)]
    assert found[1].urls == ("https://example.edu/a", "https://example.edu/b")
    assert (found[1].channel, found[1].export.path) == ("web", "/web/photo-1.jpg")
    assert ledger.exports_relying_on(ref) == found
    head = ledger.head()
    assert ledger.withdraw(Withdrawal(ref, "again", "A Clerk")) == found
    assert ledger.head() == head
    assert ref in ledger.answers_for(office.PHOTO).withdrawn


def test_what_was_drawn_is_never_taken_back(ledger: Ledger) -> None:
    (drawn,) = ledger.add(office.DRAWN)
    with pytest.raises(UsageProblem, match="drew by hand"):
        ledger.withdraw(Withdrawal(drawn.ref, "", "A Clerk"))
    ledger.erase(drawn.ref)
    assert [one.seen for one in ledger.drawn_for(office.PHOTO)] == [office.DRAWN.seen]


def test_a_confirmed_doubt_counts_until_it_is_withdrawn(ledger: Ledger) -> None:
    drawn, yes = ledger.add(office.DRAWN, office.CLINICAL)
    seen = [(one.ref, one.seen, one.by) for one in ledger.drawn_for(office.PHOTO)]
    assert seen == [(drawn.ref, office.DRAWN.seen, ""), (yes.ref, office.DOUBT, "")]
    ledger.withdraw(Withdrawal(yes.ref, "a slip", "A Clerk"))
    assert [one.ref for one in ledger.drawn_for(office.PHOTO)] == [drawn.ref]
    (again,) = ledger.add(office.CLINICAL)
    assert [one.ref for one in ledger.drawn_for(office.PHOTO)] == [drawn.ref, again.ref]


def test_an_erasure_takes_the_name_and_leaves_what_was_seen(ledger: Ledger) -> None:
    (yes,) = ledger.add(office.CLINICAL)
    assert not [n for n in office.NEEDLES if n.encode() in office.raw(ledger)]
    ledger.erase(yes.ref)
    assert [one.seen for one in ledger.drawn_for(office.PHOTO)] == [office.DOUBT]
    listed = ledger.record(yes.ref)
    assert listed is not None
    assert (listed.kind, listed.state, listed.entry) == ("confirmation", State.ERASED, None)
    assert ledger.audit().damage is None


def test_only_exports_can_be_posted(ledger: Ledger) -> None:
    with pytest.raises(UsageProblem, match="does not know this file as an export"):
        ledger.post(office.EXPORT, "https://example.edu/a")
    ledger.begin(office.receipt())
    for url in (
        "javascript:alert(1)",
        "https://",
        "https://me:s3cr3t@example.edu/a",
        "https://me:s3cr3t@example.edu?a",
        "https://example.edu/\x1b[31m",
    ):
        with pytest.raises(UsageProblem, match="address") as refusal:
            ledger.post(office.EXPORT, url)
        assert "s3cr3t" not in f"{refusal.value.message} {refusal.value.advice}"
    ledger.post(office.EXPORT, "https://example.edu/@me/1?by=a@b")


@pytest.mark.parametrize("digest", [office.EXPORT, office.PHOTO])
def test_a_receipt_is_found_by_either_files_bytes(ledger: Ledger, digest: str) -> None:
    assert ledger.receipts(digest) == ()
    ledger.finish(ledger.begin(office.receipt("C-1")))
    (found,) = ledger.receipts(digest)
    assert found.relied_on == ("C-1",)
    assert {finding["kind"] for finding in found.body["findings"]} == {"face", "clinical"}


def test_unknown_references_are_said(ledger: Ledger, ref: str) -> None:
    assert ledger.record("C-000-000-000") is None
    with pytest.raises(UsageProblem, match="no record"):
        ledger.withdraw(Withdrawal("C-000-000-000", "", "A Clerk"))
    with pytest.raises(UsageProblem, match="no record"):
        ledger.erase("C-000-000-000")
    ledger.withdraw(Withdrawal(ref, "", "A Clerk"))
    ((own,),) = office.sql(ledger, "SELECT ref FROM events WHERE kind = 'withdrawal'")
    with pytest.raises(UsageProblem, match="no record"):
        ledger.withdraw(Withdrawal(own, "", "A Clerk"))


def test_an_erased_record_leaves_its_tombstone(ledger: Ledger, ref: str) -> None:
    done = ledger.begin(office.receipt(ref))
    assert [one.head for one in ledger.erase(ref)] == [done]
    listed = ledger.record(ref)
    assert listed is not None
    assert (listed.state, listed.entry, listed.kind) == (State.ERASED, None, "consent")
    answers = ledger.answers_for(office.PHOTO)
    assert answers.records == ()
    assert answers.erased == {ref}
    head = ledger.head()
    ledger.erase(ref)
    assert ledger.head() == head
    assert ledger.audit().damage is None


def test_after_erasing_the_files_hold_nothing_personal(ledger: Ledger, ref: str) -> None:
    ledger.withdraw(Withdrawal(ref, "needle reason", "Needle Clerk"))
    keys = [key for (key,) in office.sql(ledger, "SELECT key FROM keys ORDER BY event")]
    assert all(key in office.raw(ledger) for key in keys)
    ledger.erase(ref)
    left = office.raw(ledger)
    for needle in (*office.NEEDLES, "needle reason"):
        assert needle.encode() not in left
    # The one key left is that of the answer, which tells who recorded it.
    assert [key in left for key in keys] == [False, True, False]


def test_no_key_survives_among_many(ledger: Ledger) -> None:
    made = ledger.add(*[office.PATIENT] * 300)
    keys = [key for (key,) in office.sql(ledger, "SELECT key FROM keys ORDER BY event")]
    for entry in made[::29]:
        ledger.erase(entry.ref)
    left = office.raw(ledger)
    assert [key in left for key in keys] == [bool(n % 29) for n in range(300)]


def test_nothing_personal_is_ever_readable(ledger: Ledger, ref: str) -> None:
    ledger.withdraw(Withdrawal(ref, "needle reason", "Needle Clerk"))
    there = office.raw(ledger)
    assert not [n for n in (*office.NEEDLES, "needle reason") if n.encode() in there]


def test_no_picture_text_position_or_file_name_is_kept(ledger: Ledger) -> None:
    """Needles where a detector or a file could leave something that the ledger must not keep."""
    ledger.begin(office.receipt("C-1", label="needle read off a badge"))
    left = office.raw(ledger)
    assert b"needle" not in left
    assert b"ward" in left


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events",
        "UPDATE events SET kind = 'x'",
        "DELETE FROM keys",
        "UPDATE keys SET key = 'x'",
    ],
)
def test_nothing_is_changed_or_deleted(ledger: Ledger, ref: str, statement: str) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        office.sql(ledger, statement)
    assert ledger.audit().damage is None
    assert ledger.record(ref) is not None


def test_a_photo_without_findings_loads_no_cipher(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from fakes import FixedClock\n"
        "from imu_imageprep.domain.receipt import Outcome, Receipt\n"
        "from imu_imageprep.ledger.sqlite import SqliteLedger\n"
        "ledger = SqliteLedger(Path(sys.argv[1]), FixedClock())\n"
        "ledger.exports_of('5' * 64, '', '')\n"
        "ledger.drawn_for('5' * 64)\n"
        "ledger.finish(ledger.begin(Receipt(Outcome.EXPORTED)))\n"
        "sys.exit(bool({'cryptography', 'psycopg'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "l.db", root, root / "tests"], check=False
    )
    assert done.returncode == 0
