"""Somebody in the register of a page, from made-up photos of a sample."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from command import ROOT
from PIL import Image

from imu_imageprep.api import Desk
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Purpose
from imu_imageprep.domain.permits import RecognitionConsent
from imu_imageprep.people import People

if TYPE_CHECKING:
    from pathlib import Path

needs_register = pytest.mark.skipif(
    importlib.util.find_spec("face_recognition") is None,
    reason="the extra register is not installed",
)
PORTRAIT = ROOT / "samples" / "portrait.jpg"
TODAY = datetime.now(UTC).date()
CODE = "TUTOR-7"
RECOGNITION = RecognitionConsent(
    CODE,
    Kind.STAFF,
    "A. Giver",
    agreed=Known.YES,
    told=Known.YES,
    voluntary=Known.YES,
    adult=Known.YES,
    form_sha256="ab" * 32,
    signed=TODAY - timedelta(days=60),
    expires=TODAY + timedelta(days=300),
    recorded_by="A. Clerk",
)


def consent(subject: str = CODE) -> ConsentRecord:
    return ConsentRecord(
        kind=Kind.STAFF,
        subject=subject,
        giver="A. Giver",
        capacity=Known.YES,
        minor=Known.NO,
        form=Form.ORAL,
        identifiable=Known.YES,
        purpose=(Purpose.PUBLICATION,),
        channels=("web",),
        signed=TODAY - timedelta(days=60),
        recorded_by="A. Clerk",
    )


def enrolled(folder: Path) -> str:
    """Someone in the register of a ledger that a page will use, and the configuration for it."""
    home = folder / "home"
    (home / "keys").mkdir(parents=True)
    picture = Image.open(PORTRAIT).convert("RGB")
    width, height = picture.size
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    made = [picture, mirrored.resize((width * 9 // 8, height)), mirrored.rotate(6)]
    files = [folder / f"{number}.png" for number in range(len(made))]
    for file, one in zip(files, made, strict=True):
        one.save(file, compress_level=1)
    ledger, key = home / "ledger.db", home / "keys" / "key"
    agreed = Desk.at(ledger).add(RECOGNITION)
    People.at(ledger, key).add(CODE, files, consent=agreed.ref)
    # One portrait several times would be an album that looks clinical, where nobody is recognised.
    rules = "[clinical]\nalbum = false\n[register]\nrecognise = true\n"
    return f"{rules}key_file = {json.dumps(str(key))}\n"
