"""The questions that each kind of record asks, and its template as a file to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.consent import ConsentRecord, Kind
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.values import from_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.domain.answers import Record

KIND = "kind"
EVENT, PLACE = "event", "place"


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a record.

    Attributes:
        field: its name.
        asks: what a person is asked, in plain words.
        usual: the TOML value that a template starts with.
        needed: whether an empty answer is asked for again.
        many: whether the answer is a list.
    """

    field: str
    asks: str
    usual: str = '""'
    needed: bool = True
    many: bool = False


_PERSON = (
    Question("subject", "a code for the person that only your department can resolve; no number"),
    Question("giver", "who agreed: the person, or who acts for them"),
    Question(
        "relation",
        "of the giver: self, parent, guardian, legal representative or next of kin",
        '"self"',
    ),
    Question("capacity", "could they decide for themselves: yes, no or unknown", '"unknown"'),
    Question("minor", "were they under age when it was signed: yes, no or unknown", '"unknown"'),
    Question("majority", "for a minor: the day they come of age, like 2031-05-17", needed=False),
)
_FORM = (
    Question("form", "written or oral", '"written"'),
    Question("form_version", "which form was signed", needed=False),
    Question("language", "in which the form was explained", needed=False),
    Question("form_sha256", "sha256 of the signed form's file (sha256sum FILE)", needed=False),
)
_USE = (
    Question("purpose", "publication, teaching, research, care", '["publication"]', many=True),
    Question("channels", "where it may be shown: web, instagram ...", '["web"]', many=True),
    Question("identifiable", "agreed to be recognisable: yes, no or unknown", '"unknown"'),
)
_TOLD = (
    Question("final_picture_seen", "saw the final picture: yes, no or unknown", '"unknown"'),
    Question(
        "told_no_recall",
        "was told that what is online cannot be fully recalled: yes, no or unknown",
        '"unknown"',
    ),
    Question("conditions", "what else was agreed", needed=False),
)
_DATES = (
    Question("signed", "the day it was given, like 2026-03-04"),
    Question("expires", "the last day on which it holds; empty for no end", needed=False),
)
_RECORDER = (Question("recorded_by", "your name"),)
_WINDOW = (
    Question("first", "the first day of capture that it covers", needed=False),
    Question("last", "the last day of capture that it covers", needed=False),
)
_CONSENT = (*_PERSON, *_FORM, *_USE, *_TOLD, *_DATES, *_RECORDER)

QUESTIONS: Mapping[str, tuple[Question, ...]] = MappingProxyType(
    {
        **{kind.value: _CONSENT for kind in Kind},
        EVENT: (
            Question("event", "its name"),
            Question(
                "kinds", "who signed: staff, student, alumni, visitor", '["staff"]', many=True
            ),
            *_WINDOW,
            Question("sheet_sha256", "sha256 of the signed sheet's file (sha256sum FILE)"),
            Question("people", "how many people signed", "0"),
            Question("opt_outs", "who is not to be shown", needed=False),
            *_USE,
            *_DATES,
            *_RECORDER,
        ),
        PLACE: (
            Question("place", "its name, as in the configuration where it is listed there"),
            Question("authority", "who may permit, like: the hospital's director"),
            Question("giver", "the person who did; never the one who records it"),
            Question("photo", "sha256 of the one photo it is for; or give days", needed=False),
            *_WINDOW,
            *_DATES,
            *_RECORDER,
        ),
    }
)


def template(kind: str) -> str:
    """The fields of a kind of record as TOML with comments, to be filled in.

    Raises:
        UsageProblem: there is no such kind.
    """
    lines = [
        "# Fill this in, then: imageprep consent add --from THIS-FILE",
        "# What is left empty counts as not known, and unknown is never yes.",
        f'{KIND} = "{kind}"',
        "",
    ]
    for question in questions(kind):
        lines += [f"# {question.asks}", f"{question.field} = {question.usual}"]
    return "\n".join(lines) + "\n"


def questions(kind: str) -> tuple[Question, ...]:
    """What a kind of record asks.

    Raises:
        UsageProblem: there is no such kind.
    """
    if kind not in QUESTIONS:
        raise UsageProblem(
            f"There is no consent of the kind {kind}.", f"There are: {', '.join(QUESTIONS)}."
        )
    return QUESTIONS[kind]


def record_from(values: Mapping[str, Any]) -> Record:
    """A record from the values of a filled-in template; empty ones count as not given.

    Raises:
        UsageProblem: the kind is missing or unknown, or a value does not fit.
    """
    kind = str(values.get(KIND, ""))
    questions(kind)
    given = {name: value for name, value in values.items() if value not in ("", [])}
    if kind in (EVENT, PLACE):
        given.pop(KIND)
    if kind == EVENT:
        return from_values(EventConsent, given)
    if kind == PLACE:
        return from_values(PlacePermission, given)
    return from_values(ConsentRecord, given)


def read_answer(question: Question, typed: str) -> Any:
    """What a person typed, as the value of a field: a list, a number or a text."""
    if question.many:
        return [part.strip() for part in typed.split(",") if part.strip()]
    return int(typed) if question.usual == "0" and typed.isdecimal() else typed.strip()
