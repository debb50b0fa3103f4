r"""Put the folder of this file on the PATH of the user who runs it, or take it off.

    python\python.exe user_path.py add
    python\python.exe user_path.py remove

NSIS cuts texts at 1,023 characters, and a PATH may be longer; so this is not done there.
"""

from __future__ import annotations

import sys
from pathlib import Path


def with_folder(path: str, folder: str) -> str:
    """A PATH with a folder in it, at its end; unchanged where it has it."""
    if any(_same(part, folder) for part in path.split(";")):
        return path
    return f"{path.rstrip(';')};{folder}" if path.strip(";") else folder


def without_folder(path: str, folder: str) -> str:
    """A PATH without a folder; everything else stays as it is."""
    return ";".join(part for part in path.split(";") if not _same(part, folder))


def _same(one: str, other: str) -> bool:
    """Whether two entries name the same folder, as they are written."""
    return one.strip('" ').rstrip("\\").lower() == other.rstrip("\\").lower()


def main() -> None:
    """Change the PATH of the user, and tell the programs that run."""
    if sys.platform != "win32" or sys.argv[1:] not in (["add"], ["remove"]):
        raise SystemExit("Usage, on Windows: user_path.py add, or user_path.py remove")
    import ctypes  # noqa: PLC0415
    import winreg  # noqa: PLC0415

    change = with_folder if sys.argv[1] == "add" else without_folder
    folder = str(Path(__file__).resolve().parent)
    with winreg.CreateKeyEx(
        winreg.HKEY_CURRENT_USER, "Environment", 0, winreg.KEY_READ | winreg.KEY_WRITE
    ) as key:
        try:
            before, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            before, kind = "", winreg.REG_EXPAND_SZ
        after = change(before, folder)
        if after and after != before:
            winreg.SetValueEx(key, "Path", 0, kind, after)
        elif before and not after:
            winreg.DeleteValue(key, "Path")
    # WM_SETTINGCHANGE to every window, SMTO_ABORTIFHUNG: terminals opened from now on know it.
    ctypes.windll.user32.SendMessageTimeoutW(0xFFFF, 0x1A, 0, "Environment", 2, 2000, None)


if __name__ == "__main__":
    main()
