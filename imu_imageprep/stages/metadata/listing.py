"""Every EXIF and maker-note field by its name, for a person who asks to see them."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Source

_LONGEST = 200  # characters of a value that are shown
_MOST = 500  # fields of one file
_UNREADABLE = "the camera's own fields could not all be read"


def listing(source: Source) -> tuple[tuple[tuple[Category, str, str], ...], tuple[str, ...]]:
    """List what exifread names: maker notes above all, which cameras of each make fill differently.

    What is hidden in a file is decided by ``describe``, never by this list: exifread raises on some
    valid files, and does not know XMP, IPTC or text chunks.

    Args:
        source: the whole file.

    Returns:
        (category, field, value) for each field that could be read, and notes for a person.
    """
    import exifread  # noqa: PLC0415  (35 ms, and only for a person who asks)

    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it would quote values
    try:
        tags = exifread.process_file(io.BytesIO(source.data), details=True)
        fields = tuple(
            (_category(name), name, str(tag)[:_LONGEST])
            for name, tag in list(tags.items())[:_MOST]
            if not isinstance(tag, bytes) and str(tag).strip()
        )
    except Exception:  # noqa: BLE001  (it raises a dozen types on damaged and on valid files)
        return (), (_UNREADABLE,)
    return fields, ()


def _category(name: str) -> Category:
    return Category.GPS if name.startswith("GPS ") else Category.PRIVATE
