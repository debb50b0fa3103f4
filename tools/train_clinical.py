"""Train and measure the heads of the clinical detector on a folder of labelled pictures.

    pip install scipy
    python tools/train_clinical.py --data DIR --out assets/models [--cache DIR]

Prints what sources never trained on would get: five folds by source, once (``--seeds`` for more
rounds). Then fits on everything and writes ``clinical_head.npz``; its line for models.toml is
printed last. The networks must be in ``assets/models`` already (tools/quantize_clinical.py). The
same pictures give the same heads on the same machine. Takes about 25 CPU minutes, half of it for
the features of 8,089 pictures and composites, and 8 GB of memory. ``--cache`` keeps features and
fits: empty it when the pictures or the way they are fitted change.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import clinical_report as report
import cv2
import numpy as np
from clinical_album import in_albums
from clinical_data import load
from clinical_fit import Rows, fingerprint, fit, main_directions, source_weights
from clinical_likeness import Like
from clinical_parts import Part, composites

from imu_imageprep.detectors.clinical.classifier import (
    CHANNELS,
    FIRST,
    LAYOUT,
    SECOND,
    Head,
    Heads,
    box_of,
    feature_map,
    network_input,
    pooled,
    raw_score,
    raw_scores,
    views,
    windows,
)
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.odds import probability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinical_data import Pictures
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Halves = NDArray[np.float16]
    Pixels = NDArray[np.uint8]

SEEDS = 1
# What a window must exceed the full frame by: 25 windows have 25 chances of a false alarm. Chosen
# on folds by source: more finds less content in parts, less costs accuracy on whole pictures.
WINDOW_HANDICAP = 5.0
# The share of everyday snapshots of unseen sources that the threshold may flag, and the share of
# them that may be flagged or doubted when they lie in albums. Snapshots, as these are harder: of
# website-like pictures fewer are. A little below what is promised, as new places shift the scores.
FALSE_ALARMS = 0.105
DOUBTS = 0.24
# The share of what all networks flag, clinical and held out, that the first one alone may end.
ENDED = 0.001
# The rest was chosen in the same way. The full-frame head also trains on the mean of the windows of
# one size, a view that leans to the middle of the picture; the window head on many windows of
# everyday pictures, on composites, and a little on whole pictures.
_MEAN_VIEW_WEIGHT = 0.5
_EVERYDAY_WINDOWS = 6
_EVERYDAY_WEIGHT = 1.6
_WHOLE_WEIGHT = 0.2
# Snapshots are what comes, and fewer.
_SNAPSHOT_WEIGHT = 2.0


class Features(NamedTuple):
    """Window features of a set of pictures, and the window that shows what was pasted."""

    windows: Halves
    best: NDArray[np.intp]

    def of_first(self) -> Features:
        """What the first network alone would give."""
        alone = self.windows[..., :CHANNELS].astype(np.float32)
        alone /= np.maximum(np.linalg.norm(alone, axis=-1, keepdims=True), 1e-6)
        return Features(alone.astype(np.float16), self.best)


class Learner:
    """Fits a head on one set of features, on any part of the pictures."""

    def __init__(
        self,
        pictures: Pictures,
        features: tuple[Features, Features],
        made: list[Part],
        kept: Path | None,
        *,
        alike: bool = False,
    ) -> None:
        self.pictures, self.made, self.kept = pictures, made, kept
        self.whole, self.parts = features
        self._directions = main_directions(self.whole.windows[:, 0].astype(np.float32))
        self._full = _full_rows(self.whole).along(self._directions)
        window = _window_rows(pictures, self.whole, self.parts, made)
        self._window = window.along(self._directions)
        self._weights = _weights(pictures)
        self._like = (
            Like.of(pictures, self.whole.windows, self._directions, self._weights)
            if alike
            else None
        )

    def head(self, name: str = "all", train: NDArray[np.bool_] | None = None) -> Head:
        """The full-frame and the window regressions, not calibrated; by default on everything."""
        full, full_bias = self._fit(f"{name}_full", self._full, train)
        part, part_bias = self._fit(f"{name}_window", self._window, train)
        part_bias[0] -= WINDOW_HANDICAP
        weights = np.stack([self._directions @ full, self._directions @ part])
        like = self._like.fit(train) if self._like else None
        return Head(weights, np.stack([full_bias, part_bias]), 1.0, 0.0, like)

    def _fit(self, name: str, rows: Rows, train: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
        """One regression, from the folder of fits where it has it."""
        chosen = rows if train is None else rows.chosen(train)
        # Named by all that it depends on: another label or setting is another fit.
        key = fingerprint(chosen, self.pictures.kind, self._weights)
        file = self.kept / f"{name}-{key}.npz" if self.kept else None
        if file and file.exists():
            with np.load(file) as stored:
                return stored["weights"], stored["bias"]
        weights, bias = fit(chosen, self.pictures.kind, len(self.pictures.kinds), self._weights)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, weights=weights, bias=bias)
        return weights, bias

    def round(self, seed: int) -> report.Outcome:
        """Scores of every tested picture and composite while its source was held out."""
        outcome = report.Outcome.empty(self.pictures, self.made)
        for number, (train, test) in enumerate(self.pictures.folds(seed)):
            head = self.head(f"{seed}_{number}", train)
            outcome.whole[test] = _raw(head, self.whole.windows[test])
            seen = test[outcome.picture] & test[outcome.host]
            outcome.parts[seen] = _raw(head, self.parts.windows[seen])
        return outcome


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for clinical_head.npz")
    parser.add_argument("--cache", type=Path, help="folder that keeps features and fits")
    parser.add_argument("--scores", type=Path, help="file for the held-out score of each picture")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    # Before the long work: a folder that cannot be made is told at once.
    for folder in filter(None, (options.out, options.cache)):
        folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)

    pictures = load(options.data)
    whole, parts, made = _features(pictures, options.cache)
    print(f"{len(pictures)} pictures, {len(set(pictures.source))} sources, {len(made)} composites")
    kept = options.cache
    learners = (
        Learner(pictures, (whole.of_first(), parts.of_first()), made, kept and kept / "first"),
        Learner(pictures, (whole, parts), made, kept and kept / "every", alike=True),
    )
    raw: tuple[list[report.Outcome], list[report.Outcome]] = ([], [])
    for seed in range(options.seeds):
        for name, learner, outcomes in zip(("first network", "all"), learners, raw, strict=True):
            outcomes.append(learner.round(seed))
            summary = report.summary(pictures, outcomes[-1:])
            print(f"seed {seed}, {name}: {summary}", flush=True)

    lines = [report.calibration(pictures, outcomes) for outcomes in raw]
    firsts, everys = (
        [outcome.calibrated(*line) for outcome in outcomes]
        for outcomes, line in zip(raw, lines, strict=True)
    )
    cut = report.upper(pictures, everys, FALSE_ALARMS)
    in_all = [in_albums(pictures, outcome) for outcome in everys]
    low = report.lower(pictures, everys, in_all, cut, DOUBTS)
    threshold, doubt = round(probability(cut), 4), round(probability(low), 4)
    margin = round(report.margin(pictures, firsts, everys, low, ENDED), 3)
    both = [
        report.united(first, every, low - margin)
        for first, every in zip(firsts, everys, strict=True)
    ]
    print(f"all networks always: {report.summary(pictures, everys)}")
    print(report.ended(pictures, firsts, low - margin))
    albums = [in_albums(pictures, outcome) for outcome in both]
    print(report.tables(pictures, both, albums, (threshold, doubt)))
    if options.scores:
        scores = report.held_out(pictures, both)
        options.scores.write_text(json.dumps(scores, indent=0), "utf-8")
    first_head, every_head = (
        dataclasses.replace(learner.head(), slope=line[0], intercept=line[1])
        for learner, line in zip(learners, lines, strict=True)
    )
    limits = (threshold, doubt, margin)
    data = Heads(pictures.kinds, first_head, every_head, *limits).to_bytes()
    target = options.out / "clinical_head.npz"
    target.write_bytes(data)
    print(f"{target}: {len(data):,} bytes, threshold {threshold}, doubt {doubt}, margin {margin}")
    print(f'sha256 = "{hashlib.sha256(data).hexdigest()}"')


def _raw(head: Head, vectors: Halves) -> Floats:
    rows = (raw_score(raw_scores(head.logits(one.astype(np.float32)))) for one in vectors)
    return np.fromiter(rows, np.float32, len(vectors))


def _weights(pictures: Pictures) -> NDArray[np.float64]:
    even = source_weights(pictures.source, pictures.clinical)
    return even * np.where(pictures.snapshot, _SNAPSHOT_WEIGHT, 1.0)


def _full_rows(whole: Features) -> Rows:
    """Training rows of the full-frame head."""
    every = np.arange(len(whole.windows))
    seen = np.concatenate([views(one.astype(np.float32))[None] for one in whole.windows])
    return Rows.joined(
        Rows.of(seen[:, number], every, _MEAN_VIEW_WEIGHT if number else 1.0)
        for number in range(len(LAYOUT))
    )


def _window_rows(pictures: Pictures, whole: Features, parts: Features, made: list[Part]) -> Rows:
    """Training rows of the window head."""
    every = np.arange(len(pictures))
    frames = whole.windows[:, 0].astype(np.float32)
    random = np.random.default_rng(0)
    everyday = np.flatnonzero(~pictures.clinical)
    count = whole.windows.shape[1] - 1
    picks = [1 + random.permutation(count)[:_EVERYDAY_WINDOWS] for _ in everyday]
    owner = everyday.repeat(_EVERYDAY_WINDOWS)
    away = whole.windows[owner, np.concatenate(picks)].astype(np.float32)
    pasted = parts.windows[np.arange(len(made)), parts.best].astype(np.float32)
    picture = np.array([part.picture for part in made])
    host = np.array([part.host for part in made])
    return Rows.joined(
        (
            Rows.of(frames, every, _WHOLE_WEIGHT),
            Rows.of(away, owner, _EVERYDAY_WEIGHT),
            Rows(pasted, picture, host, np.ones(len(made))),
        )
    )


def _features(pictures: Pictures, cache: Path | None) -> tuple[Features, Features, list[Part]]:
    """Features of the pictures and of the composites, from the cache where it has them."""
    kept = cache / "clinical_features.npz" if cache else None
    if kept and kept.exists():
        with np.load(kept) as stored:
            made = [
                Part(int(row[0]), int(row[1]), row[2], (row[3], row[4], row[5], row[6]))
                for row in stored["made"].tolist()
            ]
            everything = np.zeros(len(pictures), np.intp)
            return (
                Features(stored["whole"], everything),
                Features(stored["parts"], stored["best"]),
                made,
            )
    whole = _extract((pictures.pixels(i), None) for i in range(len(pictures)))
    made = []

    def composed() -> Iterable[tuple[Pixels, Box | None]]:
        for part, pixels in composites(pictures):
            made.append(part)
            yield pixels, Box(*part.box)

    parts = _extract(composed())
    if kept:
        rows = np.array([(p.picture, p.host, p.share, *p.box) for p in made])
        np.savez(kept, whole=whole.windows, parts=parts.windows, best=parts.best, made=rows)
    return whole, parts, made


def _extract(images: Iterable[tuple[Pixels, Box | None]]) -> Features:
    found, best = [], []
    for pixels, box in images:
        given = network_input(pixels)
        features = np.concatenate([feature_map(FIRST, given), feature_map(SECOND, given)])
        rows, columns = features.shape[1:]
        layout = windows(rows, columns)
        found.append(pooled(features, layout).astype(np.float16))
        overlaps = [box_of(window, rows, columns).iou(box) for window in layout] if box else [1.0]
        best.append(int(np.argmax(overlaps)))
    return Features(np.stack(found), np.array(best))


if __name__ == "__main__":
    main()
