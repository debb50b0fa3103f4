"""Drawing letters and logos so that they read on any ground."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.stages.watermark.lettering import Block
    from imu_imageprep.stages.watermark.logo import Stamp

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
_BUSY_TEXT = 64.0
_GAIN = 0.5


def draw_letters(pixels: NDArray[np.uint8], block: Block, x: int, y: int, opacity: float) -> None:
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
    busy = min(1.0, float(under.std()) / _BUSY_TEXT)
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


# Contrast that shapes need to be told from their ground (WCAG 2.1, 1.4.11), and the share of a
# logo's outline that may have less.
_CONTRAST, _LOST = 3.0, 0.1

# Ground whose light varies by more than this (standard deviation, 0..255) hides a logo's shape.
_BUSY_LOGO = 40.0

# A logo that fills this share of its rectangle brings a ground of its own.
_FULL = 0.95

# The plate: white or near black, its opacity, and the radius of its corners as a share of its edge.
_LIGHT_PLATE, _DARK_PLATE = 255, 16
_PLATE = 0.94
_ROUND = 1.0

_SOLID = 0.5  # alpha from which a pixel counts as the logo's


def needs_plate(pixels: NDArray[np.uint8], stamp: Stamp, x: int, y: int) -> bool:
    """Whether a logo would read better on a plate than on the ground under it.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        stamp: the logo with its edge.
        x: left edge of the stamp in pixels.
        y: top edge of the stamp in pixels.
    """
    colours, _, outline = _prepared(stamp)
    if outline is None:
        return False
    region = pixels[y : y + stamp.height, x : x + stamp.width].astype(np.float32)
    under = region[stamp.edge : -stamp.edge, stamp.edge : -stamp.edge][outline]
    bare = _reads(luminance(colours[outline]), luminance(under))
    busy = float(region.mean(axis=-1).std()) > _BUSY_LOGO
    return bare < _CONTRAST and (busy or bare < _best_plate(stamp)[1])


def draw_logo(
    pixels: NDArray[np.uint8], stamp: Stamp, x: int, y: int, opacity: float, *, plate: bool
) -> None:
    """Draw a logo in its own colours on writable pixels.

    Args:
        pixels: uint8 RGB, shape (height, width, 3); changed only within the stamp.
        stamp: the logo with its edge.
        x: left edge of the stamp in pixels.
        y: top edge of the stamp in pixels.
        opacity: 0..1, of logo and plate.
        plate: whether a light or dark plate goes under it.
    """
    region = pixels[y : y + stamp.height, x : x + stamp.width]
    ground = region.astype(np.float32)
    inner = np.s_[stamp.edge : -stamp.edge, stamp.edge : -stamp.edge]
    colours, alpha, outline = _prepared(stamp)
    if plate and outline is not None:
        level, _ = _best_plate(stamp)
        ground += (level - ground) * (_plate(stamp)[..., None] * (_PLATE * opacity))
    ground[inner] += (colours - ground[inner]) * (alpha[..., None] * opacity)
    region[:] = np.rint(ground).astype(np.uint8)


@functools.lru_cache(maxsize=16)
def _prepared(
    stamp: Stamp,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_] | None]:
    """Colours (0..255), alpha (0..1), and the logo's outline; None where it has its own ground."""
    colours = stamp.rgba[..., :3].astype(np.float32)
    alpha = stamp.rgba[..., 3].astype(np.float32) / np.float32(255)
    solid = alpha >= _SOLID
    if solid.mean() >= _FULL:
        return colours, alpha, None
    around = np.pad(solid, 1)
    buried = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    outline = solid & ~buried
    return colours, alpha, outline if outline.any() else np.ones_like(solid)


def _reads(logo: NDArray[np.float32], ground: NDArray[np.float32] | float) -> float:
    """The contrast that all but a small share of an outline has, from luminances."""
    contrast = (np.maximum(logo, ground) + 0.05) / (np.minimum(logo, ground) + 0.05)
    return float(np.quantile(contrast, _LOST))


@functools.lru_cache(maxsize=16)
def _best_plate(stamp: Stamp) -> tuple[int, float]:
    """The plate on which the logo reads better, white in doubt, and the contrast on it."""
    colours, _, outline = _prepared(stamp)
    logo = luminance(colours[outline])
    dark, light = (
        # As the plate looks on the ground that is worst for it.
        _reads(logo, float(luminance(np.full(3, shown, np.float32))))
        for shown in (
            _DARK_PLATE * _PLATE + 255 * (1 - _PLATE),
            _LIGHT_PLATE * _PLATE,
        )
    )
    return (_DARK_PLATE, dark) if dark > light else (_LIGHT_PLATE, light)


@functools.lru_cache(maxsize=16)
def _plate(stamp: Stamp) -> NDArray[np.float32]:
    """How much the plate covers (0..1): a rectangle with round corners, drawn at four times."""
    size = (stamp.width * 4, stamp.height * 4)
    large = Image.new("L", size)
    box = (0, 0, size[0] - 1, size[1] - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, round(stamp.edge * 4 * _ROUND), fill=255)
    small = large.resize((stamp.width, stamp.height), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def luminance(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relative luminance (0..1) of sRGB colours (0..255), shape (..., 3) (WCAG 2.1)."""
    share = colours / np.float32(255)
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    return np.asarray(linear @ np.array((0.2126, 0.7152, 0.0722)), dtype=np.float32)
