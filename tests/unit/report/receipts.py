"""Receipts of every kind, made by hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked
from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Owner, Policy
from imu_imageprep.domain.receipt import ExportRecord, Failure, Outcome, Receipt, SourceRecord
from imu_imageprep.report import folder as reports
from imu_imageprep.report.record import LastRun

NEEDLE = "3.0573 N"  # stands for every value that metadata may hold
FACE = Finding("face", 0.93, Box(0.25, 0.5, 0.1, 0.2), None, "face-1")
WARD = Finding("clinical", 0.8, None, "ward", "clinical-1")
METADATA = Metadata(
    present=frozenset({Category.GPS, Category.CAMERA}),
    credits=(Credit(CreditField.CREATOR, NEEDLE),),
    values=((Category.GPS, "GPSLatitude", NEEDLE),),
)


def seen(path: Path, outcome: Outcome, *findings: Finding, needs: bool = False) -> Receipt:
    """A receipt of a photo that was looked at."""
    faces = tuple(f for f in findings if f.kind == "face")
    others = tuple(f for f in findings if f.kind != "face")
    held_for = []
    for finding in findings if needs else ():
        if finding.kind == "face":
            held_for.append(HeldFor(Need.PERSON_CONSENT, finding))
        else:
            held_for.append(HeldFor(Need.PATIENT_CONSENT, finding))
            held_for.append(HeldFor(Need.PLACE_PERMISSION, finding))
    return Receipt(
        outcome,
        path=str(path),
        source=SourceRecord("5" * 64, Format.JPEG, 4000, 3000, 3_000_000),
        metadata=METADATA,
        examinations=(
            Examination("faces", Flag.FACE, "abc", Looked(faces, 0.9)),
            Examination("clinical", Flag.CLINICAL, "def", Looked(others, 0.9)),
        ),
        held_for=tuple(held_for),
        not_checked=("code",),
    )


def held(path: Path, *findings: Finding) -> Receipt:
    return seen(path, Outcome.HELD, *findings, needs=True)


def exported(path: Path, export: Path, data: bytes, outcome: Outcome = Outcome.EXPORTED) -> Receipt:
    """A receipt of an export, which is written."""

    export.parent.mkdir(parents=True, exist_ok=True)
    export.write_bytes(data)
    sha = hashlib.sha256(data).hexdigest()
    record = ExportRecord(str(export), sha, Format.JPEG, 300, 200, 72, len(data))
    return replace(seen(path, outcome), export=record)


def failed(path: Path) -> Receipt:
    failure = Failure(4, "InputProblem", "This is a text file.", "Check the file.")
    return Receipt(Outcome.FAILED, path=str(path), failure=failure)


POLICY = Policy(owner=Owner(name="Office", contact="Press office"))


def last_run(home: Path) -> LastRun:
    return LastRun.read(reports.record_file(home / "ledger.db"))
