"""A large export is checked piece by piece, each as large as an export of the default size.

A check of the whole picture sees it reduced, and what is small in a large export would be gone
there. In pieces it is seen at the scale of the export: what holds for the default size holds for
every size. Between the whole and the smallest pieces lie coarser ones, each seen at least
1 / :data:`STEP` of the scale of the next, so that what is too large to lie in one piece is large
enough to be found in a coarser one.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import TEXT_NOTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.photo import Size

# Long side of an export, in pixels, up to which a check of the whole picture is enough: the default
# size, for which the detectors' constants were chosen (docs/models.md).
WHOLE = 800
# Pixels of the export that neighbours share: what is no larger lies whole in one of them.
SHARED = 200
# How much finer one scale is than the one before, at most.
STEP = 2.5
# A side that is longer than a piece by no more than this is not worth a second piece.
SLACK = 1.1

# Two findings of a kind are one from this overlap on (intersection over union)...
_SAME = 0.3
# ...or where a piece cut one of them off, and this share of it lies in the other.
_PART = 0.5


def pieces(shown: Size) -> tuple[Box, ...]:
    """Where a picture is to be checked again, coarse pieces first; none up to the default size.

    Args:
        shown: size of the export in pixels.

    Returns:
        Boxes that cover the picture once for each scale.
    """
    finer = max(shown) / WHOLE
    if finer <= 1:
        return ()
    scales = math.ceil(math.log(finer, STEP))
    return tuple(
        Box(left, top, width, height)
        for scale in range(1, scales + 1)
        for top, height in _spans(shown.height * finer ** (scale / scales - 1))
        for left, width in _spans(shown.width * finer ** (scale / scales - 1))
    )


def _spans(side: float) -> list[tuple[float, float]]:
    """Start and length, as fractions, of the pieces that a side of so many pixels is cut into."""
    count = max(1, math.ceil((side - SHARED) / (WHOLE * SLACK - SHARED)))
    length = (side + (count - 1) * SHARED) / count / side
    return [(number * (1 - length) / max(1, count - 1), length) for number in range(count)]


def in_picture(finding: Finding, piece: Box) -> Finding:
    """A finding of a piece, with its box where it lies in the picture."""
    box = finding.box
    if box is None:
        return finding
    placed = Box(
        piece.x + box.x * piece.w, piece.y + box.y * piece.h, box.w * piece.w, box.h * piece.h
    )
    return dataclasses.replace(finding, box=placed.clipped())


def added(known: Iterable[Finding], found: Iterable[Finding], piece: Box) -> tuple[Finding, ...]:
    """What is known of a picture, with what one of its pieces shows besides.

    Args:
        known: findings of the picture.
        found: findings of the piece, placed in the picture.
        piece: where it lies.
    """
    all_of_them = list(known)
    for new in found:
        if not any(_same(new, old, piece) for old in all_of_them):
            all_of_them.append(new)
    return tuple(all_of_them)


def _same(new: Finding, old: Finding, piece: Box) -> bool:
    if new.kind != old.kind:
        return False
    if new.box is None or old.box is None:
        return new.box is old.box
    if new.kind == "text":
        # A page may be seen as one place or as several; what is only noted is no answer to a name.
        told = old.label not in TEXT_NOTED or new.label in TEXT_NOTED
        return told and new.box.overlap(old.box) >= _PART * new.box.area
    part = _cut(new.box, piece) and new.box.overlap(old.box) >= _PART * new.box.area
    return part or new.box.iou(old.box) >= _SAME


def _cut(box: Box, piece: Box) -> bool:
    """Whether a box reaches an edge of its piece that is not the picture's own."""
    hair = 1e-3
    return (
        (piece.x > hair and box.x < piece.x + hair)
        or (piece.y > hair and box.y < piece.y + hair)
        or (piece.x + piece.w < 1 - hair and box.x + box.w > piece.x + piece.w - hair)
        or (piece.y + piece.h < 1 - hair and box.y + box.h > piece.y + piece.h - hair)
    )
