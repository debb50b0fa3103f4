"""Drawing letters so that they read on any ground."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.stages.watermark.lettering import Block

_WHITE, _BLACK = 255.0, 16.0

# Weights of linear light (sRGB, ITU-R BT.709).
_LUMINANCE = np.array((0.2126, 0.7152, 0.0722), dtype=np.float32)

# Letters are dark only on ground lighter than this (0..255): white letters with a dark shade read
# well on middle tones, dark ones with a light shade look washed out there, most on busy ground.
# Up to 140 the contrast of white letters at the default opacity stays above 3:1 on calm ground.
_LIGHT_GROUND, _LIGHT_BUSY_GROUND = 140.0, 165.0

# The shade around the letters: how far its hard core and its soft edge reach in ems (radius of the
# blur), and how dense each of them is.
_CORE, _EDGE = (0.06, 1.5), (0.2, 1.2)
_DENSEST = 0.9

# Ground whose light varies by this much (standard deviation, 0..255) is as busy as it gets; there,
# and on pure colours, the letters are more opaque and the shade denser by this share.
_BUSY = 64.0
_GAIN = 0.5


def draw(pixels: NDArray[np.uint8], block: Block, x: int, y: int, opacity: float) -> None:
    """Draw a block on writable pixels: white or near-black letters in a soft opposite shade.

    Args:
        pixels: uint8 RGB, shape (height, width, 3); changed only in and close around the block.
        block: the letters.
        x: left edge of the block in pixels.
        y: top edge of the block in pixels.
        opacity: 0..1, of the letters on calm ground; the shade goes with it.
    """
    letters, shade, pad = _coverage(block)
    top, left = max(0, y - pad), max(0, x - pad)
    region = pixels[top : y + block.height + pad, left : x + block.width + pad]
    inside = np.s_[top - y + pad :, left - x + pad :]  # the part that lies in the picture
    letters = letters[inside][: region.shape[0], : region.shape[1], None]
    shade = shade[inside][: region.shape[0], : region.shape[1], None]
    ground = region.astype(np.float32)

    below = ground[y - top : y - top + block.height, x - left : x - left + block.width]
    # The grey that is as bright: squares are close to linear light, and greys stay what they are.
    under = np.sqrt(np.square(below) @ _LUMINANCE)
    busy = min(1.0, float(under.std()) / _BUSY)
    light_ground = _LIGHT_GROUND + (_LIGHT_BUSY_GROUND - _LIGHT_GROUND) * busy
    dark_letters = float(under.mean()) > light_ground
    colour, opposite = (_BLACK, _WHITE) if dark_letters else (_WHITE, _BLACK)
    # Letters that let a strong colour through keep little contrast with it.
    colourful = float(np.ptp(below.mean(axis=(0, 1)))) / 255
    opacity = min(1.0, opacity * (1 + _GAIN * max(busy, colourful)))

    ground += (opposite - ground) * (shade * opacity)
    ground += (colour - ground) * (letters * opacity)
    region[:] = np.rint(ground).astype(np.uint8)


@functools.lru_cache(maxsize=16)
def _coverage(block: Block) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """How much letters and shade cover (0..1), and how wide a border the shade adds in pixels."""
    pad = math.ceil(3 * _EDGE[0] * block.em)
    ink = Image.fromarray(np.pad(block.ink, pad))
    letters = np.asarray(ink, dtype=np.float32) / np.float32(255)
    shade = np.zeros_like(letters)
    for reach, density in (_CORE, _EDGE):
        blurred = ink.filter(ImageFilter.GaussianBlur(reach * block.em))
        shade += np.asarray(blurred, dtype=np.float32) * (density / 255)
    # Beside the letters, not under them: they would lose what contrast their opacity leaves.
    np.minimum(shade, 1.0, out=shade)
    shade *= (1 - letters) * _DENSEST
    return letters, shade, pad
