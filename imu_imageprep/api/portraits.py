"""Photos of people who are to be enrolled, or tested: looked at as any photo, and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.detectors import built_in
from imu_imageprep.domain.answers import with_drawn
from imu_imageprep.domain.policy import Flags
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.register import faces, quality
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.look import look
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imu_imageprep.domain.finding import Examination
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.recognition import Measured
    from imu_imageprep.ports import Ledger
    from imu_imageprep.register.quality import Flaw


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
    metadata = describe(source)
    photo = decode(source, metadata, LOOK_SIDE, rules.limits)
    examinations = look(photo, metadata, built_in(rules), rules)
    return photo, with_drawn(examinations, ledger.drawn_for(source.sha256), rules)


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
        face = quality.only_face(examinations)
        if isinstance(face, str) or face.box is None:
            flaws.append(quality.Flaw(number, str(face)))
            found.append(None)
            continue
        (one,) = faces.measure(photo, [face.box])
        flaws += [quality.Flaw(number, what) for what in quality.flaws_of(one)]
        found.append(one)
    return flaws, found
