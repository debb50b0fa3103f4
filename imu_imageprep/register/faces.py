"""A found face as numbers: its template, and what tells how well it can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep.domain.recognition import Measured
from imu_imageprep.register import library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.recognition import Template

    _Place = tuple[int, int, int, int]

# Where dlib expects a face, seen from a CenterFace box: medians over 105 faces of 90 annotated
# pictures that dlib's own detector found too. Shares of the root of the box's area.
_DOWN = 0.045
_SIDE = 0.954

# Sharpness is compared on faces of one size; dlib measures at the same (150 pixels).
_CHIP = 150


def measure(photo: Photo, boxes: Sequence[Box]) -> tuple[Measured, ...]:
    """Measure the faces in some boxes of a photo.

    Args:
        photo: upright sRGB pixels, uint8 RGB.
        boxes: found faces, as fractions of the photo.

    Returns:
        One for each box, in their order.

    Raises:
        RegisterProblem: face_recognition is missing, damaged or does not load.
    """
    pixels = np.ascontiguousarray(photo.pixels)
    places = [_place(box, pixels) for box in boxes]
    found = library.measured(pixels, places) if places else []
    return tuple(
        _described(template, marks, pixels, place)
        for (template, marks), place in zip(found, places, strict=True)
    )


def _described(
    template: Template,
    marks: dict[str, list[tuple[int, int]]],
    pixels: NDArray[np.uint8],
    place: _Place,
) -> Measured:
    top, right, bottom, left = place
    turned, tilted = _pose(marks)
    crop = pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    return Measured(template, float(right - left), _sharpness(crop), turned, tilted)


def _place(box: Box, pixels: NDArray[np.uint8]) -> _Place:
    """A found face as the square that dlib expects: top, right, bottom, left in pixels."""
    height, width = pixels.shape[:2]
    w, h = box.w * width, box.h * height
    size = (w * h) ** 0.5
    x, y = box.x * width + w / 2, box.y * height + h / 2 + _DOWN * size
    half = _SIDE * size / 2
    return round(y - half), round(x + half), round(y + half), round(x - half)


def _sharpness(crop: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian of the face at a fixed size (Pech-Pacheco et al., ICPR 2000)."""
    if not crop.size:
        return 0.0
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    chip = cv2.resize(grey, (_CHIP, _CHIP), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(chip, cv2.CV_64F).var())


def _pose(marks: dict[str, list[tuple[int, int]]]) -> tuple[float, float]:
    """How far a face is turned and tilted, from its eyes' corners and the bottom of its nose.

    Returns:
        How far the nose lies from the middle of the eyes along their line, as a share of their
        distance (0 for a face that looks at the camera); and the degrees between the line of the
        eyes and the horizon.
    """
    one, other = (np.mean(marks[name], axis=0) for name in ("left_eye", "right_eye"))
    nose = np.asarray(marks["nose_tip"][0], float)
    line = other - one
    apart = float(np.hypot(*line))
    if apart == 0:
        return 1.0, 0.0
    along = line / apart
    tilted = abs(float(np.degrees(np.arctan2(along[1], along[0]))))
    return abs(float((nose - (one + other) / 2) @ along)) / apart, tilted
