"""The report for a spreadsheet and for a program."""

from __future__ import annotations

import csv
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.words import printable
from imu_imageprep.shell import typed as as_typed

if TYPE_CHECKING:
    from typing import TextIO

    from imu_imageprep.report.record import Entry, LastRun

COLUMNS = (
    "photo",
    "outcome",
    "why",
    "needs",
    "commands",
    "found",
    "removed",
    "covered",
    "export",
    "width",
    "height",
    "bytes",
    "sha256",
    "problem",
    "advice",
    "notes",
    "not_checked",
)

# What spreadsheets take for a formula when a cell begins with it (OWASP, CSV Injection), with the
# full-width forms that some turn into plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(run: LastRun, file: TextIO, *, full_paths: bool) -> None:
    """Write one row for each photo; no cell can be taken for a formula."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for entry in run.entries():
        table.writerow([safe(value) for value in _row(entry, full_paths=full_paths)])


def write_json(run: LastRun, file: TextIO, *, full_paths: bool) -> None:
    """Write the run and its photos as JSON, a line for each photo."""
    about = {
        key: value
        for key, value in {**dataclasses.asdict(run.begun), **dataclasses.asdict(run.ended)}.items()
        if key not in ("schema", "exports")
    }
    start = {"report": "imageprep", "schema": run.begun.schema, "run": about}
    file.write(f'{json.dumps(start)[:-1]},\n"photos": [')
    comma = ""
    for entry in run.entries():
        file.write(f"{comma}\n{json.dumps(_photo(entry, full_paths=full_paths))}")
        comma = ","
    file.write("\n]}\n")


def safe(value: object) -> str:
    """A cell's text: a leading apostrophe keeps a spreadsheet from reading a formula."""
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def named(entry: Entry, *, full_paths: bool) -> tuple[str, str | None, list[str]]:
    """What a report calls a photo and its export, and the commands that would answer it."""
    photo = entry.path if full_paths and entry.path else entry.name
    export = entry.export_path if full_paths else entry.export_name
    typed = entry.path if full_paths else entry.typed
    return photo, export, [filled(command, typed) for command in entry.commands]


def filled(command: str, typed: str | None) -> str:
    """A command with the photo's name for PHOTO, where there is one to type.

    Args:
        command: ready for a shell, but for the name.
        typed: the name, relative to where the command is typed, or absolute.
    """
    return command if typed is None else command.replace("PHOTO", as_typed(typed), 1)


def _row(entry: Entry, *, full_paths: bool) -> list[object]:
    receipt = entry.receipt
    photo, export_name, commands = named(entry, full_paths=full_paths)
    export = receipt["export"] or {}
    error = receipt["error"] or {}
    return [
        photo,
        entry.outcome,
        "; ".join(entry.why),
        "; ".join(entry.needs),
        "; ".join(commands),
        entry.found,
        entry.removed,
        len(receipt["covered"]),
        export_name,
        *(export.get(key) for key in ("width", "height", "bytes", "sha256")),
        error.get("message"),
        error.get("advice"),
        "; ".join(receipt["notes"]),
        ", ".join(receipt["not_checked"]),
    ]


def _photo(entry: Entry, *, full_paths: bool) -> dict[str, Any]:
    photo, export, commands = named(entry, full_paths=full_paths)
    answer = {**entry.receipt, "path": photo}
    if answer["export"]:
        answer["export"] = {**answer["export"], "path": export}
    return {**answer, "why": entry.why, "needs": entry.needs, "commands": commands}
