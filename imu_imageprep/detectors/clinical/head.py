"""What is learnt on top of the features: linear heads, and when the first one is enough."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imu_imageprep.detectors.clinical.features import box_of, pooled, windows
from imu_imageprep.domain.errors import ModelProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.domain.box import Box

    Floats = NDArray[np.float32]

# How much the strongest kind adds to the score for "clinical" (chosen on folds by source).
KIND_SHARE = 0.5


class Verdict(NamedTuple):
    """What one head makes of a picture.

    Attributes:
        logit: of the probability that it is clinical, in the window where that is highest.
        kind: number of the kind that fired most there.
        box: that window; None for the full frame.
    """

    logit: float
    kind: int
    box: Box | None


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Logistic regressions: "clinical?", and one per kind.

    Attributes:
        weights: float32 [2, channels, 1 + kinds]: for the full frame, for windows. Column 0 tells
            clinical from everyday.
        bias: float32 [2, 1 + kinds].
        slope: with ``intercept``, turns the raw score into the logit of a probability (Platt
            scaling).
        intercept: see ``slope``.
    """

    weights: Floats
    bias: Floats
    slope: float
    intercept: float

    def logits(self, vectors: Floats) -> Floats:
        """One row of 1 + kinds logits per window.

        Args:
            vectors: float32 [windows, channels] as from ``pooled``, the full frame first.
        """
        full = vectors[:1] @ self.weights[0] + self.bias[0]
        parts = vectors[1:] @ self.weights[1] + self.bias[1]
        return np.asarray(np.concatenate([full, parts]), np.float32)

    def judge(self, features: Floats) -> Verdict:
        """Judge a picture by its feature map, float32 [channels, rows, columns]."""
        rows, columns = features.shape[1:]
        layout = windows(rows, columns)
        logits = self.logits(pooled(features, layout))
        raw = raw_scores(logits)
        best = int(raw.argmax())
        box = box_of(layout[best], rows, columns) if best else None
        calibrated = self.slope * float(raw[best]) + self.intercept
        return Verdict(calibrated, int(logits[best, 1:].argmax()), box)


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """A head for the first network alone, and one for all of them.

    Attributes:
        kinds: names of the kinds of clinical picture.
        first: judges the map of the first network.
        every: judges the maps of all networks.
        threshold: the probability from which a picture is flagged.
        margin: how far below the threshold, in logits, the first verdict must be to stand.
    """

    kinds: tuple[str, ...]
    first: Head
    every: Head
    threshold: float
    margin: float

    def settled(self, verdict: Verdict, threshold: float) -> bool:
        """Whether the first verdict is so low that the other networks would not flag the picture.

        Args:
            verdict: of the first network.
            threshold: the probability from which a picture is flagged, in force just now.
        """
        return verdict.logit < logit(threshold) - self.margin

    @classmethod
    def from_bytes(cls, data: bytes) -> Heads:
        """Read an ``.npz`` as :meth:`to_bytes` writes it; nothing in it is executed.

        Raises:
            ModelProblem: it is not such a file.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                first, every = (
                    Head(
                        stored[f"{name}_weights"].astype(np.float32),
                        stored[f"{name}_bias"].astype(np.float32),
                        *stored[f"{name}_calibration"].tolist(),
                    )
                    for name in ("first", "every")
                )
                kinds = tuple(str(kind) for kind in stored["kinds"])
                threshold, margin = stored["limits"].tolist()
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as problem:
            raise ModelProblem("The head of the clinical detector is damaged.") from problem
        return cls(kinds, first, every, threshold, margin)

    def to_bytes(self) -> bytes:
        """The heads as an ``.npz``; the same heads give the same bytes."""
        out = io.BytesIO()
        arrays: dict[str, NDArray[np.generic]] = {
            "kinds": np.array(self.kinds),
            "limits": np.array([self.threshold, self.margin]),
        }
        for name, head in (("first", self.first), ("every", self.every)):
            arrays[f"{name}_weights"] = head.weights.astype(np.float16)
            arrays[f"{name}_bias"] = head.bias
            arrays[f"{name}_calibration"] = np.array([head.slope, head.intercept])
        np.savez(out, allow_pickle=False, **arrays)
        return out.getvalue()


def raw_scores(logits: Floats) -> Floats:
    """One score per window: "clinical", plus a share of the kind that fired most."""
    scores: Floats = logits[:, 0] + KIND_SHARE * logits[:, 1:].max(axis=1)
    return scores


def probability(logit: float) -> float:
    """The probability, 0..1, of a logit."""
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))


def logit(probability: float) -> float:
    """The logit of a probability, 0..1; of 0 and 1, one that no verdict reaches."""
    if not 0 < probability < 1:
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))
