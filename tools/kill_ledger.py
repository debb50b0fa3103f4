"""Kill writers of one ledger, again and again, and see that nothing acknowledged is lost.

    python tools/kill_ledger.py [--kills 1000] [--folder DIR]

Two processes write to the same ledger at once: exports, consents with answers, withdrawals,
erasures. Each tells a hash or a reference only after the ledger acknowledged it. Both are killed at
a random moment (SIGKILL), the next two go on with the same file. After every round the new part of
the chain is followed; each ledger is audited at its end and every acknowledgement looked up.
Linux and macOS only.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from imu_imageprep.domain.answers import Anchor, Binding, Withdrawal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Purpose
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.sqlite import SqliteLedger

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")


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
RECEIPT = Receipt(
    Outcome.EXPORTED,
    source=SourceRecord("5" * 64, Format.JPEG, 4000, 3000, 99),
    export=ExportRecord("/web/a.jpg", "e" * 64, Format.JPEG, 800, 600, 72, 1234),
)

PER_LEDGER = 100


@dataclass(frozen=True)
class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def tell(word: str, what: str) -> None:
    os.write(1, f"{word} {what}\n".encode())


def write(path: Path, seed: int) -> None:
    """Write until killed."""
    chance = random.Random(seed)  # noqa: S311
    ledger = SqliteLedger(path, Clock())
    refs: list[str] = []
    tell("ready", "-")
    while True:
        what = chance.random()
        if what < 0.5 or not refs:
            begun = ledger.begin(RECEIPT)
            tell("event", begun)
            tell("event", ledger.finish(begun))
        elif what < 0.9:
            ref = ledger.new_reference("C")
            seen = Anchor(f"{chance.getrandbits(256):064x}", "face", Box(0.1, 0.1, 0.2, 0.2))
            bound = Binding(seen, Need.PERSON_CONSENT, (ref,), by="A Clerk")
            ledger.add(replace(CONSENT, ref=ref), bound)
            tell("in-force", ref)
            refs.append(ref)
        elif what < 0.97:
            ref = refs.pop(chance.randrange(len(refs)))
            ledger.withdraw(Withdrawal(ref, "changed their mind", "A Clerk"))
            tell("withdrawn", ref)
        else:
            ref = refs.pop(chance.randrange(len(refs)))
            ledger.erase(ref)
            tell("erased", ref)
        if not refs:
            (made,) = ledger.add(CONSENT)
            refs.append(made.ref)
            tell("in-force", made.ref)


def followed(path: Path, last: tuple[int, str]) -> tuple[int, str]:
    """Follow the chain from the last event that was seen; ends the program where it breaks."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT seq, at, kind, body, prev, hash FROM events WHERE seq > ? ORDER BY seq", last[:1]
    ).fetchall()
    connection.close()
    for seq, at, kind, body, prev, stored in rows:
        if prev != last[1] or Event(at, kind, body, prev).hash != stored or seq != last[0] + 1:
            sys.exit(f"the chain is broken at event {seq}")
        last = seq, stored
    return last


def told_by_two(path: Path, seed: int, chance: random.Random) -> list[tuple[str, str]]:
    """Start two writers, kill both, and return what they told."""
    writers = [
        subprocess.Popen(
            [sys.executable, __file__, "--write", str(path), str(seed + n)],
            stdout=subprocess.PIPE,
        )
        for n in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        time.sleep(chance.uniform(0, 0.06))
        writer.send_signal(signal.SIGKILL)
    told = []
    for writer in writers:
        out = writer.communicate()[0].decode()
        if writer.returncode != -signal.SIGKILL:
            sys.exit("a writer failed before it was killed")
        # The last line may be cut off; every whole one is an acknowledgement.
        whole = [line.split() for line in out.splitlines(keepends=True) if line.endswith("\n")]
        told += [(word, what) for word, what in whole if word != "ready"]
    return told


def lost(ledger: SqliteLedger, told: list[tuple[str, str]]) -> int:
    """How many acknowledgements the ledger does not bear out."""
    connection = sqlite3.connect(ledger.path)
    kept = {row[0] for row in connection.execute("SELECT hash FROM events")}
    connection.close()
    gone = sum(word == "event" and what not in kept for word, what in told)
    # A withdrawal or an erasure may have been recorded and its writer killed before it told.
    later = {"in-force": set(State), "withdrawn": {State.WITHDRAWN}, "erased": {State.ERASED}}
    for ref, word in {what: word for word, what in told if word != "event"}.items():
        listed = ledger.record(ref)
        gone += listed is None or listed.state not in later[word]
    return gone


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        write(Path(args.write[0]), int(args.write[1]))
    folder = args.folder or Path(tempfile.mkdtemp(prefix="kill-ledger-"))
    chance = random.Random(1)  # noqa: S311
    began, events, acknowledged, missing = time.monotonic(), 0, 0, 0
    for first in range(0, args.kills, PER_LEDGER):
        # A new file now and then, so that its making is cut off too.
        path = folder / f"ledger-{first}.db"
        told: list[tuple[str, str]] = []
        last = (0, GENESIS)
        for seed in range(first, min(first + PER_LEDGER, args.kills), 2):
            told += told_by_two(path, seed, chance)
            last = followed(path, last) if told else last
        ledger = SqliteLedger(path, Clock())
        found = ledger.audit()
        if found.damage:
            sys.exit(f"{path}: {found.damage}")
        events += found.events
        acknowledged += len(told)
        missing += lost(ledger, told)
    print(f"{args.kills} kills, two writers at a time, {time.monotonic() - began:.0f} s")
    print(f"{acknowledged} acknowledgements, lost: {missing}")
    print(f"{events} events, every chain whole, every ledger opens")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
