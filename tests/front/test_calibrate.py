"""The clinical check measured on a person's own photos: real processes, the real detector."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import encoded, exif, scene

from imu_imageprep import config

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "imu_imageprep", "calibrate"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def calibrate(*args: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert "Traceback" not in done.stderr
    return done


def fill(folder: Path, count: int, first: int) -> Path:
    folder.mkdir()
    for number in range(count):
        spots = ((40 + 3 * (first + number), 50, 12),)
        (folder / f"{number:02}.jpg").write_bytes(encoded(scene(160, 120, spots), exif=exif()))
    return folder


@pytest.fixture(scope="module")
def sorted_photos(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    folder = tmp_path_factory.mktemp("sorted")
    clinical, other = fill(folder / "wards", 20, 0), fill(folder / "campus", 20, 20)
    (clinical / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
    (clinical / "copy.jpg").write_bytes((clinical / "00.jpg").read_bytes())
    return "--clinical", clinical, "--other", other


def test_a_table_with_intervals_and_nothing_left_behind(
    sorted_photos: tuple[object, ...], home: Path
) -> None:
    done = calibrate(*sorted_photos)
    assert done.returncode == 0
    assert "20 clinical photos (1 files could not be read)" in done.stdout
    assert "20 other photos\n" in done.stdout
    assert done.stdout.count("recommended for a doubt") == 1
    assert done.stdout.count("in use for a doubt") == 1
    assert "In the configuration:\n  [clinical]\n  threshold = " in done.stdout
    assert "\n  doubt = " in done.stdout
    assert "00.jpg" not in done.stdout + done.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_the_recommended_threshold_is_written_and_used(
    sorted_photos: tuple[object, ...], tmp_path: Path
) -> None:
    file = tmp_path / "office.toml"
    file.write_text("# our own rules\n[owner]\nname = 'Faculty'  # short\n", "utf-8")
    done = calibrate(*sorted_photos, "--json", "--write", "--config", file)
    assert done.returncode == 0
    told = json.loads(done.stdout)
    best = told["recommended"]
    doubt = told["recommended_doubt"]
    assert best["false_alarms"] <= 0.11
    assert doubt["false_alarms"] <= 0.25
    assert doubt["threshold"] <= best["threshold"]
    assert doubt["recall"] >= best["recall"]
    assert told["clinical"] == {"photos": 20, "unreadable": 1}
    low, high = best["recall_interval"]
    assert low <= best["recall"] <= high
    assert file.read_text("utf-8").startswith("# our own rules\n[owner]\nname = 'Faculty'  # short")
    rules = config.load(file).clinical
    assert (rules.threshold, rules.doubt) == (best["threshold"], doubt["threshold"])
    again = json.loads(calibrate(*sorted_photos, "--json", "--config", file).stdout)
    assert (again["in_use"], again["in_use_doubt"]) == (best, doubt)


def test_finding_less_has_to_be_asked_for(
    sorted_photos: tuple[object, ...], tmp_path: Path
) -> None:
    file = tmp_path / "office.toml"
    file.write_text("[clinical]\nthreshold = 0.001\n", "utf-8")
    done = calibrate(*sorted_photos, "--json", "--config", file)
    told = json.loads(done.stdout)
    assert told["recommended"]["threshold"] == told["recommended_doubt"]["threshold"] == 0.001
    asked = calibrate(*sorted_photos, "--json", "--config", file, "--recall", "0.5")
    assert json.loads(asked.stdout)["recommended"]["threshold"] > 0.001
    assert "would find fewer clinical photos" in asked.stderr


def test_too_few_photos_and_photos_in_both_folders_are_refused(
    sorted_photos: tuple[object, ...], tmp_path: Path
) -> None:
    few = fill(tmp_path / "few", 2, 0)
    done = calibrate("--clinical", few, "--other", sorted_photos[3])
    assert done.returncode == 2
    assert "--clinical has 2 photos that could be read; at least 20 are needed" in done.stderr
    done = calibrate("--clinical", sorted_photos[1], "--other", sorted_photos[1])
    assert done.returncode == 2
    assert "20 photos are in both folders" in done.stderr
    done = calibrate("--clinical", tmp_path / "none", "--other", few)
    assert (done.returncode, "is not a folder" in done.stderr) == (2, True)
    done = calibrate(*sorted_photos, "--recall", "0.9", "--false-alarms", "0.1")
    assert (done.returncode, "cannot be used together" in done.stderr) == (2, True)


def test_an_interruption_ends_it_quietly(sorted_photos: tuple[object, ...]) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no pseudo terminals")
    reader, terminal = os.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, sorted_photos)],
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env=environment(),
    ) as run:
        os.close(terminal)
        told = b""
        while b"10 photos checked" not in told:
            told += os.read(reader, 1000)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate()
    os.close(reader)
    assert run.returncode == 130
    assert out == ""
