"""What the ledger tells about records, exports and itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from imu_imageprep.domain.answers import (
        Binding,
        Confirmation,
        Dismissal,
        HandDrawnFinding,
        Look,
        Record,
    )
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.domain.receipt import ExportRecord

    Kept = (
        Record | RecognitionConsent | Binding | Dismissal | HandDrawnFinding | Confirmation | Look
    )


class State(StrEnum):
    """Whether a record still answers anything; expiry depends on the day and is not told here."""

    IN_FORCE = "in force"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Listed:
    """One record as it stands.

    Attributes:
        ref: its reference.
        kind: "consent", "event-consent", "place-permission", "recognition-consent", "answer",
            "dismissal", "drawn", "confirmation" or "look".
        state: whether it stands.
        at: when it was entered, ISO 8601 in UTC.
        entry: the record; None where it was erased.
    """

    ref: str
    kind: str
    state: State
    at: str
    entry: Kept | None

    @property
    def ends(self) -> date | None:
        """The last day on which it can answer: its expiry, or a minor's day of majority."""
        days = [getattr(self.entry, name, None) for name in ("expires", "majority")]
        return min((day for day in days if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """An export as it was recorded.

    Attributes:
        at: when, ISO 8601 in UTC.
        head: the ledger's head hash after it was recorded.
        export: the export's record.
        channel: what it was exported for.
        relied_on: references of what answered for it.
        finished: whether the file is known to have been written; where a run was cut off before
            that was recorded, the file may be there all the same.
        urls: where it was posted, as far as people told.
        body: the whole receipt as it was recorded (see docs/json.md).
    """

    at: str
    head: str
    export: ExportRecord
    channel: str
    relied_on: tuple[str, ...]
    finished: bool
    urls: tuple[str, ...]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What happened to the templates of a consent to be recognised.

    Attributes:
        at: when, ISO 8601 in UTC.
        what: "enrolled" or "removed".
        why: of a removal: "removed", "withdrawn", "expired" ...; empty for an enrolment.
        photos: of an enrolment: from how many photos.
    """

    at: str
    what: str
    why: str = ""
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """The first thing that is wrong with a ledger; ``event`` is its number, where it is one."""

    what: str
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: the sound events, the head hash after them, and the damage."""

    events: int
    head: str | None
    damage: Damage | None = None
