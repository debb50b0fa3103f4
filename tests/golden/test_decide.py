"""What holds a photo: one case a file in ``decide/``; drop in another and it is run.

A record or an answer in a case is a sound one of its kind, changed by what the case says: see
``RECORDS``. The day is ``today``, 2026-06-15 unless the case says otherwise.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imu_imageprep.domain.answers import Binding, Confirmation, Dismissal, HandDrawnFinding, Record
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.by_hand import with_drawn
from imu_imageprep.domain.case import Answers, Cleared, Held
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.decide import decide
from imu_imageprep.domain.finding import (
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    Scan,
    numbered,
)
from imu_imageprep.domain.needs import needs_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.policy import Flags, Level, Owner, Policy, Profile
from imu_imageprep.domain.values import from_values
from imu_imageprep.domain.words import UNFIT

CASES = sorted((Path(__file__).parent / "decide").glob("*.toml"))
FLAG = {
    "face": Flag.FACE,
    "clinical": Flag.CLINICAL,
    "source": Flag.SOURCE,
    "code": Flag.CODE,
    "text": Flag.TEXT,
    "place": None,
}
PHOTO = "5" * 64
MODEL = "model-1"

PERSON = {
    "kind": "staff",
    "subject": "S-1",
    "giver": "A Person",
    "capacity": "yes",
    "minor": "no",
    "form": "written",
    "form_sha256": "f" * 64,
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "told_no_recall": "yes",
    "signed": "2026-01-10",
    "recorded_by": "A Clerk",
}
EVENT = {
    "event": "White coat day",
    "kinds": ["staff", "student"],
    "first": "2026-03-01",
    "last": "2026-03-02",
    "sheet_sha256": "e" * 64,
    "people": 40,
    "purpose": ["publication"],
    "channels": ["any"],
    "identifiable": "yes",
    "signed": "2026-03-01",
    "recorded_by": "A Clerk",
}
PLACE = {
    "place": "Ward 7",
    "authority": "hospital director",
    "giver": "A Director",
    "photo": PHOTO,
    "signed": "2026-01-10",
    "recorded_by": "A Clerk",
}
RECORDS: dict[str, tuple[type[Record], dict[str, Any]]] = {
    "C": (ConsentRecord, PERSON),
    "E": (EventConsent, EVENT),
    "P": (PlacePermission, PLACE),
}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, profile: Profile) -> None:
    case = tomllib.loads(path.read_text("utf-8"))
    policy = Policy(
        profile=profile,
        channel=case.get("channel", "web"),
        owner=Owner(responsible="A Dean"),
        flags=Flags(**{key: Level(value) for key, value in case.get("flags", {}).items()}),
    )
    answers = answers_of(case)
    decision = decide(
        with_drawn(examinations_of(case), answers.drawn, policy),
        answers,
        policy,
        photo=PHOTO,
        today=case.get("today", date(2026, 6, 15)),
        captured=case.get("captured"),
    )
    held = decision.held_for if isinstance(decision, Held) else ()
    got = [[n.finding.id if n.finding else n.scan or "", n.needs.value] for n in held]
    assert got == case["holds"], case["says"]
    assert isinstance(decision, Cleared) == (not case["holds"])
    if "why" in case:
        assert [[ref, UNFIT[why]] for need in held for ref, why in need.why] == case["why"]
    if "relied_on" in case:
        assert isinstance(decision, Cleared)
        assert list(decision.relied_on) == case["relied_on"]


def examinations_of(case: dict[str, Any]) -> tuple[Examination, ...]:
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for kind in ("face", "clinical", "source"):
        if kind not in [*case.get("blind", ()), *case.get("off", ())]:
            by_kind[kind] = []
    for row in case.get("findings", ()):
        box = Box(*row["box"]) if "box" in row else None
        scan = "clinical" if row["kind"] == "doubt" else row["kind"]
        by_kind[scan].append(Finding(row["kind"], 0.9, box, row.get("label")))
    scans: list[tuple[str, Flag | None, Scan]] = [
        (kind, FLAG.get(kind), Looked(tuple(found), 0.9)) for kind, found in by_kind.items()
    ]
    scans += [(name, FLAG[name], DidNotLook("no model")) for name in case.get("blind", ())]
    model = case.get("model", MODEL)
    return numbered(tuple(Examination(name, flag, model, scan) for name, flag, scan in scans))


def answers_of(case: dict[str, Any]) -> Answers:
    given = case.get("answers", {})
    return Answers(
        covered=tuple(Box(*box) for box in given.get("covered", ())),
        credit=given.get("credit"),
        hold=given.get("hold", False),
        records=tuple(record_of(row) for row in case.get("records", ())),
        bindings=tuple(binding_of(n, row) for n, row in enumerate(case.get("bindings", ()), 1)),
        dismissals=tuple(
            dismissal_of(n, row) for n, row in enumerate(case.get("dismissals", ()), 1)
        ),
        drawn=(
            *(
                from_values(HandDrawnFinding, {"seen": {"photo": PHOTO, **row}, "by": "A Clerk"})
                for row in case.get("drawn", ())
            ),
            *(
                from_values(Confirmation, {"seen": seen_of({"kind": "doubt", **row}), "by": "A"})
                for row in case.get("confirmed", ())
            ),
        ),
        withdrawn=frozenset(case.get("withdrawn", ())),
        erased=frozenset(case.get("erased", ())),
    )


def record_of(row: dict[str, Any]) -> Record:
    kind, sound = RECORDS[row["ref"][0]]
    return from_values(kind, {**sound, **row})


def binding_of(number: int, row: dict[str, Any]) -> Binding:
    row = dict(row)
    seen = seen_of(row)
    need = needs_of(seen["kind"])[0].value
    return from_values(
        Binding, {"need": need, "by": "A Clerk", "ref": f"A-{number}", **row, "seen": seen}
    )


def dismissal_of(number: int, row: dict[str, Any]) -> Dismissal:
    row = dict(row)
    seen = seen_of(row)
    return from_values(Dismissal, {"by": "A Clerk", "ref": f"D-{number}", **row, "seen": seen})


def seen_of(row: dict[str, Any]) -> dict[str, Any]:
    """Take what was seen out of a row; the rest belongs to the answer itself."""
    seen: dict[str, Any] = {
        name: row.pop(name) for name in ("photo", "kind", "box", "model") if name in row
    }
    seen = {"photo": PHOTO, "model": MODEL, **seen}
    return {**seen, "model": None} if seen["model"] == "none" else seen
