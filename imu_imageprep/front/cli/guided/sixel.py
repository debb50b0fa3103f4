"""Sixel graphics, a picture in text: six rows of pixels at a time, one colour after the other.

DEC's Programmer Reference Manual of the VT330/VT340, chapter 14, describes the format.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_COLOURS = 128  # terminals promise 256 registers at most, some of which they use themselves
_BAND = 6
_ZERO = 63  # the character of six pixels that are not drawn
_RUN = re.compile(r"(.)\1{3,}")


def sixel(picture: Image) -> str:
    """The picture as one sixel sequence.

    Args:
        picture: in RGB.
    """
    few = picture.quantize(_COLOURS)
    palette = np.asarray(few.getpalette(), np.uint8).reshape(-1, 3)
    indices = np.asarray(few)
    height, width = indices.shape
    # Colours are told in hundredths (Pu = 2: RGB).
    registers = "".join(
        "#{};2;{};{};{}".format(number, *(round(int(value) * 100 / 255) for value in colour))
        for number, colour in enumerate(palette)
    )
    bands = "-".join(_band(indices[top : top + _BAND]) for top in range(0, height, _BAND))
    # P2 = 1: what is not drawn stays as it is; pixels are as wide as high.
    return f'\x1bP0;1;0q"1;1;{width};{height}{registers}{bands}\x1b\\'


def _band(rows: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    """Up to six rows; each colour of theirs begins at the left again."""
    weights = (1 << np.arange(len(rows), dtype=np.uint8))[:, None]
    lines = []
    for number in np.unique(rows):
        drawn = ((rows == number) * weights).sum(0).astype(np.uint8) + _ZERO
        runs = _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", drawn.tobytes().decode("ascii"))
        lines.append(f"#{number}{runs}")
    return "$".join(lines)
