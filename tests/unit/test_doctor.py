from __future__ import annotations

import re
import sqlite3
import sys
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import ROOT

from imu_imageprep import config, doctor, shell
from imu_imageprep.api import Desk
from imu_imageprep.doctor import PARTS, Part, diagnose, requirements
from imu_imageprep.doctor.check import Check, Topic
from imu_imageprep.domain.consent import ConsentRecord, Kind, Purpose
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.sandbox import ShutIn

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def checks(topic: Topic, ledger: Path, given: Path | None = None) -> list[Check]:
    return [one for one in diagnose(given, ledger) if one.topic is topic]


@pytest.fixture
def ledger(home: Path) -> Path:
    """A ledger with one record."""
    path = home / "ledger.db"
    record = ConsentRecord(
        *(Kind.STAFF, "NURSE-7", "the nurse"),
        purpose=(Purpose.PUBLICATION,),
        channels=("web",),
        signed=date(2026, 1, 2),
        recorded_by="Desk",
    )
    Desk.at(path).add(record)
    return path


def test_every_dependency_is_looked_at() -> None:
    needed = [re.split(r"[<>=]", one)[0] for one in PROJECT["dependencies"]]
    assert list(doctor._PACKAGES) == list(dict.fromkeys(needed))  # a system may have its own line


def test_every_extra_is_an_optional_part() -> None:
    assert [part.extra for part in PARTS] == sorted(PROJECT["optional-dependencies"])


def test_configurations_and_what_each_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (absent, policy) = checks(Topic.CONFIGURATION, home / "ledger.db")
    assert "imageprep policy init" in absent.advice
    assert policy.state.startswith("NOT CHECKED")
    own = config.user_file()
    own.parent.mkdir(parents=True)
    own.write_text('[flags]\nface = "note"\n[export]\nquality = 80\n', "utf-8")
    (tmp_path / "imageprep.toml").write_text("[limits]\nseconds = 5\n", "utf-8")
    (user, folder, policy) = checks(Topic.CONFIGURATION, home / "ledger.db")
    assert (user.name, user.state) == (str(own), "read; sets flags.face, export.quality")
    assert folder.state == "read; tightens limits.seconds"
    assert "face" in policy.state
    (tmp_path / "imageprep.toml").write_text("[limits]\nseconds = 500\n", "utf-8")
    (wrong,) = checks(Topic.CONFIGURATION, home / "ledger.db")
    assert wrong.code == 7
    assert "imageprep.toml:2: limits.seconds would make the policy less strict" in wrong.state


def test_a_ledger_that_is_sound(ledger: Path) -> None:
    assert checks(Topic.LEDGER, ledger) == [Check(Topic.LEDGER, str(ledger), "no damage; 1 event")]


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_a_ledger_that_others_may_read(ledger: Path) -> None:
    ledger.chmod(0o644)
    (open_to_all,) = checks(Topic.LEDGER, ledger)
    assert open_to_all.code == 0
    assert f"chmod 600 {ledger}" in open_to_all.advice


def test_a_ledger_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "ledger.db"
    (check,) = checks(Topic.LEDGER, path)
    assert (check.code, path.parent.exists()) == (0, False)


def test_a_ledger_that_was_changed(ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute("DROP TRIGGER events_never_change")
        connection.execute("UPDATE events SET at = '1999'")
    (check,) = checks(Topic.LEDGER, ledger)
    assert check.code == 6
    assert "imageprep consent audit" in check.advice


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    (check,) = checks(Topic.LEDGER, path)
    assert check.code == 6


def test_a_ledger_that_may_not_be_written(ordinary: Path) -> None:
    folder = ordinary / "locked"
    folder.mkdir(mode=0o500)
    (check,) = checks(Topic.LEDGER, folder / "ledger.db")
    assert check.code == 5
    assert "--ledger" in check.advice


def test_the_folder_of_an_installer_takes_no_more_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.flags", SimpleNamespace(no_site=1))
    assert "docs/install.md" in Part("nothing", (), "a test").command()


@pytest.mark.parametrize(
    ("shut", "text", "code"),
    [
        (ShutIn(files=True, network=True), "require", 0),
        (ShutIn(files=False, network=True), "try", 0),
        (ShutIn(files=True, network=False), "require", 7),
        (ShutIn(), "require", 7),
    ],
)
def test_how_far_decoders_are_shut_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shut: ShutIn, text: str, code: int
) -> None:
    monkeypatch.setattr(doctor, "shut_in", lambda: shut)
    given = tmp_path / "office.toml"
    given.write_text(f"[limits]\nsandbox = '{text}'\n", "utf-8")
    (check,) = checks(Topic.SANDBOX, tmp_path / "ledger.db", given)
    assert (check.state, check.code) == (f"shut in: {shut}", code)
    assert ("Landlock" in check.advice) is not shut.wholly


def test_a_decoder_that_cannot_be_begun_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> ShutIn:
        raise InputProblem("The picture's decoder crashed.")

    monkeypatch.setattr(doctor, "shut_in", broken)
    (check,) = checks(Topic.SANDBOX, tmp_path / "ledger.db")
    assert check.code == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shuts a process in")
def test_decoders_are_shut_in_here(tmp_path: Path) -> None:
    (check,) = checks(Topic.SANDBOX, tmp_path / "ledger.db")
    assert check.state == "shut in: files yes, network and programs yes"


def test_an_optional_part_that_is_missing_names_what_to_type() -> None:
    part = Part("nothing", ("sys", "no_such_module"), "a test")
    assert part.missing() == ("no_such_module",)
    assert requirements("nothing") == ()
    assert "--extra nothing" in part.command()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.extra)
def test_what_to_type_is_complete(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where imageprep is installed, the command names every requirement of the extra."""
    asked = PROJECT["optional-dependencies"][part.extra]
    about = tmp_path / "imu_imageprep-9.dist-info"
    about.mkdir()
    rows = [f"Requires-Dist: {one}; extra == '{part.extra}'" for one in asked]
    rows.append("Requires-Dist: other>=1; extra == 'dev'")
    (about / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.3", "Name: imu-imageprep", "Version: 9", *rows]), "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert requirements(part.extra) == tuple(asked)
    command = part.command()
    assert shell.quoted(sys.executable) in command
    assert all(shell.quoted(one) in command for one in asked)
    assert "other" not in command
    if part.extra == "register":
        assert f" --no-deps {shell.quoted('face-recognition==1.3.0')} && " in command
