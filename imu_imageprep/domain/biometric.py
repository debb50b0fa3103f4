"""The consent to be recognised: one of its own, which permits measuring a face and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from imu_imageprep.domain.consent import (
    Kind,
    Known,
    bad_code,
    bad_dates,
    bad_name,
    bad_sha256,
    bad_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# What the person signs, in words of its own: docs/register.md has them to print.
WORDING = """\
I agree that my face is measured from photos that I give for this purpose, and that the
measurements are kept, encrypted, on the computer of those who prepare pictures, so that the
computer can suggest that a face in a photo may be mine. A person then has to say so; my consent
to each publication is asked for apart. I was told that this is biometric data about me, that I
may refuse or withdraw at any time without any disadvantage, and that the measurements are then
destroyed."""

# Faces change, and so do minds; nobody stays in the register without being asked again.
_LONGEST = timedelta(days=2 * 366)


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
