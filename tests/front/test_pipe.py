"""``-``: one picture in, one export out, and what stands at the ends of the pipes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from command import ROOT
from pictures import encoded, exif, scene
from PIL import Image

from imu_imageprep.stages.verify import inspect

SAMPLES = ROOT / "samples"
ENV = {"PYTHONPATH": str(ROOT)}


def piped(
    *args: object, given: bytes = b"", stdout: int | IO[bytes] = subprocess.PIPE, cwd: Path
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "imu_imageprep", *map(str, args)],
        input=given,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=cwd,
        check=False,
        env={**os.environ, **ENV},
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done


@pytest.fixture
def photo() -> bytes:
    return encoded(scene(), exif=exif())


def test_a_picture_goes_through(tmp_path: Path, photo: bytes) -> None:
    done = piped("-", "-o", "-", given=photo, cwd=tmp_path)
    assert done.returncode == 0
    assert inspect(done.stdout) == ()
    assert Image.open(io.BytesIO(done.stdout)).size == (800, 533)
    assert b"the photo" in done.stderr
    assert b"standard output" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert piped("verify", "-", given=done.stdout, cwd=tmp_path).returncode == 0
    assert piped("verify", "-", given=photo, cwd=tmp_path).returncode == 6


def test_a_file_goes_to_stdout_under_its_own_rules(tmp_path: Path, photo: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(photo)
    (tmp_path / "imageprep.toml").write_text("[export]\nsize = [320, 240]\n", "utf-8")
    done = piped("a.jpg", "-o", "-", "-q", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Image.open(io.BytesIO(done.stdout)).size == (320, 213)
    given = piped("a.jpg", "-o", "-", "--config", "imageprep.toml", cwd=tmp_path)
    assert given.stdout == done.stdout


def test_a_stream_into_a_folder_gets_a_neutral_name(tmp_path: Path, photo: bytes) -> None:
    done = piped("-", "-o", "web", "--json", given=photo, cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["path"] is None
    (export,) = (tmp_path / "web").iterdir()
    assert export.name == f"photo-{answer['export']['sha256'][:8]}.jpg"
    again = piped("-", "-o", "web", given=photo, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, os.fsencode(f"{export}\n"))
    assert b"exported before" in again.stderr


def test_what_is_held_writes_nothing(tmp_path: Path) -> None:
    face = (SAMPLES / "portrait.jpg").read_bytes()
    done = piped("-", "-o", "-", given=face, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"to go on: imageprep - --redact faces" in done.stderr
    covered = piped("-", "-o", "-", "--redact", "faces", given=face, cwd=tmp_path)
    assert covered.returncode == 0
    assert inspect(covered.stdout) == ()


def test_looking_at_a_stream(tmp_path: Path, photo: bytes) -> None:
    for args in (("check", "-", "--json"), ("-", "-n", "--json")):
        answer = json.loads(piped(*args, given=photo, cwd=tmp_path).stdout)
        assert (answer["outcome"], answer["path"], answer["export"]) == ("clear", None, None)
    shown = piped("check", "-", "--json", "--show-metadata", given=photo, cwd=tmp_path)
    assert b"NeedleCam" in shown.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
def test_a_stream_that_is_no_picture(tmp_path: Path, given: bytes) -> None:
    done = piped("-", "-o", "-", given=given, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, b"")
    answer = json.loads(piped("check", "-", "--json", given=given, cwd=tmp_path).stdout)
    assert (answer["outcome"], answer["error"]["code"]) == ("failed", 4)


def test_a_stream_beyond_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("[limits]\nbytes = 1000\n", "utf-8")
    done = piped("-", "-o", "-", "--config", "small.toml", given=b"\xff" * 300_000, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, b"")


@pytest.mark.parametrize(
    "args",
    [
        ("-",),
        ("-", "a.jpg", "-o", "web"),
        ("a.jpg", "b.jpg", "-o", "-"),
        ("-", "-o", "-", "--json"),
        ("-", "-o", "web", "--report", "r"),
        ("check", "-", "a.jpg"),
    ],
)
def test_what_a_stream_cannot_do(tmp_path: Path, photo: bytes, args: tuple[str, ...]) -> None:
    done = piped(*args, given=photo, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [("-", "-o", "-"), ("check", "-"), ("verify", "-")])
def test_terminals_are_refused(tmp_path: Path, photo: bytes, args: tuple[str, ...]) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no pseudo terminals")
    import pty  # noqa: PLC0415  (Windows has none)

    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb") as terminal, os.fdopen(ours, "rb"):
        if args[0] == "-":
            assert piped(*args, given=photo, stdout=terminal, cwd=tmp_path).returncode == 2
        done = subprocess.run(
            [sys.executable, "-m", "imu_imageprep", *args],
            stdin=terminal,
            capture_output=True,
            cwd=tmp_path,
            check=False,
            env={**os.environ, **ENV},
        )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Standard input is a terminal" in done.stderr


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reader_that_went_away(tmp_path: Path, photo: bytes, jobs: int) -> None:
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(photo)
    for args in (("-", "-o", "-"), ("check", "--json", "-j", jobs, "."), ("policy",)):
        ours, theirs = os.pipe()
        os.close(ours)
        with os.fdopen(theirs, "wb") as pipe:
            done = piped(*args, given=photo, stdout=pipe, cwd=tmp_path)
        assert done.returncode == 5, args


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_results_on_a_full_disk(tmp_path: Path, photo: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(photo)
    with Path("/dev/full").open("wb") as full:
        for args in (("check", "--json", "a.jpg"), ("a.jpg",), ("-", "-o", "-"), ("policy",)):
            done = piped(*args, given=photo, stdout=full, cwd=tmp_path)
            assert done.returncode == 5, args


@pytest.mark.posix(reason="cmd.exe cannot close a stream of the program that it starts")
def test_closed_streams_take_no_files_number(tmp_path: Path, photo: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(photo)
    command = f"{sys.executable} -m imu_imageprep a.jpg <&- >&- 2>&-"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, check=False, env={**os.environ, **ENV}
    )
    assert done.returncode == 0
    assert inspect((tmp_path / "a-web.jpg").read_bytes()) == ()
