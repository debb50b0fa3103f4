"""``imageprep doctor``: what this installation can do, and what it lacks."""

from __future__ import annotations

import dataclasses
import json as json_text
import sys
from typing import Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import worst
from imu_imageprep.front.cli import options, summary


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object for each thing that was checked.")
    ] = False,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Check versions, models, formats, configuration and ledger, and say what is missing.

    Exit code 3 where a model, a package or a detector that is needed is missing or damaged; 5 or 6
    where the ledger cannot be used or is damaged; 7 where a configuration is wrong.

    \b
    Examples:
      imageprep doctor
      imageprep doctor --json
    """
    from imu_imageprep.doctor import diagnose  # noqa: PLC0415

    codes = []
    topic = ""
    for check in diagnose(config, ledger):
        codes.append(check.code)
        if json:
            print(json_text.dumps(dataclasses.asdict(check)))
            continue
        if check.topic != topic:
            topic = check.topic
            summary.shown([typer.style(topic.capitalize(), bold=True)], sys.stdout)
        word, colour = "fine ", typer.colors.GREEN
        if check.advice:
            word, colour = "note ", typer.colors.YELLOW
        if check.code:
            word, colour = "wrong", typer.colors.RED
        mark = typer.style(word, fg=colour)
        lines = [f"  {mark}  {words.printable(f'{check.name}: {check.state}')}"]
        if check.advice:
            lines.append(f"         {words.printable(check.advice)}")
        summary.shown(lines, sys.stdout)
    raise typer.Exit(worst(codes))
