"""What a person is asked for each kind of record: questions, templates, and the record of them.

Over 300 lines because the questions of every record are one table.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.consent import (
    ConsentRecord,
    Form,
    Kind,
    Known,
    Purpose,
    Relation,
    bad_code,
    bad_text,
    refuse,
)
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.permits import WORDING, EventConsent, PlacePermission, RecognitionConsent
from imu_imageprep.domain.values import from_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.domain.answers import Record


KIND = "kind"
EVENT, PLACE, RECOGNITION = "event", "place", "recognition"
# In a form "kind" says which form it is, so the person's kind has a name of its own there.
WHO = "person"


class Shape(StrEnum):
    """What an answer looks like."""

    TEXT = "text"
    CODE = "code"
    CHOICE = "choice"
    DAY = "day"
    NUMBER = "number"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a record.

    Attributes:
        field: its name.
        asks: what a person is asked, in plain words.
        usual: the TOML value that a template starts with.
        needed: whether an empty answer is asked for again.
        many: whether the answer is a list.
        shape: what an answer looks like.
        choices: the words to choose from; there are others only where the shape is a text.
        when: on a terminal it is asked only where these fields have one of these values.
    """

    field: str
    asks: str
    usual: str = '""'
    needed: bool = True
    many: bool = False
    shape: Shape = Shape.TEXT
    choices: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


def _chosen(
    name: str, asks: str, among: type[StrEnum], usual: str = "", **when: tuple[str, ...]
) -> Question:
    """A question with a closed list of answers."""
    choices = tuple(choice.value for choice in among)
    told = f"{asks}: {', '.join(choices[:-1])} or {choices[-1]}"
    return Question(
        name, told, f'"{usual or choices[-1]}"', shape=Shape.CHOICE, choices=choices, when=when
    )


_FOR_PATIENTS = (Kind.PATIENT.value,)
_PERSON = (
    Question(
        "subject",
        "a code for the person that only your department knows; not a number",
        shape=Shape.CODE,
    ),
    _chosen("minor", "were they under age when it was signed", Known),
    Question(
        "majority",
        "for a minor: the day they come of age, like 2031-05-17",
        needed=False,
        shape=Shape.DAY,
        when={"minor": ("yes",)},
    ),
    _chosen("capacity", "could they decide for themselves", Known, minor=("no", "unknown")),
    Question("giver", "who agreed: the person, or who acts for them"),
    _chosen(
        "relation",
        "of the giver to the person",
        Relation,
        usual="self",
        # Who can decide decides alone; a minor is not asked about.
        capacity=("no", "unknown", ""),
    ),
)
_FORM = (
    _chosen("form", "how it was given", Form, usual="written"),
    Question("form_version", "which form was signed", needed=False, when={"form": ("written",)}),
    Question(
        "language", "in which the form was explained", needed=False, when={"form": ("written",)}
    ),
    Question(
        "form_sha256",
        "sha256 of the signed form's file (sha256sum FILE)",
        needed=False,
        shape=Shape.DIGEST,
        when={"form": ("written",)},
    ),
)
_USE = (
    Question(
        "purpose",
        "publication, teaching, research, care",
        '["publication"]',
        many=True,
        shape=Shape.CHOICE,
        choices=tuple(Purpose),
    ),
    Question("channels", "where it may be shown: web, instagram ...", '["web"]', many=True),
    _chosen("identifiable", "agreed to be recognisable", Known),
)
_TOLD = (
    _chosen("final_picture_seen", "saw the final picture", Known, kind=_FOR_PATIENTS),
    _chosen(
        "told_no_recall",
        "was told that what is online cannot be fully recalled",
        Known,
        kind=_FOR_PATIENTS,
    ),
    Question("conditions", "what else was agreed", needed=False),
)
_DATES = (
    Question("signed", "the day it was given, like 2026-03-04", shape=Shape.DAY),
    Question(
        "expires",
        "the last day on which it counts; empty if it has no end",
        needed=False,
        shape=Shape.DAY,
    ),
)
_RECORDER = (Question("recorded_by", "your name"),)
_WINDOW = tuple(
    Question(
        name,
        f"the {name} day of capture that it covers, like 2026-03-04",
        needed=False,
        shape=Shape.DAY,
        when={"photo": ("",)},
    )
    for name in ("first", "last")
)
_CONSENT = (*_PERSON, *_FORM, *_USE, *_TOLD, *_DATES, *_RECORDER)

