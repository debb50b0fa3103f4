"""What exports are called, and that no two of a run are called alike."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import windows

if TYPE_CHECKING:
    from pathlib import PurePath

    from imu_imageprep.storage import Place

WEB = "-web"
# The longest name that ext4, APFS and NTFS all take is 255 bytes; 15 are left for a suffix and for
# a number where names clash.
_NAME_BYTES = 240


def beside(folder: Path) -> Path:
    """Where the exports of a folder go by default: beside it, but those of a whole drive into it.

    Args:
        folder: without links.
    """
    return folder.with_name(web_name(folder.name)) if folder.name else folder / f"imageprep{WEB}"


def web_name(name: str) -> str:
    """The name of a photo's or a folder's export beside it."""
    return f"{fitting(name, len(WEB))}{WEB}"


def fitting(name: str, reserved: int = 0) -> str:
    """A name short enough for a file system, with ``reserved`` bytes to spare.

    A long one ends in 8 hex digits of its sha256, so that long names that begin alike stay apart.
    A name that Windows keeps for a device ("aux") gets a "_": exports are copied to other systems.
    """
    if windows.is_device(name) and not reserved:
        name = f"{name}_"
    encoded = os.fsencode(name)
    room = _NAME_BYTES - reserved
    if len(encoded) <= room:
        return name
    mark = f"-{hashlib.sha256(encoded).hexdigest()[:8]}"
    # A character that would be cut in two is left out; undecodable bytes stay as they are.
    kept = name
    while len(os.fsencode(kept)) > room - len(mark):
        kept = kept[:-1]
    return kept + mark


def mirrored(folder: PurePath) -> PurePath:
    """The folders of an export, as those of its photo: called so that every system takes them."""
    names = (part if windows.is_exact(part) else f"{part}_" for part in folder.parts)
    return folder.__class__(*names)


class Names:
    """Gives every photo of a run a name of its own.

    Args:
        taken: places that no export may have.
    """

    def __init__(self, taken: set[tuple[str, str]]) -> None:
        self._taken = taken
        self._seen: set[Place] = set()

    def new(self, path: Place) -> bool:
        """Whether a photo comes up for the first time, by whatever name."""
        whole = windows.real(path) if isinstance(path, Path) else path
        if whole in self._seen:
            return False
        self._seen.add(whole)
        return True

    def free(self, path: Place, folder: Place | None, stem: str) -> str:
        """The stem, numbered where another photo of this run has it (letter case ignored)."""
        del path
        if folder is None:
            return stem
        name, number = stem, 1
        while (place := place_of(folder, name)) in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(place)
        return name


class Near(Names):
    """The same for one folder of a store, without remembering millions of names.

    Photos come sorted there, each once. So those that may want one name ("a.jpg", "a.png") stand
    together, but for some of the names between "a" and "a/" in that order; a name that is taken by
    one of these is found taken when the export is written.
    """

    def __init__(self) -> None:
        super().__init__(set())
        self._ends: dict[tuple[str, str], tuple[Place, str]] = {}

    def new(self, path: Place) -> bool:
        """Always: the store says each once."""
        self._ends = {
            place: (folder, end)
            for place, (folder, end) in self._ends.items()
            if folder == path.parent and path.name < end
        }
        self._taken = set(self._ends)
        return True

    def free(self, path: Place, folder: Place | None, stem: str) -> str:
        """As of ``Names``."""
        name = super().free(path, folder, stem)
        if folder is not None:
            # "/" is the next sign after "." in every store's order.
            self._ends[place_of(folder, name)] = path.parent, f"{path.stem}/"
        return name


def place_of(folder: Place, stem: str) -> tuple[str, str]:
    """What two exports must not share."""
    whole = windows.real(folder) if isinstance(folder, Path) else folder
    return _folded(str(whole)), _folded(stem)


def _folded(name: str) -> str:
    # File systems that ignore case or Unicode form must not let two exports collide.
    return unicodedata.normalize("NFC", name).casefold()
