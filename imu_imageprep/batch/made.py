"""Which files of a folder are exports: the ledger knows them by their bytes, wherever they lie."""

from __future__ import annotations

import hashlib
import logging
import stat
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger("imu_imageprep")


class Exports(Protocol):
    """What is asked of the ledger; ``OutputProblem`` wherever it cannot be used."""

    def made(self, sha256: str) -> bool:
        """Whether bytes (hex sha256) are an export's."""
        ...

    def sizes(self, after: int = 0) -> tuple[int, frozenset[int]]:
        """The last event that was read, and the sizes of the exports since the one before."""
        ...


class Made:
    """Tells exports from photos without reading the photos.

    A file is read only where it has exactly as many bytes as some export: photos are larger, and
    are read once, when they are prepared. May be shared by threads.

    Args:
        ledger: knows the exports.
    """

    def __init__(self, ledger: Exports) -> None:
        self._ledger = ledger
        self._sizes: set[int] = set()
        self._last = 0
        self._trouble: OutputProblem | None = None

    def look_again(self) -> None:
        """Learn of the exports since the last time: call it after the names of a folder were read.

        What lies there then was on record before.
        """
        try:
            last, sizes = self._ledger.sizes(self._last)
        except OutputProblem as trouble:  # nothing is known, and every photo says so for itself
            _log.debug("the ledger does not tell which files are exports")
            self._trouble = trouble
            return
        self._trouble = None
        self._sizes |= sizes
        self._last = max(last, self._last)

    def __contains__(self, path: Path) -> bool:
        """Whether a file is an export."""
        path = reachable(path)
        try:
            status = path.stat()
            return stat.S_ISREG(status.st_mode) and self._has(
                status.st_size, lambda: hashlib.sha256(path.read_bytes()).hexdigest()
            )
        except (OSError, OutputProblem):
            return False

    def has(self, size: int, digest: Callable[[], str | None]) -> bool:
        """Whether a file is an export.

        Args:
            size: its bytes.
            digest: reads it, for its hex sha256; asked only where the size is some export's.

        Raises:
            OutputProblem: the ledger does not say so.
        """
        if self._trouble is not None:
            self.look_again()
        if self._trouble is not None:
            raise self._trouble
        return self._has(size, digest)

    def _has(self, size: int, digest: Callable[[], str | None]) -> bool:
        if size not in self._sizes:
            return False
        sha256 = digest()
        return sha256 is not None and self._ledger.made(sha256)
