from __future__ import annotations

import json
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.ledger.sqlite_schema import VERSION as SCHEMA_VERSION

EXPORT = ExportRecord("/web/a.jpg", "e" * 64, Format.JPEG, 800, 600, 72, 1234)
RECEIPT = Receipt(
    Outcome.EXPORTED,
    path="a.jpg",
    source=SourceRecord("5" * 64, Format.JPEG, 4000, 3000, 99),
    export=EXPORT,
    policy="p" * 64,
    request="r" * 64,
)
KEY = ("5" * 64, "p" * 64, "r" * 64)


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "deep" / "ledger.db", FixedClock())


def events(ledger: SqliteLedger) -> list[tuple[Event, str]]:
    with sqlite3.connect(ledger.path) as connection:
        rows = connection.execute("SELECT at, kind, body, prev, hash FROM events ORDER BY seq")
        return [(Event(*row[:4]), row[4]) for row in rows]


def test_only_a_finished_export_counts(ledger: SqliteLedger) -> None:
    assert ledger.exports_of(*KEY) == ()
    begun = ledger.begin(RECEIPT)
    assert ledger.exports_of(*KEY) == ()
    ledger.finish(begun)
    assert ledger.exports_of(*KEY) == (EXPORT,)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_another_photo_policy_or_request_does_not_count(ledger: SqliteLedger, part: int) -> None:
    ledger.finish(ledger.begin(RECEIPT))
    other = list(KEY)
    other[part] = "0" * 64
    assert ledger.exports_of(*other) == ()


def test_events_are_chained(ledger: SqliteLedger) -> None:
    ledger.finish(ledger.begin(RECEIPT))
    ledger.finish(ledger.begin(RECEIPT))
    prev = GENESIS
    for event, stored in events(ledger):
        assert event.prev == prev
        assert event.hash == stored
        prev = stored
    assert len(events(ledger)) == 4


def test_every_field_is_in_the_hash() -> None:
    event = Event("now", "kind", "{}", GENESIS)
    others = [
        Event("then", "kind", "{}", GENESIS),
        Event("now", "other", "{}", GENESIS),
        Event("now", "kind", "[]", GENESIS),
        Event("now", "kind", "{}", "1" * 64),
        Event("no", "wkind", "{}", GENESIS),
    ]
    assert len({event.hash, *(other.hash for other in others)}) == 6


@pytest.mark.parametrize("statement", ["DELETE FROM events", "UPDATE events SET kind = 'x'"])
def test_events_are_never_changed(ledger: SqliteLedger, statement: str) -> None:
    ledger.begin(RECEIPT)
    with sqlite3.connect(ledger.path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_the_file_is_its_owners_alone(ledger: SqliteLedger) -> None:
    ledger.begin(RECEIPT)
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


def test_looking_makes_no_file(ledger: SqliteLedger) -> None:
    ledger.exports_of(*KEY)
    assert not ledger.path.parent.exists()


def test_writers_never_fork_the_chain(ledger: SqliteLedger) -> None:
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda _: ledger.begin(RECEIPT), range(40)))
    assert len(set(heads)) == 40
    assert len({event.prev for event, _ in events(ledger)}) == 40


def test_a_newer_ledger_is_refused(ledger: SqliteLedger) -> None:
    ledger.begin(RECEIPT)
    with sqlite3.connect(ledger.path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(OutputProblem, match="newer"):
        ledger.begin(RECEIPT)


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is a letter, not a database, and long enough to be sure of it" * 9)
    before = path.read_bytes()
    with pytest.raises(OutputProblem):
        SqliteLedger(path, FixedClock()).begin(RECEIPT)
    assert path.read_bytes() == before


def test_the_body_holds_the_receipt(ledger: SqliteLedger) -> None:
    ledger.begin(RECEIPT)
    ((event, _),) = events(ledger)
    assert json.loads(event.body) == RECEIPT.to_json()
    assert event.at == "2026-03-04T05:06:07.000+00:00"


def test_a_file_name_that_identifies_is_not_kept(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", FixedClock())
    plain = replace(office.receipt(), examinations=(), path="/in/IMG_20260101.jpg")
    ledger.begin(plain)
    ledger.begin(replace(plain, path="/in/needle 900101-14-5678.jpg"))
    assert b"IMG_20260101" in office.raw(ledger.path)
    assert b"needle" not in office.raw(ledger.path)
