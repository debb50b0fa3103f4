"""The trail of exports and answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.server import on_server

if TYPE_CHECKING:
    from imu_imageprep.ledger.book import Ledger
    from imu_imageprep.ports import Clock


def opened(place: Path | str, clock: Clock) -> Ledger:
    """The ledger at a place, which is looked at by the first call; only its own store is loaded.

    Args:
        place: a file, or the address of a PostgreSQL server, as ``config.ledger_place`` tells it.
        clock: dates the events.

    Raises:
        UsageProblem: the address is none, or holds a password.
        ModelProblem: the packages for a server are not installed.
    """
    if on_server(place):
        raise UsageProblem("A ledger on a server cannot be used yet.", "Name a file.")
    from imu_imageprep.ledger.sqlite import SqliteLedger  # noqa: PLC0415

    return SqliteLedger(Path(place), clock)
