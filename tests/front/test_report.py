"""Reports as people ask for them: real processes, real detectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import imageprep
from pictures import encoded, exif, scene

ROOT = Path(__file__).parents[2]


def outcomes(report: Path) -> dict[str, str]:
    photos = json.loads((report / "report.json").read_text("utf-8"))["photos"]
    return {Path(photo["path"]).as_posix(): photo["outcome"] for photo in photos}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A photo that is clear, one that someone else made, and one that is none."""
    folder = tmp_path / "day"
    folder.mkdir()
    (folder / "clear.jpg").write_bytes(encoded(scene(400, 300), exif=exif()))
    (folder / "theirs.jpg").write_bytes(encoded(scene(400, 300), exif=exif(artist="Needle & Co")))
    (folder / "text.jpg").write_bytes(b"Dear all, please find attached a photo.")
    return folder


EXPECTED = {"day/clear.jpg": "exported", "day/theirs.jpg": "held", "day/text.jpg": "failed"}


def test_a_run_with_its_report_and_the_same_report_later(day: Path) -> None:
    report = day.with_name("report")
    done = imageprep(day, "--report", report)
    assert done.returncode == 4
    assert f"Report: {report / 'report.html'}" in done.stderr
    assert done.stdout == f"{day.with_name('day-web') / 'clear.jpg'}\n"
    assert outcomes(report) == EXPECTED

    later = imageprep("report", cwd=day.parent)
    assert later.returncode == 0
    assert later.stdout == f"{Path('imageprep-report') / 'report.html'}\n"
    assert outcomes(day.with_name("imageprep-report")) == EXPECTED
    for name in ("report.html", "report.csv", "report.json"):
        text = (report / name).read_text("utf-8")
        assert text == (day.with_name("imageprep-report") / name).read_text("utf-8")
        assert "Needle" not in text
        assert str(day.parent) not in text
        assert "theirs.jpg" in text


def test_full_paths_only_when_asked(day: Path, tmp_path: Path) -> None:
    imageprep(day)
    assert imageprep("report", "--full-paths", "-o", tmp_path / "r").returncode == 0
    photos = {(day / name.partition("/")[2]).as_posix() for name in EXPECTED}
    assert set(outcomes(tmp_path / "r")) == photos


@pytest.mark.parametrize("inside", ["day-web", "day-web/report"])
def test_a_report_among_exports_is_refused_before_anything_is_begun(
    day: Path, home: Path, inside: str
) -> None:
    done = imageprep(day, "--report", day.parent / inside)
    assert done.returncode == 2
    assert "upload whole" in done.stderr
    assert list(day.parent.iterdir()) == [day]
    assert list(home.rglob("*.db")) == []

    imageprep(day)
    later = imageprep("report", "-o", day.parent / inside)
    assert later.returncode == 2
    assert [p.name for p in day.with_name("day-web").iterdir()] == ["clear.jpg"]


def test_looking_leaves_a_report_only_where_one_is_asked_for(day: Path, home: Path) -> None:
    imageprep("-n", day)
    assert [p for p in home.rglob("*") if p.is_file()] == []
    report = day.with_name("report")
    imageprep("-n", day, "--report", report)
    assert outcomes(report) == {**EXPECTED, "day/clear.jpg": "clear"}
    assert not day.with_name("day-web").exists()


def test_a_second_run_skips_and_says_so(day: Path) -> None:
    report = day.with_name("report")
    imageprep(day)
    imageprep("-q", day, "--report", report)
    assert outcomes(report) == {**EXPECTED, "day/clear.jpg": "skipped"}


def test_no_run_yet(tmp_path: Path) -> None:
    done = imageprep("report", cwd=tmp_path)
    assert done.returncode == 2
    assert "no run to report on" in done.stderr
    assert list(tmp_path.iterdir()) == []
