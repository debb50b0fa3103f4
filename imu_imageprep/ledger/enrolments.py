"""Who entered the register of recognised people and left it, by consent; never a template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from imu_imageprep.domain.trail import Enrolment

if TYPE_CHECKING:
    from imu_imageprep.ledger.store import Store

_ENROLLED, _REMOVED = "enrolled", "removed"


def enrolled(store: Store, consent: str, *, photos: int, model: str) -> None:
    """Record that someone is about to be enrolled.

    Args:
        store: the ledger's file.
        consent: reference of their consent to be recognised.
        photos: how many photos were measured.
        model: version of the network that measured them.
    """
    with store.writing() as writer:
        writer.append(_ENROLLED, {"about": consent, "photos": photos, "model": model})


def removed(store: Store, consent: str, why: str) -> None:
    """Record that someone's templates were destroyed; ``why`` is a word of ours."""
    with store.writing() as writer:
        writer.append(_REMOVED, {"about": consent, "why": why})


def enrolments(store: Store, consent: str | None = None) -> dict[str, tuple[Enrolment, ...]]:
    """What happened to each consent's templates, in order; with a reference, to that one's."""
    told: dict[str, list[Enrolment]] = {}
    with store.reading() as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            "SELECT at, kind, body, about FROM events WHERE about IS NOT NULL "
            "AND kind IN (?, ?) AND about = coalesce(?, about) ORDER BY seq",
            (_ENROLLED, _REMOVED, consent),
        ).fetchall()
    for at, kind, body, about in rows:
        values = json.loads(body)
        first = values["origin"]["at"] if "origin" in values else at
        told.setdefault(about, []).append(
            Enrolment(first, kind, values.get("why", ""), values.get("photos", 0))
        )
    return {about: tuple(events) for about, events in told.items()}
