"""Where a picture has lines of text, found by PP-OCRv6 tiny (detection).

The network answers for every pixel how likely it lies in the middle of a line; each connected patch
of such pixels, grown to the line's full height, is an area ("differentiable binarization", Liao,
Wan, Yao, Chen, Bai 2020, arXiv:1911.08947). docs/models.md tells how the constants were chosen.

A quad is four corners in pixels, float32, shape (4, 2): upper left, upper right, lower right, lower
left of the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep import assets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Values = NDArray[np.float32]

MODEL = "text_areas"

# A pixel counts from HERE on; a patch is an area where its pixels answer with SURE on average.
HERE = 0.2
SURE = 0.4
# The network marks lines thinner than they are: areas grow by this share of what they hold per
# length of their border.
GROWTH = 1.4
# Thinner patches, in pixels of the network's input, are no text.
THINNEST = 2.0
# So many patches are looked at, the largest first: a hostile picture may have a patch at every
# other pixel, one full of text has some hundreds.
MOST_PATCHES = 1000

_MULTIPLE = 32
# Of ImageNet, in the order of the network's channels: blue, green, red.
_MEAN = (0.406, 0.456, 0.485)
_DEVIATION = (0.225, 0.224, 0.229)


def areas(pixels: Pixels, side: int) -> list[Values]:
    """The areas of a picture that hold lines of text.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        side: the long side, in pixels, at which it is searched; it is not enlarged.

    Returns:
        A quad per line, in pixels of ``pixels``.
    """
    height, width = pixels.shape[:2]
    scale = min(side / max(height, width), 1.0)
    w, h = (max(_MULTIPLE, round(n * scale / _MULTIPLE) * _MULTIPLE) for n in (width, height))
    image = np.asarray(cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
    (likely,) = assets.network(MODEL).run(None, {"x": _planes(image)})
    back = np.array([width / w, height / h], np.float32)
    return [quad * back for quad in quads(likely[0, 0])]


def quads(likely: Values) -> list[Values]:
    """The lines in the network's map (0..1, shape (height, width)), as quads in its pixels."""
    found, _ = cv2.findContours(
        (likely > HERE).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
    )
    if len(found) > MOST_PATCHES:
        found = sorted(found, key=cv2.contourArea, reverse=True)[:MOST_PATCHES]
    out = []
    for contour in found:
        middle, (one, other), turn = cv2.minAreaRect(contour)
        if min(one, other) < THINNEST or _answer(likely, np.asarray(contour, np.int32)) < SURE:
            continue
        more = one * other * GROWTH / (one + other)
        corners = cv2.boxPoints((middle, (one + more, other + more), turn))
        out.append(ordered(np.asarray(corners, np.float32)))
    return out


def ordered(corners: Values) -> Values:
    """Four corners in the order of a quad."""
    across = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (pair[np.argsort(pair[:, 1], kind="stable")] for pair in (across[:2], across[2:]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def sides(quad: Values) -> tuple[float, float]:
    """The mean width and height of a quad, in its pixels."""
    width = np.linalg.norm(quad[0] - quad[1]) + np.linalg.norm(quad[3] - quad[2])
    height = np.linalg.norm(quad[0] - quad[3]) + np.linalg.norm(quad[1] - quad[2])
    return float(width) / 2, float(height) / 2


def _planes(image: Pixels) -> Values:
    """A picture as the network's input; a channel at a time, which costs a third."""
    planes = np.empty((1, 3, *image.shape[:2]), np.float32)
    for channel, (mean, deviation) in enumerate(zip(_MEAN, _DEVIATION, strict=True)):
        plane = planes[0, channel]
        np.multiply(image[:, :, 2 - channel], np.float32(1 / (255 * deviation)), out=plane)
        plane -= np.float32(mean / deviation)
    return planes


def _answer(likely: Values, contour: NDArray[np.int32]) -> float:
    """The mean answer inside a patch."""
    x, y, w, h = cv2.boundingRect(contour)
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], (1,))
    return float(cv2.mean(likely[y : y + h, x : x + w], mask)[0])
