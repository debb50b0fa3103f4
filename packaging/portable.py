"""A folder that holds imageprep and all it needs, for another system than this one perhaps.

What Windows and macOS have in common: the wheel of this checkout and the packages that it needs, in
the tested versions, laid out for an interpreter that comes along, with bytecode that suits it.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Scripts for the machine that it was made on, and notes about it; the tests of a package; and what
# reads videos, which nothing here does.
_LEFT_OUT = (
    *("bin", "share", ".lock", "*.dist-info/direct_url.json", "*.dist-info/uv_cache.json"),
    *("numpy/**/tests", "cv2/opencv_videoio_ffmpeg*"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What the folder is for.

    Attributes:
        platform: as uv names it (``--python-platform``).
        python: version of the interpreter, such as ``3.13``.
    """

    platform: str
    python: str

    @property
    def options(self) -> tuple[str, ...]:
        """For uv, to choose packages for the target instead of for this machine."""
        return ("--python-platform", self.platform, "--python-version", self.python)


def uv(*args: str, cwd: Path = ROOT) -> str:
    """Run uv; returns what it says, or ends with its message."""
    command = os.environ.get("UV", "uv")  # uv run says where it is
    done = subprocess.run([command, *args], cwd=cwd, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"uv {args[0]} failed:\n{done.stderr}")
    return done.stdout


def same_python(target: Target) -> None:
    """Bytecode is made by the Python that runs this, so it has to be of the same version."""
    here = "{}.{}".format(*sys.version_info)
    if here != target.python:
        raise SystemExit(
            f"The interpreter is Python {target.python}, and this is {here}. Run it again with:\n"
            f"  uv run --python {target.python} {' '.join(sys.argv)}"
        )


def fill(library: Path, target: Target) -> list[str]:
    """Put imageprep with the page, and what both need, into a folder; returns what was needed."""
    needed = uv(
        *("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:"),
        *("--extra", "app", *target.options, "pyproject.toml"),
    )
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text(needed, "utf-8")
        uv("build", "--quiet", "--wheel", "--out-dir", folder)
        (wheel,) = Path(folder).glob("*.whl")
        install = ("pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
        into = (*target.options, "--target", str(library), "--link-mode", "copy")
        uv(*install, *into, "--no-compile-bytecode", "--requirement", str(listed), str(wheel))
    tidy(library)
    return needed.splitlines()


def tidy(library: Path) -> None:
    """Take out what no program reads."""
    for path in [path for pattern in _LEFT_OUT for path in library.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def compile_all(folder: Path) -> None:
    """Make the bytecode of a folder.

    It is never held against its source again: so it does not depend on when it was made, and
    nothing is written into the folder later.
    """
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    compileall.compile_dir(
        folder,
        quiet=2,  # some packages hold examples that are no Python
        stripdir=os.fspath(folder),
        workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def version() -> str:
    """The version of this checkout."""
    text = (ROOT / "imu_imageprep" / "version.py").read_text("utf-8")
    (found,) = re.findall(r'__version__ = "(.+)"', text)
    return str(found)


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
