"""Stores with folders and renames, where a file is written under a temporary name first."""

from __future__ import annotations

import contextlib
import hashlib
import stat
import time
from typing import TYPE_CHECKING, Any

import fsspec

from imu_imageprep import atomic
from imu_imageprep.domain.errors import ImageprepError, InputProblem, OutputProblem
from imu_imageprep.storage.asking import Asked, Told
from imu_imageprep.storage.port import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.domain.place import Remote

_PIECE = 1 << 20  # bytes read at a time where only the hash is wanted
_KINDS = {"file": Kind.FILE, "directory": Kind.FOLDER}


class Served(Asked):
    """As of ``port.Store``, by way of fsspec; what a protocol does otherwise is in its class.

    Args:
        where: an address in it.
    """

    def __init__(self, where: Remote) -> None:
        super().__init__(where)
        with self.asking():
            self.fs = self._connected(where)

    def _connected(self, where: Remote) -> Any:
        """The fsspec file system, which remembers no listings."""
        return fsspec.filesystem(where.scheme, use_listings_cache=False)

    def why(self, problem: Exception) -> Told | None:
        """As of ``Asked``."""
        del problem
        return None

    # --- what a protocol may do otherwise --------------------------------------------------------

    def _info(self, path: str, *, follow: bool = False) -> tuple[Kind, int, float]:
        """What is there: kind, size and time of change (seconds).

        Raises:
            FileNotFoundError: nothing is there.
        """
        del follow
        info = self.fs.info(path)
        changed = info.get("mtime") or info.get("created")
        when = changed.timestamp() if hasattr(changed, "timestamp") else float(changed or 0)
        return _KINDS.get(info["type"], Kind.OTHER), int(info.get("size") or 0), when

    def _listed(self, path: str) -> Iterator[Entry]:
        for info in self.fs.ls(path, detail=True):
            name = info["name"].rstrip("/").rsplit("/", 1)[-1]
            yield Entry(name, _KINDS.get(info["type"], Kind.OTHER), int(info.get("size") or 0))

    def _whole(self, path: str, fits: Callable[[int], object]) -> bytes:
        _, size, _ = self._info(path, follow=True)
        fits(size)
        with self.fs.open(path, "rb") as file:
            data: bytes = file.read(size + 1)
        return self._complete(data, size)

    def _complete(self, data: bytes, size: int) -> bytes:
        if len(data) != size:
            raise InputProblem(
                "The file changed while it was being read.",
                "Wait until it is complete and try again.",
            )
        return data

    def _mkdir(self, path: str) -> None:
        """Make a folder, in one that is there."""
        self.fs.mkdir(path, create_parents=False)

    def _rename_new(self, part: str, path: str) -> None:
        """Give a file its name.

        Raises:
            FileExistsError: something has it.
        """
        if self.fs.exists(path):
            raise FileExistsError
        self.fs.mv(part, path)

    def _rename_over(self, part: str, path: str) -> None:
        """Give a file the name of another, in one step."""
        self.fs.mv(part, path)

    # --- as of port.Store ------------------------------------------------------------------------

    def check(self, folder: Remote) -> None:
        """As of ``port.Store``: the nearest folder that is there may be looked at."""
        with self.asking(OutputProblem):
            for place in (folder, *folder.parents):
                try:
                    kind, _, _ = self._info(str(place.path), follow=True)
                except FileNotFoundError:
                    continue
                if kind is not Kind.FOLDER:
                    raise OutputProblem(
                        f"{place} is a file, and exports go into a folder.", "Name a folder."
                    )
                return
            raise OutputProblem(f"There is no folder {folder}.", "Check the spelling.")

    def kind(self, place: Remote) -> Kind | None:
        """As of ``port.Store``; a link that is named itself is followed."""
        with self.asking():
            try:
                return self._info(str(place.path), follow=True)[0]
            except FileNotFoundError:
                return None

    def pages(self, folder: Remote) -> Iterator[Sequence[Entry]]:
        """As of ``port.Store``; one folder's names at a time, as the servers do not sort them."""
        with self.asking():
            found = sorted(self._listed(str(folder.path)), key=lambda entry: entry.name)
        yield found

    def read(self, place: Remote, fits: Callable[[int], object]) -> bytes:
        """As of ``port.Store``."""
        with self.asking():
            kind, _, _ = self._info(str(place.path), follow=True)
            if kind is not Kind.FILE:
                raise InputProblem("This is no file.", "Name a photo, or the folder that it is in.")
            return self._whole(str(place.path), fits)

    def beginning(self, place: Remote, count: int) -> bytes:
        """As of ``port.Store``."""
        with self.asking(), self.fs.open(str(place.path), "rb") as file:
            data: bytes = file.read(count)
        return data

    def there(self, place: Remote) -> bool:
        """As of ``port.Exports``."""
        with self.asking(OutputProblem):
            try:
                self._info(str(place.path))
            except FileNotFoundError:
                return False
        return True

    def digest(self, place: Remote) -> str | None:
        """As of ``port.Exports``."""
        with self.asking(OutputProblem):
            try:
                kind, _, _ = self._info(str(place.path))
                if kind is not Kind.FILE:
                    return ""
                whole = hashlib.sha256()
                with self.fs.open(str(place.path), "rb") as file:
                    while piece := file.read(_PIECE):
                        whole.update(piece)
            except FileNotFoundError:
                return None
        return whole.hexdigest()

    def ready(self, folder: Remote) -> None:
        """As of ``port.Exports``; the first write shows whether one may."""
        with self.asking(OutputProblem):
            missing = []
            for place in (folder, *folder.parents):
                try:
                    self._info(str(place.path), follow=True)
                except FileNotFoundError:
                    missing.append(place)
                else:
                    break
            for place in reversed(missing):
                self._make(place)

    def _make(self, folder: Remote) -> None:
        path = str(folder.path)
        try:
            self._mkdir(path)
        except OSError:  # another process may have been faster
            with contextlib.suppress(FileNotFoundError):  # then what went wrong first is told
                if self._info(path, follow=True)[0] is Kind.FOLDER:
                    return
            raise

    def put_new(self, place: Remote, data: bytes) -> None:
        """As of ``port.Exports``."""
        self._written(place, data, lambda part: self._rename_new(part, str(place.path)))

    def replace(self, place: Remote, data: bytes, earlier: str) -> None:
        """As of ``port.Exports``; what is there is looked at last of all."""

        def rename(part: str) -> None:
            if self.digest(place) != earlier:
                raise FileExistsError
            self._rename_over(part, str(place.path))

        self._written(place, data, rename)

    def _written(self, place: Remote, data: bytes, rename: Callable[[str], None]) -> None:
        part = str(place.with_name(atomic.part_name()).path)
        with self.asking(OutputProblem):
            try:
                with self.fs.open(part, "wb") as file:
                    file.write(data)
                self._refuse_cut(part, len(data))
                rename(part)
            except BaseException:
                with contextlib.suppress(Exception):
                    self.fs.rm_file(part)
                raise

    def _refuse_cut(self, part: str, size: int) -> None:
        if self._info(part)[1] != size:
            raise OutputProblem(f"{self.name} did not keep all of the export.", "Try again.")

    def sweep(self, folder: Remote) -> int:
        """As of ``port.Exports``: what is older than a day, as there are no locks."""
        removed = 0
        with contextlib.suppress(FileNotFoundError, ImageprepError), self.asking():
            for entry in self._listed(str(folder.path)):
                path = str((folder / entry.name).path)
                if atomic.is_part(entry.name) and entry.kind is Kind.FILE:
                    age = time.time() - self._info(path)[2]
                    if age > atomic.SURELY_DEAD_SECONDS:
                        self.fs.rm_file(path)
                        removed += 1
        return removed


def kind_of(mode: int | None) -> Kind:
    """What a server's mode of a file stands for, bits as of POSIX; None where it tells none."""
    if stat.S_ISDIR(mode or 0):
        return Kind.FOLDER
    return Kind.FILE if stat.S_ISREG(mode or 0) else Kind.OTHER


class Memory(Served):
    """fsspec's own store in this process's memory: for tests."""
