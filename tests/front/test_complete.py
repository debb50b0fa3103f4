"""What a shell offers while a command is typed."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import postgres
import pytest
from command import ROOT, imageprep

from imu_imageprep import api
from imu_imageprep.api import Desk
from imu_imageprep.domain.answers import Record
from imu_imageprep.domain.consent import ConsentRecord, Kind, Purpose
from imu_imageprep.domain.permits import PlacePermission
from imu_imageprep.shell import Shell, quoted

DAY = date(2026, 1, 2)
STAFF = ConsentRecord(
    Kind.STAFF,
    "NEEDLE-S",
    "Needle Giver",
    purpose=(Purpose.PUBLICATION,),
    channels=("web",),
    signed=DAY,
    recorded_by="Needle Desk",
)
PATIENT = replace(STAFF, kind=Kind.PATIENT, subject="NEEDLE-P")
PLACE = PlacePermission(
    "Needle ward", "director", "A Director", "a" * 64, signed=DAY, recorded_by="A Desk"
)


def added(record: Record) -> str:
    return Desk.at().add(record).ref


def asked(typed: str, kind: str, word: str = "") -> str:
    """What a shell is told when it asks; PowerShell names the word that is not ended yet."""
    words = typed.split(" ")
    env = {
        "_IMAGEPREP_COMPLETE": f"complete_{kind}",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": word,
    }
    code = "import sys; sys.argv = ['imageprep']; from imu_imageprep.front.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )
    assert done.stderr == ""
    return done.stdout


def shell(typed: str, kind: str = "bash") -> list[str]:
    """The words that a shell is given for what was typed."""
    return asked(typed, kind).split()


def powershell(typed: str, word: str = "") -> list[str]:
    """What PowerShell offers; it hands on no space at the end."""
    lines = asked(f"{typed} {word}".rstrip(), "powershell", word).splitlines()
    return [line.partition(":::")[0] for line in lines if line]


def test_references_are_those_that_fit() -> None:
    staff, patient, place = added(STAFF), added(PATIENT), added(PLACE)
    gone = added(STAFF)
    Desk.at().withdraw(gone, reason="", by="A Desk")
    assert set(shell("imageprep consent use ")) == {staff, patient, place}
    assert shell("imageprep a.jpg --place ") == [place]
    assert shell(f"imageprep consent withdraw {staff[:6]}") == [staff]
    assert set(shell("imageprep consent show ")) == {staff, patient, place, gone}
    assert shell("imageprep consent show c-") == []  # a shell inserts only what goes on as typed
    assert shell("imageprep consent show X") == []


def test_nothing_personal_is_offered() -> None:
    refs = [added(record) for record in (STAFF, PATIENT, PLACE)]
    told = " ".join(shell("imageprep consent show ", "zsh"))
    assert all(ref in told for ref in refs)
    assert "staff, " in told
    assert "needle" not in told.lower()


def test_another_ledger_is_asked_where_one_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    ref = Desk.at(other).add(PLACE).ref
    assert shell("imageprep a.jpg --place ") == []
    assert shell(f"imageprep --ledger {other.as_posix()} a.jpg --place ") == [ref]


@pytest.mark.parametrize("broken", [None, b"", b"no ledger at all"])
def test_a_ledger_that_is_of_no_use_offers_nothing(home: Path, broken: bytes | None) -> None:
    if broken is not None:
        (home / "ledger.db").write_bytes(broken)
    assert api.references("", "CEP") == []
    assert (home / "ledger.db").exists() == (broken is not None)


def test_a_ledger_that_is_locked_is_not_waited_for(home: Path) -> None:
    added(PLACE)
    with sqlite3.connect(home / "ledger.db", isolation_level=None) as busy:
        busy.execute("BEGIN EXCLUSIVE")
        offered = api.references("", "P")
    assert len(offered) <= 1
    assert len(api.references("", "P")) == 1


@pytest.mark.posix(reason="Windows has no accounts to start a server under")
def test_a_ledger_on_a_server_is_asked() -> None:
    with postgres.serving() as server:
        url = server.url(server.database())
        desk = Desk.at(url)
        staff, place = (desk.add(record).ref for record in (STAFF, PLACE))
        desk.withdraw(staff, reason="", by="A Desk")
        assert shell(f"imageprep --ledger {url} a.jpg --place ") == [place]
        assert shell(f"imageprep consent show --ledger {url} ") == sorted([staff, place])
        nobody = server.url(server.database(empty=True), "nobody_1")
        assert shell(f"imageprep --ledger {nobody} a.jpg --place ") == []
    assert shell(f"imageprep --ledger {url} a.jpg --place ") == []


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/ledger"
        assert api.references("", "P", ledger=url) == []
    assert api.references("", "P", ledger="postgresql://me:secret@db/ledger") == []


def test_findings_of_a_photo_in_a_store_are_offered(home: Path) -> None:
    photo = "s3://archive/in/a b@c.jpg"
    told = {"outcome": "held", "path": photo, "receipt": {"findings": [{"id": "f-1", "kind": "x"}]}}
    (home / "last-run.json").write_text(f"{json.dumps(told)}\n", "ascii")
    assert api.findings("", [photo]) == [("f-1", "x")]
    assert api.findings("", ["s3://archive/other.jpg"]) == []
    assert api.findings("", ["s3://key:secret@archive/a.jpg"]) == []


def test_findings_are_those_of_the_last_run(tmp_path: Path) -> None:
    samples = [ROOT / "samples" / name for name in ("clinical.jpg", "sourced.jpg")]
    photo = tmp_path / "odd é name.jpg"
    photo.write_bytes((ROOT / "samples" / "portrait.jpg").read_bytes())
    assert imageprep("-q", "-j1", "-o", tmp_path / "web", photo, *samples).returncode == 1
    ward, sourced = (path.as_posix() for path in samples)  # as bash has them on Windows too
    assert shell(f"imageprep dismiss {ward} --finding ") == ["clinical-1"]
    assert shell(f"imageprep consent use X --photo {ward} --finding c") == ["clinical-1"]
    groups = ["faces", "codes", "text", "people"]
    assert shell(f"imageprep {sourced} --redact ") == [*groups, "source-1"]
    assert shell(f"imageprep {sourced} --redact face-1,") == [
        "face-1,faces",
        "face-1,codes",
        "face-1,text",
        "face-1,people",
        "face-1,source-1",
    ]
    assert api.findings("", [str(photo)]) == [("face-1", "face")]
    assert {name for name, _ in api.findings("", [])} == {"face-1", "clinical-1", "source-1"}
    assert api.findings("", [str(tmp_path / "other.jpg")]) == []


@pytest.mark.parametrize("folder", ["Users", "my Users"])
def test_powershell_has_backslashes_in_its_paths(tmp_path: Path, home: Path, folder: str) -> None:
    photo, other = (tmp_path / f"{folder}\\{name}.jpg" for name in "ab")
    run = [(photo, "face-1", "face"), (other, "code-1", "code")]
    lines = [
        {"outcome": "held", "path": str(path), "receipt": {"findings": [{"id": of, "kind": kind}]}}
        for path, of, kind in run
    ]
    for path, _, _ in run:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    (home / "last-run.json").write_text("".join(f"{json.dumps(one)}\n" for one in lines), "ascii")
    typed = quoted(str(photo), Shell.POWERSHELL)
    assert powershell(f"imageprep dismiss {typed} --finding") == ["face-1"]
    assert powershell(f"imageprep consent use X --photo {typed} --finding", "f") == ["face-1"]
    assert powershell(f"imageprep {typed} --redact", "face-1,f") == [
        "face-1,faces",
        "face-1,face-1",
    ]
    # Nothing is offered for a path, so that PowerShell offers its files.
    assert powershell("imageprep consent use X --photo", typed) == []
    assert powershell("imageprep", typed) == []


def test_powershell_names_another_ledger(tmp_path: Path) -> None:
    other = tmp_path / "my\\other.db"
    other.parent.mkdir(exist_ok=True)
    ref = Desk.at(other).add(PLACE).ref
    typed = quoted(str(other), Shell.POWERSHELL)
    assert powershell(f"imageprep --ledger {typed} a.jpg --place") == [ref]


@pytest.mark.parametrize("kind", ["bash", "powershell"])
def test_a_photo_at_home_is_found(home: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    photo = home / "a.jpg"
    photo.write_bytes(b"")
    held = {"outcome": "held", "path": str(photo)}
    found = {**held, "receipt": {"findings": [{"id": "f-1", "kind": "face"}]}}
    other = {**held, "path": "/b.jpg", "receipt": {"findings": [{"id": "f-2", "kind": "face"}]}}
    lines = "".join(f"{json.dumps(one)}\n" for one in (found, other))
    (home / "last-run.json").write_text(lines, "ascii")
    told = asked("imageprep dismiss ~/a.jpg --finding ", kind)
    assert [line.partition(":::")[0] for line in told.splitlines()] == ["f-1"]


@pytest.mark.parametrize("kind", ["bash", "fish", "powershell"])
def test_what_is_said_of_an_offer_is_no_other_offer(kind: str) -> None:
    lines = asked("imageprep --", kind, "--").splitlines()
    assert len(lines) > 20
    assert [line for line in lines if not line.startswith("--")] == []


@pytest.mark.parametrize("record", ["", "{", '{"outcome": "held"', '{"outcome": "held"}'])
def test_a_record_of_the_last_run_that_is_damaged_offers_nothing(home: Path, record: str) -> None:
    assert api.findings("", []) == []
    (home / "last-run.json").write_text(record, "ascii")
    assert api.findings("", []) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("imageprep consent template pl", ["place"]),
        ("imageprep policy in", ["init"]),
        ("imageprep dismiss a.jpg --need patient", ["patient-consent"]),
        ("imageprep consent wi", ["withdraw"]),
        ("imageprep a.jpg --redact-style s", ["solid"]),
    ],
)
def test_words_are_completed(typed: str, offered: list[str]) -> None:
    assert shell(typed) == offered


@pytest.mark.posix(reason="the command is a script for a shell of POSIX")
def test_a_real_bash_completes(tmp_path: Path) -> None:
    ref = added(PLACE)
    command = tmp_path / "imageprep"
    command.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m imu_imageprep "$@"\n'.replace(
            "-m imu_imageprep",
            '-c \'import sys; sys.argv[0] = "imageprep"; '
            "from imu_imageprep.front.cli import main; main()'",
        ),
        "utf-8",
    )
    command.chmod(0o755)
    script = tmp_path / "test.sh"
    script.write_text(
        'eval "$(_IMAGEPREP_COMPLETE=source_bash imageprep)"\n'
        "COMP_WORDS=(imageprep a.jpg --place ''); COMP_CWORD=3\n"
        "$(complete -p imageprep | sed 's/.*-F \\([^ ]*\\).*/\\1/') imageprep\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n',
        "utf-8",
    )
    done = subprocess.run(
        ["bash", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        },
    )
    assert done.stdout.splitlines() == [ref], done.stderr


def test_completing_loads_no_detector() -> None:
    code = (
        "import sys; from imu_imageprep import api; api.references('', 'C'); api.findings('', []);"
        "print(sorted({'numpy', 'PIL', 'cv2', 'cryptography', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert json.loads(done.stdout.replace("'", '"')) == []
