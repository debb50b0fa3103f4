"""The command line as people and scripts meet it: real processes, real detectors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import imageprep
from pictures import encoded, exif, scene

from imu_imageprep.front.cli.offered import COMMANDS, Commands
from imu_imageprep.stages.verify import inspect

SAMPLES = Path(__file__).parents[2] / "samples"


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    path = tmp_path / "clear.jpg"
    path.write_bytes(encoded(scene(), exif=exif()))
    return path


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_help_shows_prepares_options_and_loads_little() -> None:
    code = (
        "import sys\nsys.argv = ['imageprep', '--help']\n"
        "from imu_imageprep.front.cli import main\n"
        "try: main()\nexcept SystemExit as end: code = end.code\n"
        "heavy = {'numpy', 'PIL', 'cv2', 'onnxruntime', 'pydantic', 'rich', 'exifread'}\n"
        "sys.exit(code or sorted(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("--redact") < done.stdout.index("verify")


def test_an_interruption_while_the_command_loads_is_quiet() -> None:
    code = (
        "import sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Impatient())\n"
        "from imu_imageprep.front.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


def test_the_command_leaves_when_all_else_has_ended() -> None:
    code = (
        "import atexit, sys, threading, time\n"
        "from imu_imageprep.front.cli import process as cli\n"
        "def run():\n"
        "    atexit.register(lambda: print('registered', end=' '))\n"
        "    threading.Thread(target=lambda: (main.join(), print('a thread', end=' '))).start()\n"
        "    return 6\n"
        "main = threading.current_thread()\n"
        "class Dismantled:\n"
        "    def __del__(self): print('dismantled', flush=True)\n"
        "cli.kept = Dismantled()\n"
        "cli._run = run\n"
        "cli.command()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (6, "")
    assert done.stdout.split() == ["a", "thread", "registered"]


def test_a_photo_is_exported_beside_itself(clear: Path) -> None:
    done = imageprep(clear)
    export = clear.with_name("clear-web.jpg")
    assert done.returncode == 0
    assert done.stdout == f"{export}\n"
    assert "1 ready." in done.stderr
    assert "Look at every picture before you post it." in done.stderr
    assert inspect(export.read_bytes()) == ()


@pytest.mark.posix(reason="names of Windows are text in one line")
def test_names_that_are_not_text_come_through(tmp_path: Path, clear: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff caf\xc3\xa9\n-x.jpg"
    Path(os.fsdecode(odd)).write_bytes(clear.read_bytes())
    clear.unlink()
    done = imageprep("--json", tmp_path)
    (answer,) = answers(done)
    assert os.fsencode(answer["path"]) == odd
    assert os.path.exists(answer["export"]["path"])  # noqa: PTH110  (a name with a newline)


def test_the_samples_as_the_readme_says(tmp_path: Path) -> None:
    done = imageprep("--json", "-o", tmp_path / "web", SAMPLES)
    outcomes = {Path(a["path"]).name: a["outcome"] for a in answers(done)}
    assert outcomes == {
        "campus.jpg": "exported",
        "clinical.jpg": "held",
        "notes.png": "exported",
        "portrait.jpg": "held",
        "sideways.jpg": "exported",
        "sourced.jpg": "held",
        "wide-gamut.webp": "exported",
    }
    assert done.returncode == 1
    for answer in answers(done):
        if answer["export"]:
            assert inspect(Path(answer["export"]["path"]).read_bytes()) == ()


def test_the_portrait_is_covered_and_goes_out_under_a_neutral_name(tmp_path: Path) -> None:
    done = imageprep("--json", "--redact", "faces", "-o", tmp_path, SAMPLES / "portrait.jpg")
    (answer,) = answers(done)
    assert answer["outcome"] == "exported"
    export = Path(answer["export"]["path"])
    assert export.name == f"photo-{answer['export']['sha256'][:8]}.jpg"
    (again,) = answers(imageprep("check", "--json", export))
    ((left, top, width, height),) = (
        [side * again["source"]["width"] / answer["source"]["width"] for side in box]
        for box in answer["covered"]
    )
    for finding in (f for f in again["findings"] if f["kind"] == "face"):
        x, y, w, h = finding["box"]
        assert not (left < x + w / 2 < left + width and top < y + h / 2 < top + height)


def test_json_keeps_its_contract(clear: Path) -> None:
    (answer,) = answers(imageprep("check", "--json", clear))
    assert answer["schema"] == 1
    assert answer["outcome"] == "clear"
    assert set(answer["source"]) == {"sha256", "format", "width", "height", "bytes"}
    assert answer["metadata"]["gps"] is True
    assert answer["metadata"]["serial"] is False
    assert [s["detector"] for s in answer["scans"]] == [
        "faces",
        "clinical",
        "credit",
        "codes",
        "text",
    ]
    assert all(s["looked"] and s["reason"] is None for s in answer["scans"])
    assert answer["not_checked"] == []
    assert answer["export"] is None
    assert answer["error"] is None


def test_metadata_values_are_shown_only_when_asked(clear: Path) -> None:
    assert "NeedleCam" not in imageprep("check", "--json", clear).stdout
    assert "NeedleCam" not in imageprep("check", "-vv", clear).stderr
    assert "NeedleCam" in imageprep("check", "--json", "--show-metadata", clear).stdout


@pytest.mark.parametrize("command", ["check", "--dry-run"])
def test_looking_writes_nothing(clear: Path, home: Path, command: str) -> None:
    before = files(clear.parent) | files(home)
    assert imageprep(command, clear).returncode == 0
    assert files(clear.parent) | files(home) == before


def test_hold_holds(clear: Path) -> None:
    done = imageprep("--hold", clear)
    assert done.returncode == 1
    assert files(clear.parent) == {clear}
    assert "asked to wait (--hold)" in done.stderr


def broken(tmp_path: Path, name: str) -> tuple[Path, int]:
    path = tmp_path / f"{name}.jpg"
    whole = encoded(scene())
    contents = {
        "text": b"Dear all, please find attached a photo.",
        "empty": b"",
        "truncated": whole[: len(whole) // 2],
    }
    if name in contents:
        path.write_bytes(contents[name])
    return path, 4


@pytest.mark.parametrize("name", ["text", "empty", "truncated", "missing"])
def test_bad_input_is_one_clear_sentence(tmp_path: Path, clear: Path, name: str) -> None:
    path, code = broken(tmp_path, name)
    done = imageprep("--json", path, clear)
    bad, good = sorted(answers(done), key=lambda answer: Path(answer["path"]) != path)
    assert done.returncode == code
    assert bad["outcome"] == "failed"
    assert bad["error"]["code"] == code
    assert bad["error"]["type"] == "InputProblem"
    assert bad["error"]["message"].endswith(".")
    assert bad["error"]["advice"]
    assert good["outcome"] == "exported"


def test_an_output_folder_that_cannot_be_made(tmp_path: Path, clear: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = imageprep("-o", tmp_path / "file" / "web", clear)
    assert done.returncode == 5
    assert "could not be written" in done.stderr


def test_an_existing_file_is_kept(clear: Path) -> None:
    there = clear.with_name("clear-web.jpg")
    there.write_bytes(b"mine")
    for force in ([], ["--force"]):
        assert imageprep(*force, clear).returncode == 5
        assert there.read_bytes() == b"mine"
    there.unlink()
    assert imageprep(clear).returncode == 0
    assert imageprep(clear).returncode == 0  # skipped
    assert imageprep("--force", clear).returncode == 0  # an export may be replaced


def test_an_unknown_config_key(tmp_path: Path, clear: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text("[flags]\nfaces = 'off'\n", "utf-8")
    done = imageprep("--config", config, clear)
    assert done.returncode == 7
    assert "Did you mean flags.face?" in done.stderr
    assert not clear.with_name("clear-web.jpg").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["--json", "check", "x"],
        ["--size", "big", "x.jpg"],
        ["--redact-box", "1,2,3", "x.jpg"],
        ["--no-such-option", "x.jpg"],
        ["check", "report"],
        ["--place", "A1", "x.jpg"],
        ["prepare"],
    ],
)
def test_usage_mistakes(args: list[str]) -> None:
    done = imageprep(*args)
    assert done.returncode == 2
    assert done.stderr
    assert done.stdout == ""


def test_a_file_named_like_a_command(clear: Path) -> None:
    named = clear.with_name("check")
    clear.rename(named)
    done = imageprep("-n", "check", cwd=named.parent)
    assert done.returncode == 2
    assert "./check" in done.stderr
    assert imageprep("-n", "./check", cwd=named.parent).returncode == 0
    assert imageprep("-n", "--", "check", cwd=named.parent).returncode == 0


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    done = imageprep(name, "--help")
    assert done.returncode == 0
    assert "imageprep" in done.stdout


def test_verify_tells_clean_from_hidden(clear: Path) -> None:
    imageprep(clear)
    clean = imageprep("verify", clear.with_name("clear-web.jpg"))
    assert clean.returncode == 0
    assert "not a permission to post" in clean.stderr
    hidden = imageprep("verify", clear.with_name("clear-web.jpg"), clear)
    assert hidden.returncode == 6
    assert imageprep("verify", clear.with_name("none.jpg")).returncode == 4


def test_the_policy_in_force(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text("[flags]\nclinical = 'off'\n", "utf-8")
    done = imageprep("policy", "--config", config)
    assert "NOT CHECKED: clinical scenes" in done.stdout
    told = json.loads(imageprep("policy", "--json", "--config", config).stdout)
    assert told["flags"]["clinical"] == "off"
    assert told["not_checked"] == ["clinical"]


def test_what_is_not_checked_is_said(tmp_path: Path, clear: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text("[flags]\nface = 'off'\nclinical = 'note'\n", "utf-8")
    assert (
        "NOT CHECKED, by policy: faces and clinical scenes"
        in imageprep("--config", config, clear).stderr
    )


def test_a_folder_may_tighten_what_the_run_allows(tmp_path: Path, clear: Path) -> None:
    (tmp_path / "imageprep.toml").write_text("[export]\nsize = [320, 240]\n", "utf-8")
    (answer,) = answers(imageprep("--json", clear))
    assert (answer["export"]["width"], answer["export"]["height"]) == (320, 213)


def test_jobs_give_the_same_answers(tmp_path: Path, clear: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_bytes(encoded(scene(900 + 37 * number, 700)))
    one = answers(imageprep("check", "--json", "-j", "1", tmp_path))
    four = answers(imageprep("check", "--json", "-j", "4", tmp_path))
    assert len(one) == 6
    assert one == sorted(four, key=lambda answer: str(answer["path"]))
    del clear


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("imageprep ch", "check"),
        ("imageprep --re", "--redact-box"),
        ("imageprep a.jpg --cr", "--credit"),
    ],
)
def test_the_shell_completes(typed: str, offered: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['imageprep']; from imu_imageprep.front import cli; cli.main()",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split()) - 1),
            "_IMAGEPREP_COMPLETE": "complete_bash",
            "PYTHONPATH": str(SAMPLES.parent),
        },
    )
    assert offered in done.stdout.split()


def test_doctor_finds_everything_whole(tmp_path: Path) -> None:
    done = imageprep("doctor", "--json")
    checks = answers(done)
    assert done.returncode == 0
    assert {c["topic"] for c in checks} >= {"version", "model", "format", "ledger", "optional"}
    assert [c["name"] for c in checks if c["code"]] == []
    config = tmp_path / "office.toml"
    config.write_text("ownr = 1", "utf-8")
    wrong = imageprep("doctor", "--config", config)
    assert wrong.returncode == 7
    assert "Did you mean owner?" in wrong.stdout


def test_captions_of_a_batch(tmp_path: Path) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.jpg").write_bytes(encoded(scene(400, 300 if name == "a" else 200)))
    refused = imageprep("--caption-text", "Thanks to 900101-14-5678", folder)
    assert refused.returncode == 2
    assert "5678" not in refused.stderr
    assert not (tmp_path / "day-web").exists()
    done = imageprep("--caption-text", "Open day.", "-o", folder, folder)
    assert done.returncode == 0
    assert {path.name for path in folder.iterdir()} == {
        *("a.jpg", "a-web.jpg", "a-web.txt", "b.jpg", "b-web.jpg", "b-web.txt")
    }
    assert (folder / "a-web.txt").read_text("utf-8").startswith("Open day.\n")
    again = answers(imageprep("--json", "--caption-text", "Open day.", "-o", folder, folder))
    assert {Path(a["path"]).name: a["outcome"] for a in again} == {
        "a.jpg": "skipped",
        "b.jpg": "skipped",
    }
    assert all(Path(a["caption"]).exists() for a in again)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_offered_is_there_and_fits_the_list(name: str) -> None:
    command = Commands()[name]
    assert command.name == name
    assert len(COMMANDS[name].about) <= 80 - 2 - max(map(len, COMMANDS)) - 2
