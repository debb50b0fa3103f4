"""``imageprep install-droplet``: an icon that photos are dropped on."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable


class Platform(StrEnum):
    """Systems that there are launchers for."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"


def install_droplet(
    platform: Annotated[
        Platform | None, typer.Option(help="The system it is for; this one by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            click_type=options.NAMED,
            metavar="DIR",
            help="Where the Windows or macOS script goes.",
        ),
    ] = None,
    desktop: Annotated[
        bool, typer.Option("--desktop", help="Put an icon on the desktop too.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Open the page with what was dropped, not a terminal.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what was installed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="List the files, write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that imageprep did not write.")
    ] = False,
) -> None:
    """Install an icon and file manager entries that photos and folders can be dropped on.

    Each opens a terminal, prepares what was dropped, and stays open so that you can read what
    waits for you; or, with --page, opens the page with it. The files that are written are listed.

    \b
    Examples:
      imageprep install-droplet --desktop
      imageprep install-droplet --page         drops open the page
      imageprep install-droplet --remove
      imageprep install-droplet --platform windows --out .
    """
    system = platform or _this_system()
    if system is not Platform.LINUX:
        if out is None or remove or desktop:
            raise UsageProblem(
                f"For {system.value} a script is written to a folder, and nothing is installed.",
                "Name the folder with --out; docs/droplet.md says where the script goes.",
            )
    elif out is not None:
        raise UsageProblem(
            "On Linux --out has no use: the launcher goes where your desktop looks for it."
        )
    import platformdirs  # noqa: PLC0415  (not needed for --help)

    from imu_imageprep.front import droplet  # noqa: PLC0415

    home = droplet.Home(
        platformdirs.user_data_path(),
        platformdirs.user_config_path(),
        platformdirs.user_desktop_path() if desktop else None,
    )
    if remove:
        gone, kept = droplet.remove(home.record)
        _list(gone)
        for path in kept:
            print(f"kept, because it was changed: {words.printable(str(path))}", file=sys.stderr)
        print(f"{words.counted(len(gone), 'file')} removed.", file=sys.stderr)
        return
    if system is Platform.LINUX:
        files, record = (
            droplet.for_linux(home, droplet.found_file_managers(), page=page),
            home.record,
        )
    else:
        assert out is not None
        make = droplet.for_windows if system is Platform.WINDOWS else droplet.for_macos
        files, record = make(out, page=page), None
    if dry_run:
        print("These files would be written:", file=sys.stderr)
    else:
        droplet.install(files, record, replace=force)
        if system is not Platform.LINUX:
            print("This script was never tested; see docs/droplet.md.", file=sys.stderr)
    _list(file.path for file in files)


def _this_system() -> Platform:
    return {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}.get(sys.platform, Platform.LINUX)


def _list(paths: Iterable[Path]) -> None:
    for path in paths:
        print(words.printable(str(path)))
