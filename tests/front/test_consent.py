"""The consent check as people meet it: real commands, real detectors, one ledger."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import command
import containers
import pytest
from pictures import encoded, exif, scene
from PIL import Image

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAIT, RETINA = SAMPLES / "portrait.jpg", SAMPLES / "clinical.jpg"

STAFF = {
    "kind": "staff",
    "subject": "NURSE-7",
    "giver": "Needle Giver",
    "capacity": "yes",
    "minor": "no",
    "form": "oral",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "told_no_recall": "yes",
    "conditions": "needle condition",
    "signed": "2026-01-02",
    "recorded_by": "Desk",
}
PATIENT = {
    **STAFF,
    "kind": "patient",
    "subject": "P-EYE-1",
    "form": "written",
    "form_sha256": "ab" * 32,
}
PLACE = {
    "kind": "place",
    "place": "Eye clinic",
    "authority": "the clinic's director",
    "giver": "Director",
    "photo": hashlib.sha256(RETINA.read_bytes()).hexdigest(),
    "signed": "2026-01-02",
    "recorded_by": "Desk",
}
EVENT = {
    "kind": "event",
    "event": "White coat day",
    "kinds": ["student"],
    "first": "2026-03-01",
    "last": "2026-03-01",
    "sheet_sha256": "cd" * 32,
    "people": 40,
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-03-01",
    "recorded_by": "Desk",
}


def imageprep(*args: object, code: int = 0) -> str:
    done = command.imageprep(*args)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout


def recorded(folder: Path, values: dict[str, Any]) -> str:
    """Enter a record through a form; its reference."""
    form = folder / "form.toml"
    form.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()), "utf-8")
    return imageprep("consent", "add", "--from", form).strip()


def prepared(photo: Path, out: Path, *options: object, code: int = 0) -> dict[str, Any]:
    line = imageprep("--json", "-o", out, *options, photo, code=code)
    answer: dict[str, Any] = json.loads(line)
    return answer


def use(ref: str, photo: Path, finding: str, *options: object, code: int = 0) -> str:
    return imageprep(
        *("consent", "use", ref, "--photo", photo, "--finding", finding, "--by", "Desk"),
        *options,
        code=code,
    )


def test_a_consent_lets_a_face_be_shown_under_a_neutral_name(tmp_path: Path) -> None:
    out = tmp_path / "web"
    assert prepared(PORTRAIT, out, code=1)["outcome"] == "held"
    ref = recorded(tmp_path, STAFF)
    assert prepared(PORTRAIT, out, code=1)["outcome"] == "held"
    answer = use(ref, PORTRAIT, "face-1").strip()
    told = prepared(PORTRAIT, out)
    assert told["outcome"] == "exported"
    assert told["covered"] == []
    assert set(told["receipt"]["relied_on"]) == {ref, answer}
    assert Path(told["export"]["path"]).name.startswith("photo-")
    assert ref in imageprep("receipt", told["export"]["path"])


def test_another_photo_of_the_same_person_still_waits(tmp_path: Path) -> None:
    ref = recorded(tmp_path, STAFF)
    use(ref, PORTRAIT, "face-1")
    other = tmp_path / "other.jpg"
    other.write_bytes(PORTRAIT.read_bytes() + b"\0")
    assert prepared(other, tmp_path / "web", code=1)["outcome"] == "held"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"purpose": ["teaching"]}, "publication"),
        ({"identifiable": "no"}, "recogni"),
        ({"expires": "2026-02-03"}, "expired"),
        ({"signed": "2999-01-01"}, "sign"),
        ({"channels": ["poster"]}, "channel"),
    ],
)
def test_a_consent_that_does_not_fit_says_why(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    ref = recorded(tmp_path, {**STAFF, **change})
    use(ref, PORTRAIT, "face-1")
    told = imageprep("check", PORTRAIT, code=1)
    assert ref in told
    assert says in told


def test_a_clinical_photo_needs_patient_and_place(tmp_path: Path) -> None:
    out = tmp_path / "web"
    patient, place = recorded(tmp_path, PATIENT), recorded(tmp_path, PLACE)
    use(recorded(tmp_path, STAFF), RETINA, "clinical-1", "--patients", 1)
    assert len(prepared(RETINA, out, code=1)["held_for"]) == 2
    imageprep("consent", "withdraw", imageprep_answer(RETINA), "--by", "Desk")
    use(patient, RETINA, "clinical-1", "--patients", 1)
    (left,) = prepared(RETINA, out, code=1)["held_for"]
    assert left["needs"] == "place-permission"
    assert prepared(RETINA, out, "--place", place)["outcome"] == "exported"


def imageprep_answer(photo: Path) -> str:
    """The reference of the answer given for a photo."""
    rows = imageprep("consent", "list", "--photo", photo, "--json").splitlines()
    (ref,) = [row["ref"] for row in map(json.loads, rows) if row["kind"] == "answer"]
    return str(ref)


def test_dismissing_one_need_leaves_the_other(tmp_path: Path) -> None:
    imageprep(
        *("dismiss", RETINA, "--finding", "clinical-1", "--need", "patient-consent"),
        *("--reason", "no patient shown", "--by", "Desk"),
    )
    (left,) = prepared(RETINA, tmp_path / "web", code=1)["held_for"]
    assert left["needs"] == "place-permission"
    imageprep(
        *("dismiss", RETINA, "--finding", "clinical-1", "--need", "place-permission"),
        *("--reason", "because", "--by", "Desk"),
        code=2,
    )


def test_a_withdrawal_names_what_was_exported_and_posted(tmp_path: Path) -> None:
    ref = recorded(tmp_path, STAFF)
    use(ref, PORTRAIT, "face-1")
    one = prepared(PORTRAIT, tmp_path / "one")["export"]["path"]
    two = prepared(PORTRAIT, tmp_path / "two", "--size", "400x300")["export"]["path"]
    imageprep("posted", two, "--url", "https://example.org/post/1")
    told = imageprep("consent", "withdraw", ref, "--by", "Desk", "--reason", "changed their mind")
    for said in (one, two, "https://example.org/post/1", "nobody can take back a copy"):
        assert said in told
    assert prepared(PORTRAIT, tmp_path / "one", code=1)["outcome"] == "held"
    assert "withdrawn" in imageprep("consent", "list")


def test_an_erasure_leaves_nothing_of_the_person(tmp_path: Path, home: Path) -> None:
    ref = recorded(tmp_path, STAFF)
    assert "Needle Giver" in imageprep("consent", "show", ref)
    imageprep("consent", "erase", ref, code=2)
    imageprep("consent", "erase", ref, "--yes")
    raw = b"".join(path.read_bytes() for path in home.glob("ledger.db*"))
    for needle in (b"Needle Giver", b"needle condition", b"NURSE-7"):
        assert needle not in raw
    assert "Needle" not in imageprep("consent", "show", ref)


def test_an_audit_names_the_changed_event(tmp_path: Path, home: Path) -> None:
    recorded(tmp_path, STAFF)
    recorded(tmp_path, PLACE)
    sound = imageprep("consent", "audit")
    head = sound.split("head ")[1].rstrip(".\n")
    with sqlite3.connect(home / "ledger.db") as connection:
        connection.execute("DROP TRIGGER events_never_change")
        connection.execute("UPDATE events SET at = '2020' || substr(at, 5) WHERE seq = 1")
    connection.close()
    assert "event 1" in imageprep("consent", "audit", code=6)
    (home / "ledger.db").unlink()
    imageprep("consent", "audit", "--expect", head, code=6)


def test_export_and_import_never_revive(tmp_path: Path, home: Path) -> None:
    ref = recorded(tmp_path, STAFF)
    file = tmp_path / "ledger.jsonl"
    imageprep("consent", "export", file)
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    imageprep("consent", "erase", ref, "--yes")
    imageprep("consent", "import", file)
    assert "erased" in imageprep("consent", "show", ref)
    (home / "ledger.db").unlink()
    imageprep("consent", "import", file)
    assert "Needle Giver" in imageprep("consent", "show", ref)


@pytest.mark.parametrize(
    "kind", ["patient", "staff", "student", "alumni", "visitor", "event", "place"]
)
def test_an_empty_form_is_refused(tmp_path: Path, kind: str) -> None:
    form = tmp_path / "form.toml"
    form.write_text(imageprep("consent", "template", kind), "utf-8")
    imageprep("consent", "add", "--from", form, code=2)


def test_identifiers_are_refused(tmp_path: Path) -> None:
    form = tmp_path / "form.toml"
    values = {**STAFF, "subject": "900101-14-5678"}
    form.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()), "utf-8")
    imageprep("consent", "add", "--from", form, code=2)


def beside(*pictures: Path) -> Image.Image:
    """Photos next to each other: as many people as there are portraits, or one in a ward."""
    opened = [Image.open(path).convert("RGB").resize((600, 750)) for path in pictures]
    whole = Image.new("RGB", (600 * len(opened), 750))
    for number, picture in enumerate(opened):
        whole.paste(picture, (600 * number, 0))
    return whole


def test_an_event_clears_a_group_but_not_a_ward(tmp_path: Path) -> None:
    group, ward = tmp_path / "group.jpg", tmp_path / "scene.jpg"
    group.write_bytes(encoded(beside(PORTRAIT, PORTRAIT, PORTRAIT)))
    ward.write_bytes(encoded(beside(PORTRAIT, RETINA)))
    ref = recorded(tmp_path, EVENT)
    whole = ("--captured", "2026-03-01", "--nobody-excluded")
    # Whether or not the check doubts: somebody looked.
    imageprep("dismiss", group, "--doubts", "--yes", "--by", "Desk")
    imageprep("consent", "use", ref, "--photo", group, "--covers", "all", "--by", "Desk", *whole)
    assert prepared(group, tmp_path / "web")["outcome"] == "exported"
    use(ref, ward, "face-1", *whole)
    told = prepared(ward, tmp_path / "web", code=1)
    assert {need["needs"] for need in told["held_for"]} == {
        *("person-consent", "patient-consent", "place-permission")
    }
    assert f"{ref} is for an event, and this may be a clinical scene" in imageprep(
        "check", ward, code=1
    )


def test_a_receipt_says_who_answered_what_and_why(tmp_path: Path, home: Path) -> None:
    photo = tmp_path / "open day.jpg"
    photo.write_bytes(encoded(beside(PORTRAIT, PORTRAIT, PORTRAIT, RETINA)))
    consent = recorded(tmp_path, STAFF)

    def ruled_out(finding: str, need: str, reason: str, by: str) -> str:
        said = ("--finding", finding, "--need", need, "--reason", reason, "--by", by)
        return imageprep("dismiss", photo, *said).strip()

    answer = use(consent, photo, "face-1").strip()
    gone = ruled_out("face-2", "person-consent", "picture or statue", "Needle Gone")
    patient = ruled_out("clinical-1", "patient-consent", "no patient shown", "Tan")
    place = ruled_out("clinical-1", "place-permission", "not a clinical place", "Tan")
    told = prepared(photo, tmp_path / "web", "--redact", "face-3")
    assert told["outcome"] == "exported"
    assert {(one["finding"], one["need"]): one["who"] for one in told["answered"]} == {
        ("face-1", "person-consent"): "Desk",
        ("face-2", "person-consent"): "Needle Gone",
        ("face-3", "person-consent"): None,
        ("clinical-1", "patient-consent"): "Tan",
        ("clinical-1", "place-permission"): "Tan",
    }
    export = told["export"]["path"]
    assert stored_receipt(home)["answered"] == [{**one, "who": None} for one in told["answered"]]
    assert json.loads(imageprep("receipt", export, "--json"))["answered"] == told["answered"]

    imageprep("consent", "erase", gone, "--yes")
    lines = [line.strip() for line in imageprep("receipt", export).splitlines()]
    day = told["answered"][0]["at"][:10]
    for line in (
        f"face-1: agreed: {consent} (staff), said by Desk on {day}",
        'face-2: false alarm "picture or statue", said by somebody whose name was erased',
        "face-3: covered",
        f'clinical-1, patient-consent: false alarm "no patient shown", said by Tan on {day}',
        f'clinical-1, place-permission: false alarm "not a clinical place", said by Tan on {day}',
    ):
        assert line in lines, lines
    after = json.loads(imageprep("receipt", export, "--json"))["answered"]
    assert [one["who"] for one in after if one["finding"] == "face-2"] == [None]
    assert [one["said"] for one in after] == [answer, gone, None, patient, place]
    imageprep("consent", "withdraw", consent, "--by", "Tan")
    lines = [line.strip() for line in imageprep("receipt", export).splitlines()]
    assert f"do not post it, and take it down: {consent} was withdrawn" in lines
    imageprep("consent", "erase", consent, "--yes")
    assert f"face-1: agreed: {consent} (erased), said by Desk on {day}" in imageprep(
        "receipt", export
    )


def stored_receipt(home: Path) -> dict[str, Any]:
    """The receipt of the only export, as it lies in the ledger."""
    with sqlite3.connect(home / "ledger.db") as connection:
        (body,) = connection.execute(
            "SELECT body FROM events WHERE kind = 'export-begun'"
        ).fetchone()
    connection.close()
    stored: dict[str, Any] = json.loads(body)
    return stored


def test_a_photo_taken_in_a_listed_place_needs_its_permission(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text(
        '[[places]]\nname = "Teaching clinic"\nlatitude = 3.05\nlongitude = 101.69\n', "utf-8"
    )
    photo = tmp_path / "lobby.jpg"
    position = exif()
    position.get_ifd(0x8825).update({2: (3.0, 3.0, 0.0), 4: (101.0, 41.0, 24.0)})
    photo.write_bytes(encoded(scene(), exif=position))
    assert prepared(photo, tmp_path / "web")["outcome"] == "exported"
    told = prepared(photo, tmp_path / "clinic", "--config", config, code=1)
    assert [need["needs"] for need in told["held_for"]] == ["place-permission"]
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    ref = recorded(tmp_path, {**PLACE, "place": "Teaching clinic", "photo": digest})
    told = prepared(photo, tmp_path / "clinic", "--config", config, "--place", ref)
    assert told["receipt"]["relied_on"] == [ref]
    assert Path(told["export"]["path"]).name.startswith("photo-")
    (one,) = told["answered"]
    assert (one["by"], one["ref"], one["who"], one["said"]) == ("record", ref, None, None)
    text = imageprep("receipt", told["export"]["path"])
    assert f"place-1: agreed: {ref} (place), named for the whole run" in text


def test_a_place_that_cannot_be_read_needs_the_permission_of_one(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    listed = (
        f'[[places]]\nname = "{name}"\nlatitude = {latitude}\nlongitude = 101.69\n'
        for name, latitude in (("Teaching clinic", 3.05), ("Eye clinic", 3.15))
    )
    config.write_text("".join(listed), "utf-8")
    photo = tmp_path / "lobby.jpg"
    packet = containers.xmp("<exif:GPSLatitude>somewhere</exif:GPSLatitude>")
    photo.write_bytes(encoded(scene(), xmp=packet))
    assert prepared(photo, tmp_path / "web")["outcome"] == "exported"
    told = prepared(photo, tmp_path / "clinic", "--config", config, code=1)
    assert [need["needs"] for need in told["held_for"]] == ["place-permission"]
    (found,) = told["findings"]
    assert (found["kind"], found["label"]) == ("place", None)
    assert found["reason"] == "the photo says where it was taken in a way that could not be read"
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    ref = recorded(tmp_path, {**PLACE, "photo": digest})
    told = prepared(photo, tmp_path / "clinic", "--config", config, "--place", ref)
    assert told["outcome"] == "exported"


def test_a_cut_ledger_shows_against_the_head_of_a_receipt(tmp_path: Path, home: Path) -> None:
    photo = tmp_path / "clear.jpg"
    photo.write_bytes(encoded(scene()))
    recorded(tmp_path, STAFF)
    head = prepared(photo, tmp_path / "web")["receipt"]["head"]
    imageprep("consent", "audit", "--expect", head)
    with sqlite3.connect(home / "ledger.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DROP TRIGGER events_never_go")
        connection.execute("DELETE FROM events WHERE seq > 1")
    connection.close()
    assert "No damage: 1 events" in imageprep("consent", "audit")
    assert "its end was cut off" in imageprep("consent", "audit", "--expect", head, code=6)
    with (home / "ledger.db").open("r+b") as file:
        file.truncate(5000)
    imageprep("consent", "audit", "--expect", head, code=6)


def test_the_card_of_a_receipt_follows_a_withdrawal(tmp_path: Path) -> None:
    ref, card = recorded(tmp_path, STAFF), tmp_path / "card.html"
    use(ref, PORTRAIT, "face-1")
    export = prepared(PORTRAIT, tmp_path / "web")["export"]["path"]
    assert imageprep("receipt", export, "--html", card) == f"{card}\n"
    assert "Why this picture may be posted" in card.read_text("utf-8")
    imageprep("consent", "withdraw", ref, "--by", "Desk")
    imageprep("receipt", export, "--html", card)
    told = card.read_text("utf-8")
    assert "This picture must not be posted" in told
    assert not any(needle in told for needle in ("Needle", "NURSE-7", "Desk", "portrait"))
    imageprep("receipt", RETINA, "--html", tmp_path / "none.html", code=2)
    assert not (tmp_path / "none.html").exists()
