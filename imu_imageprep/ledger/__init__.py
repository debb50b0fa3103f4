"""The trail of exports and answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import ModelProblem
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
        try:
            from imu_imageprep.ledger.postgres import PostgresLedger  # noqa: PLC0415
        except ImportError as problem:
            raise ModelProblem(
                "A ledger on a server needs packages that are not installed.",
                "imageprep doctor says what to type to add them.",
            ) from problem
        return PostgresLedger(str(place), clock)
    from imu_imageprep.ledger.sqlite import SqliteLedger  # noqa: PLC0415

    return SqliteLedger(Path(place), clock)
