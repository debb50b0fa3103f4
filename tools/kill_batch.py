"""Kill a batch at random moments, again and again, and look for what must not be there.

    python tools/kill_batch.py FOLDER [--kills 200] [--seed 1] [--photos 100]

FOLDER is made and filled with made-up photos of several formats (every fifth is held, every
seventh lies in a subfolder or has an odd name), files that only pretend to be photos (one for ten),
and a link in a circle. It is the home, temporary and current folder of every run. A first run that
nobody disturbs tells what each export must be, byte for byte. Then runs are killed (SIGKILL; most
with all their processes, some the first process alone; some with --force), and after each kill this
must hold:

- every file beside the ledger is a whole export of that first run: nothing partial, nothing
  unverified, nothing held; a temporary file of the writer may be left, but a whole one only;
- temporary folders and the current one are empty, /dev/shm holds no more than semaphores;
- the originals are what they were; no process of the run lives on.

Every few kills an undisturbed run must bring everything out and clean up, and one more must skip
all of it. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from kill_outcome import end
from PIL import Image

from imu_imageprep import atomic
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.stages.verify import inspect

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")


ROOT = Path(__file__).parents[1]
FORMATS = ("jpg", "jpg", "png", "jpg", "webp", "tif", "jpg", "gif", "jpg", "jp2")
HELD_EVERY = 5
NESTED_EVERY = 7
BAD_EVERY = 10
KILLS_PER_LEDGER = 5
ORPHAN_SECONDS = 10.0
SHARED = Path("/dev/shm")  # noqa: S108  (looked at, not written)


def photo(number: int, suffix: str, *, held: bool) -> bytes:
    """A soft picture, no two alike; a held one names someone else as its maker."""
    rows, columns = np.mgrid[0:480, 0 : 640 + number].astype(np.float32)
    planes = (
        120 + 60 * np.sin(columns / (31 + number)),
        90 + rows / 6,
        np.full_like(rows, 2 * number % 256),
    )
    picture = Image.fromarray(np.stack(planes, axis=2).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    if held:
        exif[0x8298] = "© 2025 Somebody Else"
    buffer = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000"}.get(suffix, suffix.upper())
    if suffix in ("jpg", "png", "webp"):
        picture.save(buffer, kind, exif=exif)
    else:
        picture.save(buffer, kind)
    return buffer.getvalue()


ODD_NAMES = (
    "day 2/{}",
    "写真/été/{}",
    'it\'s "quoted" $HOME `id` {}',
    "line\nbreak {}",
    "--help {}",
    "a/b/c/d/e/{}",
    "trailing space /{}",
)


def name_of(number: int, suffix: str) -> str:
    """The path of a photo inside the folder."""
    plain = f"{number:03d}.{suffix}"
    odd, rest = divmod(number, NESTED_EVERY)
    return plain if rest else ODD_NAMES[odd % len(ODD_NAMES)].format(plain)


def bad(number: int) -> bytes:
    """What only pretends to be a photo."""
    whole = photo(number, "jpg", held=False)
    return (
        b"",
        whole[: len(whole) // 3],
        b"<html><body>Not a photo</body></html>",
        b"\xff\xd8\xff" + bytes(1000),
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    )[number % 6]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]


@dataclass
class Bench:
    """One folder with everything in it, and what went wrong so far."""

    folder: Path
    photos: int
    originals: dict[Path, str] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    held: int = 0
    failed: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for name in ("album", "tmp", "cwd", "home"):
            (self.folder / name).mkdir(parents=True)
        for number in range(self.photos):
            # Only these formats say who made them.
            held = number % HELD_EVERY == 0
            suffix = "jpg" if held else FORMATS[number % len(FORMATS)]
            self.add(name_of(number, suffix), photo(number, suffix, held=held))
            self.held += held
            if number % BAD_EVERY == 0:
                self.add(f"bad/{number}.jpg", bad(number // BAD_EVERY))
                self.failed += 1
        (self.folder / "album" / "circle").symlink_to(self.folder / "album")
        self.shared = set(SHARED.iterdir())
        answers = self.finished(self.begun())
        outcomes = Counter(answer["outcome"] for answer in answers)
        exported = self.photos - self.held
        if outcomes != {"exported": exported, "held": self.held, "failed": self.failed}:
            sys.exit(f"the undisturbed run is not as it should be: {dict(outcomes)}")
        for path in files(self.out):
            if inspect(path.read_bytes()):
                sys.exit(f"{path}: not clean")
            self.expected[self.place(path)] = digest(path)
        self.reset()

    def add(self, name: str, content: bytes) -> None:
        """Put a file into the album."""
        path = self.folder / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.originals[path] = digest(path)

    def place(self, path: Path) -> str:
        """Where an export lies in the folder of exports."""
        return str(path.relative_to(self.out))

    @property
    def out(self) -> Path:
        return self.folder / "album-web"

    @property
    def ledger(self) -> Path:
        return self.folder / "home" / "ledger.db"

    def begun(self, *more: str) -> subprocess.Popen[bytes]:
        """Start a run in a session of its own."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
        }
        command = [sys.executable, "-P", "-m", "imu_imageprep", "--json", "-j", "2", *more]
        return subprocess.Popen(
            [*command, "--ledger", self.ledger, self.folder / "album"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder / "cwd",
            env=environment,
            start_new_session=True,
        )

    def finished(self, run: subprocess.Popen[bytes]) -> list[dict[str, str]]:
        out, _ = run.communicate()
        return [json.loads(line) for line in out.splitlines()]

    def kill(self, chance: random.Random) -> None:
        """Start a run, kill it at a random moment, and look."""
        run = self.begun(*(["--force"] if chance.random() < 0.3 else []))
        assert run.stdout is not None
        lines = chance.randrange(-self.photos // 4, self.photos)
        for _ in range(lines):
            if not run.stdout.readline():
                break
        time.sleep(chance.uniform(0, 0.1 if lines > 0 else 1.5))
        alone = chance.random() < 0.25
        with contextlib.suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(run.pid, signal.SIGKILL)
        run.stdout.close()
        ended = run.wait()
        self.seen["finished before"] += ended >= 0
        self.seen["first process alone"] += alone
        self.wrong["processes that lived on"] += orphans(run.pid)
        self.look()

    def look(self) -> None:
        """Count what must not be there."""
        whole = set(self.expected.values())
        for path in files(self.out) if self.out.exists() else []:
            self.seen["exports"] += 1
            left = path.name.startswith(atomic.PART_PREFIX)
            self.seen["temporary files left"] += left
            right = (
                digest(path) in whole
                if left
                else self.expected.get(self.place(path)) == digest(path)
            )
            self.wrong["files that are no whole export"] += not right
        ours = {
            self.ledger.with_name(f"ledger.db{end}") for end in ("", "-wal", "-shm", "-journal")
        }
        elsewhere = [f for name in ("tmp", "cwd", "home") for f in files(self.folder / name)]
        self.wrong["files elsewhere"] += len(set(elsewhere) - ours)
        shared = {f for f in set(SHARED.iterdir()) - self.shared if not f.name.startswith("sem.")}
        self.wrong["files in shared memory"] += len(shared)
        self.wrong["originals changed"] += sum(digest(p) != h for p, h in self.originals.items())

    def settle(self) -> None:
        """Run twice undisturbed: everything comes out once, and the ledger knows all of it."""
        minutes_ago = time.time() - 120
        for path in files(self.out) if self.out.exists() else []:
            if path.name.startswith(atomic.PART_PREFIX):
                os.utime(path, (minutes_ago, minutes_ago))
        first = Counter(answer["outcome"] for answer in self.finished(self.begun()))
        again = Counter(answer["outcome"] for answer in self.finished(self.begun()))
        exports = len(self.expected)
        self.wrong["runs after a kill"] += (
            first["exported"] + first["skipped"] != exports
            or first["held"] != self.held
            or first["failed"] != self.failed
        )
        self.wrong["ledgers that lack an export"] += again["skipped"] != exports
        there = {self.place(path): digest(path) for path in files(self.out)}
        self.wrong["folders not complete and clean"] += there != self.expected
        self.wrong["ledgers damaged"] += bool(SqliteLedger(self.ledger, Clock()).audit().damage)
        self.reset()

    def reset(self) -> None:
        shutil.rmtree(self.out)
        for path in files(self.folder / "home"):
            path.unlink()


@dataclass(frozen=True)
class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def orphans(session: int) -> int:
    """Processes of a session that are alive after a while."""
    until = time.monotonic() + ORPHAN_SECONDS
    while (alive := members(session)) and time.monotonic() < until:
        time.sleep(0.05)
    for process in alive:
        os.kill(process, signal.SIGKILL)
    return len(alive)


def members(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue
        # proc(5): after the name in brackets come state, parent, group and session.
        state, _, _, of = text.rpartition(")")[2].split()[:4]
        if int(of) == session and state != "Z":
            found.append(int(entry.name))
    return found


def kill_batch(folder: Path, *, kills: int, seed: int, photos: int) -> Bench:
    """Kill runs over ``photos`` photos in a new ``folder``; returns what was seen."""
    bench = Bench(folder, photos)
    chance = random.Random(seed)  # noqa: S311
    for number in range(1, kills + 1):
        bench.kill(chance)
        if number % KILLS_PER_LEDGER == 0 or number == kills:
            bench.settle()
    return bench


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=int, default=100)
    args = parser.parse_args()
    began = time.monotonic()
    bench = kill_batch(args.folder, kills=args.kills, seed=args.seed, photos=args.photos)
    print(f"{args.kills} kills over {args.photos} photos, {time.monotonic() - began:.0f} s")
    end(bench.seen, bench.wrong)


if __name__ == "__main__":
    main()
