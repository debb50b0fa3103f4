"""People for the register's tests: made-up templates, a sound consent, a ledger and a key file."""

from __future__ import annotations

import base64
import json
import random
import struct
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from fakes import FixedClock

from imu_imageprep.domain.consent import Kind, Known
from imu_imageprep.domain.permits import RecognitionConsent
from imu_imageprep.domain.recognition import Enrolled, Measured, Template
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.people import People
from imu_imageprep.register.keys import FileKeys
from imu_imageprep.register.store import Register

TODAY = date(2026, 3, 4)  # of FixedClock
WORD = RecognitionConsent(
    "NURSE-7",
    Kind.STAFF,
    "A Person",
    agreed=Known.YES,
    told=Known.YES,
    voluntary=Known.YES,
    adult=Known.YES,
    form_sha256="ab" * 32,
    signed=date(2026, 1, 1),
    expires=date(2027, 12, 30),
    recorded_by="A Clerk",
)


def templates(code: str) -> tuple[Template, ...]:
    """Three photos of a made-up person, always the same."""
    chance = random.Random(code)
    centre = [chance.gauss(0, 0.1) for _ in range(128)]
    return tuple(tuple(number + chance.gauss(0, 0.01) for number in centre) for _ in range(3))


def faces(code: str) -> list[Measured]:
    return [Measured(template, 200.0, 200.0, 0.0, 0.0) for template in templates(code)]


def enrolled(code: str, consent: str = "R-1") -> Enrolled:
    return Enrolled(code, consent, "2026-03-04T05:06:07+00:00", templates(code))


def register(folder: Path, patience: float = 5.0) -> Register:
    return Register(folder / "ledger.db.people", FileKeys(folder / "keys" / "key"), patience)


def people(folder: Path, moment: datetime = datetime(2026, 3, 4, 5, tzinfo=UTC)) -> People:
    (folder / "keys").mkdir(exist_ok=True)
    return People(SqliteLedger(folder / "ledger.db", FixedClock(moment)), register(folder))


def join(team: People, code: str) -> str:
    """Record a consent and enrol; returns the reference."""
    (word,) = team.ledger.add(replace(WORD, subject=code))
    team.enrol(code, faces(code), consent=word.ref)
    return word.ref


def raw(folder: Path) -> bytes:
    """Every byte of every file in a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def in_the_clear(data: bytes, code: str) -> bool:
    """Whether a person's templates stand in some bytes, in any of the ways numbers are written."""
    return any(
        needle in data
        for template in templates(code)
        for needle in (
            struct.pack("<8d", *template[:8]),
            struct.pack("<8f", *template[:8]),
            struct.pack(">8d", *template[:8]),
            repr(template[0]).encode(),
            base64.b64encode(struct.pack("<128d", *template))[:40],
        )
    )


def sealed(path: Path, consent: str) -> bytes:
    """What the register's file holds of a person, encrypted."""
    (text,) = [
        row["sealed"]
        for row in json.loads(path.read_bytes())["people"]
        if row["consent"] == consent
    ]
    return str(text).encode()
