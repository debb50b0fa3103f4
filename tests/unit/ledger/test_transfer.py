from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FixedClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Server
from unit.ledger import office
from unit.ledger.conftest import STORES

from imu_imageprep.domain.answers import Withdrawal
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger import opened
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.chain import GENESIS, Event


@pytest.fixture
def here(new: Callable[[], Ledger]) -> Ledger:
    return new()


@pytest.fixture(params=STORES)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """The other ledger, in a file or on the server, whichever the first one is in."""
    if request.param == "sqlite":
        yield opened(tmp_path / "there.db", FixedClock())
        return
    server: Server = request.getfixturevalue("server")
    database = server.database()
    yield opened(server.url(database), FixedClock())
    server.drop(database)


def filled(ledger: Ledger) -> str:
    ref = ledger.new_reference("C")
    ledger.add(replace(office.PATIENT, ref=ref), office.bound(ref))
    ledger.finish(ledger.begin(office.receipt(ref)))
    ledger.post(office.EXPORT, "https://example.edu/a")
    return ref


def state(ledger: Ledger, ref: str) -> State:
    listed = ledger.record(ref)
    assert listed is not None
    return listed.state


def test_everything_comes_across_once(here: Ledger, there: Ledger) -> None:
    own, ref = filled(here), filled(there)
    lines = list(there.export_lines())
    assert here.import_lines(lines) == 5
    assert here.import_lines(lines) == 0
    assert here.record(ref) == there.record(ref)
    assert {listed.ref for listed in here.records()} == {own, ref}
    (came, *_) = here.exports_relying_on(ref)
    assert came.finished
    assert here.audit().damage is None
    # And back again: what came from there is not new there.
    assert there.import_lines(here.export_lines()) == 5
    assert there.record(own) == here.record(own)
    assert there.audit().damage is None


@pytest.mark.parametrize("word", [State.WITHDRAWN, State.ERASED])
def test_an_older_export_revives_nothing(here: Ledger, there: Ledger, word: State) -> None:
    ref = filled(there)
    older = list(there.export_lines())
    here.import_lines(older)
    if word is State.WITHDRAWN:
        here.withdraw(Withdrawal(ref, "", "A Clerk"))
    else:
        here.erase(ref)
    assert here.import_lines(older) == 0
    assert state(here, ref) is word
    assert here.audit().damage is None


@pytest.mark.parametrize("word", [State.WITHDRAWN, State.ERASED])
def test_a_newer_export_brings_what_was_taken_back(
    here: Ledger, there: Ledger, word: State
) -> None:
    ref = filled(there)
    here.import_lines(there.export_lines())
    if word is State.WITHDRAWN:
        there.withdraw(Withdrawal(ref, "", "A Clerk"))
    else:
        there.withdraw(Withdrawal(ref, "needle reason", "A Clerk"))
        there.erase(ref)
    assert here.import_lines(there.export_lines()) > 0
    assert state(here, ref) is word
    assert here.audit().damage is None
    if word is State.ERASED:
        left = office.raw(here)
        assert not [needle for needle in office.NEEDLES if needle.encode() in left]


def test_what_was_erased_comes_as_a_tombstone(here: Ledger, there: Ledger) -> None:
    ref = filled(there)
    there.erase(ref)
    here.import_lines(there.export_lines())
    assert state(here, ref) is State.ERASED
    assert here.audit().damage is None


def test_a_withdrawal_of_what_is_erased_here_stays_unread(here: Ledger, there: Ledger) -> None:
    ref = filled(there)
    here.import_lines(there.export_lines())
    here.erase(ref)
    there.withdraw(Withdrawal(ref, "needle reason", "A Clerk"))
    assert here.import_lines(there.export_lines()) == 1
    assert here.audit().damage is None
    assert state(here, ref) is State.ERASED


