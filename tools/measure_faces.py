#!/usr/bin/env python3
"""Measure the search for faces, step by step, on annotated pictures.

  measure_faces.py DATA [--sheets DIR]

DATA holds manifest.json: [{file, boxes [[x, y, w, h]], attrs, tag, size [w, h]}], in pixels of the
upright picture. For every step of the search one line: what it finds and what it costs; then the
product's own search by group, and for two halves of the pictures (split by a hash of their names).
With --sheets the misses and the false alarms are drawn on contact sheets.

Terms, the same as those of docs/models.md (pictures scaled to 1024, faces of 20 pixels or more):
  image    share of pictures with a face in which at least one was found
  r20 r40  share of faces >= 20 / >= 40 pixels found (IoU >= 0.4), in pictures that were not turned
  alarms   share of face-free pictures in which any was reported
  stray    boxes per picture with faces that match no annotated face (many are real, too small or
           too blurred to be annotated)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw

from imu_imageprep.detectors.faces import search as product
from imu_imageprep.detectors.faces.centerface import respond, scaled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Search = Callable[[Pixels], NDArray[np.float32]]

SMALLEST, LARGE, MATCH = 20, 40, 0.4
COLUMNS, CELL = 12, 108


def alone(side: int, threshold: float) -> Search:
    """One upright look with one threshold."""

    def search(pixels: Pixels) -> NDArray[np.float32]:
        found = respond(scaled(pixels, side), threshold).faces
        return found[found[:, 0] >= threshold]

    return search


def in_company(pixels: Pixels) -> NDArray[np.float32]:
    """One upright look; one face lowers the threshold for the others."""
    found = respond(scaled(pixels, product.SEARCH_SIDE), product.DOUBTFUL)
    least = product.COMPANY if found.best >= product.ALONE else 1.0
    return found.faces[found.faces[:, 0] >= least]


def closer(pixels: Pixels) -> NDArray[np.float32]:
    """The same, and where nothing is certain the likeliest are looked at again."""
    found = respond(scaled(pixels, product.SEARCH_SIDE), product.DOUBTFUL)
    found = product.looked_at_closer(pixels, found)
    return found.faces[found.faces[:, 0] >= product.COMPANY]


STEPS: dict[str, Search] = {
    "640 pixels, one threshold .25": alone(640, 0.25),
    "704 pixels, one threshold .25": alone(704, 0.25),
    "704 pixels, .25 alone, .20 in company": in_company,
    "and looked at closer where doubtful": closer,
    "and turned where unsure": lambda pixels: product.found(pixels, product.People(pixels)).faces,
    "the product: dropped where nobody is": lambda pixels: product.search(pixels).faces,
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One annotated picture and what was found in it (x, y, w, h in pixels)."""

    entry: dict[str, Any]
    found: NDArray[np.float64]

    def matched(self, box: list[float], overlap: float = MATCH) -> bool:
        return any(iou(box, list(other)) >= overlap for other in self.found)

    def side(self, box: Iterable[float]) -> float:
        """The shorter side of a box, in pixels of the picture scaled to 1024."""
        _, _, w, h = box
        return float(min(w, h) * 1024 / max(self.entry["size"]))


def iou(a: list[float], b: list[float]) -> float:
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return 0.0 if w <= 0 or h <= 0 else w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def groups(case: Case, attrs: dict[str, Any]) -> list[str]:
    """The groups that a face of this picture counts for."""
    tag, name = case.entry["tag"], case.entry["file"]
    named = {
        "masked": tag == "mask" and attrs.get("mask"),
        "unmasked beside masked": tag == "mask" and not attrs.get("mask"),
        "turned by 180": tag == "rot" and "rot180" in name,
        "turned by 90 or 270": tag == "rot" and "rot180" not in name,
        "atypical pose": tag == "wider" and attrs.get("pose") == 1,
        "heavy occlusion": tag == "wider" and attrs.get("occ") == 2,
        "heavy blur": tag == "wider" and attrs.get("blur") == 2,
        "skin IV-VI": tag == "wider" and attrs.get("skin") in {"IV", "V", "VI"},
        "skin I-II": tag == "wider" and attrs.get("skin") in {"I", "II"},
    }
    return [group for group, belongs in named.items() if belongs]


