"""Writing a file whole or not at all, by one program at a time where it is asked for."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Files that a killed run may leave where the file system has no unnamed files.
PART_PREFIX, PART_SUFFIX = ".imageprep-", ".part"
_PART = re.compile(rf"{re.escape(PART_PREFIX)}[0-9a-f]{{12}}{re.escape(PART_SUFFIX)}")
# Writing one takes milliseconds. A run that was suspended meanwhile still holds its lock; where
# there are no locks (Windows, some network shares), only time tells.
_SURELY_BEGUN_SECONDS, SURELY_DEAD_SECONDS = 60, 86_400
_MODE = 0o644  # less the umask, as any program that writes a picture for others to read

# os.rename of Windows raises FileExistsError where that of POSIX would replace.
_RENAME_NEVER_REPLACES = os.name == "nt"
# Virus scanners of Windows open every new file, mostly for some tenths of a second; seconds between
# tries. No other system refuses a rename for that.
_SCANNED_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6) if os.name == "nt" else ()

# How long a program waits for another one, in seconds, and between looks.
PATIENCE, _PAUSE = 30.0, 0.05


def write(
    path: Path,
    data: bytes,
    *,
    replace: bool = False,
    mode: int = _MODE,
    still: Callable[[], bool] | None = None,
) -> None:
    """Write ``data`` to ``path`` so that a reader sees nothing or all of it.

    Args:
        path: the target; its folder must exist.
        data: the whole content.
        replace: whether an existing file may be replaced.
        mode: permissions, less the umask.
        still: as of :func:`writing`.

    Raises:
        FileExistsError: something is at ``path`` that may not be replaced.
        OSError: the file could not be written; nothing is left behind.
    """
    with writing(path, replace=replace, mode=mode, still=still) as file:
        file.write(data)


@contextlib.contextmanager
def writing(
    path: Path,
    *,
    replace: bool = False,
    mode: int = _MODE,
    still: Callable[[], bool] | None = None,
) -> Iterator[BinaryIO]:
    """A file to fill, which stands at ``path`` when the block ends without an exception.

    The bytes go to an unnamed file in the target folder (Linux: ``O_TMPFILE``) or to a hidden
    temporary one, are flushed to the disk, and get their name in one step.

    Args:
        path: the target; its folder must exist.
        replace: whether an existing file may be replaced.
        mode: permissions, less the umask.
        still: whether what is there may still be replaced; asked last of all, as another program
            may have put something else there while the bytes were written.

    Raises:
        FileExistsError: something is at ``path`` that may not be replaced.
        OSError: the file could not be written; nothing is left behind.
    """
    path = reachable(path)
    part = path.with_name(part_name())
    descriptor = _unnamed(path.parent, mode)
    named = descriptor is None
    if descriptor is None:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _lock(descriptor)
            yield file
            file.flush()
            os.fsync(descriptor)
            if not named and replace:
                _link_unnamed(descriptor, part)
                named = True
            elif not named:
                _link_unnamed(descriptor, path)
        if named and replace:
            _replace(part, path, still)
        elif named:
            _rename_new(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def part_name() -> str:
    """A name for what is written before it becomes the file."""
    return f"{PART_PREFIX}{secrets.token_hex(6)}{PART_SUFFIX}"


def is_part(name: str) -> bool:
    """Whether a name is one of :func:`part_name`."""
    return _PART.fullmatch(name) is not None


def reason(problem: Exception, otherwise: str = "it could not be written") -> str:
    """Why the system refused, to stand in brackets inside a sentence.

    Args:
        problem: what was raised.
        otherwise: what is said where the system gives no reason.
    """
    return (getattr(problem, "strerror", None) or otherwise).lower()


def refused(problem: OSError) -> OutputProblem:
    """The problem of a place that the system does not let anybody use, wherever it showed."""
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return OutputProblem(
            "The folder that you work in is not there any more.",
            "Go to another folder (cd), and try again.",
        )
    return OutputProblem(
        f"A file or folder could not be used ({reason(problem)}).",
        "Check the names of files and folders in the command.",
    )


def sweep(folder: Path) -> int:
    """Remove what killed runs left in ``folder``: temporary files of :func:`writing`, nothing else.

    A file that another run is writing stays: it is younger than a minute, or locked.

    Returns:
        How many were removed; what cannot be looked at or removed is left alone.
    """
    removed = 0
    try:
        parts = [entry for entry in os.scandir(reachable(folder)) if is_part(entry.name)]
    except OSError:
        return 0
    for part in parts:
        with contextlib.suppress(OSError):
            if _abandoned(part):
                os.unlink(part.path)  # noqa: PTH108  (a DirEntry)
                removed += 1
    return removed


def _abandoned(part: os.DirEntry[str]) -> bool:
    status = part.stat(follow_symlinks=False)
    age = time.time() - status.st_mtime
    if not stat.S_ISREG(status.st_mode) or age < _SURELY_BEGUN_SECONDS:
        return False
    descriptor = os.open(part.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        locked = _lock(descriptor)
    finally:
        os.close(descriptor)
    return age > SURELY_DEAD_SECONDS if locked is None else locked


def _lock(descriptor: int) -> bool | None:
    """Lock a file until it is closed; False where another has it, None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415  (Windows has none)

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _unnamed(folder: Path, mode: int) -> int | None:
    """A file without a name in ``folder``, or None where the system cannot give one a name."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        return None
    try:
        return os.open(folder, os.O_WRONLY | flag, mode)
    except OSError as problem:
        if problem.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            return None
        raise


def _link_unnamed(descriptor: int, path: Path) -> None:
    # linkat with AT_SYMLINK_FOLLOW gives the unnamed file its name; it never replaces (open(2)).
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _replace(part: Path, path: Path, still: Callable[[], bool] | None) -> None:
    """Give ``part`` the name of what is there, unless that may not be replaced any more."""

    def replace() -> None:
        if still is not None and not still():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        part.replace(path)

    _patiently(replace)


def _patiently(rename: Callable[[], object]) -> None:
    """Rename a file that was just written; a virus scanner may have it open for a moment."""
    for pause in _SCANNED_PAUSES:
        try:
            rename()
        except PermissionError:
            time.sleep(pause)
        else:
            return
    rename()


def _rename_new(part: Path, path: Path) -> None:
    """Give ``part`` its name unless something has it already."""
    if _RENAME_NEVER_REPLACES:
        _patiently(lambda: os.rename(part, path))  # noqa: PTH104  (as the flag says)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (FAT, some network shares): reserve the name, then replace it.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE))
        part.replace(path)
    else:
        part.unlink()


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # Windows cannot open a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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
        while not _locks(descriptor):
            if time.monotonic() > end:
                raise OutputProblem(
                    f"{path.name} is in use by another program.", "Wait, then try again."
                )
            time.sleep(_PAUSE)
        part_of(path).unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, data: bytes) -> None:
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
    _sync_folder(path.parent)


def unwritable(path: Path, problem: OSError) -> OutputProblem:
    """The problem of a file that cannot be written."""
    why = reason(problem)
    return OutputProblem(f"{path.name} could not be written ({why}).", f"Check {path.parent}.")


def _locks(descriptor: int) -> bool:
    """Lock a file until it is closed, by any means there are; False where another program has it.

    Raises:
        OSError: there are no locks here, so nothing would keep another program away.
    """
    locked = _lock(descriptor)
    if locked is not None:
        return locked
    if sys.platform != "win32":
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    import msvcrt  # noqa: PLC0415  (Windows)

    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
