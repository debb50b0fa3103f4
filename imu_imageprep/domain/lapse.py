"""Whether a consent lets someone be in the register of recognised people, today."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.biometric import RecognitionConsent
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from datetime import date


class Lapsed(StrEnum):
    """Why someone may not be, or no longer be, in the register; words that follow a reference."""

    UNKNOWN = "is not on record"
    NOT_THIS = "is no consent to be recognised; a consent to publish pictures is not one"
    WITHDRAWN = "was withdrawn"
    ERASED = "was erased"
    UNSOUND = "does not say all that a consent to be recognised must say"
    AHEAD = "is signed on a day that lies ahead"
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
