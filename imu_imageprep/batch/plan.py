"""Which files a run takes, and where each export goes."""

from __future__ import annotations

import errno
import itertools
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep import atomic, storage
from imu_imageprep.batch.choice import (
    EVERYTHING,
    SNIFFED,
    Choice,
    LeftOut,
    called_neutrally,
    has_suffix,
    named_as_picture,
    stem_of,
    suffix_of,
)
from imu_imageprep.batch.names import (
    Names,
    Near,
    beside,
    fitting,
    mirrored,
    place_of,
    web_name,
)
from imu_imageprep.domain.albums import ALONE, Turn
from imu_imageprep.domain.errors import (
    ELSEWHERE,
    ImageprepError,
    InputProblem,
    OutputProblem,
    UsageProblem,
)
from imu_imageprep.domain.words import printable
from imu_imageprep.request import Target
from imu_imageprep.stages.read import looks_like_photo
from imu_imageprep.storage import HERE, Remote
from imu_imageprep.windows import is_link, lies_elsewhere, makeable, reachable, real, too_long

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from imu_imageprep.batch.made import Made
    from imu_imageprep.storage import Place

_NAME_A_FOLDER = "Name a folder, or write one picture to a file: imageprep in.jpg -o - > out.jpg"


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to prepare.

    Attributes:
        path: the input as it was given or found.
        target: where its export goes; None where nobody said so, as for a photo of a store.
        renamed: whether its name was numbered because another photo has it.
        problem: why it cannot be prepared (the path is not there).
        named: it was named itself, not found in a folder.
        turn: what is known of its album.
    """

    path: Place
    target: Target | None
    renamed: bool = False
    problem: ImageprepError | None = None
    named: bool = False
    turn: Turn = ALONE


@dataclass(frozen=True, slots=True)
class Plan:
    """Walks the arguments and gives every photo a place of its own.

    Attributes:
        paths: files and folders as given.
        out: folder that collects all exports; None puts them beside their originals, but none
            into a store.
        replace: whether existing files may be replaced.
        passed_over: told of each file in a folder that is not taken, and of each folder that is
            not walked because exports go there.
        choice: what to take from folders.
        made: knows the exports, which are no photos; without it only those are known whose names
            say what is in them.
    """

    paths: Sequence[Place]
    out: Place | None = None
    replace: bool = False
    passed_over: Callable[[Place, LeftOut], None] | None = None
    choice: Choice = EVERYTHING
    made: Made | None = None

    def __post_init__(self) -> None:
        if self.out is not None:
            check_out(self.out)

    def __iter__(self) -> Iterator[Task]:
        """Every photo once, in the order of the arguments, folders sorted by name."""
        among = self._among_photos()
        if self._one_store() and not among:
            names: Names = Near()
        else:
            names = Names(self._inputs() if among or self.replace else set())
        named = self._named()
        for argument in self.paths:
            if argument not in named:
                self._told(argument, LeftOut.EXPORT)
                continue
            for path, folder, stem, problem in self._photos(argument):
                if not names.new(path):
                    continue
                if isinstance(path, Path) and not os.path.lexists(reachable(path)):
                    problem = _missing(path)  # noqa: PLW2901  (what is wrong with it)
                if problem is not None:
                    yield Task(path, None, problem=problem)
                    continue
                name = names.free(path, folder, stem)
                target = None
                if folder is not None:
                    target = Target(folder, name, self.replace, base=stem)
                yield Task(path, target, renamed=name != stem, named=path == argument)

    def _one_store(self) -> bool:
        """Whether all photos are of one folder in a store, which may have millions."""
        return len(self.paths) == 1 and isinstance(self.paths[0], Remote)

    def count(self, most: int | None = None) -> int:
        """How many photos there are; counting ends at ``most``."""
        return sum(1 for _ in itertools.islice(replace(self, passed_over=None), most))

    def _named(self) -> frozenset[Place]:
        """The arguments, without earlier exports that are named among photos.

        A shell names all of a folder's files for "*.jpg": the exports beside the photos too.
        """
        if self.made is None or len(self.paths) == 1:
            return frozenset(self.paths)
        self.made.look_again()
        photos = frozenset(
            path for path in self.paths if isinstance(path, Remote) or path not in self.made
        )
        return photos or frozenset(self.paths)

    def _among_photos(self) -> bool:
        """Whether exports are collected where photos of the run lie, which keep their names."""
        if self.out is None:
            return False
        out = _whole(self.out)
        return any(
            _within(_whole(argument), out)
            for argument in self.paths
            if isinstance(argument, Remote) or os.path.isdir(reachable(argument))  # noqa: PTH112
        )

    def _inputs(self) -> set[tuple[str, str]]:
        """The places of all inputs: no export may take one, as it would replace the photo there."""
        silent = replace(self, passed_over=None)
        return {
            place_of(photo.path.parent, photo.path.stem)
            for argument in self._named()
            for photo in silent._photos(argument)  # noqa: SLF001  (its own kind)
        }

    def _photos(self, argument: Place) -> Iterator[_Photo]:
        """The photos of one argument."""
        if isinstance(argument, Remote):
            yield from self._stored(argument)
            return
        # os.path answers "no" where Path would raise: a name too long, links in a circle.
        if not os.path.isdir(reachable(argument)):  # noqa: PTH112
            if self.out is None or _whole(self.out) == real(argument.parent):
                yield _Photo(argument, argument.parent, web_name(stem_of(argument)))
            else:
                yield _Photo(argument, self.out, fitting(stem_of(argument)))
            return
        top = real(argument)
        base = beside(top) if self.out is None else self.out
        for path in self._walk(argument, argument, top):
            # The argument itself comes back where it cannot be opened.
            folder = (
                base if path == argument else base / mirrored(path.parent.relative_to(argument))
            )
            stem = stem_of(path)
            with_photos = self.out is not None and _whole(folder) == real(path.parent)
            yield _Photo(path, folder, web_name(stem) if with_photos else fitting(stem))

    def _stored(self, argument: Remote) -> Iterator[_Photo]:
        """The photos of one address."""
        from imu_imageprep.batch.stored import Walk  # noqa: PLC0415  (only for an address)
        from imu_imageprep.storage.port import Kind  # noqa: PLC0415

        try:
            kind = storage.store_of(argument).kind(argument)
        except ImageprepError as trouble:
            yield _Photo(argument, None, "", trouble)
            return
        if kind is None:
            yield _Photo(argument, None, "", _missing(argument))
            return
        found: Iterable[tuple[Remote, ImageprepError | None]] = [(argument, None)]
        top = argument.parent
        if kind is Kind.FOLDER:
            top = argument
            found = Walk(top, self.out, self.choice, self.made, self._told).photos()
        for path, problem in found:
            folder = self.out
            if folder is not None and problem is None:
                folder = folder / mirrored(path.parent.relative_to(top))
            stem = stem_of(path)
            name = web_name(stem) if folder == path.parent else fitting(stem)
            yield _Photo(path, folder, name, problem)

    def _told(self, path: Place, why: LeftOut) -> None:
        if self.passed_over is not None:
            self.passed_over(path, why)

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
            if why is not None:
                self._told(path, why)
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
            return LeftOut.ELSEWHERE if named_as_picture(path) else LeftOut.OTHER
        if not self._wanted(entry, path, top):
            return LeftOut.OTHER
        ours = _is_neutral_export(path) or (self.made is not None and path in self.made)
        return LeftOut.EXPORT if ours else None

    def _own_folder(self, path: Path, own_folders: set[str], top: Path) -> bool:
        """Whether a folder holds our exports."""
        out = beside(top) if self.out is None else _whole(self.out)
        return path.name in own_folders or real(path) == out

    def _wanted(self, entry: os.DirEntry[str], path: Path, top: Path) -> bool:
        if entry.is_symlink() and _leads_out(path, top):
            return False
        if not named_as_picture(path) and (has_suffix(path) or not _begins_as_photo(path)):
            return False
        return self.choice.takes(suffix_of(path))


def check_out(typed: str | os.PathLike[str] | Remote) -> Place:
    """The folder that collects exports, unless that cannot be meant.

    Raises:
        UsageProblem: it is a file, is called like a picture, or no folder can be called so.
        OutputProblem: the system does not let anybody look at it: its name is too long, or its
            store does not answer.
        ModelProblem: it is in a store, and the extra for them is not installed.
    """
    out = storage.place(typed)
    if isinstance(out, Remote):
        if named_as_picture(out):
            raise UsageProblem(*_like_a_picture(str(out)))
        storage.check(out)
        return out
    name = os.fspath(typed)  # type: ignore[arg-type]  # no address
    if name and makeable(out) and os.path.isdir(name):  # noqa: PTH112
        return out
    if not name or "\0" in name or not makeable(out):
        raise UsageProblem("No folder can have this name.", "Check the spelling.")
    try:
        if too_long(out):
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))  # noqa: TRY301
        os.stat(name)  # noqa: PTH116
    except FileNotFoundError:  # it will be made
        pass
    except OSError as problem:
        why = atomic.reason(problem)
        raise OutputProblem(f"The exports could not be written ({why}).", ELSEWHERE) from problem
    else:
        raise UsageProblem(f"{name} is a file, and exports go into a folder.", _NAME_A_FOLDER)
    if named_as_picture(out):
        raise UsageProblem(*_like_a_picture(name))
    return out


def refuse_beside(paths: Iterable[Place], out: object) -> None:
    """Refuse to write into a store beside its photos: that is done where somebody says so.

    Raises:
        UsageProblem: a photo is in a store, and nobody said where its export goes.
    """
    if out is None and any(isinstance(path, Remote) for path in paths):
        raise UsageProblem(
            "Say where the exports of photos in a store go: nothing is written beside those.",
            "Name a folder, here or in a store: -o exports, or -o s3://bucket/exports",
        )


def _like_a_picture(name: str) -> tuple[str, str]:
    return f"Exports go into a folder, and {name} is called like a picture.", _NAME_A_FOLDER


class _Photo(NamedTuple):
    """A photo, the folder and the name of its export; or why there is none."""

    path: Place
    folder: Place | None
    stem: str
    problem: ImageprepError | None = None


def _missing(path: Place) -> InputProblem:
    return InputProblem(
        f"There is no file or folder named {printable(str(path))}.",
        "Check the spelling; quote names that contain spaces.",
    )


def _whole(place: Place) -> Place:
    """A place without links."""
    return real(place) if isinstance(place, Path) else place


def _within(one: Place, folder: Place) -> bool:
    if isinstance(one, Path):
        return isinstance(folder, Path) and one.is_relative_to(folder)
    return isinstance(folder, Remote) and one.is_relative_to(folder)


def _leads_out(path: Path, top: Path) -> bool:
    """Whether a link leaves a folder, or nobody can tell."""
    try:
        return not Path(os.path.realpath(path)).is_relative_to(top)
    except OSError:
        return True


def _begins_as_photo(path: Path) -> bool:
    """Whether a regular file's first bytes are those of a photo."""
    path = reachable(path)
    try:
        if not path.is_file():  # a pipe would wait for a writer
            return False
        with path.open("rb") as file:
            return looks_like_photo(file.read(SNIFFED))
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
    begins = called_neutrally(path)
    return begins is not None and (HERE.digest(real(path)) or "").startswith(begins)
