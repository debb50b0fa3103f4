"""Read one input whole."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import files, storage
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Source
from imu_imageprep.stages.read.sniffing import looks_like_photo, sniff
from imu_imageprep.windows import in_use, reachable

if TYPE_CHECKING:
    from imu_imageprep.domain.policy import Limits
    from imu_imageprep.storage import Place

__all__ = ["from_bytes", "looks_like_photo", "read", "sniff"]

# O_NONBLOCK: opening a pipe without a writer must answer, not wait. Windows lacks both flags that
# POSIX knows and needs O_BINARY, which POSIX lacks.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

_FOLDER = ("This is a folder, not a file.", "Name the photos inside it.")


def read(path: Place, limits: Limits) -> Source:
    """Read a file whole.

    Args:
        path: a regular file; a link to one is followed. Or what a store has.
        limits: the largest file that is read, in bytes.

    Returns:
        The bytes with their sha256 and real format.

    Raises:
        InputProblem: it is missing, unreadable, no regular file, too large, or not a picture that
            can be decoded.
    """
    if not isinstance(path, Path):
        try:
            data = storage.store_of(path).read(path, lambda size: _check_bytes(size, limits))
        except OSError as problem:
            raise InputProblem(*_unreadable(problem)) from None
        return _source(path, data)
    try:
        descriptor = os.open(reachable(path), _OPEN_FLAGS)
        try:
            # What was opened is checked, not the name: that could change in between.
            before = os.fstat(descriptor)
            size = _size(before, limits)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(size + 1)
            changed = os.fstat(descriptor).st_mtime_ns != before.st_mtime_ns
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise InputProblem(*_unreadable(files.plainly(problem))) from None
    except ValueError:  # a NUL in the name
        raise InputProblem("No file can have this name.", "Check the spelling.") from None
    if changed or len(data) != size:
        raise InputProblem(
            "The file changed while it was being read.", "Wait until it is complete and try again."
        )
    return _source(path, data)


def from_bytes(data: bytes, limits: Limits) -> Source:
    """Take bytes that a script already holds as an input without a path.

    Raises:
        InputProblem: too large, or not a picture that can be decoded.
    """
    _check_bytes(len(data), limits)
    return _source(None, bytes(data))


def _source(path: Place | None, data: bytes) -> Source:
    return Source(path, data, hashlib.sha256(data).hexdigest(), sniff(data))


def _size(status: os.stat_result, limits: Limits) -> int:
    if stat.S_ISDIR(status.st_mode):
        raise InputProblem(*_FOLDER)
    if not stat.S_ISREG(status.st_mode):
        raise InputProblem(
            "This is a device or a pipe, not a file.", "Save the photo to a file first."
        )
    _check_bytes(status.st_size, limits)
    return status.st_size


def _check_bytes(size: int, limits: Limits) -> None:
    if size > limits.bytes:
        raise InputProblem(
            f"The file has {size / 1e6:.0f} MB, more than the limit of {limits.bytes / 1e6:g} MB.",
            "Export it smaller, or raise limits.bytes in the configuration.",
        )


def _unreadable(problem: Exception) -> tuple[str, str]:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return "There is no such file.", files.advice(problem)
    if isinstance(problem, IsADirectoryError):
        return _FOLDER
    if isinstance(problem, OSError) and in_use(problem):
        return "Another program has this file open.", files.CLOSE
    if isinstance(problem, PermissionError):
        return "You are not allowed to read this file.", files.advice(problem)
    number = getattr(problem, "errno", None)
    reason = os.strerror(number) if number else type(problem).__name__
    return f"The file could not be read ({reason}).", files.advice(problem)
