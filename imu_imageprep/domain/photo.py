"""A source file, the pixels decoded from it, and the finished picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imu_imageprep.domain.place import Place


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class Format(StrEnum):
    """What the bytes of a picture really are, whatever the file is called."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIF = "heif"
    AVIF = "avif"
    TIFF = "tiff"
    GIF = "gif"
    BMP = "bmp"
    JPEG2000 = "jpeg2000"


EXPORT_FORMATS = (Format.JPEG, Format.PNG, Format.WEBP)
SUFFIX = {Format.JPEG: ".jpg", Format.PNG: ".png", Format.WEBP: ".webp"}


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one input, read once.

    Attributes:
        path: where they came from; None for bytes and pictures handed over by a script.
        data: the whole file.
        sha256: hex digest of ``data``.
        format: the real format, from the bytes.
    """

    path: Place | None
    data: bytes = field(repr=False)
    sha256: str
    format: Format


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The input, without its pixels; width and height of the upright picture in pixels."""

    sha256: str
    format: Format
    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Decoded pixels as plain bytes, as they cross between processes.

    Attributes:
        size: width and height of ``rgb``.
        rgb: 8-bit RGB, row by row.
        source_size: size of the upright source picture in pixels.
        notes: what a person should know.
    """

    size: Size
    rgb: bytes = field(repr=False)
    source_size: Size
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """Upright sRGB pixels, and the size of the picture they were decoded from.

    Attributes:
        pixels: read-only uint8 RGB, shape (height, width, 3); smaller than the source where a
            smaller scale was enough.
        source_size: size of the upright source picture in pixels.
        notes: what happened on the way that a person should know ("first of 12 frames").
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    source_size: Size
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> Size:
        """Size of the pixels held here."""
        height, width = self.pixels.shape[:2]
        return Size(width, height)


def fit_inside(size: Size, bounds: Size) -> Size:
    """The largest size of the same aspect inside ``bounds``, turned to the picture's orientation.

    Args:
        size: the upright picture.
        bounds: width and height for a landscape picture; a portrait one swaps them.

    Returns:
        Never larger than ``size``, and at least one pixel on each side.
    """
    long_side, short_side = max(bounds), min(bounds)
    box = (long_side, short_side) if size.width >= size.height else (short_side, long_side)
    scale = min(1.0, box[0] / size.width, box[1] / size.height)
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


# How files end that are taken from folders. Raw and DICOM files are too, so that they are refused
# by name instead of passed over.
_ENDINGS = """
jpg jpeg jpe jfif mpo png apng webp heic heif hif avif tif tiff gif bmp dib jp2 j2k jpx jpf
dng cr2 cr3 nef arw raf orf rw2 pef srw dcm
"""
PICTURE_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())


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


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """The export, without its pixels; ``dpi`` is the density written into it."""

    path: str
    sha256: str
    format: Format
    width: int
    height: int
    dpi: int
    bytes: int
