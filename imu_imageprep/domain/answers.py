"""What people answered and drew, bound to what was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.consent import ConsentRecord, bad_name, bad_sha256, bad_text
from imu_imageprep.domain.needs import KINDS, Need, Reason, needs_of, rule_of, rules_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission, RecognitionConsent
from imu_imageprep.domain.reference import letter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.finding import Examination, Finding


# What a person can see: a doubt is the check's alone.
_SURE = tuple(kind for kind, rules in KINDS.items() if rules.may_be is None)

# How a photo was looked at: among others on a sheet, so many pixels wide or high, or by itself.
_LOOKED = re.compile(r"(sheet-[1-9][0-9]{2,3})?")

# Two boxes show the same thing from this share of overlap on (intersection over union).
SAME_PLACE = 0.6


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an answer is about: one finding of one photo, by its place and never by its number.

    Attributes:
        photo: hex sha256 of the photo's file.
        kind: the finding's kind.
        box: where, as fractions of the upright source; None for the whole picture.
        model: version of the model that found it; None where a person or no model did.
    """

    photo: str
    kind: str
    box: Box | None = None
    model: str | None = None

    @classmethod
    def of(cls, photo: str, finding: Finding, model: str | None) -> Anchor:
        """What is seen in a finding of a photo (hex sha256), found by a version of a model."""
        return cls(photo, finding.kind, finding.box, model)

    def matches(self, other: Anchor) -> bool:
        """Whether the other is the same thing, seen again.

        A finding with a place is known by it (intersection over union of at least 0.6), whichever
        model found it again. One about the whole picture has no place, so the model must be the
        same one.
        """
        if self.photo != other.photo or self.kind != other.kind:
            return False
        if self.box is None or other.box is None:
            return self.box is other.box and self.model == other.model
        return self.box.iou(other.box) >= SAME_PLACE

    def problems(self) -> Iterator[str]:
        """What is wrong with it, a plain sentence each."""
        yield from bad_sha256("The photo", self.photo)
        if self.box is not None and not 0 < self.box.clipped().area <= 1:
            yield "The box lies outside the photo."


@dataclass(frozen=True, slots=True)
class Binding:
    """A person's word that records answer one need of one finding.

    Attributes:
        seen: the finding.
        need: which of its needs.
        refs: the records: one for a face or a place, one for each patient.
        patients: how many patients are visible; for ``patient-consent`` alone.
        captured: the day of capture, told by a person where the photo does not say it.
        nobody_excluded: for an event's sheet: the person looked, and nobody bound is a patient, a
            minor, or someone who opted out.
        by: who says so.
        account: the account of the computer under which it was entered.
        at: when, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
        looked: how the person looked at the photo: "sheet-480" among others, each so many pixels;
            empty for the photo alone.
    """

    seen: Anchor
    need: Need
    refs: tuple[str, ...]
    patients: int | None = None
    captured: date | None = None
    nobody_excluded: bool = False
    by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""
    looked: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the answer from being entered, a plain sentence each."""
        yield from self.seen.problems()
        yield from bad_name("By", self.by)
        yield from _bad_looked(self.looked)
        letters = rule_of(self.seen.kind, self.need).letters
        if not letters:
            yield f"A record cannot answer {self.need.value} of a {self.seen.kind} finding."
        elif not self.refs or not all(letter_of(ref) in letters for ref in self.refs):
            yield f"These references do not answer {self.need.value}."
        if self.need is Need.PATIENT_CONSENT:
            if self.patients is None or self.patients < 1:
                yield "Say how many patients are visible."
            elif len(set(self.refs)) != self.patients:
                yield "Each visible patient needs one consent of their own."
        elif len(self.refs) != 1 or self.patients is not None:
            yield f"One reference answers {self.need.value}, without a number of patients."


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A named person's word that one need of one finding does not stand.

    Attributes:
        seen: the finding.
        need: which of its needs; the others stand.
        reason: from the closed list.
        by: who says so.
        account: the account of the computer under which it was entered.
        at: when, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
        looked: as of a binding.
    """

    seen: Anchor
    need: Need
    reason: Reason
    by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""
    looked: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the dismissal from being entered, a plain sentence each."""
        yield from self.seen.problems()
        yield from bad_name("By", self.by)
        yield from _bad_looked(self.looked)
        allowed = rule_of(self.seen.kind, self.need).reasons
        if not allowed:
            yield f"A false alarm cannot answer {self.need.value} of a {self.seen.kind} finding."
        elif self.reason not in allowed:
            yield f"For {self.need.value} the reason is one of: {', '.join(allowed)}."


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a named person saw in a photo.

    Attributes:
        seen: what and where.
        by: who saw it.
        account: the account of the computer under which it was entered.
        at: when, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    seen: Anchor
    by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps it from being entered, a plain sentence each."""
        yield from self.seen.problems()
        yield from bad_name("By", self.by)


