from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from unit.ledger import office

from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.chain import GENESIS, Event

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


def events(ledger: Ledger) -> list[tuple[Event, str]]:
    rows = office.sql(ledger, "SELECT at, kind, body, prev, hash FROM events ORDER BY seq")
    return [(Event(*row[:4]), row[4]) for row in rows]


def test_only_a_finished_export_counts(ledger: Ledger) -> None:
    assert ledger.exports_of(*KEY) == ()
    begun = ledger.begin(RECEIPT)
    assert ledger.exports_of(*KEY) == ()
    ledger.finish(begun)
    assert ledger.exports_of(*KEY) == (EXPORT,)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_another_photo_policy_or_request_does_not_count(ledger: Ledger, part: int) -> None:
    ledger.finish(ledger.begin(RECEIPT))
    other = list(KEY)
    other[part] = "0" * 64
    assert ledger.exports_of(*other) == ()


def test_events_are_chained(ledger: Ledger) -> None:
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


def test_writers_never_fork_the_chain(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda _: ledger.begin(RECEIPT), range(40)))
    assert len(set(heads)) == 40
    assert len({event.prev for event, _ in events(ledger)}) == 40


def test_the_body_holds_the_receipt(ledger: Ledger) -> None:
    ledger.begin(RECEIPT)
    ((event, _),) = events(ledger)
    assert json.loads(event.body) == RECEIPT.to_json()
    assert event.at == "2026-03-04T05:06:07.000+00:00"


def test_a_file_name_that_identifies_is_not_kept(ledger: Ledger) -> None:
    plain = replace(office.receipt(), examinations=(), path="/in/IMG_20260101.jpg")
    ledger.begin(plain)
    ledger.begin(replace(plain, path="/in/needle 900101-14-5678.jpg"))
    assert b"IMG_20260101" in office.raw(ledger)
    assert b"needle" not in office.raw(ledger)


def test_a_group_is_what_one_by_one_would_be(new: Callable[[], Ledger]) -> None:
    alone, together = new(), new()
    others = [replace(RECEIPT, path=f"{number}.jpg") for number in range(5)]
    begun = [alone.begin(one) for one in others]
    done = [alone.finish(one) for one in begun]
    assert together.begin_many(others) == tuple(begun)
    assert together.finish_many(begun) == tuple(done)
    assert events(together) == events(alone)
    assert (together.begin_many([]), together.finish_many([])) == ((), ())


def test_a_group_is_recorded_whole_or_not_at_all(ledger: Ledger) -> None:
    with pytest.raises(AttributeError):
        ledger.begin_many([RECEIPT, None])  # type: ignore[list-item]
    assert ledger.head() is None


def test_a_name_that_is_no_text_is_kept_as_it_is(ledger: Ledger) -> None:
    """Linux lets files have names that are not UTF-8; Python and JSON tell them by surrogates."""
    names = ["\udcff.jpg", "\\u0000.jpg", "\U0001f468\u200d\u2695.jpg", "gambar-é.jpg"]
    for name in names:
        path = f"/web/{name}"
        ledger.finish(
            ledger.begin(replace(RECEIPT, path=f"/in/{name}", export=replace(EXPORT, path=path)))
        )
    assert [json.loads(event.body)["path"] for event, _ in events(ledger)[::2]] == [
        f"/in/{name}" for name in names
    ]
    assert ledger.original_at("/web/gambar-é.jpg") == "gambar-é.jpg"
    assert ledger.original_at("/web/\U0001f468\u200d\u2695.jpg") == "\U0001f468\u200d\u2695.jpg"
    assert ledger.audit().damage is None


def test_it_goes_to_another_process_without_a_connection(ledger: Ledger) -> None:
    head = ledger.begin(RECEIPT)
    there = multiprocessing.get_context("spawn").Pool(1)
    with there:
        assert there.apply(Ledger.head, (ledger,)) == head
        assert there.apply(Ledger.finish, (ledger, head)) == ledger.head()
