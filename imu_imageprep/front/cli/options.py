"""Arguments that commands share, and how their texts are read."""

from __future__ import annotations

import dataclasses
import logging
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.models import TyperPath

from imu_imageprep import shell
from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import Names, Policy, Profile
from imu_imageprep.domain.rules import LARGEST_SIDE
from imu_imageprep.domain.server import on_server
from imu_imageprep.domain.words import meant, printable
from imu_imageprep.front.cli import interrupt, offered
from imu_imageprep.windows import makeable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imu_imageprep.batch.choice import LeftOut
    from imu_imageprep.batch.plan import Plan
    from imu_imageprep.desk import Desk
    from imu_imageprep.domain.place import Place as AnyPlace
    from imu_imageprep.session import Session


class NamedPath(TyperPath):
    """A file or a folder as it was typed, and never an empty text.

    A shell variable without a value leaves one, and a path would take it for the current folder.

    Args:
        stream: whether ``-`` may stand for standard input or output.
        store: whether an address of a store will do.
    """

    def __init__(self, *, stream: bool = True, store: bool = False) -> None:
        super().__init__(readable=False)  # whoever opens it says what is wrong, and ends as it must
        self._stream = stream
        self._store = store

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """As for any path."""
        if value == "":
            raise _nameless()
        if str(value) == "-" and not self._stream:
            refuse_stream(param.opts[0], "folder" if param.metavar == "DIR" else "file")
        address = None
        if "://" in str(value):
            from imu_imageprep.domain.place import here, is_url, place  # noqa: PLC0415  (seldom)

            where = place(str(value))
            if self._store and is_url(str(where)):
                return value
            address, option = value, param.opts[0]
            value = str(here(where, option if option.startswith("-") else "This"))
        path = shell.at_home(str(value))
        if len(Path(path).parts) > _DEEPEST:
            raise OutputProblem("This folder lies too deep to be used.", "Name another one.")
        if not makeable(Path(path)):
            raise UsageProblem(f"No file or folder can be called {path}.", "Use another name.")
        found = super().convert(path, param, ctx)
        # As it was typed: an address says of a folder that every machine has it (--scheduler).
        return address if self._store and address is not None else found


class LedgerPlace(NamedPath):
    """A ledger's file, or the address of its server, which is no path."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """An address as it was typed; the rest as for any path."""
        return value if on_server(value) else super().convert(value, param, ctx)


NAMED = NamedPath()
# For what is read more than once, or written.
NO_STREAM = NamedPath(stream=False)
# For photos, and for where exports go.
OR_STORE = NamedPath(store=True)

# A number of pixels as people type it; int() would take "8_0" and digits of other scripts too.
_PIXELS = re.compile(r"[0-9]{1,7}")

# Python makes folders by calls inside each other, a thousand at most. Linux refuses such a path as
# too long; Windows takes 32,767 characters.
_DEEPEST = 400

# How many arguments stood after "--": those are paths whatever they are called.
AFTER_DASHES = "imu_imageprep.after_dashes"

# Each is a process of its own; more of them than processors only wait.
MOST_JOBS = 512


def typed(paths: list[str] | None) -> list[str]:
    """What the paths that were typed stand for, where the shell left that to the program."""
    return shell.paths(paths or ())


# Texts, because a path forgets that it was written "./check".
Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Photos, and folders of photos.", callback=typed),
]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON object per photo on stdout, as it finishes.")
]


def refuse_stream(what: str, wanted: str) -> NoReturn:
    """Say that something cannot come from standard input.

    Raises:
        UsageProblem: always.
    """
    raise UsageProblem(
        f"{what} cannot come from standard input, which - stands for.",
        f"Name a {wanted}. One that is really called - is written ./-",
    )


def finite(value: float | None) -> float | None:
    """Refuse what is no number: nan lies within every range, as nothing is larger or smaller.

    Raises:
        typer.BadParameter: it is not a number, or has no end.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number that can be used here.")
    return value


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        click_type=NO_STREAM,
        metavar="FILE",
        help="The configuration file to use.",
    ),
]
LedgerFile = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        click_type=LedgerPlace(stream=False),
        metavar="FILE",
        help="The ledger of exports and answers: a file, or postgresql://HOST/DATABASE.",
    ),
]
ProfileName = Annotated[
    Profile | None, typer.Option("--profile", help="Whose page the pictures are for.")
]
Channel = Annotated[
    str | None, typer.Option("--channel", metavar="NAME", help="Where they will be posted.")
]
Place = Annotated[
    str | None,
    typer.Option(
        "--place",
        metavar="REF",
        help="Place permission for clinical scenes and places.",
        autocompletion=offered.references("P"),
    ),
]
Recognise = Annotated[
    bool,
    typer.Option("--recognise", help="Suggest who a face may be, among people who agreed to that."),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        max=MOST_JOBS,
        metavar="N",
        help="Photos at a time; by default one for each processor.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Let the workers of a Dask cluster do it: tcp://HOST:8786, tls://HOST:8786 or local.",
    ),
]
Ext = Annotated[
    list[str] | None,
    typer.Option(
        metavar="EXT[,EXT...]", help="From folders, take only files with this ending (jpg)."
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB", help='From folders, leave out names like this ("draft*"); may be repeated.'
    ),
]
ShowMetadata = Annotated[
    bool, typer.Option("--show-metadata", help="Show the hidden data itself, not only its kinds.")
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, help="Say more; -vv for details.", show_default=False
    ),
]


