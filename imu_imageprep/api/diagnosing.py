"""What this installation can do, and what it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.batch import diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.batch.diagnosis import Check
    from imu_imageprep.handed import AnyPath


def diagnose(
    *, config_file: AnyPath | None = None, ledger: AnyPath | None = None
) -> Iterator[Check]:
    """Look at this installation: versions, models, formats, configuration, ledger, optional parts.

    Args:
        config_file: the configuration to look at; by default the user's own.
        ledger: file of the ledger; by default the user's own.
    """
    given = None if config_file is None else Path(config_file)
    place = config.ledger_file(None if ledger is None else Path(ledger))
    return diagnosis.diagnose(given, place)
