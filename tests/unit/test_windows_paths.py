r"""Paths that Windows does not take as they stand: long ones, and names that it reads otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT
from pictures import encoded, exif, scene

from imu_imageprep.batch.names import mirrored
from imu_imageprep.batch.plan import Choice, Plan
from imu_imageprep.windows import reachable, verbatim

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


# A program in a system that takes no long path but a rewritten one, as Windows does. Here a link
# to the topmost folder stands for what such a path begins with.
LIMITED = """
import os, sys
from pathlib import Path

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
