"""Make the picture as small as the web needs; never larger."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imu_imageprep.domain.photo import Size, fit_inside

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Photo


def fit(photo: Photo, bounds: Size) -> Photo:
    """Scale a photo into ``bounds``, keeping the source's aspect; never enlarge it.

    The target comes from ``source_size``: the buffer's own sides were rounded when it was decoded
    at a smaller scale, which would move an export's side by a pixel. Lanczos, because it keeps
    fine print legible and rings least among Pillow's sharp filters when making smaller.

    Args:
        photo: upright uint8 RGB pixels.
        bounds: width and height in pixels for a landscape picture; a portrait one swaps them.

    Returns:
        The photo at its new size (itself where nothing changes); ``source_size`` is kept.
    """
    wanted = fit_inside(photo.source_size, bounds)
    target = Size(min(wanted.width, photo.size.width), min(wanted.height, photo.size.height))
    if target == photo.size:
        return photo
    smaller = Image.fromarray(photo.pixels).resize(target, Image.Resampling.LANCZOS)
    pixels = np.asarray(smaller)
    pixels.setflags(write=False)
    return dataclasses.replace(photo, pixels=pixels)
