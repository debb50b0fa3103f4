"""Read a finished picture again and find whatever is not a picture.

An allow-list: everything that is not known to be needed for showing the picture is a leftover. The
readers are written from the formats' specifications and share no code with the encoder. Their
limits, which no structural check can lift: what is painted into the pixels, the choice among
equivalent encodings (quantisation tables, filters, how a deflate stream is cut into blocks), and
what each reader's own docstring names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import InputProblem, VerifyProblem
from imu_imageprep.domain.photo import Format, Verified
from imu_imageprep.stages.verify.reading import (
    JPEG_SIGNATURE,
    PNG_SIGNATURE,
    Broken,
    Reading,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from imu_imageprep.domain.photo import Encoded

# The density of web pictures, the one that the guideline asks for.
_DPI = 72

# Larger files are not walked: a web picture has a thousandth of it, and time must stay bounded.
_MAX_BYTES = 64 << 20


def verify(encoded: Encoded) -> Verified:
    """Check that a finished picture holds a picture of the size asked for, and nothing else.

    Args:
        encoded: the bytes with the format and the size in pixels that were asked for.

    Returns:
        The same bytes, with their sha256.

    Raises:
        VerifyProblem: there is something besides the picture, or it is another picture.
    """
    real = _format(encoded.data)
    if real is None or real is not encoded.format:
        raise VerifyProblem(f"The finished picture is not a {encoded.format.value} file.")
    reading = _read(encoded.data, real)
    if reading.leftovers:
        raise VerifyProblem(
            "The finished picture holds more than a picture: " + "; ".join(reading.leftovers) + "."
        )
    if reading.size != encoded.size:
        raise VerifyProblem("The finished picture does not have the size that was asked for.")
    # WebP has no field for a density outside Exif.
    if reading.dpi != _DPI and real is not Format.WEBP:
        raise VerifyProblem(f"The finished picture does not state {_DPI} dpi.")
    return Verified(
        data=encoded.data,
        format=real,
        size=encoded.size,
        sha256=hashlib.sha256(encoded.data).hexdigest(),
        dpi=_DPI,
    )


def inspect(data: bytes) -> tuple[str, ...]:
    """List what a file holds besides a picture.

    Memory and time are bounded whatever the bytes are; what is too large to check is a leftover.

    Args:
        data: a whole file, from anywhere.

    Returns:
        The leftovers in plain words, without their content; empty where there are none.

    Raises:
        InputProblem: it is neither JPEG nor PNG nor WebP.
    """
    real = _format(data)
    if real is None:
        raise InputProblem(
            "This is not a JPEG, PNG or WebP file.", "Only these three can be checked."
        )
    return tuple(_read(data, real).leftovers)


def _format(data: bytes) -> Format | None:
    if data.startswith(JPEG_SIGNATURE):
        return Format.JPEG
    if data.startswith(PNG_SIGNATURE):
        return Format.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Format.WEBP
    return None


def _read(data: bytes, real: Format) -> Reading:
    reading = Reading()
    if len(data) > _MAX_BYTES:
        reading.report("a file too large to check")
        return reading
    try:
        _walk(real)(data, reading)
    except Broken as reason:
        reading.report(str(reason))
    return reading


def _walk(real: Format) -> Callable[[bytes, Reading], None]:
    """The reader of a format, loaded when it is needed: few runs meet more than one."""
    if real is Format.JPEG:
        from imu_imageprep.stages.verify.jpeg import walk  # noqa: PLC0415
    elif real is Format.PNG:
        from imu_imageprep.stages.verify.png import walk  # noqa: PLC0415
    else:
        from imu_imageprep.stages.verify.webp import walk  # noqa: PLC0415
    return walk
