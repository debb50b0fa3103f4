"""What the networks see of a picture, and the small heads that judge it.

EfficientNet-Lite networks (Liu and others, 2020; weights Apache-2.0) run over the whole picture.
Their feature maps are pooled over the full frame and over windows of half and a third of the side,
so that a wound or a monitor in a part of the picture counts as one that fills it. Linear heads are
learnt on top; the first one says when it is enough.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from imu_imageprep import assets
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.odds import logit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

# The first look's network, EfficientNet-Lite0, and those of the second one, Lite1 and 2.
FIRST = "clinical_first"
SECOND = "clinical_second"

# Channels of one network's feature map.
CHANNELS = 1280
# One cell of the feature map is 32 x 32 pixels of the network's input.
CELL = 32
# Pixels of the network's input: every photo costs the same, whatever its shape.
AREA = 448 * 336
# A panorama is squeezed to this aspect, or its short side would be a cell or two.
_WIDEST = 3.0
# Windows as a share of the sides, and how many of them along each side.
LAYOUT = ((1.0, 1), (0.5, 3), (0.34, 4))


class Window(NamedTuple):
    """Cells [top, bottom) x [left, right) of the feature map."""

    top: int
    bottom: int
    left: int
    right: int


def network_shape(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the feature map: about AREA pixels, of the picture's own aspect."""
    aspect = min(max(width / height, 1 / _WIDEST), _WIDEST)
    return round(math.sqrt(AREA / aspect) / CELL), round(math.sqrt(AREA * aspect) / CELL)


def network_input(pixels: Pixels) -> Floats:
    """Scale a picture to the networks' input.

    Args:
        pixels: uint8 RGB (h, w, 3), any size.

    Returns:
        float32 [1, 3, rows * CELL, columns * CELL], RGB, (value - 127) / 128, which is what the
        networks were trained with.
    """
    height, width = pixels.shape[:2]
    rows, columns = network_shape(height, width)
    shrinks = height >= rows * CELL and width >= columns * CELL
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(pixels, (columns * CELL, rows * CELL), interpolation=method)
    planes = small.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    return np.asarray((planes - 127) / 128, np.float32)


def feature_map(network: str, given: Floats) -> Floats:
    """Run FIRST or SECOND over what :func:`network_input` gives.

    Returns:
        float32 [channels, rows, columns], none below 0: CHANNELS of one network after the other.

    Raises:
        ModelProblem: the network is missing or damaged.
    """
    (features,) = assets.network(network).run(None, {"x": given})
    return np.asarray(features[0], np.float32)


def windows(rows: int, columns: int) -> tuple[Window, ...]:
    """The full frame first, then the windows of LAYOUT, evenly spread, row by row."""
    return tuple(
        Window(top, bottom, left, right)
        for share, count in LAYOUT
        for top, bottom in _spans(rows, share, count)
        for left, right in _spans(columns, share, count)
    )


def _spans(cells: int, share: float, count: int) -> list[tuple[int, int]]:
    length = max(1, round(cells * share))
    starts = np.round(np.linspace(0, cells - length, count)).astype(int).tolist()
    return [(start, start + length) for start in starts]


def pooled(features: Floats, layout: tuple[Window, ...]) -> Floats:
    """Mean features of each window as unit vectors, in which every network has the same say.

    Square roots first: a few channels that fire strongly would outshout the many others
    (the Hellinger kernel; Arandjelovic and Zisserman, 2012).

    Args:
        features: float32 [channels, rows, columns] as from :func:`feature_map`.
        layout: the windows, in cells of that map.

    Returns:
        float32 [windows, channels].
    """
    channels, rows, columns = features.shape
    networks = channels // CHANNELS
    inside = np.zeros((rows, columns, len(layout)), np.float32)
    for number, (top, bottom, left, right) in enumerate(layout):
        inside[top:bottom, left:right, number] = 1
    # The direction of a sum is that of the mean.
    sums = features.reshape(channels, -1) @ inside.reshape(-1, len(layout))
    roots = np.sqrt(sums.T.reshape(len(layout), networks, CHANNELS))
    length = np.linalg.norm(roots, axis=2, keepdims=True) * math.sqrt(networks)
    return np.asarray(roots / np.maximum(length, 1e-6), np.float32).reshape(len(layout), channels)


