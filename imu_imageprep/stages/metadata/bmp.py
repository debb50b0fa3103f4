"""BMP: a header that may carry a profile, and what follows the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata.statement import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_V5_SIZE = 124
_COLOUR_SPACE = 14 + 56


def parts(data: bytes) -> Iterator[Statement]:
    """Walk a BMP file.

    Source: Microsoft's BITMAPFILEHEADER and BITMAPV5HEADER.
    """
    size = int.from_bytes(data[2:6], "little")
    if int.from_bytes(data[14:18], "little") >= _V5_SIZE:
        colour_space = data[_COLOUR_SPACE : _COLOUR_SPACE + 4]
        if colour_space == b"DEBM":
            yield Entry(Category.PROFILE, "ICC profile")
        elif colour_space == b"KNIL":
            # The profile is named by its path on the disk where the picture was made.
            yield Entry(Category.PRIVATE, "path of an ICC profile")
    if 54 <= size < len(data):  # noqa: PLR2004 - writers that leave it 0 say nothing
        yield Entry(Category.TRAILER, "bytes after the picture", f"{len(data) - size} bytes")
