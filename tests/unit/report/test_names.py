from __future__ import annotations

import os
from pathlib import Path

import pytest

from imu_imageprep.report.record import Names
from imu_imageprep.report.tables import filled


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("one/day", "two/day", "out"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_names_begin_with_the_argument(here: Path) -> None:
    names = Names.of([here / "one" / "day", here / "two" / "x.jpg"], None)
    assert names.shown(str(here / "one" / "day" / "sub" / "a.jpg")) == "day/sub/a.jpg"
    assert names.shown(str(here / "two" / "x.jpg")) == "x.jpg"
    assert names.shown(str(here / "one" / "day-web" / "a.jpg")) == "day-web/a.jpg"
    assert names.shown(str(here / "two" / "x-web.jpg")) == "x-web.jpg"
    assert names.shown(None) == "photo"


def test_arguments_of_one_name_are_numbered(here: Path) -> None:
    names = Names.of([Path("one/day"), Path("two/day")], Path("out"))
    assert names.shown("one/day/a.jpg") == "day/a.jpg"
    assert names.shown("two/day/a.jpg") == "day (2)/a.jpg"
    assert names.shown("out/a.jpg") == "out/a.jpg"
    assert names.exports == (str(here / "out"),)


def test_the_folder_one_stands_in_has_its_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here / "one")
    names = Names.of([Path()], None)
    assert names.shown("day/a.jpg") == "one/day/a.jpg"
    assert names.exports == (str(here / "one-web"),)


def test_a_name_is_typed_where_the_argument_lies(here: Path) -> None:
    names = Names.of([here / "one" / "day", Path("two")], None)
    assert names.typed(str(here / "one" / "day" / "a.jpg")) == os.path.join("day", "a.jpg")  # noqa: PTH118
    assert names.typed("two/day/b.jpg") == os.path.join("two", "day", "b.jpg")  # noqa: PTH118
    assert names.typed(None) is None


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
        ("a\nb.jpg", "imageprep PHOTO --redact faces"),
        ("\udcff.jpg", "imageprep PHOTO --redact faces"),
        (None, "imageprep PHOTO --redact faces"),
    ],
)
def test_a_command_can_be_typed_as_it_stands(typed: str | None, command: str) -> None:
    assert filled("imageprep PHOTO --redact faces", typed) == command
