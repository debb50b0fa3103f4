"""What detectors found in a photo, and that they looked at all."""

from __future__ import annotations

import dataclasses
import math
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
    TEXT = "text"
    DOUBT = "doubt"  # served by the clinical check


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


class Cue(StrEnum):
    """What one detector saw that is evidence for another; told to nobody."""

    CLINICAL_WORDS = "clinical-words"  # words of hospitals and clinics can be read


@dataclass(frozen=True, slots=True)
class Looked:
    """A detector looked.

    Attributes:
        findings: what it found.
        score: its strongest response (0..1), flagged or not.
        cues: what it saw that is evidence for other checks.
        doubted_from: the score from which somebody should look, where the check knows one; see
            ``doubting``.
        own: the score of the picture alone, where evidence was added to it; None where none was.
    """

    findings: tuple[Finding, ...]
    score: float
    cues: frozenset[Cue] = frozenset()
    doubted_from: float | None = None
    own: float | None = None


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

    def holding(self, findings: Iterable[Finding]) -> Examination:
        """The same examination with other findings; itself where the detector did not look."""
        if isinstance(self.scan, DidNotLook):
            return self
        scan = dataclasses.replace(self.scan, findings=tuple(findings))
        return dataclasses.replace(self, scan=scan)


# Begins the ids of what shows only in the finished picture.
SECOND = "second-"


def numbered(examinations: tuple[Examination, ...], *, prefix: str = "") -> tuple[Examination, ...]:
    """Give every finding its id: ``prefix``, kind and number, counted from left to right."""
    counts: dict[str, int] = {}
    out = []
    for exam in examinations:
        findings = []
        for finding in sorted(exam.findings, key=_left_to_right):
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
            name = f"{prefix}{finding.kind}-{counts[finding.kind]}"
            findings.append(dataclasses.replace(finding, id=name))
        out.append(exam.holding(findings))
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
        exam.holding(_noted(finding, least, shown) for finding in exam.findings)
        for exam in examinations
    )


def people_noted(examinations: tuple[Examination, ...], *, hold: bool) -> tuple[Examination, ...]:
    """Note the people whose face was not found, unless they are to hold the photo.

    Args:
        examinations: what every detector answered.
        hold: whether they do.
    """
    if hold:
        return examinations
    return tuple(
        exam.holding(
            dataclasses.replace(finding, noted=True) if finding.kind == "person" else finding
            for finding in exam.findings
        )
        if exam.flag is Flag.FACE
        else exam
        for exam in examinations
    )


def without_people(examinations: tuple[Examination, ...]) -> tuple[Examination, ...]:
    """What was seen but for people whose face was not found: a covered face leaves a body."""
    return tuple(
        exam.holding(finding for finding in exam.findings if finding.kind != "person")
        if exam.flag is Flag.FACE
        else exam
        for exam in examinations
    )


# What readable text is told and holds nothing: long numbers, which are mostly nobody's, and small
# text where people wear their names, under a face.
LONG_NUMBER, SMALL_TEXT = "long-number", "small-text"
TEXT_NOTED = frozenset({LONG_NUMBER, SMALL_TEXT})


def text_noted(examinations: tuple[Examination, ...]) -> tuple[Examination, ...]:
    """Note the readable text that is worth a word and no more; what is worth none is dropped.

    Args:
        examinations: what every detector answered.
    """
    faces = [f.box for exam in examinations for f in exam.findings if f.kind == "face" and f.box]

    def told(finding: Finding) -> Finding | None:
        if finding.label not in TEXT_NOTED:
            return finding
        if finding.label == SMALL_TEXT and not any(_worn(finding.box, face) for face in faces):
            return None
        return dataclasses.replace(finding, noted=True)

    return tuple(
        exam.holding(kept for finding in exam.findings if (kept := told(finding)))
        if exam.flag is Flag.TEXT
        else exam
        for exam in examinations
    )


# Where a name tag hangs, in heights of the face above it, and how high it is at most; how far from
# the middle, in widths of the face. docs/models.md tells how often something there is one.
_FROM, _TO, _HIGH, _ASIDE = 1.1, 4.2, 0.15, 1.75
# The box of a line is so much higher than the line itself.
_PADDED = 1.2


def _worn(box: Box | None, face: Box) -> bool:
    """Whether a line of text is where somebody with that face would wear their name."""
    if box is None or face.h <= 0:
        return False
    down = (box.y + box.h / 2 - face.y) / face.h
    aside = abs(box.x + box.w / 2 - face.x - face.w / 2) / face.w if face.w > 0 else math.inf
    return _FROM < down < _TO and aside < _ASIDE and box.h / _PADDED < _HIGH * face.h


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
