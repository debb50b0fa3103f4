"""Files that only their owner reads, that one program at a time changes, and that are whole."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.domain.errors import OutputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long a program waits for another one, in seconds, and between looks.
PATIENCE, _PAUSE = 30.0, 0.05


def part_of(path: Path) -> Path:
    """What is written before it becomes the file; a killed program may leave it."""
    return Path(f"{path}.part")


@contextlib.contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep other programs away from a file, and remove what a killed one left of it.

    Args:
        path: the file; a second one beside it, which stays and is empty, holds the lock.
        patience: how long to wait for another program, in seconds.

    Raises:
        OutputProblem: another program has it, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise unwritable(path, problem) from problem
    try:
        end = time.monotonic() + patience
        while not _lock(descriptor):
            if time.monotonic() > end:
                raise OutputProblem(
                    f"{path.name} is in use by another program.", "Wait, then try again."
                )
            time.sleep(_PAUSE)
        part_of(path).unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, with mode 0600 from its first byte on; to be locked.

    Not as exports are written: what a killed program leaves has one name, and goes with the next
    lock, however young it is.

    Raises:
        OutputProblem: it could not be written; the file is as it was.
    """
    part = part_of(path)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink()
        raise unwritable(path, problem) from problem
    atomic.sync_folder(path.parent)


def unwritable(path: Path, problem: OSError) -> OutputProblem:
    """The problem of a file that cannot be written."""
    why = atomic.reason(problem)
    return OutputProblem(f"{path.name} could not be written ({why}).", f"Check {path.parent}.")


def _lock(descriptor: int) -> bool:
    """Lock a file until it is closed; False where another program has it."""
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:  # Windows
        import msvcrt  # noqa: PLC0415

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
