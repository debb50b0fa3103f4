"""Killed at any moment, a batch leaves whole exports, whole originals, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc and /dev/shm")
def test_killed_runs_leave_whole_exports_and_nothing_else(tmp_path: Path) -> None:
    from kill_batch import kill_batch  # noqa: PLC0415  (it ends on Windows as it is loaded)

    bench = kill_batch(tmp_path / "bench", kills=4, seed=3, photos=12)
    assert bench.seen["finished before"] < 4
    assert bench.seen["exports"] > 0
    assert {what: count for what, count in bench.wrong.items() if count} == {}
