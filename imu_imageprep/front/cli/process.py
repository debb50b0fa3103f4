"""The process of a command: its streams, its exit code, and its end."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from imu_imageprep import memory
from imu_imageprep.domain.errors import ExitCode, ImageprepError
from imu_imageprep.front.cli import interrupt

if TYPE_CHECKING:
    from collections.abc import Sequence


def command() -> NoReturn:
    """Run the command line in a process that is there for nothing else, and end it.

    It leaves without taking Python apart, which goes with the process: 10 CPU ms after a photo.
    """
    code: object = ExitCode.BUG

    def leave() -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # its reader has gone; it is closed
                stream.flush()
        os._exit(code if isinstance(code, int) else ExitCode.BUG)

    # Registered first, so called last: threads have ended by then, and all else that was registered
    # has been called.
    atexit.register(leave)
    try:
        main()
    except SystemExit as end:
        code = end.code
        raise
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        raise SystemExit(code) from None
    finally:
        interrupt.at_once()  # nothing is left to be ended well


def main() -> NoReturn:
    """Run the command line on ``sys.argv`` and exit with its code; never a traceback."""
    _open_streams()
    memory.ours_alone()
    code = _run()
    try:
        sys.stdout.flush()
    except OSError:  # its reader has gone, or its disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or ExitCode.OUTPUT
    # All of it goes with the process: to look through it for cycles first takes 30 CPU ms.
    gc.freeze()
    sys.exit(code)


def begin_decoding(paths: Sequence[str], jobs: int | None) -> None:
    """Begin what decodes, where this process will prepare the photos itself.

    Now, because this process is small still, and knows nothing that a decoder should not.

    Args:
        paths: what is to be prepared.
        jobs: how many photos at a time, where that was said.
    """
    if jobs == 1 or (len(paths) == 1 and not Path(paths[0]).is_dir()):
        with interrupt.loading():
            from imu_imageprep import sandbox  # noqa: PLC0415  (not for --help)

            sandbox.begin()


def _run() -> int:
    try:
        # Keeps the import of main cheap; Ctrl-C may come while it loads.
        from imu_imageprep.front.cli.app import app  # noqa: PLC0415

        if asked := os.environ.get("_IMAGEPREP_COMPLETE"):
            from imu_imageprep.front.cli import completing  # noqa: PLC0415  (asked for seldom)

            completing.understood(asked, os.environ)
        # Not every word is a path, as typer takes it on Windows: a pattern to leave out is none.
        app(prog_name="imageprep", windows_expand_args=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.OK
    except ImageprepError as problem:
        _say(problem.message, problem.advice)
        return problem.code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as problem:
        from imu_imageprep import atomic  # noqa: PLC0415  (seldom)

        refused = atomic.refused(problem)
        _say(refused.message, refused.advice)
        return refused.code
    except Exception as bug:  # noqa: BLE001  (the last door: a person never sees a traceback)
        logging.getLogger("imu_imageprep").debug("unexpected %s", type(bug).__name__)
        _say(
            f"imageprep itself failed ({type(bug).__name__}). Nothing more was written.",
            "Report it with the command that you used.",
        )
        return ExitCode.BUG
    return ExitCode.OK


def _open_streams() -> None:
    """Give a standard stream that was closed something to stand on.

    Otherwise the next file that is opened takes its number, and a message would land in it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123  (kept open)
            if opened.fileno() != number:
                os.dup2(opened.fileno(), number)
            setattr(sys, name, opened)
    # Windows writes to a pipe or a file in the encoding of old programs, which lacks most letters;
    # paths are written as UTF-8 already, and JSON is.
    for stream in (sys.stdout, sys.stderr):
        if sys.platform == "win32" and isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _say(message: str, advice: str) -> None:
    with contextlib.suppress(OSError):  # whoever read the messages has gone
        print(f"imageprep: {message}\n  {advice}", file=sys.stderr, flush=True)
