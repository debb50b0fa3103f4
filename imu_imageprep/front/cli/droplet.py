"""``imageprep install-droplet``: an icon that photos are dropped on."""

from __future__ import annotations

import os
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

    from imu_imageprep.front.droplet import File, Home


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

    Linux: the applications menu and the file managers; Windows: the menu "Send to"; macOS: a Quick
    Action of the Finder. Each opens a terminal, prepares what was dropped, and stays open so that
    you can read what waits for you; or, with --page, opens the page with it. The files that are
    written are listed.

    \b
    Examples:
      imageprep install-droplet --desktop
      imageprep install-droplet --page         drops open the page
      imageprep install-droplet --remove
      imageprep install-droplet --platform windows --out .
    """
    system = platform or _this_system()
    _check(system, out, installing=remove or desktop)
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
    files = _files(system, home, out, page=page)
    if dry_run:
        print("These files would be written:", file=sys.stderr)
    else:
        droplet.install(files, home.record if out is None else None, replace=force)
        if system is not Platform.LINUX:
            print("This was never tried on a real desktop; see docs/droplet.md.", file=sys.stderr)
    _list(file.path for file in files)


def _check(system: Platform, out: Path | None, *, installing: bool) -> None:
    if system is not _this_system() and (out is None or installing):
        raise UsageProblem(
            f"A launcher for {system.value} cannot be installed on this computer.",
            "To have its script written to a folder, name one with --out.",
        )
    if out is not None and (installing or system is Platform.LINUX):
        raise UsageProblem(
            "With --out nothing is installed: a script is written for Windows or macOS.",
            "Leave out --out: the launcher goes where the desktop looks for it.",
        )


def _files(system: Platform, home: Home, out: Path | None, *, page: bool) -> list[File]:
    """What is written: where the system looks for it, or into a folder."""
    from imu_imageprep.front import droplet  # noqa: PLC0415  (not needed for --help)

    if system is Platform.LINUX:
        return droplet.for_linux(home, droplet.found_file_managers(), page=page)
    if system is Platform.MACOS:
        if out is not None:
            return droplet.for_macos(out, page=page)
        return droplet.quick_action(Path.home() / "Library" / "Services", page=page)
    # %APPDATA% is where Windows keeps the SendTo menu of a user.
    menu = Path(os.environ.get("APPDATA", "."), "Microsoft", "Windows", "SendTo")
    folders = [menu, *([home.desktop] if home.desktop else [])] if out is None else [out]
    return droplet.for_windows(folders, page=page)


def _this_system() -> Platform:
    return {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}.get(sys.platform, Platform.LINUX)


def _list(paths: Iterable[Path]) -> None:
    for path in paths:
        print(words.printable(str(path)))
