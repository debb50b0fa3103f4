"""Ask every detector; one that cannot answer is an answer too."""

from __future__ import annotations

import dataclasses
import logging
import math
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.cover import unaccounted
from imu_imageprep.domain.doubting import with_evidence
from imu_imageprep.domain.errors import ExitCode, ImageprepError
from imu_imageprep.domain.finding import (
    SECOND,
    DidNotLook,
    Examination,
    Flag,
    Looked,
    Scan,
    numbered,
    people_noted,
    small_faces_noted,
    text_noted,
    without_people,
)
from imu_imageprep.domain.needs import Need, needs_of
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.pieces import added, in_picture, pieces
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ports import Detector

_log = logging.getLogger("imu_imageprep")

# What the checks look for that may be small in the picture; what a scene is shows in the whole.
_SMALL = frozenset({Flag.FACE, Flag.CODE, Flag.TEXT})

# What is looked for once more where something was covered.
_AGAIN = (Flag.FACE, Flag.TEXT)


def look(
    photo: Photo,
    metadata: Metadata,
    detectors: Iterable[Detector],
    policy: Policy,
    *,
    flags: tuple[Flag, ...] | None = None,
) -> tuple[Examination, ...]:
    """Ask every detector whose check is not off.

    A detector that raises, answers nonsense, or is missing although the policy asks for its check
    becomes ``DidNotLook``; nothing it raises escapes.

    Args:
        photo: upright sRGB pixels, uint8 RGB.
        metadata: what the file said about itself.
        detectors: those at hand.
        policy: which checks are asked for.
        flags: ask for these checks only; by default for all, and every third party's detector.

    Returns:
        One examination per detector, findings numbered; then one per check without a detector.
    """
    asked = [
        detector
        for detector in detectors
        if (flags is None or detector.flag in flags)
        and policy.flags.level(detector.flag) is not Level.OFF
    ]
    examinations = [Examination(d.name, d.flag, d.model, _ask(d, photo, metadata)) for d in asked]
    # Doubts are the clinical check's: where that is missing, it says so for both.
    served = {detector.flag for detector in asked} | {Flag.DOUBT}
    examinations += [
        Examination(
            flag.value, flag, None, DidNotLook(f"no detector for {flag.value} is installed")
        )
        for flag in flags or Flag
        if policy.flags.level(flag) is not Level.OFF and flag not in served
    ]
    noted = people_noted(text_noted(tuple(examinations)), hold=policy.faces.person is Level.HOLD)
    return with_evidence(noted)


def look_closer(
    examinations: tuple[Examination, ...],
    photo: Photo,
    shown: Size,
    metadata: Metadata,
    detectors: Iterable[Detector],
) -> tuple[Examination, ...]:
    """Ask again, piece by piece, what may be small in an export that is larger than usual.

    Args:
        examinations: of the whole photo; what was found there stays.
        photo: upright sRGB pixels, uint8 RGB, not fewer than the export has.
        shown: size of the export in pixels.
        metadata: what the file said about itself.
        detectors: those at hand.

    Returns:
        The examinations, with what only the pieces show; one of which a piece could not be checked
        is ``DidNotLook``.
    """
    parts = [(part, _cut_out(photo, part, shown)) for part in pieces(shown)]
    if not parts:
        return examinations
    near = {detector.name: detector for detector in detectors if detector.flag in _SMALL}
    closer = tuple(
        _closer(exam, near[exam.detector], parts, metadata) if exam.detector in near else exam
        for exam in examinations
    )
    return with_evidence(text_noted(closer))


def _closer(
    exam: Examination, detector: Detector, parts: Iterable[tuple[Box, Photo]], metadata: Metadata
) -> Examination:
    scan = exam.scan
    for part, piece in parts:
        if isinstance(scan, DidNotLook):
            break
        seen = _ask(detector, piece, metadata)
        if isinstance(seen, Looked):
            # A part of somebody is nobody new: who is there shows in the whole.
            new = [in_picture(found, part) for found in seen.findings if found.kind != "person"]
            seen = dataclasses.replace(
                scan,
                findings=added(scan.findings, new, part),
                score=max(scan.score, seen.score),
                cues=scan.cues | seen.cues,
            )
        scan = seen
    return dataclasses.replace(exam, scan=scan)


