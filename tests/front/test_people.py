"""The register as people meet it: real commands, real faces, one ledger and a key file."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import command
import pytest
from PIL import Image

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAIT, RETINA = SAMPLES / "portrait.jpg", SAMPLES / "clinical.jpg"


def day(later: int) -> str:
    """A day seen from today."""
    return (datetime.now(UTC).date() + timedelta(days=later)).isoformat()


RECOGNITION = {
    "kind": "recognition",
    "subject": "TUTOR-7",
    "person": "staff",
    "giver": "Needle Giver",
    "adult": "yes",
    "agreed": "yes",
    "told": "yes",
    "voluntary": "yes",
    "form_sha256": "ab" * 32,
    "signed": day(-60),
    "expires": day(300),
    "recorded_by": "Desk",
}
PUBLISH = {
    "kind": "staff",
    "subject": "TUTOR-7",
    "giver": "Needle Giver",
    "capacity": "yes",
    "minor": "no",
    "form": "oral",
    "identifiable": "yes",
    "purpose": ["publication"],
    "channels": ["web"],
    "signed": day(-60),
    "recorded_by": "Desk",
}
installed = pytest.mark.skipif(
    importlib.util.find_spec("face_recognition") is None,
    reason="the extra register is not installed",
)


def imageprep(*args: object, code: int = 0) -> tuple[str, str]:
    done = command.imageprep(*args)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout, done.stderr


def recorded(folder: Path, values: dict[str, Any]) -> str:
    form = folder / "form.toml"
    form.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()), "utf-8")
    return imageprep("consent", "add", "--from", form)[0].strip()


@pytest.fixture
def setting(tmp_path: Path, home: Path) -> Path:
    """A configuration that names a key file."""
    (home / "keys").mkdir()
    path = tmp_path / "office.toml"
    path.write_text(f"[register]\nkey_file = {json.dumps(str(home / 'keys' / 'key'))}\n")
    return path


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Four photos that differ as far as one picture can be made to."""
    picture = Image.open(PORTRAIT).convert("RGB")
    width, height = picture.size
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    lean = (1, -0.12, 0.05 * width, 0, 1, 0)
    made = [
        picture,
        mirrored.resize((width * 9 // 8, height)),
        mirrored.rotate(6),
        mirrored.transform((width, height), Image.Transform.AFFINE, lean),
    ]
    paths = []
    for number, one in enumerate(made):
        paths.append(tmp_path / f"photo-{number}.png")
        one.save(paths[-1], compress_level=1)
    return paths


@installed
def test_from_the_consent_to_the_export_and_back(
    tmp_path: Path, home: Path, setting: Path, photos: list[Path]
) -> None:
    *enrol, probe = photos
    agreed = recorded(tmp_path, RECOGNITION)
    publish = recorded(tmp_path, PUBLISH)
    told, _ = imageprep(
        "people", "add", "TUTOR-7", *enrol, "--consent", agreed, "--config", setting
    )
    assert told == "TUTOR-7 is in the register, with 3 photos.\n"
    (row,) = map(
        json.loads, imageprep("people", "list", "--json", "--config", setting)[0].split("\n")[:-1]
    )
    assert (row["code"], row["consent"], row["photos"]) == ("TUTOR-7", agreed, 3)

    # Nothing is suggested where nobody asks.
    (plain,) = map(json.loads, imageprep("check", probe, "--json", code=1)[0].splitlines())
    assert "suggestions" not in plain
    look = ("check", probe, "--json", "--recognise", "--config", setting)
    (seen,) = map(json.loads, imageprep(*look, code=1)[0].splitlines())
    (one,) = seen["suggestions"]
    assert (one["finding"], one["code"], one["records"]) == ("face-1", "TUTOR-7", [publish])
    assert seen["findings"][0]["label"] == "TUTOR-7"
    assert seen["held_for"] == plain["held_for"]

    # A run that suggests exports nothing, and its record names nobody.
    out = tmp_path / "out"
    _, said = imageprep(probe, "--recognise", "--config", setting, "--out", out, code=1)
    assert f"--confirm face-1={publish}" in said
    assert not out.exists()
    assert "TUTOR-7" not in (home / "last-run.json").read_text()

    # Only what was suggested can be confirmed, by somebody, for one photo.
    confirm = ("--config", setting, "--out", out, "--by", "Desk", "--confirm")
    imageprep(probe, *confirm, f"face-1={agreed}", code=2)
    imageprep(probe, *confirm, f"face-2={publish}", code=2)
    imageprep(SAMPLES / "sideways.jpg", *confirm, f"face-1={publish}", code=2)
    imageprep(probe, enrol[0], *confirm, f"face-1={publish}", code=2)
    imageprep(probe, "--config", setting, "--confirm", f"face-1={publish}", code=2)
    assert not out.exists()
    imageprep(probe, *confirm, f"face-1={publish}")
    (export,) = out.iterdir()
    (receipt,) = map(json.loads, imageprep("receipt", export, "--json")[0].splitlines())
    assert publish in receipt["receipt"]["relied_on"]
    assert "TUTOR-7" not in json.dumps(receipt)

    # Withdrawn: gone at once, and told.
    imageprep("consent", "withdraw", agreed, "--by", "Desk")
    assert not (home / "ledger.db.people").exists()
    shown, _ = imageprep("consent", "show", agreed)
    assert "enrolled" in shown
    assert "(withdrawn)" in shown
    (seen,) = map(json.loads, imageprep("check", enrol[0], *look[2:], code=1)[0].splitlines())
    assert seen["notes"][-1].startswith("nobody was recognised: Nobody is in the register")


@installed
def test_photos_that_are_not_fit_are_named_with_what_to_do(
    tmp_path: Path, home: Path, setting: Path, photos: list[Path]
) -> None:
    agreed = recorded(tmp_path, RECOGNITION)
    publish = recorded(tmp_path, PUBLISH)
    add = ("people", "add", "TUTOR-7", "--config", setting, "--consent")
    _, said = imageprep(*add, publish, *photos[:3], code=2)
    assert "not a consent to be recognised" in said
    _, said = imageprep(*add, agreed, photos[0], photos[0], RETINA, SAMPLES / "campus.jpg", code=2)
    assert "nearly the same picture as photo 1" in said
    assert "looks clinical" in said
    assert "no face is found" in said
    assert not (home / "ledger.db.people").exists()
    assert "enrolled" not in imageprep("consent", "show", agreed)[0]


@installed
def test_people_test_says_whom_faces_are_like(setting: Path) -> None:
    told, _ = imageprep("people", "test", PORTRAIT, RETINA, "--config", setting)
    assert "face 1 is like nobody in the register" in told
    assert "it looks clinical" in told


@installed
def test_without_a_keyring_nobody_is_enrolled(tmp_path: Path, photos: list[Path]) -> None:
    agreed = recorded(tmp_path, RECOGNITION)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    try:
        _, said = imageprep("people", "add", "TUTOR-7", *photos, "--consent", agreed, code=3)
    finally:
        del os.environ["PYTHON_KEYRING_BACKEND"]
    assert "no keyring" in said
    assert "--key-file" in said


@pytest.mark.skipif(
    importlib.util.find_spec("face_recognition") is not None,
    reason="the extra register is installed",
)
def test_without_the_extra_recognition_is_off_and_the_rest_works(tmp_path: Path) -> None:
    told, _ = imageprep("check", PORTRAIT, "--json", "--recognise", code=1)
    (note,) = json.loads(told)["notes"]
    assert note.startswith("nobody was recognised:")
    agreed = recorded(tmp_path, RECOGNITION)
    _, said = imageprep("people", "add", "TUTOR-7", PORTRAIT, "--consent", agreed, code=3)
    assert "imageprep doctor" in said


def test_nothing_of_the_register_is_loaded_unless_asked_for(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['imageprep', 'check', {str(PORTRAIT)!r}]\n"
        "from imu_imageprep.front.cli import main\n"
        "try: main()\nexcept SystemExit as end: code = end.code\n"
        "ours = [n for n in sys.modules if n.startswith(('imu_imageprep.register', 'dlib', 'face_',"
        " 'keyring', 'pkg_resources', 'imu_imageprep.people',"
        " 'imu_imageprep.domain.recognition'))]\n"
        "sys.exit(ours or code - 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*.people*"))
