"""Which files a run takes, and where each export goes."""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import itertools
import os
import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.batch.names import (
    beside,
    fitting,
    free_name,
    mirrored,
    place_of,
    web_name,
)
from imu_imageprep.domain.albums import ALONE, Turn
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.photo import PICTURE_SUFFIXES
from imu_imageprep.domain.words import printable
from imu_imageprep.request import Target
from imu_imageprep.stages.read import looks_like_photo
from imu_imageprep.windows import is_link, lies_elsewhere, makeable, reachable, real, too_long

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import PurePath

    from imu_imageprep.batch.made import Made

_NEUTRAL = re.compile(r"photo-([0-9a-f]{8})$")

_NAME_A_FOLDER = "Name a folder, or write one picture to a file: imageprep in.jpg -o - > out.jpg"
_SNIFFED_BYTES = 512


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to prepare.

    Attributes:
        path: the input as it was given or found.
        target: where its export goes.
        renamed: whether its name was numbered because another photo has it.
        problem: why it cannot be prepared (the path is not there).
        named: it was named itself, not found in a folder.
        turn: what is known of its album.
    """

    path: Path
    target: Target | None
    renamed: bool = False
    problem: InputProblem | None = None
    named: bool = False
    turn: Turn = ALONE


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


@dataclass(frozen=True, slots=True)
class Plan:
    """Walks the arguments and gives every photo a place of its own.

    Attributes:
        paths: files and folders as given.
        out: folder that collects all exports; None puts them beside their originals.
        replace: whether existing files may be replaced.
        passed_over: told of each file in a folder that is not taken, and of each folder that is
            not walked because exports go there.
        choice: what to take from folders.
        made: knows the exports, which are no photos; without it only those are known whose names
            say what is in them.
    """

    paths: Sequence[Path]
    out: Path | None = None
    replace: bool = False
    passed_over: Callable[[Path, LeftOut], None] | None = None
    choice: Choice = EVERYTHING
    made: Made | None = None

    def __post_init__(self) -> None:
        if self.out is not None:
            check_out(self.out)

    def __iter__(self) -> Iterator[Task]:
        """Every photo once, in the order of the arguments, folders sorted by name."""
        taken = self._inputs() if self.replace or self._among_photos() else set()
        seen: set[Path] = set()
        named = self._named()
        for argument in self.paths:
            if argument not in named:
                if self.passed_over is not None:
                    self.passed_over(argument, LeftOut.EXPORT)
                continue
            for path, folder, stem in self._photos(argument):
                if (absolute := real(path)) in seen:
                    continue
                seen.add(absolute)
                if not os.path.lexists(reachable(path)):
                    problem = InputProblem(
                        f"There is no file or folder named {printable(str(path))}.",
                        "Check the spelling; quote names that contain spaces.",
                    )
                    yield Task(path, None, problem=problem)
                    continue
                name = free_name(folder, stem, taken)
                target = Target(folder, name, self.replace, base=stem)
                yield Task(path, target, renamed=name != stem, named=path == argument)

    def count(self, most: int | None = None) -> int:
        """How many photos there are; counting ends at ``most``."""
        return sum(1 for _ in itertools.islice(replace(self, passed_over=None), most))

    def _named(self) -> frozenset[Path]:
        """The arguments, without earlier exports that are named among photos.

        A shell names all of a folder's files for "*.jpg": the exports beside the photos too.
        """
        if self.made is None or len(self.paths) == 1:
            return frozenset(self.paths)
        self.made.look_again()
        photos = frozenset(path for path in self.paths if path not in self.made)
        return photos or frozenset(self.paths)

    def _among_photos(self) -> bool:
        """Whether exports are collected where photos of the run lie, which keep their names."""
        if self.out is None:
            return False
        out = real(self.out)
        return any(
            real(argument).is_relative_to(out)
            for argument in self.paths
            if os.path.isdir(reachable(argument))  # noqa: PTH112
        )

    def _inputs(self) -> set[tuple[str, str]]:
        """The places of all inputs: no export may take one, as it would replace the photo there."""
        silent = replace(self, passed_over=None)
        return {
            place_of(path.parent, path.stem)
            for argument in self._named()
            for path, _, _ in silent._photos(argument)  # noqa: SLF001  (its own kind)
        }

    def _photos(self, argument: Path) -> Iterator[tuple[Path, Path, str]]:
        """(photo, folder of its export, name of its export) for one argument."""
        # os.path answers "no" where Path would raise: a name too long, links in a circle.
        if not os.path.isdir(reachable(argument)):  # noqa: PTH112
            if self.out is None or real(self.out) == real(argument.parent):
                yield argument, argument.parent, web_name(_stem(argument))
            else:
                yield argument, self.out, fitting(_stem(argument))
            return
        top = real(argument)
        base = beside(top) if self.out is None else self.out
        for path in self._walk(argument, argument, top):
            # The argument itself comes back where it cannot be opened.
            folder = (
                base if path == argument else base / mirrored(path.parent.relative_to(argument))
            )
            stem = _stem(path)
            with_photos = self.out is not None and real(folder) == real(path.parent)
            yield path, folder, web_name(stem) if with_photos else fitting(stem)

    def _walk(self, folder: Path, argument: Path, top: Path) -> Iterator[Path]:
        """The photos in a folder, depth first; never through a link that leaves ``top``."""
        try:
            entries = sorted(os.scandir(reachable(folder)), key=lambda entry: entry.name)
        except OSError:
            yield folder  # read() says why it cannot be opened
            return
        if self.made is not None:
            self.made.look_again()
        # What the folders of our exports of these would be called.
        own_folders = {web_name(entry.name) for entry in entries}
        folders = []
        for entry in entries:
            path = folder / entry.name
            if not os.path.isdir(reachable(path)):  # noqa: PTH112
                why = self._why_not(entry, path, argument, top)
                if why is None:
                    yield path
            elif is_link(entry) or self._hidden(entry, path, argument):
                continue
            elif self._own_folder(path, own_folders, top):
                why = LeftOut.FOLDER
            else:
                why = None
                folders.append(path)
            if why is not None and self.passed_over is not None:
                self.passed_over(path, why)
        for path in folders:
            yield from self._walk(path, argument, top)

    def _hidden(self, entry: os.DirEntry[str], path: Path, argument: Path) -> bool:
        return entry.name.startswith(".") or self.choice.leaves_out(path.relative_to(argument))

    def _why_not(
        self, entry: os.DirEntry[str], path: Path, argument: Path, top: Path
    ) -> LeftOut | None:
        """Why a file is not taken; None where it is."""
        if self._hidden(entry, path, argument):
            return LeftOut.OTHER
        if _lies_elsewhere(entry):
            return LeftOut.ELSEWHERE if _named_as_picture(path) else LeftOut.OTHER
        if not self._wanted(entry, path, top):
            return LeftOut.OTHER
        ours = _is_neutral_export(path) or (self.made is not None and path in self.made)
        return LeftOut.EXPORT if ours else None

    def _own_folder(self, path: Path, own_folders: set[str], top: Path) -> bool:
        """Whether a folder holds our exports."""
        out = beside(top) if self.out is None else real(self.out)
        return path.name in own_folders or real(path) == out

    def _wanted(self, entry: os.DirEntry[str], path: Path, top: Path) -> bool:
        if entry.is_symlink() and _leads_out(path, top):
            return False
        if not _named_as_picture(path) and (_has_suffix(path) or not _begins_as_photo(path)):
            return False
        return self.choice.takes(_suffix(path))


def check_out(out: str | os.PathLike[str]) -> Path:
    """The folder that collects exports, unless that cannot be meant.

    Raises:
        UsageProblem: it is a file, is called like a picture, or no folder can be called so.
        OutputProblem: the system does not let anybody look at it: its name is too long.
    """
    name = os.fspath(out)
    if name and makeable(Path(name)) and os.path.isdir(out):  # noqa: PTH112
        return Path(out)
    if not name or "\0" in name or not makeable(Path(name)):
        raise UsageProblem("No folder can have this name.", "Check the spelling.")
    try:
        if too_long(Path(name)):
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))  # noqa: TRY301
        os.stat(out)  # noqa: PTH116
    except FileNotFoundError:  # it will be made
        pass
    except OSError as problem:
        why = atomic.reason(problem)
        raise OutputProblem(f"The exports could not be written ({why}).") from problem
    else:
        raise UsageProblem(f"{name} is a file, and exports go into a folder.", _NAME_A_FOLDER)
    if _named_as_picture(Path(out)):
        raise UsageProblem(
            f"Exports go into a folder, and {name} is called like a picture.", _NAME_A_FOLDER
        )
    return Path(out)


def _leads_out(path: Path, top: Path) -> bool:
    """Whether a link leaves a folder, or nobody can tell."""
    try:
        return not Path(os.path.realpath(path)).is_relative_to(top)
    except OSError:
        return True


def _suffix(path: Path) -> str:
    # Trailing spaces come from copying and pasting names.
    return path.suffix.strip().lower()


def _named_as_picture(path: Path) -> bool:
    return _suffix(path) in PICTURE_SUFFIXES


def _has_suffix(path: Path) -> bool:
    """Whether the name says what kind of file it is: "scan.2024.05" does not."""
    return any(c.isalpha() for c in _suffix(path))


def _stem(path: Path) -> str:
    """The name without its suffix, if it has one."""
    return path.stem if _has_suffix(path) else path.name


def _begins_as_photo(path: Path) -> bool:
    """Whether a regular file's first bytes are those of a photo."""
    path = reachable(path)
    try:
        if not path.is_file():  # a pipe would wait for a writer
            return False
        with path.open("rb") as file:
            return looks_like_photo(file.read(_SNIFFED_BYTES))
    except OSError:
        return False


def _lies_elsewhere(entry: os.DirEntry[str]) -> bool:
    """Whether a cloud service keeps what is in a file; not to be read, not even its first bytes."""
    try:
        return lies_elsewhere(entry.stat())
    except OSError:
        return False


def _is_neutral_export(path: Path) -> bool:
    """Whether a file is named by its own bytes, as only our neutral exports are."""
    match = _NEUTRAL.match(path.stem)
    if not match:
        return False
    try:
        return hashlib.sha256(reachable(path).read_bytes()).hexdigest().startswith(match[1])
    except OSError:
        return False
