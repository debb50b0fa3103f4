"""Read a line of text, by PP-OCRv6 tiny (recognition).

The line is straightened to 48 pixels of height. For every 8 pixels of its length the network
answers which character stands there, or none; a character that goes on is written once (CTC,
Graves, Fernandez, Gomez, Schmidhuber 2006). Lines are read one at a time: together they cost no
less, and a long one would make every other as long.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep import assets
from imu_imageprep.detectors.text.areas import sides
from imu_imageprep.domain.errors import ModelProblem

if TYPE_CHECKING:
    from imu_imageprep.detectors.text.areas import Pixels, Values

MODEL, CHARACTERS = "text_lines", "text_characters"

_HEIGHT = 48
# A longer line is read squeezed to this.
_LONGEST = 960
_SHORTEST = 48
_MULTIPLE = 16
# An area so much higher than wide is a line that runs upwards or downwards.
_UPRIGHT = 1.5
# A stroke's edge changes the brightness by this share of what there is. Rows are written on where
# they have this share of the edges of the busiest row; the ends (a share of the length) show the
# label's own. What is written has this share of its height
# as room around it; where that is less of the area than LOOSE, the area is too large.
_STROKE, _INK, _ENDS, _ROOM, _LOOSE = 0.12, 0.3, 12, 0.25, 0.5
_LOWEST = 10  # rows; a line that is lower was not found as one


def read(pixels: Pixels, quad: Values) -> tuple[str, float]:
    """What a line says, and how sure its characters are on average (0..1).

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        quad: the line's corners in pixels of ``pixels``.

    Raises:
        ModelProblem: the network or its characters are missing or damaged.
    """
    (answer,) = assets.network(MODEL).run(None, {"x": _strip(pixels, quad)})
    likeliest, sure = answer[0].argmax(axis=1), answer[0].max(axis=1)
    begins = np.append(True, likeliest[1:] != likeliest[:-1])
    kept = (likeliest > 0) & begins
    if not kept.any():
        return "", 0.0
    known = _characters()
    return "".join(known[index] for index in likeliest[kept]), float(sure[kept].mean())


def _strip(pixels: Pixels, quad: Values) -> Values:
    """A line as the network's input."""
    width, height = sides(quad)
    if height >= _UPRIGHT * width:
        quad, width, height = np.roll(quad, 1, 0), height, width
    line = _straight(pixels, quad, width / max(height, 1.0))
    top, bottom = _inked(line)
    if bottom - top < _LOOSE:
        # The area is the label and not the line on it: letters would be half as high as they are
        # expected, and those that stand twice would be read once.
        down = (quad[[3, 2]] - quad[[0, 1]])[[0, 1, 1, 0]]
        quad = quad[[0, 1, 1, 0]] + down * np.array([top, top, bottom, bottom], np.float32)[:, None]
        line = _straight(pixels, quad, width / max(height * (bottom - top), 1.0))
    length = line.shape[1]
    room = max(_SHORTEST, -(-length // _MULTIPLE) * _MULTIPLE)
    strip = np.zeros((1, 3, _HEIGHT, room), np.float32)
    strip[0, :, :, :length] = (line[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
    return strip


def _straight(pixels: Pixels, quad: Values, aspect: float) -> Pixels:
    """What lies in a quad, as a strip of the network's height."""
    length = min(max(round(aspect * _HEIGHT), _MULTIPLE), _LONGEST)
    corners = np.array([[0, 0], [length, 0], [length, _HEIGHT], [0, _HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), corners)
    strip = cv2.warpPerspective(
        pixels,
        matrix,
        (length, _HEIGHT),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(strip, np.uint8)


def _inked(line: Pixels) -> tuple[float, float]:
    """From where to where down a strip most is written, with room around, as shares of it."""
    edge = line.shape[1] // _ENDS
    grey = line[:, edge : line.shape[1] - edge].mean(axis=2)
    strokes = np.abs(np.diff(grey, axis=1)) > _STROKE * np.ptp(grey)
    count = strokes.sum(axis=1)
    bare = np.flatnonzero(count <= _INK * count.max())
    ends = np.concatenate([[-1], bare, [_HEIGHT]])
    top, bottom = max(
        ((float(a + 1), float(b)) for a, b in itertools.pairwise(ends) if b > a + 1),
        key=lambda rows: int(count[int(rows[0]) : int(rows[1])].sum()),
        default=(0.0, float(_HEIGHT)),
    )
    if bottom - top < _LOWEST:
        return 0.0, 1.0
    room = _ROOM * (bottom - top)
    return max(0.0, top - room) / _HEIGHT, min(float(_HEIGHT), bottom + room) / _HEIGHT


@functools.cache
def _characters() -> tuple[str, ...]:
    """What each of the network's answers stands for; the first one is nothing."""
    try:
        listed = assets.load(CHARACTERS).decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as problem:
        raise ModelProblem("The list of characters is damaged.") from problem
    return ("", *(line.removesuffix("\r") for line in listed), " ")
