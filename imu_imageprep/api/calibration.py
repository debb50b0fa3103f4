"""Finding the clinical threshold that fits one's own photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import calibrate as calibration

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import TypeAlias

    from imu_imageprep.calibrate import Calibration
    from imu_imageprep.domain.policy import Limits

    AnyPath: TypeAlias = str | os.PathLike[str]


def calibrate(
    clinical: AnyPath, other: AnyPath, *, limits: Limits, told: Callable[[int], None]
) -> Calibration:
    """Score photos that people sorted into clinical ones and others; nothing about them is kept.

    Args:
        clinical: folder of photos of clinical scenes and patients.
        other: folder of photos of anything else.
        limits: what one photo may cost.
        told: told how many photos were scored so far.

    Raises:
        UsageProblem: a folder has too few readable photos, or both have the same ones.
        ModelProblem: the model is missing or damaged.
    """
    return calibration.calibrate(Path(clinical), Path(other), limits, told)


def set_threshold(threshold: float, config_file: AnyPath | None = None) -> Path:
    """Write a clinical threshold into a configuration, by default the user's own.

    Raises:
        PolicyProblem: the configuration is wrong, or written in an unusual way.
        OutputProblem: it could not be written.
    """
    return calibration.set_threshold(threshold, None if config_file is None else Path(config_file))
