"""What only Windows has or does, asked of it directly; harmless answers everywhere else."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

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
    r"""Whether a path lies on a network share: a mapped drive, or a name like ``\\a\b``."""
    if sys.platform != "win32":
        return False
    import ctypes  # noqa: PLC0415

    whole = path.absolute()
    if whole.drive.startswith("\\\\"):
        return True
    return bool(ctypes.windll.kernel32.GetDriveTypeW(whole.anchor) == _REMOTE)


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
        str(path), _GENERIC_READ, _SHARE_READ | _SHARE_DELETE, None, _OPEN_EXISTING, 0, None
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
