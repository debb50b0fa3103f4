"""Where there is no network, nothing is missed, and nothing asked for one: not even in vain.

The kernel counts what is asked for, so that what a library does is seen as well, and what it does
not tell.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has network namespaces")

SAMPLES = ROOT / "samples"
NOT_PERMITTED = 77
ASKED = re.compile(r"asked: (\d+) beyond this machine, (\d+) on it\n$")


def alone(*command: object, home: Path) -> tuple[int, int, int, str]:
    """Run a command without a network: its exit code, what it asked for outside and here, output.

    Skipped only where the system permits nobody like us a network namespace of our own.
    """
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "no_network.py", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env={
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
            "IMAGEPREP_LEDGER": str(home / "ledger.db"),
        },
    )
    if done.returncode == NOT_PERMITTED:
        pytest.skip("this system does not permit a network namespace")
    found = ASKED.search(done.stderr)
    assert found, done.stderr
    return done.returncode, int(found[1]), int(found[2]), done.stdout + done.stderr


def python(code: str, home: Path) -> tuple[int, int, int, str]:
    return alone(sys.executable, "-c", code, home=home)


TRIES = {
    "TCP": "socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(('192.0.2.1', 80))",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "TCP 6": "socket.socket(socket.AF_INET6, socket.SOCK_STREAM).connect(('2001:db8::1', 80))",
    "UDP 6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('2001:db8::1', 53))",
}


@pytest.mark.parametrize("attempt", TRIES)
def test_what_is_asked_for_is_an_error_and_is_counted(attempt: str, home: Path) -> None:
    code = (
        f"import socket\ntry:\n    {TRIES[attempt]}\nexcept OSError as e:\n    print('refused', e)"
    )
    exit_code, outside, _, told = python(code, home)
    assert "refused" in told
    assert outside == 1
    assert exit_code == 3


def test_what_is_asked_on_this_machine_is_counted_and_is_no_error(home: Path) -> None:
    code = (
        "import socket\nwith socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    socket.create_connection(server.getsockname()).close()"
    )
    exit_code, outside, here, _ = python(code, home)
    assert (exit_code, outside) == (0, 0)
    assert here > 0


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """The samples, in a folder of their own."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for sample in SAMPLES.iterdir():
        if sample.suffix in (".jpg", ".png", ".webp"):
            shutil.copy(sample, folder)
    return folder


COMMANDS = {
    "prepare": (["{photos}", "-o", "{photos}/out", "--report", "{photos}/told", "--jobs", "2"], 1),
    "check": (["check", "{photos}", "--show-metadata"], 1),
    "one photo": (["{photos}/campus.jpg", "--size", "1600x1600", "--watermark", "சோதனை"], 0),
    "verify": (["verify", "{photos}/campus.jpg"], 6),
    "doctor": (["doctor"], 0),
    "policy": (["policy"], 0),
    "consent": (["consent", "list"], 0),
    "help": (["--help"], 0),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_asks_for_a_network(name: str, photos: Path, home: Path) -> None:
    options, expected = COMMANDS[name]
    filled = [option.format(photos=photos) for option in options]
    exit_code, outside, here, told = alone(
        sys.executable, "-m", "imu_imageprep", *filled, home=home
    )
    assert (outside, here) == (0, 0), told
    assert exit_code == expected, told


def test_the_page_asks_for_nothing_beyond_this_machine(tmp_path: Path, home: Path) -> None:
    code = f"""
from pathlib import Path
from running import serve
with serve(Path({str(tmp_path)!r})) as server:
    photo = server.browser().dropped(Path({str(SAMPLES / "campus.jpg")!r}).read_bytes())
    print(photo["state"])
"""
    exit_code, outside, here, told = python(code, home)
    assert "ready" in told
    assert (exit_code, outside) == (0, 0), told
    assert here > 0


def test_the_register_asks_for_nothing(photos: Path, home: Path) -> None:
    """Its libraries are others' than those of the checks."""
    code = f"""
import numpy as np
from PIL import Image
from imu_imageprep.register.library import load
(one,) = load().face_encodings(np.asarray(Image.open({str(photos / "portrait.jpg")!r})))
print(len(one))
"""
    exit_code, outside, here, told = python(code, home)
    assert "128" in told
    assert (exit_code, outside, here) == (0, 0, 0), told
