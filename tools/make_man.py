"""The manual page, made from the commands themselves.

uv run python tools/make_man.py > docs/imageprep.1
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from imu_imageprep.front.cli.app import app
from imu_imageprep.front.cli.offered import DEFAULT
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[1] / "docs"

NAME = "imageprep \\- prepare photos for the web: hidden data removed, people asked about"
FILES = (
    (
        "~/.config/imageprep/imageprep.toml",
        "The configuration (Linux). See imageprep policy, and imageprep policy init.",
    ),
    (
        "imageprep.toml",
        "In or above the photos' folder. It may only make the rules stricter.",
    ),
    (
        "~/.local/share/imageprep/ledger.db",
        "The ledger of exports and answers (Linux); the record of the last run lies beside it.",
    ),
)
ENVIRONMENT = (
    ("IMAGEPREP_LEDGER", "The ledger's file, where --ledger does not name one."),
    ("NO_COLOR", "Where it is set, nothing is coloured."),
)


def page() -> str:
    """The whole page."""
    front: Any = get_command(app)
    return "\n".join([*_lines(front)]) + "\n"


def _lines(front: Any) -> Iterator[str]:
    main = front.commands[DEFAULT]
    yield f'.TH IMAGEPREP 1 "" "imageprep {__version__}" "User commands"'
    yield from (".SH NAME", NAME)
    yield ".SH SYNOPSIS"
    yield ".B imageprep"
    yield "[\\fIOPTIONS\\fR] \\fIPATH\\fR..."
    yield ".br"
    yield ".B imageprep"
    yield "\\fICOMMAND\\fR [\\fIARGS\\fR]..."
    yield ".SH DESCRIPTION"
    yield from _prose(main.help)
    yield from _prose("The check can miss things. Look at every picture before you post it.")
    yield ".SH OPTIONS"
    yield from _options(main)
    yield ".SH COMMANDS"
    yield from _prose(
        "A command is the first word. A file that is called like one is written ./check."
    )
    for name, command in front.commands.items():
        if name != DEFAULT and not command.hidden:
            yield from _command(name, command)
    yield ".SH EXIT STATUS"
    for code, means in _exit_codes():
        yield from _entry(code, means)
    yield from _prose("A run over many photos ends with the worst code of them all.")
    for title, entries in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        yield f".SH {title}"
        for term, text in entries:
            yield from _entry(term, text)


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    usage = " ".join(f"\\fI{_roff(_argument(param))}\\fR" for param in arguments)
    inner = getattr(command, "commands", {})
    yield f'.SS "imageprep {_roff(name)}{" COMMAND" if inner and not command.params else ""}"'
    if usage:
        yield from (f".B imageprep {_roff(name)}", f"[\\fIOPTIONS\\fR] {usage}", ".PP")
    yield from _prose(command.help)
    yield from _options(command)
    for last, one in inner.items():
        yield from _command(f"{name} {last}", one)


def _argument(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _options(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.param_type_name == "option" and not getattr(param, "hidden", False):
            names = ", ".join(sorted(param.opts, key=len))
            value = "" if param.is_flag or param.count else f" {_value(param)}"
            yield from _entry(f"{names}{value}", param.help or "")


def _value(param: Any) -> str:
    choices = getattr(param.type, "choices", None)
    return str(param.metavar or ("|".join(map(str, choices)) if choices else "TEXT"))


def _entry(term: str, text: str) -> Iterator[str]:
    yield from (".TP", f".B {_roff(term)}", _roff(text) or "\\&")


def _prose(text: str) -> Iterator[str]:
    """Paragraphs; one that begins with \\b keeps its lines, as in the help."""
    for paragraph in re.split(r"\n\s*\n", (text or "").strip()):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if lines and lines[0].strip() == "\b":
            yield from (".PP", ".nf", *(_roff(line) for line in lines[1:]), ".fi")
        else:
            yield from (".PP", *(_roff(line.strip()) for line in lines))


def _roff(text: str) -> str:
    """Text as roff: hyphens that can be copied, no line that reads as a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _exit_codes() -> list[tuple[str, str]]:
    table = (DOCS / "exit-codes.md").read_text("utf-8")
    return re.findall(r"^\| (\d+) \| ([^|]+?) \|", table, re.MULTILINE)


if __name__ == "__main__":
    print(page(), end="")