def _cut_out(photo: Photo, part: Box, shown: Size) -> Photo:
    """A part of a photo; as its source counts what the export has of it."""
    left, top, width, height = part.to_pixels(*photo.size)
    pixels = photo.pixels[top : top + height, left : left + width]
    return Photo(pixels, Size(*part.to_pixels(*shown)[2:]))


def look_again(
    photo: Photo, metadata: Metadata, detectors: Iterable[Detector], policy: Policy
) -> tuple[Examination, ...]:
    """Look for faces and text in the picture that is left, as far as the policy holds for them.

    Args:
        photo: the picture in the size of its export, before the mark is drawn: the owner's name in
            it would be read.
        metadata: what the file said about itself.
        detectors: those at hand.
        policy: whether faces and text hold a photo.
    """
    flags = tuple(flag for flag in _AGAIN if policy.flags.level(flag) is Level.HOLD)
    if not flags:
        return ()
    exams = without_people(look(photo, metadata, detectors, policy, flags=flags))
    exams = look_closer(exams, photo, photo.size, metadata, detectors)
    return small_faces_noted(exams, policy.faces.min_face, photo.size)


def showing(
    exams: Iterable[Examination], receipt: Receipt
) -> tuple[tuple[Examination, ...], tuple[HeldFor, ...]]:
    """What the look at the picture that is left leaves open; nothing where all is accounted for.

    The first look's findings are answered, or the photo would not have come this far: what counts
    here is a face that was not seen then, or text that can be read still.

    Args:
        exams: of the picture that is left.
        receipt: what was found at first, and which areas were covered.

    Returns:
        The second examinations and what they ask for.
    """
    again: list[Examination] = []
    needs: list[HeldFor] = []
    for exam in exams:
        if isinstance(exam.scan, DidNotLook):
            again.append(exam)
            needs.append(HeldFor(Need.LOOK, scan=exam.detector))
            continue
        standing = (finding for finding in exam.findings if not finding.noted)
        left = unaccounted(standing, receipt.covered, receipt.findings)
        if not left:
            continue
        (second,) = numbered((exam.holding(left),), prefix=SECOND)
        again.append(second)
        needs += [HeldFor(n, found) for found in second.findings for n in needs_of(found.kind)]
    return tuple(again), tuple(needs)


def _ask(detector: Detector, photo: Photo, metadata: Metadata) -> Scan:
    try:
        scan = detector.look(photo, metadata)
        sound = _sound(scan)
    except ImageprepError as problem:
        return DidNotLook(problem.message, int(problem.code))
    except Exception as problem:  # noqa: BLE001  (a detector's bug must hold the photo, not end the batch)
        # The type alone: a message could quote the picture's content.
        _log.warning("the detector %s failed: %s", detector.name, type(problem).__name__)
        return DidNotLook(f"the detector failed ({type(problem).__name__})", int(ExitCode.MODEL))
    return scan if sound else DidNotLook("the detector gave an invalid answer")


def _sound(scan: Scan) -> bool:
    if isinstance(scan, DidNotLook):
        return True
    if not isinstance(scan, Looked):
        return False
    # That a finding holds nothing is for the policy to say, never for a detector.
    if any(finding.noted for finding in scan.findings):
        return False
    numbers = [scan.score, *(f.score for f in scan.findings)]
    numbers += [limit for limit in (scan.doubted_from, scan.own) if limit is not None]
    numbers += [n for f in scan.findings if f.box for n in (f.box.x, f.box.y, f.box.w, f.box.h)]
    return all(math.isfinite(n) for n in numbers)
