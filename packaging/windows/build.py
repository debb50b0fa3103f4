"""Make the folder for Windows and its installer.

    uv run --python 3.13 packaging/windows/build.py                on Windows: Python is downloaded
    uv run packaging/windows/build.py --python FILE_OR_FOLDER      anywhere, with this interpreter

The interpreter is python.org's embeddable package (a .zip), or the folder of a Windows Python. The
folder `dist/imageprep` runs as it is. The installer is made of it by makensis (NSIS), where it is
found; --folder-only leaves it out.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.resources
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # a script has only its own folder

import layout  # noqa: E402
import portable  # noqa: E402

# python.org's embeddable package: its signed programs, with which virus scanners are familiar.
PYTHON = "3.13.14"
PYTHON_URL = f"https://www.python.org/ftp/python/{PYTHON}/python-{PYTHON}-embed-amd64.zip"
PYTHON_SHA256 = "90b4e5b9898b72d744650524bff92377c367f44bd5fbd09e3148656c080ad907"

# The C++ runtime, which onnxruntime needs and a fresh Windows lacks: the files of Microsoft's list
# for redistribution, unmodified. Those that the interpreter brings stay.
RUNTIME = "msvc-runtime==14.44.35112"
RUNTIME_SHA256 = {
    "msvcp140.dll": "0f885b509a685d2bbfa652fed26b5fb31d88fbdab0a978c641d1c7b8aa460aa9",
    "msvcp140_1.dll": "bfad5aef4c63a669e3c140655cdfdf395b6c979b400a447bd5dcb65ed8826c3d",
    "vcruntime140_1.dll": "1f2d41c4aa5db0bc33ebf7b66d72943a817d7ce6cbe880502a9403823633093f",
}
PLATFORM = "x86_64-pc-windows-msvc"


def main() -> None:
    """Make the folder, then the installer."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", type=Path, help="embeddable package, or folder of a Python")
    parser.add_argument("--out", type=Path, default=portable.ROOT / "dist", help="where it goes")
    parser.add_argument("--quick", action="store_true", help="a larger installer, made sooner")
    parser.add_argument("--folder-only", action="store_true", help="make no installer")
    asked = parser.parse_args()
    begun = time.monotonic()
    folder = asked.out.resolve() / "imageprep"
    with tempfile.TemporaryDirectory() as scratch:
        build(folder, asked.python or download(Path(scratch)))
    print(f"{folder}: {portable.size(folder) / 1e6:.0f} MB, {time.monotonic() - begun:.0f} s")
    if not asked.folder_only:
        made = installer(folder, "zlib" if asked.quick else "lzma")
        print(f"{made}: {made.stat().st_size / 1e6:.0f} MB, {time.monotonic() - begun:.0f} s")


def build(folder: Path, interpreter: Path) -> None:
    """Make the folder anew, with an interpreter."""
    if folder.exists():
        shutil.rmtree(folder)
    python = folder / "python"
    lay_out(interpreter, python)
    names = [path.name for path in python.iterdir()]
    found = layout.version(names)
    if found is None:
        raise SystemExit(f"{interpreter} is no Windows Python: it holds no python3XX.dll.")
    target = portable.Target(PLATFORM, found)
    portable.same_python(target)
    name, text = layout.path_file(names, found)
    for old in python.glob("*._pth"):
        old.unlink()
    (python / name).write_bytes(text.encode())
    needed = portable.fill(folder / "lib", target)
    licences = folder / "licences"
    licences.mkdir()
    add_runtime(python, licences, target)
    for licence in python.glob("LICENSE*"):
        shutil.move(licence, licences / "python.txt")
    (folder / "packages.txt").write_text("\n".join([*needed, RUNTIME, ""]), "utf-8")
    shutil.copy(HERE / "user_path.py", folder)
    shutil.copy(HERE / "README.txt", folder)
    shutil.copy(portable.ROOT / "LICENSE", licences / "imageprep.txt")
    distlib = importlib.resources.files("distlib")
    for one in layout.LAUNCHERS:
        program = layout.launcher(
            distlib.joinpath(one.template).read_bytes(), one.interpreter, one.module
        )
        (folder / one.name).write_bytes(program)
    portable.compile_all(folder / "lib")
    portable.compile_all(python)


def lay_out(interpreter: Path, python: Path) -> None:
    """Put an interpreter into a folder, without what no program here uses."""
    if interpreter.is_dir():
        unused = shutil.ignore_patterns(*layout.UNUSED)
        shutil.copytree(interpreter, python, ignore=unused)
    elif zipfile.is_zipfile(interpreter):
        with zipfile.ZipFile(interpreter) as archive:
            archive.extractall(python)
    else:
        raise SystemExit(f"{interpreter} is neither a folder nor a .zip.")


def download(folder: Path) -> Path:
    """Fetch python.org's embeddable package, and make sure that it is the expected one."""
    if sys.platform != "win32":
        raise SystemExit("On this system, name an interpreter for Windows with --python.")
    file = folder / "python.zip"
    with urllib.request.urlopen(PYTHON_URL) as answer:
        file.write_bytes(answer.read())
    expect(file, PYTHON_SHA256)
    return file


def add_runtime(python: Path, licences: Path, target: portable.Target) -> None:
    """Put the C++ runtime beside the interpreter, where it has not got it."""
    with tempfile.TemporaryDirectory() as folder:
        into = ("--target", folder, *target.options)
        portable.uv("pip", "install", "--quiet", "--no-deps", *into, RUNTIME)
        there = {path.name.lower() for path in python.iterdir()}
        for name, sha256 in RUNTIME_SHA256.items():
            if name not in there:
                found = next(Path(folder).rglob(name))
                expect(found, sha256)
                shutil.copy(found, python)
        licence = next(Path(folder).rglob("*.dist-info/licenses/LICENSE"))
        shutil.copy(licence, licences / "visual-c-runtime.txt")


def expect(file: Path, sha256: str) -> None:
    """End where a file is not the expected one."""
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{file.name} has sha256 {found}, expected {sha256}")


def installer(folder: Path, compressor: str) -> Path:
    """Wrap the folder by NSIS."""
    makensis = shutil.which("makensis")
    if makensis is None:
        raise SystemExit("makensis is not found: install NSIS, or use --folder-only.")
    made = folder.parent / "imageprep-setup.exe"
    (dll,) = (path.name for path in (folder / "python").glob("python3?*.dll"))
    # NSIS for Windows comes without the 64-bit kind, and Wine here may be without the 32-bit one.
    values = {
        "TARGET": "x86-unicode" if sys.platform == "win32" else "amd64-unicode",
        "VERSION": portable.version(),
        "NUMBERS": layout.numbers(portable.version()),
        "ICON": os.fspath(HERE / "imageprep.ico"),
        "SOURCE": os.fspath(folder),
        "OUT": os.fspath(made),
        "DLL": dll,
        "COMPRESSOR": compressor,
        "KILOBYTES": str(portable.size(folder) // 1024),
    }
    defined = [f"-D{name}={value}" for name, value in values.items()]
    subprocess.run([makensis, "-V2", *defined, os.fspath(HERE / "imageprep.nsi")], check=True)
    return made


if __name__ == "__main__":
    main()
