"""Exports and photos told apart, and where exports may go, through the command as people run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import encoded, exif, scene

ROOT = Path(__file__).parents[2]
LONG = "n" * 300
DEEP = "d/" * 2500
RULES = '[flags]\nface = "note"\nclinical = "note"\nsource = "note"\nunknown_source = "note"\n'


def imageprep(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "imu_imageprep", *map(str, args)],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with one photo, and rules that let it leave."""
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(encoded(scene(400, 300), exif=exif()))
    return tmp_path


def prepare(place: Path, *args: object) -> subprocess.CompletedProcess[str]:
    return imageprep("--config", "rules.toml", "--no-input", *args, cwd=place)


def pictures(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")}


def test_exports_are_never_exported_again(place: Path) -> None:
    prepare(place, "in", "-o", "in/web")
    done = prepare(place, "in", "-o", "in/web2")
    assert "1 ready. (1 earlier export left out)" in done.stderr
    shutil.copy(place / "in/web/a.jpg", place / "in/holiday.jpeg")
    (place / "in/web/a.jpg").rename(place / "in/web/b.jpg")
    (place / "in/letter.txt").write_text("Dear all,")
    done = prepare(place, "in")
    assert "1 ready. (1 other file and 3 earlier exports left out)" in done.stderr
    assert pictures(place / "in-web") == {"a.jpg"}
    # An export that went through a pipe is one too.
    command = [sys.executable, "-P", "-m", "imu_imageprep", "--config", "rules.toml"]
    with (place / "in" / "piped.jpg").open("wb") as file:
        subprocess.run(
            [*command, "in/a.jpg", "--size", "90x90", "-o", "-"],
            stdout=file,
            stderr=subprocess.DEVNULL,
            check=True,
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert "4 earlier exports" in prepare(place, "in", "-n").stderr
    # Another ledger knows none of them.
    assert "5 ready" in prepare(place, "in", "-n", "--ledger", "other.db").stderr


def test_a_folder_beside_its_source_is_not_searched_and_told(place: Path) -> None:
    (place / "in-web").mkdir()
    shutil.copy(place / "in/a.jpg", place / "in-web/own.jpg")
    done = prepare(place, ".", "-o", "out")
    assert pictures(place / "out") == {"in/a.jpg"}
    assert "Not searched, as exports go there: in-web. Name a folder" in done.stderr
    assert pictures(place / "out") == {"in/a.jpg"}
    prepare(place, "in-web", "-o", "out")
    assert pictures(place / "out") == {"in/a.jpg", "own.jpg"}


def test_force_never_replaces_a_photo(place: Path) -> None:
    mine = encoded(scene(500, 300))
    (place / "in/a-web.jpg").write_bytes(mine)
    done = prepare(place, "in/a.jpg", "--force")
    assert done.returncode == 5
    assert "not known as a file that imageprep wrote" in done.stderr
    assert "Move or rename it" in done.stderr
    # In a folder both are photos; neither is lost.
    assert prepare(place, "in", "-o", "in", "--force").returncode == 0
    assert pictures(place / "in") == {"a.jpg", "a-web.jpg", "a-web-2.jpg", "a-web-web.jpg"}
    assert (place / "in/a-web.jpg").read_bytes() == mine
    # Once more: the same exports, and no new ones.
    for force in ([], ["--force"]):
        assert prepare(place, "in", "-o", "in", *force).returncode == 0
        assert len(pictures(place / "in")) == 4
    assert (place / "in/a-web.jpg").read_bytes() == mine


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["in/a.jpg", "-o", "result.jpg"], 2),
        (["in", "-o", "new/RESULT.PNG"], 2),
        (["-", "-o", "result.webp"], 2),
        (["in/a.jpg", "-o", ""], 2),
        (["in/a.jpg", "--out="], 2),
        (["in/a.jpg", "--report", ""], 2),
        (["in/a.jpg", "--ledger", ""], 2),
        (["in/a.jpg", "-o", "rules.toml"], 2),
        ([""], 2),
        (["in", ""], 2),
        (["in/a.jpg", "-o", LONG], 5),
        (["in/a.jpg", "-o", DEEP], 5),
        (["in", "-o", f"new/{LONG}"], 5),
        (["in/a.jpg", "-o", "rules.toml/x"], 5),
        (["in/a.jpg", "--ledger", LONG], 5),
        (["in", "--ledger", f"{LONG}/l.db"], 5),
        (["in/a.jpg", "--report", DEEP], 5),
    ],
)
def test_where_exports_cannot_go(place: Path, args: list[str], code: int) -> None:
    before = {str(path.relative_to(place)) for path in place.rglob("*")}
    done = prepare(place, *args)
    assert done.returncode == code
    assert "itself failed" not in done.stderr
    # What is wrong, and what to do.
    assert len(done.stderr.strip().splitlines()) >= 2
    made = {str(path.relative_to(place)) for path in place.rglob("*")} - before
    assert not [path for path in made if "result" in path.lower() or path.endswith(".jpg")]


