"""``imageprep doctor``: what this installation can do, and what it lacks."""

from __future__ import annotations

import dataclasses
import json as json_text
import sys

import typer

from imu_imageprep.domain.errors import worst
from imu_imageprep.front.cli import options, summary


def doctor(
    json: options.Json = False,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Look at versions, models, formats, configuration and ledger, and say what is missing.

    Exit code 3 where a model or a package that is needed is missing or damaged; 7 where the
    configuration is wrong.

    \b
    Examples:
      imageprep doctor
      imageprep doctor --json
    """
    from imu_imageprep import api  # noqa: PLC0415

    codes = []
    topic = ""
    for check in api.diagnose(config_file=config, ledger=ledger):
        codes.append(check.code)
        if json:
            print(json_text.dumps(dataclasses.asdict(check)))
            continue
        if check.topic != topic:
            topic = check.topic
            summary.shown([typer.style(topic.capitalize(), bold=True)], sys.stdout)
        colour = typer.colors.RED if check.code else typer.colors.GREEN
        mark = typer.style("wrong" if check.code else "fine ", fg=colour)
        lines = [f"  {mark}  {check.name}: {check.state}"]
        if check.advice:
            lines.append(f"         {check.advice}")
        summary.shown(lines, sys.stdout)
    raise typer.Exit(worst(codes))
