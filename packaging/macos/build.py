"""Make imageprep.app, which needs no Python. UNTESTED: nobody has run it on a Mac.

    uv python install 3.13
    uv run --python 3.13 packaging/macos/build.py --python FOLDER [--intel]

FOLDER is the Python that uv installed (`uv python find 3.13` names the program in its `bin`): it,
unlike Apple's and python.org's, can be moved. The result, `dist/imageprep.app`, is not signed. So
whoever opens it for the first time has to allow it in the settings, "Privacy & Security".
"""

from __future__ import annotations

import argparse
import plistlib
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script has only its own folder

import portable

# What a program here never uses of an interpreter.
_UNUSED = ("site-packages", "test", "tkinter", "idlelib", "ensurepip", "__pycache__", "tcl*", "tk*")
_PLATFORMS = {False: "aarch64-apple-darwin", True: "x86_64-apple-darwin"}


def main() -> None:
    """Make the bundle anew."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", type=Path, required=True, help="folder of a movable Python")
    parser.add_argument("--intel", action="store_true", help="for Macs with an Intel processor")
    parser.add_argument("--out", type=Path, default=portable.ROOT / "dist", help="where it goes")
    asked = parser.parse_args()
    programs = sorted(asked.python.glob("bin/python3.*[0-9]"))
    if not programs:
        raise SystemExit(f"{asked.python} is no Python: it holds no bin/python3.x.")
    target = portable.Target(_PLATFORMS[asked.intel], programs[0].name.removeprefix("python"))
    portable.same_python(target)
    contents = asked.out.resolve() / "imageprep.app" / "Contents"
    if contents.parent.exists():
        shutil.rmtree(contents.parent)
    python = contents / "Resources" / "python"
    unused = shutil.ignore_patterns(*_UNUSED)
    shutil.copytree(asked.python, python, symlinks=True, ignore=unused)
    portable.fill(python / "lib" / f"python{target.python}" / "site-packages", target)
    portable.compile_all(python / "lib")
    for place, module in (
        (contents / "MacOS" / "imageprep-page", "imu_imageprep.front.cli.windowless"),
        (contents / "Resources" / "imageprep", "imu_imageprep.front.cli"),
    ):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(program(module), "utf-8")
        place.chmod(0o755)
    with (contents / "Info.plist").open("wb") as file:
        plistlib.dump(info(portable.version()), file)
    print(f"{contents.parent}: {portable.size(contents) / 1e6:.0f} MB")


def program(module: str) -> str:
    """A script that starts the interpreter of the bundle, wherever the bundle is."""
    return (
        "#!/bin/sh\n"
        'contents=$(cd "$(dirname "$0")/.." && pwd)\n'
        f'exec "$contents/Resources/python/bin/python3" -I -c "from {module} import command;'
        ' command()" "$@"\n'
    )


def info(version: str) -> dict[str, Any]:
    """What macOS is told of the bundle."""
    return {
        "CFBundleName": "imageprep",
        "CFBundleIdentifier": "imageprep",
        "CFBundleExecutable": "imageprep-page",
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSMinimumSystemVersion": "13.0",
        "LSUIElement": True,  # the page is its window: no icon in the Dock
    }


if __name__ == "__main__":
    main()
