"""How a file says that its numbers stand for colours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

# x and y of white, red, green and blue in the CIE 1931 diagram.
_BT709: Final = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
# How far apart statements of the same space lie: writers round, and some round to two places.
_SAME_PLACE = 0.005
_SRGB_GAMMA, _SAME_GAMMA = 2.2, 0.06
_NUMBERS = 8
_SMALLEST_TRIANGLE = 1e-3  # sRGB's has 0.11
_FARTHEST = 2.0  # the corners of the widest spaces in use lie a little outside 0..1
_GAMMAS = (0.05, 20.0)


class Curve(StrEnum):
    """What makes light of a number between 0 and 1; the names are those of the standards.

    PARAMETRIC is ``(a * n + b) ** g`` from ``d`` on, and ``c * n`` below (ICC.1:2022, 10.18, type
    3); its numbers are g, a, b, c and d. TABLE is light at equal steps. PQ and HLG are those of
    Recommendation ITU-R BT.2100, and brighter than ordinary pictures.
    """

    PARAMETRIC = "parametric"
    TABLE = "table"
    PQ = "PQ"
    HLG = "HLG"


SRGB_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def power(gamma: float) -> tuple[float, ...]:
    """The numbers of a parametric curve that is a power alone."""
    return (gamma, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """A colour space of three primaries, as a file states it.

    Attributes:
        corners: x and y of white, red, green and blue (CIE 1931).
        curve: the kind of its curve.
        numbers: of the curve.
        narrow: black is 16 and white 235 of 255.
        over_profile: what it says goes before an embedded profile.
        known: False where something is stated that cannot be followed; the rest says nothing then.
    """

    corners: tuple[float, ...] = _BT709
    curve: Curve = Curve.PARAMETRIC
    numbers: tuple[float, ...] = SRGB_CURVE
    narrow: bool = False
    over_profile: bool = False
    known: bool = True

    @property
    def bright(self) -> bool:
        """Whether it holds light that is brighter than the white of paper (HDR)."""
        return self.curve in (Curve.PQ, Curve.HLG)

    @property
    def is_srgb(self) -> bool:
        """Whether its numbers are those of sRGB, as nearly as writers state it."""
        return (
            self.known
            and not self.narrow
            and self.curve is Curve.PARAMETRIC
            and self.numbers == SRGB_CURVE
            and _near(self.corners, _BT709)
        )


SRGB: Final = ColourSpace()
UNKNOWN: Final = ColourSpace(known=False)
# Adobe RGB (1998) Color Image Encoding, version 2005-05: 4.3.1.1, 4.3.1.2.
ADOBE_RGB: Final = ColourSpace(
    (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06), numbers=power(563 / 256)
)
# Adobe Wide Gamut RGB, white of D50; the places of its primaries are single wavelengths.
WIDE_GAMUT_RGB: Final = ColourSpace(
    (0.3457, 0.3585, 0.7347, 0.2653, 0.1152, 0.8264, 0.1566, 0.0177), numbers=power(563 / 256)
)
# ISO 22028-2 (ROMM RGB, ProPhoto), white of D50.
ROMM_RGB: Final = ColourSpace(
    (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001),
    numbers=(1.8, 1.0, 0.0, 1 / 16, 0.03125),
)


def space_of(
    corners: tuple[float, ...] | None = None,
    gamma: float | None = None,
    table: tuple[float, ...] | None = None,
) -> ColourSpace:
    """The space of the primaries and the gamma that a file states.

    Args:
        corners: x and y of white, red, green and blue; those of sRGB where none are stated.
        gamma: the power that makes light of a number; the curve of sRGB where none is stated.
        table: light at equal steps, which goes before ``gamma``.

    Returns:
        ``UNKNOWN`` where no space has such primaries or such a curve.
    """
    if corners is not None and not _possible(corners):
        return UNKNOWN
    places = _BT709 if corners is None else corners
    if table is not None:
        return _by_table(places, table)
    if gamma is None:
        # Primaries alone: those of a space that everybody knows mean that space.
        named = (SRGB, ADOBE_RGB, WIDE_GAMUT_RGB, ROMM_RGB)
        return next((space for space in named if _near(places, space.corners)), ColourSpace(places))
    # A gamma of about 2.2 is how files of sRGB say it in one number.
    if _near(places, _BT709) and abs(gamma - _SRGB_GAMMA) < _SAME_GAMMA:
        return SRGB
    possible = _GAMMAS[0] <= gamma <= _GAMMAS[1]  # NaN fails both
    return ColourSpace(places, numbers=power(gamma)) if possible else UNKNOWN


def _by_table(places: tuple[float, ...], table: tuple[float, ...]) -> ColourSpace:
    rises = all(a <= b for a, b in pairwise(table))
    possible = len(table) > 1 and rises and 0 <= table[0] < table[-1] <= 1
    return ColourSpace(places, Curve.TABLE, table) if possible else UNKNOWN


def _near(corners: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return all(abs(a - b) < _SAME_PLACE for a, b in zip(corners, others, strict=True))


def _possible(corners: tuple[float, ...]) -> bool:
    """Whether white lies inside the triangle of red, green and blue, and that is one."""
    if len(corners) != _NUMBERS or not all(
        math.isfinite(c) and abs(c) <= _FARTHEST for c in corners
    ):
        return False
    white, red, green, blue = zip(corners[::2], corners[1::2], strict=True)
    whole = _area(red, green, blue)
    if abs(whole) < _SMALLEST_TRIANGLE or white[1] < _SMALLEST_TRIANGLE:
        return False
    parts = _area(white, green, blue), _area(red, white, blue), _area(red, green, white)
    return all(part / whole > 0 for part in parts)


def _area(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    """Twice the area of a triangle, negative where it turns to the right."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
