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
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
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
        locked = tomllib.loads((bare / "uv.lock").read_text("utf-8"))["package"]
    pins = sorted(f'  "{pin(row)}",\n' for row in locked if "registry" in row["source"])
    block = f"constraint-dependencies = [\n{''.join(pins)}]\n"
    project.write_text(BLOCK.sub(lambda m: m[1] + block + m[2], text), "utf-8")
    print(f"{len(pins)} packages pinned")


def pin(row: dict[str, Any]) -> str:
    """One package of the lock file as a requirement; versions that differ by Python keep why."""
    markers = " or ".join(f"({marker})" for marker in row.get("resolution-markers", ()))
    return f"{row['name']}=={row['version']}" + (f" ; {markers}" if markers else "")


if __name__ == "__main__":
    main()
