"""Compiles the package when a checkout is installed to be run from where it lies.

uv compiles what it installs (``compile-bytecode`` in pyproject.toml), and a checkout is not
installed but named. Where PYTHONDONTWRITEBYTECODE is set, as containers do, every start would
compile 140 modules again.
"""

from __future__ import annotations

import compileall
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Bytecode(BuildHookInterface[Any]):
    """Asked by hatchling at every build of a wheel; a wheel itself stays as it is."""

    def finalize(
        self,
        version: str,
        build_data: dict[str, Any],  # noqa: ARG002  (hatchling's shape)
        artifact_path: str,  # noqa: ARG002
    ) -> None:
        """Write the bytecode beside the modules; where that is refused, nothing is lost but time.

        Args:
            version: "editable" for a checkout that is run from where it lies, else "standard".
            build_data: not used.
            artifact_path: not used.
        """
        if version == "editable":
            compileall.compile_dir(Path(self.root) / "imu_imageprep", quiet=2)
