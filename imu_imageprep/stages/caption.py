"""Write a caption beside an export, under the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".txt"


def caption_path(picture: Path) -> Path:
    """Where the caption of an export lies."""
    return picture.with_suffix(SUFFIX)


def reserve_caption(text: str, path: Path, *, replace: bool) -> None:
    """Refuse a caption's place that something else has; ask before the picture is written.

    Raises:
        AlreadyThere: another text, or no text, is there and may not be replaced.
    """
    if not replace and (path.exists() or path.is_symlink()) and not _holds(path, text):
        raise _already_there(path)


def write_caption(text: str, path: Path, *, replace: bool) -> None:
    """Write the caption, whole or not at all; one that says the same is left as it is.

    Raises:
        AlreadyThere: another text took the place meanwhile.
        OutputProblem: it could not be written.
    """
    if _holds(path, text):
        return
    try:
        atomic.write(path, text.encode(), replace=replace)
    except FileExistsError as problem:
        if not _holds(path, text):
            raise _already_there(path) from problem
    except OSError as problem:
        reason = (problem.strerror or "permission denied").lower()
        raise OutputProblem(f"The caption could not be written ({reason}).") from problem


def _holds(path: Path, text: str) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes() == text.encode()
    except OSError:
        return False


def _already_there(path: Path) -> AlreadyThere:
    return AlreadyThere(f"A file named {path.name} is already there.")
