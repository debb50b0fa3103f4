"""Drawing a logo so that it reads on any ground."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.stages.watermark.lockup import Stamp

# Contrast that shapes need to be told from their ground (WCAG 2.1, 1.4.11), and the share of a
# logo's outline that may have less.
_CONTRAST, _LOST = 3.0, 0.1

# Ground whose light varies by more than this (standard deviation, 0..255) hides a logo's shape.
_BUSY = 40.0

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
    busy = float(region.mean(axis=-1).std()) > _BUSY
    return bare < _CONTRAST and (busy or bare < _best_plate(stamp)[1])


def draw(
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