def refuse_command_names(ctx: typer.Context, paths: Sequence[str]) -> None:
    """A path that is called like a command, and is not the first word, is a mistake.

    Raises:
        UsageProblem: with the hint how to name the file; or a path is empty.
    """
    if "" in paths:
        raise _nameless()
    after = ctx.meta.get(AFTER_DASHES, 0)
    for path in paths[: len(paths) - after]:
        if path in offered.COMMANDS:
            raise UsageProblem(
                f"{path} is a command, and a command is the first word.",
                f"If you mean a file or folder of that name, write ./{path}",
            )


def refuse_mistyped_command(ctx: typer.Context, paths: Sequence[str]) -> None:
    """A first word that is no file, and nearly a command, is a mistake: "chek photo.jpg".

    Raises:
        UsageProblem: with the command that was meant.
    """
    first = paths[0]
    if len(paths) == ctx.meta.get(AFTER_DASHES, 0) or os.path.lexists(first):
        return
    if not first.replace("-", "").isalpha():  # a command has neither a suffix nor a folder
        return
    known = {"help": "imageprep --help", "version": "imageprep --version"}
    known |= {name: f"imageprep {name}" for name in offered.COMMANDS}
    if close := meant(first.lower(), known):
        raise UsageProblem(
            f"There is no command, file or folder named {printable(first)}.",
            f"Did you mean: {known[close]}",
        )


def _nameless() -> UsageProblem:
    return UsageProblem(
        "The name of a file or folder is empty.",
        "Name it, or leave the option out. The current folder is called .",
    )


def policy_from(
    config_file: Path | None,
    *,
    profile: Profile | None = None,
    channel: str | None = None,
    watermark: str | None = None,
    size: str | None = None,
    names: Names | None = None,
) -> Policy:
    """The policy in force: the configuration, with the flags over it.

    Raises:
        PolicyProblem: configuration or profile is wrong.
        UsageProblem: a flag's text cannot be read.
    """
    from imu_imageprep import config  # noqa: PLC0415  (reading a configuration, not for --help)

    policy = config.load(config_file)
    changes: dict[str, Any] = {}
    if profile is not None:
        changes["profile"] = profile
    if channel is not None:
        changes["channel"] = channel
    if watermark is not None:
        changes["watermark"] = dataclasses.replace(policy.watermark, text=watermark)
    export: dict[str, Any] = {}
    if size is not None:
        export["size"] = read_size(size)
    if names is not None:
        export["names"] = names
    if export:
        changes["export"] = dataclasses.replace(policy.export, **export)
    return policy.replace(**changes) if changes else policy


def session(
    policy: Policy, config_file: Path | None, ledger: str | None, *, recognise: bool = False
) -> Session:
    """The session of a command; what it needs is imported now, and not for ``--help``."""
    with interrupt.loading():
        from imu_imageprep.api import Session  # noqa: PLC0415

    return Session.open(policy, config_file=config_file, ledger=ledger, recognise=recognise)


def desk(ledger: str | None) -> Desk:
    """Where the ledger is worked with; what that needs is imported now, and not for ``--help``."""
    from imu_imageprep import api  # noqa: PLC0415

    return api.Desk.at(ledger)


def plan(
    session: Session,
    paths: Sequence[str],
    out: AnyPlace | None = None,
    ext: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    *,
    replace: bool = False,
    passed_over: Callable[[AnyPlace, LeftOut], None] | None = None,
) -> Plan:
    """The photos that a command names.

    Raises:
        UsageProblem: no picture has such a suffix.
    """
    from imu_imageprep.batch.choice import Choice  # noqa: PLC0415
    from imu_imageprep.batch.made import Made  # noqa: PLC0415
    from imu_imageprep.batch.plan import Plan  # noqa: PLC0415
    from imu_imageprep.domain.place import place  # noqa: PLC0415

    choice, made = Choice.of(listed(ext), exclude or []), Made(session.ledger)
    return Plan([place(path) for path in paths], out, replace, passed_over, choice, made)


def listed(texts: Sequence[str] | None) -> list[str]:
    """Read ``jpg,png``, given once or more often."""
    return [part.strip() for text in texts or [] for part in text.split(",") if part.strip()]


def read_size(text: str) -> Size:
    """Read ``800x600``.

    Raises:
        UsageProblem: it is something else.
    """
    width, _, height = text.lower().partition("x")
    if all(_PIXELS.fullmatch(side) for side in (width, height)):
        size = Size(int(width), int(height))
        if 1 <= min(size) <= max(size) <= LARGEST_SIDE:
            return size
    raise UsageProblem(
        f"--size is not WIDTHxHEIGHT, each from 1 to {LARGEST_SIDE}: {printable(text)}",
        "Write it like --size 800x600",
    )


def read_box(text: str) -> tuple[int, int, int, int]:
    """Read ``X,Y,W,H`` in pixels of the upright photo.

    Raises:
        UsageProblem: it is something else.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 4 and all(_PIXELS.fullmatch(part.removeprefix("-")) for part in parts):  # noqa: PLR2004
        x, y, w, h = map(int, parts)
        return x, y, w, h
    raise UsageProblem(
        f"--redact-box is not X,Y,W,H: {printable(text)}",
        "Write it in whole pixels, like --redact-box 40,60,120,120",
    )


def read_confirmation(text: str) -> tuple[str, str]:
    """Read ``face-1=C-4T7-K9Q-X7G``: a finding's id and a record's reference.

    Raises:
        UsageProblem: it is something else.
    """
    face, _, ref = text.partition("=")
    if not face or not ref:
        raise UsageProblem(
            f"--confirm is not ID=REF: {printable(text)}",
            "Write it like --confirm face-1=C-4T7-K9Q-X7G",
        )
    return face, ref


def set_up_logging(verbose: int) -> None:
    """Warnings by default, steps with -v, details with -vv; never anything from inside a photo."""
    level = {0: logging.ERROR, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logging.basicConfig(format="imageprep: %(message)s")
    logging.getLogger("imu_imageprep").setLevel(level)
