from __future__ import annotations

import functools
import multiprocessing
from collections import Counter
from pathlib import Path

import pytest
from fakes import FailingDetector, FakeSession, FatalDetector, SpotDetector
from pictures import SPOT, encoded, scene

from imu_imageprep.batch import run
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.batch.workers import Workers, side_by_side
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.request import Request


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five plain photos, one with a spot, one that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(encoded(scene(300 + number, 200)))
    (folder / "spot.jpg").write_bytes(encoded(scene(300, 200, ((150, 100, 20),))))
    (folder / "text.jpg").write_bytes(b"no photo at all, but a letter")
    return folder


def receipts(folder: Path, session: FakeSession, jobs: int) -> dict[str, Receipt]:
    with Batch(session, jobs) as batch:
        got = batch.run(Plan([folder]), Request())
        return {Path(r.path or "").name: r for r in got}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_photo_gets_its_own_answer(folder: Path, jobs: int) -> None:
    got = receipts(folder, FakeSession.with_faces(SpotDetector(SPOT)), jobs)
    assert Counter(r.outcome for r in got.values()) == {
        Outcome.EXPORTED: 5,
        Outcome.HELD: 1,
        Outcome.FAILED: 1,
    }
    assert got["spot.jpg"].outcome is Outcome.HELD
    assert got["text.jpg"].exit_code == 4
    exports = sorted(p.name for p in folder.with_name("photos-web").iterdir())
    assert exports == [f"{number}.jpg" for number in range(5)]


def test_a_worker_that_dies_costs_its_photo_alone(folder: Path) -> None:
    got = receipts(folder, FakeSession.with_faces(FatalDetector(SPOT)), 2)
    assert got["spot.jpg"].outcome is Outcome.FAILED
    assert got["spot.jpg"].exit_code == 4
    assert got["spot.jpg"].failure is not None
    assert "crashed" in got["spot.jpg"].failure.message
    assert sum(r.outcome is Outcome.EXPORTED for r in got.values()) == 5


def test_workers_that_die_before_they_get_a_photo_cost_none(folder: Path) -> None:
    """As when the system runs short of memory, or somebody ends what seems to do nothing."""

    session = FakeSession.with_faces(SpotDetector(SPOT))
    workers = Workers(2, functools.partial(run._remember, session, 0))
    try:
        begun = multiprocessing.active_children()
        assert len(begun) == 2
        for worker in begun:
            worker.kill()
            worker.join()
        work = side_by_side(
            workers, run._one, Plan([folder]), Request(), seconds=60, lost=run.failed
        )
        got = [receipt for _, receipt in work]
    finally:
        workers.close()
    assert Counter(receipt.outcome for receipt in got) == {
        Outcome.EXPORTED: 5,
        Outcome.HELD: 1,
        Outcome.FAILED: 1,
    }
    assert multiprocessing.active_children() == []


def test_a_bug_is_a_failed_photo_without_its_message(tmp_path: Path) -> None:
    class Odd(FakeSession):
        def equipment(self, policy: Policy):  # type: ignore[no-untyped-def]
            del policy
            raise KeyError("secret")

    (tmp_path / "a.jpg").write_bytes(encoded(scene(300, 200)))
    session = Odd.with_faces(FailingDetector("faces", Flag.FACE, ValueError()))
    (receipt,) = Batch(session).run(Plan([tmp_path / "a.jpg"]), Request())
    assert receipt.exit_code == 70
    assert "secret" not in str(receipt.to_json())


def test_stopping_early_leaves_no_debris(folder: Path) -> None:
    some = Batch(FakeSession.with_faces(SpotDetector(SPOT)), 2).run(Plan([folder]), Request())
    next(some)
    some.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []
    web = folder.with_name("photos-web")
    names = {p.name for p in web.iterdir()} if web.exists() else set()
    assert names <= {f"{number}.jpg" for number in range(5)}


def test_a_folder_policy_of_its_own(folder: Path) -> None:
    (folder / "imageprep.toml").write_text("[limits]\nbytes = 10\n", "utf-8")
    got = receipts(folder, FakeSession.with_faces(SpotDetector(SPOT)), 1)
    assert {r.outcome for r in got.values()} == {Outcome.FAILED}
