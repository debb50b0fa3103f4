"""What a report shows of a photo: its export in small, or an outline without any pixel of it."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from imu_imageprep.batch.plan import printable

if TYPE_CHECKING:
    from imu_imageprep.report.record import Entry

THUMBNAIL_SIDE = 160  # pixels; shown at half of it, so that it is sharp on a fine screen
_QUALITY = 60  # about 3 KB each
_OUTLINE_SIDE = 80
_OUTLINE_LEAST = 12  # a panorama is still a shape, not a line


def thumbnail(entry: Entry) -> str | None:
    """The export in small as a ``data:`` address; None where it is gone or was changed since.

    It is made from the file that was written and verified, never from the photo itself.
    """
    export = entry.receipt["export"]
    if export is None or entry.export_path is None:
        return None
    try:
        data = Path(entry.export_path).read_bytes()
        if hashlib.sha256(data).hexdigest() != export["sha256"]:
            return None
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def outline(entry: Entry) -> str:
    """An SVG of a held photo's shape with the boxes of what holds it; empty where it was not seen.

    Nobody can be recognised in it, however wrong a detector was.
    """
    source = entry.receipt["source"]
    if source is None:
        return ""
    scale = _OUTLINE_SIDE / max(source["width"], source["height"])
    width = max(source["width"] * scale, _OUTLINE_LEAST)
    height = max(source["height"] * scale, _OUTLINE_LEAST)
    held = {need["finding"] for need in entry.receipt["held_for"]}
    found = [f for f in entry.receipt["findings"] if f["id"] in held and f["box"]]
    boxes = []
    for finding in found:
        x, y, w, h = finding["box"]
        across, down = width / source["width"], height / source["height"]
        boxes.append(
            f'<rect class="box" x="{x * across:.1f}" y="{y * down:.1f}"'
            f' width="{max(w * across, 2):.1f}" height="{max(h * down, 2):.1f}"/>'
        )
    ids = ", ".join(printable(f["id"]) for f in found)
    label = f"Outline of the photo, boxes: {ids}" if ids else "Outline of the photo, no boxes"
    return (
        f'<svg role="img" aria-label="{label}" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.1f} {height:.1f}">'
        f'<rect class="frame" width="{width:.1f}" height="{height:.1f}"/>{"".join(boxes)}</svg>'
    )
