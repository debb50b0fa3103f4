"""Kill the writers of a ledger on PostgreSQL and its server, and count what is lost; measure it.

    python tools/measure_ledger.py kills [--kills 1000] [--restarts 50]
    python tools/measure_ledger.py rates [--seconds 5]

Each starts a server of its own, which waits for the disk, as a real one does. In "kills" four
processes write exports one by one and in groups, consents, withdrawals and erasures, and note what
was acknowledged; one of them is killed at a random moment (SIGKILL) and replaced, again and again,
and at random moments the server is stopped, as by a power cut or in order, and started. At the end
the chain is audited, every acknowledgement looked up, and what was entered twice is counted. Linux
and macOS only.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from bench_ledger import CONSENT, Clock, receipt_of  # noqa: E402
from postgres import Server  # noqa: E402

from imu_imageprep.domain.answers import Withdrawal  # noqa: E402
from imu_imageprep.domain.errors import OutputProblem  # noqa: E402
from imu_imageprep.ledger import opened  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ledger.book import Ledger

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")

WRITERS, GROUP = 4, 32
_SAFE = "fsync = on\nsynchronous_commit = on\n"


def some(count: int) -> list[Receipt]:
    return [receipt_of(secrets.randbits(255), "C-1") for _ in range(count)]


def write(ledger: Ledger, told: int, chance: random.Random) -> None:
    """Write until killed; each line was acknowledged."""

    def tell(word: str, *what: str) -> None:
        os.write(told, "".join(f"{word} {one}\n" for one in what).encode())

    while True:
        try:
            what = chance.random()
            if what < 0.4:
                tell("event", begun := ledger.begin(*some(1)))
                tell("event", ledger.finish(begun))
            elif what < 0.7:
                tell("event", *(group := ledger.begin_many(some(GROUP))))
                tell("event", *ledger.finish_many(group))
            else:
                (made,) = ledger.add(replace(CONSENT, account=ledger.account()))
                tell("ref", made.ref)
                if what > 0.9:
                    ledger.withdraw(Withdrawal(made.ref, "", "A Clerk"))
                    tell("withdrawal", made.ref)
                elif what > 0.87:
                    ledger.erase(made.ref)
                    tell("erasure", made.ref)
        except OutputProblem as problem:
            tell("failed", problem.message.replace(" ", "_"))


def forked(work: Callable[[], None]) -> int:
    """A process that does one thing; nothing of it comes back."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(1)
    return process


def kills(server: Server, count: int, restarts: int) -> int:
    chance = random.Random(1)  # noqa: S311
    database = server.database()
    ledger = opened(server.url(database), Clock())
    with tempfile.TemporaryFile() as file:

        def writer(seed: int) -> int:
            return forked(lambda: write(ledger, file.fileno(), random.Random(seed)))  # noqa: S311

        os.set_inheritable(file.fileno(), True)
        began = time.monotonic()
        running = [writer(-1 - number) for number in range(WRITERS)]
        down = set(chance.sample(range(count), restarts))
        for number in range(count):
            time.sleep(chance.uniform(0, 0.1))
            if number in down:
                server.stop(chance.choice(("immediate", "fast")))
                server.start()
                time.sleep(chance.uniform(0, 0.5))
            one = chance.randrange(WRITERS)
            os.kill(running[one], signal.SIGKILL)
            os.waitpid(running[one], 0)
            running[one] = writer(number)
        for process in running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        file.seek(0)
        lines = [line.split() for line in file.read().decode().splitlines()]
    found = ledger.audit()
    hashes = {h for (h,) in server.sql(database, "SELECT hash FROM imageprep.events")}
    about = set(server.sql(database, "SELECT kind, about FROM imageprep.events"))
    refs = {ref for (ref,) in server.sql(database, "SELECT ref FROM imageprep.events")}
    lost = sum(
        what not in (hashes if word == "event" else refs)
        if word in ("event", "ref")
        else (word, what) not in about
        for word, what in lines
        if word != "failed"
    )
    ((twice,),) = server.sql(
        database,
        "SELECT count(*) FROM (SELECT 1 FROM imageprep.events WHERE export IS NOT NULL "
        "GROUP BY export HAVING count(*) > 1 UNION ALL SELECT 1 FROM imageprep.events "
        "WHERE begun IS NOT NULL GROUP BY begun HAVING count(*) > 1) AS found",
    )
    failed = Counter(what for word, what in lines if word == "failed")
    print(
        f"{count} kills, {restarts} restarts, {WRITERS} writers, {time.monotonic() - began:.0f} s"
    )
    print(f"{len(lines) - failed.total()} acknowledged, lost: {lost}; entered twice: {twice}")
    print(f"{found.events} events; {found.damage or 'the chain is whole'}")
    print(f"calls that failed, and said so: {failed.total()}", *failed.items(), sep="\n  ")
    return int(bool(lost or twice or found.damage))


def rates(server: Server, seconds: float) -> int:
    print(f"exports a second (each is two events), in groups of {GROUP}")
    for writers in (1, 4, 16):
        row = []
        for size in (1, GROUP):
            ledger = opened(server.url(server.database()), Clock())
            ledger.head()
            end = time.monotonic() + seconds

            def work(ledger: Ledger = ledger, end: float = end, size: int = size) -> None:
                while time.monotonic() < end:
                    ledger.finish_many(ledger.begin_many(some(size)))

            began = time.monotonic()
            for process in [forked(work) for _ in range(writers)]:
                os.waitpid(process, 0)
            row.append(ledger.audit().events / 2 / (time.monotonic() - began))
        print(f"{writers:3d} writers: singly {row[0]:6.0f}, in groups {row[1]:6.0f}")
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("what", choices=("kills", "rates"))
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--restarts", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5)
    args = parser.parse_args()
    server = Server.new(_SAFE)
    try:
        code = (
            kills(server, args.kills, args.restarts)
            if args.what == "kills"
            else rates(server, args.seconds)
        )
    finally:
        server.remove()
    sys.exit(code)


if __name__ == "__main__":
    main()
