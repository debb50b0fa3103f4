"""The labelled pictures that train and measure the clinical detector, split by source.

The folder holds ``manifest.json``: a list of {file, label ("clinical" or another), kind, source}.
Its JPEGs are of websites and teaching sets, its WebPs are mostly snapshots of phones and compact
cameras: two make-ups, which are reported apart.
Pictures of one source look alike, so that a split by picture would flatter; sources are dealt
into buckets, and a fold holds out whole buckets. A kind that only one or two sources show would
leave the training set with them: it always trains, and is reported apart.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]
    Whole = NDArray[np.intp]

BUCKETS = 20
FOLDS = 5
_CORRECTIONS = Path(__file__).with_name("clinical_corrections.toml")
_FEW_SOURCES = 2
_SNAPSHOTS = ".webp"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The labelled pictures, one row each.

    Attributes:
        folder: where the files are.
        files: path of each picture inside ``folder``.
        clinical: whether it shows a clinical scene or a patient.
        kinds: names of the clinical kinds, sorted.
        kind: index into ``kinds``; -1 for an everyday picture.
        names: the kind's name in the manifest, everyday kinds included.
        source: where each picture came from.
        rare: pictures of a kind that too few sources show: always trained on.
        bucket: the bucket of each picture's source.
        snapshot: whether it is of the second make-up.
    """

    folder: Path
    files: tuple[str, ...]
    clinical: Mask
    kinds: tuple[str, ...]
    kind: Whole
    names: NDArray[np.str_]
    source: NDArray[np.str_]
    rare: Mask
    bucket: Whole
    snapshot: Mask

    def __len__(self) -> int:
        return len(self.files)

    def pixels(self, index: int) -> Pixels:
        """The picture as uint8 RGB (h, w, 3)."""
        image = cv2.imread(str(self.folder / self.files[index]), cv2.IMREAD_COLOR_RGB)
        if image is None:
            raise SystemExit(f"cannot read {self.files[index]}")
        return np.asarray(image, np.uint8)

    def folds(self, seed: int) -> Iterator[tuple[Mask, Mask]]:
        """Pairs of (train, test) masks, by source."""
        order = np.random.default_rng([11, seed]).permutation(BUCKETS)
        for held in np.array_split(order, FOLDS):
            outside = np.isin(self.bucket, held)
            # A rare kind trains, unless its source also has pictures that this fold tests.
            tested = np.isin(self.source, np.unique(self.source[outside & ~self.rare]))
            yield ~outside | (self.rare & ~tested), outside & ~self.rare


def load(folder: Path, seed: int = 7) -> Pictures:
    """Read the manifest, with the corrections beside this file, and deal the sources."""
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))
    fixes = tomllib.loads(_CORRECTIONS.read_text("utf-8")) if _CORRECTIONS.exists() else {}
    rows = [row | fixes.get("pictures", {}).get(Path(row["file"]).stem, {}) for row in rows]
    rows = [row for row in rows if row["label"] != "unclear"]
    clinical = np.array([row["label"] == "clinical" for row in rows])
    names = np.array([row["kind"] for row in rows])
    source = np.array([row["source"] for row in rows])
    kinds = tuple(sorted({str(name) for name in names[clinical]}))
    kind = np.array([kinds.index(n) if c else -1 for n, c in zip(names, clinical, strict=True)])
    few = [name for name in np.unique(names) if len(set(source[names == name])) <= _FEW_SOURCES]
    rare = np.isin(names, few)
    return Pictures(
        folder,
        tuple(row["file"] for row in rows),
        clinical,
        kinds,
        kind,
        names,
        source,
        rare,
        _deal(source, clinical, rare, seed),
        np.array([row["file"].endswith(_SNAPSHOTS) for row in rows]),
    )


def _deal(source: NDArray[np.str_], clinical: Mask, rare: Mask, seed: int) -> Whole:
    """Deal sources into buckets, large ones first, each where it evens out both labels best."""
    random = np.random.default_rng(seed)
    sources, inverse = np.unique(source, return_inverse=True)
    counts = np.stack(
        [
            np.bincount(inverse[~rare & (clinical == label)], minlength=len(sources))
            for label in (True, False)
        ],
        axis=1,
    )
    shuffled = random.permutation(len(sources))
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    filled = np.zeros((BUCKETS, 2))
    fair = counts.sum(axis=0) / BUCKETS
    bucket = np.zeros(len(sources), np.intp)
    for index in order:
        crowding = (filled / fair) @ (counts[index] / fair)
        bucket[index] = np.argmin(crowding + 1e-6 * random.random(BUCKETS))
        filled[bucket[index]] += counts[index]
    return bucket[inverse]