@pytest.mark.parametrize(
    "args",
    [
        ["consent", "list", "--ledger", LONG],
        ["consent", "audit", "--ledger", LONG],
        ["consent", "export", LONG],
        ["consent", "export", ""],
        ["receipt", "in/a.jpg", "--ledger", LONG],
        ["receipt", "in/a.jpg", "--html", ""],
        ["report", "-o", DEEP],
        ["report", "-o", ""],
        ["watch", LONG],
        ["watch", ""],
        ["watch", "in", "-o", f"{LONG}/x"],
        ["watch", "in", "-o", "x.jpg"],
        ["policy", "--for", LONG],
        ["policy", "init", ""],
        ["calibrate", "--clinical", LONG, "--other", LONG],
        ["check", "", "--ledger", "x"],
        ["app", "--allow", ""],
    ],
)
def test_names_that_no_file_can_have_are_told_in_words(place: Path, args: list[str]) -> None:
    before = {path.name for path in place.iterdir()}
    done = imageprep(*args, cwd=place)
    assert done.returncode in (0, 2, 4, 5), done.stderr
    assert done.returncode != 0 or args[0] == "consent"  # a ledger that is not there is empty
    assert "itself failed" not in done.stderr
    assert {path.name for path in place.iterdir()} == before


@pytest.mark.posix(reason="Windows keeps a folder that one works in")
def test_a_folder_that_is_gone_while_one_works_in_it(place: Path) -> None:
    gone = place / "gone"
    gone.mkdir()
    code = (
        f"import os, sys; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        f"sys.argv[1:] = ['../in/a.jpg', '--no-input']\n"
        "from imu_imageprep.front.cli import command; command()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 5
    assert "The folder that you work in is not there any more." in done.stderr


NAMES = ("two\nlines.jpg", "\x1b[31mred.jpg", "bell\x07\r.jpg", "end\u2028of line.jpg")


@pytest.mark.posix(reason="names of Windows are text in one line")
def test_each_export_is_one_line_whatever_its_name_holds(place: Path) -> None:
    for name in NAMES:
        (place / "in" / name).write_bytes((place / "in/a.jpg").read_bytes() + name.encode())
    done = prepare(place, "in", "--ledger", "l\nedger.db")
    # splitlines() ends lines as terminals and programs do, at more than a newline.
    assert len(done.stdout.splitlines()) == len(NAMES) + 1
    told = {Path(line).name for line in done.stdout.splitlines()}
    assert told >= {r"two\nlines.jpg", r"\x1b[31mred.jpg", r"bell\x07\r.jpg"}
    assert "\x1b" not in done.stderr
    assert "\n lines" not in done.stderr


@pytest.mark.posix(reason="names of Windows are text in one line")
def test_messages_about_odd_names_are_one_line(place: Path) -> None:
    odd = "no\nsuch\x1b[2J.jpg"
    for args in ([odd], ["in/a.jpg", "-o", f"{odd}"], ["watch", odd], ["policy", "--config", odd]):
        done = imageprep(*args, cwd=place)
        assert done.returncode in (2, 4, 7)
        assert r"no\nsuch\x1b[2J.jpg" in done.stderr
        assert "\x1b" not in done.stderr
