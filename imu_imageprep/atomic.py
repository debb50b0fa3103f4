"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Files that a killed run may leave where the file system has no unnamed files.
PART_PREFIX, PART_SUFFIX = ".imageprep-", ".part"
_MODE = 0o644  # less the umask, as any program that writes a picture for others to read


def write(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write ``data`` to ``path`` so that a reader sees nothing or all of it.

    The bytes go to an unnamed file in the target folder (Linux: ``O_TMPFILE``) or to a hidden
    temporary one, are flushed to the disk, and get their name in one step.

    Args:
        path: the target; its folder must exist.
        data: the whole content.
        replace: whether an existing file may be replaced.

    Raises:
        FileExistsError: something is at ``path`` and ``replace`` is false.
        OSError: the file could not be written; nothing is left behind.
    """
    part = path.with_name(f"{PART_PREFIX}{secrets.token_hex(6)}{PART_SUFFIX}")
    descriptor = _unnamed(path.parent)
    named = descriptor is None
    if descriptor is None:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
            if not named and replace:
                _link_unnamed(descriptor, part)
                named = True
            elif not named:
                _link_unnamed(descriptor, path)
        finally:
            os.close(descriptor)
        if named and replace:
            part.replace(path)
        elif named:
            _rename_new(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def _unnamed(folder: Path) -> int | None:
    """A file without a name in ``folder``, or None where the system cannot give one a name."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):  # noqa: PTH112
        return None
    try:
        return os.open(folder, os.O_WRONLY | flag, _MODE)
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


def _rename_new(part: Path, path: Path) -> None:
    """Give ``part`` its name unless something has it already."""
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
