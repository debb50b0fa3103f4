"""Held photos are answered on the page, with the same outcome as on the command line."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from browsing import ROOT, SAMPLES, group, needs_chromium, window
from playwright.sync_api import expect
from running import serve

from imu_imageprep import verify
from imu_imageprep.api import Desk
from imu_imageprep.domain.values import to_values

if TYPE_CHECKING:
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser, Locator

pytestmark = needs_chromium

CLINICAL = SAMPLES / "clinical.jpg"
PORTRAIT = SAMPLES / "portrait.jpg"
SIGNED = SAMPLES / "notes.png"  # stands for the scan of a signed form

STAFF = {
    "kind": "staff",
    "subject": "S-07",
    "giver": "Lim Mei",
    "capacity": "yes",
    "minor": "no",
    "form": "oral",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-01-05",
    "recorded_by": "Tan",
}
PATIENT = {
    **STAFF,
    "kind": "patient",
    "subject": "W3-07",
    "form": "written",
    "form_sha256": hashlib.sha256(SIGNED.read_bytes()).hexdigest(),
    "told_no_recall": "yes",
}
PLACE = {
    "kind": "place",
    "place": "Eye clinic",
    "authority": "the clinic's director",
    "giver": "Dr Ong",
    "photo": hashlib.sha256(CLINICAL.read_bytes()).hexdigest(),
    "signed": "2026-01-05",
    "recorded_by": "Tan",
}

DRAWN_ANEW = """async () => {
    const { desk } = await import("/static/answering.js");
    for (const chosen of [null, "face-1"]) { desk.chosen = chosen; desk.changed(); }
}"""


# Both before the page hears that the dialog is closed, as when somebody presses two keys quickly.
CLOSED_AND_A_KEY = """(key) => {
    document.querySelector("dialog").close();
    document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}"""


# As when a face still shows in the finished picture.
STILL_SHOWS = """async () => {
    const { photo, pressBox } = await import("/static/answering.js");
    await pressBox({ ...photo().findings[0], second: true });
}"""


def choice(form: Locator, question: str, answer: str) -> None:
    form.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def fill_person(form: Locator, values: dict[str, Any]) -> None:
    form.get_by_label("Code for the person").fill(values["subject"])
    form.get_by_label("Who agreed (name)").fill(values["giver"])
    choice(form, "Could they decide for themselves?", "Yes")
    choice(form, "Is the person under 18?", "No")
    choice(form, "Do they agree to be recognised?", "Yes")
    form.get_by_label("Signed on").fill(values["signed"])
    form.get_by_label("How did they agree?").or_(
        form.get_by_role("group", name="How did they agree?")
    ).get_by_label("In writing" if values["form"] == "written" else "Spoken").check()


def record(form: Locator) -> None:
    form.get_by_role("button", name="Record it").click()
    expect(form).to_be_hidden()


def answer_the_group(it: Window) -> tuple[int, ...]:
    """Cover one face, consent for another, dismiss the third, draw a box; the box as drawn."""
    page = it.page
    # Three faces are one card; one of them can be picked there.
    expect(page.locator("#findings > .finding")).to_have_count(1)
    expect(page.locator("#findings .chip")).to_have_count(3)
    it.box("Face 1, not answered").click()
    expect(it.box("Face 1, will be covered")).to_be_visible()

    # What is shown as covered is what will be covered.
    face = next(one for one in it.photos()["group.jpg"]["findings"] if one["id"] == "face-1")
    picture = page.locator("#picture").bounding_box()
    area = it.box("Face 1, will be covered").bounding_box()
    assert picture is not None
    assert area is not None
    scale = picture["width"] / 1600
    place = [area["x"] - picture["x"], area["y"] - picture["y"], area["width"], area["height"]]
    assert place == pytest.approx([length * scale for length in face["cover"]], abs=2)

    page.keyboard.press("c")  # about the first face that is not answered
    it.name("Tan")
    ask = it.dialog("Who agreed?")
    expect(ask.get_by_text("No consent is on record yet.")).to_be_visible()
    ask.get_by_role("button", name="Record a consent").click()
    form = it.dialog("Record a consent")
    fill_person(form, STAFF)
    record(form)
    ask.get_by_role("button", name="Use it").click()
    expect(it.box("Face 2, answered")).to_be_visible()

    page.keyboard.press("d")
    ask = it.dialog("False alarm: not a person")
    ask.get_by_label("It is a picture or a statue").check()
    ask.get_by_role("button", name="Confirm").click()
    expect(it.box("Face 3, false alarm")).to_be_visible()

    # A slip is taken back, and done again.
    page.keyboard.press("u")
    expect(it.box("Face 3, not answered")).to_be_visible()
    page.keyboard.press("d")
    ask = it.dialog("False alarm: not a person")
    ask.get_by_label("It is a picture or a statue").check()
    ask.get_by_role("button", name="Confirm").click()
    expect(it.box("Face 3, false alarm")).to_be_visible()

    page.get_by_role("button", name="Name tag").click()
    shown = page.locator("#picture").bounding_box()
    assert shown is not None
    page.mouse.move(shown["x"] + 10, shown["y"] + 10)
    page.mouse.down()
    page.mouse.move(shown["x"] + 110, shown["y"] + 70, steps=3)
    page.mouse.up()
    expect(page.get_by_role("button", name="Covered area 1")).to_be_visible()
    (box,) = it.photos()["group.jpg"]["covering"]["boxes"]
    return tuple(box)


def answer_the_clinical(it: Window) -> None:
    page = it.page
    expect(page.locator("#left")).to_contain_text("2 things")
    page.get_by_role("button", name="The patient agreed").click()
    ask = it.dialog("Which patients agreed?")
    # That of the staff is not even offered.
    expect(ask.get_by_text("No patient's consent is on record yet.")).to_be_visible()
    ask.get_by_role("button", name="Record a patient's consent").click()
    form = it.dialog("Record a patient's consent")
    fill_person(form, PATIENT)
    choice(form, "Were they told", "Yes")
    form.get_by_label("Scan or photo of the signed form").set_input_files(SIGNED)
    record(form)
    ask.get_by_label("How many patients can be seen?").fill("1")
    ask.get_by_role("button", name="Use it").click()
    expect(page.locator("#left")).to_contain_text("1 thing")

    page.get_by_role("button", name="The place permits it").click()
    ask = it.dialog("Who permits this place?")
    ask.get_by_role("button", name="Record a permission").click()
    form = it.dialog("Record a place's permission")
    form.get_by_label("Name of the place").fill("Eye clinic")
    form.get_by_label("Office that may give the permission").fill("the clinic's director")
    form.get_by_label("Who agreed (name)").fill("Dr Ong")
    form.get_by_label("Signed on").fill("2026-01-05")
    record(form)
    ask.get_by_role("button", name="Use it").click()
    expect(page.locator("#left")).to_contain_text("Everything is answered")


def imageprep(ledger: Path, *args: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "imu_imageprep", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IMAGEPREP_LEDGER": str(ledger)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def recorded(ledger: Path, values: dict[str, Any]) -> str:
    form = ledger.with_suffix(".toml")
    form.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    return imageprep(ledger, "consent", "add", "--from", form)


def on_the_command_line(ledger: Path, photo: Path, box: tuple[int, ...]) -> None:
    """The same answers, typed."""
    staff = recorded(ledger, STAFF)
    use = ("consent", "use", "--by", "Tan", "--photo")
    imageprep(ledger, *use, photo, "--finding", "face-2", staff)
    dismiss = ("dismiss", photo, "--finding", "face-3", "--need", "person-consent", "--by", "Tan")
    imageprep(ledger, *dismiss, "--reason", "picture or statue")
    covered = ("--redact", "face-1", "--redact-box", ",".join(map(str, box)))
    imageprep(ledger, "-o", ledger.with_suffix(""), *covered, photo)
    patient, place = recorded(ledger, PATIENT), recorded(ledger, PLACE)
    imageprep(ledger, *use, CLINICAL, "--finding", "clinical-1", "--patients", 1, patient)
    imageprep(ledger, *use, CLINICAL, "--finding", "clinical-1", place)
    imageprep(ledger, "-o", ledger.with_suffix(""), CLINICAL)


def told(ledger: Path, photos: dict[Path, bytes], folder: Path) -> tuple[list[Any], list[Any]]:
    """What a ledger holds about photos and their exports, references by what they name."""
    desk = Desk.at(ledger)
    found = {one.ref: one for photo in (None, *photos) for one in desk.records(photo)}
    kept = {ref: one for ref, one in found.items() if one.state.value == "in force"}
    names = {ref: f"{one.kind} {getattr(one.entry, 'subject', '')}" for ref, one in kept.items()}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("ref", "at", "account")}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    entries = [plain(to_values(one.entry)) for one in kept.values()]
    receipts = []
    for photo, data in photos.items():
        copy = folder / photo.name
        copy.write_bytes(data)
        (stored,) = desk.receipts(copy)
        aside = ("path", "head", "request", "last_look")  # on the command line nobody looked
        body = {k: v for k, v in stored.body.items() if k not in aside}
        body["export"].pop("path")
        body["relied_on"] = sorted(names[ref] for ref in stored.relied_on)
        receipts.append((stored.finished, plain(body)))
    return sorted(entries, key=str), receipts


def test_a_group_and_a_clinical_photo_are_answered_as_on_the_command_line(
    chromium: Browser, tmp_path: Path
) -> None:
    photo = tmp_path / "group.jpg"
    photo.write_bytes(group())
    typed = tmp_path / "typed.db"
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.choose(photo, CLINICAL)
        it.page.click("#go-review")
        expect(it.page.locator("#review-title")).to_have_text("group.jpg")
        box = answer_the_group(it)

        it.page.keyboard.press("p")
        expect(it.page.locator("#preview-text")).to_contain_text("800 × 450")
        preview = bytes(
            it.page.evaluate(
                "(address) => fetch(address).then((answer) => answer.arrayBuffer())"
                ".then((data) => [...new Uint8Array(data)])",
                f"/api/photos/{it.photos()['group.jpg']['id']}/preview?v=again",
            )
        )
        it.finish("clinical.jpg")
        answer_the_clinical(it)
        it.finish(None)
        archive = zipfile.ZipFile(io.BytesIO(it.zipped()))
        exports = {one: archive.read(one) for one in archive.namelist()}
        ledger = server.ledger
        held = it.photos()
        assert [one["state"] for one in held.values()] == ["ready", "ready"]

    assert len(exports) == 2
    assert all(name.startswith("photo-") for name in exports)
    assert all(verify(data) == () for data in exports.values())
    # What was shown before is what was exported, to the byte.
    shown = hashlib.sha256(preview).hexdigest()
    assert shown == held["group.jpg"]["export"]["sha256"]

    on_the_command_line(typed, photo, box)
    sources = {photo: photo.read_bytes(), CLINICAL: CLINICAL.read_bytes()}
    ours = told(ledger, sources, tmp_path)
    theirs = told(typed, sources, tmp_path)
    assert ours == theirs
    by_hand = {path.name: path.read_bytes() for path in typed.with_suffix("").iterdir()}
    assert exports == by_hand
    for book in (ledger, typed):
        assert Desk.at(book).audit().damage is None


def test_a_doubt_has_two_buttons_and_a_key_for_each(chromium: Browser, tmp_path: Path) -> None:
    rules = "[clinical]\nthreshold = 1.0\ndoubt = 0.9\n"
    with (
        serve(tmp_path / "server", config=rules) as server,
        window(chromium, server) as it,
    ):
        page = it.page
        it.choose(CLINICAL)
        page.click("#go-review")
        card = page.locator("#findings .finding")
        expect(card).to_contain_text("May show a clinical place")
        expect(page.locator("#left")).to_contain_text("1 thing still")

        page.get_by_role("button", name="Yes, it is clinical").click()
        it.name("Tan")
        expect(card).to_contain_text("It is clinical, says Tan.")
        expect(card).to_contain_text("May show a patient")
        expect(page.locator("#left")).to_contain_text("2 things")
        page.get_by_role("button", name="Withdraw").click()
        expect(card).to_contain_text("May show a clinical place")

        page.keyboard.press("y")
        expect(page.locator("#left")).to_contain_text("2 things")
        page.keyboard.press("u")
        expect(card).to_contain_text("May show a clinical place")
        page.keyboard.press("d")
        expect(card).to_contain_text("Nothing clinical is shown, says Tan.")
        it.finish(None)
        (ready,) = it.photos().values()
        assert ready["state"] == "ready"


def test_a_dialog_gives_the_focus_back_but_never_takes_it_away(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        it.choose(PORTRAIT)
        page.click("#go-review")
        page.get_by_role("button", name="Cover Face 1").focus()
        page.keyboard.press("d")
        it.name("Tan")
        it.dialog("False alarm: not a person")
        page.evaluate(DRAWN_ANEW)  # the button that had the focus is another one now
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Cover Face 1")).to_be_focused()

        page.keyboard.press("d")
        it.dialog("False alarm: not a person")
        page.evaluate(CLOSED_AND_A_KEY, "b")
        expect(page.locator("dialog")).to_have_count(0)  # its last event is heard
        expect(page.locator(".draft")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".draft")).to_have_count(0)


def test_a_face_that_still_shows_is_covered_as_large_as_any_other(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.choose(PORTRAIT)
        it.page.click("#go-review")
        expect(it.box("Face 1, not answered")).to_be_visible()
        it.page.evaluate(STILL_SHOWS)
        expect(it.page.get_by_role("button", name="Covered area 1")).to_be_visible()
        (photo,) = it.photos().values()
        (face,) = photo["findings"]
        assert photo["covering"] == {
            "redact": [],
            "boxes": [face["cover"]],
            "style": "solid",
            "credit": None,
        }
        assert all(
            more >= 1.5 * length
            for more, length in zip(face["cover"][2:], face["box"][2:], strict=True)
        )


def test_a_person_that_was_missed_is_marked_by_keys_and_waits(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        it.choose(PORTRAIT)
        page.click("#go-review")
        page.get_by_role("button", name="Cover Face 1").focus()
        page.keyboard.press("Enter")
        expect(it.box("Face 1, will be covered")).to_be_visible()
        # The button is gone, and whoever uses the keyboard is still at the same finding.
        expect(page.get_by_role("button", name="Leave it uncovered Face 1")).to_be_focused()
        page.click("#draw")
        expect(page.locator("#draw-hint")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#draw-hint")).to_be_hidden()
        page.keyboard.press("b")
        expect(page.locator(".draft")).to_be_focused()
        page.evaluate(DRAWN_ANEW)  # as when something about the photo changes meanwhile
        expect(page.locator(".draft")).to_be_focused()
        for key in ("ArrowUp", "ArrowUp", "Shift+ArrowRight", "Enter"):
            page.keyboard.press(key)
        ask = it.dialog("What is in the box?")
        ask.get_by_label("A person who may be recognised").check()
        ask.get_by_role("button", name="Keep it").click()
        it.name("Tan")
        expect(page.locator("#findings .chip")).to_have_count(2)
        expect(page.locator("#left")).to_contain_text("1 thing still")

        # Not answered: it cannot be made ready, and trying says why.
        page.keyboard.press("e")
        expect(page.locator("#spoken")).to_contain_text("1 thing still")
        (held,) = it.photos().values()
        assert held["state"] == "held"
        (drawn,) = (one for one in held["findings"] if one["drawn"])
        # From the middle, two steps up and one wider, of a photo of 680 x 850 pixels.
        assert drawn["box"] == pytest.approx([272, 306, 150, 170], abs=2)
        page.get_by_role("button", name=f"Cover Face {drawn['id'][-1]}").click()
        expect(page.locator("#left")).to_contain_text("Everything is answered")
        it.finish(None)
        (ready,) = it.photos().values()
        assert len(ready["covered"]) == 2