@dataclass(frozen=True, slots=True)
class HandDrawnFinding(Pointed):
    """Something that a person saw and no detector did; it holds like any other finding.

    It has a box and no model.
    """

    def problems(self) -> Iterator[str]:
        """What keeps the finding from being entered, a plain sentence each."""
        yield from Pointed.problems(self)
        if self.seen.kind not in _SURE:
            yield f"What is drawn by hand is one of: {', '.join(_SURE)}."
        if self.seen.box is None:
            yield "What is drawn by hand needs a box."
        if self.seen.model is not None:
            yield "What is drawn by hand has no model."


@dataclass(frozen=True, slots=True)
class Confirmation(Pointed):
    """A named person's word that a doubt is what it may be: the photo is clinical.

    Attributes:
        looked: as of a binding.
    """

    looked: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps it from being entered, a plain sentence each."""
        yield from Pointed.problems(self)
        yield from _bad_looked(self.looked)
        if rules_of(self.seen.kind).may_be is None:
            yield "Only a doubt can be confirmed."


@dataclass(frozen=True, slots=True)
class Look:
    """A named person's last look at a picture, byte for byte as it leaves.

    Attributes:
        photo: hex sha256 of the photo's file.
        picture: hex sha256 of what was looked at, which alone may be exported by it.
        by: who looked, and found nothing wrong.
        account: the account of the computer under which it was entered.
        at: when, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    photo: str
    picture: str
    by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps it from being entered, a plain sentence each."""
        yield from bad_sha256("The photo", self.photo)
        yield from bad_sha256("The picture", self.picture)
        yield from bad_name("By", self.by)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """From now on, ``about`` answers nothing; ``reason`` and ``by`` are a person's words."""

    about: str
    reason: str = ""
    by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the withdrawal from being entered, a plain sentence each."""
        yield from bad_text("The reason", self.reason)
        yield from bad_name("By", self.by)


def _bad_looked(looked: str) -> Iterator[str]:
    if not _LOOKED.fullmatch(looked):
        yield "How the photo was looked at is a sheet and a size, like sheet-480."


class By(StrEnum):
    """What can answer a need."""

    RECORD = "record"
    DISMISSAL = "dismissal"
    COVERING = "covering"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Answered:
    """What answered one need of one finding; each record that did so is told by itself.

    Attributes:
        finding: the finding's id.
        need: which of its needs.
        by: what answered it.
        ref: the record's reference, or the dismissal's; covering and credit have none.
        who: who said so; None where nobody did by name, or where that was erased.
        reason: of a dismissal.
        at: when it was said, ISO 8601 in UTC.
        said: reference of what was said: of the binding, or of the dismissal; None for covering,
            for credit, and for a record that was named for a whole run.
    """

    finding: str
    need: Need
    by: By
    ref: str | None = None
    who: str | None = None
    reason: str | None = None
    at: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class LastLook:
    """That a person looked at the picture, byte for byte as it was exported.

    Attributes:
        by: who; None where that was erased.
        at: when, ISO 8601 in UTC.
        said: reference of their word.
    """

    by: str | None
    at: str
    said: str | None = None


Record = ConsentRecord | EventConsent | PlacePermission
# What a person says about a finding that the check made.
Answer = Binding | Dismissal | Confirmation
# A consent to be recognised is kept like the others and is none of the records that can answer.
Entry = Record | RecognitionConsent | Answer | HandDrawnFinding | Look | Withdrawal


def kind_of(record: Record | RecognitionConsent) -> str:
    """What kind of record it is, in the words of a form: "staff", "event", "place" ..."""
    if isinstance(record, ConsentRecord):
        return record.kind.value
    if isinstance(record, EventConsent):
        return "event"
    return "place" if isinstance(record, PlacePermission) else "recognition"


def bound_to_all(
    photo: str, examinations: Iterable[Examination], need: Need, ref: str, by: str
) -> tuple[Binding, ...]:
    """One record bound to every present finding that has a need; what is found later stays open.

    Args:
        photo: hex sha256 of the photo.
        examinations: what was found now.
        need: ``person-consent`` for an event's sheet, ``place-permission`` for a place.
        ref: the record.
        by: who says so.
    """
    return tuple(
        Binding(Anchor.of(photo, finding, exam.model), need, (ref,), by=by)
        for exam in examinations
        for finding in exam.findings
        if need in needs_of(finding.kind)
    )
