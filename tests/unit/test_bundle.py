"""The bundle for macOS: what can be known of it anywhere."""

from __future__ import annotations

import plistlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from macos import build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.posix(reason="runs a script of sh")
def test_a_program_of_the_bundle_starts_the_interpreter_in_it(tmp_path: Path) -> None:
    python = tmp_path / "a bundle" / "Resources" / "python" / "bin" / "python3"
    start = tmp_path / "a bundle" / "MacOS" / "imageprep-page"
    for place, text in ((python, '#!/bin/sh\nprintf "<%s>" "$@"\n'), (start, build.program("a.b"))):
        place.parent.mkdir(parents=True)
        place.write_text(text, "utf-8")
        place.chmod(0o755)
    done = subprocess.run([start, "a photo.jpg"], capture_output=True, text=True, check=True)
    assert done.stdout == "<-I><-c><from a.b import command; command()><a photo.jpg>"


def test_macos_is_told_which_program_it_is() -> None:
    told = plistlib.loads(plistlib.dumps(build.info("1.2.3")))
    assert told["CFBundleExecutable"] == "imageprep-page"
    assert told["CFBundleShortVersionString"] == "1.2.3"
