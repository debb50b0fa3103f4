"""Why a record does not answer a need, or that it does; ``unknown`` is never ``yes``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.consent import (
    ANY_CHANNEL,
    ConsentRecord,
    Form,
    Kind,
    Known,
    Purpose,
    Relation,
)
from imu_imageprep.domain.naming import unsigned
from imu_imageprep.domain.permits import EventConsent, PlacePermission, same_person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from imu_imageprep.domain.answers import Binding


class Unfit(StrEnum):
    """Why a record does not answer, as a code; ``words.UNFIT`` has the sentences."""

    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    WRONG_KIND = "wrong-kind"
    PURPOSE = "purpose"
    CHANNEL = "channel"
    IDENTIFIABLE = "identifiable"
    UNSIGNED = "unsigned"
    EXPIRED = "expired"
    OF_AGE = "of-age"
    AGE_UNKNOWN = "age-unknown"
    CAPACITY = "capacity"
    NOT_WRITTEN = "not-written"
    NOT_TOLD = "not-told"
    NO_SUBJECT = "no-subject"
    USED = "used"
    PATIENTS = "patients"
    DATE_UNKNOWN = "date-unknown"
    OUTSIDE = "outside"
    OTHER_PLACE = "other-place"
    SELF_GIVEN = "self-given"
    CLINICAL = "clinical"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides findings and answers.

    Attributes:
        channel: where the picture is to be posted.
        photo: hex sha256 of the photo; without it no answer fits.
        today: the day of the decision; without it no record fits.
        captured: the day of capture that the photo itself states.
    """

    channel: str
    photo: str | None = None
    today: date | None = None
    captured: date | None = None


def consent_unfit(record: ConsentRecord, now: Circumstances, *, shown: bool) -> Iterator[Unfit]:
    """Why a consent does not let its person be shown.

    Args:
        record: the consent.
        now: the circumstances.
        shown: whether a face of the person can be seen.
    """
    yield from _use(record, now, any_channel=record.kind is not Kind.PATIENT)
    if shown and record.identifiable is not Known.YES:
        yield Unfit.IDENTIFIABLE
    if not record.subject.strip():
        yield Unfit.NO_SUBJECT
    if record.kind is Kind.PATIENT:
        if record.form is not Form.WRITTEN:
            yield Unfit.NOT_WRITTEN
        if record.told_no_recall is not Known.YES:
            yield Unfit.NOT_TOLD
    yield from _giver(record, now)


def _giver(record: ConsentRecord, now: Circumstances) -> Iterator[Unfit]:
    if record.minor is Known.YES:
        if record.majority is None or now.today is None or now.today >= record.majority:
            yield Unfit.OF_AGE
        if record.relation in (Relation.SELF, Relation.NEXT_OF_KIN):
            yield Unfit.CAPACITY
    elif record.minor is not Known.NO:
        yield Unfit.AGE_UNKNOWN
    elif record.capacity is Known.UNKNOWN or (record.capacity is Known.YES) != (
        record.relation is Relation.SELF
    ):
        yield Unfit.CAPACITY


def event_unfit(
    record: EventConsent, binding: Binding, now: Circumstances, *, clinical: bool
) -> Iterator[Unfit]:
    """Why an event's sheet does not answer for a face.

    Args:
        record: the sheet.
        binding: a person's word that it covers this face.
        now: the circumstances.
        clinical: whether the photo may be a clinical scene.
    """
    yield from _use(record, now, any_channel=True)
    if record.identifiable is not Known.YES:
        yield Unfit.IDENTIFIABLE
    if not record.kinds or Kind.PATIENT in record.kinds:
        yield Unfit.WRONG_KIND
    if clinical:
        yield Unfit.CLINICAL
    if not binding.nobody_excluded:
        yield Unfit.NOT_CHECKED
    yield from _window(record.first, record.last, now.captured or binding.captured)


def place_unfit(
    record: PlacePermission, binding: Binding, now: Circumstances, *, place: str | None
) -> Iterator[Unfit]:
    """Why a permission does not answer for a place.

    Args:
        record: the permission.
        binding: a person's word that it covers this finding.
        now: the circumstances.
        place: the listed place that the photo's position lies in, where it lies in one.
    """
    yield from _days(record.signed, record.expires, now)
    if unsigned(record.giver) or same_person(record.giver, record.recorded_by):
        yield Unfit.SELF_GIVEN
    if place is not None and not same_person(place, record.place):
        yield Unfit.OTHER_PLACE
    if record.photo:
        if record.photo != now.photo:
            yield Unfit.OUTSIDE
    else:
        yield from _window(record.first, record.last, now.captured or binding.captured)


def _use(
    record: ConsentRecord | EventConsent, now: Circumstances, *, any_channel: bool
) -> Iterator[Unfit]:
    if Purpose.PUBLICATION not in record.purpose:
        yield Unfit.PURPOSE
    allowed = set(record.channels)
    if now.channel == ANY_CHANNEL or not (
        now.channel in allowed or (any_channel and ANY_CHANNEL in allowed)
    ):
        yield Unfit.CHANNEL
    yield from _days(record.signed, record.expires, now)


def _days(signed: date | None, expires: date | None, now: Circumstances) -> Iterator[Unfit]:
    if signed is None or now.today is None or signed > now.today:
        yield Unfit.UNSIGNED
    if expires is not None and (now.today is None or now.today > expires):
        yield Unfit.EXPIRED


def _window(first: date | None, last: date | None, captured: date | None) -> Iterator[Unfit]:
    if captured is None:
        yield Unfit.DATE_UNKNOWN
    elif first is None or last is None or not first <= captured <= last:
        yield Unfit.OUTSIDE
