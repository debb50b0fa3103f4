"""Barcodes, QR codes and the like: on wristbands, forms and labels they say who a patient is.

zxing-cpp locates what it would then read: squares (QR, Aztec, Data Matrix), PDF417, and bars where
they are clear. OpenCV locates other bars (``cv2.barcode``, by areas whose gradients all point one
way). Whether a code can be read here decides little: one that is too small or too blurred for that
may still be read by someone with more patience. What it says belongs into no record, so no look
keeps it. A person who decides about one may ask what it says.

Railings, book shelves and blinds have parallel lines too, so OpenCV's areas count as barcodes only
where they have as many lines as a code needs, dark ones on light, that run straight through from
upper to lower edge. docs/models.md tells on which pictures the constants were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat as Kind
from zxingcpp import BarcodeFormats, TextMode

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import Finding, Flag, Looked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

    Pixels = NDArray[np.uint8]
    Corners = NDArray[np.float32]

# What people call them. Other kinds are bars, of which a reader knows but a line.
_BARS = "barcode"
_NAMES = {
    Kind.QRCode: "QR code",
    Kind.Aztec: "Aztec code",
    Kind.DataMatrix: "Data Matrix code",
    Kind.PDF417: _BARS,
}
LABELS = tuple(_NAMES.values())
# DataBar, on goods, would cost a third more.
_BARS_OF_PEOPLE = (Kind.Code128, Kind.Code39, Kind.Code93, Kind.Codabar, Kind.ITF, Kind.EANUPC)
# What zxing-cpp searches for, and the long side of the picture for that, in pixels, at least and at
# most. Squares are found smaller in a larger picture. For bars one is taken as it is, as far as
# that goes: the narrowest do not outlive being scaled.
_SEARCHES = (
    (BarcodeFormats([Kind.QRCode, Kind.Aztec, Kind.DataMatrix]), 1600, 1600),
    (BarcodeFormats([Kind.PDF417, *_BARS_OF_PEOPLE]), 960, 1280),
)
# None is enlarged further.
MOST_ENLARGED = 2.0
# These count where they can be read: much else has such corners. The others count unread where
# they have so much area for the square of their longest side: what is flat is a pattern in a row.
_WHERE_READ = (Kind.DataMatrix, Kind.MicroQRCode, Kind.RMQRCode)
_LEAST_AREA = 0.1

# Short side at which barcodes are searched, in pixels; sides of the areas that are tried, as shares
# of the picture; the least gradient of a bar. The finer first area and the lower gradient than
# OpenCV's own (64) find small and large codes that it misses.
BAR_SIDE = 640.0
_BAR_AREAS = (0.006, 0.01, 0.03, 0.06, 0.08)
_BAR_GRADIENT = 32.0

# What makes parallel lines a barcode: so many changes between dark and light across it, its upper,
# middle and lower third alike (correlation), and so much contrast (standard deviation by mean).
# The shortest codes (EAN-8) have 43 changes; of small, blurred ones half can be told apart.
LEAST_CHANGES = 22
LEAST_ALIKE = 0.6
LEAST_CONTRAST = 0.25

# OpenCV's corners may leave the ends of the bars outside: their area is stretched by this share of
# its sides at each end.
_STRETCH = 0.15

# Below this, in pixels, neither kind can be told from texture.
_SMALLEST = 16

# What is read of a code: its area with a margin on each side (a reader looks for the white around
# it), in so many times its size, as long as a side has no more pixels than that.
_AROUND = (0.1, 0.25)
_READ_AT = (1.0, 2.0, 0.5, 3.0)
_READ_SIDE = 2400
# Bars are read where a check digit tells whether that is right.
_READ = BarcodeFormats([*_NAMES, Kind.Code128, Kind.Code93, Kind.EANUPC])

# The patch that an area is straightened into: wide enough for a code of 95 modules.
_WIDTH, _HEIGHT = 256, 32
_LOCAL = 41  # width of the moving average that its lines are compared with


@dataclass(frozen=True, slots=True)
class Codes:
    """Looks for barcodes and QR codes, whether or not they can be read."""

    name: ClassVar[str] = "codes"
    flag: ClassVar[Flag] = Flag.CODE
    model: ClassVar[None] = None

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002  (the port's shape)
        """Look for codes.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            One finding per code, labelled with one of LABELS, with the upright box around its
            corners; the strongest score, 0.0 where there is none.
        """
        grey = np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        if min(grey.shape) < _SMALLEST:
            return Looked((), 0.0)
        squares, lines = located(grey)
        areas = [(name, quad, 1.0) for name, quad in squares]
        areas += [(_BARS, quad, score) for quad, score in barcodes(grey)]
        found: list[Finding] = []
        for name, quad, score in areas:
            box = _box(quad, grey)
            # A code may be located twice, and its squares can pass for bars.
            if not _is_inside(box, found):
                found.append(Finding("code", score, box, name))
        for line in lines:
            if not _is_inside(_box(line, grey), found):
                found.append(Finding("code", 1.0, _box(_heightened(line), grey), _BARS))
        return Looked(tuple(found), max((finding.score for finding in found), default=0.0))


def located(grey: Pixels) -> tuple[list[tuple[str, Corners]], list[Corners]]:
    """What zxing-cpp finds, with what it can read first.

    Args:
        grey: uint8, shape (h, w), any size.

    Returns:
        For each code that has rows of its own what it is called, and its corners in pixels of
        ``grey``, shape (4, 2). For each barcode the corners of the lines through it.
    """
    squares, lines = [], []
    side = max(grey.shape)
    for formats, least, most in _SEARCHES:
        scale = min(max(least, min(side, most)) / side, MOST_ENLARGED)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
        codes = zxingcpp.read_barcodes(image, formats=formats, return_errors=True)
        for code in sorted(codes, key=lambda code: not code.valid):
            corners = _corners(code.position) / np.float32(scale)
            name = _NAMES.get(code.symbology)
            if name is None:
                lines.append(corners)
            elif code.valid or (code.format not in _WHERE_READ and not _is_flat(corners)):
                squares.append((name, corners))
    return squares, lines


def barcodes(grey: Pixels) -> list[tuple[Corners, float]]:
    """What OpenCV finds in a grey picture, uint8, shape (h, w).

    Returns:
        For each barcode its corners in pixels of ``grey``, shape (4, 2), and how alike its lines
        run, 0..1.
    """
    detector = cv2.barcode.BarcodeDetector()
    detector.setDownsamplingThreshold(BAR_SIDE)
    detector.setDetectorScales(_BAR_AREAS)
    detector.setGradientThreshold(_BAR_GRADIENT)
    found = [(quad, plausible(grey, quad)) for quad in _quads(detector, grey)]
    return [(_stretched(quad), score) for quad, score in found if score]


def said_by(photo: Photo, box: Box) -> str | None:
    """What the code at a place says, as far as it can be read here.

    Args:
        photo: upright sRGB pixels, uint8 RGB; the larger, the more can be read.
        box: where the code was found.

    Returns:
        The text, which may hold any character; None where no code can be read there, which does not
        mean that nobody can.
    """
    for image in _tried(photo, box):
        if read := zxingcpp.read_barcodes(image, formats=_READ, text_mode=TextMode.Plain):
            height, width = image.shape
            middle = np.array([width / 2, height / 2], np.float32)
            # With its margin, a code has part of its neighbours.
            nearest = min(read, key=lambda code: _away(_corners(code.position), middle))
            return nearest.text
    return None


def _tried(photo: Photo, box: Box) -> Iterator[Pixels]:
    """The picture of a code, in grey, as a reader may take it."""
    for around in _AROUND:
        x, y, w, h = box.grown((around,) * 4).to_pixels(*photo.size)
        grey = cv2.cvtColor(photo.pixels[y : y + h, x : x + w], cv2.COLOR_RGB2GRAY)
        for scale in _READ_AT:
            if max(grey.shape) * scale <= _READ_SIDE:
                method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                shown = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
                yield np.asarray(shown, np.uint8)


def plausible(grey: Pixels, quad: Corners) -> float:
    """Whether the lines in an area can be those of a barcode: how alike they run, else 0.0."""
    patch = max((_straightened(grey, np.roll(quad, turn, 0)) for turn in (0, 1)), key=_variation)
    upper, middle, lower = (rows.mean(0) for rows in (patch[4:12], patch[12:20], patch[20:28]))
    profile = patch[4:28].mean(0)
    lines = profile - cv2.blur(profile[None], (_LOCAL, 1), borderType=cv2.BORDER_REFLECT)[0]
    spread = float(lines.std())
    # A hair above or below the average is no line.
    signs = np.sign(lines[np.abs(lines) >= 0.3 * spread])
    if (
        np.count_nonzero(np.diff(signs)) < LEAST_CHANGES
        or spread / (float(profile.mean()) + 1) < LEAST_CONTRAST
        or min(upper.std(), middle.std(), lower.std()) == 0
    ):
        return 0.0
    alike = float(min(np.corrcoef((upper, middle, lower))[np.triu_indices(3, 1)]))
    return min(alike, 1.0) if alike >= LEAST_ALIKE else 0.0


def _quads(detector: Any, image: Any) -> list[Corners]:
    found, corners = detector.detectMulti(image)
    if not found or corners is None:
        return []
    return list(np.asarray(corners, np.float32).reshape(-1, 4, 2))


def _corners(position: zxingcpp.Position) -> Corners:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    return np.array([(corner.x, corner.y) for corner in corners], np.float32)


def _is_flat(quad: Corners) -> bool:
    longest = np.linalg.norm(quad - np.roll(quad, 1, 0), axis=1).max()
    return bool(cv2.contourArea(quad) <= _LEAST_AREA * longest**2)


def _away(quad: Corners, middle: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(quad.mean(0) - middle))


def _straightened(grey: Pixels, quad: Corners) -> NDArray[np.float32]:
    corners = np.array([[0, 0], [_WIDTH, 0], [_WIDTH, _HEIGHT], [0, _HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad), corners)
    patch = cv2.warpPerspective(grey, matrix, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, np.float32)


def _variation(patch: NDArray[np.float32]) -> float:
    """How much the lines change across: most where the patch lies across the bars."""
    return float(np.abs(np.diff(patch[4:28].mean(0))).sum())


def _stretched(quad: Corners) -> Corners:
    middle = quad.mean(0)
    return np.asarray(middle + (quad - middle) * (1 + 2 * _STRETCH), np.float32)


def _heightened(line: Corners) -> Corners:
    """An area that holds all bars, of which only a line through them is known.

    Barcodes are seldom higher than half their length.
    """
    right = (line[1] - line[0] + line[2] - line[3]) / 4
    down = np.array([-right[1], right[0]], np.float32)
    return np.asarray(line + np.stack([-down, -down, down, down]), np.float32)


def _box(quad: Corners, grey: Pixels) -> Box:
    height, width = grey.shape
    left, top = (float(side) for side in quad.min(0))
    right, bottom = (float(side) for side in quad.max(0))
    w, h = max(right - left, 1.0), max(bottom - top, 1.0)  # a line has an area too
    return Box.from_pixels(left, top, w, h, width=width, height=height).clipped()


def _is_inside(box: Box, found: list[Finding]) -> bool:
    return any(box.overlap(other.box) >= box.area / 2 for other in found if other.box)
