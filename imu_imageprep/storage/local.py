"""Exports in folders of this computer."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from pathlib import Path


class Folders:
    """As of ``port.Exports``; ``OSError`` wherever the system refuses."""

    def there(self, place: Path) -> bool:
        """As of ``port.Exports``."""
        return os.path.lexists(reachable(place))

    def digest(self, place: Path) -> str | None:
        """As of ``port.Exports``."""
        path = reachable(place)
        try:
            status = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):  # a pipe would wait for a writer
            return ""
        try:
            with path.open("rb") as file:  # piece by piece: it may be larger than the memory
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""

    def ready(self, folder: Path) -> None:
        """As of ``port.Exports``."""
        folder = reachable(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError

    def put_new(self, place: Path, data: bytes) -> None:
        """As of ``port.Exports``."""
        atomic.write(place, data)

    def replace(self, place: Path, data: bytes, earlier: str) -> None:
        """As of ``port.Exports``."""
        atomic.write(place, data, replace=True, still=lambda: self.digest(place) == earlier)

    def sweep(self, folder: Path) -> int:
        """As of ``port.Exports``."""
        return atomic.sweep(folder)


HERE = Folders()
