"""``imageprep report``: what the last run did, as a page, a table and JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from imu_imageprep.front.cli import options


def report(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the report.")
    ] = Path("imageprep-report"),
    ledger: options.LedgerFile = None,
    full_paths: Annotated[
        bool, typer.Option("--full-paths", help="Name files by where they lie on this computer.")
    ] = False,
) -> None:
    """Write a report of the last run: report.html, report.csv and report.json.

    It holds no hidden data of a photo, and a photo that waits is shown as a blank outline, so that
    it can be passed on. It must not lie in a folder of exports.

    \b
    Examples:
      imageprep report
      imageprep report --out ~/Desktop/report
    """
    from imu_imageprep.report import folder  # noqa: PLC0415

    page = folder.report(out, ledger=ledger, full_paths=full_paths)
    sys.stdout.buffer.write(os.fsencode(page) + b"\n")
