"""The product with a decoder that photos take over: what they try is refused, the others go on."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hostile
import pytest
from hostile import photo
from pictures import encoded, scene

from imu_imageprep.domain.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.platform != "linux":
    pytest.skip("only Linux shuts a process in", allow_module_level=True)

ROOT = Path(__file__).parents[2]


def command(*args: object, first: Sequence[str] = ()) -> list[str]:
    return [sys.executable, hostile.__file__, *first, "imageprep", *map(str, args)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def run(*args: object, first: Sequence[str] = ()) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run(
        command(*args, "--json", first=first),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert "Traceback" not in done.stderr
    receipts = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, receipts, done.stderr


def good(shade: int) -> bytes:
    return encoded(scene(200, 150, ((shade, 100, 20),)))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos that attack and three that do not, taken in turn."""
    folder = tmp_path / "photos"
    folder.mkdir()
    key = tmp_path / "key"
    key.write_text("secret", "utf-8")
    attacks: list[tuple[object, ...]] = [
        ("read", key),
        ("write", tmp_path / "out" / "planted.jpg"),
        ("inherited",),
    ]
    for number, attack in enumerate(attacks):
        (folder / f"{number}-bad.jpg").write_bytes(photo(good(number), *attack))
        (folder / f"{number}-good.jpg").write_bytes(good(100 + number))
    (tmp_path / "out").mkdir()
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_attack_costs_its_photo_alone(photos: Path, jobs: int) -> None:
    out = photos.parent / "out"
    code, receipts, _ = run(photos, "--out", out, "--jobs", jobs)
    assert code == ExitCode.INPUT
    by_name = {Path(receipt["path"]).name: receipt for receipt in receipts}
    assert len(by_name) == 6
    for name, receipt in by_name.items():
        if "bad" in name:
            assert receipt["outcome"] == "failed"
            assert receipt["error"]["message"] == (
                "The picture's decoder crashed; only this photo is affected."
            )
        else:
            assert receipt["outcome"] == "exported"
    assert sorted(path.name for path in out.iterdir()) == [f"{n}-good.jpg" for n in range(3)]


def test_the_same_photos_do_it_where_nothing_is_shut_in(photos: Path) -> None:
    out = photos.parent / "out"
    _, receipts, _ = run(photos / "1-bad.jpg", "--out", out, first=["--open"])
    assert receipts[0]["outcome"] == "exported"
    assert (out / "planted.jpg").read_bytes() == b"taken"
    # It is said of every photo, and refused by who requires better.
    assert any("could not be shut in" in note for note in receipts[0]["notes"])
    (photos / "imageprep.toml").write_text('[limits]\nsandbox = "require"\n', "utf-8")
    code, receipts, _ = run(photos / "0-good.jpg", "--out", out, first=["--open"])
    assert code == ExitCode.POLICY
    assert "files no, network and programs no" in receipts[0]["error"]["message"]
    assert not (out / "0-good.jpg").exists()


def test_a_single_photo_that_attacks_fails(photos: Path) -> None:
    for bad in photos.glob("*-bad.jpg"):
        code, receipts, _ = run(bad, "--out", photos.parent / "out")
        assert (code, receipts[0]["outcome"]) == (ExitCode.INPUT, "failed")
    assert not any((photos.parent / "out").iterdir())


def test_a_decoder_that_spins_ends_with_a_parent_that_is_killed(photos: Path) -> None:
    endless = photos / "endless.jpg"
    endless.write_bytes(photo(good(7), "spin"))
    with subprocess.Popen(
        command(endless, "--out", photos.parent / "out"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as parent:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        while not (found := children.read_text("ascii").split()):
            assert parent.poll() is None
        decoder = os.pidfd_open(int(found[0]))
        parent.send_signal(signal.SIGKILL)
    readable, _, _ = select.select([decoder], [], [], 30)
    os.close(decoder)
    assert readable  # it has ended
