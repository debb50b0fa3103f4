"""What a run leaves for people: how many photos it has, its record, its report."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.batch.report import folder as reports
from imu_imageprep.batch.report.record import LastRun
from imu_imageprep.clock import SystemClock

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from imu_imageprep.batch.report.record import Record
    from imu_imageprep.domain.policy import Policy

    AnyPath: TypeAlias = str | os.PathLike[str]


@contextlib.contextmanager
def recorded(
    paths: Sequence[AnyPath],
    *,
    policy: Policy,
    out: AnyPath | None = None,
    ledger: AnyPath | None = None,
    report: AnyPath | None = None,
) -> Iterator[Record]:
    """Remember the receipts that are added, for a report now or later.

    Args:
        paths: the files and folders of the run.
        policy: its rules.
        out: folder that collects its exports.
        ledger: file of the ledger; the record lies beside it.
        report: folder for a report when the run has ended.

    Raises:
        UsageProblem: the report would lie in a folder of exports; nothing was begun.
        OutputProblem: the report cannot be written.
    """
    with reports.recorded(
        [Path(path) for path in paths],
        policy,
        SystemClock(),
        out=None if out is None else Path(out),
        ledger=None if ledger is None else Path(ledger),
        report=None if report is None else Path(report),
    ) as record:
        yield record


def report(folder: AnyPath, *, ledger: AnyPath | None = None, full_paths: bool = False) -> Path:
    """Write the report of the last run.

    Args:
        folder: where to; never into a folder of that run's exports.
        ledger: file of the ledger that the run used; by default the user's own.
        full_paths: name files by where they lie instead of after the arguments.

    Returns:
        The path of ``report.html``.

    Raises:
        UsageProblem: there was no run yet, or the folder holds exports.
        InputProblem: the record of the run is damaged.
        OutputProblem: the report could not be written.
    """
    last = LastRun.read(reports.record_file(None if ledger is None else Path(ledger)))
    reports.claim(Path(folder), last.begun.exports)
    return reports.write(last, Path(folder), full_paths=full_paths)
