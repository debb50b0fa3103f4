"""Whether photos are fit to know a person by, and what to take again where they are not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from imu_imageprep.domain.finding import DidNotLook
from imu_imageprep.domain.needs import rules_of
from imu_imageprep.domain.recognition import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.recognition import Enrolled, Measured

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
            return f"it could not be looked at: {exam.scan.reason}"
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
