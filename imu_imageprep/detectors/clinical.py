"""Clinical scenes, found by EfficientNet-Lite features and a small head of our own.

Three networks (Liu and others, 2020; weights Apache-2.0) side by side run once over the whole
picture. Their feature map is pooled over the full frame and over windows of half and a third of the
side, so that a wound or a monitor in a part of the picture counts as one that fills it. Linear
heads, one for the full frame and one for windows, give scores, and the picture has the score of its
best window.

``tools/train_clinical.py`` trains the head with the very functions below.
"""

from __future__ import annotations

import dataclasses
import functools
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
from imu_imageprep.domain.finding import Finding, Flag, Looked
from imu_imageprep.domain.greyness import grey_reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

_BACKBONE = "clinical_backbone"
_HEAD = "clinical_head"

# One cell of the feature map is 32 x 32 pixels of the network's input.
CELL = 32
# The networks that stand side by side; each gives the same number of channels.
NETWORKS = 3
# Pixels of the network's input: every photo costs the same, whatever its shape.
AREA = 448 * 336
# A panorama is squeezed to this aspect, or its short side would be a cell or two.
_WIDEST = 3.0
# Windows as a share of the sides, and how many of them along each side.
LAYOUT = ((1.0, 1), (0.5, 3), (0.34, 4))
# How much the strongest kind adds to the score for "clinical" (chosen on folds by source).
KIND_SHARE = 0.5


