"""The command line: ``imageprep PATH...`` and its commands.

Almost nothing is imported before ``command`` runs: Ctrl-C may come at any time.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes longer to load than all of this
if TYPE_CHECKING:
    from typing import NoReturn

_INTERRUPTED = 130  # domain.errors.ExitCode, which is not loaded yet


def command() -> NoReturn:
    """Run the command line in a process that is there for nothing else, and end it."""
    try:
        from imu_imageprep.front.cli import interrupt  # noqa: PLC0415

        interrupt.at_once()
        from imu_imageprep.front.cli import process  # noqa: PLC0415

        process.command()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)


def main() -> NoReturn:
    """Run the command line on ``sys.argv`` and exit with its code; never a traceback."""
    from imu_imageprep.front.cli import process  # noqa: PLC0415

    process.main()
