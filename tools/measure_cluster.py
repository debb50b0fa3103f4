"""What a run on many machines costs, and what it loses when they are killed.

    python tools/measure_cluster.py speed FOLDER [--photos 20000]
    python tools/measure_cluster.py memory [--names 1000 20000 200000]
    python tools/measure_cluster.py kills FOLDER [--workers 30] [--schedulers 5] [--photos 400]

All start a Dask scheduler and two workers of one thread each on 127.0.0.1, which reach one folder
and one ledger; ``--ledger`` names one on PostgreSQL, by default it is a file in FOLDER.

``speed`` makes small photos (320x240) and prepares them in one process and on the two workers, with
the checks off: what is compared is what the cluster adds. It prints CPU seconds for each photo (of
the client, the scheduler, the workers and all of their processes) and the time that both took.

``memory`` sends names of photos that are not there, all of one folder, and prints the most memory
that the client had; ``names N --folder 1000`` does so with a thousand to a folder.

``kills`` prepares photos again and again, while workers and the scheduler are killed (SIGKILL) at
random moments and started again, until all kills are done. Each run must bring every photo out
once, byte for byte as a run that nobody disturbs, and leave a ledger without damage. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from clusters import Machines, machines  # noqa: E402  (its folder is named above)
from kill_outcome import end  # noqa: E402
from PIL import Image  # noqa: E402

from imu_imageprep.batch.cluster import Cluster  # noqa: E402
from imu_imageprep.batch.plan import Plan, Task  # noqa: E402
from imu_imageprep.batch.run import Batch  # noqa: E402
from imu_imageprep.domain.policy import Flags, Level, Policy  # noqa: E402
from imu_imageprep.request import Request, Target  # noqa: E402
from imu_imageprep.session import Session  # noqa: E402

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")

NAMES = ("w1", "w2")
FLAGS = [flag.name for flag in fields(Flags)]
TICKS = os.sysconf("SC_CLK_TCK")


def unchecked() -> Policy:
    """A policy that looks for nothing."""
    return Policy().replace(flags=Flags(**dict.fromkeys(FLAGS, Level.OFF)))


def photos(folder: Path, number: int) -> Path:
    """Small photos, no two alike, a hundred to a folder."""
    ground = Image.effect_noise((64, 48), 60).resize((320, 240)).convert("RGB")
    for at in range(number):
        place = folder / f"{at // 100:05d}"
        place.mkdir(parents=True, exist_ok=True)
        picture = ground.copy()
        picture.paste((at % 256, at // 256 % 256, at // 65536), (0, 0, 32, 32))
        picture.save(place / f"{at:07d}.jpg", quality=80, comment=f"{at}")
    return folder


def cpu(*roots: int) -> float:
    """CPU seconds of processes and all that they began."""
    times: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue
        # proc(5): after the name in brackets come state, parent, ...; times are fields 14 to 17.
        values = text.rpartition(")")[2].split()
        times[int(entry.name)] = int(values[1]), sum(map(int, values[11:15]))
    total = 0
    for process in times:
        at = process
        while at in times and at not in roots:
            at = times[at][0]
        total += times[process][1] if at in roots else 0
    return total / TICKS


def prepared(session: Session, place: Path, out: Path, address: str) -> Counter[str]:
    """A run on the cluster."""
    with Batch(session, cluster=Cluster(session, address, answer=120)) as batch:
        return Counter(one.outcome.value for one in batch.run(Plan([place], out), Request()))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def speed(args: argparse.Namespace) -> None:
    place = photos(args.folder / "photos", args.photos)
    config = args.folder / "unchecked.toml"
    lines = (f'{flag} = "off"' for flag in FLAGS)
    config.write_text("\n".join(["[flags]", *lines]), "utf-8")

    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            *(sys.executable, "-m", "imu_imageprep", "-q", "-j", "1", place),
            *("--config", config, "-o", args.folder / "one", "--ledger", args.folder / "one.db"),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after, alone = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    one = sum(after[:2]) - sum(before[:2])

    session = Session.open(unchecked(), ledger=args.ledger or args.folder / "two.db")
    with machines(args.folder / "machines", *NAMES) as here:
        prepared(session, args.folder / "none", args.folder / "two", here.address)  # all is loaded
        assert here.scheduler is not None
        roots = (os.getpid(), here.scheduler.pid, *(one.pid for one in here.workers.values()))
        began, spent = time.monotonic(), cpu(*roots)
        outcomes = prepared(session, place, args.folder / "two", here.address)
        many, two = time.monotonic() - began, cpu(*roots) - spent
    same = digests(args.folder / "one") == digests(args.folder / "two")
    print(f"{args.photos} photos: {dict(outcomes)}; exports byte-equal: {same}")
    print(f"one process: {1000 * one / args.photos:.2f} CPU ms a photo, {alone:.0f} s")
    print(f"two workers: {1000 * two / args.photos:.2f} CPU ms a photo, {many:.0f} s")
    print(f"ratio of CPU {two / one:.3f}, of time {alone / many:.2f}")


def memory(args: argparse.Namespace) -> None:
    for number in args.names:
        subprocess.run([sys.executable, __file__, "names", str(number)], check=True)


def names(args: argparse.Namespace) -> None:
    """In a process of its own: a run over names alone."""
    place = Path(tempfile.mkdtemp())
    session = Session.open(unchecked(), ledger=place / "ledger.db")

    def tasks() -> Iterator[Task]:
        for at in range(args.number):
            folder = place / f"{at // args.folder:06d}"
            yield Task(folder / f"{at:09d}.jpg", Target(place / "out" / folder.name, f"{at:09d}"))

    with machines(place / "machines", *NAMES) as here:
        cluster = Cluster(session, here.address, answer=120)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with Batch(session, cluster=cluster) as batch:
            count = sum(1 for _ in batch.run(tasks(), Request(dry_run=True)))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{count} names: {before / 1024:.0f} MiB before, {most / 1024:.0f} MiB at most", flush=True
    )
    shutil.rmtree(place)


@dataclass
class Killing:
    """Kills workers and the scheduler at random moments, and starts them again."""

    here: Machines
    chance: random.Random
    left: list[str]
    pause: float
    ended: threading.Event = field(default_factory=threading.Event)
    number: int = 0

    def __call__(self) -> None:
        while not self.ended.wait(self.chance.uniform(1, self.pause)):
            for name in self.here.gone():  # the scheduler was lost, or was not there yet
                self.here.kill_worker(name)
                self.begin()
            if not self.left:
                continue
            if self.left.pop() == "scheduler":
                self.here.kill_scheduler()
                self.here.start_scheduler()
            elif self.here.workers:
                self.here.kill_worker(self.chance.choice(sorted(self.here.workers)))
                self.begin()

    def begin(self) -> None:
        self.number += 1
        self.here.start_worker(f"again-{self.number}")


def ends(session: Session, out: Path) -> Counter[str]:
    """How often the ledger says of each export that it was written."""
    places, found = {}, Counter[str]()
    for event in map(json.loads, itertools.islice(session.ledger.export_lines(), 1, None)):
        body = json.loads(event["body"])
        if event["kind"] == "export-begun":
            places[event["hash"]] = body["export"]["path"]
        elif event["kind"] == "export-done":
            path = places[body["begun"]]
            found[path] += Path(path).is_relative_to(out)
    return +found


def kills(args: argparse.Namespace) -> None:
    place = photos(args.folder / "photos", args.photos)
    chance = random.Random(args.seed)  # noqa: S311
    left = ["worker"] * args.workers + ["scheduler"] * args.schedulers
    chance.shuffle(left)
    wanted = len(left)
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    alone = Session.open(unchecked(), ledger=args.folder / "alone.db")
    with Batch(alone, 2) as batch:
        list(batch.run(Plan([place], args.folder / "alone"), Request()))
    right = digests(args.folder / "alone")
    with machines(args.folder / "machines", *NAMES) as here:
        killing = Killing(here, chance, left, pause=args.pause)
        thread = threading.Thread(target=killing)
        thread.start()
        try:
            while left:
                out = args.folder / f"out-{seen['runs']}"
                ledger = args.ledger or args.folder / f"ledger-{seen['runs']}.db"
                session = Session.open(unchecked(), ledger=ledger)
                outcomes = prepared(session, place, out, here.address)
                seen["runs"] += 1
                seen["exported"] += outcomes["exported"]
                seen["told as exported before"] += outcomes["skipped"]
                wrong["photos that failed"] += outcomes["failed"]
                wrong["photos not told once"] += abs(outcomes.total() - args.photos)
                wrong["exports missing or not as they have to be"] += len(
                    set(digests(out).items()) ^ set(right.items())
                )
                told = ends(session, out)
                seen["ends recorded again by a worker that was given up"] += told.total() - len(
                    told
                )
                wrong["exports without an end in the ledger"] += args.photos - len(told)
                wrong["ledgers damaged"] += session.ledger.audit().damage is not None
                print(f"{wanted - len(left)} of {wanted} kills, {dict(outcomes)}", flush=True)
        finally:
            killing.ended.set()
            thread.join()
    end(seen, wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("speed")
    one.add_argument("folder", type=Path)
    one.add_argument("--photos", type=int, default=20_000)
    one.add_argument("--ledger")
    one.set_defaults(do=speed)
    one = commands.add_parser("memory")
    one.add_argument("--names", type=int, nargs="+", default=[1_000, 20_000, 200_000])
    one.set_defaults(do=memory)
    one = commands.add_parser("names")
    one.add_argument("number", type=int)
    one.add_argument(
        "--folder", type=int, default=10**9, help="names in one folder; all by default"
    )
    one.set_defaults(do=names)
    one = commands.add_parser("kills")
    one.add_argument("folder", type=Path)
    one.add_argument("--workers", type=int, default=30)
    one.add_argument("--schedulers", type=int, default=5)
    one.add_argument("--photos", type=int, default=400)
    one.add_argument("--pause", type=float, default=8.0)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--ledger")
    one.set_defaults(do=kills)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
