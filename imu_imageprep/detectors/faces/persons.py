"""People, found by SSDLite-MobileNetV2 with one class, wherever they look to.

The network sees whole people, also from behind or lying, and says nothing about faces: it tells
whether somebody is there who could have one. docs/models.md says what it was trained on.

People are rows of (score, x, y, w, h), float32, best first, in fractions of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from imu_imageprep import assets
from imu_imageprep.detectors.faces.centerface import distinct

if TYPE_CHECKING:
    from imu_imageprep.detectors.faces.centerface import Pixels, Values

MODEL = "persons"

# The network's input: every picture is squashed to a square of so many pixels.
SIDE = 300
# Two boxes that overlap by this much (intersection over union) are one person.
SAME_PERSON = 0.5


def persons(pixels: Pixels, least: float) -> Values:
    """Look for people.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        least: score from which somebody may be there.

    Returns:
        Who may be there, each once, clipped to the picture.

    Raises:
        ModelProblem: the network is missing or damaged.
    """
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    planes = small.transpose(2, 0, 1)[None].astype(np.float32)
    (boxes,), (scores,) = assets.network(MODEL).run(["boxes", "scores"], {"picture": planes})
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= least]
    low = np.clip(boxes[order, :2], 0, 1)
    high = np.clip(boxes[order, :2] + boxes[order, 2:], 0, 1)
    found = np.concatenate([scores[order, None], low, high - low], axis=1).astype(np.float32)
    return distinct(found[(high > low).all(axis=1)], SAME_PERSON)
