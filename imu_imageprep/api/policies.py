"""Beginning a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic, config
from imu_imageprep.domain import policy_form
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem

if TYPE_CHECKING:
    import os


def write_config(file: str | os.PathLike[str] | None = None, *, replace: bool = False) -> Path:
    """Write a configuration that explains every key and changes none.

    Args:
        file: where to; by default where the user's own configuration lies.
        replace: whether a file that is there may be replaced.

    Returns:
        The file.

    Raises:
        AlreadyThere: there is one already.
        OutputProblem: it could not be written.
    """
    path = config.user_file() if file is None else Path(file)
    try:
        if file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, policy_form.template().encode(), replace=replace)
    except FileExistsError:
        raise AlreadyThere(
            f"There is a configuration {path} already.",
            "Use --force to replace it, or name another file.",
        ) from None
    except OSError as problem:
        reason = (problem.strerror or "it could not be written").lower()
        raise OutputProblem(
            f"The configuration {path} could not be written ({reason}).",
            "Name a file in a folder that is there and may be written.",
        ) from problem
    return path
