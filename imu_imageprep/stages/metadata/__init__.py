"""What a file says about itself besides its pixels.

A walker per container finds the blocks, a reader per block says what is in them, and
:func:`describe` gathers the statements. Readers work on copies of bounded size; nothing that
they raise escapes, and a block that cannot be read is still reported as being there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata.statement import Entry, Kind, Part, Unreadable, guarded
from imu_imageprep.stages.metadata.summary import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.stages.metadata.statement import Statement

    Reader = Callable[[bytes], Iterator[Part | Statement]]

__all__ = ["describe"]

# What one file may cost: hostile files nest blocks and repeat them.
_DEPTH = 5
_BLOCK_BYTES = 32 << 20
_BLOCKS = 64
# A byte of XML costs far more time than one of EXIF; one of a second picture next to none.
_COST = {Kind.XMP: 8, Kind.PICTURE: 0}

# Module and function of each format and block, imported when one comes: all of them cost 25 ms.
_WALKERS: Mapping[Format, tuple[str, str]] = {
    Format.JPEG: ("jpeg", "parts"),
    Format.PNG: ("png", "parts"),
    Format.WEBP: ("webp", "parts"),
    Format.HEIF: ("heif", "parts_heif"),
    Format.AVIF: ("heif", "parts_avif"),
    Format.TIFF: ("exif", "read_file"),
    Format.GIF: ("gif", "parts"),
    Format.BMP: ("bmp", "parts"),
    Format.JPEG2000: ("jp2", "parts"),
}
_READERS: Mapping[Kind, tuple[str, str]] = {
    Kind.EXIF: ("exif", "read_block"),
    Kind.XMP: ("xmp", "read"),
    Kind.IPTC: ("iptc", "read"),
    Kind.PHOTOSHOP: ("iptc", "read_photoshop"),
    Kind.PICTURE: ("jpeg", "parts"),
}


def describe(source: Source) -> Metadata:
    """Say what was hidden in a file: categories, credits, date, position and orientation.

    Args:
        source: the whole file and its real format.

    Returns:
        Never raises, whatever the bytes; parts that could not be read are named in ``notes``.
    """
    walker = _load(*_WALKERS[source.format])
    return summary(_Reading().statements(walker(source.data), "the file", 0))


def _load(module: str, function: str) -> Reader:
    reader: Reader = getattr(import_module(f"{__name__}.{module}"), function)
    return reader


class _Reading:
    """One file being read: follows parts into their readers within a budget."""

    def __init__(self) -> None:
        self.bytes_left = _BLOCK_BYTES
        self.blocks_left = _BLOCKS

    def statements(
        self, items: Iterator[Part | Statement], what: str, depth: int
    ) -> Iterator[Statement]:
        """Everything that ``items`` and the parts among them say, in order."""
        for item in guarded(items, what):
            if isinstance(item, Part):
                yield from self._follow(item, depth + 1)
            else:
                yield item

    def _follow(self, part: Part, depth: int) -> Iterator[Statement]:
        if not part.payload:
            return
        self.bytes_left -= _COST.get(part.kind, 1) * len(part.payload)
        self.blocks_left -= 1
        if depth > _DEPTH or self.bytes_left < 0 or self.blocks_left < 0:
            yield Unreadable(part.kind.value)
            return
        found = self.statements(_load(*_READERS[part.kind])(part.payload), part.kind.value, depth)
        if part.kind is Kind.PICTURE:
            # How a second picture is turned, and when it was taken, says nothing about the first.
            yield from (item for item in found if isinstance(item, Entry | Unreadable))
        else:
            yield from found
