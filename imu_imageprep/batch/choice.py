"""What is taken from folders, by name, and why the rest is not."""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.photo import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from imu_imageprep.storage import Place

# How much of a file without a telling name is read, to see what it is (bytes).
SNIFFED = 512

_NEUTRAL = re.compile(r"photo-([0-9a-f]{8})$")


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take from folders; a photo that is named itself is always taken.

    Letter case is ignored, because a file system may.

    Attributes:
        suffixes: only files that end so (".jpg"); empty for every picture.
        exclude: patterns with ``*``, ``?`` and ``[...]``. One without a slash is held against
            every file's and folder's own name, one with a slash against the path from the folder
            that was given. An excluded folder is not walked.
    """

    suffixes: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, suffixes: Iterable[str], exclude: Iterable[str]) -> Choice:
        """A choice from what a person wrote: ``jpg``, ``.JPG``, ``drafts/``.

        Raises:
            UsageProblem: no picture ends so.
        """
        wanted = frozenset(f".{text.strip().lstrip('.').lower()}" for text in suffixes)
        if unknown := sorted(wanted - PICTURE_SUFFIXES):
            known = " ".join(sorted(suffix[1:] for suffix in PICTURE_SUFFIXES))
            raise UsageProblem(
                f"{unknown[0]} is not the ending of a picture file.",
                f"imageprep takes these: {known}",
            )
        patterns = (text.replace(os.sep, "/").rstrip("/").casefold() for text in exclude if text)
        return cls(wanted, tuple(patterns))

    def leaves_out(self, path: PurePath) -> bool:
        """Whether a file or folder is excluded.

        Args:
            path: relative to the folder that was given.
        """
        whole, name = path.as_posix().casefold(), path.name.casefold()
        return any(
            fnmatch.fnmatchcase(whole.removeprefix("/"), pattern.removeprefix("/"))
            if "/" in pattern
            else fnmatch.fnmatchcase(name, pattern)
            for pattern in self.exclude
        )

    def takes(self, suffix: str) -> bool:
        """Whether files that end so are wanted."""
        return not self.suffixes or suffix in self.suffixes


EVERYTHING = Choice()


class LeftOut(Enum):
    """Why something in a folder is not taken."""

    OTHER = auto()  # a file that is no photo, is hidden or not wanted, or a link that leads out
    EXPORT = auto()  # an earlier export, known by its bytes
    FOLDER = auto()  # a folder where exports of this one, or of the one beside it, go
    ELSEWHERE = auto()  # a file whose content a cloud service keeps: reading it would fetch it


def suffix_of(path: Place) -> str:
    """How a name ends, in small letters."""
    # Trailing spaces come from copying and pasting names.
    return path.suffix.strip().lower()


def named_as_picture(path: Place) -> bool:
    """Whether a name ends as those of pictures do."""
    return suffix_of(path) in PICTURE_SUFFIXES


def has_suffix(path: Place) -> bool:
    """Whether the name says what kind of file it is: "scan.2024.05" does not."""
    return any(c.isalpha() for c in suffix_of(path))


def stem_of(path: Place) -> str:
    """The name without its suffix, if it has one."""
    return path.stem if has_suffix(path) else path.name


def called_neutrally(path: Place) -> str | None:
    """How the sha256 begins of what is called as our neutral exports are; None for others."""
    match = _NEUTRAL.match(path.stem)
    return match[1] if match else None
