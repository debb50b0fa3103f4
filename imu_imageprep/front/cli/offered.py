"""What there is to type: the commands, and what the shell offers while one is typed.

A command's module is loaded when the command is, so that none waits for the others.
"""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEFAULT = "prepare"
# The words of the command before the one that is completed: an option that still lacks its value
# keeps the parser from telling any.
TYPED = "imu_imageprep.typed"


class Offer(NamedTuple):
    """One command.

    Attributes:
        about: what it does, short enough for one line of the list.
        place: module of the command line, and what it is called there: a function, or the
            ``typer.Typer`` of a command that has commands of its own.
    """

    about: str
    place: str


# In the order in which a person meets them. A file that is called like one is written ./check.
COMMANDS = {
    DEFAULT: Offer("Prepare photos for the web.", "prepare:prepare"),
    "check": Offer("Check photos and report; write nothing.", "check:check"),
    "verify": Offer("Is anything hidden left in a file?", "check:verify"),
    "app": Offer("Do all of this on a page in your browser.", "page:app"),
    "report": Offer("Write a report of the last run.", "trail:report"),
    "consent": Offer("Record, show, withdraw and erase consent.", "consent:app"),
    "people": Offer("The register of those who may be recognised.", "people:app"),
    "dismiss": Offer("Mark a false alarm, with a reason.", "dismiss:dismiss"),
    "receipt": Offer("Show why a picture may be posted.", "trail:receipt"),
    "posted": Offer("Record where an export was posted.", "trail:posted"),
    "ledger": Offer("Set a shared ledger up on a server.", "ledger:app"),
    "policy": Offer("Show the rules in force; write a new file.", "policy:app"),
    "calibrate": Offer("Measure the clinical check on your photos.", "calibrate:calibrate"),
    "doctor": Offer("Check versions, models, formats, ledger.", "doctor:doctor"),
    "watch": Offer("Prepare photos as they arrive in a folder.", "watch:watch"),
    "install-droplet": Offer("Put an icon on the desktop.", "droplet:install_droplet"),
}


class Commands(Mapping[str, Any]):
    """The click command of each name, made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The command of that name; KeyError where there is none."""
        if name not in self._made:
            offer = COMMANDS[name]
            self._made[name] = _made(name, offer.place)
            self._made[name].short_help = offer.about
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is one of that name; makes none."""
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """How many there are."""
        return len(COMMANDS)


def _made(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(importlib.import_module(f"imu_imageprep.front.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        made = typer.main.get_group(found)
        made.name = name
        return made
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(found)
    return typer.main.get_command(alone)


def references(
    letters: str, *, gone: bool = False
) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    """Offers references from the ledger.

    Args:
        letters: what they may name, by the first letters of references.
        gone: also those that were withdrawn or erased.
    """

    def offer(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from imu_imageprep import api  # noqa: PLC0415  (named at every start, asked for seldom)

        return api.references(incomplete, letters, gone=gone, ledger=_ledger(ctx))

    return offer


def findings(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offers what the last run found in the photos that are typed already."""
    from imu_imageprep import api  # noqa: PLC0415  (named at every start, asked for seldom)
    from imu_imageprep.domain.place import is_url  # noqa: PLC0415

    photos = [word for word in _typed(ctx) if is_url(word) or Path(word).is_file()]
    return api.findings(incomplete, photos, ledger=_ledger(ctx))


def covering(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offers what can be covered: all of a kind, or findings, also after a comma."""
    before, comma, last = incomplete.rpartition(",")
    offers = [
        ("faces", "all of them"),
        ("codes", "all of them"),
        ("text", "all of it"),
        ("people", "all whose face is not found"),
        *findings(ctx, last),
    ]
    return [(f"{before}{comma}{name}", about) for name, about in offers]


def kinds(incomplete: str) -> list[str]:
    """Offers the kinds of records that have a form."""
    from imu_imageprep.domain import forms  # noqa: PLC0415

    return [kind for kind in forms.QUESTIONS if kind.startswith(incomplete)]


def _ledger(ctx: typer.Context) -> str | None:
    """The ledger that was named before."""
    pairs = itertools.pairwise(_typed(ctx))
    return next((after for word, after in pairs if word == "--ledger"), None)


def _typed(ctx: typer.Context) -> list[str]:
    """The words before; a shell has not put the home folder for a ``~`` yet."""
    return [os.path.expanduser(word) for word in ctx.meta.get(TYPED, ())]  # noqa: PTH111  (texts)
