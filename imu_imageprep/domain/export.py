"""A finished picture, before and after it was checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Format, Size


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished picture as bytes that nobody has checked yet.

    Attributes:
        data: the whole file.
        format: the format that was asked for.
        size: width and height in pixels that were asked for.
    """

    data: bytes = field(repr=False)
    format: Format
    size: Size


@dataclass(frozen=True, slots=True)
class Verified:
    """A finished picture that was read again and holds nothing but a picture.

    Only :mod:`imu_imageprep.stages.verify` makes one, and only one of these can be exported.

    Attributes:
        data: the whole file.
        format: what the bytes really are.
        size: width and height in pixels, read from the bytes.
        sha256: hex digest of ``data``.
        dpi: the density; WebP has no field for one, so there it is the density meant.
    """

    data: bytes = field(repr=False)
    format: Format
    size: Size
    sha256: str
    dpi: int
