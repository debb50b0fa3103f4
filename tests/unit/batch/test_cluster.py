"""Runs on real Dask processes: the same answers and exports, whatever is killed meanwhile."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ports
import pytest
from clusters import Machines, machines
from command import ROOT, imageprep
from fakes import ClinicalSession, SpotDetector, width_of
from pictures import encoded
from PIL import Image

from imu_imageprep import assets
from imu_imageprep.batch.cluster import Cluster
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.reach import check_reach
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.errors import ModelProblem, PolicyProblem, UsageProblem
from imu_imageprep.domain.finding import Flag, Looked, Scan
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.people import Known
from imu_imageprep.request import Request

pytestmark = pytest.mark.posix(reason="Dask's processes are started and killed as POSIX has it")

NEAR, PLAIN, CLINICAL = 0.06, 0.01, 0.9  # in reach of an album; far from it; clinical by itself
RED = (220, 20, 20)


def photo(score: float, shade: int, colour: tuple[int, int, int] | None = None) -> bytes:
    ground = colour or (shade * 7 % 150, 120, shade // 20 * 9 % 256)
    return encoded(Image.new("RGB", (width_of(score), 60 + shade % 5), ground))


def album(folder: Path, number: int, near: int = 0, beside: float = PLAIN) -> Path:
    """A folder of photos, some of which are in reach of the others."""
    folder.mkdir(parents=True)
    for at in range(number):
        score = NEAR if at < near else beside
        (folder / f"{at:03d}.jpg").write_bytes(photo(score, number + at))
    return folder


def answers(receipts: Iterable[Receipt]) -> dict[str, dict[str, Any]]:
    """What is told of each photo, without what says when and where."""
    told = {}
    for one in receipts:
        values = one.to_json()
        values["receipt"]["head"] = None
        told[str(one.path)] = values
    return told


def exports(folder: Path) -> dict[str, str]:
    """The files in a folder, by the sha256 of their bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def ends(ledger: Path) -> Counter[str]:
    """How often the ledger says of each file that it was written."""
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute(
            "SELECT json_extract(b.body, '$.export.path') FROM events b JOIN events d "
            "ON d.begun = b.hash AND d.kind = 'export-done' WHERE b.kind = 'export-begun'"
        )
        return Counter(path for (path,) in rows)


@dataclass(frozen=True)
class RedDetector:
    """A check for faces that finds none, and does something where a photo is red."""

    does: Callable[[], None]
    name: str = "faces"
    flag: Flag | None = Flag.FACE
    model: str | None = "red"

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        found = SpotDetector(RED).look(photo, metadata)
        assert isinstance(found, Looked)
        if found.findings:
            self.does()
        return Looked((), 0.0)


def where_red(ledger: Path, does: Callable[[], None]) -> ClinicalSession:
    return replace(ClinicalSession.at(ledger), faces=RedDetector(does))


