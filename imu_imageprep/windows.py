"""What only Windows has or does, asked of it directly; harmless answers everywhere else."""

from __future__ import annotations

import contextlib
import ntpath
import os
import re
import stat
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Windows tells a program of Ctrl-C only between two waits of its main thread, so none is longer
# than this (seconds). Elsewhere any time will do.
SLICE = 0.5 if sys.platform == "win32" else 3600.0
_REMOTE = 4  # DRIVE_REMOTE, what GetDriveTypeW says of a drive that is a network share
_SHARING_VIOLATION = 32  # ERROR_SHARING_VIOLATION: another program has the file open
_LOCK_VIOLATION = 33  # ERROR_LOCK_VIOLATION: another program locked a part of it
_GENERIC_READ, _SHARE_READ, _SHARE_DELETE, _OPEN_EXISTING = 0x80000000, 1, 4, 3
_WARNING, _IN_FRONT = 0x30, 0x10000  # MB_ICONWARNING, MB_SETFOREGROUND
# A file whose content lies elsewhere until it is opened: FILE_ATTRIBUTE_OFFLINE,
# RECALL_ON_OPEN and RECALL_ON_DATA_ACCESS (OneDrive, iCloud for Windows and others).
_ELSEWHERE = 0x1000 | 0x40000 | 0x400000
# SF_DATALESS of macOS (sys/stat.h): the same of iCloud Drive.
_DATALESS = 0x40000000
# No file can be called so, whatever its suffix ("Naming Files", learn.microsoft.com).
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"}
)
# IO_REPARSE_TAG_MOUNT_POINT: a folder that is another folder, of this or another drive.
_JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0xA0000003)
# What stands in front of a share or a drive's letter where a path is taken letter for letter, or
# names a device. Before anything else ("Volume{...}", "pipe") it is part of the name.
_VERBATIM = re.compile(r"\A\\\\[?.]\\(?:(UNC\\)|(?=[A-Z]:))", re.IGNORECASE)
# The longest name of a file or folder (NTFS, exFAT), in units of UTF-16.
_LONGEST_NAME = 255
# Paths end at 260 characters (MAX_PATH) where nobody raised that; the rest is for the names of
# what stands beside a file while it is written.
_LONG = 200


def is_device(name: str) -> bool:
    """Whether Windows takes a file's or folder's name for a device ("aux", "CON.jpg")."""
    return name.partition(".")[0].rstrip().upper() in _DEVICES


def is_exact(name: str) -> bool:
    """Whether Windows takes a name as it is: no device, no dots or spaces at its end."""
    return not is_device(name) and name == name.rstrip(". ")


def reachable(path: Path) -> Path:
    """A path as the system is asked for it, however long it is and whatever its names are.

    It is for the call alone: what is shown, compared and recorded is the path as it was given.
    """
    if sys.platform != "win32":
        return path
    return Path(verbatim(str(path), os.getcwd()))  # noqa: PTH109  (a text is asked for)


def verbatim(path: str, here: str) -> str:
    r"""A path that Windows takes letter for letter, where it would not take it as it stands.

    It refuses long paths, drops dots and spaces at the end of names, and opens a device for a name
    such as "aux.jpg"; but for one that begins with ``\\?\``, which has to be whole and plain.

    Args:
        path: of Windows.
        here: the folder that one works in.
    """
    whole = ntpath.normpath(ntpath.join(here, path))
    drive, rest = ntpath.splitdrive(whole)
    if drive.startswith(("\\\\?", "\\\\.")) or not ntpath.isabs(whole):
        return path
    if len(whole) < _LONG and all(map(is_exact, rest.split("\\"))):
        return path
    return f"\\\\?\\UNC{whole[1:]}" if drive.startswith("\\\\") else f"\\\\?\\{whole}"


def makeable(path: Path) -> bool:
    """Whether a file or folder is there, or may be made under this very name.

    Windows would drop a dot at its end, open a device, or, asked letter for letter, make what no
    other program can open.
    """
    if sys.platform != "win32" or os.path.lexists(reachable(path)):
        return True
    return is_plain(path)


