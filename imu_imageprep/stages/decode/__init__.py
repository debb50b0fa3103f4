"""Decode a photo: the smallest sufficient scale, upright, sRGB, 8 bit, opaque."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Format, Photo
from imu_imageprep.stages.decode.isolated import Isolation, Request
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.decode.pixels import Frame, render

if TYPE_CHECKING:
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Limits

# Formats that nearly all photos have, whose decoders are the most tested: no process in between.
_ORDINARY = frozenset({Format.JPEG, Format.PNG, Format.WEBP})

_isolation = Isolation()
atexit.register(_isolation.close)
if hasattr(os, "register_at_fork"):  # a forked worker must not talk to its parent's children
    os.register_at_fork(after_in_child=_isolation.forget)


def decode(source: Source, metadata: Metadata, long_side: int, limits: Limits) -> Photo:
    """Decode a picture to pixels.

    The scale is the largest whole-number reduction that keeps the long side at ``long_side`` or
    more; a smaller picture stays as it is. JPEG is reduced while it is decoded (DCT scaling), other
    formats decode whole and are averaged down. Ordinary JPEG, PNG and WebP decode here; other
    formats and costly pictures in a child process that is killed when it misbehaves
    (docs/processes.md).

    Args:
        source: the input, read.
        metadata: its EXIF orientation is applied, except where the format states its own rotation
            and the decoder has applied it (HEIF, AVIF, TIFF); the colour space that it states
            counts where there is no profile.
        long_side: the smallest sufficient long side, in pixels.
        limits: megapixels, checked against the header before pixels are decoded, and seconds.

    Returns:
        Upright sRGB pixels, opaque (transparent parts on white), with notes of what was left out.

    Raises:
        InputProblem: damaged, cut off, beyond the limits, or its decoder failed.
    """
    if source.format in _ORDINARY:
        picture = open_picture(source.data, source.format, long_side, limits)
        if not picture.costly:
            return _photo(render(picture, metadata.orientation, long_side, metadata.colour))
    request = Request(source.format, metadata.orientation, long_side, limits, metadata.colour)
    return _photo(_isolation.decode(request, source.data))


def _photo(frame: Frame) -> Photo:
    # Not at the top: the child imports this package too, and numpy would double its start-up time.
    import numpy as np  # noqa: PLC0415

    # Made from bytes, the array is read-only.
    pixels = np.frombuffer(frame.rgb, np.uint8).reshape(frame.size.height, frame.size.width, 3)
    return Photo(pixels, frame.source_size, frame.notes)
