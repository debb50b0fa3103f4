"""From a colour space that a file states, without a profile, to sRGB."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imu_imageprep.domain.colour import SRGB, Curve

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from imu_imageprep.domain.colour import ColourSpace

    Floats = NDArray[np.float32]

_PIXELS_AT_ONCE = 500_000  # 6 MB as floating-point numbers, and a few such in between
_STEPS = 65_536
_SRGB_LINEAR = 0.0031308  # IEC 61966-2-1


def pixels_of(image: Image.Image, low: Image.Image | None = None) -> NDArray[Any]:
    """Rows of pixels, of one number or three, of a picture that is L, I;16, RGB or RGBA.

    Args:
        image: the picture; its alpha channel is left out.
        low: its lower bytes, where ``image`` has the upper ones alone.
    """
    pixels = np.asarray(image)
    pixels = pixels[..., :3] if pixels.ndim > 2 else pixels[..., None]  # noqa: PLR2004
    if low is None:
        return pixels
    whole: NDArray[Any] = pixels.astype(np.uint16) << 8 | np.asarray(low)[..., :3]
    return whole


def from_stated(picture: NDArray[Any], space: ColourSpace) -> Image.Image:
    """Convert pixels to sRGB; colours outside it are cut off at its edge, as browsers do.

    Args:
        picture: rows of pixels of one number or three, 8 or 16 bits each.
        space: a known space.
    """
    light = _light(space, np.iinfo(picture.dtype).max)
    # HDR is brought into range in the space of BT.2020, which is that of its standards.
    between = _BT2020 if space.bright else SRGB.corners
    first, last = _matrix(space.corners, between), _matrix(between, SRGB.corners)
    shown = _shown()
    height, width = picture.shape[:2]
    out = np.empty((height, width, 3), np.uint8)
    rows = max(1, _PIXELS_AT_ONCE // width)
    for top in range(0, height, rows):
        part = light[picture[top : top + rows]]
        part = np.broadcast_to(part, (*part.shape[:2], 3)) @ first
        if space.bright:
            part = _tone_mapped(np.maximum(part, 0), of_scene=space.curve is Curve.HLG) @ last
        steps = np.clip(part, 0, 1) * (_STEPS - 1) + 0.5
        out[top : top + rows] = shown[steps.astype(np.uint16)]
    return Image.fromarray(out)


def _light(space: ColourSpace, most: int) -> Floats:
    """Light for each number from 0 to ``most``; 1 is white, for HDR the white of paper."""
    numbers = np.arange(most + 1) / most
    if space.narrow:  # ITU-T H.273, 8.3: 219 steps from 16 on, of 8 bits
        numbers = np.clip((numbers * most / ((most + 1) >> 8) - 16) / 219, 0, 1)
    match space.curve:
        case Curve.PARAMETRIC:
            gamma, a, b, c, below = space.numbers
            powers = np.maximum(a * numbers + b, 0) ** gamma
            light = np.where(numbers >= below, powers, c * numbers)
        case Curve.TABLE:
            steps = np.linspace(0, 1, len(space.numbers))
            light = np.interp(numbers, steps, space.numbers) / max(space.numbers)
        case Curve.PQ:
            light = _pq(numbers) / _PAPER
        case Curve.HLG:
            light = _hlg(numbers)
    return light.astype(np.float32)


@lru_cache(maxsize=1)
def _shown() -> NDArray[np.uint8]:
    """The sRGB number for each of 65,536 steps of light (IEC 61966-2-1)."""
    light = np.arange(_STEPS) / (_STEPS - 1)
    curved = 1.055 * light ** (1 / 2.4) - 0.055
    return np.round(255 * np.where(light <= _SRGB_LINEAR, 12.92 * light, curved)).astype(np.uint8)


# Lam's matrix, as ICC.1:2022, annex E, has it for the adaptation to another white (Bradford).
_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _matrix(corners: tuple[float, ...], others: tuple[float, ...]) -> Floats:
    """What makes light of other primaries of rows of light of these; white stays white."""
    (start, white), (end, other_white) = _to_xyz(corners), _to_xyz(others)
    adapt = np.diag((_CONES @ other_white) / (_CONES @ white))
    matrix = np.linalg.inv(end) @ np.linalg.inv(_CONES) @ adapt @ _CONES @ start
    turned: Floats = matrix.T.astype(np.float32)
    return turned


def _to_xyz(corners: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The matrix from light of the primaries to CIE XYZ, and white there (SMPTE RP 177)."""
    white, *primaries = (
        np.array((x, y, 1 - x - y)) for x, y in zip(corners[::2], corners[1::2], strict=True)
    )
    columns = np.stack(primaries, axis=1)
    white = white / white[1]
    return columns * np.linalg.solve(columns, white), white


# Brightness in candela per square metre: of white paper in HDR (ITU-R BT.2408), and of the display
# that most HDR pictures are made for (BT.2100, table 5: its system gamma is 1.2).
_PAPER, _PEAK, _SYSTEM_GAMMA = 203.0, 1000.0, 1.2
_BT2020 = (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
_BT2020_LUMA = np.array((0.2627, 0.678, 0.0593), np.float32)


def _pq(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Candela per square metre (ITU-R BT.2100, table 4)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    powers = numbers ** (1 / m2)
    return 10_000 * (np.maximum(powers - c1, 0) / (c2 - c3 * powers)) ** (1 / m1)


def _hlg(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of the scene, 1 at the most (ITU-R BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    bright = (np.exp((numbers - c) / a) + b) / 12
    return np.where(numbers <= 0.5, numbers**2 / 3, bright)  # noqa: PLR2004


# The curve's shape in SMPTE ST 2094-50, annex C.
_BEND, _WHITE = 0.65, 0.5
_FAINTEST = 1e-9


def _tone_mapped(light: Floats, *, of_scene: bool) -> Floats:
    """Bring light of up to 1,000 candela into that of an ordinary picture.

    Paper white becomes half of the light, what is darker follows, what is brighter bends towards
    the brightest; a colour keeps its hue. Source: the reference white tone mapping operator of
    SMPTE ST 2094-50, annex C, which Chromium applies (its pixels are the tests' numbers).
    """
    if of_scene:
        luma = np.maximum(light @ _BT2020_LUMA, _FAINTEST)[..., None]
        light = light * (_PEAK / _PAPER * luma ** (_SYSTEM_GAMMA - 1))
    # By the brightest of red, green and blue: a quadratic Bezier curve from (1, white) over
    # (x_mid, y_mid) to (peak, 1).
    brightest = light.max(axis=-1, keepdims=True)
    peak = _PEAK / _PAPER
    x_mid, y_mid = 1 - _BEND + _BEND / _WHITE, (1 - _BEND) * _WHITE + _BEND
    across, along = 1 - 2 * x_mid + peak, 2 * (x_mid - 1)
    beyond = np.clip(brightest, 1, peak) - 1
    at = (np.sqrt(along**2 + 4 * across * beyond) - along) / (2 * across)
    bent = _WHITE + 2 * (y_mid - _WHITE) * at + (_WHITE - 2 * y_mid + 1) * at**2
    return light * np.where(brightest <= 1, _WHITE, bent / np.maximum(brightest, 1))
