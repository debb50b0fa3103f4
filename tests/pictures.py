"""Pictures made for tests, as files' bytes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

SPOT = (250, 10, 200)  # a colour that SpotDetector takes for a face


def scene(
    width: int = 1200, height: int = 800, spots: tuple[tuple[int, int, int], ...] = ()
) -> Image.Image:
    """A soft landscape with discs of the spot colour at (x, y, radius)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red = 120 + 60 * np.sin(x / 97) * np.cos(y / 71)
    green = 150 * (1 - y / height) + 60
    blue = 90 + 80 * (y / height)
    picture = Image.fromarray(np.stack([red, green, blue], axis=2).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for left, top, radius in spots:
        draw.ellipse((left - radius, top - radius, left + radius, top + radius), fill=SPOT)
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The picture as the bytes of a file."""
    buffer = io.BytesIO()
    if kind == "JPEG":
        options = {"quality": 92, **options}
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1, artist: str | None = None) -> Image.Exif:
    """EXIF with a place, a camera and, where asked, a maker."""
    data = Image.Exif()
    data[0x010F] = "NeedleCam"
    data[0x0112] = orientation
    data[0x0132] = "2025:12:24 18:00:00"
    if artist:
        data[0x013B] = artist
    data.get_ifd(0x8825).update({1: "N", 2: (3.0, 3.0, 26.0), 3: "E", 4: (101.0, 41.0, 48.0)})
    return data
