"""What each kind of finding needs before a photo may leave, and what answers it: one table."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from imu_imageprep.domain.box import CODE_MARGIN, FACE_MARGIN, TEXT_MARGIN
from imu_imageprep.domain.reference import CONSENT, EVENT, PLACE, RECOGNITION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Need(StrEnum):
    """What a finding needs."""

    PERSON_CONSENT = "person-consent"
    PATIENT_CONSENT = "patient-consent"
    PLACE_PERMISSION = "place-permission"
    CREDIT = "credit"
    LOOK = "look"


class Reason(StrEnum):
    """Why a need of a finding does not stand; the list is closed."""

    NO_PATIENT = "no patient shown"
    NO_CLINICAL_PLACE = "not a clinical place"
    NO_FACE = "not a face"
    PICTURE = "picture or statue"
    OWN_WORK = "own work"
    PUBLIC_CODE = "public code"
    NO_CODE = "not a code"
    PUBLIC_TEXT = "public information"
    NOBODY = "nobody can be identified by it"
    NOTHING_CLINICAL = "nothing clinical"


class Rule(NamedTuple):
    """One need of a kind of finding; by default nothing answers it.

    Attributes:
        need: which.
        records: the kinds of records that may answer it, in the words of ``forms.QUESTIONS``.
        reasons: for which a named person may dismiss it.
        covering: whether covering what was found answers it.
        credit: whether a credit line answers it.
    """

    need: Need
    records: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    covering: bool = False
    credit: bool = False

    @property
    def letters(self) -> frozenset[str]:
        """The first letters of the references of the records that may answer it."""
        return frozenset(letter_for(record) for record in self.records)


class Rules(NamedTuple):
    """What holds for a kind of finding.

    Attributes:
        needs: each is answered apart.
        identifying: it makes a person or a place recognisable, so that the export gets a neutral
            name and nobody keeps the photo's own.
        clinical: while it stands the photo may be a clinical scene, which no event's sheet is for.
        group: what all findings of the kind are called where they are covered together.
        margin: how far covering one reaches beyond its box.
        may_be: of a doubt, the kind of finding that it is as soon as a person says so.
    """

    needs: tuple[Rule, ...]
    identifying: bool = False
    clinical: bool = False
    group: str | None = None
    margin: tuple[float, float, float, float] = FACE_MARGIN
    may_be: str | None = None


# Which letter the reference of a kind of record begins with; every other kind is a person's.
_LETTERS = {"event": EVENT, "place": PLACE, "recognition": RECOGNITION}

_PLACE = Rule(Need.PLACE_PERMISSION, ("place",), (Reason.NO_CLINICAL_PLACE,))

# A ward stays a ward when its patients' faces are covered, so covering answers faces, codes
# and text alone. A clinical scene needs both of its two, faces or not.
KINDS: Mapping[str, Rules] = MappingProxyType(
    {
        "face": Rules(
            (
                Rule(
                    Need.PERSON_CONSENT,
                    ("staff", "student", "alumni", "visitor", "patient", "event"),
                    (Reason.NO_FACE, Reason.PICTURE),
                    covering=True,
                ),
            ),
            identifying=True,
            group="faces",
        ),
        "clinical": Rules(
            (
                Rule(Need.PATIENT_CONSENT, ("patient",), (Reason.NO_PATIENT, Reason.PICTURE)),
                _PLACE,
            ),
            identifying=True,
            clinical=True,
        ),
        "place": Rules((_PLACE,), identifying=True, clinical=True),
        "source": Rules((Rule(Need.CREDIT, reasons=(Reason.OWN_WORK,), credit=True),)),
        "code": Rules(
            (Rule(Need.LOOK, reasons=(Reason.PUBLIC_CODE, Reason.NO_CODE), covering=True),),
            group="codes",
            margin=CODE_MARGIN,
        ),
        "text": Rules(
            (Rule(Need.LOOK, reasons=(Reason.PUBLIC_TEXT, Reason.NOBODY), covering=True),),
            identifying=True,
            group="text",
            margin=TEXT_MARGIN,
        ),
        "doubt": Rules(
            (Rule(Need.LOOK, reasons=(Reason.NOTHING_CLINICAL,)),),
            identifying=True,
            clinical=True,
            may_be="clinical",
        ),
        # Somebody without a face: who it is may show by a place, clothes or a tattoo.
        "person": Rules(
            (Rule(Need.LOOK, reasons=(Reason.NOBODY, Reason.PICTURE), covering=True),),
            identifying=True,
            group="people",
            margin=CODE_MARGIN,
        ),
    }
)

# A kind that nobody knows, of a third party's detector: a person has to look, and nothing that is
# said answers it.
_UNKNOWN = Rules((Rule(Need.LOOK),))

# Names for all findings of a kind, as they are covered: "faces".
GROUPS: Mapping[str, str] = MappingProxyType(
    {rules.group: kind for kind, rules in KINDS.items() if rules.group}
)


# What may be named where something is to be covered.
COVERABLE = f"Write {', '.join(GROUPS)}, or a finding's ID as check shows it, like face-1."


def rules_of(kind: str) -> Rules:
    """What holds for a kind of finding, known or not."""
    return KINDS.get(kind, _UNKNOWN)


def needs_of(kind: str) -> tuple[Need, ...]:
    """The needs of a kind of finding; one that is not known needs a person's look."""
    return tuple(rule.need for rule in rules_of(kind).needs)


def rule_of(kind: str, need: Need) -> Rule:
    """What answers a need of a kind of finding; nothing, where the kind has no such need."""
    return next((rule for rule in rules_of(kind).needs if rule.need is need), Rule(need))


def letter_for(record: str) -> str:
    """The first letter of the references of a kind of record, in the words of a form."""
    return _LETTERS.get(record, CONSENT)


def answered_by(letter: str) -> frozenset[Need]:
    """The needs that records whose references begin with a letter may answer."""
    every = (rule for rules in KINDS.values() for rule in rules.needs)
    return frozenset(rule.need for rule in every if letter in rule.letters)


def identifying(kinds: Iterable[str]) -> bool:
    """Whether a finding of one of some kinds makes a person or a place recognisable."""
    return any(rules_of(kind).identifying for kind in kinds)


def table() -> dict[str, list[dict[str, Any]]]:
    """The needs of every kind as plain values, for scripts: what may be said about a finding."""
    return {
        kind: [
            {
                "need": rule.need.value,
                "records": list(rule.records),
                "reasons": [reason.value for reason in rule.reasons],
                "covering": rule.covering,
                "credit": rule.credit,
                "may_be": rules.may_be,
            }
            for rule in rules.needs
        ]
        for kind, rules in KINDS.items()
    }
