"""The official profile from its configuration to its receipt, as docs/official.md tells it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import imageprep
from pictures import encoded, exif, scene
from sample_logos import emblem, seal

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "official.md").read_text("utf-8")


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The configuration of the docs, with a made-up logo beside it."""
    folder = tmp_path / "office"
    folder.mkdir()
    emblem().save(folder / "logo.png")
    match = re.search(r"```toml\n(.*?)```", DOC, re.DOTALL)
    assert match is not None
    text = match[1].replace("0" * 64, sha256(folder / "logo.png"))
    (folder / "imageprep.toml").write_text(text, "utf-8")
    return folder / "imageprep.toml"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "campus.jpg"
    path.parent.mkdir()
    path.write_bytes(encoded(scene(), exif=exif()))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_official_export_says_who_answers_and_who_approved_the_logo(
    office: Path, photo: Path, tmp_path: Path
) -> None:
    # From another folder: the logo's path is relative to the configuration.
    (answer,) = answers(imageprep("--json", "--config", office, photo, cwd=tmp_path))

    assert answer["outcome"] == "exported"
    receipt = answer["receipt"]
    assert receipt["responsible"] == "Aisyah binti Rahman"
    assert receipt["role"] == "web editor"
    assert receipt["approved_by"] == "Head of Marketing"
    assert receipt["logo"] == sha256(office.with_name("logo.png"))
    told = imageprep("receipt", answer["export"]["path"]).stdout
    assert "responsible: Aisyah binti Rahman, web editor" in told
    assert f"logo {receipt['logo'][:12]}, approved by Head of Marketing" in told
    force = json.loads(imageprep("policy", "--json", "--config", office, cwd=tmp_path).stdout)
    assert force["sha256"] == receipt["policy"]


def test_another_approved_logo_makes_another_export(office: Path, photo: Path) -> None:
    first = answers(imageprep("--json", "--config", office, photo))[0]
    again = answers(imageprep("--json", "--config", office, photo))[0]
    assert (first["outcome"], again["outcome"]) == ("exported", "skipped")

    logo = office.with_name("logo.png")
    old = sha256(logo)
    seal().save(logo)
    text = office.read_text("utf-8").replace(f'"{old}"', f'"{old}", "{sha256(logo)}"')
    office.write_text(text, "utf-8")
    other = answers(imageprep("--json", "--force", "--config", office, photo))[0]

    assert other["outcome"] == "exported"
    assert other["receipt"]["logo"] == sha256(logo)
    assert other["export"]["sha256"] != first["export"]["sha256"]


def test_a_logo_that_is_not_listed_stops_the_run_before_any_photo(
    office: Path, photo: Path
) -> None:
    logo = office.with_name("logo.png")
    seal().save(logo)

    done = imageprep("--config", office, photo)

    assert done.returncode == 7
    assert sha256(logo) in done.stderr
    assert "Marketing" in done.stderr
    assert [path.name for path in photo.parent.iterdir()] == ["campus.jpg"]
    doctor = imageprep("doctor", "--json", "--config", office)
    assert doctor.returncode == 7
    (wrong,) = [check for check in answers(doctor) if check["code"]]
    assert wrong["name"] == "watermark.logo"
    logo.unlink()
    assert "could not be read" in imageprep("doctor", "--config", office).stdout


def test_doctor_tells_of_an_approved_logo(office: Path) -> None:
    doctor = imageprep("doctor", "--config", office)
    assert doctor.returncode == 0
    assert "watermark.logo: approved; 1" in doctor.stdout


def test_a_photo_folder_cannot_bring_a_logo(photo: Path) -> None:
    (photo.parent / "imageprep.toml").write_text('[watermark]\nlogo = "logo.png"\n', "utf-8")
    done = imageprep(photo)
    assert done.returncode == 7
    assert not photo.with_name("campus-web.jpg").exists()


def test_the_personal_profile_takes_no_logo(office: Path, photo: Path) -> None:
    done = imageprep("--config", office, "--profile", "personal", photo)
    assert done.returncode == 7
    assert "personal page must not carry a logo" in done.stderr
