"""The icon that photos are dropped on: installed, started as a file manager does, and removed."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, scene
from typer.testing import CliRunner

from imu_imageprep.domain.errors import AlreadyThere, UsageProblem
from imu_imageprep.front import droplet
from imu_imageprep.front.cli.app import app
from imu_imageprep.front.cli.droplet import Platform
from imu_imageprep.front.droplet import Home, exec_quoted, for_linux, install, remove

ROOT = Path(__file__).parents[2]
MANAGERS = ["nautilus", "nemo", "caja", "dolphin", "thunar"]
ODD = ["two words.jpg", 'it\'s "quoted".jpg', "-dash.jpg", "写真 $HOME `id` %F;#&.jpg"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is for Linux")


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def odd_home(tmp_path: Path) -> Home:
    """A home whose name needs every kind of quoting."""
    name = 'o\'b "r" $x `y` 100% \\é'
    if os.name == "nt":  # no name there has these
        name = name.replace('"', "").replace("\\", "")
    home = tmp_path / name
    home.mkdir()
    return Home(home / "share", home / "config", home / "Desktop")


def expanded(line: str, files: list[str]) -> list[str]:
    """The arguments of an Exec line, by the Desktop Entry Specification 1.5."""
    text = re.sub(r"\\(.)", lambda m: {"s": " ", "n": "\n", "\\": "\\"}[m[1]], line)
    arguments = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text):
        if plain == "%F":
            arguments += files
        else:
            unquoted = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
            arguments.append(unquoted.replace("%%", "%"))
    return arguments


def exec_line(path: Path) -> str:
    return path.read_text("utf-8").split("Exec=", 1)[1].splitlines()[0]


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1))
def test_quoting_survives_a_reader_of_the_specification(name: str) -> None:
    assert expanded(f"sh {exec_quoted(name)} %F", ["a b"]) == ["sh", name, "a b"]


def test_a_home_that_cannot_be_quoted_is_refused() -> None:
    with pytest.raises(UsageProblem):
        exec_quoted("a\nb")


def test_removing_undoes_installing_exactly(odd_home: Home) -> None:
    top = odd_home.data.parent
    (odd_home.config / "caja").mkdir(parents=True)
    (odd_home.config / "caja" / "own").write_text("mine")
    before = tree(top)
    files = for_linux(odd_home, MANAGERS)
    install(files, odd_home.record)
    assert tree(top).keys() - before.keys() >= {str(f.path.relative_to(top)) for f in files}
    removed, kept = remove(odd_home.record)
    assert sorted(removed) == sorted(file.path for file in files)
    assert kept == []
    assert tree(top) == before


def test_installing_again_replaces_what_is_ours(odd_home: Home) -> None:
    install(for_linux(odd_home, [], python="/old/python"), odd_home.record)
    install(for_linux(odd_home, ["nemo"]), odd_home.record)
    assert sys.executable in (odd_home.data / "imageprep" / "droplet.sh").read_text("utf-8")
    removed, _ = remove(odd_home.record)
    assert len(removed) == 4


def test_a_file_of_somebody_else_is_kept(odd_home: Home) -> None:
    files = for_linux(odd_home, [])
    files[1].path.parent.mkdir(parents=True)
    files[1].path.write_text("mine")
    with pytest.raises(AlreadyThere):
        install(files, odd_home.record)
    assert not files[0].path.exists()
    install(files, odd_home.record, replace=True)
    assert files[1].path.read_text("utf-8") == files[1].text


def test_a_file_that_was_changed_since_is_kept(odd_home: Home) -> None:
    files = for_linux(odd_home, [])
    install(files, odd_home.record)
    files[0].path.write_text("mine")
    removed, kept = remove(odd_home.record)
    assert kept == [files[0].path]
    assert len(removed) == len(files) - 1
    assert files[0].path.read_text("utf-8") == "mine"


def test_nothing_installed_is_nothing_to_remove(odd_home: Home) -> None:
    assert remove(odd_home.record) == ([], [])


@linux
@pytest.mark.skipif(
    not shutil.which("desktop-file-validate"), reason="needs the package desktop-file-utils"
)
def test_the_launchers_are_valid(odd_home: Home) -> None:
    # Dolphin's entry is of a type that KDE alone defines.
    install(for_linux(odd_home, ["thunar"]), odd_home.record)
    launchers = list(odd_home.data.parent.rglob("*.desktop"))
    assert len(launchers) == 3
    done = subprocess.run(
        ["desktop-file-validate", *launchers], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@linux
def test_the_script_prepares_what_it_is_given_and_waits(odd_home: Home, tmp_path: Path) -> None:
    install(for_linux(odd_home, []), odd_home.record)
    photos = [tmp_path / name for name in ODD]
    for photo in photos:
        photo.write_bytes(encoded(scene(300, 200)))
    command = expanded(exec_line(odd_home.data / "applications" / "imageprep.desktop"), ODD)
    done = subprocess.run(
        command,
        input="\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "4 ready" in done.stderr
    assert "Press Enter to close this window" in done.stdout
    assert (odd_home.data / "imageprep" / "report" / "report.html").is_file()
    for photo in photos:
        assert photo.with_name(f"{photo.stem}-web.jpg").is_file()


@linux
def test_with_the_page_the_script_hands_over_what_was_dropped(
    odd_home: Home, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{told}\n')
    python.chmod(0o755)
    install(for_linux(odd_home, [], python=str(python), page=True), odd_home.record)
    command = expanded(exec_line(odd_home.data / "applications" / "imageprep.desktop"), ODD)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, cwd=tmp_path)
    assert done.returncode == 0
    assert told.read_text("utf-8").splitlines() == ["-P", "-m", "imu_imageprep", "app", "--", *ODD]


@linux
@pytest.mark.skipif(not shutil.which("gio"), reason="needs the package libglib2.0-bin")
def test_a_desktop_starts_it(odd_home: Home, tmp_path: Path) -> None:
    install(for_linux(odd_home, []), odd_home.record)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("gio", "sh", "mv"):
        (programs / name).symlink_to(str(shutil.which(name)))
    # A terminal that keeps what would be seen in it.
    seen = tmp_path / "seen"
    terminal = programs / "xterm"
    terminal.write_text(
        f'#!/bin/sh\nshift\n"$@" </dev/null >{seen}.part 2>&1\nmv {seen}.part {seen}'
    )
    terminal.chmod(0o755)
    photos = tmp_path / 'folder with "quotes" & 写真'
    photos.mkdir()
    for name in ODD:
        (photos / name).write_bytes(encoded(scene(300, 200)))
    subprocess.run(
        [
            "gio",
            "launch",
            odd_home.data / "applications" / "imageprep.desktop",
            *(photos / name for name in ODD),
            photos,
        ],
        check=True,
        env={**os.environ, "PATH": str(programs), "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 60
    while not seen.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    text = seen.read_text("utf-8")
    assert "4 ready" in text
    assert "Press Enter" in text
    for name in ODD:
        assert (photos / f"{Path(name).stem}-web.jpg").is_file()


@linux
def test_a_file_managers_entry_hands_over_full_names(odd_home: Home, tmp_path: Path) -> None:
    install(for_linux(odd_home, ["nautilus"]), odd_home.record)
    programs, told = tmp_path / "programs", tmp_path / "told"
    programs.mkdir()
    gio = programs / "gio"
    gio.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >{told}")
    gio.chmod(0o755)
    subprocess.run(
        [odd_home.data / "nautilus" / "scripts" / droplet.NAME, *ODD, "/abs/x.jpg"],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
    )
    assert told.read_text("utf-8").split("\0") == [
        "launch",
        str(odd_home.data / "applications" / "imageprep.desktop"),
        *(str(tmp_path / name) for name in ODD),
        "/abs/x.jpg",
        "",
    ]


@linux
def test_an_installation_that_moved_says_so(odd_home: Home) -> None:
    (script, *_) = for_linux(odd_home, [], python="/not/there/python")
    done = subprocess.run(
        ["sh", "-c", script.text, "sh", "x.jpg"],
        input="\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "imageprep install-droplet" in done.stdout


def imageprep(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "imu_imageprep", "install-droplet", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@linux
def test_the_command_installs_lists_and_removes(home: Path) -> None:
    before = tree(home)
    dry = imageprep("--desktop", "--dry-run")
    assert tree(home) == before
    done = imageprep("--desktop")
    assert done.returncode == 0
    assert done.stdout == dry.stdout
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    assert str(home / "applications" / "imageprep.desktop") in done.stdout
    gone = imageprep("--remove")
    assert sorted(gone.stdout.splitlines()) == sorted(done.stdout.splitlines())
    assert tree(home) == before


def test_scripts_for_other_systems_are_written_to_a_folder(tmp_path: Path) -> None:
    for system in ("windows", "macos"):
        assert imageprep("--platform", system, "--out", tmp_path).returncode == 0
        if not sys.platform.startswith({"windows": "win", "macos": "darwin"}[system]):
            assert imageprep("--platform", system).returncode == 2
    windows = (tmp_path / "imageprep.cmd").read_bytes().decode()
    # A name is never parsed by the shell: no %* and no %1 outside of variables.
    assert "%" not in windows.replace("100%", "")
    assert windows.count("\n") == windows.count("\r\n")
    assert "@command@" not in windows
    mac = (tmp_path / "imageprep.applescript").read_text("utf-8")
    assert "quoted form of POSIX path" in mac
    assert "@command@" not in mac


@pytest.mark.parametrize("system", ["windows", "macos"])
def test_a_launcher_is_installed_and_removed_on_every_system(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr("imu_imageprep.front.cli.droplet._this_system", lambda: Platform(system))
    monkeypatch.setenv("APPDATA", str(home / "AppData"))
    before = tree(home)
    done = CliRunner().invoke(app, ["install-droplet"])
    written = [Path(line) for line in done.stdout.splitlines() if Path(line).is_absolute()]
    assert done.exit_code == 0
    assert written
    assert all(path.is_file() and path.is_relative_to(home) for path in written)
    assert all(
        "@" not in path.read_text("utf-8").replace('"$@"', "").replace("@echo", "")
        for path in written
    )
    if system == "windows":
        assert [path.parent.name for path in written] == ["SendTo"]
    else:
        for path in written:
            plistlib.loads(path.read_bytes())
    again = CliRunner().invoke(app, ["install-droplet"])
    assert again.exit_code == 0
    assert CliRunner().invoke(app, ["install-droplet", "--remove"]).exit_code == 0
    assert tree(home) == before
    wrong = CliRunner().invoke(app, ["install-droplet", "--out", str(tmp_path), "--desktop"])
    assert wrong.exit_code != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix(reason="the action is a script for a shell of POSIX")
def test_a_quick_action_runs_its_names_through_a_file(tmp_path: Path) -> None:
    """The script in it, with a stand-in for the program that macOS scripts its Terminal with."""
    (_, flow) = droplet.quick_action(tmp_path)
    action = plistlib.loads(flow.text.encode())["actions"][0]["action"]
    script = action["ActionParameters"]["COMMAND_STRING"]
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "osascript").write_text('#!/bin/sh\ncat > "$SEEN"; cp "$2" "$SEEN.names"\n')
    (tools / "mktemp").write_text('#!/bin/sh\necho "$SEEN.job"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    seen = tmp_path / "seen"
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "SEEN": str(seen)}
    subprocess.run(["/bin/sh", "-c", script, "sh", *ODD], env=environment, check=True)
    assert (tmp_path / "seen.names").read_bytes().decode().split("\0")[:-1] == ODD
    assert "xargs -0 -o imageprep prepare --report" in seen.read_text("utf-8")
