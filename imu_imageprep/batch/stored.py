"""Which files of a store a run takes: the rules for folders, asked page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep import atomic, storage
from imu_imageprep.batch.choice import (
    SNIFFED,
    LeftOut,
    called_neutrally,
    has_suffix,
    named_as_picture,
    suffix_of,
)
from imu_imageprep.domain.errors import ImageprepError, InputProblem, OutputProblem
from imu_imageprep.domain.place import usable
from imu_imageprep.stages.read import looks_like_photo
from imu_imageprep.storage.port import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imu_imageprep.batch.choice import Choice
    from imu_imageprep.batch.made import Made
    from imu_imageprep.storage import Place, Remote
    from imu_imageprep.storage.port import Entry, Store


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks a folder of a store as ``Plan`` walks one of this computer.

    Two things differ: links are not followed, and a folder is not known as one of exports by its
    name, because none are written beside photos there.

    Attributes:
        top: the folder that was named.
        out: the folder of all exports; None where nothing is written.
        choice: what to take.
        made: knows the exports.
        told: of what is not taken.
    """

    top: Remote
    out: Place | None
    choice: Choice
    made: Made | None
    told: Callable[[Remote, LeftOut], None]

    def photos(self) -> Iterator[tuple[Remote, ImageprepError | None]]:
        """The photos, depth first; each with what is wrong with its name, if anything is.

        A folder whose names cannot be read comes itself, with the reason.
        """
        return self._walked(storage.store_of(self.top), self.top)

    def _walked(
        self, store: Store, folder: Remote
    ) -> Iterator[tuple[Remote, ImageprepError | None]]:
        folders: list[str] = []
        try:
            for page in store.pages(folder):
                # What lies there was on record before; this very run may have written it.
                if self.made is not None:
                    self.made.look_again()
                for entry in page:
                    yield from self._entry(store, folder, entry, folders)
        except (ImageprepError, OSError) as problem:
            yield folder, _told(problem, "This folder")
        for name in folders:
            path = folder / name
            if path == self.out:
                self.told(path, LeftOut.FOLDER)
            else:
                yield from self._walked(store, path)

    def _entry(
        self, store: Store, folder: Remote, entry: Entry, folders: list[str]
    ) -> Iterator[tuple[Remote, ImageprepError | None]]:
        """The photo that a name is, if it is one; one that cannot be looked at costs itself."""
        if not entry.name or not usable(entry.name):
            yield folder, _unusable(entry.name)
            return
        path = folder / entry.name
        if entry.kind is Kind.FOLDER:
            if not self._hidden(path):
                folders.append(entry.name)
            return
        try:
            why = self._why_not(store, path, entry)
        except OutputProblem as problem:  # the ledger does not say whether it is an export
            yield path, problem
            return
        except (ImageprepError, OSError) as problem:
            yield path, _told(problem, "This file")
            return
        if why is None:
            yield path, None
        else:
            self.told(path, why)

    def _hidden(self, path: Remote) -> bool:
        return path.name.startswith(".") or self.choice.leaves_out(path.relative_to(self.top))

    def _why_not(self, store: Store, path: Remote, entry: Entry) -> LeftOut | None:
        """Why a file is not taken; None where it is."""
        if entry.kind is not Kind.FILE or self._hidden(path) or not self._wanted(store, path):
            return LeftOut.OTHER
        begins = called_neutrally(path)
        ours = begins is not None and (_digest(store, path) or "").startswith(begins)
        if not ours and self.made is not None:
            ours = self.made.has(entry.size, lambda: _digest(store, path))
        return LeftOut.EXPORT if ours else None

    def _wanted(self, store: Store, path: Remote) -> bool:
        if not self.choice.takes(suffix_of(path)):
            return False
        return named_as_picture(path) or (
            not has_suffix(path) and looks_like_photo(store.beginning(path, SNIFFED))
        )


def _digest(store: Store, path: Remote) -> str | None:
    """Of a photo that is read, not of an export."""
    try:
        return store.digest(path)
    except OutputProblem as problem:
        raise InputProblem(problem.message, problem.advice) from problem


def _told(problem: ImageprepError | OSError, what: str) -> InputProblem:
    if isinstance(problem, ImageprepError):
        return InputProblem(problem.message, problem.advice)
    why = atomic.reason(problem, "it is not there any more")
    return InputProblem(f"{what} could not be looked at ({why}).", "Run it again.")


def _unusable(name: str) -> InputProblem:
    return InputProblem(
        f"A name in this folder cannot be a file's on every system: {name!r}.",
        "Give it another name there; nothing was read.",
    )
