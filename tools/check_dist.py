"""Build the wheel and the source package of a commit twice, and check them.

    uv run python tools/check_dist.py

Both builds, in folders of different names, have to give the same bytes. Then twine looks at what an
index would show of them, and check-wheel-contents at what the wheel would install.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build twice, compare, check."""
    # The date of what is built is the commit's: reproducible-builds.org, "SOURCE_DATE_EPOCH".
    date = said("git", "log", "-1", "--format=%ct").strip()
    with tempfile.TemporaryDirectory() as folder:
        first, second = (built(Path(folder, name), date) for name in ("one", "another-place"))
        same(first, second)
        files = [os.fspath(path) for path in first]
        wheel = next(path for path in files if path.endswith(".whl"))
        subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)
        command = [sys.executable, "-m", "check_wheel_contents", wheel]
        subprocess.run(command, cwd=ROOT, check=True)


def built(folder: Path, date: str) -> list[Path]:
    """The packages of the last commit, made in a folder."""
    tree, made = folder / "tree", folder / "made"
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
    subprocess.run(
        [os.environ.get("UV", "uv"), "build", "--quiet", "--out-dir", made],  # uv run says where
        cwd=tree,
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": date},
    )
    return sorted(path for path in made.iterdir() if path.suffix in {".whl", ".gz"})


def same(first: list[Path], second: list[Path]) -> None:
    """End where two builds differ; else say what they are."""
    for one, other in zip(first, second, strict=True):
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)]
        if one.name != other.name or digests[0] != digests[1]:
            raise SystemExit(f"{one.name}: built twice, it is not the same: {digests}")
        print(f"{one.name}: {one.stat().st_size:,} bytes, sha256 {digests[0]}, twice")


def said(*command: str) -> str:
    """What a program says."""
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
