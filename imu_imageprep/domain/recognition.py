"""Who may be in the register, and whom a face is like. A suggestion answers nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.consent import ConsentRecord, Kind
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.fitting import consent_unfit
from imu_imageprep.domain.needs import Need, rules_of
from imu_imageprep.domain.permits import RecognitionConsent
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from imu_imageprep.domain.case import Suggestion
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.fitting import Circumstances
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed


# 128 numbers that dlib's network makes of a face; Euclidean distance tells faces apart.
Template = tuple[float, ...]

# docs/register.md tells what these were measured on. The library's own threshold is 0.6, at which
# strangers match each other often.
NEAR = 0.45
AGREE = 2
MARGIN = 0.10

# A face that is smaller (pixels), or turned further (see Measured), is not compared.
SMALLEST = 40
MOST_TURNED = 0.45

# How a note begins that says why nobody was suggested.
TROUBLE = "nobody was recognised"


@dataclass(frozen=True, slots=True)
class Measured:
    """One face as it was measured.

    Attributes:
        template: its 128 numbers.
        side: side of the square that was measured, in pixels of the picture looked at.
        sharpness: variance of the Laplacian, of the face at a fixed size.
        turned: how far the nose lies off the middle of the eyes, as a share of their distance.
        tilted: degrees between the eyes' line and the horizon.
    """

    template: Template = field(repr=False)
    side: float
    sharpness: float
    turned: float
    tilted: float

    @property
    def comparable(self) -> bool:
        """Whether it is large and frontal enough to be compared with anyone."""
        return self.side >= SMALLEST and self.turned <= MOST_TURNED


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Someone who agreed to be recognised.

    Attributes:
        code: the subject code of their consent.
        consent: reference of the consent to be recognised.
        at: when they were enrolled, ISO 8601 in UTC.
        templates: one for each photo.
    """

    code: str
    consent: str
    at: str
    templates: tuple[Template, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a face is like; ``distance`` is that of the photo that agrees least."""

    code: str
    distance: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What came of comparing a photo's faces; ``trouble`` says why there was no comparing."""

    suggestions: tuple[Suggestion, ...] = ()
    trouble: str | None = None


def best_match(template: Template, people: Iterable[Enrolled]) -> Match | None:
    """Whom a face is like enough to suggest it, if anyone.

    Several photos of one person have to agree (``AGREE``, ``NEAR``), and nobody else's nearest
    photo may be within ``MARGIN`` of that.
    """
    ranked: list[tuple[float, float, str]] = []
    for person in people:
        distances = sorted(math.dist(template, one) for one in person.templates)
        if len(distances) >= AGREE:
            ranked.append((distances[AGREE - 1], distances[0], person.code))
    if not ranked:
        return None
    agreed, _, code = min(ranked)
    rival = min((nearest for _, nearest, other in ranked if other != code), default=math.inf)
    if agreed > NEAR or rival - agreed < MARGIN:
        return None
    return Match(code, agreed)


def matches(faces: Sequence[Measured], people: Sequence[Enrolled]) -> tuple[Match | None, ...]:
    """Each face's match; where two faces of a photo are like one person, neither is.

    Args:
        faces: of one photo.
        people: everyone enrolled.
    """
    found = [best_match(face.template, people) if face.comparable else None for face in faces]
    codes = [match.code for match in found if match is not None]
    return tuple(
        match if match is not None and codes.count(match.code) == 1 else None for match in found
    )


def faces_to_recognise(receipt: Receipt) -> tuple[Finding, ...]:
    """The faces of a held photo that wait for their person's consent, and may be compared.

    None in a photo that may be clinical: one with a clinical or a listed place's finding, whatever
    was answered to it, or one that was not looked at for clinical scenes.
    """
    looked = any(
        exam.flag is Flag.CLINICAL and isinstance(exam.scan, Looked)
        for exam in receipt.examinations
    )
    if not looked or any(rules_of(finding.kind).clinical for finding in receipt.findings):
        return ()
    waiting = [
        need.finding
        for need in receipt.held_for
        if need.needs is Need.PERSON_CONSENT and need.finding is not None
    ]
    return tuple(face for face in waiting if face.kind == "face" and face.box is not None)


def suggested_now(receipt: Receipt) -> tuple[Suggestion, ...]:
    """Who the faces that still wait may be; nobody's in a photo that may be clinical by now.

    Args:
        receipt: of a held photo, with what people said that they see in it.
    """
    waiting = {face.id for face in faces_to_recognise(receipt)}
    return tuple(one for one in receipt.suggestions if one.finding in waiting)


def of_person(code: str, entry: object) -> bool:
    """Whether a record is a consent of a person to be shown, as somebody who is no patient."""
    return (
        isinstance(entry, ConsentRecord)
        and entry.kind is not Kind.PATIENT
        and entry.subject.strip().casefold() == code.casefold()
    )


def fitting(code: str, listed: Iterable[Listed], now: Circumstances) -> tuple[str, ...]:
    """The references of a person's consents that would answer for their face, the newest first.

    Args:
        code: their subject code.
        listed: the ledger's records.
        now: the circumstances that they would have to fit.
    """
    return tuple(
        one.ref
        for one in reversed(list(listed))
        if one.state is State.IN_FORCE
        and isinstance(one.entry, ConsentRecord)
        and of_person(code, one.entry)
        and not any(consent_unfit(one.entry, now, shown=True))
    )


def labelled(receipt: Receipt, recognition: Recognition) -> Receipt:
    """A held photo's receipt with codes as labels of its faces; what it is held for stays.

    Args:
        receipt: of a photo that was decided on already.
        recognition: what came of comparing its faces.
    """
    if recognition.trouble is not None:
        note = f"{TROUBLE}: {recognition.trouble}"
        return replace(receipt, notes=(*receipt.notes, note))
    codes = {one.finding: one.code for one in recognition.suggestions}
    return replace(_relabelled(receipt, codes), suggestions=recognition.suggestions)


def unlabelled(receipt: Receipt) -> Receipt:
    """The receipt without who its faces may be: what is shown to a person and kept nowhere."""
    gone = dict.fromkeys((one.finding for one in receipt.suggestions), None)
    return replace(_relabelled(receipt, gone), suggestions=())


def _relabelled(receipt: Receipt, labels: Mapping[str, str | None]) -> Receipt:
    def named(finding: Finding) -> Finding:
        return replace(finding, label=labels[finding.id]) if finding.id in labels else finding

    def renamed(exam: Examination) -> Examination:
        if not isinstance(exam.scan, Looked):
            return exam
        findings = tuple(named(finding) for finding in exam.scan.findings)
        return replace(exam, scan=replace(exam.scan, findings=findings))

    return replace(
        receipt,
        examinations=tuple(renamed(exam) for exam in receipt.examinations),
        held_for=tuple(
            need if need.finding is None else replace(need, finding=named(need.finding))
            for need in receipt.held_for
        ),
    )


class Lapsed(StrEnum):
    """Why someone may not be, or no longer be, in the register; words that follow a reference."""

    UNKNOWN = "is not on record"
    NOT_THIS = "is not a consent to be recognised; a consent to publish pictures is not enough"
    WITHDRAWN = "was withdrawn"
    ERASED = "was erased"
    UNSOUND = "does not say all that a consent to be recognised must say"
    AHEAD = "has a day of signing in the future"
    EXPIRED = "has expired"
    OTHER = "is somebody else's"


def lapsed(entry: object, state: State, code: str, today: date) -> Lapsed | None:
    """Why what has a reference does not let someone be in the register; None where it does.

    Args:
        entry: what the reference names; None where it was erased.
        state: whether it stands.
        code: the person's subject code.
        today: the day.
    """
    if state is State.ERASED:
        return Lapsed.ERASED
    if not isinstance(entry, RecognitionConsent):
        return Lapsed.NOT_THIS
    unsound = any(entry.problems()) or entry.signed is None or entry.expires is None
    reasons = {
        Lapsed.WITHDRAWN: state is State.WITHDRAWN,
        Lapsed.UNSOUND: unsound,
        Lapsed.AHEAD: entry.signed is not None and entry.signed > today,
        Lapsed.EXPIRED: entry.expires is not None and today > entry.expires,
        Lapsed.OTHER: entry.subject.casefold() != code.casefold(),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
