"""Faces, found by CenterFace.

Xu, Yan, Sun, Yang, Luo: CenterFace: Joint Face Detection and Alignment Using Face as Point (2019,
arXiv:1911.03599). The network answers, for every cell of 4x4 pixels, how likely a face has its
centre there, and the face's size and exact centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep import assets
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import Finding, Flag, Looked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

    Pixels = NDArray[np.uint8]
    Faces_ = NDArray[np.float32]

_MODEL = "centerface"
_CELL = 4
_SIDES = 32
_GREY = 114
_CANDIDATE = 0.05
_SAME = 0.3

SIDE = 640
THRESHOLD = 0.25


@dataclass(frozen=True, slots=True)
class Faces:
    """Looks for faces."""

    name: str = "faces"
    flag: Flag = Flag.FACE

    @property
    def model(self) -> str | None:
        """Version of the network's weights; None where the list of models cannot be read."""
        try:
            return assets.models()[_MODEL].version
        except (KeyError, ModelProblem):
            return None

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002
        """Look for faces.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            One finding per face, and the best score, also where it is too low for a finding.

        Raises:
            ModelProblem: the network is missing or damaged.
        """
        height, width = photo.pixels.shape[:2]
        faces = distinct(detect(photo.pixels, SIDE), _SAME)
        found = tuple(
            Finding(
                "face", score, Box.from_pixels(x, y, w, h, width=width, height=height).clipped()
            )
            for score, x, y, w, h in faces.tolist()
            if score >= THRESHOLD
        )
        return Looked(found, float(faces[0, 0]) if len(faces) else 0.0)


def detect(pixels: Pixels, side: int) -> Faces_:
    """Candidates for faces, best first: rows of score, x, y, w, h in pixels of ``pixels``."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    padded = np.full((-(-h // _SIDES) * _SIDES, -(-w // _SIDES) * _SIDES, 3), _GREY, np.uint8)
    padded[:h, :w] = cv2.resize(pixels, (w, h), interpolation=method)
    image = padded.transpose(2, 0, 1)[None].astype(np.float32)
    heat, size, offset, _ = assets.network(_MODEL).run(None, {"input.1": image})
    faces = decode(heat[0, 0], size[0], offset[0])
    faces[:, 1::2] *= width / w
    faces[:, 2::2] *= height / h
    return faces


def decode(
    heat: NDArray[np.float32], size: NDArray[np.float32], offset: NDArray[np.float32]
) -> Faces_:
    """Rows of score, x, y, w, h in pixels of the network's input."""
    rows, columns = np.nonzero(heat >= _CANDIDATE)
    h, w = np.exp(size[:, rows, columns]) * _CELL
    y = (rows + offset[0, rows, columns] + 0.5) * _CELL - h / 2
    x = (columns + offset[1, rows, columns] + 0.5) * _CELL - w / 2
    faces = np.stack([heat[rows, columns], x, y, w, h], axis=1).astype(np.float32)
    return faces[np.argsort(-faces[:, 0], kind="stable")]


def distinct(faces: Faces_, overlap: float) -> Faces_:
    """Greedy non-maximum suppression: the best of each group that overlaps by ``overlap``."""
    kept: list[NDArray[np.float32]] = []
    while len(faces):
        best, rest = faces[0], faces[1:]
        kept.append(best)
        faces = rest[iou(best, rest) < overlap]
    return np.array(kept, np.float32).reshape(-1, 5)


def iou(one: NDArray[np.float32], others: Faces_) -> NDArray[np.float32]:
    """Intersection over union of one row with each of the others."""
    left, top = np.maximum(one[1:3], others[:, 1:3]).T
    right, bottom = np.minimum(one[1:3] + one[3:5], others[:, 1:3] + others[:, 3:5]).T
    shared = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    union = one[3] * one[4] + others[:, 3] * others[:, 4] - shared
    return np.asarray(shared / union, np.float32)
