"""What the networks see of a picture, and its windows as vectors.

EfficientNet-Lite networks (Liu and others, 2020; weights Apache-2.0) run over the whole picture.
Their feature maps are pooled over the full frame and over windows of half and a third of the side,
so that a wound or a monitor in a part of the picture counts as one that fills it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from imu_imageprep import assets
from imu_imageprep.domain.box import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

# The first look's network, EfficientNet-Lite0, and those of the second one, Lite1 and 2.
FIRST = "clinical_first"
SECOND = "clinical_second"

# Channels of one network's feature map.
CHANNELS = 1280
# One cell of the feature map is 32 x 32 pixels of the network's input.
CELL = 32
# Pixels of the network's input: every photo costs the same, whatever its shape.
AREA = 448 * 336
# A panorama is squeezed to this aspect, or its short side would be a cell or two.
_WIDEST = 3.0
# Windows as a share of the sides, and how many of them along each side.
LAYOUT = ((1.0, 1), (0.5, 3), (0.34, 4))


class Window(NamedTuple):
    """Cells [top, bottom) x [left, right) of the feature map."""

    top: int
    bottom: int
    left: int
    right: int


def network_shape(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the feature map: about AREA pixels, of the picture's own aspect."""
    aspect = min(max(width / height, 1 / _WIDEST), _WIDEST)
    return round(math.sqrt(AREA / aspect) / CELL), round(math.sqrt(AREA * aspect) / CELL)


def network_input(pixels: Pixels) -> Floats:
    """Scale a picture to the networks' input.

    Args:
        pixels: uint8 RGB (h, w, 3), any size.

    Returns:
        float32 [1, 3, rows * CELL, columns * CELL], RGB, (value - 127) / 128, which is what the
        networks were trained with.
    """
    height, width = pixels.shape[:2]
    rows, columns = network_shape(height, width)
    shrinks = height >= rows * CELL and width >= columns * CELL
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(pixels, (columns * CELL, rows * CELL), interpolation=method)
    planes = small.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    return np.asarray((planes - 127) / 128, np.float32)


def feature_map(network: str, given: Floats) -> Floats:
    """Run FIRST or SECOND over what :func:`network_input` gives.

    Returns:
        float32 [channels, rows, columns], none below 0: CHANNELS of one network after the other.

    Raises:
        ModelProblem: the network is missing or damaged.
    """
    (features,) = assets.network(network).run(None, {"x": given})
    return np.asarray(features[0], np.float32)


def windows(rows: int, columns: int) -> tuple[Window, ...]:
    """The full frame first, then the windows of LAYOUT, evenly spread, row by row."""
    return tuple(
        Window(top, bottom, left, right)
        for share, count in LAYOUT
        for top, bottom in _spans(rows, share, count)
        for left, right in _spans(columns, share, count)
    )


def _spans(cells: int, share: float, count: int) -> list[tuple[int, int]]:
    length = max(1, round(cells * share))
    starts = np.round(np.linspace(0, cells - length, count)).astype(int).tolist()
    return [(start, start + length) for start in starts]


def pooled(features: Floats, layout: tuple[Window, ...]) -> Floats:
    """Mean features of each window as unit vectors, in which every network has the same say.

    Square roots first: a few channels that fire strongly would outshout the many others
    (the Hellinger kernel; Arandjelovic and Zisserman, 2012).

    Args:
        features: float32 [channels, rows, columns] as from :func:`feature_map`.
        layout: the windows, in cells of that map.

    Returns:
        float32 [windows, channels].
    """
    channels, rows, columns = features.shape
    networks = channels // CHANNELS
    inside = np.zeros((rows, columns, len(layout)), np.float32)
    for number, (top, bottom, left, right) in enumerate(layout):
        inside[top:bottom, left:right, number] = 1
    # The direction of a sum is that of the mean.
    sums = features.reshape(channels, -1) @ inside.reshape(-1, len(layout))
    roots = np.sqrt(sums.T.reshape(len(layout), networks, CHANNELS))
    length = np.linalg.norm(roots, axis=2, keepdims=True) * math.sqrt(networks)
    return np.asarray(roots / np.maximum(length, 1e-6), np.float32).reshape(len(layout), channels)


def box_of(window: Window, rows: int, columns: int) -> Box:
    """The window as fractions of the picture."""
    height, width = window.bottom - window.top, window.right - window.left
    return Box(window.left / columns, window.top / rows, width / columns, height / rows)
