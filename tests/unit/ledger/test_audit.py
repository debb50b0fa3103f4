from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep.domain.answers import Withdrawal
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.sqlite import SqliteLedger


def filled(ledger: Ledger) -> None:
    """Ten events: a consent with its answer, three exports, a withdrawal, an erasure."""
    ref = ledger.new_reference("C")
    ledger.add(replace(office.PATIENT, ref=ref), office.bound(ref))
    for number in range(3):
        ledger.finish(ledger.begin(office.receipt(ref, export=f"{number:064x}")))
    ledger.withdraw(Withdrawal(ref, "", "A Clerk"))
    ledger.erase(ref)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    filled(ledger)
    return ledger


@pytest.fixture
def file(tmp_path: Path) -> SqliteLedger:
    kept = SqliteLedger(tmp_path / "ledger.db", FixedClock())
    filled(kept)
    return kept


def tamper(ledger: Ledger, *statements: str) -> None:
    """Change the store as someone would who administers it."""
    office.sql(ledger, *statements, untouched=False)


def flat(ledger: SqliteLedger) -> bytearray:
    """The bytes of the file, with nothing left in the log beside it."""
    connection = sqlite3.connect(ledger.path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return bytearray(ledger.path.read_bytes())


def test_a_sound_ledger(ledger: Ledger) -> None:
    found = ledger.audit()
    assert (found.events, found.head, found.damage) == (10, ledger.head(), None)


def test_an_empty_one(new: Callable[[], Ledger], tmp_path: Path) -> None:
    nothing = SqliteLedger(tmp_path / "none.db", FixedClock())
    for one in (nothing, new()):
        assert one.audit().damage is None
        assert one.audit("a" * 64).damage is not None
    assert not nothing.path.exists()


@pytest.mark.parametrize(
    ("event", "statement"),
    [
        (4, "UPDATE events SET at = '2020-01-01' WHERE seq = 4"),
        (4, "UPDATE events SET kind = 'posted' WHERE seq = 4"),
        (3, "UPDATE events SET body = replace(body, 'jpeg', 'webp') WHERE seq = 3"),
        (5, "UPDATE events SET prev = '0123' WHERE seq = 5"),
        (5, "UPDATE events SET hash = '0123' WHERE seq = 5"),
        (6, "DELETE FROM events WHERE seq = 6"),
        (1, "DELETE FROM events WHERE seq = 1"),
        (2, "UPDATE keys SET key = 'another key, of thirty-two bytes!' WHERE event = 2"),
        (2, "DELETE FROM keys WHERE event = 2"),
        (1, "INSERT INTO keys VALUES (1, 'another key, of thirty-two bytes!')"),
        (3, "INSERT INTO keys VALUES (3, 'another key, of thirty-two bytes!')"),
        (None, "INSERT INTO keys VALUES (99, 'another key, of thirty-two bytes!')"),
    ],
)
def test_an_edit_is_named(ledger: Ledger, event: int | None, statement: str) -> None:
    tamper(ledger, statement)
    found = ledger.audit()
    assert found.damage is not None
    assert found.damage.event == event
    if event is not None:
        assert found.events == event - 1


def test_an_edit_with_a_new_hash_breaks_the_next_link(ledger: Ledger) -> None:
    (row,) = office.sql(ledger, "SELECT at, kind, prev FROM events WHERE seq = 4")
    forged = Event(row[0], row[1], "{}", row[2]).hash
    tamper(ledger, f"UPDATE events SET body = '{{}}', hash = '{forged}' WHERE seq = 4")
    damage = ledger.audit().damage
    assert damage is not None
    assert damage.event == 5


def test_a_cut_end_shows_only_against_a_receipt(new: Callable[[], Ledger]) -> None:
    ledger = new()
    for _ in range(3):
        head = ledger.finish(ledger.begin(office.receipt()))
    assert ledger.audit(head).damage is None
    tamper(ledger, "DELETE FROM events WHERE seq > 4")
    assert ledger.audit().damage is None
    found = ledger.audit(head)
    assert found.events == 4
    assert found.damage is not None
    assert found.damage.event is None


def test_an_older_head_is_still_there(ledger: Ledger) -> None:
    head = ledger.head()
    ledger.begin(office.receipt())
    assert ledger.audit(head).damage is None
    assert ledger.audit(GENESIS).damage is None


def test_a_value_of_another_type_is_named(file: SqliteLedger) -> None:
    tamper(file, "UPDATE events SET at = x'00' WHERE seq = 5")
    damage = file.audit().damage
    assert damage is not None
    assert damage.event == 5


def test_a_rewritten_ledger_is_noticed(file: SqliteLedger) -> None:
    head = file.head()
    file.path.unlink()
    file.begin(office.receipt())
    assert file.audit().damage is None
    assert file.audit(head).damage is not None


def test_any_changed_byte_of_an_event_is_found(file: SqliteLedger) -> None:
    whole = flat(file)
    with sqlite3.connect(file.path) as connection:
        bodies = connection.execute("SELECT seq, body FROM events").fetchall()
    for seq, body in bodies:
        at = whole.index(body.encode()) + len(body) // 2
        file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        damage = file.audit().damage
        assert damage is not None
        assert damage.event == seq


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9])
def test_a_cut_file_is_never_sound(file: SqliteLedger, share: float) -> None:
    head = file.head()
    whole = flat(file)
    file.path.write_bytes(whole[: int(len(whole) * share)])
    assert file.audit(head).damage is not None


def test_bytes_changed_anywhere_never_crash_the_audit(file: SqliteLedger) -> None:
    whole = flat(file)
    head = file.head()
    for at in range(0, len(whole), 397):
        file.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            found = file.audit(head)
        except OutputProblem:
            continue
        # What lies in no event may be free space; then every event is what it was.
        assert found.damage is not None or (found.events, found.head) == (10, head)
