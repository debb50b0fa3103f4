"""Sound entries for the ledger's tests; their texts are needles that no file may show."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import date
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from fakes import FixedClock
from postgres import Server
from psycopg.conninfo import conninfo_to_dict

from imu_imageprep.domain.answers import Anchor, Binding, Confirmation, Dismissal, HandDrawnFinding
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Purpose
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.ledger.book import Ledger
from imu_imageprep.ledger.sqlite import SqliteLedger

PHOTO = "5" * 64
EXPORT = "e" * 64
BOX = Box(0.1, 0.2, 0.3, 0.4)
FACE = Anchor(PHOTO, "face", BOX, "model-1")
WARD = Anchor(PHOTO, "clinical", None, "model-1")

PATIENT = ConsentRecord(
    Kind.PATIENT,
    "P-0417",
    "Needle Giver",
    capacity=Known.YES,
    minor=Known.NO,
    form=Form.WRITTEN,
    form_version="needle-form-3",
    language="needle-language",
    form_sha256="abcdef0123456789" * 4,
    purpose=(Purpose.PUBLICATION,),
    channels=("web", "needle-channel"),
    identifiable=Known.YES,
    told_no_recall=Known.YES,
    conditions="needle condition",
    signed=date(2026, 1, 10),
    expires=date(2031, 7, 13),
    recorded_by="Needle Clerk",
    account="needle-account",
)
NEEDLES = (
    *("P-0417", "Needle Giver", "needle-form-3", "needle-language", "abcdef0123456789"),
    *("needle-channel", "needle condition", "2031-07-13", "Needle Clerk", "needle-account"),
)
EVENT = EventConsent(
    "White coat day",
    (Kind.STUDENT,),
    date(2026, 3, 1),
    date(2026, 3, 1),
    "e" * 64,
    40,
    purpose=(Purpose.PUBLICATION,),
    channels=("any",),
    identifiable=Known.YES,
    signed=date(2026, 3, 1),
    recorded_by="A Clerk",
)
PLACE = PlacePermission(
    "Ward 7", "director", "A Director", PHOTO, signed=date(2026, 1, 10), recorded_by="A Clerk"
)
DRAWN = HandDrawnFinding(replace(FACE, model=None), "A Clerk")
DOUBT = Anchor(PHOTO, "doubt", None, "model-1")
CLINICAL = Confirmation(DOUBT, "Needle Clerk", "needle-account")
NO_PATIENT = Dismissal(WARD, Need.PATIENT_CONSENT, Reason.NO_PATIENT, "A Clerk")


def bound(ref: str, seen: Anchor = FACE, need: Need = Need.PERSON_CONSENT) -> Binding:
    patients = 1 if need is Need.PATIENT_CONSENT else None
    return Binding(seen, need, (ref,), patients, by="A Clerk")


def receipt(*relied_on: str, export: str = EXPORT, label: str | None = None) -> Receipt:
    found = (Finding("face", 0.9, BOX, label), Finding("clinical", 0.8, None, "ward"))
    return Receipt(
        Outcome.EXPORTED,
        path="/in/needle file name.jpg",
        source=SourceRecord(PHOTO, Format.JPEG, 4000, 3000, 99),
        examinations=numbered((Examination("faces", Flag.FACE, "m", Looked(found, 0.9)),)),
        export=ExportRecord("/web/photo-1.jpg", export, Format.JPEG, 800, 600, 72, 1234),
        policy="p" * 64,
        request="r" * 64,
        channel="web",
        relied_on=relied_on,
    )


def raw(ledger: Ledger) -> bytes:
    """Everything that a store keeps for a ledger, as it lies on the disk."""
    if isinstance(ledger, SqliteLedger):
        found = sorted(ledger.path.parent.glob(f"{ledger.path.name}*"))
        return b"".join(path.read_bytes() for path in found)
    server, database = _served(ledger)
    return server.files(database)


def sql(ledger: Ledger, *statements: str, untouched: bool = True) -> list[tuple[Any, ...]]:
    """Do to a store what somebody could who administers it; the rows of the last statement.

    Args:
        ledger: where to.
        statements: SQL that both stores take.
        untouched: whether the triggers stay that keep events as they are.
    """
    if isinstance(ledger, SqliteLedger):
        with contextlib.closing(sqlite3.connect(ledger.path, isolation_level=None)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in () if untouched else names.fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            found: list[tuple[Any, ...]] = []
            for statement in statements:
                found = connection.execute(statement).fetchall()
            return found
    server, database = _served(ledger)
    off = "" if untouched else "SET session_replication_role = replica;"
    script = "".join(f"{statement};" for statement in statements)
    return server.sql(database, f"SET search_path = imageprep; {off}{script}")


def _served(ledger: Ledger) -> tuple[Server, str]:
    said = conninfo_to_dict(str(ledger.place))
    return Server(Path(str(said["host"])), int(said["port"] or 0)), str(said["dbname"])


def begin_each(paths: list[Path], everybody: Barrier) -> None:
    """In a process of its own: begin an export in each new ledger, together with others."""
    for path in paths:
        everybody.wait()
        SqliteLedger(path, FixedClock()).begin(receipt())
