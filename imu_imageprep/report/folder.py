"""The report of a run: its record while it goes on, and the folder that is written from it."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic, config
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, UsageProblem
from imu_imageprep.report.record import FILE_NAME, MODE, Begun, LastRun, Names, Record
from imu_imageprep.shell import quoted
from imu_imageprep.windows import real

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Clock
    from imu_imageprep.storage import Place

PAGE = "report.html"

# What each file of a report holds near its beginning, by which an earlier one is known.
_MARKS = {
    PAGE: b'<meta name="generator" content="imageprep">',
    "report.csv": b"photo,outcome,why,needs,",
    "report.json": b'{"report": "imageprep"',
}
_BEGINNING = 1000  # bytes
# How what somebody takes for one file would end.
_FILES = frozenset({".html", ".htm", ".csv", ".json", ".pdf", ".txt"})


@contextlib.contextmanager
def recorded(
    paths: Sequence[Place],
    policy: Policy,
    clock: Clock | None = None,
    *,
    out: Place | None = None,
    ledger: Path | str | None = None,
    report: Path | None = None,
) -> Iterator[Record]:
    """Keep the record of a run beside the ledger, and write its report when the run has ended.

    Args:
        paths: the run's arguments.
        policy: its rules.
        clock: dates it; by default the system's.
        out: folder that collects its exports.
        ledger: the ledger, by its file or address; by default the user's own.
        report: folder of the report, if one is wanted.

    Raises:
        UsageProblem: the report would lie in a folder of exports; nothing was begun.
        OutputProblem: the folder of the report, or the record that it needs, cannot be written.
    """
    names = Names.of(paths, out)
    if report is not None:
        claim(report, names.exports)
    path = record_file(ledger)
    clock = clock or SystemClock()
    begun = Begun(clock.now().isoformat(timespec="seconds"), names.exports, policy.owner.contact)
    with contextlib.ExitStack() as open_files:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open_files.enter_context(atomic.writing(path, replace=True, mode=MODE))
        except OSError as problem:
            if report is not None:
                raise OutputProblem(f"The record {path} could not be written.") from problem
            # A run that cannot be remembered is still a run.
            file = open_files.enter_context(Path(os.devnull).open("wb"))
        record = Record(file, names, begun)
        yield record
        record.end(clock)
        try:
            open_files.close()
        except OSError as problem:
            raise OutputProblem(f"The record {path} could not be written.") from problem
    if report is not None:
        write(LastRun.read(path), report)


def report(folder: Path, *, ledger: Path | str | None = None, full_paths: bool = False) -> Path:
    """Write the report of the last run.

    Args:
        folder: where to; never into a folder of that run's exports.
        ledger: the ledger that the run used, by its file or address; by default the user's own.
        full_paths: name files by where they lie instead of after the arguments.

    Returns:
        The path of ``report.html``.

    Raises:
        UsageProblem: there was no run yet, or the folder holds exports.
        InputProblem: the record of the run is damaged.
        OutputProblem: the report could not be written.
    """
    last = LastRun.read(record_file(ledger))
    claim(folder, last.begun.exports)
    return write(last, folder, full_paths=full_paths)


def record_file(ledger: Path | str | None = None) -> Path:
    """Where the record of the last run lies: beside the ledger."""
    return config.beside_ledger(config.ledger_place(ledger)).with_name(FILE_NAME)


def claim(folder: Path, exports: Iterable[str]) -> None:
    """Make the folder of a report, unless a report must not lie there.

    Args:
        folder: of the report.
        exports: folders of exports, which people upload whole; a report names what waits.

    Raises:
        UsageProblem: it is a folder of exports, lies in one, or is called like a file.
        OutputProblem: it cannot be made, or holds files of the same names that are no reports.
    """
    whole = real(folder)
    for place in (whole, *whole.parents):
        if any(_same(place, Path(other)) for other in exports):
            raise UsageProblem(
                "A report must not lie in a folder of exports, which people upload whole.",
                "Choose a folder beside it with --report or --out.",
            )
    try:
        if folder.suffix.lower() in _FILES and not folder.is_dir():
            raise UsageProblem(
                f"A report is a folder of three files, and {folder.name} is called like a file.",
                f"Name a folder: --report or --out {quoted(str(folder.with_suffix('')))}",
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, mark in _MARKS.items():
            path = folder / name
            if path.exists() and mark not in _beginning(path):
                raise AlreadyThere(
                    f"A file named {name} is already there, and is not a report of imageprep.",
                    "Choose another folder for the report.",
                )
    except OSError as problem:
        raise OutputProblem(
            f"The folder of the report cannot be used ({atomic.reason(problem)}).",
            "Choose another folder for the report.",
        ) from problem


def write(run: LastRun, folder: Path, *, full_paths: bool = False) -> Path:
    """Write ``report.html``, ``report.csv`` and ``report.json``; an earlier report is replaced.

    Args:
        run: the run to report on.
        folder: where to, claimed before.
        full_paths: name files by where they lie instead of after the arguments.

    Returns:
        The path of the page.

    Raises:
        OutputProblem: a file could not be written.
    """
    # Every run leaves a record, and few a report: no run should wait for what only that needs.
    from imu_imageprep.report.page import write_html  # noqa: PLC0415
    from imu_imageprep.report.tables import write_csv, write_json  # noqa: PLC0415

    writers = zip(_MARKS, (write_html, write_csv, write_json), strict=True)
    try:
        for name, write_file in writers:
            with atomic.writing(folder / name, replace=True) as file:
                # A spreadsheet takes a table without the mark for the computer's old encoding.
                encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
                text = io.TextIOWrapper(file, encoding, newline="")
                write_file(run, text, full_paths=full_paths)
                text.detach()
    except OSError as problem:
        raise OutputProblem("The report could not be written.") from problem
    return folder / PAGE


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_BEGINNING)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder, also where letter case does not count."""
    try:
        return one == other or one.samefile(other)
    except OSError:
        return False
