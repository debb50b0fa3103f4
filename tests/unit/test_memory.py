"""Memory is used otherwise by our own processes alone; large pages only where there are any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT
from pictures import encoded, scene

from imu_imageprep import memory

OFFERED = Path("/sys/kernel/mm/transparent_hugepage/enabled").exists()

# Whether the heap carries the wish: "hg" among the flags of its mapping (proc_pid_smaps(5)).
WISHED = """
def wished():
    try:
        mappings = open("/proc/self/smaps").read()
    except OSError:
        return False
    heap, kept = False, []
    for line in mappings.splitlines():
        if "-" in line.split(" ")[0]:
            heap = line.endswith("[heap]")
        elif heap and line.startswith("VmFlags:"):
            kept += line.split()
    return "hg" in kept
"""


def said(script: str, *args: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", WISHED + script, *map(str, args)],
        # NumPy asks for large pages for its own large arrays.
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMPY_MADVISE_HUGEPAGE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_heap_asks_for_large_pages_where_there_are_some() -> None:
    script = """
from imu_imageprep import memory
print(wished(), memory.large_pages(), wished())
# What is used and given back still works, small and large.
for size in (1000, 10 << 20, 40 << 20, 300 << 20):
    assert bytes(range(256)) * (size // 256)
"""
    assert said(script) == ["False", str(OFFERED), str(OFFERED)]


def test_a_script_that_uses_the_library_keeps_its_memory_as_it_is(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(scene()))
    script = """
import gc, sys
before = gc.get_threshold()
import imu_imageprep
print(imu_imageprep.prepare(sys.argv[1], ledger=sys.argv[2]).outcome, wished())
assert gc.get_threshold() == before
"""
    assert said(script, photo, tmp_path / "ledger.db") == ["exported", "False"]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_not_asked(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert not memory.large_pages()
