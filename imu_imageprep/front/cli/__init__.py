"""The command line: ``imageprep PATH...`` and its commands."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

from imu_imageprep.domain.errors import ExitCode, ImageprepError


def main() -> NoReturn:
    """Run the command line on ``sys.argv`` and exit with its code; never a traceback."""
    from imu_imageprep.front.cli.app import app  # noqa: PLC0415  (keeps the import of main cheap)

    try:
        app(prog_name="imageprep")
    except ImageprepError as problem:
        _say(problem.message, problem.advice)
        sys.exit(problem.code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as bug:  # noqa: BLE001  (the last door: a person never sees a traceback)
        logging.getLogger("imu_imageprep").debug("unexpected %s", type(bug).__name__)
        _say(
            f"imageprep itself failed ({type(bug).__name__}). Nothing more was written.",
            "Please report it with the command that you used.",
        )
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _say(message: str, advice: str) -> None:
    print(f"imageprep: {message}\n  {advice}", file=sys.stderr)
