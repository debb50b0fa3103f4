"""Consents, permissions, answers and dismissals: entering, reading, withdrawing, erasing them.

``Ledger`` says what each function takes, gives and raises.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import reference
from imu_imageprep.domain.answers import (
    Anchor,
    Binding,
    Confirmation,
    Dismissal,
    HandDrawnFinding,
    Record,
    Withdrawal,
)
from imu_imageprep.domain.case import Answers
from imu_imageprep.domain.consent import refuse
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.trail import Listed, State
from imu_imageprep.domain.values import from_values
from imu_imageprep.ledger import entries, exports, rows
from imu_imageprep.ledger.chain import first_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.answers import Entry, Pointed
    from imu_imageprep.domain.trail import StoredReceipt
    from imu_imageprep.ledger.store import Connection, Store, Writer


# Where to read on about what a person answers without a form.
_HELP: dict[type[Entry], str] = {
    Binding: "See: imageprep consent use --help",
    Dismissal: "See: imageprep dismiss --help",
    HandDrawnFinding: "Draw a box around what you see in the photo.",
    Confirmation: "See: imageprep check",
}

# What people saw, by the kind of its event.
_SEEN: dict[str, type[HandDrawnFinding | Confirmation]] = {
    "drawn": HandDrawnFinding,
    "confirmation": Confirmation,
}


def new_reference(letter: str) -> str:
    """A new random reference out of 10**12; ``add`` refuses one that is taken."""
    return reference.new(letter, secrets.choice)


def add(store: Store, given: Sequence[Entry]) -> tuple[Entry, ...]:
    """Enter what was given, checked first, all of it or none; returns it as it was recorded."""
    now = store.clock.now().isoformat(timespec="milliseconds")
    made = []
    for entry in given:
        refuse(entry.problems(), _HELP.get(type(entry)))
        letter, ref = entries.letter_for(entry), entry.ref
        if ref and (reference.letter_of(ref) != letter or reference.read(ref) != ref):
            raise UsageProblem("This reference does not fit this kind of record.")
    with store.writing() as writer:
        for entry in given:
            ref = entry.ref or _free(writer.connection, entries.letter_for(entry))
            if rows.row_of(writer.connection, ref) is not None:
                raise UsageProblem(
                    "This reference is already used.", "Leave it out to get a new one."
                )
            if isinstance(entry, Binding):
                _refuse_loose(writer.connection, entry)
            made.append(dataclasses.replace(entry, ref=ref, at=now))
            writer.append(*entries.to_event(made[-1]))
    return tuple(made)


def _free(connection: Connection, letter: str) -> str:
    while rows.row_of(connection, ref := new_reference(letter)) is not None:
        pass
    return ref


def _refuse_loose(connection: Connection, binding: Binding) -> None:
    """Refuse an answer whose records do not stand, or that contradicts an earlier one."""
    for ref in binding.refs:
        row = rows.row_of(connection, ref)
        if row is None:
            raise UsageProblem(f"There is no record {ref}.", "See: imageprep consent list")
        if (state := rows.state_of(connection, ref)) is not State.IN_FORCE:
            raise UsageProblem(f"The record {ref} was {state.value} and answers nothing.")
    if binding.need is not Need.PATIENT_CONSENT:
        return
    for row in rows.about_photo(connection, binding.seen.photo):
        body = entries.readable(row[3])
        if (
            body.get("patients") not in (None, binding.patients)
            and from_values(Anchor, body["seen"]).matches(binding.seen)
            and rows.state_of(connection, body["ref"]) is State.IN_FORCE
        ):
            raise UsageProblem(
                f"An earlier answer says that {body['patients']} patients are visible here.",
                f"If that was wrong, withdraw it first: imageprep consent withdraw {body['ref']}",
            )


def drawn_for(store: Store, photo: str) -> tuple[Pointed, ...]:
    """What people saw in a photo (hex sha256); who did stays encrypted."""
    with store.reading() as connection:
        if connection is None:
            return ()
        pointed = [_pointed(row) for row in rows.about_photo(connection, photo) if row[2] in _SEEN]
        # An erasure takes the name alone: what was seen stands.
        return tuple(
            one for one in pointed if "withdrawal" not in rows.kinds_about(connection, one.ref)
        )


def answers_for(store: Store, photo: str) -> Answers:
    """Everything that people answered for a photo (hex sha256), with the records it names."""
    with store.reading() as connection:
        if connection is None:
            return Answers()
        found = rows.about_photo(connection, photo)
        if not found:
            return Answers()
        said = [(row, entries.of_row(row)) for row in found]
        named = _named(found)
        records = [entries.of_row(row) for row in rows.select(connection, "e.ref", named)]
        refs = [*named, *(entries.readable(row[3])["ref"] for row in found)]
        gone = connection.execute(
            f"SELECT kind, about FROM events WHERE about IN ({rows.marks(refs)})",  # noqa: S608
            refs,
        ).fetchall()
    return Answers(
        records=tuple(one for one in records if isinstance(one, Record)),
        bindings=tuple(one for _, one in said if isinstance(one, Binding)),
        dismissals=tuple(one for _, one in said if isinstance(one, Dismissal)),
        drawn=tuple(_pointed(row) for row, _ in said if row[2] in _SEEN),
        withdrawn=frozenset(about for kind, about in gone if kind == "withdrawal"),
        erased=frozenset(about for kind, about in gone if kind == "erasure"),
    )


def listed(store: Store, photo: str | None = None) -> tuple[Listed, ...]:
    """Consents and permissions, or what was answered for a photo, in the order of entering."""
    with store.reading() as connection:
        if connection is None:
            return ()
        if photo is None:
            found = rows.select(connection, "e.kind", entries.RECORD_KINDS)
        else:
            said = rows.about_photo(connection, photo)
            found = [*rows.select(connection, "e.ref", _named(said)), *said]
        return tuple(_listed(connection, row) for row in found)


def shown(store: Store, ref: str) -> Listed | None:
    """What has a reference, as it stands; None where nothing has."""
    with store.reading() as connection:
        row = None if connection is None else rows.row_of(connection, ref)
        return None if connection is None or row is None else _listed(connection, row)


def withdraw(store: Store, withdrawals: Sequence[Withdrawal]) -> tuple[StoredReceipt, ...]:
    """Record that some things answer nothing any more, all or none; again has no further effect."""
    for one in withdrawals:
        refuse(one.problems(), "See: imageprep consent withdraw --help")
    relying: dict[str, StoredReceipt] = {}
    with store.writing() as writer:
        for one in withdrawals:
            if rows.kind_of(writer.connection, one.about) == "drawn":
                raise UsageProblem(
                    "What a person drew by hand cannot be withdrawn.",
                    "If nothing is there, mark it as a false alarm: imageprep dismiss",
                )
            if rows.state_of(writer.connection, one.about) is State.IN_FORCE:
                ref = _free(writer.connection, reference.WITHDRAWAL)
                writer.append(*entries.to_event(dataclasses.replace(one, ref=ref)))
            found = exports.relying_on(store, writer.connection, one.about)
            relying.update((receipt.head, receipt) for receipt in found)
    return tuple(relying.values())


def _named(found: Sequence[rows.Row]) -> list[str]:
    """The references of the records that answers name, each once."""
    return list(
        dict.fromkeys(ref for row in found for ref in entries.readable(row[3]).get("refs", ()))
    )


def _listed(connection: Connection, row: rows.Row) -> Listed:
    _, at, kind, body, _ = row
    values = json.loads(body)
    entry = entries.of_row(row)
    assert not isinstance(entry, Withdrawal)
    return Listed(
        ref=values["ref"],
        kind=kind,
        state=rows.state_of(connection, values["ref"]),
        at=first_at(values, at),
        entry=entry,
    )


def _pointed(row: rows.Row) -> Pointed:
    _, at, kind, body, _ = row
    values = entries.readable(body)
    return _SEEN[kind](from_values(Anchor, values["seen"]), at=at, ref=values["ref"])


def erase(store: Store, ref: str) -> tuple[StoredReceipt, ...]:
    """Destroy the key of a record's personal fields, and of what its withdrawal said."""
    with store.writing() as writer:
        rows.kind_of(writer.connection, ref)
        keys = destroy(writer, ref)
        relying = exports.relying_on(store, writer.connection, ref)
    store.forget(keys)
    return relying


def destroy(writer: Writer, ref: str, **more: Any) -> list[bytes]:
    """Write the tombstone of a reference and delete its keys; returns what was deleted."""
    found = writer.connection.execute(
        "SELECT e.seq, k.key FROM events e LEFT JOIN keys k ON k.event = e.seq "
        "WHERE e.ref = ? OR (e.about = ? AND e.kind = 'withdrawal')",
        (ref, ref),
    ).fetchall()
    keys = [bytes(key) for _, key in found if key is not None]
    if keys or more or rows.state_of(writer.connection, ref) is not State.ERASED:
        writer.append("erasure", {"about": ref, "keys": [event for event, _ in found], **more})
    writer.connection.executemany("DELETE FROM keys WHERE event = ?", [row[:1] for row in found])
    return keys
