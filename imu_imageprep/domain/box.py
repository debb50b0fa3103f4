"""Boxes as fractions of the upright source picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imu_imageprep.domain.errors import UsageProblem

# Share of a face box's own width and height that is added so that hair and ears are covered too:
# detectors box the face from brows to chin (read off CenterFace boxes on portraits).
FACE_MARGIN = (0.35, 0.45, 0.35, 0.20)  # left, top, right, bottom

_FARTHEST = 10_000_000  # pixels; no format has pictures of this side that could be decoded

# Share added to each side of a barcode's box: its bars can be read from any strip that is left.
CODE_MARGIN = (0.3, 0.3, 0.3, 0.3)

# Share added to each side of the box of readable text; the detector's boxes hold all strokes, and
# what is written close by belongs to it.
TEXT_MARGIN = (0.04, 0.1, 0.04, 0.1)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions (0..1) of the upright source picture: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def from_pixels(cls, x: float, y: float, w: float, h: float, *, width: int, height: int) -> Box:
        """Turn a box in pixels of a picture of ``width`` x ``height`` into fractions.

        Raises:
            UsageProblem: a number is none, or beyond any picture.
        """
        if not all(-_FARTHEST <= number <= _FARTHEST for number in (x, y, w, h)):
            raise UsageProblem(
                "A box lies beyond any picture.",
                "Give x, y, width and height in pixels of the photo.",
            )
        return cls(x / width, y / height, w / width, h / height)

    @property
    def area(self) -> float:
        """The share of the picture that the box takes."""
        return max(0.0, self.w) * max(0.0, self.h)

    def clipped(self) -> Box:
        """The part of the box that lies inside the picture."""
        left, top = min(max(self.x, 0.0), 1.0), min(max(self.y, 0.0), 1.0)
        right = min(max(self.x + self.w, 0.0), 1.0)
        bottom = min(max(self.y + self.h, 0.0), 1.0)
        return Box(left, top, max(0.0, right - left), max(0.0, bottom - top))

    def grown(self, margin: tuple[float, float, float, float] = FACE_MARGIN) -> Box:
        """The box with ``margin`` (left, top, right, bottom; shares of its own sides), clipped."""
        left, top, right, bottom = margin
        return Box(
            self.x - left * self.w,
            self.y - top * self.h,
            self.w * (1 + left + right),
            self.h * (1 + top + bottom),
        ).clipped()

    def overlap(self, other: Box) -> float:
        """The area shared with ``other``, as a share of the picture."""
        w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union with ``other``, 0..1."""
        shared = self.overlap(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def to_pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The smallest whole-pixel rectangle (x, y, w, h) that holds the box, clipped, never empty.

        Edges are rounded outwards, so that what the box covers stays covered; a hair of tolerance
        keeps a box that came from whole pixels exactly what it was.
        """
        hair = 1e-6
        inside = self.clipped()
        left = min(math.floor(inside.x * width + hair), width - 1)
        top = min(math.floor(inside.y * height + hair), height - 1)
        right = max(math.ceil((inside.x + inside.w) * width - hair), left + 1)
        bottom = max(math.ceil((inside.y + inside.h) * height - hair), top + 1)
        return left, top, min(right, width) - left, min(bottom, height) - top


def covered_share(box: Box, covers: tuple[Box, ...]) -> float:
    """The largest share of ``box`` that lies inside a single one of ``covers``, 0..1."""
    if box.area <= 0:
        return 0.0
    return max((box.overlap(cover) / box.area for cover in covers), default=0.0)
