from __future__ import annotations

import os
import subprocess
import sys

import pytest
from command import ROOT

ASK = """
import sys, os
import imu_imageprep
assert "numpy" not in sys.modules
print(os.environ["OPENBLAS_NUM_THREADS"], os.environ["OPENCV_FOR_THREADS_NUM"])
"""


@pytest.mark.parametrize(("set_by_user", "used"), [(None, "1 1"), ("3", "3 1")])
def test_one_photo_takes_one_thread_unless_the_user_says_more(
    set_by_user: str | None, used: str
) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("OPEN")}
    if set_by_user is not None:
        env["OPENBLAS_NUM_THREADS"] = set_by_user
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == used


def test_nothing_strays_at_the_top_of_the_repository() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folders = {".ci", ".github", "assets", "docs", "imu_imageprep", "packaging", "samples"}
    files = {".gitattributes", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md"}
    settings = {"mkdocs.yml", "pyproject.toml"}
    assert set(listed.stdout.split()) == folders | files | settings | {"tests", "tools"}
