"""Which files a run takes, and where each export goes."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.pipeline import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Raw and DICOM files are taken too, so that they are refused by name instead of passed over.
_SUFFIXES = """
jpg jpeg jpe jfif mpo png apng webp heic heif hif avif tif tiff gif bmp dib jp2 j2k jpx jpf
dng cr2 cr3 nef arw raf orf rw2 pef srw dcm
"""
PICTURES = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
WEB = "-web"
_NEUTRAL = re.compile(r"photo-([0-9a-f]{8})$")


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to prepare.

    Attributes:
        path: the input as it was given or found.
        target: where its export goes.
        renamed: whether its name was numbered because another photo has it.
        problem: why it cannot be prepared (the path is not there).
    """

    path: Path
    target: Target | None
    renamed: bool = False
    problem: InputProblem | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Walks the arguments and gives every photo a place of its own.

    Attributes:
        paths: files and folders as given.
        out: folder that collects all exports; None puts them beside their originals.
        replace: whether existing files may be replaced.
        passed_over: told of each file in a folder that is not taken.
    """

    paths: Sequence[Path]
    out: Path | None = None
    replace: bool = False
    passed_over: Callable[[Path], None] | None = None

    def __iter__(self) -> Iterator[Task]:
        """Every photo once, in the order of the arguments, folders sorted by name."""
        taken: set[tuple[str, str]] = set()
        seen: set[str] = set()
        for argument in self.paths:
            for path, folder, stem in self._photos(argument):
                if (absolute := os.path.realpath(path)) in seen:
                    continue
                seen.add(absolute)
                if not os.path.lexists(path):
                    problem = InputProblem(
                        f"There is no file or folder named {printable(path)}.",
                        "Check the spelling; quote names that contain spaces.",
                    )
                    yield Task(path, None, problem=problem)
                    continue
                name = _free_name(folder, stem, taken)
                yield Task(path, Target(folder, name, self.replace), renamed=name != stem)

    def _photos(self, argument: Path) -> Iterator[tuple[Path, Path, str]]:
        """(photo, folder of its export, name of its export) for one argument."""
        if not argument.is_dir():
            if self.out is None or self.out.resolve() == argument.parent.resolve():
                yield argument, argument.parent, f"{argument.stem}{WEB}"
            else:
                yield argument, self.out, argument.stem
            return
        top = argument.resolve()
        base = top.with_name(f"{top.name}{WEB}") if self.out is None else self.out
        for path in self._walk(argument, top):
            yield path, base / path.parent.relative_to(argument), path.stem

    def _walk(self, folder: Path, top: Path) -> Iterator[Path]:
        """The photos in a folder, depth first; never through a link that leaves ``top``."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield folder  # read() says why it cannot be opened
            return
        names = {entry.name for entry in entries}
        stems = {Path(name).stem for name in names if Path(name).suffix.lower() in PICTURES}
        folders = []
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith("."):
                if not entry.is_dir():
                    self._pass_over(path)
            elif entry.is_dir():
                if not entry.is_symlink() and not self._own_folder(path, names):
                    folders.append(path)
            elif self._wanted(entry, path, stems, top):
                yield path
            else:
                self._pass_over(path)
        for path in folders:
            yield from self._walk(path, top)

    def _pass_over(self, path: Path) -> None:
        if self.passed_over is not None:
            self.passed_over(path)

    def _own_folder(self, path: Path, siblings: set[str]) -> bool:
        """Whether a folder holds our exports."""
        is_out = self.out is not None and path.resolve() == self.out.resolve()
        return is_out or (path.name.endswith(WEB) and path.name.removesuffix(WEB) in siblings)

    def _wanted(self, entry: os.DirEntry[str], path: Path, stems: set[str], top: Path) -> bool:
        if path.suffix.lower() not in PICTURES:
            return False
        if entry.is_symlink() and not path.resolve().is_relative_to(top):
            return False
        stem = path.stem
        return not (
            (stem.endswith(WEB) and stem.removesuffix(WEB) in stems) or _is_neutral_export(path)
        )


def _is_neutral_export(path: Path) -> bool:
    """Whether a file is named by its own bytes, as only our neutral exports are."""
    match = _NEUTRAL.match(path.stem)
    if not match:
        return False
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest().startswith(match[1])
    except OSError:
        return False


def _free_name(folder: Path, stem: str, taken: set[tuple[str, str]]) -> str:
    """The stem, numbered where another photo of this run has it (letter case ignored)."""
    place = _folded(os.path.abspath(folder))  # noqa: PTH100  (resolving links costs a system call each)
    name, number = stem, 1
    while (place, _folded(name)) in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add((place, _folded(name)))
    return name


def _folded(name: str) -> str:
    # File systems that ignore case or Unicode form must not let two exports collide.
    return unicodedata.normalize("NFC", name).casefold()


def printable(path: Path | str) -> str:
    """A path for messages: undecodable bytes and control characters escaped."""
    text = os.fspath(path)
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
