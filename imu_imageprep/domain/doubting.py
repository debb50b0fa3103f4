"""When a photo may be clinical, so that somebody should look: what is seen in it, and around it.

The clinical check gives a photo a score of its own. What else speaks for a clinical place adds to
its logit and never takes away: words that can be read in the picture, and the other photos of its
album. From the check's lower threshold on, the photo gets a finding of kind "doubt". What the
check flags by itself stays a clinical finding; evidence alone never makes one.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep.domain.finding import Cue, Finding, Flag, Looked, numbered
from imu_imageprep.domain.odds import logit, probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.domain.finding import Examination, Scan

# The kind of the finding, and what it may turn out to be.
DOUBT, MAY_BE = "doubt", "clinical"

# Logits that readable words of clinical places add, and that an album adds at most: chosen on
# sources held out (tools/train_clinical.py, tools/clinical_album.py); words on the twenty of 984
# snapshots that have some, twelve of them clinical; docs/models.md has the figures.
WORDS = 1.5
ALBUM_MOST = 2.0
# An album adds so much for the share of its photos that are clinical, beyond the little that
# everyday albums have too.
_ALBUM_SHARE, _ALBUM_LEAST = 4.0, 0.3

# What is told beside the score where it was needed to reach the threshold.
READ = "words of a clinical place can be read"
BESIDE = "others of this folder look clinical"

# The smallest score that receipts tell from 0.
_LEAST = 1e-4

# Findings that hold a photo as one that is, or may be, clinical.
_HELD = frozenset({MAY_BE, DOUBT})


class _Part(NamedTuple):
    """One piece of evidence: the logits that it adds, and what is said of it."""

    logits: float
    reason: str


def album_evidence(others: Sequence[float]) -> float:
    """Logits that the other photos of an album add to a photo's own.

    Args:
        others: the logits of their own scores, in any order; see :func:`own_logit`.

    Returns:
        From 0 to ``ALBUM_MOST``.
    """
    # The sum is exact, so that it does not depend on the order.
    return share_evidence(math.fsum(map(probability, others)), len(others))


def share_evidence(clinical: float, others: int) -> float:
    """As :func:`album_evidence`, of others that were summed up.

    Args:
        clinical: the sum of the probabilities of the others.
        others: how many they are.
    """
    # A small album says less.
    evidence = _ALBUM_SHARE * clinical / (others + 1) - _ALBUM_LEAST
    return min(max(evidence, 0.0), ALBUM_MOST)


def own_logit(examinations: Iterable[Examination]) -> float | None:
    """The logit of what the clinical check made of the picture alone, for its album.

    None where it was not asked, could not look, or doubts nothing. It is rounded as receipts round
    scores, so that a photo that was exported before says the same.
    """
    for exam in examinations:
        if (scan := _doubting(exam)) is not None:
            return logit_of(_own(scan))
    return None


def logit_of(score: float) -> float:
    """The logit of a score as receipts tell it: four digits, and never quite 0 or 1."""
    return logit(min(max(round(score, 4), _LEAST), 1 - _LEAST))


def with_evidence(
    examinations: Iterable[Examination], album: float = 0.0
) -> tuple[Examination, ...]:
    """The examinations with the clinical score raised by what else speaks for a clinical place.

    It starts from the check's own score each time, so that it may be asked again when more is
    known. Nothing is lowered, and a finding that the check made by itself stays.

    Args:
        examinations: all of a photo.
        album: what :func:`album_evidence` says; never below 0.

    Returns:
        The examinations, numbered; with one doubt where the raised score reaches the check's lower
        threshold and the picture alone does not reach the upper one.
    """
    exams = tuple(examinations)
    evidence = _evidence(exams, album)
    return numbered(tuple(_raised(exam, evidence) for exam in exams))


def in_reach(examinations: Iterable[Examination]) -> bool:
    """Whether an album could make a doubt of a photo that nobody has to look at yet."""
    exams = tuple(examinations)
    if any(_may_be(exam) for exam in exams):
        return False  # also where an album made the doubt, which asking without one would take away
    most, now = with_evidence(exams, ALBUM_MOST), with_evidence(exams)
    return any(_may_be(exam) for exam in most) and not any(_may_be(exam) for exam in now)


def lacking(examinations: Iterable[Examination]) -> float | None:
    """The logits that an album would have to add to make a doubt; None where none can."""
    exams = tuple(examinations)
    if not in_reach(exams):
        return None
    scans = (_doubting(exam) for exam in with_evidence(exams))
    (scan,) = (one for one in scans if one is not None)
    assert scan.doubted_from is not None
    return logit(scan.doubted_from) - logit(scan.score)


def _evidence(examinations: Iterable[Examination], album: float) -> tuple[_Part, ...]:
    """What speaks for a clinical place beside the picture, the surest first."""
    read = any(
        isinstance(exam.scan, Looked) and Cue.CLINICAL_WORDS in exam.scan.cues
        for exam in examinations
    )
    beside = min(max(album, 0.0), ALBUM_MOST)
    parts = (_Part(WORDS if read else 0.0, READ), _Part(beside, BESIDE))
    return tuple(part for part in parts if part.logits > 0)


def _doubting(exam: Examination) -> Looked | None:
    """The clinical check's scan where it doubts at all; None of every other one."""
    scan = exam.scan
    asked = exam.flag is Flag.CLINICAL and isinstance(scan, Looked)
    return scan if asked and isinstance(scan, Looked) and scan.doubted_from is not None else None


def _own(scan: Looked) -> float:
    return scan.score if scan.own is None else scan.own


def _may_be(exam: Examination) -> bool:
    return exam.flag is Flag.CLINICAL and any(found.kind in _HELD for found in exam.findings)


def _raised(exam: Examination, evidence: tuple[_Part, ...]) -> Examination:
    scan = _doubting(exam)
    return exam if scan is None else dataclasses.replace(exam, scan=_weighed(scan, evidence))


def _weighed(scan: Looked, evidence: tuple[_Part, ...]) -> Scan:
    own, lower = _own(scan), scan.doubted_from
    assert lower is not None
    score, needed = own, []
    total = logit(own)
    for part in evidence:
        if score < lower:
            needed.append(part.reason)
        total += part.logits
        score = max(score, probability(total))
    others = tuple(found for found in scan.findings if found.kind != DOUBT)
    findings = others
    if score >= lower and not any(found.kind == MAY_BE for found in others):
        findings = (*others, _doubt(scan, score, " and ".join(needed) or None))
    return dataclasses.replace(scan, findings=findings, score=score, own=own)


def _doubt(scan: Looked, score: float, why: str | None) -> Finding:
    """The doubt; where the check saw it in a part of the picture, it stays there."""
    seen = next((found for found in scan.findings if found.kind == DOUBT), None)
    box = seen.box if seen else None
    return Finding(DOUBT, score, box, MAY_BE, reason=why)