QUESTIONS: Mapping[str, tuple[Question, ...]] = MappingProxyType(
    {
        **{kind.value: _CONSENT for kind in Kind},
        EVENT: (
            Question("event", "its name"),
            Question(
                "kinds",
                "who signed: staff, student, alumni, visitor",
                '["staff"]',
                many=True,
                shape=Shape.CHOICE,
                choices=tuple(kind.value for kind in Kind if kind is not Kind.PATIENT),
            ),
            *_WINDOW,
            Question(
                "sheet_sha256",
                "sha256 of the signed sheet's file (sha256sum FILE)",
                shape=Shape.DIGEST,
            ),
            Question("people", "how many people signed", "0", shape=Shape.NUMBER),
            Question("opt_outs", "who is not to be shown", needed=False),
            *_USE,
            *_DATES,
            *_RECORDER,
        ),
        PLACE: (
            Question("place", "its name, as in the configuration where it is listed there"),
            Question("authority", "who may permit, like: the hospital's director"),
            Question("giver", "the person who did; never the one who records it"),
            Question(
                "photo",
                "sha256 of the one photo it is for; or give days",
                needed=False,
                shape=Shape.DIGEST,
            ),
            *_WINDOW,
            *_DATES,
            *_RECORDER,
        ),
        RECOGNITION: (
            _PERSON[0],
            Question(
                WHO,
                "who they are: staff, student, alumni or visitor",
                '"staff"',
                shape=Shape.CHOICE,
                choices=tuple(kind.value for kind in Kind if kind is not Kind.PATIENT),
            ),
            Question("giver", "who agreed: the person, nobody else"),
            _chosen("adult", "are of age and able to decide", Known),
            _chosen("agreed", "agreed explicitly that their face is measured and compared", Known),
            _chosen("told", "was told what is kept and how it is destroyed", Known),
            _chosen("voluntary", "was told that refusing has no disadvantage", Known),
            Question("form_version", "which form was signed", needed=False),
            Question("language", "in which the form was explained", needed=False),
            Question(
                "form_sha256",
                "sha256 of the signed form's file (sha256sum FILE)",
                shape=Shape.DIGEST,
            ),
            _DATES[0],
            Question("expires", "the last day, at most two years later", shape=Shape.DAY),
            *_RECORDER,
        ),
    }
)


def next_question(kind: str, given: Mapping[str, Any]) -> Question | None:
    """The next question that this kind of record needs; None where there is none left.

    Args:
        kind: of the record.
        given: what was answered so far, by field; an empty text for what was left out.

    Raises:
        UsageProblem: there is no such kind.
    """
    known = {KIND: kind, **given}
    for question in questions(kind):
        # A condition on a field that nobody is asked for is met by its being empty.
        met = all(known.get(name, "") in values for name, values in question.when.items())
        if question.field not in given and met:
            return question
    return None


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


def read_answer(question: Question, typed: str) -> Any:
    """What a person typed, as the value of a field: a list, a number or a text.

    A choice may be shortened as long as one word alone begins so ("y" for "yes").

    Raises:
        UsageProblem: it is not what the question asks for, or looks like an identifier.
    """
    if question.many:
        parts = [part.strip() for part in typed.split(",") if part.strip()]
        return [_one(question, part) for part in parts]
    return _one(question, typed.strip())


def _one(question: Question, text: str) -> Any:
    if not text:
        return text
    if question.shape is Shape.CHOICE:
        fitting = [word for word in question.choices if word.startswith(text.lower())]
        exact = [word for word in fitting if word == text.lower()]
        if len(exact or fitting) != 1:
            raise UsageProblem(f"That is one of: {', '.join(question.choices)}.")
        return (exact or fitting)[0]
    if question.shape is Shape.NUMBER:
        if not text.isdecimal():
            raise UsageProblem("That is a whole number.")
        return int(text)
    if question.shape is Shape.DAY:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise UsageProblem("That is a day, written like 2026-03-04.") from None
    if question.shape is Shape.TEXT:
        refuse(bad_text("That", text))
    if question.shape is Shape.CODE:
        refuse(bad_code("That", text))
    return text


def template(kind: str) -> str:
    """The fields of a kind of record as TOML with comments, to be filled in.

    Raises:
        UsageProblem: there is no such kind.
    """
    wording = []
    if kind == RECOGNITION:
        words = "".join(f"#   {line}\n" for line in WORDING.splitlines())
        wording = [
            "# A consent to be recognised, apart from any consent to publish. The person signs:",
            words + "#",
        ]
    lines = [
        *wording,
        "# Fill this in, then: imageprep consent add --from THIS-FILE",
        "# What is left empty counts as not known, and unknown is never yes.",
        f'{KIND} = "{kind}"',
        "",
    ]
    for question in questions(kind):
        lines += [f"# {question.asks}", f"{question.field} = {question.usual}"]
    return "\n".join(lines) + "\n"


def record_from(values: Mapping[str, Any]) -> Record | RecognitionConsent:
    """A record from the values of a filled-in template; empty ones count as not given.

    Raises:
        UsageProblem: the kind is missing or unknown, or a value does not fit.
    """
    kind = str(values.get(KIND, ""))
    if not kind:
        raise UsageProblem(
            "The form does not say of which kind it is.",
            f'Write kind = "staff", or another of: {", ".join(QUESTIONS)}.',
        )
    questions(kind)
    given = {name: value for name, value in values.items() if value not in ("", [])}
    if kind in (EVENT, PLACE, RECOGNITION):
        given.pop(KIND)
    if kind == EVENT:
        return from_values(EventConsent, given)
    if kind == PLACE:
        return from_values(PlacePermission, given)
    if kind == RECOGNITION:
        return from_values(RecognitionConsent, {"kind": given.pop(WHO, "patient"), **given})
    return from_values(ConsentRecord, given)
