"""Every command and option is in the docs."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import make_man
import pytest
from typer.main import get_command

import imu_imageprep
from imu_imageprep.domain.errors import ExitCode, ImageprepError
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.policy_file import keys, parse
from imu_imageprep.domain.toml_text import Statements
from imu_imageprep.front.cli.app import app
from imu_imageprep.front.cli.offered import COMMANDS as OFFERED

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = (DOCS / "commands.md").read_text("utf-8")


def options(command: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(command, option) of every command, each by its long name."""
    for param in command.params:
        if param.param_type_name == "option" and not getattr(param, "hidden", False):
            yield path or "imageprep", max(param.opts, key=len)
    for name, inner in getattr(command, "commands", {}).items():
        yield from options(inner, f"{path} {name}".strip())


@pytest.mark.parametrize(("command", "option"), sorted(set(options(get_command(app)))))
def test_every_option_is_in_the_docs(command: str, option: str) -> None:
    assert f"`{option}" in COMMANDS or f"{option} " in COMMANDS, command


@pytest.mark.parametrize("name", [name for name in sorted(OFFERED) if name != "prepare"])
def test_every_command_is_in_the_docs(name: str) -> None:
    assert f"imageprep {name}" in COMMANDS


def test_every_key_of_the_configuration_is_in_the_docs() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (DOCS / "config.md").read_text("utf-8"), re.DOTALL)
    written = {".".join(map(str, key)) for key in Statements.of(block).lines}
    assert set(keys(Policy())) - {"places"} <= written
    assert parse(block, Policy(), "docs").replace(places=()) == Policy()


def test_the_manual_page_is_current() -> None:
    written = (DOCS / "imageprep.1").read_text("utf-8")
    assert written == make_man.page(), "python tools/make_man.py > docs/imageprep.1"


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_is_sound() -> None:
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", DOCS / "imageprep.1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "imageprep consent withdraw [OPTIONS] REF" in re.sub(
        "\x1b\\[[0-9;]*m|.\x08", "", done.stdout
    )


def every_error() -> set[type[ImageprepError]]:
    """Every class of error in the product, wherever it is defined."""
    for module in pkgutil.walk_packages(imu_imageprep.__path__, "imu_imageprep."):
        if not module.name.endswith(("__main__", ".child")):
            importlib.import_module(module.name)

    def below(kind: type[ImageprepError]) -> set[type[ImageprepError]]:
        inner = kind.__subclasses__()
        return {*inner, *(one for other in inner for one in below(other))}

    return {kind for kind in below(ImageprepError) if kind.__module__.startswith("imu_imageprep")}


def test_every_error_has_its_place_in_the_docs() -> None:
    page = (DOCS / "exit-codes.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE))
    assert told == {kind.__name__: str(int(kind.code)) for kind in every_error()}


def test_every_exit_code_has_its_place_in_the_docs() -> None:
    page = (DOCS / "exit-codes.md").read_text("utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(ExitCode)


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index


def test_links_lead_somewhere() -> None:
    root = DOCS.parent
    for page in (*DOCS.glob("*.md"), root / "README.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