def kill(*, parent: bool) -> None:
    """End this process, and Dask's too where that is asked for."""
    if sys.platform != "win32":
        if parent:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def stay(begun: Path) -> None:
    """Never come back; ``begun`` is a pipe, so that whoever reads it knows that this began."""
    if sys.platform != "win32":
        begun.write_text(str(os.getpid()))
        signal.pause()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two workers for tests that leave them as they are."""
    with machines(tmp_path_factory.mktemp("machines"), "w1", "w2") as one:
        yield one


def run(session: ClinicalSession, place: Path, cluster: Cluster | None = None) -> list[Receipt]:
    with Batch(session, 1, cluster=cluster) as batch:
        return list(batch.run(Plan([place]), Request()))


@pytest.mark.parametrize("kind", ["tcp", "local"])
def test_answers_and_exports_are_those_of_one_computer(
    tmp_path: Path, two: Machines, kind: str
) -> None:
    place = tmp_path / "photos"
    album(place / "ward", 10, near=2, beside=CLINICAL)
    album(place / "picnic", 9, near=2)
    (place / "bad.jpg").write_bytes(b"\xff\xd8\xff nothing")
    web = tmp_path / "photos-web"
    alone = answers(run(ClinicalSession.at(tmp_path / "one"), place))
    files = exports(web)
    shutil.rmtree(web)
    session = ClinicalSession.at(tmp_path / "many")
    address, jobs = (two.address, None) if kind == "tcp" else ("local", 2)
    assert answers(run(session, place, Cluster(session, address, jobs))) == alone
    assert exports(web) == files
    assert Counter(one["outcome"] for one in alone.values()) == {
        "held": 10,
        "exported": 9,
        "failed": 1,
    }
    again = run(session, place, Cluster(session, address, jobs))
    assert Counter(one.outcome for one in again)[Outcome.SKIPPED] == 9
    assert session.ledger.audit().damage is None


def test_a_photo_that_kills_its_process_costs_that_photo_alone(
    tmp_path: Path, two: Machines
) -> None:
    place = album(tmp_path / "photos", 10)
    (place / "red.jpg").write_bytes(photo(PLAIN, 1, RED))
    session = where_red(tmp_path / "ledger", functools.partial(kill, parent=False))
    got = {
        Path(one.path or "").name: one for one in run(session, place, Cluster(session, two.address))
    }
    assert "crashed" in str(got.pop("red.jpg").failure)
    assert {one.outcome for one in got.values()} == {Outcome.EXPORTED}


def test_a_photo_that_kills_workers_ends_as_a_failure(tmp_path: Path) -> None:
    place = album(tmp_path / "photos", 10)
    (place / "001-red.jpg").write_bytes(photo(PLAIN, 1, RED))
    session = where_red(tmp_path / "ledger", functools.partial(kill, parent=True))
    with machines(tmp_path / "machines") as here:
        # Its nanny starts a worker again, and lets it begin processes where it is told to.
        here.start_worker("w", "--nanny", DASK_DISTRIBUTED__WORKER__DAEMON="False")
        got = {
            Path(one.path or "").name: one
            for one in run(session, place, Cluster(session, here.address, answer=60))
        }
    assert "died" in str(got.pop("001-red.jpg").failure)
    assert {one.outcome for one in got.values()} <= {Outcome.EXPORTED, Outcome.SKIPPED}
    assert len(exports(tmp_path / "photos-web")) == 10
    assert set(ends(tmp_path / "ledger").values()) == {1}


@pytest.mark.parametrize("killed", ["worker", "scheduler"])
def test_what_is_lost_is_done_again_and_nothing_is_exported_twice(
    tmp_path: Path, killed: str
) -> None:
    place = album(tmp_path / "photos", 60, near=5)
    session = ClinicalSession.at(tmp_path / "ledger")
    with machines(tmp_path / "machines", "w1", "w2") as here:
        cluster = Cluster(session, here.address, answer=60)
        with Batch(session, cluster=cluster) as batch:
            receipts = batch.run(Plan([place]), Request())
            got = [next(receipts)]
            if killed == "worker":
                here.kill_worker("w1")
                here.start_worker("w3")
            else:
                here.kill_scheduler()
                here.start_scheduler()
                here.start_worker("w3")
            got += receipts
    assert sorted(str(one.path) for one in got) == sorted(map(str, place.iterdir()))
    assert {one.failure for one in got} == {None}
    assert {one.outcome for one in got} <= {Outcome.EXPORTED, Outcome.SKIPPED}
    assert len(exports(tmp_path / "photos-web")) == 60
    assert set(ends(tmp_path / "ledger")) == {
        str(tmp_path / "photos-web" / path.name) for path in place.iterdir()
    }
    assert session.ledger.audit().damage is None


def test_a_run_whose_scheduler_does_not_come_back_ends_with_a_sentence(tmp_path: Path) -> None:
    place = album(tmp_path / "photos", 40)
    session = ClinicalSession.at(tmp_path / "ledger")
    with machines(tmp_path / "machines", "w1") as here:
        cluster = Cluster(session, here.address, answer=60, patience=3)
        with Batch(session, cluster=cluster) as batch:
            receipts = batch.run(Plan([place]), Request())
            next(receipts)
            here.kill_scheduler()
            with pytest.raises(ModelProblem, match="No scheduler answers at tcp://"):
                list(receipts)
    assert run(session, place)  # what is exported is known
    assert set(ends(tmp_path / "ledger").values()) == {1}


def test_a_run_without_workers_ends_with_a_sentence(tmp_path: Path) -> None:
    place = album(tmp_path / "photos", 40)
    session = ClinicalSession.at(tmp_path / "ledger")
    with machines(tmp_path / "machines", "w1") as here:
        cluster = Cluster(session, here.address, answer=60, patience=3)
        with Batch(session, cluster=cluster) as batch:
            receipts = batch.run(Plan([place]), Request())
            next(receipts)
            here.kill_worker("w1")
            with pytest.raises(ModelProblem, match="has no workers any more"):
                list(receipts)


def test_who_stops_early_stops_the_workers(tmp_path: Path, two: Machines) -> None:
    place = album(tmp_path / "photos", 100)
    session = ClinicalSession.at(tmp_path / "ledger")
    receipts = Batch(session, cluster=Cluster(session, two.address)).run(Plan([place]), Request())
    next(receipts)
    receipts.close()  # type: ignore[attr-defined]
    # The workers take the next piece when they have left these: the photo in hand is whole.
    other = album(tmp_path / "other", 3)
    run(session, other, Cluster(session, two.address))
    left = exports(tmp_path / "photos-web")
    assert 0 < len(left) < 100
    assert set(ends(tmp_path / "ledger").values()) == {1}
    alone = ClinicalSession.at(tmp_path / "alone")
    shutil.rmtree(tmp_path / "photos-web")
    run(alone, place)
    assert left.items() <= exports(tmp_path / "photos-web").items()


def test_a_photo_that_does_not_end_is_left_when_the_run_ends(tmp_path: Path) -> None:
    place = album(tmp_path / "photos", 8)  # the first piece
    (place / "red.jpg").write_bytes(photo(PLAIN, 1, RED))
    begun = tmp_path / "begun"
    if sys.platform != "win32":
        os.mkfifo(begun)
    session = where_red(tmp_path / "ledger", functools.partial(stay, begun))
    cluster = Cluster(session, "local", 1)
    receipts = Batch(session, cluster=cluster).run(Plan([place]), Request())
    next(receipts)
    process = int(begun.read_text())
    receipts.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


OTHER_RELEASE = "import imu_imageprep.version as v\nv.__version__ = '0.0.1'\n"


@pytest.fixture
def older(tmp_path: Path) -> str:
    """A path for Python on which imageprep is another release."""
    folder = tmp_path / "older"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(OTHER_RELEASE)
    return os.pathsep.join(map(str, (folder, ROOT, ROOT / "tests")))


def test_a_worker_with_another_release_is_refused_by_name(tmp_path: Path, older: str) -> None:
    with machines(tmp_path / "machines") as here:
        here.start_worker("ward-7", PYTHONPATH=older)
        session = ClinicalSession.at(tmp_path / "ledger")
        with pytest.raises(ModelProblem, match=r"The worker ward-7 has imageprep 0\.0\.1"):
            Cluster(session, here.address, answer=60)


def test_a_worker_that_comes_later_is_looked_at_too(tmp_path: Path, older: str) -> None:
    place = album(tmp_path / "photos", 60)
    session = ClinicalSession.at(tmp_path / "ledger")
    with machines(tmp_path / "machines", "w1") as here:
        cluster = Cluster(session, here.address, answer=60)
        here.start_worker("ward-7", PYTHONPATH=older)
        here.kill_worker("w1")  # so that the other one gets every piece
        with (
            Batch(session, cluster=cluster) as batch,
            pytest.raises(ModelProblem, match=r"The worker ward-7 has imageprep 0\.0\.1"),
        ):
            list(batch.run(Plan([place]), Request()))


def test_a_policy_that_a_worker_cannot_follow_is_refused_by_name(
    tmp_path: Path, home: Path
) -> None:
    (home / ".fonts").mkdir()
    shutil.copy(assets.root() / "watermark" / "Inter-SemiBold.otf", home / ".fonts")
    rules = Policy()
    rules = rules.replace(watermark=replace(rules.watermark, font="Inter"))
    session = ClinicalSession.at(tmp_path / "ledger", rules)
    with machines(tmp_path / "machines", "w1") as here:
        Cluster(session, here.address, answer=60).close()
        here.start_worker("ward-7", HOME=str(tmp_path))
        here.kill_worker("w1")
        with pytest.raises(PolicyProblem, match=r"The worker ward-7: .*font"):
            Cluster(session, here.address, answer=60)


def test_a_worker_that_may_not_begin_processes_says_so(tmp_path: Path) -> None:
    with machines(tmp_path / "machines") as here:
        here.start_worker("w1", "--nanny")
        session = ClinicalSession.at(tmp_path / "ledger")
        with pytest.raises(ModelProblem, match="may not begin processes") as told:
            Cluster(session, here.address, answer=60)
        assert "--no-nanny" in told.value.advice


def test_what_was_measured_of_people_does_not_leave_this_computer(tmp_path: Path) -> None:
    session = replace(ClinicalSession.at(tmp_path / "ledger"), known=Known((), None))
    with pytest.raises(UsageProblem, match="Faces are not compared on a cluster"):
        Cluster(session, "local")


def test_a_scheduler_that_does_not_answer(tmp_path: Path) -> None:
    session = ClinicalSession.at(tmp_path / "ledger")
    with pytest.raises(ModelProblem, match="No scheduler answers at tcp://127"):
        Cluster(session, f"tcp://127.0.0.1:{ports.free()}", answer=0.5)


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    session = ClinicalSession.at(tmp_path / "ledger")
    with machines(tmp_path / "machines") as here:
        here.start_worker("w1")
        Cluster(session, here.address, answer=60).close()
        here.kill_worker("w1")
        with pytest.raises(ModelProblem, match="has no workers") as told:
            Cluster(session, here.address, answer=3)
        assert "dask worker" in told.value.advice


@pytest.mark.parametrize(
    "text",
    ["", "here", "tcp://", "tcp://host", "http://host:80", "tcp://me:pw@host:1", "tcp://h:x"],
)
def test_what_is_no_address(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageProblem, match="--scheduler is not the address"):
        Cluster(ClinicalSession.at(tmp_path / "ledger"), text)


def test_places_and_ledgers_that_no_other_machine_reaches() -> None:
    check_reach(["s3://in/a", "file:///archive/b"], shared=True)
    with pytest.raises(UsageProblem, match="do not see photos"):
        check_reach(["s3://in/a", "photos"], shared=True)
    with pytest.raises(UsageProblem, match="do not reach the ledger"):
        check_reach(["s3://in/a"], shared=False)


def program(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What became of a program of Python, which this process has no part in."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_without_dask_the_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(PLAIN, 1))
    code = (
        "import sys\nsys.modules['distributed'] = None\n"
        "sys.argv = ['imageprep', 'a.jpg', '--scheduler', 'local']\n"
        "from imu_imageprep.front.cli import main\nmain()"
    )
    done = program(code, tmp_path)
    assert done.returncode == 3
    assert "Dask (distributed), which many machines need, is not installed." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_on_one_computer_loads_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(PLAIN, 1))
    code = (
        "import sys\nfrom imu_imageprep.front.cli import main\n"
        "sys.argv = ['imageprep', '-n', 'a.jpg']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "ours = {'distributed', 'dask', 'imu_imageprep.batch.cluster'}\n"
        "sys.exit(sorted(ours & set(sys.modules)) or 0)"
    )
    done = program(code, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["a.jpg", "--scheduler", "tcp://h:1"], "do not see a.jpg"),
        (["file:///a.jpg", "-o", "out", "--scheduler", "tcp://h:1"], "do not see out"),
        (["file:///a", "-o", "file:///b", "--scheduler", "tcp://h:1"], "do not reach the ledger"),
        (["a.jpg", "--scheduler", "here"], "is not the address of a scheduler"),
        (["-", "-o", "-", "--scheduler", "local"], "cannot come from standard input"),
    ],
)
def test_the_command_says_at_once_what_a_cluster_needs(
    tmp_path: Path, asked: list[str], said: str
) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(PLAIN, 1))
    done = imageprep(*asked, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
