"""What detectors found in a photo, and that they looked at all."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Rule, rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.photo import Size


class Flag(StrEnum):
    """The checks a policy can set to hold, note or off."""

    FACE = "face"
    CLINICAL = "clinical"
    SOURCE = "source"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a detector found.

    Attributes:
        kind: "face", "clinical", "source", ...; a third party's detector may bring its own.
        score: the detector's confidence, 0..1.
        box: where, as fractions of the upright source; None for the whole picture.
        label: what it looks like in one word ("ward"); None where there is nothing to say.
        id: a label within one photo ("face-1"), given by :func:`numbered`; no answer binds to it.
        noted: it is told and holds nothing, see :func:`small_faces_noted`.
        reason: what besides speaks for it, in plain words; None where there is nothing to say.
    """

    kind: str
    score: float
    box: Box | None = None
    label: str | None = None
    id: str = ""
    noted: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A detector looked; ``score`` is its strongest response (0..1), flagged or not."""

    findings: tuple[Finding, ...]
    score: float


@dataclass(frozen=True, slots=True)
class DidNotLook:
    """A detector could not look; this is never the same as having found nothing.

    ``code`` is the exit code of the trouble: 3 for a missing or damaged model.
    """

    reason: str
    code: int = 3


Scan = Looked | DidNotLook


@dataclass(frozen=True, slots=True)
class Examination:
    """One detector's scan of one photo.

    Attributes:
        detector: the detector's name ("faces").
        flag: the policy's check it serves; None for a third party's, which always holds.
        model: version of its model (sha256 prefix); None where it has none.
        scan: what it answered.
    """

    detector: str
    flag: Flag | None
    model: str | None
    scan: Scan

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings; empty where the detector did not look."""
        return self.scan.findings if isinstance(self.scan, Looked) else ()


# Begins the ids of what shows only in the finished picture.
SECOND = "second-"


def numbered(examinations: tuple[Examination, ...], *, prefix: str = "") -> tuple[Examination, ...]:
    """Give every finding its id: ``prefix``, kind and number, counted from left to right."""
    counts: dict[str, int] = {}
    out = []
    for exam in examinations:
        if isinstance(exam.scan, DidNotLook):
            out.append(exam)
            continue
        findings = []
        for finding in sorted(exam.scan.findings, key=_left_to_right):
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
            name = f"{prefix}{finding.kind}-{counts[finding.kind]}"
            findings.append(dataclasses.replace(finding, id=name))
        scan = Looked(tuple(findings), exam.scan.score)
        out.append(Examination(exam.detector, exam.flag, exam.model, scan))
    return tuple(out)


def small_faces_noted(
    examinations: tuple[Examination, ...], least: int, shown: Size
) -> tuple[Examination, ...]:
    """Note the faces whose longer side is under ``least`` pixels where the picture is ``shown``.

    Args:
        examinations: what was seen.
        least: pixels; 0 notes none.
        shown: size of the finished picture in pixels.
    """
    if not least:
        return examinations
    return tuple(
        dataclasses.replace(
            exam,
            scan=Looked(tuple(_noted(f, least, shown) for f in exam.findings), exam.scan.score),
        )
        if isinstance(exam.scan, Looked)
        else exam
        for exam in examinations
    )


def _noted(finding: Finding, least: int, shown: Size) -> Finding:
    box = finding.box
    if finding.kind != "face" or box is None:
        return finding
    small = max(box.w * shown.width, box.h * shown.height) < least
    return dataclasses.replace(finding, noted=True) if small else finding


def _left_to_right(finding: Finding) -> tuple[str, float, float]:
    box = finding.box
    return (finding.kind, box.x, box.y) if box else (finding.kind, 0.0, 0.0)


def by_id(findings: Iterable[Finding], name: str) -> Finding:
    """The finding that has an id.

    Raises:
        UsageProblem: none has.
    """
    found = {finding.id: finding for finding in findings}
    if name not in found:
        raise UsageProblem(
            f"There is no {name} in this photo; found: {', '.join(found) or 'nothing'}.",
            "See: imageprep check",
        )
    return found[name]


def offered(finding: Finding, need: Need) -> Rule:
    """What may be said about a need of a finding: the table's rule as far as it fits this one.

    What has no place in the picture cannot be covered, and what shows only in the finished picture
    cannot be answered by anything else.
    """
    rule = rule_of(finding.kind, need)
    if finding.box is None:
        rule = rule._replace(covering=False)
    return Rule(need, covering=rule.covering) if finding.id.startswith(SECOND) else rule
