"""Logistic regressions on unit vectors: clinical or not, and one per kind, fitted together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Chosen on folds by source: the strength of the L2 penalty, and how far a source with many
# pictures is held down (1: every source counts the same, 0: every picture does).
PENALTY = 1e-5
EVENNESS = 0.75
# All positives of a column weigh as much as this share of its negatives.
_KIND_WEIGHT = 0.3
_STEPS = 60
# Directions that the fit works in: what lies outside them hardly varies, and a fit takes a quarter
# of the time.
_DIRECTIONS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Training rows: which vectors, what they show, how much they count.

    Attributes:
        vectors: float32 [rows, channels], unit vectors.
        picture: the picture each row was cut from.
        host: the picture around it; -1 for none.
        weight: how much a row counts before sources are evened out.
    """

    vectors: Floats
    picture: NDArray[np.intp]
    host: NDArray[np.intp]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Floats, picture: NDArray[np.intp], weight: float) -> Rows:
        """Rows of plain pictures, all of one weight."""
        alone = np.full(len(picture), -1)
        return cls(vectors, picture, alone, np.full(len(picture), weight))

    @classmethod
    def joined(cls, several: Iterable[Rows]) -> Rows:
        """One set of rows after the other."""
        rows = tuple(several)
        return cls(
            np.concatenate([one.vectors for one in rows]),
            np.concatenate([one.picture for one in rows]),
            np.concatenate([one.host for one in rows]),
            np.concatenate([one.weight for one in rows]),
        )

    def along(self, directions: Floats) -> Rows:
        """The same rows, their vectors seen along some directions."""
        return Rows(self.vectors @ directions, self.picture, self.host, self.weight)

    def chosen(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows whose picture and host are both in ``mask``."""
        keep = mask[self.picture] & np.where(self.host >= 0, mask[self.host], True)
        return Rows(self.vectors[keep], self.picture[keep], self.host[keep], self.weight[keep])


def main_directions(vectors: Floats) -> Floats:
    """The directions that hold most of the vectors, found without any label.

    Args:
        vectors: float32 [rows, channels].

    Returns:
        float32 [channels, directions], orthonormal; all of them where there are few channels.
    """
    channels = vectors.shape[1]
    first = max(0, channels - _DIRECTIONS)
    _, directions = eigh(vectors.T @ vectors, subset_by_index=[first, channels - 1])
    return np.asarray(directions, np.float32)


def source_weights(source: NDArray[np.str_], clinical: NDArray[np.bool_]) -> NDArray[np.float64]:
    """One weight per picture, smaller where its source has many of the same label."""
    _, inverse, counts = np.unique(
        np.char.add(source, np.where(clinical, "|1", "|0")),
        return_inverse=True,
        return_counts=True,
    )
    return np.asarray(counts[inverse].astype(np.float64) ** -EVENNESS)


def fingerprint(rows: Rows, kind: NDArray[np.intp], weights: NDArray[np.float64]) -> str:
    """Twelve hex digits that differ where what :func:`fit` would be given, or its settings, do."""
    digest = hashlib.sha256(repr((PENALTY, _KIND_WEIGHT, _STEPS)).encode())
    for part in (rows.vectors, rows.picture, rows.host, rows.weight, kind, weights):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()[:12]


def fit(
    rows: Rows, kind: NDArray[np.intp], kinds: int, weights: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Fit all columns.

    Args:
        rows: training rows.
        kind: per picture, its clinical kind; -1 for everyday.
        kinds: how many kinds there are.
        weights: per picture, from :func:`source_weights`.

    Returns:
        float32 [channels, 1 + kinds] and float32 [1 + kinds].
    """
    row_kind = kind[rows.picture]
    weight = weights[rows.picture] * rows.weight
    positive = row_kind >= 0
    targets = np.zeros((len(weight), 1 + kinds), np.float32)
    targets[:, 0] = positive
    targets[np.flatnonzero(positive), 1 + row_kind[positive]] = 1
    negatives = weight[~positive].sum()
    balance = np.where(positive, 0.0, weight)[:, None].repeat(1 + kinds, axis=1)
    balance[positive, 0] = weight[positive] * negatives / weight[positive].sum()
    for index in range(kinds):
        # Pictures of other kinds say nothing: a ward may well show a drip.
        mine = row_kind == index
        if mine.any():
            scale = _KIND_WEIGHT * negatives / weight[mine].sum()
            balance[mine, 1 + index] = weight[mine] * scale
    balance = (balance / balance.sum(axis=0)).astype(np.float32)
    return _solve(rows.vectors, targets, balance)


def _solve(vectors: Floats, targets: Floats, balance: Floats) -> tuple[Floats, Floats]:
    channels, columns = vectors.shape[1], targets.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = flat.reshape(channels + 1, columns).astype(np.float32)
        logits = vectors @ both[:-1] + both[-1]
        # log(1 + exp(z)) - t z, without overflow
        costs = np.logaddexp(0, logits) - targets * logits
        off = balance * (0.5 * (1 + np.tanh(logits / 2)) - targets)
        slope = np.vstack([vectors.T @ off + 2 * PENALTY * both[:-1], off.sum(axis=0)])
        penalty = PENALTY * float((both[:-1].astype(np.float64) ** 2).sum())
        return float((balance * costs).sum(dtype=np.float64)) + penalty, slope.ravel().astype(float)

    start = np.zeros((channels + 1) * columns)
    options = {"maxiter": _STEPS, "maxcor": 10, "ftol": 1e-10, "gtol": 1e-9}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    both = found.reshape(channels + 1, columns).astype(np.float32)
    return both[:-1], both[-1]
