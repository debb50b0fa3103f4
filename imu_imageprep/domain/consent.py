"""What a person agreed to: the record of one consent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.identifiers import identifier_in, long_number_in
from imu_imageprep.domain.naming import unsigned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# A consent for every channel; patients choose each one (GMC, recordings of patients).
ANY_CHANNEL = "any"

_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}")
# Record numbers of hospitals and identity cards are longer runs of digits than any code needs.
_LONG_NUMBER = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """Who is seen."""

    PATIENT = "patient"
    STAFF = "staff"
    STUDENT = "student"
    ALUMNI = "alumni"
    VISITOR = "visitor"


class Known(StrEnum):
    """An answer that may be missing; ``unknown`` never counts as ``yes``."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """Who gave a consent, seen from the person in the picture."""

    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "legal representative"
    NEXT_OF_KIN = "next of kin"


class Form(StrEnum):
    """How a consent was given."""

    WRITTEN = "written"
    ORAL = "oral"


class Purpose(StrEnum):
    """What a picture may be used for; only ``publication`` lets it be posted."""

    PUBLICATION = "publication"
    TEACHING = "teaching"
    RESEARCH = "research"
    CARE = "care"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One person's consent; every default is the answer that clears nothing.

    Attributes:
        kind: who is seen.
        subject: a code for the person that only the department can resolve; no clinical number.
        giver: who agreed; the person, or who acts for them.
        relation: of the giver to the person.
        capacity: whether the person could decide for themselves.
        minor: whether the person was under age when it was signed.
        majority: the day on which a minor comes of age.
        form: written or oral.
        form_version: which form was signed.
        language: in which the form was explained.
        form_sha256: hex digest of the signed form's file; the form itself stays where it is.
        purpose: what the picture may be used for.
        channels: where it may be shown; ``("any",)`` is not for patients.
        identifiable: whether the person agreed to be recognisable.
        final_picture_seen: whether they saw the picture as it will be shown.
        told_no_recall: whether they were told that what is online cannot be fully recalled.
        conditions: what else was agreed.
        signed: the day it was given.
        expires: the last day on which it holds; None for no end.
        recorded_by: who entered it.
        account: the account of the computer under which it was entered.
        at: when it was entered, ISO 8601 in UTC.
        ref: its reference; given by the ledger.
    """

    kind: Kind
    subject: str
    giver: str = ""
    relation: Relation = Relation.SELF
    capacity: Known = Known.UNKNOWN
    minor: Known = Known.UNKNOWN
    majority: date | None = None
    form: Form = Form.ORAL
    form_version: str = ""
    language: str = ""
    form_sha256: str = ""
    purpose: tuple[Purpose, ...] = ()
    channels: tuple[str, ...] = ()
    identifiable: Known = Known.UNKNOWN
    final_picture_seen: Known = Known.UNKNOWN
    told_no_recall: Known = Known.UNKNOWN
    conditions: str = ""
    signed: date | None = None
    expires: date | None = None
    recorded_by: str = ""
    account: str = ""
    at: str = ""
    ref: str = ""

    def problems(self) -> Iterator[str]:
        """What keeps the record from being entered, a plain sentence each; none is a permission."""
        yield from bad_code("The subject code", self.subject)
        yield from bad_name("The giver", self.giver)
        yield from bad_name("Recorded by", self.recorded_by)
        yield from bad_text("The conditions", self.conditions)
        yield from bad_text("The form version", self.form_version)
        yield from bad_text("The language", self.language)
        yield from bad_channels(self.channels)
        yield from bad_dates(self.signed, self.expires)
        if not self.purpose:
            yield "The purpose is missing: say what the picture may be used for."
        if self.kind is Kind.PATIENT and ANY_CHANNEL in self.channels:
            yield "A patient's consent must name each channel; any is not allowed."
        if self.minor is Known.YES:
            yield from self._minor()
        elif self.majority is not None:
            yield "A day of majority is only for a minor."
        elif self.capacity is Known.NO and self.relation is Relation.SELF:
            yield "If the person cannot decide, somebody who acts for them must agree."
        elif self.capacity is Known.YES and self.relation is not Relation.SELF:
            yield "An adult who can decide gives consent themselves."
        if self.form is Form.WRITTEN or self.form_sha256:
            yield from bad_sha256("The signed form", self.form_sha256)

    def _minor(self) -> Iterator[str]:
        if self.majority is None:
            yield "A minor's consent needs the day on which they come of age."
        elif self.signed is not None and self.majority <= self.signed:
            yield "A minor comes of age after the consent was signed."
        if self.relation in (Relation.SELF, Relation.NEXT_OF_KIN):
            yield "A minor's consent is given by a parent, a guardian or a legal representative."


def refuse(problems: Iterator[str], advice: str | None = None) -> None:
    """Raise the first of some problems.

    Raises:
        UsageProblem: there is one.
    """
    for problem in problems:
        raise UsageProblem(problem, advice or "See: imageprep consent template")


def bad_code(what: str, code: str) -> Iterator[str]:
    """What is wrong with a code that stands for a person."""
    if not _CODE.fullmatch(code):
        yield f"{what} is 1 to 24 letters, digits, - and _."
    elif (kind := identifier_in(code)) or long_number_in(code, _LONG_NUMBER, days=True):
        yield f"{what} looks like {kind or 'an identity or record number'}; make up a code instead."


def bad_name(what: str, name: str) -> Iterator[str]:
    """What is wrong with the name of someone who answers for something."""
    if not name.strip():
        yield f"{what} is missing: a name is needed."
    elif unsigned(name):
        yield f"{what} names nobody: write the name that people know."
    else:
        yield from bad_text(what, name)


def bad_text(what: str, text: str) -> Iterator[str]:
    """What is wrong with a text that people wrote: an identifier in it, or its length."""
    if (kind := identifier_in(text)) is not None:
        yield f"{what} looks like {kind}, which must not be kept."
    if len(text) > 500 or not all(c.isprintable() for c in text):  # noqa: PLR2004
        yield f"{what} is one line of at most 500 characters."


def bad_channels(channels: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a list of channels."""
    if not channels:
        yield "The channels are missing: say where the picture may be shown."
    for channel in channels:
        if not _CHANNEL.fullmatch(channel):
            yield "A channel is a short name of lower-case letters, digits, - and _."


def bad_dates(signed: date | None, expires: date | None) -> Iterator[str]:
    """What is wrong with the days of a record."""
    if signed is None:
        yield "The day of signing is missing."
    elif expires is not None and expires < signed:
        yield "It would expire before it was signed."


def bad_sha256(what: str, digest: str) -> Iterator[str]:
    """What is wrong with a digest."""
    if not _SHA256.fullmatch(digest):
        yield f"{what} needs its sha256, 64 lower-case hex digits."
