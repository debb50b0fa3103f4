"""Pictures with something pasted into a part of them: clinical content that does not fill a photo.

Every clinical picture is pasted into an everyday picture of another source, at half or at a third
of the side; so are some everyday pictures, or the paste itself would become the clue. Picture and
host lie in one bucket, so that a fold never tests on a host that it trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clinical_data import Pictures
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# Share of the host's side (square root of the area) that the pasted picture takes.
SHARES = (1 / 2, 1 / 3)
# Everyday pictures are many: this share of them is pasted.
_OF_EVERYDAY = 0.4


@dataclass(frozen=True, slots=True)
class Part:
    """One composite: rows of picture and host, the share, and where (fractions x, y, w, h)."""

    picture: int
    host: int
    share: float
    box: tuple[float, float, float, float]


def composites(pictures: Pictures) -> Iterator[tuple[Part, Pixels]]:
    """Make the composites, always the same; pixels are uint8 RGB (h, w, 3)."""
    random = np.random.default_rng(2)
    for index in range(len(pictures)):
        clinical, rare = bool(pictures.clinical[index]), bool(pictures.rare[index])
        if (rare and clinical) or (not clinical and random.random() > _OF_EVERYDAY):
            continue
        near = ~pictures.rare & (pictures.bucket == pictures.bucket[index])
        hosts = near & ~pictures.clinical & (pictures.source != pictures.source[index])
        if not hosts.any():  # all of its bucket is of one source
            continue
        share = SHARES[int(random.integers(len(SHARES)))]
        host = int(random.choice(np.flatnonzero(hosts)))
        pixels, box = paste(pictures.pixels(host), pictures.pixels(index), share, random)
        yield Part(index, host, share, box), pixels


def paste(
    host: Pixels, content: Pixels, share: float, random: np.random.Generator
) -> tuple[Pixels, tuple[float, float, float, float]]:
    """Put ``content`` somewhere into ``host``, at ``share`` of its side, its aspect kept.

    Returns:
        The new picture, uint8 RGB (h, w, 3), and where the content is (fractions x, y, w, h).
    """
    height, width = host.shape[:2]
    scale = share * (height * width / (content.shape[0] * content.shape[1])) ** 0.5
    h = min(height, max(4, round(content.shape[0] * scale)))
    w = min(width, max(4, round(content.shape[1] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    x, y = int(random.integers(width - w + 1)), int(random.integers(height - h + 1))
    result = host.copy()
    result[y : y + h, x : x + w] = cv2.resize(content, (w, h), interpolation=method)
    return result, (x / width, y / height, w / width, h / height)
