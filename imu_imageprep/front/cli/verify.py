"""``imageprep verify FILE...``: is anything hidden left in it?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ExitCode, ImageprepError, worst
from imu_imageprep.front.cli import options, pipe, summary


def verify(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Exported pictures.")],
) -> None:
    """Say whether JPEG, PNG and WebP files hold anything besides the picture.

    Exit code 0 only if every file is free of hidden data. That is not a permission to post: it
    says nothing about who or what is shown.

    \b
    Example:
      imageprep verify photo-web.jpg
    """
    options.refuse_command_names(ctx, files)
    from imu_imageprep import api  # noqa: PLC0415

    codes = []
    for file in files:
        name = "the picture" if file == pipe.STREAM else words.printable(file)
        try:
            leftovers = api.verify(_standard_input() if file == pipe.STREAM else file)
        except ImageprepError as problem:
            codes.append(problem.code)
            summary.shown(
                [f"  {_state('failed')}{name}", f"{' ' * 11}{problem.message}"], sys.stderr
            )
            continue
        codes.append(ExitCode.VERIFY if leftovers else ExitCode.OK)
        state = _state("hidden" if leftovers else "clean")
        summary.shown(
            [f"  {state}{name}", *(f"{' ' * 11}{what}" for what in leftovers)], sys.stdout
        )
    print(words.NOT_A_PERMISSION, file=sys.stderr)
    raise typer.Exit(worst(codes))


def _standard_input() -> bytes:
    pipe.refuse_terminal()
    return sys.stdin.buffer.read()


def _state(word: str) -> str:
    colour = typer.colors.GREEN if word == "clean" else typer.colors.RED
    return typer.style(f"{word:<9}", fg=colour, bold=True)
