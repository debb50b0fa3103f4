"""Measure who is taken for whom: the same people, strangers, masks, profiles, and what it costs.

    python tools/measure_register.py DATA [--people FOLDER] [--cache FILE]

DATA is the folder of measuring data (``faces/`` and ``clinical/`` with their manifests). Every face
goes the way it goes in the product: decoded, found, measured.

- Same people: the folders of DATA's people of whom there are several photos, and, with --people,
  those of a folder with one folder of photos for each.
- Strangers: people in pictures of ``clinical/`` whose face would pass the quality check are
  enrolled, each from that one picture, which agrees with itself more easily than several photos
  would; faces of ``faces/`` are shown to registers of 1, 20 and 200 of them. None of these is
  enrolled, so every match is a false one.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from imu_imageprep.detectors.faces import Faces
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.policy import Limits
from imu_imageprep.domain.recognition import (
    MARGIN,
    NEAR,
    Enrolled,
    Measured,
    Template,
    best_match,
)
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.register.faces import LEAST_PHOTOS, flaws_of, measure
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import from_bytes

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Photo

SAME_FACE = 0.4  # least overlap of a found face with an annotated one
DRAWS = 300
TWICE = 0.40  # two enrolled faces nearer than that are taken for one person's
REGISTERS = (1, 20, 200)
PORTRAITS = (
    *("staff", "neg_campus_event", "neg_people_events", "neg_conference", "neg_church_event"),
    *("neg_family_photo", "neg_school", "neg_clinic_site_misc"),
)
# Where DATA has several photos of one person: the part of a path that names them.
NAMED = "examples/johns/"


@dataclass
class Cost:
    """CPU seconds for measuring, and for how many faces."""

    seconds: float = 0.0
    faces: int = 0


def found(data: bytes, cost: Cost) -> tuple[Photo, list[tuple[Box, Measured]]]:
    """The faces of a picture, as the product finds and measures them."""
    source = from_bytes(data, Limits())
    metadata = describe(source)
    photo = decode(source, metadata, LOOK_SIDE, Limits())
    boxes = [finding.box for finding in Faces().look(photo, metadata).findings if finding.box]
    began = time.process_time()
    measured = measure(photo, boxes)
    cost.seconds += time.process_time() - began
    cost.faces += len(boxes)
    return photo, list(zip(boxes, measured, strict=True))


def gathered(data: Path, people: Path | None) -> dict[str, Any]:
    """Every face that is needed, measured."""
    cost = Cost()
    found((data / "faces" / rows(data / "faces")[0]["file"]).read_bytes(), Cost())  # loads it all
    probes = []
    for row in rows(data / "faces"):
        if row["tag"] not in ("wider", "mask", "dlib") or not row["boxes"]:
            continue
        photo, faces = found((data / "faces" / row["file"]).read_bytes(), cost)
        probes += [
            (face, attributes)
            for box, face in faces
            if (attributes := annotated(box, row, photo)) is not None
        ]
    same: dict[str, list[Measured]] = defaultdict(list)
    strangers = []
    for row in rows(data / "clinical"):
        if row["kind"] not in PORTRAITS:
            continue
        picture = (data / "clinical" / row["file"]).read_bytes()
        if NAMED in row["path"]:
            _, faces = found(picture, cost)
            same[row["path"].split("/")[-2]] += [face for _, face in faces[:1]]
        else:
            strangers += fit(picture, cost)
    for folder in sorted(people.iterdir()) if people else ():
        for path in sorted(folder.iterdir()):
            _, faces = found(path.read_bytes(), cost)
            same[folder.name].append(max((face for _, face in faces), key=lambda face: face.side))
    return {"probes": probes, "same": dict(same), "strangers": strangers, "cost": cost}


def rows(folder: Path) -> list[dict[str, Any]]:
    """The manifest of a part of the data."""
    listed: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return listed


def annotated(box: Box, row: dict[str, Any], photo: Photo) -> dict[str, Any] | None:
    """What the annotation says of a found face; None where it has none there."""
    width, height = photo.source_size
    overlaps = [
        (box.iou(Box.from_pixels(*other, width=width, height=height)), attributes)
        for other, attributes in zip(row["boxes"], row["attrs"], strict=True)
    ]
    share, attributes = max(overlaps, key=lambda pair: pair[0])
    return attributes if share >= SAME_FACE else None


def fit(picture: bytes, cost: Cost) -> list[Measured]:
    """The faces of a picture that are fit to know a person by."""
    try:
        _, faces = found(picture, cost)
    except ImageprepError:
        return []
    return [face for _, face in faces if not any(flaws_of(face))]


def told_same(same: dict[str, list[Measured]]) -> None:
    """Distances within and between people, and what leaving one photo out recognises."""
    within: list[float] = []
    for name, faces in sorted(same.items()):
        own = [math.dist(a.template, b.template) for a, b in combinations(faces, 2)]
        within += own
        spread = ", ".join(f"{d:.2f}" for d in sorted(own)) or "-"
        print(f"  {name}: {len(faces)} photos; {spread}")
    between = [
        math.dist(a.template, b.template)
        for (one, mine), (other, theirs) in combinations(same.items(), 2)
        for a in mine
        for b in theirs
    ]
    print(f"  same: {len(within)} pairs, {summary(within)}; <= {NEAR}: {share(within):.2f}")
    print(f"  different: {len(between)} pairs, {summary(between)}; <= {NEAR}: {share(between):.2f}")
    right = wrong = asked = 0
    for name, faces in same.items():
        for number, face in enumerate(faces):
            rest = [one.template for n, one in enumerate(faces) if n != number]
            if len(rest) < LEAST_PHOTOS - 1:
                continue
            others = [
                Enrolled(other, "", "", tuple(one.template for one in theirs))
                for other, theirs in same.items()
                if other != name
            ]
            match = best_match(face.template, [Enrolled(name, "", "", tuple(rest)), *others])
            asked += 1
            right += match is not None and match.code == name
            wrong += match is not None and match.code != name
    print(f"  each photo left out once: {right} of {asked} suggested rightly, {wrong} wrongly")


def told_strangers(
    probes: list[tuple[Measured, dict[str, Any]]], strangers: list[Measured]
) -> None:
    """False matches for a probe, by what is shown and by the size of the register."""
    people: list[Template] = []
    for one in strangers:  # somebody who is there twice counts once
        if all(math.dist(one.template, other) > TWICE for other in people):
            people.append(one.template)
    print(f"  {len(people)} people to enrol; {DRAWS} registers drawn of each size")
    groups = {
        "plain": [f for f, a in probes if not a.get("mask") and not a.get("pose")],
        "masked": [f for f, a in probes if a.get("mask")],
        "profile or odd pose": [f for f, a in probes if a.get("pose")],
    }
    for name, faces in groups.items():
        compared = [face for face in faces if face.comparable]
        told = [
            f"{size}: {false_matches(compared, people, size):.4f}"
            for size in REGISTERS
            if size <= len(people)
        ]
        print(f"  {name}: {len(faces)} found, {len(compared)} compared; {'; '.join(told)}")


def false_matches(faces: list[Measured], people: list[Template], size: int) -> float:
    """The share of faces that match somebody, over registers drawn at random.

    The rule of ``best_match``, on all distances at once.
    """
    probes = np.array([face.template for face in faces])
    apart = np.linalg.norm(probes[:, None] - np.array(people)[None], axis=2)
    chance, hits = random.Random(1), 0  # noqa: S311
    for _ in range(DRAWS):
        ranked = np.sort(apart[:, chance.sample(range(len(people)), size)], axis=1)
        clear = ranked[:, 1] - ranked[:, 0] >= MARGIN if size > 1 else True
        hits += int(((ranked[:, 0] <= NEAR) & clear).sum())
    return hits / DRAWS / len(faces)


def summary(distances: list[float]) -> str:
    return (
        f"{min(distances):.2f} to {max(distances):.2f}, median {statistics.median(distances):.2f}"
    )


def share(distances: list[float]) -> float:
    return sum(distance <= NEAR for distance in distances) / len(distances)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--cache", type=Path, help="keep the measured faces there; private")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    if args.cache and args.cache.exists():
        kept = pickle.loads(args.cache.read_bytes())  # noqa: S301
    else:
        kept = gathered(args.data, args.people)
        if args.cache:
            args.cache.write_bytes(pickle.dumps(kept))
            args.cache.chmod(0o600)
    cost = kept["cost"]
    print(f"measuring: {1000 * cost.seconds / cost.faces:.0f} CPU ms a face ({cost.faces} faces)")
    print("same people:")
    told_same(kept["same"])
    print("strangers, false matches per face by size of the register:")
    told_strangers(kept["probes"], kept["strangers"])


if __name__ == "__main__":
    main()
