"""``imageprep policy`` and ``policy init``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from command import imageprep

from imu_imageprep.config import user_file
from imu_imageprep.domain.policy import Policy


def test_what_is_shown_is_itself_a_configuration(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text(
        '[owner]\nname = "Media \\u001b office"\n[[places]]\nname = "A"\nlatitude = 3\n'
        "longitude = 101.5\n[flags]\nclinical = 'off'\n",
        "utf-8",
    )
    done = imageprep("policy", "--config", config, cwd=tmp_path)
    assert done.returncode == 0
    assert Policy.from_toml(done.stdout) == Policy.from_toml(config)
    assert "\x1b" not in done.stdout
    assert "NOT CHECKED: clinical scenes" in done.stdout


def test_where_values_come_from_is_said(tmp_path: Path) -> None:
    assert imageprep("policy", "init").returncode == 0
    own = user_file()
    text = own.read_text("utf-8")
    own.write_text(text.replace("#quality = 85", "quality = 80"), "utf-8")
    line = text.split("\n").index("#quality = 85") + 1
    (tmp_path / "imageprep.toml").write_text("[export]\nsize = [640, 480]\n", "utf-8")
    (tmp_path / "a.jpg").write_bytes(b"")
    args = ("policy", "--channel", "campus", "--for", tmp_path / "a.jpg")
    done = imageprep(*args, cwd=tmp_path)
    rows = {row.split(" = ")[0]: row.partition("  # ")[2] for row in done.stdout.splitlines()}
    assert rows["channel"] == "an option"
    assert rows["dpi"] == "default"
    assert rows["quality"] == f"your configuration, {own}:{line}"
    assert rows["size"] == "made stricter by the folder, imageprep.toml:2"
    told = json.loads(imageprep(*args, "--json").stdout)
    assert told["origins"]["export.size"] == {
        "from": "folder",
        "file": str(tmp_path / "imageprep.toml"),
        "line": 2,
    }
    assert told["files"] == [str(own), str(tmp_path / "imageprep.toml")]
    assert told["export"]["size"] == [640, 480]
    assert told["not_checked"] == list(Policy().not_checked)


def test_a_new_configuration_never_replaces_one(tmp_path: Path) -> None:
    first = imageprep("policy", "init")
    assert first.returncode == 0
    own = Path(first.stdout.rstrip("\n"))
    assert own == user_file()
    assert Policy.from_toml(own) == Policy()
    own.write_text('channel = "campus"', "utf-8")
    again = imageprep("policy", "init")
    assert again.returncode == 5
    assert "--force" in again.stderr
    assert own.read_text("utf-8") == 'channel = "campus"'
    assert imageprep("policy", "init", "--force").returncode == 0
    assert Policy.from_toml(own) == Policy()
    named = tmp_path / "office.toml"
    assert imageprep("policy", "init", named).returncode == 0
    assert tomllib.loads(named.read_text("utf-8"))["export"] == {}
    assert imageprep("policy", "init", tmp_path / "none" / "office.toml").returncode == 5


def test_a_new_configuration_beside_the_photos_is_no_mistake(tmp_path: Path) -> None:
    imageprep("policy", "init", "imageprep.toml", cwd=tmp_path)
    assert imageprep("policy", cwd=tmp_path).returncode == 0


def test_a_mistake_points_at_its_line(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text("# mine\n[flags]\nfaces = 'note'\n", "utf-8")
    done = imageprep("policy", "--config", config)
    assert done.returncode == 7
    assert f"{config}:3: flags.faces is not a key" in done.stderr
    assert "Did you mean flags.face?" in done.stderr
    assert imageprep("policy", "--for", tmp_path / "none").returncode == 4