def box_of(window: Window, rows: int, columns: int) -> Box:
    """The window as fractions of the picture."""
    height, width = window.bottom - window.top, window.right - window.left
    return Box(window.left / columns, window.top / rows, width / columns, height / rows)


# How much the strongest kind adds to the score for "clinical" (chosen on folds by source).
KIND_SHARE = 1.0
# What the whole picture is judged by: the full frame, and the means of the windows of each size,
# views that lean to the middle of the picture. They cost nothing more, and tell more together.
_VIEWS = (0.5, 0.25, 0.25)


def views(vectors: Floats) -> Floats:
    """The full frame and the means of the windows of each size, unit vectors.

    Args:
        vectors: float32 [..., windows, channels] as from :func:`pooled`, the full frame first.

    Returns:
        float32 [..., len(LAYOUT), channels].
    """
    ends = np.cumsum([along**2 for _, along in LAYOUT])
    means = [part.mean(axis=-2) for part in np.split(vectors, ends[:-1], axis=-2)]
    several = np.stack(means, axis=-2)
    length = np.linalg.norm(several, axis=-1, keepdims=True)
    return np.asarray(several / np.maximum(length, 1e-6), np.float32)


def whole_of(vectors: Floats) -> Floats:
    """The vector by which the whole picture is judged, not of length 1.

    Args:
        vectors: float32 [..., windows, channels] as from :func:`pooled`, the full frame first.

    Returns:
        float32 [..., channels].
    """
    return np.asarray(np.array(_VIEWS, np.float32) @ views(vectors), np.float32)


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


