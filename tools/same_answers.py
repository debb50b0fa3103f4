"""Whether the detectors answer the same on another processor, or from several threads.

    python tools/same_answers.py PHOTOS... > here.jsonl                 what they answer
    python tools/same_answers.py PHOTOS... --with here.jsonl            and what differs from there
    python tools/same_answers.py PHOTOS... --threads 4 --with here.jsonl

Debian's package qemu-user stands in for an older processor; there a photo takes minutes:

    qemu-x86_64 -cpu Nehalem .venv/bin/python tools/same_answers.py ...

One line a photo and detector: the findings, the score, and whether they are the same. ``moved`` is
the largest difference of a score or of a side of a box where the findings are the same otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from imu_imageprep.detectors import built_in
from imu_imageprep.domain.finding import Looked
from imu_imageprep.domain.policy import Policy
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import read

# Sides of boxes are told in so many parts of the picture's.
_PARTS = 10_000

_ASKED = ("faces", "clinical", "codes", "text")


def main() -> None:
    """Ask, print, and end with 1 where findings are not the same."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--with", dest="before", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    known: dict[tuple[str, str], dict[str, Any]] = {}
    if asked.before:
        rows = map(json.loads, asked.before.read_text("utf-8").splitlines())
        known = {(row["photo"], row["detector"]): row for row in rows}
    other = 0
    with ThreadPoolExecutor(asked.threads) as pool:
        for one in (row for rows in pool.map(answers, asked.photos) for row in rows):
            before = known.get((one["photo"], one["detector"]))
            told = {} if before is None else compared(one, before)
            other += not told.get("same", True)
            print(json.dumps(one | told), flush=True)
    sys.exit(1 if other else 0)


def answers(path: Path) -> list[dict[str, Any]]:
    """What every detector answers about a photo of our own."""
    policy = Policy()
    source = read(path, policy.limits)
    metadata = describe(source)
    photo = decode(source, metadata, LOOK_SIDE, policy.limits)
    rows = []
    for detector in built_in(policy):
        if detector.name in _ASKED:
            scan = detector.look(photo, metadata)
            assert isinstance(scan, Looked)
            found = [
                [one.kind, one.label, one.score, one.box and [*one.box.to_pixels(_PARTS, _PARTS)]]
                for one in scan.findings
            ]
            rows.append(
                {
                    "photo": path.name,
                    "detector": detector.name,
                    "score": scan.score,
                    "findings": found,
                }
            )
    return rows


def compared(row: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Whether kinds and labels are the same, in order, and how far the numbers moved."""
    same = [one[:2] for one in row["findings"]] == [one[:2] for one in before["findings"]]
    moved = [abs(row["score"] - before["score"])]
    for one, other in zip(row["findings"], before["findings"], strict=True) if same else ():
        moved.append(abs(one[2] - other[2]))
        sides = zip(one[3] or (), other[3] or (), strict=True)
        moved += [abs(a - b) / _PARTS for a, b in sides]
    return {"same": same, "moved": max(moved)}


if __name__ == "__main__":
    main()
