"""Records as forms: a template to fill in, and the record from its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.biometric import WORDING, RecognitionConsent
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.questions import (
    EVENT,
    KIND,
    PLACE,
    QUESTIONS,
    RECOGNITION,
    WHO,
    Question,
    questions,
)
from imu_imageprep.domain.values import from_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.domain.answers import Record

__all__ = [
    "EVENT",
    "KIND",
    "PLACE",
    "QUESTIONS",
    "Question",
    "questions",
    "record_from",
    "template",
]


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