def test_a_changed_export_is_refused(here: Ledger, there: Ledger) -> None:
    filled(there)
    lines = list(there.export_lines())
    events = [json.loads(line) for line in lines]
    changes = [
        lines[:-1],
        lines[:2] + lines[3:],
        [*lines[:3], json.dumps({**events[3], "body": "{}"}), *lines[4:]],
        [lines[0], json.dumps({**events[1], "key": events[2]["key"]}), *lines[2:]],
        [lines[0], json.dumps({**events[1], "key": None}), *lines[2:]],
        [lines[0], json.dumps({**events[1], "at": 5}), *lines[2:]],
        lines[1:],
        ["not json"],
        ["[]"],
        [],
    ]
    for changed in changes:
        with pytest.raises(InputProblem):
            here.import_lines(changed)
        assert here.head() is None


def test_many_come_across_in_the_order_of_their_chain(
    here: Ledger, there: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent some at a time, with what refers to others among them, and with an erasure between."""
    monkeypatch.setattr("imu_imageprep.ledger.postgres._TOGETHER", 3)
    refs = [filled(there) for _ in range(3)]
    there.erase(refs[0])
    refs.append(filled(there))
    own = filled(here)
    assert here.import_lines(there.export_lines()) == 21
    assert here.audit().damage is None
    assert [state(here, ref) for ref in (own, *refs)] == [
        *(State.IN_FORCE, State.ERASED, State.IN_FORCE, State.IN_FORCE, State.IN_FORCE),
    ]
    for ref in refs:
        (export,) = here.exports_relying_on(ref)
        assert export.finished
    assert here.import_lines(there.export_lines()) == 0


def test_one_of_many_that_is_no_event_of_ours_is_named(here: Ledger) -> None:
    rows, prev = [], GENESIS
    for number in range(8):
        kind, body = "posted" if number != 4 else "odd \ud800", json.dumps({"number": number})
        event = Event("2026-01-01", kind, body, prev)
        prev = event.hash
        told = {"at": event.at, "kind": event.kind, "body": body, "prev": event.prev}
        rows.append(json.dumps({**told, "hash": prev, "key": None}))
    first = json.dumps({"imageprep_ledger": 1, "events": 8, "head": prev})
    with pytest.raises(InputProblem, match="Event 5 of the file"):
        here.import_lines([first, *rows])
    assert here.head() is None


def test_two_records_of_one_reference_are_refused(here: Ledger, there: Ledger) -> None:
    ref = filled(there)
    here.add(replace(office.PATIENT, ref=ref, subject="P-2"))
    with pytest.raises(InputProblem, match="something else"):
        here.import_lines(there.export_lines())


def test_what_an_event_is_about_is_a_text(here: Ledger) -> None:
    body = json.dumps({"ref": "W-1", "about": [], "sealed": "x"})
    event = Event("2026-01-01T00:00:00.000+00:00", "withdrawal", body, GENESIS)
    row = {"at": event.at, "kind": event.kind, "body": body, "prev": GENESIS, "hash": event.hash}
    head = {"imageprep_ledger": 1, "events": 1, "head": event.hash}
    with pytest.raises(InputProblem):
        here.import_lines([json.dumps(head), json.dumps({**row, "key": None})])
    assert here.head() is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_whole_chain_that_imageprep_never_wrote_adds_nothing(
    ledger: Ledger, data: st.DataObject
) -> None:
    texts = ["", "x", "\0", "\ud800"]
    others = [[], {}, {"hash": "a", "at": "b"}, {"hash": None}]
    values: st.SearchStrategy[Any] = st.sampled_from([None, 0, -1, 10**30, math.nan])
    values |= st.sampled_from(texts) | st.sampled_from(others)
    names = st.sampled_from(["ref", "about", "sealed", "origin", "begun", "seen", "keys", "photo"])
    kinds = st.sampled_from(["consent", "answer", "withdrawal", "erasure", "export-done", "other"])
    bodies = st.dictionaries(names, values, max_size=4).map(json.dumps)
    body = data.draw(st.one_of(bodies, st.sampled_from(["[]", "null", "{", "[" * 2000])))
    event = Event("2026-01-01T00:00:00.000+00:00", data.draw(kinds), body, GENESIS)
    row = {"at": event.at, "kind": event.kind, "body": body, "prev": GENESIS, "hash": event.hash}
    head = {"imageprep_ledger": 1, "events": 1, "head": event.hash}
    with contextlib.suppress(InputProblem):
        ledger.import_lines([json.dumps(head), json.dumps({**row, "key": None})])
    ledger.records()
    ledger.audit()
