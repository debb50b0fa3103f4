r"""Paths that Windows does not take as they stand: long ones, and names that it reads otherwise."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest
from command import ROOT
from pictures import encoded, exif, scene

from imu_imageprep.batch import plan
from imu_imageprep.batch.choice import Choice
from imu_imageprep.batch.names import mirrored
from imu_imageprep.batch.plan import Plan
from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.front.cli import options
from imu_imageprep.report.record import Names
from imu_imageprep.windows import (
    has_long_name,
    is_link,
    is_plain,
    reachable,
    real,
    unprefixed,
    verbatim,
)

HERE = r"C:\Users\office"
DEEP = "\\".join(["a folder with a long name"] * 9)
DAYS = "/".join(["a folder with a long name"] * 12)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("a.jpg", "a.jpg"),
        (r"C:\a\b.jpg", r"C:\a\b.jpg"),
        (r"..\a.b.jpg", r"..\a.b.jpg"),
        (r"\\nas\photos\a.jpg", r"\\nas\photos\a.jpg"),
        (".", "."),
        (rf"{DEEP}\a.jpg", rf"\\?\C:\Users\office\{DEEP}\a.jpg"),
        (rf"..\x\.\{DEEP}/a.jpg", rf"\\?\C:\Users\x\{DEEP}\a.jpg"),
        (rf"E:\{DEEP}\a.jpg", rf"\\?\E:\{DEEP}\a.jpg"),
        (rf"\\nas\photos\{DEEP}\a.jpg", rf"\\?\UNC\nas\photos\{DEEP}\a.jpg"),
        (rf"\\?\C:\{DEEP}\a.jpg", rf"\\?\C:\{DEEP}\a.jpg"),
        ("a.jpg ", r"\\?\C:\Users\office\a.jpg "),
        (r"D:\day.\a.jpg", r"\\?\D:\day.\a.jpg"),
        ("aux.jpg", r"\\?\C:\Users\office\aux.jpg"),
        ("con", r"\\?\C:\Users\office\con"),
        ("COM¹.png", r"\\?\C:\Users\office\COM¹.png"),
        (r"nul\a.jpg", r"\\?\C:\Users\office\nul\a.jpg"),
        ("console.jpg", "console.jpg"),
        (f"D:{DEEP}", f"D:{DEEP}"),  # where one stands on another drive is not known here
    ],
)
def test_what_windows_is_asked_for(path: str, asked: str) -> None:
    assert verbatim(path, HERE) == asked
    assert verbatim(asked, HERE) == asked
    if asked != path:
        assert verbatim(unprefixed(asked), HERE) == asked


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (r"\\?\C:\a", r"C:\a"),
        (r"\\?\UNC\nas\a", r"\\nas\a"),
        (r"\\.\c:\a", r"c:\a"),
        (r"\\?\unc\nas\a", r"\\nas\a"),
        (r"\\?\Volume{4c1b02c1}\a", r"\\?\Volume{4c1b02c1}\a"),
        (r"\\.\pipe\a", r"\\.\pipe\a"),
        (r"C:\a", r"C:\a"),
        ("a", "a"),
    ],
)
def test_a_path_as_people_write_it_leads_to_the_same(path: str, written: str) -> None:
    assert unprefixed(path) == written


@pytest.mark.posix(reason="Windows is asked otherwise")
def test_elsewhere_a_path_is_asked_for_as_it_is() -> None:
    path = Path(DAYS) / "aux. "
    assert reachable(path) is path


@pytest.mark.parametrize(
    ("folder", "called"),
    [("day one/b", "day one/b"), ("day./b", "day._/b"), ("aux/con.2", "aux_/con.2_"), ("", "")],
)
def test_folders_of_exports_are_called_so_that_every_system_takes_them(
    folder: str, called: str
) -> None:
    assert mirrored(Path(folder)) == Path(called)


def test_two_folders_that_come_out_alike_keep_their_photos_apart(tmp_path: Path) -> None:
    for name in ("aux", "aux_"):
        reachable(tmp_path / "t" / name).mkdir(parents=True)
        reachable(tmp_path / "t" / name / "a.jpg").write_bytes(encoded(scene(40, 30)))
    places = {
        (task.target.folder, task.target.stem) for task in Plan([tmp_path / "t"]) if task.target
    }
    assert places == {(tmp_path / "t-web" / "aux_", stem) for stem in ("a", "a-2")}


def test_a_pattern_may_be_typed_as_the_system_writes_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sep", "\\")
    choice = Choice.of([], ["drafts\\", "day\\*.png"])
    monkeypatch.undo()
    left_out = ["drafts", "day/a.png"]
    assert [path for path in (*left_out, "a.png") if choice.leaves_out(Path(path))] == left_out


def test_a_junction_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(encoded(scene(40, 30)))
    monkeypatch.setattr(plan, "is_link", lambda entry: entry.name == "there")
    assert [task.path for task in Plan([tmp_path])] == [tmp_path / "here" / "a.jpg"]


@pytest.mark.parametrize(
    ("status", "link"),
    [
        (SimpleNamespace(st_mode=stat.S_IFDIR), False),
        (SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=0), False),
        (SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=0x9000001A), False),  # OneDrive
        (SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=0xA0000003), True),
        (SimpleNamespace(st_mode=stat.S_IFLNK), True),
    ],
)
def test_what_leads_elsewhere(status: Any, link: bool) -> None:
    entry: Any = SimpleNamespace(stat=lambda **_: status)
    assert is_link(entry) is link


def test_where_the_system_cannot_tell_what_a_path_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a folder of a cloud service that is switched off (WinError 362)."""
    (tmp_path / "t" / "day").mkdir(parents=True)
    (tmp_path / "t" / "day" / "a.jpg").write_bytes(encoded(scene(40, 30)))

    def refuse(path: Any) -> str:
        raise OSError(22, f"The cloud file provider is not running: {path}")

    monkeypatch.setattr(os.path, "realpath", refuse)
    (task,) = Plan([tmp_path / "t"])
    assert task.target is not None
    assert task.target.folder == tmp_path / "t-web" / "day"


