"""``imageprep consent audit``, ``export`` and ``import``: the ledger as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imu_imageprep.domain.errors import ExitCode, InputProblem
from imu_imageprep.front.cli import options


def audit(
    expect: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head hash from a receipt.")
    ] = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Check the ledger: every event, and that nothing is missing up to a receipt's head hash."""
    from imu_imageprep import api  # noqa: PLC0415

    found = api.Desk.at(ledger).audit(expect)
    if found.damage is not None:
        where = f" (event {found.damage.event})" if found.damage.event is not None else ""
        what = found.damage.what.rstrip(".")
        print(f"Damaged: {what}{where}. {found.events} events before it are sound.")
        raise typer.Exit(ExitCode.VERIFY)
    print(f"Sound: {found.events} events, head {found.head or 'none'}.")


def export_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it holds the keys.")],
    ledger: options.LedgerFile = None,
) -> None:
    """Write the whole ledger as JSON lines; whoever has the file can read what it holds."""
    from imu_imageprep import api  # noqa: PLC0415

    count = api.Desk.at(ledger).export_to(file)
    print(f"{count} lines written to {file}. Keep it as safe as the ledger.")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What export wrote.")],
    ledger: options.LedgerFile = None,
) -> None:
    """Add another ledger's events; what was erased or withdrawn here stays so."""
    from imu_imageprep import api  # noqa: PLC0415

    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputProblem(f"The file {file} could not be read.") from None
    print(f"{api.Desk.at(ledger).import_lines(lines)} events added.")
