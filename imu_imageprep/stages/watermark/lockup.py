"""The logo at its size, alone or locked up with the text of the mark."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from imu_imageprep.stages.watermark.lettering import Block, set_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.stages.watermark.logo import Logo
    from imu_imageprep.stages.watermark.wording import Line

# A logo's area in square ems: wide and tall ones look equally large. Its longest side in ems.
_AREA, _LONGEST = 13.0, 14.0

# A logo with a side smaller than this many pixels says nothing any more.
SMALLEST_LOGO = 12

# Free edge around a logo, which its plate fills where it needs one, in ems; at least 2 pixels.
_EDGE = 0.3

# Between logo and text, in ems.
_GAP = 0.45

# Lines of text beside a logo, at most.
_LINES_BESIDE = 2

# Text beside a logo may be set this much smaller before it goes below it.
_EASY_SHRINK = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A logo at its size.

    Attributes:
        rgba: read-only uint8 sRGB with straight alpha, shape (height, width, 4).
        edge: free edge on each side in pixels, which belongs to it.
        em: the size of the letters that go with it, in pixels.
    """

    rgba: NDArray[np.uint8]
    edge: int
    em: int

    @property
    def width(self) -> int:
        """Width with the edge, in pixels."""
        return int(self.rgba.shape[1]) + 2 * self.edge

    @property
    def height(self) -> int:
        """Height with the edge, in pixels."""
        return int(self.rgba.shape[0]) + 2 * self.edge


@dataclass(frozen=True, slots=True, eq=False)
class Lockup:
    """Logo and text as one: each with its left top corner in pixels."""

    stamp: tuple[Stamp, int, int]
    block: tuple[Block, int, int]
    width: int
    height: int

    @property
    def em(self) -> int:
        """The size of the letters in pixels."""
        return self.block[0].em


Mark: TypeAlias = Block | Stamp | Lockup


def set_mark(
    text: Line, logo: Logo | None, em: int, width: int, *, most_lines: int, align: float
) -> Mark | None:
    """Set a mark into at most ``width`` pixels: logo, text, or the text beside or below the logo.

    Args:
        text: the text; may be empty.
        logo: the logo; None for text alone.
        em: wanted letter size in pixels; the logo's goes with it.
        width: room in pixels.
        most_lines: how many lines the text may take.
        align: 0 for left, 0.5 for centred, 1 for right.

    Returns:
        The mark, or None where it does not fit.
    """
    if logo is None:
        return set_text(text, em, width, most_lines=most_lines, align=align) if text else None
    stamp = _stamp(logo, em, width)
    if stamp is None or not text:
        return stamp
    gap = round(em * _GAP)
    room = width - stamp.width - gap
    lines = min(most_lines, _LINES_BESIDE)
    block = set_text(text, em, room, most_lines=lines, align=0) if room > 0 else None
    if block is not None and block.em >= em * _EASY_SHRINK:
        high = max(stamp.height, block.height)
        return Lockup(
            (stamp, 0, (high - stamp.height) // 2),
            (block, stamp.width + gap, (high - block.height) // 2),
            stamp.width + gap + block.width,
            high,
        )
    block = set_text(text, em, width, most_lines=most_lines, align=align)
    if block is None:
        return None
    wide = max(stamp.width, block.width)
    below = stamp.height + gap // 2
    return Lockup(
        (stamp, round((wide - stamp.width) * align), 0),
        (block, round((wide - block.width) * align), below),
        wide,
        below + block.height,
    )


@functools.lru_cache(maxsize=64)
def _stamp(logo: Logo, em: int, width: int) -> Stamp | None:
    """The logo scaled down to its size beside letters of a size; never enlarged."""
    edge = max(2, round(em * _EDGE))
    high, wide = logo.rgba.shape[:2]
    wanted = min(em * math.sqrt(_AREA / (wide * high)), em * _LONGEST / max(wide, high))
    least = SMALLEST_LOGO / min(wide, high)
    scale = min(1.0, max(wanted, least), (width - 2 * edge) / wide)
    size = (round(wide * scale), round(high * scale))
    if min(size) < min(SMALLEST_LOGO, wide, high) or min(size) < 1:
        return None
    # Pillow weighs colours by their alpha, so that no dark seam appears.
    small = Image.fromarray(logo.rgba).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    rgba = np.array(small)
    rgba.setflags(write=False)
    return Stamp(rgba, edge, em)
