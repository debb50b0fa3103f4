"""Kill programs that use one register, again and again, and see that it keeps its word.

    python tools/kill_register.py [--kills 100] [--seed N] [--folder DIR]

A process enrols people, removes them and withdraws their consents, as fast as it can, and tells
what was done only after it was. It is killed at a random moment (SIGKILL), the next one goes on
with the same files. After every kill the register is opened once, as the next run would, and then:
everyone who was told to be in it is, nobody who was told to be out is, everyone in it has a consent
and an event in the ledger, no other file is left, nobody else can read any of them, and no file
holds a template or what was written of somebody who is out. The templates are random numbers.
Linux and macOS only.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kill_outcome import end

from imu_imageprep.desk import Desk
from imu_imageprep.domain.consent import Kind, Known
from imu_imageprep.domain.permits import RecognitionConsent
from imu_imageprep.domain.recognition import Measured, Template
from imu_imageprep.people import People

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")


TODAY = datetime.now(UTC).date()
CONSENT = RecognitionConsent(
    "S-1",
    Kind.STAFF,
    "A Person",
    agreed=Known.YES,
    told=Known.YES,
    voluntary=Known.YES,
    adult=Known.YES,
    form_sha256="ab" * 32,
    signed=TODAY - timedelta(days=1),
    expires=TODAY + timedelta(days=365),
    recorded_by="A Clerk",
)
ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "ledger.db",
    "ledger.db-wal",
    "ledger.db-shm",
    "ledger.db.people",
    "ledger.db.people.lock",
    "register.key",
    "register.key.lock",
}


def tell(word: str, code: str, ref: str) -> None:
    os.write(1, f"{word} {code} {ref}\n".encode())


def templates(code: str) -> tuple[Template, ...]:
    """Three templates of a made-up person, always the same ones."""
    chance = random.Random(code)  # noqa: S311
    centre = [chance.gauss(0, 0.1) for _ in range(128)]
    return tuple(tuple(number + chance.gauss(0, 0.01) for number in centre) for _ in range(3))


def places(folder: Path) -> tuple[Path, Path]:
    """Where the ledger and the key lie."""
    return folder / "data" / "ledger.db", folder / "keys" / "register.key"


def use(folder: Path, seed: int) -> None:
    """Use the register until killed."""
    chance = random.Random(seed)  # noqa: S311
    ledger, key = places(folder)
    desk, people = Desk.at(ledger), People.at(ledger, key)
    inside = {one.code: one.consent for one in people.enrolled()}
    number = 0
    tell("ready", "-", "-")
    while True:
        if chance.random() < 0.6 or not inside:
            code, number = f"S-{seed}-{number}", number + 1
            entered = desk.add(replace(CONSENT, subject=code))
            tell("adding", code, entered.ref)
            faces = [Measured(one, 200.0, 200.0, 0.0, 0.0) for one in templates(code)]
            people.enrol(code, faces, consent=entered.ref)
            inside[code] = entered.ref
            tell("in", code, entered.ref)
            continue
        code = chance.choice(sorted(inside))
        ref = inside.pop(code)
        tell("ending", code, ref)
        if chance.random() < 0.5:
            people.remove(code)
        else:
            desk.withdraw(ref, reason="", by="A Clerk")
        tell("out", code, ref)


@dataclass
class Bench:
    """What a series of kills showed; every count of ``wrong`` should be zero."""

    wrong: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    state: dict[str, str] = field(default_factory=dict)

    def check(self, folder: Path) -> None:
        """Open the register as the next run would, and compare it with what was told."""
        ledger, key = places(folder)
        self.seen["parts left by the kill"] += sum(
            Path(f"{path}.part").exists() for path in (f"{ledger}.people", key)
        )
        people = People.at(ledger, key)
        enrolled = {one.code: one for one in people.enrolled()}
        for code, word in self.state.items():
            self.wrong["lost"] += word == "in" and code not in enrolled
            self.wrong["revived"] += word == "out" and code in enrolled
            if word in ("adding", "ending"):  # either is right; from now on it is known
                self.state[code] = "in" if code in enrolled else "out"
        events = people.ledger.enrolments()
        for one in enrolled.values():
            self.wrong["without an event"] += events.get(one.consent, ())[-1:] == () or (
                events[one.consent][-1].what != "enrolled"
            )
            self.wrong["changed"] += one.templates != templates(one.code)
            listed = people.ledger.record(one.consent)
            self.wrong["without a consent"] += listed is None or listed.state != "in force"
        self.seen["most enrolled"] = max(self.seen["most enrolled"], len(enrolled))
        self._files(folder, set(enrolled))

    def _files(self, folder: Path, enrolled: set[str]) -> None:
        ledger, key = places(folder)
        file, raw = Path(f"{ledger}.people"), b""
        # While there is no register, nobody asks for its key: the next enrolment takes away what a
        # killed one left of it, and nothing is locked with that.
        fine = FILES if file.exists() else FILES | {"register.key.part"}
        for path in (*ledger.parent.iterdir(), *key.parent.iterdir()):
            self.wrong["left behind"] += path.name not in fine
            self.wrong["readable by others"] += bool(path.stat().st_mode & 0o077)
            raw += path.read_bytes()
        for code in self.state:
            for template in templates(code):
                whole, half = struct.pack("<128d", *template), struct.pack("<128f", *template)
                for needle in (whole[:64], half[:32], repr(template[0]).encode()):
                    self.wrong["template in the clear"] += needle in raw
        kept = file.read_bytes().count(b'"consent"') if file.exists() else 0
        self.wrong["kept too many"] += kept != len(enrolled)


def kill_register(folder: Path, kills: int, seed: int = 1) -> Bench:
    """Kill a series of programs that use one register.

    Args:
        folder: a new folder.
        kills: how many.
        seed: of the moments.
    """
    bench, chance = Bench(), random.Random(seed)  # noqa: S311
    for place in places(folder):
        place.parent.mkdir(parents=True)
    for number in range(kills):
        for word, code in _told(folder, number, chance):
            bench.seen[word] += 1
            bench.state[code] = word
        bench.check(folder)
    audit = Desk.at(places(folder)[0]).audit()
    bench.wrong["ledger damaged"] += audit.damage is not None
    bench.seen["events"] = audit.events
    return bench


def _told(folder: Path, seed: int, chance: random.Random) -> list[tuple[str, str]]:
    user = subprocess.Popen(
        [sys.executable, __file__, "--use", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        # Nothing of the user's own: the key lies in a file, which no configuration names.
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder)},
    )
    assert user.stdout is not None
    # After so many words, whatever else the computer does, and then at any moment.
    out = b"".join(user.stdout.readline() for _ in range(chance.randint(2, 6)))
    time.sleep(chance.uniform(0, 0.1))
    user.send_signal(signal.SIGKILL)
    out += user.communicate()[0]
    if user.returncode != -signal.SIGKILL:
        sys.exit("a program failed before it was killed")
    # The last line may be cut off; every whole one was told.
    lines = out.decode().splitlines(keepends=True)
    whole = [line.split() for line in lines if line.endswith("\n")]
    return [(word, code) for word, code, _ in whole]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--use", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.use:
        use(Path(args.use[0]), int(args.use[1]))
    folder = args.folder or Path(tempfile.mkdtemp(prefix="kill-register-"))
    bench = kill_register(folder / "bench", args.kills, args.seed)
    print(f"{args.kills} kills")
    end(bench.seen, bench.wrong)


if __name__ == "__main__":
    main()
