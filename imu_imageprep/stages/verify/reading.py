"""What an allow-list reader answers about one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Size

JPEG_SIGNATURE = b"\xff\xd8"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# A hostile file can hold millions of leftovers; a person needs the first few.
_MOST = 20


@dataclass(slots=True)
class Reading:
    """Notes of one walk through a file; made and filled by one reader, then only read.

    Attributes:
        size: width and height in pixels as the picture's own header states them.
        dpi: the density stated; None where there is none or another than whole dots per inch.
        leftovers: what is there besides a picture, each once, in plain words.
    """

    size: Size | None = None
    dpi: int | None = None
    leftovers: list[str] = field(default_factory=list)

    def report(self, leftover: str) -> None:
        """Note a leftover once; beyond the first few only that there are more."""
        if leftover in self.leftovers or len(self.leftovers) > _MOST:
            return
        self.leftovers.append(leftover if len(self.leftovers) < _MOST else "and more")


class Broken(Exception):
    """The file cannot be walked any further; the message says why in plain words."""
