"""People's answers as events: what is readable in them, and what is encrypted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import reference
from imu_imageprep.domain.answers import (
    Binding,
    Confirmation,
    Dismissal,
    HandDrawnFinding,
    Look,
    Withdrawal,
)
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.permits import EventConsent, PlacePermission, RecognitionConsent
from imu_imageprep.domain.values import from_values, to_values
from imu_imageprep.ledger.chain import first_at
from imu_imageprep.ledger.store import DamagedLedger
from imu_imageprep.seal import Unreadable, seal, unseal

if TYPE_CHECKING:
    from imu_imageprep.domain.answers import Entry

# Kind of event, class, first letter of the reference, and the fields that stay readable: those that
# say what was seen and what answers it. Everything about a person is encrypted.
_KINDS: tuple[tuple[str, type[Entry], str, tuple[str, ...]], ...] = (
    ("consent", ConsentRecord, reference.CONSENT, ("kind",)),
    ("event-consent", EventConsent, reference.EVENT, ()),
    ("place-permission", PlacePermission, reference.PLACE, ()),
    ("recognition-consent", RecognitionConsent, reference.RECOGNITION, ()),
    (
        "answer",
        Binding,
        reference.ANSWER,
        ("seen", "need", "refs", "patients", "captured", "nobody_excluded", "looked"),
    ),
    ("dismissal", Dismissal, reference.DISMISSAL, ("seen", "need", "reason", "looked")),
    ("drawn", HandDrawnFinding, reference.FINDING, ("seen",)),
    ("confirmation", Confirmation, reference.YES, ("seen", "looked")),
    ("look", Look, reference.LOOK, ("photo", "picture")),
    ("withdrawal", Withdrawal, reference.WITHDRAWAL, ("about",)),
)
RECORD_KINDS = ("consent", "event-consent", "place-permission", "recognition-consent")

# Never stored twice: the event itself carries them.
_ELSEWHERE = frozenset({"ref", "at"})
# Fields of a later release: left out where they say nothing, so that the same answer is the same
# event as ever.
_LATER = frozenset({"looked"})


def letter_for(entry: Entry) -> str:
    """The first letter of an entry's reference."""
    return _of_class(type(entry))[2]


def to_event(entry: Entry) -> tuple[str, dict[str, Any], bytes]:
    """An entry as kind and body of an event, and the key of what is encrypted in it."""
    kind, _, _, readable = _of_class(type(entry))
    values = {
        name: value
        for name, value in to_values(entry).items()
        if name not in _ELSEWHERE and (value or name not in _LATER)
    }
    hidden = {name: value for name, value in values.items() if name not in readable}
    key, sealed = seal(hidden, kind, entry.ref)
    body = {name: values[name] for name in readable if name in values}
    return kind, {**body, "ref": entry.ref, "sealed": sealed}, key


def from_event(at: str, kind: str, body: str, key: bytes | None) -> Entry | None:
    """The entry of an event; None where its key was destroyed, or the kind is no entry's.

    Raises:
        Unreadable: the ciphertext does not open with the key.
    """
    found = next((row for row in _KINDS if row[0] == kind), None)
    if found is None or key is None:
        return None
    values = json.loads(body)
    hidden = unseal(values["sealed"], key, kind, values["ref"])
    return from_values(found[1], {**readable(body), **hidden, "at": first_at(values, at)})


def readable(body: str) -> dict[str, Any]:
    """What an event says without its key."""
    return {name: v for name, v in json.loads(body).items() if name not in ("sealed", "origin")}


def of_row(row: tuple[Any, ...]) -> Entry | None:
    """The entry of a row of ``SELECT``; None where its key was destroyed.

    Raises:
        DamagedLedger: the row was changed after it was recorded.
    """
    seq, at, kind, body, key = row
    try:
        return from_event(at, kind, body, key)
    except (Unreadable, UsageProblem, KeyError, ValueError) as problem:
        raise DamagedLedger(f"Event {seq} of the ledger was changed.") from problem


def _of_class(cls: type[Entry]) -> tuple[str, type[Entry], str, tuple[str, ...]]:
    return next(row for row in _KINDS if row[1] is cls)
