"""``imageprep-page``: the page from a menu or an icon, where there is no terminal to speak in.

The page itself says where it runs and how to stop it. What goes wrong before it is there, and the
link where no browser opens, are shown in a window of the system.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from imu_imageprep import windows
from imu_imageprep.front.cli import process

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALLED = 128  # an exit code above it tells of a signal: the person is logging off, say
_ALERT = ("on run said", "display alert (item 1 of said)", "end run")


def command() -> NoReturn:
    """Run ``imageprep app`` with the arguments that were given."""
    sys.argv[1:1] = ["app"]
    said = io.StringIO()
    sys.stdout, sys.stderr = _Shown(show), said
    try:
        process.command()
    except SystemExit as end:
        if end.code and not (isinstance(end.code, int) and end.code > _SIGNALLED):
            show(said.getvalue())
        raise


def show(text: str) -> None:
    """Show a text in a window of the system until it is closed; elsewhere, where messages go."""
    if sys.platform == "win32":
        windows.message(text)
    elif sys.platform == "darwin":
        lines = [part for line in _ALERT for part in ("-e", line)]
        subprocess.run(["/usr/bin/osascript", *lines, text], check=False)  # noqa: S603
    elif sys.__stderr__ is not None:
        sys.__stderr__.write(text.rstrip("\n") + "\n")
        sys.__stderr__.flush()  # a link is of use while the page runs, not at its end


class _Shown(io.TextIOBase):
    """Shows each result at once, beside whatever goes on; the process stays until it is closed."""

    def __init__(self, shown: Callable[[str], None]) -> None:
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        """Show a text, unless it is the end of a line."""
        if text.strip():
            threading.Thread(target=self._shown, args=(text,)).start()
        return len(text)
