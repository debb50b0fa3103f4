"""``imageprep app``: the local page for folders and for answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import InputProblem, ModelProblem
from imu_imageprep.domain.place import here, place
from imu_imageprep.front.cli import options


def app(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Folders and photos to show on the page.",
            callback=options.typed,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, metavar="N", help="Port; a free one by default.")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the link instead of opening it.")
    ] = False,
    allow: Annotated[
        list[Path] | None,
        typer.Option(
            click_type=options.NAMED,
            metavar="DIR",
            help="Folder that the page may use; may be repeated. By default your home.",
        ),
    ] = None,
    jobs: options.Jobs = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    recognise: options.Recognise = False,
) -> None:
    """Open a page on this machine: drop photos, answer what was found, take the results.

    The link works once, for one browser. If the page is running already, this opens it.

    \b
    Examples:
      imageprep app
      imageprep app holiday/               shows the folder on the page
      imageprep app --no-browser           prints the link
    """
    options.set_up_logging(0)
    options.refuse_command_names(ctx, paths or [])
    policy = options.policy_from(config, profile=profile, channel=channel)
    if "-" in (paths or []):
        options.refuse_stream("What the page shows", "file or folder")
    named = [_there(path) for path in paths or []]
    roots = tuple(_there(str(path)) for path in allow or [Path.home()])
    try:
        from imu_imageprep.front.web import instance, runs  # noqa: PLC0415  (not for --help)
        from imu_imageprep.front.web.serving import serve  # noqa: PLC0415
        from imu_imageprep.front.web.settings import Settings  # noqa: PLC0415
    except ImportError as problem:
        raise ModelProblem(
            "The page needs packages that are not installed.",
            "imageprep doctor says what to type to add them.",
        ) from problem
    import webbrowser  # noqa: PLC0415

    from imu_imageprep.clock import processors  # noqa: PLC0415

    def tell(link: str) -> None:
        if no_browser or not webbrowser.open(link):
            print(link, flush=True)
        else:
            print("imageprep: the page is open in your browser.", file=sys.stderr)
        print("  Stop with Ctrl-C, or at the page.", file=sys.stderr, flush=True)

    session = options.session(policy, config, ledger, recognise=recognise)
    file = instance.file_of(session.ledger.beside, config)
    if (link := instance.running(file, named)) is not None:
        tell(link)
        return
    for path in named:
        roots = runs.with_named(roots, path)
    settings = Settings(
        session=session,
        roots=roots,
        ready=tuple(named),
        jobs=jobs or processors(),
        port=port,
    )
    serve(settings, tell)


def _there(path: str) -> Path:
    """The real place of a path.

    Raises:
        InputProblem: there is nothing.
    """
    try:
        return here(place(path), "The page").resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise InputProblem(
            f"There is no file or folder named {words.printable(path)}.", "Check the spelling."
        ) from None
