"""What files are called in a report: after the arguments, never by where they lie."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.batch.plan import printable, web_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the inputs and exports of one run.

    Attributes:
        roots: label of each argument and each folder of exports, by absolute path.
        exports: absolute paths of the folders that collect exports.
    """

    roots: Mapping[str, str]
    exports: tuple[str, ...]

    @classmethod
    def of(cls, paths: Iterable[Path], out: Path | None) -> Names:
        """The names of a run over ``paths`` with its exports in ``out``, or beside them."""
        roots: dict[str, str] = {}
        taken: dict[str, int] = {}
        exports = [] if out is None else [os.path.realpath(out)]
        for path in paths:
            _label(_absolute(path), roots, taken)
            if out is None and os.path.isdir(path):  # noqa: PTH112  (as the plan asks)
                above, name = os.path.split(os.path.realpath(path))
                exports.append(os.path.join(above, web_name(name)))  # noqa: PTH118
        for folder in exports:
            _label(folder, roots, taken)
        if out is not None:
            roots.setdefault(_absolute(out), roots[exports[0]])
        return cls(roots, tuple(exports))

    def shown(self, path: str | None) -> str:
        """The name of a file: its argument's label and its place below it."""
        if path is None:
            return "photo"
        root, rest = self._split(path)
        label = self.roots.get(root, os.path.basename(root))  # noqa: PTH119
        return os.path.join(label, rest) if rest else label  # noqa: PTH118

    def typed(self, path: str | None) -> str | None:
        """The name as typed in the folder that holds the argument; None where it has none."""
        if path is None:
            return None
        return os.path.relpath(_absolute(path), os.path.dirname(self._split(path)[0]))  # noqa: PTH120

    def _split(self, path: str) -> tuple[str, str]:
        """The nearest root at or above a file, and the rest; a file without one is its own."""
        whole = place = _absolute(path)
        while place not in self.roots:
            above = os.path.dirname(place)  # noqa: PTH120
            if above == place:
                return whole, ""
            place = above
        return place, "" if place == whole else os.path.relpath(whole, place)


def filled(command: str, typed: str | None) -> str:
    """A command with the photo's name for PHOTO, unless that name cannot be typed.

    Args:
        command: ready for a shell, but for the name.
        typed: the name, relative to where the command is typed, or absolute.
    """
    if typed is None or printable(typed) != typed:
        return command
    # A bare word could be taken for an option or for a command.
    plain = typed.startswith("-") or not {os.sep, "."} & set(typed)
    return command.replace("PHOTO", shlex.quote(f"./{typed}" if plain else typed), 1)


def _absolute(path: Path | str) -> str:
    return os.path.abspath(path)  # noqa: PTH100  (links stay as they were given)


def _label(absolute: str, roots: dict[str, str], taken: dict[str, int]) -> None:
    if absolute in roots:
        return
    name = os.path.basename(absolute) or "photos"  # noqa: PTH119
    number = taken[name] = taken.get(name, 0) + 1
    roots[absolute] = name if number == 1 else f"{name} ({number})"
