"""The library as its page promises it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, imageprep, pythonpath
from PIL import Image

import imu_imageprep
from imu_imageprep import api

PAGE = (ROOT / "docs" / "library.md").read_text("utf-8")


@pytest.mark.parametrize("module", [imu_imageprep, api], ids=["imu_imageprep", "api"])
def test_stable_names_are_sorted_and_there(module: object) -> None:
    names = list(getattr(module, "__all__"))  # noqa: B009  (a module's attribute, by its name)
    assert names == sorted(names)
    for name in names:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        getattr(module, "nothing")  # noqa: B009


def test_stable_names_are_in_the_docs() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert listed == [name for name in imu_imageprep.__all__ if name != "__version__"]


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, imu_imageprep as i; i.Policy(); i.Finding; i.Box; i.ImageprepError;"
        "sys.exit(bool({'numpy', 'PIL', 'cv2', 'importlib.metadata'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_a_detector_of_somebody_else_as_its_page_says(tmp_path: Path) -> None:
    """The worked example, installed as pip would, found by the command, and covered."""
    page = (ROOT / "docs" / "detectors.md").read_text("utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    (project, listing) = (text for kind, text in blocks if kind == "toml")
    (module,) = (text for kind, text in blocks if kind == "python")
    site, about = tmp_path / "site", tmp_path / "site" / "imageprep_whiteboard-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "whiteboard.py").write_text(module, "utf-8")
    (entry,) = re.findall(r"^whiteboard = \"(.*)\"$", project, re.MULTILINE)
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: imageprep-whiteboard\nVersion: 1\n"
    )
    (about / "entry_points.txt").write_text(f"[imageprep.detectors]\nwhiteboard = {entry}\n")
    (tmp_path / "office.toml").write_text(listing, "utf-8")
    board = Image.new("RGB", (640, 480), (40, 90, 60))
    board.paste((250, 250, 250), (64, 48, 512, 384))
    board.save(tmp_path / "a.png")

    env = {"PYTHONPATH": pythonpath(ROOT, site)}
    args = ("--config", "office.toml", "--json", "-o", "web", "a.png")
    held = imageprep(*args, cwd=tmp_path, env=env)
    assert held.returncode == 1
    answer = json.loads(held.stdout)
    assert [scan["detector"] for scan in answer["scans"]][-1] == "whiteboard"
    (finding,) = answer["findings"]
    assert (finding["id"], finding["box"]) == ("code-1", [64, 48, 448, 336])
    assert answer["held_for"] == [{"finding": "code-1", "needs": "look"}]
    assert answer["receipt"]["models"]["whiteboard"] == "1.0"
    covered = imageprep(*args, "--redact", "code-1", cwd=tmp_path, env=env)
    assert covered.returncode == 0

    absent = imageprep("--config", "office.toml", "--json", "-o", "web", "a.png", cwd=tmp_path)
    assert absent.returncode == 3
    assert json.loads(absent.stdout)["outcome"] == "held"
    doctor = imageprep("doctor", "--config", "office.toml", cwd=tmp_path)
    assert doctor.returncode == 3
    assert "whiteboard is not installed" in doctor.stdout
    assert imageprep("doctor", "--config", "office.toml", cwd=tmp_path, env=env).returncode == 0
