"""Decode a photo: the smallest sufficient scale, upright, sRGB, 8 bit, opaque.

``open_picture`` reads the header and ``render`` the pixels. Foreign pictures are decoded by way of
``sandbox``, in a process that is shut in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Photo
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.decode.pixels import render

if TYPE_CHECKING:
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Frame, Source
    from imu_imageprep.domain.policy import Limits


def decode(source: Source, metadata: Metadata, long_side: int, limits: Limits) -> Photo:
    """Decode a picture to pixels, in this process: one that somebody else made is not for here.

    The scale is the largest whole-number reduction that keeps the long side at ``long_side`` or
    more; a smaller picture stays as it is. JPEG is reduced while it is decoded (DCT scaling), other
    formats decode whole and are averaged down.

    Args:
        source: the input, read.
        metadata: its EXIF orientation is applied, except where the format states its own rotation
            and the decoder has applied it (HEIF, AVIF, TIFF); the colour space that it states
            counts where there is no profile.
        long_side: the smallest sufficient long side, in pixels.
        limits: megapixels, checked against the header before pixels are decoded.

    Returns:
        Upright sRGB pixels, opaque (transparent parts on white), with notes of what was left out.

    Raises:
        InputProblem: damaged, cut off or beyond the limits.
    """
    picture = open_picture(source.data, source.format, long_side, limits)
    return photo_of(render(picture, metadata.orientation, long_side, metadata.colour))


def photo_of(frame: Frame) -> Photo:
    """The picture of decoded pixels."""
    # Not at the top: a process that decodes would take twice as long to begin.
    import numpy as np  # noqa: PLC0415

    # Made from bytes, the array is read-only.
    pixels = np.frombuffer(frame.rgb, np.uint8).reshape(frame.size.height, frame.size.width, 3)
    return Photo(pixels, frame.source_size, frame.notes)
