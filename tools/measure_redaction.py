"""Whether a face that was covered is found again in the export, for each style of covering.

    python tools/measure_redaction.py DIR [--sheet FILE]

DIR holds pictures, and may hold a ``manifest.json`` with annotated faces (file, boxes [x, y, w, h]
in pixels); annotated faces are covered besides the ones that the detector finds, so that those it
misses at first are tried too. Every picture is covered, fitted, marked and encoded as an export is,
the export's bytes are decoded, and the detector looks again. A covered face counts as found again
where a face of the export lies by more than half in the covered area. ``--sheet`` draws those.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from imu_imageprep.detectors.faces import Faces
from imu_imageprep.domain.box import Box, covered_share
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.policy import Policy
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import from_bytes, read
from imu_imageprep.stages.redact import redact
from imu_imageprep.stages.watermark import watermark

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Photo

HALF = 0.5


def main() -> None:
    """Measure every picture of the folder in every style."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheet", type=Path, help="draw the faces that were found again")
    asked = parser.parse_args()
    covered = 0
    again = dict.fromkeys(RedactStyle, 0)
    crops: list[Image.Image] = []
    for path, annotated in pictures(asked.folder):
        try:
            photo = load(path)
        except ImageprepError:
            continue
        areas = to_cover(photo, annotated)
        covered += len(areas)
        for style in RedactStyle:
            export = exported(photo, areas, style)
            found = [finding.box for finding in Faces().look(export, Metadata()).findings]
            for area in areas:
                if any(box and covered_share(box, (area,)) > HALF for box in found):
                    again[style] += 1
                    crops.append(crop(export, area, f"{style} {path.name[:12]}"))
    for style, count in again.items():
        share = 1 - count / max(covered, 1)
        print(f"{style:<10}{count:>4} of {covered} covered faces found again: {share:.2%} are not")
    if asked.sheet and crops:
        sheet(crops).save(asked.sheet)


def pictures(folder: Path) -> list[tuple[Path, list[list[float]]]]:
    """Every picture with its annotated boxes, none where there is no manifest."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return [(path, []) for path in sorted(folder.iterdir()) if path.is_file()]
    rows = json.loads(manifest.read_text("utf-8"))
    return [(folder / row["file"], row.get("boxes", [])) for row in rows]


def load(path: Path) -> Photo:
    policy = Policy()
    source = read(path, policy.limits)
    return decode(source, describe(source), LOOK_SIDE, policy.limits)


def to_cover(photo: Photo, annotated: list[list[float]]) -> tuple[Box, ...]:
    """Every face that is found, and every annotated one that is not, with the usual margin."""
    found = [f.box for f in Faces().look(photo, Metadata()).findings if f.box is not None]
    width, height = photo.source_size
    drawn = [Box.from_pixels(*box, width=width, height=height).clipped() for box in annotated]
    missed = [box for box in drawn if all(box.iou(other) < HALF for other in found)]
    return tuple(box.grown() for box in (*found, *missed) if box.area > 0)


def exported(photo: Photo, areas: tuple[Box, ...], style: RedactStyle) -> Photo:
    """What the export's bytes show."""
    policy = Policy()
    small = fit(redact(photo, areas, style), policy.export.size)
    marked = watermark(small, policy.watermark_text(2026), policy.watermark)
    source = from_bytes(encode(marked, policy.export).data, policy.limits)
    return decode(source, Metadata(), LOOK_SIDE, policy.limits)


def crop(photo: Photo, area: Box, name: str) -> Image.Image:
    x, y, w, h = area.grown((0.5, 0.5, 0.5, 0.5)).to_pixels(*photo.size)
    tile = Image.fromarray(np.asarray(photo.pixels[y : y + h, x : x + w])).resize((160, 160))
    ImageDraw.Draw(tile).text((4, 146), name, fill=(255, 255, 0))
    return tile


def sheet(crops: list[Image.Image]) -> Image.Image:
    columns = 8
    out = Image.new("RGB", (columns * 160, -(-len(crops) // columns) * 160))
    for number, tile in enumerate(crops):
        out.paste(tile, (number % columns * 160, number // columns * 160))
    return out


if __name__ == "__main__":
    main()
