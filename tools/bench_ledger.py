"""How long adding, deciding and auditing take as a ledger grows.

    python tools/bench_ledger.py [--events 1000 10000 100000] [--folder DIR | --ledger URL]

A server's database is a new one, or holds what an earlier and smaller number left there.

The ledger is filled in one transaction with what an office leaves behind: of ten events four belong
to exports, three are consents, three bind them to faces. Then, through the ordinary calls, each of
which opens the file anew: one consent with its answer is added, a photo is decided with its answers
looked up, the start of an export is recorded, a withdrawal lists its exports, all is audited.
Medians of 20 (erasing: 5; listing and auditing: 1), in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.answers import Anchor, Binding, Withdrawal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Cleared
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Purpose
from imu_imageprep.domain.decide import decide
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.ledger import opened
from imu_imageprep.ledger.entries import to_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from imu_imageprep.ledger.book import Ledger

BOX = Box(0.1, 0.1, 0.2, 0.2)
CONSENT = ConsentRecord(
    Kind.STAFF,
    "S-1",
    "A Person",
    capacity=Known.YES,
    minor=Known.NO,
    form=Form.ORAL,
    purpose=(Purpose.PUBLICATION,),
    channels=("web",),
    identifiable=Known.YES,
    signed=date(2026, 1, 1),
    recorded_by="A Clerk",
)
SCENE = numbered(
    (Examination("faces", Flag.FACE, "m1", Looked((Finding("face", 0.9, BOX),), 0.9)),)
)


@dataclass(frozen=True)
class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def photo_of(number: int) -> str:
    return f"{number:064x}"


def receipt_of(number: int, ref: str) -> Receipt:
    return Receipt(
        Outcome.EXPORTED,
        source=SourceRecord(photo_of(number), Format.JPEG, 4000, 3000, 99),
        examinations=SCENE,
        export=ExportRecord("/web/a.jpg", f"{number:064x}", Format.JPEG, 800, 600, 72, 1234),
        channel="web",
        relied_on=(ref,),
    )


def entries_of(ledger: Ledger, number: int) -> tuple[ConsentRecord, Binding]:
    ref = ledger.new_reference("C")
    seen = Anchor(photo_of(number), "face", BOX, "m1")
    binding = Binding(seen, Need.PERSON_CONSENT, (ref,), by="A Clerk")
    return replace(CONSENT, ref=ref), binding


def fill(ledger: Ledger, events: int) -> list[str]:
    """Fill a new ledger; returns the references of its consents."""
    refs = []
    with ledger.writing() as writer:
        for number in range(events * 3 // 10):
            consent, binding = entries_of(ledger, number)
            writer.append(*to_event(consent))
            writer.append(*to_event(replace(binding, ref=ledger.new_reference("A"))))
            refs.append(consent.ref)
            if number % 3 < 2:
                begun = writer.append("export-begun", receipt_of(number, consent.ref).to_json())
                writer.append("export-done", {"begun": begun.hash})
    return refs


def took(call: Callable[[int], object], times: int = 20) -> float:
    """The median of some calls, in milliseconds."""
    spent = []
    for number in range(times):
        began = time.perf_counter()
        call(number)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


@dataclass(frozen=True)
class Office:
    """A filled ledger, and what is done to it; ``number`` counts the calls."""

    ledger: Ledger
    refs: list[str]
    events: int

    def add(self, number: int) -> object:
        return self.ledger.add(*entries_of(self.ledger, self.events + number))

    def decide(self, number: int) -> object:
        photo = photo_of(number * 7)
        answers = self.ledger.answers_for(photo)
        decision = decide(SCENE, answers, Policy(), photo=photo, today=date(2026, 6, 15))
        assert isinstance(decision, Cleared), decision
        return decision

    def begin(self, number: int) -> object:
        return self.ledger.begin(receipt_of(self.events + number, self.refs[number]))

    def withdraw(self, number: int) -> object:
        return self.ledger.withdraw(Withdrawal(self.refs[number], "", "A Clerk"))

    def erase(self, number: int) -> object:
        return self.ledger.erase(self.refs[number])

    def list(self, number: int) -> object:
        del number
        return self.ledger.records()

    def audit(self, number: int) -> object:
        del number
        found = self.ledger.audit()
        assert found.damage is None, found
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--events", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--ledger", metavar="URL")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="bench-ledger-"))
    print("  events     MB     add  decide   begin  withdraw  erase    list    audit")
    for events in args.events:
        path = folder / f"{events}.db"
        path.unlink(missing_ok=True)
        ledger = opened(args.ledger or path, Clock())
        office = Office(ledger, fill(ledger, events), events)
        calls = (office.add, office.decide, office.begin, office.withdraw)
        row = [took(call) for call in calls]
        row += [took(office.erase, 5), took(office.list, 1), took(office.audit, 1)]
        size = path.stat().st_size / 1e6 if path.exists() else 0.0
        print(
            f"{events:8d} {size:6.1f} {row[0]:7.1f} {row[1]:7.1f} {row[2]:7.1f} "
            f"{row[3]:9.1f} {row[4]:6.1f} {row[5]:7.0f} {row[6]:8.0f}"
        )


if __name__ == "__main__":
    main()