def is_plain(path: PurePath) -> bool:
    """Whether Windows takes each name of a path as it is."""
    return all(is_exact(part) or part in {".", ".."} for part in path.parts)


def too_long(path: Path) -> bool:
    """Whether no file can be called so, of which Windows says that it is not there."""
    return sys.platform == "win32" and has_long_name(path)


def has_long_name(path: PurePath) -> bool:
    """Whether a name in a path is longer than the disks of Windows take."""
    units = (len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in path.parts)
    return max(units, default=0) > _LONGEST_NAME


def unprefixed(path: str) -> str:
    """A path of :func:`verbatim` as people write it."""
    return _VERBATIM.sub(lambda before: "\\\\" if before[1] else "", path)


def real(path: Path) -> Path:
    """A path without links, where links in a circle stay (``Path.resolve`` raises there).

    Windows cannot always tell, as of a cloud service that is switched off: such a name, which could
    not be opened either, stays as it is.
    """
    try:
        return Path(unprefixed(os.path.realpath(reachable(path))))
    except OSError:
        whole = Path(os.path.abspath(path))  # noqa: PTH100  (without "..")
        return whole if whole.parent == whole else real(whole.parent) / whole.name


def is_link(entry: os.DirEntry[str]) -> bool:
    """Whether something in a folder leads elsewhere: a link, or a junction of Windows."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # it is gone
        return True
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


def in_use(problem: OSError) -> bool:
    """Whether the system refused a file because another program has it open."""
    return getattr(problem, "winerror", None) in {_SHARING_VIOLATION, _LOCK_VIOLATION}


def lies_elsewhere(status: os.stat_result) -> bool:
    """Whether a file's content is kept by a cloud service, and reading it would fetch it."""
    return bool(
        getattr(status, "st_file_attributes", 0) & _ELSEWHERE
        or getattr(status, "st_flags", 0) & _DATALESS
    )


def remote_drive(path: Path) -> bool:
    """Whether a path lies on a network share, however it is named."""
    if sys.platform != "win32":
        return False
    import ctypes  # noqa: PLC0415

    return on_share(str(real(path)), ctypes.windll.kernel32.GetDriveTypeW)


def on_share(path: str, kind: Callable[[str], int]) -> bool:
    r"""Whether a path lies on a network share: one by its name (``\\a\b``), or a drive that is one.

    Args:
        path: of Windows, whole and with its backslashes.
        kind: tells what a drive is by its root, such as ``C:\`` (GetDriveTypeW).
    """
    drive, _ = ntpath.splitdrive(unprefixed(path))
    share = drive.startswith("\\\\") and not drive.startswith(("\\\\?\\", "\\\\.\\"))
    return share or kind(f"{drive}\\") == _REMOTE


def has_writer(path: Path) -> bool | None:
    """Whether somebody has a file open for writing; None where that cannot be told.

    A file that is opened without letting others write cannot be opened while somebody does
    (CreateFileW, "dwShareMode").
    """
    if sys.platform != "win32":
        return None
    import ctypes  # noqa: PLC0415

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(
        str(reachable(path)),
        _GENERIC_READ,
        _SHARE_READ | _SHARE_DELETE,
        None,
        _OPEN_EXISTING,
        0,
        None,
    )
    if handle in {None, ctypes.c_void_p(-1).value}:
        return True if ctypes.get_last_error() == _SHARING_VIOLATION else None
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return False


def message(text: str) -> None:
    """Show a text in a window until somebody closes it; nothing elsewhere."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415

        ctypes.windll.user32.MessageBoxW(None, text, "imageprep", _WARNING | _IN_FRONT)


@contextlib.contextmanager
def children_deaf_to_ctrl_c() -> Iterator[None]:
    """Processes begun in this block never get the Ctrl-C of the console (SetConsoleCtrlHandler)."""
    if sys.platform != "win32":
        yield
        return
    import ctypes  # noqa: PLC0415

    kernel = ctypes.windll.kernel32
    kernel.SetConsoleCtrlHandler(None, True)
    try:
        yield
    finally:
        kernel.SetConsoleCtrlHandler(None, False)
