"""Fits what pictures like a picture show: kernel ridge regression on landmarks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from imu_imageprep.detectors.clinical.classifier import Likeness, whole_of

if TYPE_CHECKING:
    from clinical_data import Pictures
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Halves = NDArray[np.float16]

# Chosen on folds by source: how many directions are compared, how many landmarks there are, and
# the strength of the L2 penalty.
DIRECTIONS = 256
LANDMARKS = 2048
PENALTY = 0.6
# A landmark is the mean of so many pictures that are alike, so that it is nobody's picture.
_PICTURES_EACH = 5
# Ridge regression of -1 and 1 spans less than logits do.
_SCALE = 6.0
# Kernel directions with less than this share of the largest are rounding.
_LEAST = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Like:
    """All pictures as their nearness to landmarks, ready to fit on any part of them."""

    empty: Likeness
    features: Floats
    back: Floats
    targets: Floats
    weights: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        pictures: Pictures,
        windows: Halves,
        directions: Floats,
        weights: NDArray[np.float64],
    ) -> Like:
        """Choose landmarks, without any label.

        Args:
            pictures: the labelled pictures.
            windows: their windows' features [pictures, windows, channels].
            directions: the main ones last, [channels, directions].
            weights: how much each picture counts.
        """
        whole = np.stack([whole_of(one.astype(np.float32)) for one in windows])
        whole /= np.linalg.norm(whole, axis=1, keepdims=True)
        compared = _stored(directions[:, -DIRECTIONS:])
        seen = whole @ compared
        count = min(LANDMARKS, len(seen))
        picks = np.random.default_rng(0).choice(len(seen), count, replace=False)
        each = min(_PICTURES_EACH, len(seen) - 1)
        alike = np.argpartition(-seen[picks] @ seen.T, each, axis=1)[:, :each]
        landmarks = _stored(seen[alike].mean(axis=1))
        none = np.zeros((count, 0), np.float32)
        empty = Likeness(compared, landmarks, none, none[0])
        kernel = _between(empty, landmarks)
        values, vectors = eigh(kernel.astype(np.float64))
        keep = values > _LEAST * values[-1]
        back = (vectors[:, keep] / np.sqrt(values[keep])).astype(np.float32)
        targets = np.full((len(pictures), 1 + len(pictures.kinds)), -1, np.float32)
        targets[pictures.clinical, 0] = 1
        targets[np.flatnonzero(pictures.clinical), 1 + pictures.kind[pictures.clinical]] = 1
        clinical = pictures.clinical
        fair = weights * np.where(clinical, weights[~clinical].sum() / weights[clinical].sum(), 1)
        return cls(empty, empty.nearness(whole) @ back, back, targets, fair / fair.mean())

    def fit(self, train: NDArray[np.bool_] | None = None) -> Likeness:
        """The regression on these pictures; by default on all."""
        chosen = np.ones(len(self.weights), np.bool_) if train is None else train
        features, targets = self.features[chosen], self.targets[chosen]
        weights = self.weights[chosen][:, None].astype(np.float32)
        mean = (weights * targets).sum(axis=0) / weights.sum()
        weighed = features * weights
        gram = features.T @ weighed
        gram[np.diag_indices(len(gram))] += PENALTY
        found = cho_solve(cho_factor(gram), weighed.T @ (targets - mean))
        return dataclasses.replace(
            self.empty,
            weights=np.asarray(_SCALE * (self.back @ found), np.float32),
            bias=np.asarray(_SCALE * mean, np.float32),
        )


def _stored(values: Floats) -> Floats:
    """As they come back from the file, so that the fit knows them so."""
    return values.astype(np.float16).astype(np.float32)


def _between(likeness: Likeness, landmarks: Floats) -> Floats:
    """Nearness of landmarks to each other."""
    same = dataclasses.replace(likeness, directions=np.eye(landmarks.shape[1], dtype=np.float32))
    return same.nearness(landmarks)
