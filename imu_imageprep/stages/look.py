"""Ask every detector; one that cannot answer is an answer too."""

from __future__ import annotations

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
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ports import Detector

_log = logging.getLogger("imu_imageprep")


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
