"""Cover areas so that nothing of what was there can be brought back.

Blurring and pixelating as they are usually done can be undone or matched: networks trained on
mosaics and blurs name the faces in them (McPherson, Shokri, Shmatikov 2016, arXiv:1609.00408),
text under them can be read back (Hill et al. 2016, PoPETs 2016(4)), and people identify faces of
18 averages across (Bachmann 1991, Eur. J. Cogn. Psychol. 3(1)). So:

* ``solid`` reads nothing: the result is the same whatever was in the box. It is the default, and
  the one to use for patients.
* ``pixelate`` and ``blur`` first reduce the box to at most 4 x 4 averages, whatever its size, each
  to 8 levels of light, and the whole box to one tint of 16 levels per channel. Only these go on,
  60 bits at most, and a face box that was grown to cover hair leaves fewer than 3 x 3 averages
  to the face. ``blur`` smooths the averages, never the picture. What is left is drawn faintly, on
  the colour of ``solid``: in full it looks enough like a head for a detector to find a face in one
  of thirty mosaics and one of fifteen blurs (tools/measure_redaction.py).

What stays: someone with a list of suspects can compare the averages, and someone with many pictures
of one moment can collect more of them; added noise would not stop that, it averages out. That is
why these two are a choice of style and ``solid`` is the default.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imu_imageprep.domain.cover import RedactStyle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.photo import Photo


# One calm slate blue for every box: sampled from the picture it would tell skin or clothes, and of
# grey, dark, light and blue a detector infers the fewest heads above shoulders from blue.
SOLID_COLOUR = (58, 84, 112)

# How much of an average's difference from that colour is drawn.
FAINT = 0.15

# Averages along each side of a box, and the fewest pixels along the side of one average: a box of
# a few pixels becomes one colour instead of keeping its pixels.
CELLS = 4
SMALLEST_CELL = 8

# Distance between the levels that are left: 8 of light for a cell, 16 of each channel for the tint.
LIGHT_STEP, TINT_STEP = 32, 16

# Parts of red, green and blue in the light of a colour, in 1/256 (ITU-R BT.601).
_LIGHT = np.array((77, 150, 29), dtype=np.int64)


def redact(photo: Photo, boxes: tuple[Box, ...], style: RedactStyle) -> Photo:
    """Cover boxes irreversibly, each one whole, to its corners.

    Boxes are covered one after another, so where they overlap the later ones see only what the
    earlier ones left.

    Args:
        photo: upright uint8 RGB pixels.
        boxes: areas as fractions of the upright source, already grown; rounded outwards here.
        style: how they are covered.

    Returns:
        The photo with its boxes covered; itself where there are none.
    """
    if not boxes:
        return photo
    pixels = photo.pixels.copy()
    for box in boxes:
        x, y, w, h = box.to_pixels(*photo.size)
        area = pixels[y : y + h, x : x + w]
        if style is RedactStyle.SOLID:
            area[:] = SOLID_COLOUR
            continue
        rows, columns = _cells(h), _cells(w)
        averages = _averages(area, rows, columns)
        area[:] = (
            averages.repeat(rows, axis=0).repeat(columns, axis=1)
            if style is RedactStyle.PIXELATE
            else np.asarray(Image.fromarray(averages).resize((w, h), Image.Resampling.BICUBIC))
        )
    pixels.setflags(write=False)
    return dataclasses.replace(photo, pixels=pixels)


def _cells(length: int) -> NDArray[np.intp]:
    """The lengths in pixels of the cells along a side."""
    count = max(1, min(CELLS, length // SMALLEST_CELL))
    return np.diff(np.arange(count + 1) * length // count)


def _averages(
    area: NDArray[np.uint8], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """The light of every cell, in the tint of the whole box; shape (rows, columns, 3)."""
    sums = np.add.reduceat(area, np.cumsum(rows) - rows, axis=0, dtype=np.int64)
    sums = np.add.reduceat(sums, np.cumsum(columns) - columns, axis=1)
    means = sums // (rows[:, None, None] * columns[None, :, None])
    light = _middle(means @ _LIGHT // 256, LIGHT_STEP)
    tint = _middle(sums.sum(axis=(0, 1)) // (rows.sum() * columns.sum()), TINT_STEP)
    colours = np.clip(tint + (light - tint @ _LIGHT // 256)[..., None], 0, 255)
    ground = np.array(SOLID_COLOUR)
    return np.asarray(np.rint(ground + FAINT * (colours - ground)), np.uint8)


def _middle(values: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Every value moved to the middle of its level."""
    return values // step * step + step // 2
