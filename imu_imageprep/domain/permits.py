"""What is agreed to besides one publication of one person: places, events, being recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from imu_imageprep.domain.consent import (
    Kind,
    Known,
    Purpose,
    bad_channels,
    bad_code,
    bad_dates,
    bad_name,
    bad_sha256,
    bad_text,
)
from imu_imageprep.domain.spelling import latin, normal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


# What a person signs who agrees to be recognised, in words of its own; docs/register.md has them
# to print.
WORDING = """\
I agree that my face is measured from photos that I give for this purpose, and that the
measurements are kept, encrypted, on the computer of those who prepare pictures, so that the
computer can suggest that a face in a photo may be mine. A person then has to say so; my consent
to each publication is asked for apart. I was told that this is biometric data about me, that I
may refuse or withdraw at any time without any disadvantage, and that the measurements are then
destroyed."""

# Faces change, and so do minds; nobody stays in the register without being asked again.
_LONGEST = timedelta(days=2 * 366)


_MOST_PEOPLE = 1_000_000  # on one sheet; more is a number typed wrong


@dataclass(frozen=True, slots=True)
class PlacePermission:
    """The permission of those who answer for a place; for one photo, or for a window of days.

    Attributes:
        place: its name, as in the policy where it is listed there.
        authority: who may permit ("hospital director").
        giver: the person who did; never the one who recorded it.
        photo: hex sha256 of the one photo it is for; empty where it has a window.
        first: first day of capture that it covers.
        last: last day of capture that it covers.
        signed: the day it was given.
        expires: the last day on which it may be used; None for no end.
        recorded_by: who entered it.
        account: the account of the computer under which it was entered.
        at: when it was entered, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    place: str
    authority: str = ""
    giver: str = ""
    photo: str = ""
    first: date | None = None
    last: date | None = None
    signed: date | None = None
    expires: date | None = None
    recorded_by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the permission from being entered, a plain sentence each."""
        yield from bad_name("The place", self.place)
        yield from bad_name("The authority", self.authority)
        yield from bad_name("The giver", self.giver)
        yield from bad_name("Recorded by", self.recorded_by)
        yield from bad_dates(self.signed, self.expires)
        if same_person(self.giver, self.recorded_by):
            yield "The person who records a permission cannot be the one who gives it."
        if self.photo:
            yield from bad_sha256("The photo", self.photo)
            if self.first is not None or self.last is not None:
                yield "A permission is for one photo or for a window of days, not for both."
        else:
            yield from bad_window(self.first, self.last)


@dataclass(frozen=True, slots=True)
class EventConsent:
    """The signed sheet of one event; never for patients, minors or clinical scenes.

    Attributes:
        event: its name.
        kinds: who signed.
        first: first day of capture that it covers.
        last: last day of capture that it covers.
        sheet_sha256: hex digest of the signed sheet's file; the sheet itself stays where it is.
        people: how many signed; no photo shows more faces under it.
        opt_outs: who is not to be shown, in words that the department can resolve.
        purpose: what the pictures may be used for.
        channels: where they may be shown.
        identifiable: whether the people agreed to be recognisable.
        signed: the day of the sheet.
        expires: the last day on which it holds; None for no end.
        recorded_by: who entered it.
        account: the account of the computer under which it was entered.
        at: when it was entered, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    event: str
    kinds: tuple[Kind, ...] = ()
    first: date | None = None
    last: date | None = None
    sheet_sha256: str = ""
    people: int = 0
    opt_outs: str = ""
    purpose: tuple[Purpose, ...] = ()
    channels: tuple[str, ...] = ()
    identifiable: Known = Known.UNKNOWN
    signed: date | None = None
    expires: date | None = None
    recorded_by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the consent from being entered, a plain sentence each."""
        yield from bad_name("The event", self.event)
        yield from bad_name("Recorded by", self.recorded_by)
        yield from bad_text("The opt-outs", self.opt_outs)
        yield from bad_channels(self.channels)
        yield from bad_dates(self.signed, self.expires)
        yield from bad_window(self.first, self.last)
        yield from bad_sha256("The signed sheet", self.sheet_sha256)
        if not self.purpose:
            yield "The purpose is missing: say what the pictures may be used for."
        if not self.kinds or Kind.PATIENT in self.kinds:
            yield "An event consent is for staff, students, alumni or visitors, never for patients."
        if not 1 <= self.people <= _MOST_PEOPLE:
            yield "Say how many people signed the sheet."


@dataclass(frozen=True, slots=True)
class RecognitionConsent:
    """One adult's explicit consent to be recognised; it answers no need of any finding.

    Attributes:
        subject: a code for the person that only the department can resolve; no clinical number.
        kind: who they are; never a patient.
        giver: the person; nobody else can agree to this.
        agreed: whether they agreed, explicitly, to their face being measured and compared.
        told: whether they were told what is kept, and how it is destroyed.
        voluntary: whether they were told that refusing has no disadvantage.
        adult: whether they are of age, and able to decide.
        form_version: which form was signed.
        language: in which the form was explained.
        form_sha256: hex digest of the signed form's file; the form itself stays where it is.
        signed: the day it was given.
        expires: the last day on which it holds.
        recorded_by: who entered it.
        account: the account of the computer under which it was entered.
        at: when it was entered, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    subject: str
    kind: Kind = Kind.PATIENT
    giver: str = ""
    agreed: Known = Known.UNKNOWN
    told: Known = Known.UNKNOWN
    voluntary: Known = Known.UNKNOWN
    adult: Known = Known.UNKNOWN
    form_version: str = ""
    language: str = ""
    form_sha256: str = ""
    signed: date | None = None
    expires: date | None = None
    recorded_by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the consent from being entered, a plain sentence each."""
        yield from bad_code("The subject code", self.subject)
        yield from bad_name("The giver", self.giver)
        yield from bad_name("Recorded by", self.recorded_by)
        yield from bad_text("The form version", self.form_version)
        yield from bad_text("The language", self.language)
        if self.kind is Kind.PATIENT:
            yield "Patients are never recognised: say staff, student, alumni or visitor."
        if self.adult is not Known.YES:
            yield "Only adults who can decide for themselves are recognised, never minors."
        if self.agreed is not Known.YES:
            yield "The person has to agree explicitly that their face is measured and compared."
        if self.told is not Known.YES:
            yield "The person has to be told what is kept, and how it is destroyed."
        if self.voluntary is not Known.YES:
            yield "The person has to be told that refusing has no disadvantage."
        yield from bad_sha256("The signed form", self.form_sha256)
        yield from bad_dates(self.signed, self.expires)
        if self.expires is None:
            yield "A consent to be recognised needs a last day: at most two years from signing."
        elif self.signed is not None and self.expires - self.signed > _LONGEST:
            yield "A consent to be recognised holds for two years at most; ask again then."


def bad_window(first: date | None, last: date | None) -> Iterator[str]:
    """What is wrong with a window of days of capture."""
    if first is None or last is None:
        yield "The first and the last day of capture are missing."
    elif last < first:
        yield "The last day of capture comes before the first."


def same_person(one: str, other: str) -> bool:
    """Whether two names are written alike: case, spaces and how Unicode spells them apart."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> list[str]:
    return latin(normal(name)).casefold().split()
