"""Loading face_recognition: it must neither end the process nor change what the rest of it does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, pythonpath

from imu_imageprep.register import library
from imu_imageprep.register.library import MODELS, RegisterProblem

installed = pytest.mark.skipif(
    importlib.util.find_spec("face_recognition") is None,
    reason="the extra register is not installed",
)

LOAD = """
import sys
from imu_imageprep.register import library
from imu_imageprep.register.library import RegisterProblem
try:
    library.{call}()
except RegisterProblem as problem:
    print("told:", problem.message)
print("stdin still open:", not sys.stdin.closed)
from PIL import ImageFile
print("strict:", not ImageFile.LOAD_TRUNCATED_IMAGES)
"""


def loaded(packages: Path, call: str = "load") -> str:
    """What a process prints that loads the library, with some packages before all others."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD.format(call=call)],
        capture_output=True,
        text=True,
        check=False,
        input="",
        env={**os.environ, "PYTHONPATH": pythonpath(packages, ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def package(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(RegisterProblem, match=r"no_such_package.* missing") as told:
        library.check(packages=("json", "no_such_package"))
    assert "imageprep doctor" in told.value.advice
    assert told.value.code == 3


@pytest.mark.parametrize("listed", list(MODELS))
def test_a_model_that_is_missing_or_differs_is_named(tmp_path: Path, listed: str) -> None:
    with pytest.raises(RegisterProblem, match="missing"):
        library.check(packages=(), models=tmp_path)
    for name in MODELS:
        (tmp_path / name).write_bytes(b"another model")
    with pytest.raises(RegisterProblem, match="sha256 differs"):
        library.check(packages=(), models=tmp_path)
    assert len(MODELS[listed]) == 64


QUITS = "print('Please install')\nquit()\n"


@installed
@pytest.mark.parametrize(
    "broken",
    [
        {"pkg_resources": "raise ImportError('gone')"},
        {"face_recognition": QUITS},
        {"face_recognition": "raise RuntimeError('a library of the system is missing')"},
        {"dlib": "raise ImportError('libX.so: cannot open shared object file')"},
    ],
    ids=["pkg_resources", "quits", "raises", "dlib"],
)
def test_a_broken_package_neither_ends_the_process_nor_changes_it(
    tmp_path: Path, broken: dict[str, str]
) -> None:
    for name, text in broken.items():
        package(tmp_path, name, text)
    told = loaded(tmp_path)
    assert "told: Nobody can be recognised: face_recognition does not load" in told
    assert "strict: True" in told
    assert ("stdin still open: True" in told) == (broken.get("face_recognition") != QUITS)


def test_without_the_extra_nothing_ends(tmp_path: Path) -> None:
    """The interpreter sees the standard library and Pillow alone: dlib is not there."""
    told = loaded(tmp_path) if importlib.util.find_spec("dlib") is None else ""
    if not told:
        pytest.skip("the extra register is installed")
    assert "told: Nobody can be recognised: the package dlib is missing." in told
    assert "stdin still open: True" in told


@installed
def test_another_model_is_not_loaded(tmp_path: Path) -> None:
    package(tmp_path, "face_recognition_models", "raise RuntimeError('never imported')")
    (tmp_path / "face_recognition_models" / "models").mkdir()
    for name in MODELS:
        (tmp_path / "face_recognition_models" / "models" / name).write_bytes(b"another")
    assert "sha256 differs" in loaded(tmp_path)


@installed
def test_it_loads_and_leaves_pillow_as_it_was(tmp_path: Path) -> None:
    assert loaded(tmp_path) == "stdin still open: True\nstrict: True\n"
