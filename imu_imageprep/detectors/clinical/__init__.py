"""Clinical scenes, found by EfficientNet-Lite features and small heads of our own.

A photo is looked at by one small network first. Where its verdict is so low that two larger ones
would not flag the photo either, as for most photos without anything clinical, it stands. Otherwise
they look as well, and a head for all three decides.

``tools/train_clinical.py`` trains the heads with the very functions used here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from imu_imageprep import assets
from imu_imageprep.detectors.clinical.classifier import (
    FIRST,
    SECOND,
    Heads,
    feature_map,
    network_input,
)
from imu_imageprep.domain.doubting import DOUBT, MAY_BE
from imu_imageprep.domain.finding import Finding, Flag, Looked
from imu_imageprep.domain.odds import probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

_HEAD = "clinical_head"

# So much of it has channels that differ by less than this, and half of its border is darker.
_GREY, _COLOURLESS = 0.97, 8
_DARK, _HALF = 60, 0.5

# Pixels along a side that are enough to tell, and the border as a share of the side.
_SIDE, _BORDER = 160, 1 / 20


@dataclass(frozen=True, slots=True)
class Clinical:
    """Looks for clinical scenes and pictures of patients.

    Attributes:
        threshold: the probability from which a picture is flagged; 0 for the heads' own.
        doubt: the probability from which somebody should look; 0 for the heads' own, None for
            never. Where the threshold is lower, it counts instead.
        thorough: every network looks at every picture, so that scores can be compared over
            thresholds.
    """

    name: ClassVar[str] = "clinical"
    flag: ClassVar[Flag] = Flag.CLINICAL
    threshold: float = 0.0
    doubt: float | None = 0.0
    thorough: bool = False

    @property
    def model(self) -> str | None:
        """Version of the networks and the heads; None where the list of models cannot be read."""
        return assets.version_of(FIRST, SECOND, _HEAD)

    @property
    def own_threshold(self) -> float:
        """The probability from which the heads flag a picture by themselves.

        Raises:
            ModelProblem: the heads are missing or damaged.
        """
        return _heads().threshold

    @property
    def own_doubt(self) -> float:
        """The probability from which somebody should look, as the heads came with it.

        Raises:
            ModelProblem: the heads are missing or damaged.
        """
        return _heads().doubt

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002
        """Look at the whole picture and at its parts.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            The picture's probability, and at most one finding: a clinical one, whose label is the
            kind that fired most, or a doubt. Its box is the window that fired, or None where that
            was the full frame.

        Raises:
            ModelProblem: a network or the heads are missing or damaged.
        """
        heads = _heads()
        threshold = self.threshold or heads.threshold
        lower = None if self.doubt is None else min(self.doubt or heads.doubt, threshold)
        given = network_input(photo.pixels)
        features = feature_map(FIRST, given)
        verdict = heads.first.judge(features)
        if self.thorough or not heads.settled(verdict, lower or threshold):
            both = np.concatenate([features, feature_map(SECOND, given)])
            verdict = heads.every.judge(both)
        score = probability(verdict.logit)
        found: tuple[Finding, ...] = ()
        if score >= threshold:
            label, reason = heads.kinds[verdict.kind], grey_reason(photo.pixels)
            found = (Finding(MAY_BE, score, verdict.box, label, reason=reason),)
        elif lower is not None and score >= lower:
            found = (Finding(DOUBT, score, verdict.box, MAY_BE),)
        return Looked(found, score, doubted_from=lower)


@functools.cache
def _heads() -> Heads:
    return Heads.from_bytes(assets.load(_HEAD))


def grey_reason(pixels: NDArray[np.uint8]) -> str | None:
    """Why a picture may be a radiograph by its colours; None where nothing speaks for it.

    A reason for what a detector found, and no finding: among 2,254 everyday pictures 34 are as grey
    and 9 have dark borders too; among 163 radiographs 159 and 67.

    Args:
        pixels: uint8 RGB (h, w, 3), any size.
    """
    height, width = pixels.shape[:2]
    few = pixels[:: max(1, height // _SIDE), :: max(1, width // _SIDE)]
    grey = float((few.max(axis=2) - few.min(axis=2) < _COLOURLESS).mean())
    light = few.mean(axis=2)
    rim = max(1, round(min(light.shape) * _BORDER))
    border = (light[:rim], light[-rim:], light[:, :rim], light[:, -rim:])
    dark = sum(int((side < _DARK).sum()) for side in border) / sum(side.size for side in border)
    if grey < _GREY or dark < _HALF:
        return None
    return f"{grey:.0%} grey with dark borders, like a radiograph"
