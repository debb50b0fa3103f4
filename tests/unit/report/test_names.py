from __future__ import annotations

import os
from pathlib import Path

import pytest

from imu_imageprep import shell
from imu_imageprep.report.record import Names
from imu_imageprep.report.tables import filled


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("one/day", "two/day", "out"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def local(name: str) -> str:
    """A name as this system writes it."""
    return name.replace("/", os.sep)


def test_names_begin_with_the_argument(here: Path) -> None:
    names = Names.of([here / "one" / "day", here / "two" / "x.jpg"], None)
    assert names.shown(str(here / "one" / "day" / "sub" / "a.jpg")) == local("day/sub/a.jpg")
    assert names.shown(str(here / "two" / "x.jpg")) == "x.jpg"
    assert names.shown(str(here / "one" / "day-web" / "a.jpg")) == local("day-web/a.jpg")
    assert names.shown(str(here / "two" / "x-web.jpg")) == "x-web.jpg"
    assert names.shown(None) == "photo"


def test_arguments_of_one_name_are_numbered(here: Path) -> None:
    names = Names.of([Path("one/day"), Path("two/day")], Path("out"))
    assert names.shown("one/day/a.jpg") == local("day/a.jpg")
    assert names.shown("two/day/a.jpg") == local("day (2)/a.jpg")
    assert names.shown("out/a.jpg") == local("out/a.jpg")
    assert names.exports == (str(here / "out"),)


def test_the_folder_one_stands_in_has_its_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here / "one")
    names = Names.of([Path()], None)
    assert names.shown("day/a.jpg") == local("one/day/a.jpg")
    assert names.exports == (str(here / "one-web"),)


def test_a_name_is_typed_where_the_argument_lies(here: Path) -> None:
    names = Names.of([here / "one" / "day", Path("two")], None)
    assert names.typed(str(here / "one" / "day" / "a.jpg")) == local("day/a.jpg")
    assert names.typed("two/day/b.jpg") == local("two/day/b.jpg")
    assert names.typed(None) is None


@pytest.mark.usefixtures("links")
def test_a_folder_behind_a_link_has_its_exports_beside_the_real_one(here: Path) -> None:
    (here / "link").symlink_to(here / "one" / "day")
    names = Names.of([here / "link"], None)
    assert names.exports == (str(here / "one" / "day-web"),)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("day/a.jpg", "imageprep day/a.jpg --redact faces"),
        ("a b.jpg", "imageprep 'a b.jpg' --redact faces"),
        ("-x.jpg", "imageprep ./-x.jpg --redact faces"),
        ("check", "imageprep ./check --redact faces"),
        ("$(reboot).jpg", "imageprep '$(reboot).jpg' --redact faces"),
        ("a\nb.jpg", r"imageprep $'a\012b.jpg' --redact faces"),
        ("\udcff.jpg", r"imageprep $'\377.jpg' --redact faces"),
        (None, "imageprep PHOTO --redact faces"),
    ],
)
def test_a_command_can_be_typed_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, typed: str | None, command: str
) -> None:
    monkeypatch.setattr(shell, "here", lambda: shell.Shell.POSIX)
    assert filled("imageprep PHOTO --redact faces", typed) == command