def test_a_folder_deeper_than_python_makes_one_is_refused() -> None:
    with pytest.raises(OutputProblem, match="too deep"):
        options.NAMED.convert("d/" * 2500, None, None)


@pytest.mark.usefixtures("links")
def test_of_a_path_that_cannot_be_told_the_rest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    resolved = os.path.realpath

    def realpath(path: Any) -> Any:
        if "cloud" in str(path):
            raise OSError(22, "The cloud file provider is not running")
        return resolved(path)

    monkeypatch.setattr(os.path, "realpath", realpath)
    there = tmp_path / "real" / "cloud" / "a.jpg"
    assert real(tmp_path / "link" / "cloud" / "a.jpg") == real(tmp_path) / there.relative_to(
        tmp_path
    )
    assert real(tmp_path / "link" / "cloud" / ".." / ".." / "..") == real(tmp_path.parent)


@pytest.mark.usefixtures("links")
def test_a_link_that_may_lead_out_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.jpg").write_bytes(encoded(scene(40, 30)))
    (tmp_path / "t" / "b.jpg").symlink_to("a.jpg")

    def refuse(path: Any) -> str:
        raise OSError(22, f"It cannot be told: {path}")

    monkeypatch.setattr(os.path, "realpath", refuse)
    assert [task.path.name for task in Plan([tmp_path / "t"])] == ["a.jpg"]


def test_exports_of_a_whole_drive_are_no_place_for_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imu_imageprep.batch.names.beside", lambda _: tmp_path / "imageprep-web")
    assert Names.of([tmp_path], None).exports == (str(tmp_path / "imageprep-web"),)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (r"C:\photos\day 1.web", True),
        (r"..\web\.", True),
        (r"\\nas\photos\web", True),
        (r"C:\photos\web.", False),
        (r"C:\photos. \web", False),
        ("con", False),
        ("nul.d", False),
    ],
)
def test_what_windows_can_make(path: str, plain: bool) -> None:
    assert is_plain(PureWindowsPath(path)) is plain


def test_a_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "makeable", is_plain)
    monkeypatch.setattr(options, "makeable", is_plain)
    for name in ("aux", "web. "):
        with pytest.raises(UsageProblem, match="No folder"):
            plan.check_out(tmp_path / name)
        with pytest.raises(UsageProblem, match="No file or folder"):
            options.NAMED.convert(str(tmp_path / name), None, None)
    assert options.NAMED.convert(str(tmp_path / "web"), None, None) == str(tmp_path / "web")


