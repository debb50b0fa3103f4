"""Which areas of a photo are to be covered."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.box import Box, covered_share
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import by_id
from imu_imageprep.domain.needs import GROUPS, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.photo import Size


class RedactStyle(StrEnum):
    """How an area is covered."""

    SOLID = "solid"
    PIXELATE = "pixelate"
    BLUR = "blur"


# A finding is answered by covering only when practically all of its box lies in one covered area.
COVERED = 0.95

# A face that shows in the finished picture is accounted for by a covered area that holds most of
# it, or by a face that was seen and answered where it is (intersection over union).
_ACCOUNTED = 0.5


def areas(
    chosen: Sequence[str],
    drawn: Sequence[tuple[int, int, int, int]],
    findings: Sequence[Finding],
    size: Size,
) -> tuple[Box, ...]:
    """The areas to cover: chosen findings with a margin, drawn boxes as drawn.

    Args:
        chosen: ids of findings, "faces" for every face, "codes" for every code, "text", or
            "people" for everybody of whom no face was found.
        drawn: x, y, width, height in pixels of the upright source.
        findings: what was found in this photo.
        size: of the upright source, in pixels.

    Raises:
        UsageProblem: an id is not among the findings, has no place in the picture, or a drawn box
            lies outside of it.
    """
    boxes: list[Box] = []
    for name in chosen:
        if kind := GROUPS.get(name):
            boxes += [cover_of(f.box, kind) for f in findings if f.kind == kind and f.box]
        elif (box := (found := by_id(findings, name)).box) is None:
            raise UsageProblem(
                f"{name} is about the whole photo and cannot be covered.",
                "Only findings with a place in the picture can be covered.",
            )
        else:
            boxes.append(cover_of(box, found.kind))
    for x, y, w, h in drawn:
        box = Box.from_pixels(x, y, w, h, width=size.width, height=size.height).clipped()
        if w <= 0 or h <= 0 or box.area == 0:
            raise UsageProblem(
                f"The box {x},{y},{w},{h} lies outside the photo.",
                f"Give x,y,width,height in pixels of the {size.width}x{size.height} photo.",
            )
        boxes.append(box)
    return tuple(boxes)


def cover_of(box: Box, kind: str) -> Box:
    """The area that covers a finding of a kind: its box with the kind's margin."""
    return box.grown(rules_of(kind).margin)


def unaccounted(
    findings: Iterable[Finding], covered: tuple[Box, ...], answered: Iterable[Finding]
) -> tuple[Finding, ...]:
    """The findings that are neither covered nor known.

    Args:
        findings: seen in the finished picture.
        covered: areas; one accounts for a finding of which it holds more than half, but for text:
            what can be read is not covered.
        answered: seen before and answered; one accounts for a finding of its kind at its place.
    """
    known = tuple(answered)
    return tuple(
        finding
        for finding in findings
        if finding.box is None or not _accounted(finding.kind, finding.box, covered, known)
    )


def _accounted(kind: str, box: Box, covered: tuple[Box, ...], known: Iterable[Finding]) -> bool:
    """Whether something at a place of the finished picture is covered or was answered there."""
    places = [other.box for other in known if other.kind == kind and other.box is not None]
    if kind != "text":
        return covered_share(box, covered) >= _ACCOUNTED or any(
            place.iou(box) >= _ACCOUNTED for place in places
        )
    # What was to be covered and can be read still is not accounted for; a page may be read again
    # as one of its parts.
    return any(
        covered_share(place, covered) < COVERED and covered_share(box, (place,)) >= _ACCOUNTED
        for place in places
    )
