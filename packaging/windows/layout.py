"""Where things lie in the folder for Windows: names and texts, nothing that touches a disk.

    imageprep.exe        the command
    imageprep-page.exe   the page, without a terminal
    user_path.py         puts the folder on the user's PATH
    python/              the interpreter
    lib/                 imageprep and its packages
    licences/            of what is not in lib/

The programs find the interpreter beside them, so the folder can be moved. The interpreter lies in a
folder of its own, so that nobody's `python` changes when the folder is on the PATH.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection


class Launcher(NamedTuple):
    """A program to start.

    Attributes:
        name: of its file.
        template: the program in distlib that it is made of.
        interpreter: what it starts.
        module: holds the function ``command`` that it calls.
    """

    name: str
    template: str
    interpreter: str
    module: str


LAUNCHERS = (
    Launcher("imageprep.exe", "t64.exe", "python.exe", "imu_imageprep.front.cli"),
    Launcher("imageprep-page.exe", "w64.exe", "pythonw.exe", "imu_imageprep.front.cli.windowless"),
)

# Of a full interpreter: no program here uses these, and "Scripts" holds programs of other packages.
UNUSED = frozenset(
    {"ensurepip", "idlelib", "lib2to3", "site-packages", "test", "tkinter", "turtledemo", "venv"}
    | {"Scripts", "turtle.py", "_tkinter.pyd", "tcl86t.dll", "tk86t.dll", "__pycache__"}
)

_DLL = re.compile(r"python(3)(\d+)\.dll", re.IGNORECASE)
_MAIN = "import sys\nfrom {module} import command\n\nif __name__ == '__main__':\n    command()\n"


def version(names: Collection[str]) -> str | None:
    """The version of an interpreter, such as ``3.13``, by the names of the files beside it."""
    found = [match for name in names if (match := _DLL.fullmatch(name))]
    return f"{found[0][1]}.{found[0][2]}" if len(found) == 1 else None


def numbers(version: str) -> str:
    """A version as Windows wants it of a program: four numbers."""
    return ".".join([*re.findall(r"\d+", version), "0", "0"][:3]) + ".0"


def path_file(names: Collection[str], python: str) -> tuple[str, str]:
    """The file that says where modules lie: its name, and what is in it.

    With it, Python looks nowhere else: neither at PYTHONPATH nor at packages of the user.

    Args:
        names: of the files and folders of the interpreter.
        python: its version.
    """
    dotless = f"python{python.replace('.', '')}"
    known = [name for name in (f"{dotless}.zip", "Lib", "DLLs") if name in names]
    return f"{dotless}._pth", "\r\n".join([*known, ".", "..\\lib", ""])


def launcher(template: bytes, interpreter: str, module: str) -> bytes:
    """A program that starts an interpreter which lies in the folder ``python`` beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), _MAIN.format(module=module))
    return template + f"#!<launcher_dir>\\python\\{interpreter}\r\n".encode() + packed.getvalue()
