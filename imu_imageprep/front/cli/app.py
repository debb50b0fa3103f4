"""The commands, and the rule that the first word may name one."""

from __future__ import annotations

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.front.cli import interrupt
from imu_imageprep.front.cli.offered import COMMANDS, DEFAULT, TYPED, Commands
from imu_imageprep.front.cli.options import AFTER_DASHES

_EXAMPLES = """
Examples:
  imageprep photo.jpg                    writes photo-web.jpg beside it
  imageprep holiday/                     writes the folder holiday-web/
  imageprep group.jpg --redact faces     covers every face; this cannot be undone
  imageprep check photos/                checks and reports; writes nothing
  imageprep verify photo-web.jpg         is anything hidden left in it?
  imageprep - -o - < in.jpg > out.jpg    from and to another program

The check can miss things. Look at every picture before you post it.
"""


class Front(TyperGroup):
    """A command is the first word; otherwise everything is prepare's."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = Commands()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``prepare`` in front of arguments that do not name a command."""
        ctx.meta[TYPED] = args
        own = {name for param in self.get_params(ctx) for name in (*param.opts, "-h")}
        if not args:
            args = ["--help"]
        elif args[0] not in self.commands and args[0].split("=")[0] not in own:
            args = [DEFAULT, *args]
        ctx.meta[AFTER_DASHES] = len(args) - args.index("--") - 1 if "--" in args else 0
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command; what it begins from here on, Ctrl-C lets it end well."""
        command = super().resolve_command(ctx, args)
        interrupt.as_usual()
        return command

    def invoke(self, ctx: Any) -> Any:
        """Run the command; results that cannot be written are no bug, nor is nobody to ask.

        Raises:
            OutputProblem: whatever reads the results has gone, or their disk is full.
            UsageProblem: whoever was asked something has gone. Windows calls its empty file NUL a
                terminal, so that it seems that somebody is there.
        """
        try:
            return super().invoke(ctx)
        except EOFError:
            raise UsageProblem(
                "Nobody is there to answer, so nothing was done.",
                "Type it at a terminal, or give the answers as options: see --help.",
            ) from None
        except OSError as problem:
            if problem.errno == errno.EPIPE:
                raise OutputProblem(
                    "The program that reads the results has ended, so the run ended too.",
                    "Let it read to the end, or send the results to a file.",
                ) from None
            if problem.errno == errno.ENOSPC:
                raise OutputProblem(
                    "The results could not be written (the disk is full).",
                    "Make room, and run the same command again; what is exported is skipped.",
                ) from None
            raise

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show prepare's options first: they are what most people came for."""
        formatter.write_usage("imageprep", "[OPTIONS] PATH...")
        formatter.write_usage("imageprep", "COMMAND [ARGS]...", prefix="       ")
        command = self.commands[DEFAULT]
        inner = command.context_class(command, info_name="imageprep", parent=ctx)
        command.format_help_text(inner, formatter)
        options = [
            param for param in command.get_params(inner) if param.param_type_name == "option"
        ]
        with formatter.section("Options"):
            formatter.write_dl([row for param in options if (row := param.get_help_record(inner))])
        self.format_commands(ctx, formatter)
        formatter.write(_EXAMPLES)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete commands, and prepare's options where no command was named."""
        command = self.commands[DEFAULT]
        inner = command.context_class(command, info_name=DEFAULT, parent=ctx)
        commands = super().shell_complete(ctx, incomplete)
        return [*commands, *command.shell_complete(inner, incomplete)]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].about) for name in self.list_commands(ctx)])

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (its shape)
        """The commands that have a name of their own, in the order a person meets them."""
        return [name for name in COMMANDS if name != DEFAULT]


app = typer.Typer(
    cls=Front,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def front() -> None:
    """Prepare photos for the web."""
