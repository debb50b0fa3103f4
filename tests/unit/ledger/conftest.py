"""The same ledger in a file and on a server: what holds for one has to hold for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import postgres
import pytest
from fakes import FixedClock

from imu_imageprep.ledger import opened
from imu_imageprep.ledger.book import Ledger

STORES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server, started once for all the tests of a process."""
    with postgres.serving() as running:
        yield running


@pytest.fixture(params=STORES)
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Makes ledgers that nobody wrote to, in either store."""
    made: list[str] = []
    running: postgres.Server | None = None
    if request.param == "postgres":
        running = request.getfixturevalue("server")

    def another() -> Ledger:
        if running is None:
            made.append("")
            return opened(tmp_path / "deep" / f"ledger-{len(made)}.db", FixedClock())
        made.append(running.database())
        return opened(running.url(made[-1]), FixedClock())

    yield another
    if running is not None:
        for database in made:
            running.drop(database)


@pytest.fixture
def ledger(new: Callable[[], Ledger]) -> Ledger:
    """A ledger that nobody wrote to."""
    return new()
