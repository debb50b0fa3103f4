"""Barcodes and QR codes: on wristbands, forms and labels they say who a patient is.

OpenCV locates them (``cv2.QRCodeDetectorAruco`` by the three corner squares, Garrido-Jurado et al.
2014; ``cv2.barcode`` by areas whose gradients all point one way). No look decodes them: a code that
is too small or too blurred to be read here may still be read by someone with more patience, and
what it says belongs into no record. A person who decides about one may ask what it says.

Railings, book shelves and blinds have parallel lines too, so an area counts as a barcode only where
it has as many lines as a code needs, dark ones on light, that run straight through from its upper
to its lower edge. docs/models.md tells on which pictures the constants were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import cv2
import numpy as np

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import QR_CODE, Finding, Flag, Looked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

    Pixels = NDArray[np.uint8]
    Corners = NDArray[np.float32]

# Long side, in pixels, at which QR codes are searched; a smaller picture is enlarged no further
# than this.
QR_SIDE = 1280
MOST_ENLARGED = 2.0
# Sides of the windows of its adaptive threshold, in pixels: first, last, step.
_QR_WINDOWS = (5, 15, 10)

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
# it; the narrower comes first, so that no other code is in it), in so many times its size, as long
# as a side has no more pixels than that.
_AROUND = (0.1, 0.25)
_READ_AT = (1.0, 2.0, 0.5, 3.0)
_READ_SIDE = 2400

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
            One finding per code, labelled "QR code" or "barcode", with the upright box around its
            corners; the strongest score, 0.0 where there is none.
        """
        grey = np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        if min(grey.shape) < _SMALLEST:
            return Looked((), 0.0)
        squares = [Finding("code", 1.0, _box(quad, grey), QR_CODE) for quad in qr_codes(grey)]
        bars = [
            Finding("code", score, _box(quad, grey), "barcode") for quad, score in barcodes(grey)
        ]
        # The squares of a QR code can pass for bars.
        found = (*squares, *(bar for bar in bars if not any(_inside(bar, qr) for qr in squares)))
        return Looked(found, max((finding.score for finding in found), default=0.0))


def qr_codes(grey: Pixels) -> list[Corners]:
    """The corners of each QR code, in pixels of ``grey`` (uint8, shape (h, w)); shape (4, 2)."""
    scale = min(QR_SIDE / max(grey.shape), MOST_ENLARGED)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
    # Made anew each time: it is cheap, and nothing is shared by threads.
    detector = cv2.QRCodeDetectorAruco()
    how = detector.getArucoParameters()
    first, last, step = _QR_WINDOWS
    how.adaptiveThreshWinSizeMin = first
    how.adaptiveThreshWinSizeMax = last
    how.adaptiveThreshWinSizeStep = step
    how.detectInvertedMarker = True  # light on dark, as on screens and clothes
    detector.setArucoParameters(how)
    return [quad / np.float32(scale) for quad in _quads(detector, image)]


def barcodes(grey: Pixels) -> list[tuple[Corners, float]]:
    """The corners of each barcode, in pixels of ``grey``, and how alike its lines run, 0..1."""
    detector = cv2.barcode.BarcodeDetector()
    detector.setDownsamplingThreshold(BAR_SIDE)
    detector.setDetectorScales(_BAR_AREAS)
    detector.setGradientThreshold(_BAR_GRADIENT)
    found = [(quad, plausible(grey, quad)) for quad in _quads(detector, grey)]
    return [(_stretched(quad), score) for quad, score in found if score]


def said_by(photo: Photo, box: Box) -> str | None:
    """What the QR code at a place says, as far as it can be read here.

    Bars are not read: OpenCV takes the bars of a wristband for a product's and makes up a number.

    Args:
        photo: upright sRGB pixels, uint8 RGB; the larger, the more can be read.
        box: where the code was found.

    Returns:
        The text, which may hold any character; None where no code can be read there, which does not
        mean that nobody can.
    """
    readers = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    for image in _tried(photo, box):
        for reader in readers:
            if text := _read(reader, image):
                return text
    return None


def _tried(photo: Photo, box: Box) -> Iterator[Any]:
    """The picture of a code, in grey, as readers may take it."""
    for around in _AROUND:
        x, y, w, h = box.grown((around,) * 4).to_pixels(*photo.size)
        grey = cv2.cvtColor(photo.pixels[y : y + h, x : x + w], cv2.COLOR_RGB2GRAY)
        for scale in _READ_AT:
            if max(grey.shape) * scale <= _READ_SIDE:
                method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                yield cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)


def _read(reader: Any, image: Any) -> str:
    try:
        text, *_ = reader.detectAndDecode(image)
    except (cv2.error, UnicodeDecodeError):  # too small for a code, or no text of Unicode
        return ""
    return str(text)


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


def _box(quad: Corners, grey: Pixels) -> Box:
    height, width = grey.shape
    left, top = (float(side) for side in quad.min(0))
    right, bottom = (float(side) for side in quad.max(0))
    box = Box.from_pixels(left, top, right - left, bottom - top, width=width, height=height)
    return box.clipped()


def _inside(inner: Finding, outer: Finding) -> bool:
    assert inner.box is not None
    assert outer.box is not None
    return inner.box.overlap(outer.box) >= inner.box.area / 2
