"""Which worker does what, and in which order."""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imu_imageprep.batch.workers import Workers
from imu_imageprep.domain.errors import InputProblem


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


def held_up(fifo: str) -> int:
    """In a worker: waits until somebody writes."""
    Path(fifo).read_text()
    return os.getpid()


def noted(path: str, text: str) -> int:
    """In a worker: writes down that its turn came."""
    with Path(path).open("a") as file:
        file.write(text)
    return os.getpid()


def test_one_photo_has_one_worker_and_keeps_no_other_from_work(
    workers: Workers, tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    first = workers.submit(os.getpid, seconds=60, at="p.jpg").result(120)
    busy = workers.submit(held_up, str(fifo), seconds=60, at="p.jpg")
    later = [workers.submit(os.getpid, seconds=60, at="p.jpg") for _ in range(5)]
    others = [workers.submit(os.getpid, seconds=60, at=f"{n}.jpg") for n in range(5)]
    assert {other.result(120) for other in others}.isdisjoint({first})
    assert not any(one.done() for one in (busy, *later))
    fifo.write_text("go on")
    assert {one.result(120) for one in (busy, *later)} == {first}


def test_a_photo_whose_worker_died_goes_on_in_another_process(workers: Workers) -> None:
    first = workers.submit(os.getpid, seconds=60, at="p.jpg").result(120)
    (process,) = (child for child in multiprocessing.active_children() if child.pid == first)
    process.kill()
    process.join()
    assert workers.submit(os.getpid, seconds=60, at="p.jpg").result(120) != first


def test_what_is_urgent_comes_first(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    workers, fifo, log = Workers(1), tmp_path / "fifo", tmp_path / "log"
    os.mkfifo(fifo)
    try:
        work = [workers.submit(held_up, str(fifo), seconds=60)]
        work += [workers.submit(noted, str(log), text, seconds=60) for text in "ab"]
        work += [workers.submit(noted, str(log), text, seconds=60, urgent=True) for text in "cd"]
        fifo.write_text("go on")
        for one in work:
            one.result(120)
        assert log.read_text() == "cdab"
    finally:
        workers.close()


def test_what_waits_at_the_end_is_cancelled(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    workers, fifo = Workers(1), tmp_path / "fifo"
    os.mkfifo(fifo)
    busy = workers.submit(held_up, str(fifo), seconds=60)
    waiting = [workers.submit(os.getpid, seconds=60, urgent=urgent) for urgent in (True, False)]
    workers.close()
    assert busy.cancelled() or busy.exception() is not None
    assert all(one.cancelled() for one in waiting)
    assert workers.submit(os.getpid, seconds=60).cancelled()


def test_one_that_hangs_at_its_start_costs_a_large_photo_its_time_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a pipe holds: nobody reads it, and whoever sends it would wait for ever."""
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    monkeypatch.setattr("imu_imageprep.batch.workers.GRACE_SECONDS", 0)
    workers = Workers(1, functools.partial(held_up, str(fifo)))
    try:
        large = workers.submit(len, bytes(10_000_000), seconds=1)
        with pytest.raises(InputProblem, match="took too long"):
            large.result(120)
    finally:
        workers.close()


def test_one_whose_end_of_the_pipe_stays_open_when_it_ends_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So it is on Windows, where one ends before it took its end over."""
    spawn = multiprocessing.get_context("spawn")
    kept: list[tuple[Any, Any]] = []

    class Keeping:
        Process = spawn.Process

        @staticmethod
        def Pipe() -> object:  # noqa: N802  (its name there)
            ours, theirs = spawn.Pipe()
            kept.append((theirs, theirs.close))
            monkeypatch.setattr(theirs, "close", lambda: None)
            return ours, theirs

    monkeypatch.setattr("imu_imageprep.batch.workers._context", Keeping)
    workers = Workers(1, functools.partial(os._exit, 3))
    try:
        with pytest.raises(InputProblem, match="crashed"):
            workers.submit(os.getpid, seconds=60).result(120)
    finally:
        for _, close in kept:
            close()
        workers.close()
