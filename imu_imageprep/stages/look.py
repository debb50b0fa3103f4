"""Ask every detector; one that cannot answer is an answer too."""

from __future__ import annotations

import dataclasses
import logging
import math
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.cover import unaccounted
from imu_imageprep.domain.errors import ExitCode, ImageprepError
from imu_imageprep.domain.finding import (
    SECOND,
    DidNotLook,
    Examination,
    Flag,
    Looked,
    Scan,
    numbered,
    small_faces_noted,
)
from imu_imageprep.domain.needs import Need
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
_SMALL = frozenset({Flag.FACE, Flag.CODE})


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
    served = {detector.flag for detector in asked}
    examinations += [
        Examination(
            flag.value, flag, None, DidNotLook(f"no detector for {flag.value} is installed")
        )
        for flag in flags or Flag
        if policy.flags.level(flag) is not Level.OFF and flag not in served
    ]
    return numbered(tuple(examinations))


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
    parts = pieces(shown)
    if not parts:
        return examinations
    near = {detector.name: detector for detector in detectors if detector.flag in _SMALL}
    return numbered(
        tuple(
            _closer(exam, near[exam.detector], photo, parts, metadata)
            if exam.detector in near
            else exam
            for exam in examinations
        )
    )


def _closer(
    exam: Examination, detector: Detector, photo: Photo, parts: Iterable[Box], metadata: Metadata
) -> Examination:
    scan = exam.scan
    for part in parts:
        if isinstance(scan, DidNotLook):
            break
        seen = _ask(detector, _cut_out(photo, part), metadata)
        if isinstance(seen, Looked):
            new = [in_picture(finding, part) for finding in seen.findings]
            seen = Looked(added(scan.findings, new, part), max(scan.score, seen.score))
        scan = seen
    return dataclasses.replace(exam, scan=scan)


def _cut_out(photo: Photo, part: Box) -> Photo:
    left, top, width, height = part.to_pixels(*photo.size)
    pixels = photo.pixels[top : top + height, left : left + width]
    return Photo(pixels, Size(width, height))


def look_again(
    photo: Photo, metadata: Metadata, detectors: Iterable[Detector], policy: Policy
) -> Examination | None:
    """Look for faces in the finished picture; None where the policy does not hold for them.

    Args:
        photo: the picture as it will be exported, uint8 RGB.
        metadata: what the file said about itself.
        detectors: those at hand.
        policy: whether faces hold a photo.
    """
    if policy.flags.level(Flag.FACE) is not Level.HOLD:
        return None
    exams = look(photo, metadata, detectors, policy, flags=(Flag.FACE,))
    exams = look_closer(exams, photo, photo.size, metadata, detectors)
    (exam, *_) = small_faces_noted(exams, policy.faces.min_face, photo.size)
    return exam


def showing(exam: Examination, receipt: Receipt) -> tuple[Examination, tuple[HeldFor, ...]] | None:
    """What the look at the finished picture leaves open; None where all of it is accounted for.

    The first look's faces are answered, or the photo would not have come this far: what counts
    here is a face that was not seen then.

    Args:
        exam: of the finished picture.
        receipt: what was found at first, and which areas were covered.

    Returns:
        The second examination and what it asks for.
    """
    if isinstance(exam.scan, DidNotLook):
        return exam, (HeldFor(Need.LOOK, scan=exam.detector),)
    standing = (finding for finding in exam.findings if not finding.noted)
    open_faces = unaccounted(standing, receipt.covered, receipt.findings)
    if not open_faces:
        return None
    second = Examination(exam.detector, exam.flag, exam.model, Looked(open_faces, exam.scan.score))
    (second,) = numbered((second,), prefix=SECOND)
    return second, tuple(HeldFor(Need.PERSON_CONSENT, finding) for finding in second.findings)


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
    numbers += [n for f in scan.findings if f.box for n in (f.box.x, f.box.y, f.box.w, f.box.h)]
    return all(math.isfinite(n) for n in numbers)
