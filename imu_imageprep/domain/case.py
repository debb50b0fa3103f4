"""One photo's case: what was seen and answered, and how it was decided and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from imu_imageprep.domain.answers import Answered, Binding, Dismissal, Pointed, Record
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.fitting import Unfit
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Answers:
    """What people answered for one photo.

    Attributes:
        covered: areas that will be covered irreversibly before export.
        credit: the credit line that will be drawn, naming another maker.
        hold: someone asked to hold the photo whatever is found.
        records: consents and permissions that bindings name.
        bindings: which records answer which findings.
        dismissals: needs that do not stand.
        drawn: what people saw: drawn by hand, or a doubt that is clinical.
        withdrawn: references of whatever was withdrawn.
        erased: references of whatever was erased.
    """

    covered: tuple[Box, ...] = ()
    credit: str | None = None
    hold: bool = False
    records: tuple[Record, ...] = ()
    bindings: tuple[Binding, ...] = ()
    dismissals: tuple[Dismissal, ...] = ()
    drawn: tuple[Pointed, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one photo is decided by.

    Attributes:
        examinations: every detector's scan; one that did not look holds, whatever its flag says.
        answers: what people answered for this photo.
        policy: which findings hold, and the channel that is exported for.
        photo: hex sha256 of the photo's file; without it no answer on record fits.
        today: the day of the decision; without it no consent and no permission fits.
        captured: the day of capture that the photo states; a person may tell it where it does not.
    """

    examinations: tuple[Examination, ...]
    answers: Answers
    policy: Policy
    photo: str | None = None
    today: date | None = None
    captured: date | None = None


@dataclass(frozen=True, slots=True)
class HeldFor:
    """One open need: of a finding, of a scan that did not happen, or of a person who said hold.

    ``why`` tells of each record that was meant to answer it why it does not: reference and reason.
    """

    needs: Need
    finding: Finding | None = None
    scan: str | None = None
    why: tuple[tuple[str, Unfit], ...] = ()


class Suggestion(NamedTuple):
    """Who a face may be, and which consents would fit if it is them; a person has to say so.

    Attributes:
        finding: id of the face.
        code: subject code of the person.
        distance: how unlike face and photos are; see ``recognition.Match``.
        records: references of consents of that person that would answer for the face.
    """

    finding: str
    code: str
    distance: float
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleared:
    """Every need is answered.

    Attributes:
        relied_on: the references of what answered them.
        answered: of each need of each finding that would have held, what answered it.
    """

    relied_on: tuple[str, ...] = ()
    answered: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """At least one need is open."""

    held_for: tuple[HeldFor, ...]


Decision = Cleared | Held