class Window(NamedTuple):
    """Cells [top, bottom) x [left, right) of the feature map."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What is learnt on top of the features.

    Attributes:
        kinds: names of the kinds of clinical picture.
        weights: float32 [2, channels, 1 + kinds]: for the full frame, for windows. Column 0 tells
            clinical from everyday.
        bias: float32 [2, 1 + kinds].
        slope: with ``intercept``, turns the raw score into a probability (Platt scaling).
        intercept: see ``slope``.
        threshold: the probability from which a picture is flagged.
    """

    kinds: tuple[str, ...]
    weights: Floats
    bias: Floats
    slope: float
    intercept: float
    threshold: float

    def logits(self, vectors: Floats) -> Floats:
        """One row of 1 + kinds logits per window.

        Args:
            vectors: float32 [windows, channels] as from :func:`pooled`, the full frame first.
        """
        full = vectors[:1] @ self.weights[0] + self.bias[0]
        parts = vectors[1:] @ self.weights[1] + self.bias[1]
        return np.asarray(np.concatenate([full, parts]), np.float32)

    def probability(self, raw: float) -> float:
        """Turn a raw score, see :func:`raw_scores`, into a probability, 0..1."""
        return 1 / (1 + math.exp(-min(max(self.slope * raw + self.intercept, -50.0), 50.0)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Head:
        """Read an ``.npz`` as :meth:`to_bytes` writes it; nothing in it is executed.

        Raises:
            ModelProblem: it is not such a file.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                slope, intercept, threshold = stored["calibration"].tolist()
                return cls(
                    tuple(str(kind) for kind in stored["kinds"]),
                    stored["weights"].astype(np.float32),
                    stored["bias"].astype(np.float32),
                    slope,
                    intercept,
                    threshold,
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
            raise ModelProblem("The head of the clinical detector is damaged.") from problem

    def to_bytes(self) -> bytes:
        """The head as an ``.npz``; the same head gives the same bytes."""
        out = io.BytesIO()
        np.savez(
            out,
            kinds=np.array(self.kinds),
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            calibration=np.array([self.slope, self.intercept, self.threshold]),
        )
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Clinical:
    """Looks for clinical scenes and pictures of patients.

    Attributes:
        threshold: the probability from which a picture is flagged; 0 for the head's own.
    """

    name: str = "clinical"
    flag: Flag = Flag.CLINICAL
    threshold: float = 0.0

    @property
    def model(self) -> str | None:
        """Version of the backbone and the head; None where the list of models cannot be read."""
        try:
            known = assets.models()
            return f"{known[_BACKBONE].version}+{known[_HEAD].version}"
        except (KeyError, ModelProblem):
            return None

    @property
    def own_threshold(self) -> float:
        """The probability from which the head flags a picture by itself.

        Raises:
            ModelProblem: the head is missing or damaged.
        """
        return _head().threshold

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002
        """Look at the whole picture and at its parts.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            The picture's probability, and at most one finding: its label is the kind that fired
            most, its box the window that fired, or None where that was the full frame.

        Raises:
            ModelProblem: the network or the head is missing or damaged.
        """
        head = _head()
        if self.threshold:
            head = dataclasses.replace(head, threshold=self.threshold)
        looked = judge(feature_map(photo.pixels), head)
        reason = grey_reason(photo.pixels) if looked.findings else None
        if reason is None:
            return looked
        findings = tuple(dataclasses.replace(one, reason=reason) for one in looked.findings)
        return Looked(findings, looked.score)


def judge(features: Floats, head: Head) -> Looked:
    """What the head makes of a picture's feature map (float32 [channels, rows, columns])."""
    rows, columns = features.shape[1:]
    layout = windows(rows, columns)
    logits = head.logits(pooled(features, layout))
    raw = raw_scores(logits)
    best = int(raw.argmax())
    score = head.probability(float(raw[best]))
    if score < head.threshold:
        return Looked((), score)
    label = head.kinds[int(logits[best, 1:].argmax())]
    box = box_of(layout[best], rows, columns) if best else None
    return Looked((Finding("clinical", score, box, label),), score)


def network_shape(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the feature map: about AREA pixels, of the picture's own aspect."""
    aspect = min(max(width / height, 1 / _WIDEST), _WIDEST)
    return round(math.sqrt(AREA / aspect) / CELL), round(math.sqrt(AREA * aspect) / CELL)


def network_input(pixels: Pixels) -> Floats:
    """Scale a picture to the network's input.

    Args:
        pixels: uint8 RGB (h, w, 3), any size.

    Returns:
        float32 [1, 3, rows * CELL, columns * CELL], RGB, (value - 127) / 128, which is what the
        network was trained with.
    """
    height, width = pixels.shape[:2]
    rows, columns = network_shape(height, width)
    shrinks = height >= rows * CELL and width >= columns * CELL
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(pixels, (columns * CELL, rows * CELL), interpolation=method)
    planes = small.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    return np.asarray((planes - 127) / 128, np.float32)


def feature_map(pixels: Pixels) -> Floats:
    """Run the network: uint8 RGB (h, w, 3) to float32 [channels, rows, columns].

    Raises:
        ModelProblem: the network is missing or damaged.
    """
    (features,) = assets.network(_BACKBONE).run(None, {"x": network_input(pixels)})
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
        features: float32 [channels, rows, columns], none below 0; the channels of one network
            after those of the other.
        layout: the windows, in cells of that map.

    Returns:
        float32 [windows, channels].
    """
    channels, rows, columns = features.shape
    inside = np.zeros((rows, columns, len(layout)), np.float32)
    for number, (top, bottom, left, right) in enumerate(layout):
        inside[top:bottom, left:right, number] = 1
    # The direction of a sum is that of the mean.
    sums = features.reshape(channels, -1) @ inside.reshape(-1, len(layout))
    roots = np.sqrt(sums.T.reshape(len(layout), NETWORKS, -1))
    length = np.linalg.norm(roots, axis=2, keepdims=True) * math.sqrt(NETWORKS)
    return np.asarray(roots / np.maximum(length, 1e-6), np.float32).reshape(len(layout), channels)


def raw_scores(logits: Floats) -> Floats:
    """One score per window: "clinical", plus a share of the kind that fired most."""
    scores: Floats = logits[:, 0] + KIND_SHARE * logits[:, 1:].max(axis=1)
    return scores


def box_of(window: Window, rows: int, columns: int) -> Box:
    """The window as fractions of the picture."""
    height, width = window.bottom - window.top, window.right - window.left
    return Box(window.left / columns, window.top / rows, width / columns, height / rows)


@functools.cache
def _head() -> Head:
    return Head.from_bytes(assets.load(_HEAD))
