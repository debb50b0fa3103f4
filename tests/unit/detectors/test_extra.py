from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

from imu_imageprep import detectors
from imu_imageprep.detectors import Extra, _detector, problem_of
from imu_imageprep.domain.errors import ModelProblem, PolicyProblem
from imu_imageprep.domain.finding import DidNotLook, Looked, Scan
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Detectors, Policy
from imu_imageprep.stages.look import look

PHOTO = Photo(np.zeros((4, 4, 3), np.uint8), Size(4, 4))
POLICY = Policy(detectors=Detectors(("stranger",)))


@pytest.fixture(autouse=True)
def fresh() -> None:
    _detector.cache_clear()


def install(folder: Path, answer: str, name: str = "stranger", package: str = "stranger") -> None:
    """A package that offers a detector, as pip leaves it; its module has a name of its own."""
    module = f"{package}_{folder.name}".replace("-", "_")
    (folder / f"{module}.py").write_text(
        "from imu_imageprep import *\n"
        "class Stranger:\n"
        "    name, flag, model = 'other', 'face', '7'\n"
        "    def look(self, photo, metadata):\n"
        f"{textwrap.indent(answer, ' ' * 8)}\n",
        "utf-8",
    )
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[imageprep.detectors]\n{name} = {module}:Stranger\n", "utf-8"
    )


def scan_of(policy: Policy = POLICY) -> tuple[Scan, Extra]:
    (stranger,) = (one for one in detectors.all_of(policy) if isinstance(one, Extra))
    (exam, *_) = look(PHOTO, Metadata(), [stranger], policy)
    return exam.scan, stranger


def test_it_is_asked_and_its_findings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "return Looked((Finding('scalpel', 0.7),), 0.7)")
    monkeypatch.syspath_prepend(tmp_path)
    scan, stranger = scan_of()
    assert isinstance(scan, Looked)
    assert [finding.id for finding in scan.findings] == ["scalpel-1"]
    assert (stranger.name, stranger.flag, stranger.model) == ("stranger", None, "7")
    assert problem_of("stranger") is None


@pytest.mark.parametrize(
    "answer",
    [
        "return None",
        "return Looked(None, 0.5)",
        "return Looked(('scalpel',), 0.5)",
        "return Looked((Finding('Scalpel!', 0.5),), 0.5)",
        "return Looked((Finding('second-face', 0.5),), 0.5)",
        "return Looked((Finding('scalpel', 1.5),), 0.5)",
        "return Looked((Finding('scalpel', float('nan')),), 0.5)",
        "return Looked((Finding('scalpel', 0.5, (0, 0, 1, 1)),), 0.5)",
        "return Looked((Finding('scalpel', 0.5, label='x' * 61),), 0.5)",
        "return Looked((Finding('scalpel', 0.5, Box(0, 0, float('inf'), 1)),), 0.5)",
        "return Looked((), 'high')",
        "return DidNotLook('no light')",
        "raise RuntimeError('what it read')",
        "import nothing_of_that_name",
    ],
)
def test_whatever_is_no_answer_is_not_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    install(tmp_path, answer)
    monkeypatch.syspath_prepend(tmp_path)
    scan, _ = scan_of()
    assert isinstance(scan, DidNotLook)
    assert "what it read" not in scan.reason


def test_one_that_is_not_installed_did_not_look() -> None:
    scan, stranger = scan_of()
    assert scan == DidNotLook("The detector stranger is not installed.", 3)
    assert stranger.model is None
    assert isinstance(problem_of("stranger"), ModelProblem)


def test_one_that_cannot_be_loaded_did_not_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "pass\n1/0")
    (module,) = tmp_path.glob("*.py")
    module.write_text("1/0", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    scan, stranger = scan_of()
    assert isinstance(scan, DidNotLook)
    assert "ZeroDivisionError" in scan.reason
    assert stranger.model is None


def test_two_packages_cannot_offer_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "return Looked((), 0.0)")
    install(tmp_path, "return Looked((), 0.0)", package="other")
    monkeypatch.syspath_prepend(tmp_path)
    scan, _ = scan_of()
    assert isinstance(scan, DidNotLook)
    assert "more than one package" in scan.reason


@pytest.mark.parametrize("name", ["faces", "clinical", "credit"])
def test_none_takes_the_place_of_one_that_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    install(tmp_path, "return Looked((), 0.0)", name=name)
    monkeypatch.syspath_prepend(tmp_path)
    policy = Policy(detectors=Detectors((name,)))
    built_in = [detector.name for detector in detectors.built_in(policy)]
    assert [detector.name for detector in detectors.all_of(policy)] == [*built_in, name]
    scan, _ = scan_of(policy)
    assert isinstance(scan, DidNotLook)


@pytest.mark.parametrize("extra", [("Two Words",), ("a", "a"), ("",), ("../x",)])
def test_names_are_checked(extra: tuple[str, ...]) -> None:
    with pytest.raises(PolicyProblem):
        Detectors(extra)
