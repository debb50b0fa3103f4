"""The folder for Windows: what can be known of it anywhere."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import build
import check_dist
import layout
import pin
import portable
import pytest
import user_path
from bytecode import Bytecode
from command import ROOT

EMBEDDABLE = ["python.exe", "pythonw.exe", "python3.dll", "python313.dll", "python313.zip"]
FULL = ["python.exe", "python3.dll", "python311.dll", "DLLs", "Lib"]


@pytest.mark.parametrize(
    ("names", "version"),
    [(EMBEDDABLE, "3.13"), (FULL, "3.11"), (["Python314.DLL"], "3.14"), (["python3.dll"], None)],
)
def test_an_interpreter_is_known_by_its_library(names: list[str], version: str | None) -> None:
    assert layout.version(names) == version


@pytest.mark.parametrize(
    ("version", "four"),
    [("0.1.0", "0.1.0.0"), ("1.2rc1", "1.2.1.0"), ("2026.10.1.dev3", "2026.10.1.0")],
)
def test_windows_wants_four_numbers(version: str, four: str) -> None:
    assert layout.numbers(version) == four


@pytest.mark.parametrize(
    ("names", "version", "lines"),
    [
        (EMBEDDABLE, "3.13", ["python313.zip", ".", "..\\lib"]),
        (FULL, "3.11", ["Lib", "DLLs", ".", "..\\lib"]),
    ],
)
def test_modules_come_from_the_folder_alone(
    names: list[str], version: str, lines: list[str]
) -> None:
    name, text = layout.path_file(names, version)
    assert name == f"python{version.replace('.', '')}._pth"
    assert text.split("\r\n") == [*lines, ""]
    assert "import site" not in text  # it would read the packages of the user


def test_a_program_finds_the_interpreter_beside_it_wherever_the_folder_is() -> None:
    one, other = (layout.launcher(b"MZ program", "python.exe", "a.module") for _ in range(2))
    assert one == other
    head, _, packed = one.partition(b"\r\n")
    assert head == b"MZ program#!<launcher_dir>\\python\\python.exe"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["__main__.py"]
        assert b"from a.module import command" in archive.read("__main__.py")


def test_each_program_calls_what_an_entry_point_calls() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    for one in layout.LAUNCHERS:
        assert f'{Path(one.name).stem} = "{one.module}:command"' in project


def test_the_installer_takes_away_what_the_folder_holds() -> None:
    script = (ROOT / "packaging" / "windows" / "imageprep.nsi").read_text("utf-8")
    (gone,) = script.split('Section "Uninstall"')[1:]
    held = ["python", "lib", "licences", "user_path.py", "packages.txt", "README.txt"]
    for name in [*held, *(one.name for one in layout.LAUNCHERS)]:
        assert f'"$INSTDIR\\{name}"' in gone
    assert 'RMDir "$INSTDIR"' in gone  # never with all that somebody else put there
    assert 'RMDir /r "$INSTDIR"' not in gone


def test_an_interpreter_is_laid_out_without_what_nothing_here_uses(tmp_path: Path) -> None:
    unused = ("Lib/idlelib/a.py", "Lib/__pycache__/a.pyc", "Scripts/a.exe")
    for name in ("Lib/json/a.py", "python311.dll", *unused):
        (tmp_path / "from" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "from" / name).write_bytes(b"")
    build.lay_out(tmp_path / "from", tmp_path / "to")
    found = {path.relative_to(tmp_path / "to").as_posix() for path in (tmp_path / "to").rglob("*")}
    assert found == {"Lib", "Lib/json", "Lib/json/a.py", "python311.dll"}


def test_an_embeddable_package_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "python.zip", "w") as archive:
        archive.writestr("python313.dll", b"")
    build.lay_out(tmp_path / "python.zip", tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["python313.dll"]
    (tmp_path / "other").write_bytes(b"no archive")
    with pytest.raises(SystemExit, match="neither a folder nor a"):
        build.lay_out(tmp_path / "other", tmp_path / "to")


def test_a_file_that_is_not_the_expected_one_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.dll").write_bytes(b"other")
    with pytest.raises(SystemExit, match="expected 00"):
        build.expect(tmp_path / "a.dll", "00")


def test_nothing_of_the_machine_that_it_was_made_on_is_left(tmp_path: Path) -> None:
    notes = ["bin/imageprep", "share/man/a.1", "a-1.dist-info/direct_url.json", ".lock"]
    unused = ["numpy/linalg/tests/test_a.py", "cv2/opencv_videoio_ffmpeg500_64.dll"]
    for name in [*notes, *unused, "a-1.dist-info/METADATA", "numpy/linalg/a.py", "cv2/cv2.pyd"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    portable.tidy(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"a-1.dist-info/METADATA", "numpy/linalg/a.py", "cv2/cv2.pyd"}


def test_bytecode_is_used_whenever_it_was_made_and_names_no_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("A = 1\n", "utf-8")
    portable.compile_all(tmp_path)
    (made,) = tmp_path.rglob("*.pyc")
    content = made.read_bytes()
    assert content[4:8] == b"\1\0\0\0"  # PEP 552: by hash, not checked
    assert str(tmp_path).encode() not in content


@pytest.mark.parametrize(("version", "made"), [("editable", ["a"]), ("standard", [])])
def test_a_checkout_that_is_run_where_it_lies_is_compiled(
    tmp_path: Path, version: str, made: list[str]
) -> None:
    (tmp_path / "imu_imageprep").mkdir()
    (tmp_path / "imu_imageprep" / "a.py").write_text("A = 1\n", "utf-8")
    config: Any = None
    hook = Bytecode(str(tmp_path), {}, config, config, "", "wheel")
    hook.finalize(version, {}, "")
    assert [path.name.split(".")[0] for path in tmp_path.rglob("*.pyc")] == made


def test_bytecode_for_another_python_is_refused() -> None:
    here = "{}.{}".format(*sys.version_info)
    portable.same_python(portable.Target("windows", here))
    with pytest.raises(SystemExit, match=r"--python 3\.9 "):
        portable.same_python(portable.Target("windows", "3.9"))


FOLDER = r"C:\Users\Someone\AppData\Local\Programs\imageprep"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", FOLDER),
        (r"C:\one;%USERPROFILE%\two", rf"C:\one;%USERPROFILE%\two;{FOLDER}"),
        (r"C:\one;", rf"C:\one;{FOLDER}"),
        (rf"C:\one;{FOLDER};C:\two", rf"C:\one;{FOLDER};C:\two"),
        (rf'"{FOLDER.upper()}\";C:\two', rf'"{FOLDER.upper()}\";C:\two'),
        ("x" * 5000, f"{'x' * 5000};{FOLDER}"),
    ],
)
def test_the_folder_goes_to_the_end_of_the_path(before: str, after: str) -> None:
    assert user_path.with_folder(before, FOLDER) == after
    assert user_path.with_folder(after, FOLDER) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FOLDER, ""),
        (rf"C:\one;{FOLDER}\;%TWO%", r"C:\one;%TWO%"),
        (rf"C:\one;;{FOLDER}x", rf"C:\one;;{FOLDER}x"),
    ],
)
def test_only_the_folder_leaves_the_path(before: str, after: str) -> None:
    assert user_path.without_folder(before, FOLDER) == after


def test_a_version_is_pinned_everywhere_unless_there_are_several() -> None:
    exported = ["a==1 ; sys_platform == 'win32'", "b==2 ; x < '3'", "b==3 ; x >= '3'", "c==4"]
    assert pin.pinned(exported) == ["a==1", "b==2 ; x < '3'", "b==3 ; x >= '3'", "c==4"]


def test_two_builds_that_differ_end_it(tmp_path: Path) -> None:
    for place, content in (("one", b"same"), ("two", b"same"), ("three", b"other")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.whl").write_bytes(content)
    one, two, three = ([tmp_path / place / "a.whl"] for place in ("one", "two", "three"))
    check_dist.same(one, two)
    with pytest.raises(SystemExit, match="not the same"):
        check_dist.same(one, three)
