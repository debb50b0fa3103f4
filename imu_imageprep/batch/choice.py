"""Which of a folder's files a run takes, where not all are wanted."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.photo import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take from folders; a file that is named itself is always taken.

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
                f"No picture ends in {unknown[0]}.", f"imageprep takes these: {known}"
            )
        return cls(wanted, tuple(text.rstrip("/").casefold() for text in exclude if text))

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
