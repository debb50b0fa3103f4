"""Pictures made for tests, as files' bytes."""

from __future__ import annotations

import io
import itertools
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

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


def profile(red: tuple[float, float, float], gamma: float = 2.2) -> bytes:
    """A small matrix profile (ICC.1) whose red is ``red`` in XYZ, the rest like sRGB's."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    white = (0.9642, 1.0, 0.8249)
    green, blue = (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    curve = b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0\0\0\0\2x\0" + b"\0" * 80
    tags = [
        (b"desc", text),
        (b"wtpt", xyz(*white)),
        (b"rXYZ", xyz(*red)),
        (b"gXYZ", xyz(*green)),
        (b"bXYZ", xyz(*blue)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags:
        padded = content + b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += padded
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + fixed(*white)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


_others = itertools.count(1)


def unlike(data: bytes) -> bytes:
    """The same picture as another file: what was answered for one is not asked for the other."""
    return data + next(_others).to_bytes(2, "big")


def coded(text: str, written: str = "") -> bytes:
    """A wall with a QR code, and with a line of large letters where there is one."""
    import segno  # noqa: PLC0415  (a part of the page's own packages)

    out = Image.new("RGB", (1600, 900), (214, 210, 198))
    code = io.BytesIO()
    made = segno.make_qr(text)
    made.save(code, kind="png", scale=640 // made.symbol_size()[0])
    out.paste(Image.open(code).convert("RGB"), (150, 150))
    font = ImageFont.truetype(
        Path(__file__).parents[1] / "assets" / "watermark" / "Inter-SemiBold.otf", 60
    )
    ImageDraw.Draw(out).text((840, 650), written, (25, 25, 25), font)
    buffer = io.BytesIO()
    out.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