@pytest.mark.parametrize(
    ("name", "long"),
    [("n" * 255, False), ("n" * 256, True), ("🙂" * 127, False), ("🙂" * 128, True)],
)
def test_the_longest_name_of_windows(name: str, long: bool) -> None:
    assert has_long_name(PureWindowsPath("C:/a", name, "b")) is long


def test_a_name_too_long_is_told_where_the_system_says_that_it_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(path: Any, **_: Any) -> Any:
        raise FileNotFoundError(2, f"The system cannot find {path}")

    monkeypatch.setattr(os, "stat", missing)
    monkeypatch.setattr(plan, "too_long", has_long_name)
    with pytest.raises(OutputProblem, match="file name too long"):
        plan.check_out(f"{'n' * 300}/web")
    assert plan.check_out("web") == Path("web")


# A program in a system that takes no long path but a rewritten one, as Windows does. Here a link
# to the topmost folder stands for what such a path begins with.
LIMITED = """
import os, sys
from pathlib import Path, PureWindowsPath

before, photos, rules = sys.argv[1:]

def refuse(path):
    if isinstance(path, (str, os.PathLike)) and len(os.fspath(path)) > 250:
        if not os.fspath(path).startswith(before):
            raise FileNotFoundError(2, "The system cannot find the path specified")

def hook(event, args):
    if event == "open" or event.startswith("os."):
        for one in args[:2]:
            refuse(one)

def limited(call):
    def asked(path, *more, **named):
        refuse(path)
        return call(path, *more, **named)
    return asked

os.stat, os.lstat, os.access = map(limited, (os.stat, os.lstat, os.access))
sys.addaudithook(hook)

from imu_imageprep import windows
windows.reachable = lambda path: (
    Path(f"{before}{path.absolute()}") if len(str(path.absolute())) > 200 else path
)
import imu_imageprep, json
for again in range(2):
    for receipt in imu_imageprep.prepare_many([Path(photos)], jobs=1, caption="A day."):
        print(json.dumps(receipt.to_json()))
found = receipt.export.path
print(json.dumps(list(imu_imageprep.verify(found))))
print(json.dumps(Path(rules).is_file()))
"""


@pytest.mark.posix(reason="it stands in for Windows, where the test below meets the real thing")
def test_a_photo_deep_down_where_long_paths_are_refused(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / DAYS).mkdir(parents=True)
    (photos / DAYS / "a.jpg").write_bytes(encoded(scene(400, 300), exif=exif()))
    (photos / DAYS / "imageprep.toml").write_text("[export]\nsize = [200, 200]\n", "utf-8")
    before = tmp_path / "top"
    before.symlink_to("/")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, before, photos, photos / DAYS / "imageprep.toml"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    first, again, hidden, seen = map(json.loads, done.stdout.splitlines())
    assert not seen  # the limit is there
    assert (first["outcome"], again["outcome"]) == ("exported", "skipped")
    assert first["path"] == str(photos / DAYS / "a.jpg")
    assert first["export"]["path"] == str(tmp_path / "photos-web" / DAYS / "a.jpg")
    assert first["caption"] == str(tmp_path / "photos-web" / DAYS / "a.txt")
    assert first["export"]["width"] == 200  # the rules beside the photo hold
    assert hidden == []


def test_a_photo_deep_down(tmp_path: Path) -> None:
    import imu_imageprep  # noqa: PLC0415  (as a script does)

    deep = tmp_path / "photos" / DAYS
    reachable(deep).mkdir(parents=True)
    reachable(deep / "a.jpg").write_bytes(encoded(scene(400, 300), exif=exif()))
    (receipt,) = imu_imageprep.prepare_many([tmp_path / "photos"], jobs=1)
    assert receipt.export is not None
    export = Path(receipt.export.path)
    assert export == tmp_path / "photos-web" / DAYS / "a.jpg"
    assert reachable(export).is_file()


def test_whoever_opens_a_file_says_that_it_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration ends a run with another exit code than a ledger, and neither as a typo."""
    path = tmp_path / "office.toml"
    path.write_bytes(b"")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert options.NAMED.convert(str(path), None, None) == str(path)
