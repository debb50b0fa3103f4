"""Killed at any moment, the register keeps its word: nobody lost, nobody revived, nothing left."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_register_loses_nobody_and_revives_nobody(tmp_path: Path) -> None:
    from kill_register import kill_register  # noqa: PLC0415  (it ends on Windows as it is loaded)

    bench = kill_register(tmp_path / "bench", kills=5)
    assert bench.seen["adding"] > 0
    assert {what: count for what, count in bench.wrong.items() if count} == {}
