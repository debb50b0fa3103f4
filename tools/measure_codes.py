"""What the detector of codes finds and misses, on codes made here in front of real pictures.

    python tools/measure_codes.py DATA [--each 5]

DATA is a folder of pictures that show no code, or the measuring data (``clinical/`` and ``faces/``
with their manifests; then only everyday pictures are backgrounds). Prints the recall for every kind
and width of code, the width in pixels of a picture of 1,000; the recall for every way of seeing it;
which share of the pictures themselves is flagged; and the CPU time of a look. Names of flagged
pictures are listed, so that a person can see which do show a code.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from code_scenes import KINDS, Look, code, placed

from imu_imageprep.detectors.codes import Codes
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imu_imageprep.domain.finding import Looked

    Pixels = NDArray[np.uint8]

SIDE = 1000
# Widths with the quiet zone. One module, the smallest bar or square, is 1/33 of a QR code's width,
# 1/165 of Code 128's, 1/115 of EAN-13's, 1/19 of an Aztec code's, 1/18 of a Data Matrix code's and
# 1/111 of PDF417's.
WIDTHS = {
    "qr": (40, 50, 60, 80, 110, 160, 240, 400),
    "code128": (90, 120, 160, 220, 300, 450, 700),
    "ean13": (95, 130, 180, 250, 400, 600),
    "aztec": (25, 35, 45, 60, 80, 110, 160, 400),
    "datamatrix": (25, 35, 45, 60, 80, 110, 160, 400),
    "pdf417": (90, 120, 160, 220, 300, 450, 700),
}
LOOKS = {
    "straight": Look(),
    "turned by 25 degrees": Look(degrees=25),
    "turned by 90 degrees": Look(degrees=90),
    "perspective": Look(degrees=8, tilt=0.3),
    "round a wrist": Look(degrees=10, curve=0.7),
    "blurred (1.2 px)": Look(degrees=5, blur=1.2),
    "dim and noisy": Look(degrees=5, light=0.5, noise=6),
    "JPEG 40": Look(degrees=5, quality=40),
    "inverted": Look(degrees=5, ink=(250, 250, 250), paper=(20, 20, 20)),
    "inverted, turned by 40": Look(degrees=40, ink=(250, 250, 250), paper=(20, 20, 20)),
    "inverted, blurred": Look(degrees=5, blur=1.2, ink=(250, 250, 250), paper=(20, 20, 20)),
    "white on green": Look(degrees=5, ink=(250, 250, 250), paper=(0, 130, 110)),
    "black on yellow": Look(degrees=5, paper=(250, 200, 40)),
    "blue on white": Look(degrees=5, ink=(20, 60, 150)),
    "red on white": Look(degrees=5, ink=(200, 30, 40)),
    "pale grey on white": Look(degrees=5, ink=(190, 190, 190)),
    "mirrored": Look(degrees=5, mirrored=True),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--each", type=int, default=5, help="codes of each kind, width and look")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    files = list(pictures(asked.data))
    backgrounds = [file for file, kind in files if kind != "clinical"]
    recall(backgrounds, asked.each)
    false_alarms(files)


def pictures(data: Path) -> Iterator[tuple[Path, str]]:
    """Every picture with its group: as the manifests say, else all of one."""
    manifests = sorted(data.glob("*/manifest.json"))
    if not manifests:
        yield from ((path, "pictures") for path in sorted(data.iterdir()))
    for manifest in manifests:
        if manifest.parent.name in ("clinical", "faces"):
            for row in json.loads(manifest.read_text("utf-8")):
                yield manifest.parent / row["file"], row.get("label", "people and objects")


def read(path: Path) -> Pixels | None:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if picture is None else np.ascontiguousarray(picture[..., ::-1], np.uint8)


def look(pixels: Pixels) -> Looked:
    return Codes().look(Photo(pixels, Size(pixels.shape[1], pixels.shape[0])), Metadata())


def recall(backgrounds: list[Path], each: int) -> None:
    """Place codes in front of backgrounds and count those that are found."""
    by_width: dict[tuple[str, int], list[bool]] = defaultdict(list)
    by_look: dict[tuple[str, str], list[bool]] = defaultdict(list)
    number = 0
    for kind in KINDS:
        for width in WIDTHS[kind]:
            for name, how in LOOKS.items():
                for _ in range(each):
                    number += 1
                    found = one(backgrounds, kind, width, how, number)
                    by_width[kind, width].append(found)
                    by_look[kind, name].append(found)
    for table in (by_width, by_look):
        for (kind, what), hits in table.items():
            print(f"{kind:<12}{what!s:<24}{np.mean(hits):5.2f}  of {len(hits)}")


def one(backgrounds: list[Path], kind: str, width: int, how: Look, number: int) -> bool:
    """Whether a code is found; everything about it follows from its number."""
    random = np.random.default_rng(number)
    text = "".join(map(str, random.integers(0, 10, 12)))
    if kind != "ean13":
        text = f"MRN{text[:8]}"
    pixels = None
    while pixels is None:
        pixels = read(backgrounds[int(random.integers(len(backgrounds)))])
    scale = SIDE / max(pixels.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    enlarged = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method))
    h, w = enlarged.shape[:2]
    middle = (w * random.uniform(0.35, 0.65), h * random.uniform(0.35, 0.65))
    picture, corners = placed(
        enlarged.astype(np.uint8), code(kind, text), middle, min(width, 0.9 * w), how, seed=number
    )
    for finding in look(picture).findings:
        assert finding.box is not None
        x, y = finding.box.x + finding.box.w / 2, finding.box.y + finding.box.h / 2
        if cv2.pointPolygonTest(corners, (x * w, y * h), measureDist=False) >= 0:
            return True
    return False


def false_alarms(files: list[tuple[Path, str]]) -> None:
    """Look at the pictures as they are."""
    looked: dict[str, int] = defaultdict(int)
    flagged: dict[str, list[str]] = defaultdict(list)
    spent = 0.0
    for path, group in files:
        pixels = read(path)
        if pixels is None:
            continue
        looked[group] += 1
        before = time.process_time()
        findings = look(pixels).findings
        spent += time.process_time() - before
        if findings:
            labels = ", ".join(sorted({str(finding.label) for finding in findings}))
            flagged[group].append(f"{path.name} ({labels})")
    for group, count in looked.items():
        names = flagged[group]
        print(f"{group}: {len(names)} of {count} flagged ({len(names) / count:.2%})")
        for name in names:
            print(f"  {name}")
    print(f"{spent / sum(looked.values()) * 1000:.1f} CPU ms a picture")


if __name__ == "__main__":
    main()
