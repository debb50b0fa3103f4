"""Ctrl-C at every point of a start: exit code 130, no traceback, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import encoded, scene

ROOT = Path(__file__).parents[2]

# The signal arrives in the moment when a module is about to be loaded.
_START = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {how}

sys.meta_path.insert(0, Interrupt())
sys.argv = ["imageprep", *{args!r}]
{begin}
"""
_BEGIN = {
    "script": "from imu_imageprep.front.cli import command\ncommand()",
    "module": "import runpy; runpy.run_module('imu_imageprep', run_name='__main__')",
}
_HOW = {"signal": "signal.raise_signal(signal.SIGINT)", "raised": "raise KeyboardInterrupt"}


def interrupted(
    place: Path, module: str, how: str, begin: str, *args: str
) -> subprocess.CompletedProcess[str]:
    code = _START.format(module=module, how=_HOW[how], args=args, begin=_BEGIN[begin])
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize(
    ("module", "begin"),
    [
        ("imu_imageprep.front.cli.interrupt", "script"),
        ("imu_imageprep.front.cli.process", "script"),
        ("logging", "module"),
        ("imu_imageprep.domain.errors", "script"),
        ("imu_imageprep.memory", "module"),
        ("imu_imageprep.front.cli.app", "script"),
        ("typer", "script"),
        ("typer.core", "module"),
        ("imu_imageprep.front.cli.prepare", "script"),
        ("imu_imageprep.domain.policy_file", "script"),
        ("imu_imageprep.session", "module"),
        ("sqlite3", "script"),
        ("imu_imageprep.batch.run", "script"),
        ("numpy", "module"),
        ("numpy._core.multiarray", "script"),
        ("imu_imageprep.request", "script"),
    ],
)
def test_ctrl_c_while_it_starts(tmp_path: Path, module: str, begin: str, how: str) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(scene(300, 200)))
    done = interrupted(tmp_path, module, how, begin, "a.jpg", "--no-input")
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert "KeyboardInterrupt" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_a_shell_that_lets_ctrl_c_be_ignored_is_obeyed(tmp_path: Path) -> None:
    """As with nohup, or in the background of a shell without job control."""
    (tmp_path / "a.jpg").write_bytes(encoded(scene(300, 200)))
    begin = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + _BEGIN["script"]
    code = _START.format(
        module="imu_imageprep.front.cli.app", how=_HOW["signal"], args=["--version"], begin=begin
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0
    assert done.stdout.startswith("imageprep ")
