"""What the other photos of an album add to held-out scores of the clinical detector.

The pictures of one source stand in for an album: the photos of one event in one folder. A source is
a website and may tell more about its pictures than an event would.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from imu_imageprep.domain.doubting import ALBUM_MOST, album_evidence

if TYPE_CHECKING:
    from clinical_data import Pictures
    from clinical_report import Outcome
    from numpy.typing import NDArray


def in_albums(pictures: Pictures, outcome: Outcome) -> Outcome:
    """A round of calibrated logits, each raised by the other tested pictures of its source."""
    raised = outcome.whole.copy()
    tested = ~np.isnan(outcome.whole)
    for source in np.unique(pictures.source[tested]):
        album = np.flatnonzero(tested & (pictures.source == source))
        logits = outcome.whole[album].tolist()
        for place, index in enumerate(album):
            raised[index] += album_evidence(logits[:place] + logits[place + 1 :])
    return dataclasses.replace(outcome, whole=raised)


def fitted(pictures: Pictures, outcomes: list[Outcome]) -> str:
    """The constants of ``album_evidence`` that suit the held-out logits best, for its module.

    What an album adds is a line in the share of its photos that are clinical, from 0 to
    ``ALBUM_MOST``; line and calibration are fitted together.
    """
    logits = np.concatenate([outcome.whole for outcome in outcomes])
    shares = np.concatenate([_shares(pictures, outcome) for outcome in outcomes])
    clinical = np.tile(pictures.clinical, len(outcomes))
    known = ~np.isnan(shares)
    signs = np.where(clinical[known], 1.0, -1.0)

    def loss(line: NDArray[np.float64]) -> float:
        slope, intercept, share, least = line
        added = np.clip(share * shares[known] - least, 0, ALBUM_MOST)
        return float(np.logaddexp(0, -signs * (slope * (logits[known] + added) + intercept)).mean())

    start, bounds = np.array([1.0, 0.0, 3.0, 0.3]), ((0.1, 3), (-4, 4), (0, 6), (0, 1))
    best = minimize(loss, start, method="Nelder-Mead", bounds=bounds).x
    return f"album: share {best[2]:.2f}, least {best[3]:.2f}"


def _shares(pictures: Pictures, outcome: Outcome) -> NDArray[np.float64]:
    """What share of each picture's album is clinical by its others; NaN for a picture alone."""
    shares = np.full(len(pictures), np.nan)
    tested = ~np.isnan(outcome.whole)
    for source in np.unique(pictures.source[tested]):
        album = np.flatnonzero(tested & (pictures.source == source))
        if len(album) > 1:
            odds = 1 / (1 + np.exp(-outcome.whole[album]))
            shares[album] = (odds.sum() - odds) / len(album)
    return shares
