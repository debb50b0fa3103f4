"""Scores of the clinical detector on photos that people sorted, and the thresholds they want."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep import atomic, config
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan
from imu_imageprep.clock import SystemClock
from imu_imageprep.detectors.clinical import Clinical
from imu_imageprep.domain.calibration import Scores
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.toml_text import with_number
from imu_imageprep.ledger import opened as opened_ledger
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.sandbox import opened
from imu_imageprep.stages.read import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imu_imageprep.domain.policy import Limits

# Below this a share says next to nothing: 19 of 20 is anything from 76 to 99 %.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the detector made of two folders; nothing in it tells one photo from another.

    Attributes:
        scores: of every photo that could be read.
        unreadable: how many could not, in the clinical folder and in the other.
        shipped: the thresholds that the model came with, for clinical and for a doubt.
    """

    scores: Scores
    unreadable: tuple[int, int]
    shipped: tuple[float, float]


def calibrate(
    clinical: Path, other: Path, limits: Limits, told: Callable[[int], None]
) -> Calibration:
    """Score photos that people sorted into two folders; nothing about them is kept.

    Args:
        clinical: holds photos of clinical scenes and patients.
        other: holds photos of anything else.
        limits: what one photo may cost.
        told: told how many photos were scored so far.

    Raises:
        UsageProblem: a folder has too few readable photos, or both have the same ones.
        ModelProblem: the model is missing or damaged.
    """
    seen: set[str] = set()
    scores: list[tuple[float, ...]] = []
    unreadable: list[int] = []
    for folder, option in ((clinical, "--clinical"), (other, "--other")):
        if not os.path.isdir(folder):  # noqa: PTH112  (Path raises for a name too long)
            raise UsageProblem(f"{option} is not a folder: {folder}", "Give a folder of photos.")
        before = sum(map(len, scores))
        found, lost, taken = _scored(folder, limits, lambda done, n=before: told(n + done))  # type: ignore[misc]
        if seen & taken:
            raise UsageProblem(
                f"{len(seen & taken)} photos are in both folders.",
                "A photo is either clinical or it is not: take it out of one of them.",
            )
        if len(found) < FEWEST:
            raise UsageProblem(
                f"{option} has {len(found)} photos that could be read; at least {FEWEST} are "
                "needed.",
                "With fewer photos the figures mean little. A hundred of each kind is better.",
            )
        seen = taken
        scores.append(found)
        unreadable.append(lost)
    first, second = scores
    detector = Clinical()
    return Calibration(
        Scores(first, second),
        (unreadable[0], unreadable[1]),
        (detector.own_threshold, detector.own_doubt),
    )


def _scored(
    folder: Path, limits: Limits, told: Callable[[int], None]
) -> tuple[tuple[float, ...], int, set[str]]:
    """Scores, the number of unreadable files, and the digests of the photos that were read."""
    detector = Clinical(thorough=True)
    scores: list[float] = []
    taken: set[str] = set()
    lost = 0
    made = Made(opened_ledger(config.ledger_place(), SystemClock()))
    for task in Plan([folder], made=made):
        try:
            source = read(task.path, limits)
            metadata, photo = opened(source, LOOK_SIDE, limits)
        except InputProblem:
            lost += 1
            continue
        if source.sha256 in taken:  # a copy says nothing new
            continue
        taken.add(source.sha256)
        scores.append(detector.look(photo, metadata).score)
        told(len(scores))
    return tuple(scores), lost, taken


def set_thresholds(threshold: float, doubt: float, given: Path | None) -> Path:
    """Write both thresholds into a configuration file, with its comments kept; made where missing.

    Args:
        threshold: from which a scene is clinical, 0..1.
        doubt: from which somebody should look, 0..1.
        given: the file; by default the user's own.

    Returns:
        The file.

    Raises:
        PolicyProblem: what it says is wrong already, or it is written in an unusual way.
        OutputProblem: it could not be written.
    """
    path = given if given is not None else config.user_file()
    text = mark = ""
    if path.exists():
        config.load(path)  # an error in it is told before anything is changed
        text = path.read_bytes().decode()  # with the mark and the line ends that it has
        mark = "\ufeff" if text.startswith("\ufeff") else ""
    edited = text.removeprefix(mark)
    # What is set last stands first.
    for key, value in (("doubt", doubt), ("threshold", threshold)):
        edited = with_number(edited, "clinical", key, value)
    edited = mark + edited
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, edited.encode(), replace=True)
    except OSError as problem:
        raise OutputProblem(f"{path} could not be written ({atomic.reason(problem)}).") from problem
    return path
