"""A ledger filled end to end with real photos and real detectors, then read byte by byte."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pictures import encoded, scene
from PIL import Image, ImageDraw
from unit.ledger import office

from imu_imageprep import api
from imu_imageprep.domain.consent import Kind
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.policy import ClinicalRules, Place, Policy
from imu_imageprep.domain.receipt import Outcome

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAIT, RETINA, SOURCED = (
    SAMPLES / f"{name}.jpg" for name in ("portrait", "clinical", "sourced")
)
# Distinct digits, in every way in which a position is written: degrees, seconds, fractions.
LATITUDE, LONGITUDE = 2.7391, 101.6283
POLICY = Policy(places=(Place("Teaching clinic", "director", LATITUDE, LONGITUDE),))
PLANTED = (
    *(b"NeedleCam", b"Needle Artist", b"needle comment", b"NEEDLE SIGN", b"needle-serial"),
    *(b"2.7391", b"101.6283", b"2.739", b"101.628", b"20.76", b"41.88"),
)


def planted(folder: Path) -> Path:
    """A generated photo with a sign to read in it, a position, a thumbnail, and texts."""
    picture = scene(1200, 800)
    ImageDraw.Draw(picture).text((300, 300), "NEEDLE SIGN ROOM 4711", "black", font_size=60)
    data = Image.Exif()
    data[0x010F], data[0x013B] = "NeedleCam", "Needle Artist"
    data.get_ifd(0x8769)[0xA431] = "needle-serial"
    data.get_ifd(0x8825).update({1: "N", 2: (2.0, 44.0, 20.76), 3: "E", 4: (101.0, 37.0, 41.88)})
    path = folder / "planted 900101-14-5678 needle name.jpg"
    path.write_bytes(
        encoded(picture, exif=data, comment=b"needle comment") + encoded(scene(160, 120))
    )
    return path


@pytest.fixture
def filled(tmp_path: Path, home: Path) -> Iterator[tuple[Path, list[Path], str]]:
    """The ledger, the photos and exports that it tells of, and a consent; nothing checkpointed."""
    desk, web = api.Desk.at(), tmp_path / "web"
    staff = replace(office.PATIENT, kind=Kind.STAFF, channels=("web",), expires=None)
    ref = desk.add(staff).ref
    # A reader that stays keeps everything that was ever written in the write-ahead log.
    reader = sqlite3.connect(home / "ledger.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    photo = planted(tmp_path)
    desk.answer(PORTRAIT, [ref], findings=["face-1"], by="Needle Clerk")
    for need, reason in (
        (Need.PATIENT_CONSENT, Reason.NO_PATIENT),
        (Need.PLACE_PERMISSION, Reason.NO_CLINICAL_PLACE),
    ):
        desk.dismiss(RETINA, finding="clinical-1", need=need, reason=reason, by="Needle Clerk")
    desk.draw(SOURCED, (10, 10, 60, 60), kind="face", by="Needle Clerk")
    unsure = POLICY.replace(clinical=ClinicalRules(1.0, 0.9))
    said = desk.say_clinical(RETINA, finding="doubt-1", by="Needle Clerk", policy=unsure)
    desk.withdraw(said.ref, reason="needle slip", by="Needle Clerk")
    waiting = api.prepare(RETINA, policy=unsure, dry_run=True)
    assert len(desk.dismiss_doubts([waiting], by="Needle Clerk")) == 1
    place = desk.add(replace(office.PLACE, place="Teaching clinic", photo=api.fingerprint(photo)))
    receipts = [
        api.prepare(PORTRAIT, policy=POLICY, out=web),
        api.prepare(RETINA, policy=POLICY, out=web, caption="needle caption"),
        api.prepare(SOURCED, policy=POLICY, out=web, redact="faces", credit="Example Agency"),
        api.prepare(photo, policy=POLICY, out=web, place=place.ref, credit="Example Agency"),
    ]
    assert [receipt.outcome for receipt in receipts] == [Outcome.EXPORTED] * 4
    assert any(finding.kind == "place" for finding in receipts[-1].findings)
    exports = [Path(receipt.export.path) for receipt in receipts if receipt.export]
    desk.posted(exports[0], "https://example.org/post/1")
    desk.withdraw(ref, reason="needle reason", by="Needle Clerk")
    yield home / "ledger.db", [PORTRAIT, RETINA, SOURCED, photo, *exports], ref
    reader.close()


def raw(ledger: Path) -> dict[str, bytes]:
    """Every file of the ledger as it lies on the disk."""
    return {path.name: path.read_bytes() for path in ledger.parent.glob(f"{ledger.name}*")}


def windows(data: bytes) -> Iterator[bytes]:
    """Pieces from all over a file, as they are, and as texts would carry them."""
    for start in range(0, len(data) - 24, 997):
        piece = data[start : start + 24]
        if len(set(piece)) < 8:  # a plain patch looks like any other empty place
            continue
        yield piece
        yield piece.hex().encode()
        yield base64.b64encode(piece)


def numbers_in_a_row(value: Any) -> int:
    """The longest list of numbers anywhere in JSON values."""
    if isinstance(value, dict):
        return max(map(numbers_in_a_row, value.values()), default=0)
    if isinstance(value, list):
        plain = all(isinstance(one, (int, float)) for one in value)
        return len(value) if plain else max(map(numbers_in_a_row, value), default=0)
    return 0


def test_nothing_of_a_photo_is_in_the_ledger(filled: tuple[Path, list[Path], str]) -> None:
    ledger, photos, _ = filled
    files = raw(ledger)
    assert len(files["ledger.db-wal"]) > 20_000
    exported = ledger.with_name("exported.jsonl")
    assert api.Desk.at().export_to(exported) > 10
    everything = b"\0".join([*files.values(), exported.read_bytes()])
    assert api.fingerprint(photos[0]).encode() in everything  # what is meant to be there is
    for needle in (*PLANTED, b"needle name", b"needle caption", b"14-5678"):
        assert needle not in everything, needle
    for path in photos:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            pixels = picture.convert("RGB").tobytes()
        assert sum(piece in everything for piece in windows(data)) == 0, path.name
        assert sum(piece in everything for piece in windows(pixels[::7])) == 0, path.name
    # No measurement of a face either.
    with sqlite3.connect(ledger) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        rows = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
        bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM events")]
    connection.close()
    blobs = [value for row in rows for value in row if isinstance(value, bytes)]
    assert blobs
    assert {len(blob) for blob in blobs} == {32}  # keys
    # A box has four numbers; the shortest face template in use has 128.
    assert max(map(numbers_in_a_row, bodies)) <= 4


def test_after_erasing_nothing_of_the_person_is_left(
    tmp_path: Path, filled: tuple[Path, list[Path], str]
) -> None:
    ledger, _, ref = filled
    assert office.PATIENT.giver == getattr(api.Desk.at().record(ref).entry, "giver", None)
    before = tmp_path / "before.jsonl"
    api.Desk.at().export_to(before)
    for needle in (*office.NEEDLES, "needle reason"):
        assert needle.encode() not in b"".join([*raw(ledger).values(), before.read_bytes()])
    with sqlite3.connect(ledger) as connection:
        (key,) = connection.execute(
            "SELECT key FROM keys JOIN events ON seq = event WHERE ref = ?", (ref,)
        ).fetchone()
    connection.close()
    assert any(key in data for data in raw(ledger).values())
    erased = tmp_path / "erased.db"
    with sqlite3.connect(ledger) as connection, sqlite3.connect(erased) as copy:
        connection.backup(copy)  # without the reader, who would keep the log from being emptied
    connection.close()
    copy.close()
    desk = api.Desk.at(erased)
    desk.erase(ref)
    after = tmp_path / "after.jsonl"
    desk.export_to(after)
    everything = b"".join([*raw(erased).values(), after.read_bytes()])
    for trace in (key, key.hex().encode(), base64.b64encode(key)):
        assert trace not in everything
    assert ref.encode() in everything
    assert desk.record(ref).entry is None