def outcomes(case: Case) -> Iterator[tuple[str, int]]:
    """Every measure and group that a picture counts for, with its hit (or number of boxes)."""
    boxes, tag = case.entry["boxes"], case.entry["tag"]
    if not boxes and tag.startswith("neg"):
        yield "alarms", len(case.found) > 0
    if not boxes:
        return
    hits = []
    for box, attrs in zip(boxes, case.entry["attrs"], strict=True):
        if case.side(box) < SMALLEST:
            continue
        hit = case.matched(box)
        hits.append(hit)
        measures = [] if tag == "rot" else ["r20", "r40"] if case.side(box) >= LARGE else ["r20"]
        for measure in measures + groups(case, attrs or {}):
            yield measure, hit
    if hits:
        yield "image", any(hits)
    if tag != "rot":
        known = [*boxes, *case.entry.get("ignore", [])]
        yield "stray", sum(all(iou(k, list(b)) < 0.3 for k in known) for b in case.found)


def tally(cases: Iterable[Case]) -> dict[str, tuple[int, int]]:
    """Hits and number of chances for every measure and group."""
    table: dict[str, tuple[int, int]] = {}
    for case in cases:
        for measure, hit in outcomes(case):
            hits, chances = table.get(measure, (0, 0))
            table[measure] = (hits + int(hit), chances + 1)
    return table


def run(search: Search, data: Path, manifest: list[dict[str, Any]]) -> tuple[list[Case], float]:
    """Search every picture; the cases and the CPU milliseconds per picture."""
    cases, spent = [], 0.0
    for entry in manifest:
        with Image.open(data / entry["file"]) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        height, width = pixels.shape[:2]
        begun = time.process_time()
        found = search(pixels)
        spent += time.process_time() - begun
        cases.append(Case(entry, found[:, 1:].astype(float) * [width, height, width, height]))
    return cases, 1000 * spent / max(1, len(manifest))


def line(table: dict[str, tuple[int, int]]) -> str:
    measures = ("image", "r20", "r40", "alarms", "stray")
    rates = {name: table.get(name, (0, 0)) for name in measures}
    return " ".join(f"{name} {h / max(1, n):.3f}" for name, (h, n) in rates.items())


def half(entry: dict[str, Any]) -> int:
    return hashlib.sha256(entry["file"].encode()).digest()[0] % 2


def draw(items: list[tuple[Path, list[float]]], target: Path) -> None:
    """Draw a contact sheet: every box with its surroundings."""
    rows = -(-len(items) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, max(1, rows) * CELL), "white")
    for number, (file, (x, y, w, h)) in enumerate(items):
        reach = max(1.1 * max(w, h), 12)
        left, top = x + w / 2 - reach, y + h / 2 - reach
        with Image.open(file) as picture:
            area = (round(left), round(top), round(left + 2 * reach), round(top + 2 * reach))
            cell = picture.convert("RGB").crop(area).resize((CELL, CELL))
        scale = CELL / (2 * reach)
        corners = ((x - left) * scale, (y - top) * scale)
        ends = ((x + w - left) * scale, (y + h - top) * scale)
        ImageDraw.Draw(cell).rectangle((*corners, *ends), outline="lime")
        sheet.paste(cell, (number % COLUMNS * CELL, number // COLUMNS * CELL))
    sheet.save(target)
    print(f"{target}: {len(items)}")


def draw_all(cases: list[Case], data: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    misses, alarms = [], []
    for case in cases:
        file = data / case.entry["file"]
        sized = [box for box in case.entry["boxes"] if case.side(box) >= SMALLEST]
        misses += [(file, box) for box in sized if not case.matched(box)]
        if case.entry["tag"].startswith("neg"):
            alarms += [(file, list(box)) for box in case.found]
    draw(misses, folder / "missed.png")
    draw(alarms, folder / "alarms.png")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets")
    chosen = parser.parse_args()
    manifest = json.loads((chosen.data / "manifest.json").read_text("utf-8"))

    cases: list[Case] = []
    for name, search in STEPS.items():
        cases, milliseconds = run(search, chosen.data, manifest)
        print(f"{name:40s} {line(tally(cases))} cpu_ms {milliseconds:.0f}", flush=True)
    print("\nthe product by half")
    for number in (0, 1):
        print(f"  {number}  {line(tally(c for c in cases if half(c.entry) == number))}")
    print("\nthe product by group")
    table = tally(cases)
    for name in sorted(set(table) - {"stray"}):
        hits, chances = table[name]
        print(f"  {name:24s} {hits / chances:.3f}  (n={chances})")
    if chosen.sheets:
        draw_all(cases, chosen.data, chosen.sheets)


if __name__ == "__main__":
    main()
