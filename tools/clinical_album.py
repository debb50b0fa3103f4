"""What the other photos of an album add to held-out scores of the clinical detector.

The pictures of one source stand in for an album: the photos of one event in one folder. A source is
a website and may tell more about its pictures than an event would.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from imu_imageprep.domain.doubting import album_evidence

if TYPE_CHECKING:
    from clinical_data import Pictures
    from clinical_report import Outcome


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
