"""Photos of people who are to be enrolled, or tested: looked at as any photo, and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.clock import SystemClock
from imu_imageprep.detectors import built_in
from imu_imageprep.domain.by_hand import with_drawn
from imu_imageprep.domain.policy import Flags
from imu_imageprep.pipeline import Equipment, examine
from imu_imageprep.register import faces
from imu_imageprep.stages.read import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imu_imageprep.domain.finding import Examination
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.recognition import Measured
    from imu_imageprep.ports import Ledger
    from imu_imageprep.register.faces import Flaw


def looked(
    path: Path, ledger: Ledger, policy: Policy | None
) -> tuple[Photo, tuple[Examination, ...]]:
    """A photo as it is looked at, with every check on.

    Args:
        path: the photo's file.
        ledger: knows what people drew on it.
        policy: limits for reading; by default the user's own configuration.

    Returns:
        Upright pixels, and what every detector and person found in them.

    Raises:
        InputProblem: the photo cannot be read.
    """
    rules = (policy if policy is not None else config.load()).replace(flags=Flags())
    source = read(path, rules.limits)
    seen = examine(source, Equipment(rules, built_in(rules), ledger, SystemClock()))
    return seen.photo, with_drawn(seen.examinations, ledger.drawn_for(source.sha256), rules)


def measured(
    paths: Sequence[Path], ledger: Ledger, policy: Policy | None
) -> tuple[list[Flaw], list[Measured | None]]:
    """Measure the one face of each photo.

    Returns:
        What is wrong with the photos, each by itself; and each one's face, None without one.

    Raises:
        ImageprepError: a photo cannot be read, or faces cannot be measured here.
    """
    flaws: list[Flaw] = []
    found: list[Measured | None] = []
    for number, path in enumerate(paths):
        photo, examinations = looked(path, ledger, policy)
        face = faces.only_face(examinations)
        if isinstance(face, str) or face.box is None:
            flaws.append(faces.Flaw(number, str(face)))
            found.append(None)
            continue
        (one,) = faces.measure(photo, [face.box])
        flaws += [faces.Flaw(number, what) for what in faces.flaws_of(one)]
        found.append(one)
    return flaws, found
