"""What people hand in that is no photo: forms, exports of a ledger, and mistakes."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from imu_imageprep import api, config
from imu_imageprep.calibrate import set_thresholds
from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import SAVE_AGAIN, UsageProblem
from imu_imageprep.domain.policy import Policy
from imu_imageprep.front.cli import process

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
FORM = """\
kind = "place"
place = "Ward"
authority = "the director"
giver = "Dr Lim"
first = "2026-01-01"
last = "2026-12-31"
signed = "2026-01-01"
recorded_by = "Tan"
"""


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in a folder with some files: its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (400, 300), (90, 120, 90)).save("p.jpg")
    Path("folder").mkdir()
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"):
        Path(f"{name}.toml").write_bytes(FORM.replace("Lim", "Müller").encode(name))
    Path("large.toml").write_bytes(b"# " + b"x" * 2_000_000)

    def ran(*args: str, sent: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["imageprep", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
        code = process._run()
        told = capsys.readouterr()
        return int(code), told.out, told.err

    return ran


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ("consent add --from none.toml", 4, "no such file"),
        ("consent add --from folder", 4, "This is a folder"),
        ("consent add --from utf-16.toml", 4, "is written in UTF-16"),
        ("consent add --from utf-16-le.toml", 4, "is written in UTF-16"),
        ("consent add --from latin-1.toml", 4, "UTF-8"),
        ("consent add --from p.jpg", 4, "not a text file"),
        ("consent add --from large.toml", 4, "more than 1 MB"),
        ("consent add --from none\n.toml", 4, "none\\n.toml"),
        ("consent import none.jsonl", 4, "no such file"),
        ("consent import folder", 4, "This is a folder"),
        ("consent import p.jpg", 4, "not a text file"),
        ("consent import utf-8.toml", 4, "not an export of a ledger"),
        ("receipt none.jpg", 4, "Check the spelling"),
        ("receipt folder", 4, "This is a folder"),
        ("posted none.jpg --url https://example.org/1", 4, "Check the spelling"),
        ("consent list --photo none.jpg", 4, "Check the spelling"),
        ("verify none.jpg", 4, "Check the spelling"),
        ("verify folder", 4, "This is a folder"),
        ("verify utf-8.toml", 4, "not a JPEG, PNG or WebP"),
        (
            "dismiss none.jpg --finding face-1 --need look --by A --reason own\x20work",
            4,
            "spelling",
        ),
        ("policy --config none.toml", 7, "Check the spelling"),
        ("policy --config folder", 7, "This is a folder"),
        ("policy --config utf-16.toml", 7, "is written in UTF-16"),
        ("policy --config p.jpg", 7, "not a text file"),
        ("policy --config large.toml", 7, "more than 1 MB"),
        ("consent audit --expect abc", 2, "A head hash has 64 characters"),
        ("p.jpg -n --redact face", 2, "Did you mean faces?"),
        ("p.jpg -n --redact=", 2, "names nothing to cover"),
        ("p.jpg -n --credit=call\x20012-3456789", 2, "Write the name"),
        ("chek p.jpg", 2, "Did you mean: imageprep check"),
        ("help", 2, "imageprep --help"),
        ("chek.jpg", 4, "There is no file or folder named chek.jpg"),
        ("consent list", 0, "No consent or permission is recorded"),
        ("consent list --photo p.jpg", 0, "Nothing was answered for this photo"),
        ("consent list --expiring 14d", 0, "Nothing ends within 14 days"),
    ],
)
def test_advice_fits_the_thing(args: str, code: int, says: str, run: Any) -> None:
    words = [word.replace("\x20", " ") for word in re.split("[ ](?!work|012)", args)]
    ended, out, err = run(*words)
    assert ended == code
    assert says in err
    assert SAVE_AGAIN not in err
    assert "JPEG." not in err.replace("Only these three", "")
    assert not out


def test_nothing_is_prepared_where_a_command_was_mistyped(run: Any) -> None:
    run("chek", "p.jpg")
    assert not Path("p-web.jpg").exists()
    Path("chek").mkdir()
    assert run("chek")[0] == 0  # a folder of that name is a folder
    assert run("--", "chekk")[0] == 4  # and after -- every word is a path


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig"])
def test_a_form_may_have_a_mark_and_come_by_stdin(name: str, run: Any) -> None:
    assert run("consent", "add", "--from", f"{name}.toml")[:1] == (0,)
    code, ref, _ = run("consent", "add", "--from", "-", sent=Path(f"{name}.toml").read_bytes())
    assert code == 0
    assert ref.startswith("P-")


@pytest.mark.parametrize(
    "args", [("receipt",), ("verify",), ("consent", "import"), ("consent", "add", "--from")]
)
@pytest.mark.posix(reason="Windows says of a name too long that there is no such file")
def test_a_name_that_is_too_long_is_to_be_shortened(run: Any, args: tuple[str, ...]) -> None:
    code, out, err = run(*args, 300 * "a")
    assert code == 4
    assert "file name too long" in out + err
    assert "Shorten its name" in out + err


def test_a_list_is_told_in_words(run: Any) -> None:
    run("consent", "add", "--from", "utf-8.toml")
    _, out, err = run("consent", "list")
    assert "permission of Ward, in force" in out
    assert not err


def test_an_export_of_a_ledger_comes_by_stdin(run: Any, tmp_path: Path) -> None:
    run("consent", "add", "--from", "utf-8.toml")
    run("consent", "export", "all.jsonl")
    lines = Path("all.jsonl").read_bytes()
    for sent in (lines, b"\xef\xbb\xbf" + lines.replace(b"\n", b"\r\n")):
        other = str(tmp_path / f"{len(sent)}.db")
        code, out, _ = run("consent", "import", "-", "--ledger", other, sent=sent)
        assert (code, out) == (0, "1 event added.\n")


def test_a_picture_comes_by_stdin_wherever_one_is_read(run: Any) -> None:
    photo = Path("p.jpg").read_bytes()
    run("p.jpg", "--no-input")
    export = Path("p-web.jpg").read_bytes()
    assert run("receipt", "-", sent=export)[0] == 0
    assert run("receipt", "-", sent=photo)[0] == 0
    assert run("verify", "-", sent=export)[0] == 0
    assert run("posted", "-", "--url", "https://example.org/1", sent=export)[0] == 0
    assert run("consent", "list", "--photo", "-", sent=photo)[0] == 0
    why = ("--need", "person-consent", "--reason", "not a face", "--by", "Tan")
    code, _, err = run("dismiss", "-", "--finding", "face-1", *why, sent=photo)
    assert (code, "There is no face-1 in this photo" in err) == (2, True)


@pytest.mark.parametrize(
    "args",
    [
        "policy --config -",
        "policy --for -",
        "consent list --ledger -",
        "people list --key-file -",
        "people test -",
        "watch -",
        "app -",
        "calibrate --clinical - --other folder",
    ],
)
def test_what_stdin_cannot_give_is_said(args: str, run: Any) -> None:
    code, _, err = run(*args.split())
    assert code == 2
    assert "cannot come from standard input" in err


def test_a_configuration_may_have_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_bytes(b"\xef\xbb\xbf" + b'channel = "campus"\r\n[clinical]\r\nthreshold = 0.5\r\n')
    assert config.load(file).channel == "campus"
    assert Policy.from_toml(file) == config.load(file)
    assert Policy.from_toml("\ufeff" + file.read_text("utf-8-sig")) == config.load(file)
    set_thresholds(0.25, 0.125, file)
    assert file.read_bytes() == (
        b'\xef\xbb\xbfchannel = "campus"\r\n[clinical]\r\ndoubt = 0.125\r\nthreshold = 0.25\r\n'
    )


def test_a_head_hash_is_taken_however_it_is_typed() -> None:
    desk = api.Desk.at()
    for text in ("", "abc", "g" * 64, "a" * 63):
        with pytest.raises(UsageProblem):
            desk.audit(text)
    assert desk.audit("A" * 64 + " ").damage is not None


def test_every_reference_that_is_shown_is_a_sound_one() -> None:
    folders = [ROOT / "docs", ROOT / "imu_imageprep", ROOT / "assets" / "web"]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    found = {
        one
        for file in [*files, ROOT / "README.md"]
        if file.suffix in (".md", ".py", ".js", ".toml", ".1", ".html")
        for one in re.findall(
            r"\b[CEPADFWR]-[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}\b",
            file.read_text("utf-8").replace("\\-", "-"),
        )
    }
    assert found
    assert all(reference.read(one) == one for one in found)


def test_the_advice_of_a_picture_is_for_pictures_alone() -> None:
    users = {
        file.relative_to(ROOT / "imu_imageprep").parts[0]
        for file in (ROOT / "imu_imageprep").rglob("*.py")
        if "SAVE_AGAIN" in file.read_text("utf-8")
        or "save it again as JPEG" in file.read_text("utf-8")
    }
    assert users == {"domain", "stages", "sandbox", "batch", "session.py"}
