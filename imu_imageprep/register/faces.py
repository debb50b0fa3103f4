"""A face as numbers: how it is measured, and whether photos are fit to know a person by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep.domain.finding import DidNotLook
from imu_imageprep.domain.needs import rules_of
from imu_imageprep.domain.recognition import Measured, matches
from imu_imageprep.register import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.recognition import Enrolled, Template

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


LEAST_PHOTOS = 3

# Stricter than for the faces that are compared: what is kept is compared with everybody.
SMALLEST = 80
DULLEST = 12.0
MOST_TURNED = 0.25
MOST_TILTED = 25.0

# Photos of one person differ by less than FURTHEST; two that differ by less than NEAREST are one
# picture twice, and agree without saying more than one of them would.
FURTHEST = 0.55
NEAREST = 0.10


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a photo, counted from 0, or with all of them together (None)."""

    photo: int | None
    what: str


def only_face(examinations: tuple[Examination, ...]) -> Finding | str:
    """The one face of a photo, or why the photo cannot be used.

    Args:
        examinations: what every detector answered.
    """
    for exam in examinations:
        if isinstance(exam.scan, DidNotLook):
            return f"it could not be checked: {exam.scan.reason}"
    findings = [finding for exam in examinations for finding in exam.findings]
    if any(rules_of(finding.kind).clinical for finding in findings):
        return "it looks clinical, where nobody is recognised: take it somewhere else"
    faces = [finding for finding in findings if finding.kind == "face" and finding.box is not None]
    if not faces:
        return "no face is found in it: take it in even light, facing the camera"
    if len(faces) > 1:
        return f"it shows {len(faces)} faces: take one of this person alone"
    return faces[0]


def flaws_of(face: Measured) -> Iterator[str]:
    """What is wrong with one measured face, with what to do about it."""
    if face.side < SMALLEST:
        yield "the face is too small: go closer, or use the original file"
    if face.turned > MOST_TURNED:
        yield "the face is turned away: look at the camera"
    if face.tilted > MOST_TILTED:
        yield "the head is tilted, or the photo lies on its side: hold both upright"
    if face.sharpness < DULLEST:
        yield "the face is blurred: hold still, in better light"


def flaws_between(faces: Sequence[Measured | None]) -> Iterator[Flaw]:
    """What is wrong with photos of one person taken together; None for a photo without a face.

    Args:
        faces: one for each photo.
    """
    if len(faces) < LEAST_PHOTOS:
        yield Flaw(None, f"at least {LEAST_PHOTOS} photos are needed, taken on different days")
    known = [(number, face) for number, face in enumerate(faces) if face is not None]
    apart = {
        (i, j): math.dist(one.template, other.template)
        for (i, one), (j, other) in combinations(known, 2)
    }
    for (i, j), distance in apart.items():
        if distance < NEAREST:
            yield Flaw(
                j, f"it is nearly the same picture as photo {i + 1}: take one on another day"
            )
    for number, _ in known:
        others = [distance for pair, distance in apart.items() if number in pair]
        if others and all(distance > FURTHEST for distance in others):
            yield Flaw(number, "it does not look like the person in the other photos")


def flaws_among(faces: Sequence[Measured], people: Sequence[Enrolled]) -> Iterator[Flaw]:
    """Who is in the register already and could not be told from this person.

    Args:
        faces: one for each photo.
        people: everyone enrolled under another code.
    """
    alike = {match.code for face in faces for match in matches([face], people) if match}
    for code in sorted(alike):
        yield Flaw(None, f"{code} in the register looks so alike that the two would be mixed up")