# How softly the higher of two scores is taken, of the whole and of the best window, in logits
# (chosen on folds by source).
_BOTH = 2.0
# How much of the verdict on the whole picture is by likeness (chosen on folds by source).
_LIKENESS = 0.5
# Width of the kernel: pictures at this squared distance count as exp(-1).
_NEAR = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What pictures like this one show: a second opinion that need not be a straight line.

    Kernel ridge regression on landmarks (Williams and Seeger, 2001), each the mean of several
    pictures, so that none can be made out.

    Attributes:
        directions: float32 [channels, few], what is compared.
        landmarks: float32 [landmarks, few].
        weights: float32 [landmarks, 1 + kinds].
        bias: float32 [1 + kinds].
    """

    directions: Floats
    landmarks: Floats
    weights: Floats
    bias: Floats

    def nearness(self, vectors: Floats) -> Floats:
        """How near each landmark is, from 0 to 1.

        Args:
            vectors: float32 [n, channels], unit vectors.
        """
        seen = vectors @ self.directions
        apart = (seen**2).sum(1)[:, None] + (self.landmarks**2).sum(1)
        return np.asarray(np.exp(-np.maximum(apart - 2 * seen @ self.landmarks.T, 0) / _NEAR))

    def logits(self, vectors: Floats) -> Floats:
        """One row of 1 + kinds logits per unit vector, float32 [n, channels]."""
        return self.nearness(vectors) @ self.weights + self.bias


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Logistic regressions: "clinical?", and one per kind; with them, or not, a likeness.

    Attributes:
        weights: float32 [2, channels, 1 + kinds]: for the full frame, for windows. Column 0 tells
            clinical from everyday.
        bias: float32 [2, 1 + kinds].
        slope: with ``intercept``, turns the raw score into the logit of a probability (Platt
            scaling).
        intercept: see ``slope``.
        likeness: has a say about the whole picture.
    """

    weights: Floats
    bias: Floats
    slope: float
    intercept: float
    likeness: Likeness | None = None

    def logits(self, vectors: Floats) -> Floats:
        """One row of 1 + kinds logits for the whole picture, and one per window.

        Args:
            vectors: float32 [windows, channels] as from ``pooled``, the full frame first.
        """
        whole = whole_of(vectors)[None]
        full = whole @ self.weights[0] + self.bias[0]
        if self.likeness is not None:
            unit = whole / max(float(np.linalg.norm(whole)), 1e-6)
            full = full + _LIKENESS * (self.likeness.logits(unit) - full)
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
        calibrated = self.slope * raw_score(raw) + self.intercept
        return Verdict(calibrated, int(logits[best, 1:].argmax()), box)


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """A head for the first network alone, and one for all of them.

    Attributes:
        kinds: names of the kinds of clinical picture.
        first: judges the map of the first network.
        every: judges the maps of all networks.
        threshold: the probability from which a picture is flagged.
        doubt: the probability from which somebody should look; not above the threshold.
        margin: how far below what counts, in logits, the first verdict must be to stand.
    """

    kinds: tuple[str, ...]
    first: Head
    every: Head
    threshold: float
    doubt: float
    margin: float

    def settled(self, verdict: Verdict, lowest: float) -> bool:
        """Whether the first verdict is so low that the other networks would find nothing either.

        Args:
            verdict: of the first network.
            lowest: the lowest probability that makes a finding, in force just now.
        """
        return verdict.logit < logit(lowest) - self.margin

    @classmethod
    def from_bytes(cls, data: bytes) -> Heads:
        """Read an ``.npz`` as :meth:`to_bytes` writes it; nothing in it is executed.

        Raises:
            ModelProblem: it is not such a file.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                first, every = (_head_in(stored, name) for name in ("first", "every"))
                kinds = tuple(str(kind) for kind in stored["kinds"])
                threshold, doubt, margin = stored["limits"].tolist()
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as problem:
            raise ModelProblem("The head of the clinical detector is damaged.") from problem
        return cls(kinds, first, every, threshold, doubt, margin)

    def to_bytes(self) -> bytes:
        """The heads as an ``.npz``; the same heads give the same bytes."""
        out = io.BytesIO()
        arrays: dict[str, NDArray[np.generic]] = {
            "kinds": np.array(self.kinds),
            "limits": np.array([self.threshold, self.doubt, self.margin]),
        }
        for name, head in (("first", self.first), ("every", self.every)):
            arrays[f"{name}_weights"] = head.weights.astype(np.float16)
            arrays[f"{name}_bias"] = head.bias
            arrays[f"{name}_calibration"] = np.array([head.slope, head.intercept])
            if head.likeness is not None:
                arrays[f"{name}_directions"] = head.likeness.directions.astype(np.float16)
                arrays[f"{name}_landmarks"] = head.likeness.landmarks.astype(np.float16)
                arrays[f"{name}_likeness"] = head.likeness.weights
                arrays[f"{name}_likeness_bias"] = head.likeness.bias
        np.savez(out, allow_pickle=False, **arrays)
        return out.getvalue()


def _head_in(stored: Mapping[str, NDArray[np.generic]], name: str) -> Head:
    slope, intercept = stored[f"{name}_calibration"].tolist()
    weights, bias = (stored[f"{name}_{part}"].astype(np.float32) for part in ("weights", "bias"))
    return Head(weights, bias, slope, intercept, _likeness_in(stored, name))


def _likeness_in(stored: Mapping[str, NDArray[np.generic]], name: str) -> Likeness | None:
    if f"{name}_likeness" not in stored:
        return None
    parts = ("directions", "landmarks", "likeness", "likeness_bias")
    return Likeness(*(stored[f"{name}_{part}"].astype(np.float32) for part in parts))


def raw_scores(logits: Floats) -> Floats:
    """One score per window: "clinical", plus a share of the kind that fired most."""
    scores: Floats = logits[:, 0] + KIND_SHARE * logits[:, 1:].max(axis=1)
    return scores


def raw_score(scores: Floats) -> float:
    """One score for a picture: by the whole or by its best window, a little more where by both.

    Args:
        scores: as from :func:`raw_scores`.
    """
    whole, part = float(scores[0]), float(scores[1:].max())
    return float(np.logaddexp(whole / _BOTH, part / _BOTH)) * _BOTH
