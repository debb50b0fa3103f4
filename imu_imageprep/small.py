"""A photo in small: what a list shows of it, and by what shots of one moment are known."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 320  # pixels of the long side
_QUALITY = 75  # about 12 KB each
_ACROSS, _DOWN = 9, 8


def of_pixels(pixels: NDArray[np.uint8]) -> Image.Image:
    """RGB pixels in small; smaller ones stay as they are."""
    return _fitted(Image.fromarray(pixels))


def of_file(data: bytes) -> Image.Image:
    """An export's file in small."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (SIDE, SIDE))
        return _fitted(picture.convert("RGB"))


def _fitted(picture: Image.Image) -> Image.Image:
    picture.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return picture


def jpeg(picture: Image.Image) -> bytes:
    """A small picture as a JPEG file's bytes, without anything hidden."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, dpi=(72, 72))
    return buffer.getvalue()


def pattern(picture: Image.Image) -> int:
    """The difference hash of a small picture, as ``domain.bursts.Glimpse`` says."""
    grey = picture.convert("L").resize((_ACROSS, _DOWN), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(_DOWN):
        for left in range(row * _ACROSS, (row + 1) * _ACROSS - 1):
            bits = bits << 1 | (grey[left + 1] > grey[left])
    return bits
