"""Every example of the docs and the README does what it is there for."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from examples import NOT_RUN, PROSE, Example, Office, blocks
from typer.main import get_command

from imu_imageprep.front.cli.app import app
from imu_imageprep.front.cli.offered import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
ALL = {page.name: blocks(page) for page in PAGES}
SHELL = {name: [one for one in found if one.language == "sh"] for name, found in ALL.items()}
PYTHON = {name: [one for one in found if one.language == "python"] for name, found in ALL.items()}

# Commands inside a line of the README that a person has to run.
ASKS = ("imageprep watch incoming/", "imageprep consent add", "imageprep")

A_SHELL = pytest.mark.posix(reason="the examples are lines for a shell of POSIX")

HELD_OR_NOT = {0, 1}
# On these pages everything is answered before a photo is prepared.
NOTHING_HELD = {"permission.md"}


@A_SHELL
@pytest.mark.parametrize("page", [name for name, found in SHELL.items() if found])
def test_shell_examples_run(page: str, tmp_path: Path) -> None:
    office = Office(tmp_path)
    for example in SHELL[page]:
        done = office.run("bash", "-c", text=example.text)
        assert "Traceback" not in done.stderr, example.text
        assert done.returncode in HELD_OR_NOT, (example.text, done.stderr)
    fine = {0} if page in NOTHING_HELD else HELD_OR_NOT
    assert [end for end in office.ended() if end[0] not in fine] == []
    assert len(office.ended()) >= len(SHELL[page])


@pytest.mark.parametrize("page", [name for name, found in PYTHON.items() if found])
def test_python_examples_run(page: str, tmp_path: Path) -> None:
    office = Office(tmp_path)
    for example in PYTHON[page]:
        done = office.run(sys.executable, "-W", "error", "-c", text=example.text)
        assert done.returncode == 0, (example.text, done.stderr)


def inline() -> list[str]:
    text = re.sub(r"^```.*?^```", "", README.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [one for one in re.findall(r"`(imageprep[^`]*)`", text) if one not in ASKS]


@A_SHELL
def test_commands_in_the_readmes_lines_run(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for command in inline():
        done = office.run("bash", "-c", text=command)
        assert done.returncode in HELD_OR_NOT, (command, done.stderr)
    assert len(office.ended()) == len(inline()) > 5


def test_what_is_not_run_is_listed() -> None:
    """Each of these is tried by tests of its own, or by a person."""
    marked = {
        (one.page, one.text.split("\n")[0].split("  ")[0])
        for found in ALL.values()
        for one in found
        if one.language in NOT_RUN
    }
    assert marked >= {
        ("README.md", "pip install uv"),
        ("watch.md", "imageprep watch incoming/ --out ready/"),
        ("watch.md", "systemctl --user daemon-reload"),
        ("droplet.md", "imageprep install-droplet --platform macos --out ."),
    }
    for page, first in marked:
        assert re.match(
            r"imageprep (watch|app|people|consent (add|export)|install|ledger init|s3://)"
            r"|pip |uv |systemctl|dask |export DASK_|pg_dump ",
            first,
        ), page


@pytest.mark.parametrize("page", ALL)
def test_every_block_says_what_it_is(page: str) -> None:
    known = {"sh", "python", *NOT_RUN, *PROSE}
    assert {one.language for one in ALL[page]} <= known


def written() -> Iterator[tuple[str, str]]:
    """Every command of every page, in a block or a line."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for example in ALL[page.name]:
            if example.language.startswith("sh"):
                for line in example.text.replace("\\\n", " ").splitlines():
                    for part in re.findall(r"(?:^|[|;] )(imageprep [^|<>;#]*)", line.strip()):
                        yield page.name, part
        for part in re.findall(r"`(imageprep [^`|]*)`", text):
            yield page.name, part


def options_of(words: list[str]) -> tuple[set[str], list[str]]:
    """The options of the command that some words name, and the words after its name."""
    command: Any = get_command(app)
    root = command
    rest = words
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    params = command.params if command is not root else command.commands[DEFAULT].params
    found = {name for param in params for name in param.opts}
    extra = {name for param in root.params for name in param.opts} if command is root else set()
    return found | extra | {"-h", "--help"}, rest


@pytest.mark.parametrize(("page", "command"), sorted(set(written())))
def test_every_command_that_is_written_has_its_options(page: str, command: str) -> None:
    words = shlex.split(command.replace("...", "").replace("…", ""))[1:]
    known, rest = options_of(words)
    for word in rest:
        if word.startswith("--") and word != "--":
            assert word.split("=")[0] in known, page


@A_SHELL
def test_a_command_that_fails_is_noticed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    example = Example("x.md", "sh", "imageprep check none.jpg | cat")
    assert office.run("bash", "-c", text=example.text).returncode == 0
    assert office.ended() == [(4, "check none.jpg")]
