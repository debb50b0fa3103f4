"""Refresh the tested set of versions in pyproject.toml.

    uv run python tools/pin.py

Resolves everything anew, without the present pins, and writes each package's exact version into
``[tool.uv] constraint-dependencies``. Run the tests afterwards; the diff is the upgrade.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
EXPORT = (
    *("uv", "export", "--quiet", "--all-extras", "--all-groups", "--no-emit-project"),
    *("--no-hashes", "--no-annotate", "--no-header"),
)
BLOCK = re.compile(r"(# BEGIN tested set[^\n]*\n).*?(# END tested set)", re.DOTALL)


def main() -> None:
    """Resolve without pins, then write the pins."""
    project = ROOT / "pyproject.toml"
    text = project.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder)
        (bare / "pyproject.toml").write_text(BLOCK.sub(r"\1\2", text), "utf-8")
        for name in ("README.md", "LICENSE"):
            shutil.copy(ROOT / name, bare)
        shutil.copytree(ROOT / "imu_imageprep", bare / "imu_imageprep")
        subprocess.run(["uv", "lock", "--quiet"], cwd=bare, check=True)
        listed = subprocess.run(
            EXPORT,
            cwd=bare,
            check=True,
            capture_output=True,
            text=True,
        )
    pins = [f'  "{pin}",\n' for pin in pinned(listed.stdout.splitlines())]
    block = f"constraint-dependencies = [\n{''.join(pins)}]\n"
    project.write_text(BLOCK.sub(lambda m: m[1] + block + m[2], text), "utf-8")
    print(f"{len(pins)} packages pinned")


def pinned(exported: Iterable[str]) -> list[str]:
    """The pins of an export: where a package has one version, it holds everywhere."""
    rows = [line.partition(" ;") for line in exported]
    names = Counter(pin.partition("==")[0] for pin, _, _ in rows)
    return sorted(
        pin if names[pin.partition("==")[0]] == 1 else f"{pin} ;{marker}" for pin, _, marker in rows
    )


if __name__ == "__main__":
    main()
