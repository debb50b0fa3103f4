"""Faces, found by CenterFace.

Xu, Yan, Sun, Yang, Luo: CenterFace: Joint Face Detection and Alignment Using Face as Point (2019,
arXiv:1911.03599). For every cell of 4x4 pixels the network answers how likely a face has its
centre there, how large the face is, and where in the cell the centre lies.

Faces are rows of (score, x, y, w, h), float32, best first, in fractions of the picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from imu_imageprep import assets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Values = NDArray[np.float32]

MODEL = "centerface"

# A longer picture than 2:1 gets as many pixels as a 2:1 one, so that faces in panoramas keep a
# size the network can see; a small one is enlarged no further than this, which shows nothing new.
LONGEST_ASPECT = 2.0
MOST_ENLARGED = 4.0
# Bilinear interpolation looks at 2x2 pixels: from half the size on it passes over none. It keeps
# small faces a little sharper than averaging areas does, at a seventh of the cost.
INTERPOLATED_FROM = 0.5

# Two boxes that overlap by this much (intersection over union) are one face.
SAME_FACE = 0.3

# A fourteenth of what numpy takes to turn a picture.
_TURNS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}

_CELL = 4
_MULTIPLE = 32
_GREY = 114


class Response(NamedTuple):
    """What the network answered for one picture.

    Attributes:
        best: the strongest response, 0..1.
        faces: those that may be faces, each once.
    """

    best: float
    faces: Values


def scaled(pixels: Pixels, side: int) -> Pixels:
    """The picture resized to ``side`` pixels on its long side; panoramas get more, tiny ones less.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        side: wanted long side in pixels.

    Returns:
        uint8 RGB, at least one pixel on each side.
    """
    height, width = pixels.shape[:2]
    # A strip a few pixels high counts as a picture of 32: its area must not make it endless.
    area = max(height, width) * max(min(height, width), _MULTIPLE)
    scale = max(side / max(height, width), side / math.sqrt(LONGEST_ASPECT * area))
    scale = min(scale, MOST_ENLARGED)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < INTERPOLATED_FROM else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (w, h), interpolation=method), np.uint8)


def planes(image: Pixels) -> Values:
    """The network's input: float32 [1, 3, height, width], RGB 0..255, filled up with grey.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """
    h, w = image.shape[:2]
    filled = np.full((_up(h, _MULTIPLE), _up(w, _MULTIPLE), 3), _GREY, np.uint8)
    filled[:h, :w] = image
    return filled.transpose(2, 0, 1)[None].astype(np.float32)


def respond(image: Pixels, least: float) -> Response:
    """Run the network on a picture as it is.

    Args:
        image: uint8 RGB, shape (height, width, 3); filled up with grey to multiples of 32.
        least: response from which something may be a face.

    Returns:
        What may be a face, in fractions of ``image``, best first, each once; the best response.
    """
    h, w = image.shape[:2]
    outputs = assets.network(MODEL).run(["537", "538", "539"], {"input.1": planes(image)})
    # Centres in the grey are no faces of this picture.
    rows, columns = _up(h, _CELL) // _CELL, _up(w, _CELL) // _CELL
    heat, size, offset = (output[0, :, :rows, :columns] for output in outputs)
    faces = decoded(heat[0], size, offset, least)
    return Response(float(heat.max()), distinct(inside(faces, width=w, height=h)))


def decoded(heat: Values, size: Values, offset: Values, threshold: float) -> Values:
    """Turn the network's maps into boxes.

    Args:
        heat: likelihood of a centre per cell, shape (rows, columns).
        size: logarithm of height and width in cells, shape (2, rows, columns).
        offset: y and x of the centre from the middle of its cell, in cells, same shape.
        threshold: least likelihood.

    Returns:
        Faces in pixels of the network's input.
    """
    rows, columns = np.nonzero(heat >= threshold)
    h, w = np.exp(size[:, rows, columns]) * _CELL
    y = (rows + offset[0, rows, columns] + 0.5) * _CELL - h / 2
    x = (columns + offset[1, rows, columns] + 0.5) * _CELL - w / 2
    faces = np.stack([heat[rows, columns], x, y, w, h], axis=1).astype(np.float32)
    return np.asarray(faces[np.argsort(-faces[:, 0], kind="stable")])


def inside(faces: Values, *, width: int, height: int) -> Values:
    """Faces in pixels clipped to a picture of ``width`` x ``height`` and turned into fractions."""
    span = np.array([width, height], np.float32)
    low = np.clip(faces[:, 1:3] / span, 0, 1)
    high = np.clip((faces[:, 1:3] + faces[:, 3:5]) / span, 0, 1)
    clipped = np.concatenate([faces[:, :1], low, high - low], axis=1)
    return np.asarray(clipped[(high > low).all(axis=1)])


def distinct(faces: Values, overlap: float = SAME_FACE) -> Values:
    """Keep the best of every group of boxes that overlap (greedy non-maximum suppression)."""
    kept = []
    while len(faces):
        best, faces = faces[0], faces[1:]
        kept.append(best)
        faces = faces[iou(best, faces) < overlap]
    return np.array(kept, np.float32).reshape(-1, 5)


def iou(face: Values, others: Values) -> Values:
    """Intersection over union of one face with each of the others, shape (n,)."""
    low = np.maximum(face[1:3], others[:, 1:3])
    high = np.minimum(face[1:3] + face[3:5], others[:, 1:3] + others[:, 3:5])
    shared = np.maximum(high - low, 0).prod(axis=1)
    union = face[3] * face[4] + others[:, 3] * others[:, 4] - shared
    return np.asarray(shared / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def turned(image: Pixels, turns: int) -> Pixels:
    """The picture turned counterclockwise by one, two or three quarters."""
    return np.asarray(cv2.rotate(image, _TURNS[turns]), np.uint8)


def unturned(faces: Values, turns: int) -> Values:
    """Faces found in a picture that was turned counterclockwise, where they are in the picture.

    Args:
        faces: in fractions of the turned picture.
        turns: by how many quarters it was turned.

    Returns:
        The same faces in fractions of the picture before the turn.
    """
    score, x, y, w, h = faces.T
    for _ in range(turns):
        x, y, w, h = 1 - y - h, x, h, w
    return np.stack([score, x, y, w, h], axis=1)


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
