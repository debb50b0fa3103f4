"""Every view and state: usable by everybody, light, narrow and wide, and honest in trouble."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from browsing import SAMPLES, needs_chromium, window
from playwright.sync_api import expect
from running import serve

from imu_imageprep.front.web import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser

pytestmark = needs_chromium

MOST_BYTES = 300_000
PERMISSION = {
    "kind": "place",
    "fields": {
        "place": "Eye clinic",
        "authority": "the clinic's director",
        "giver": "Dr Ong",
        "first": "2020-01-01",
        "last": "2030-01-01",
        "signed": "2026-01-05",
    },
}


def sound(it: Window, state: str) -> None:
    """Nothing serious is in the way of anybody, and nothing is cut off."""
    assert it.serious() == [], state
    assert it.too_wide() == [], state


def closed(it: Window) -> None:
    it.page.keyboard.press("Escape")
    expect(it.page.get_by_role("dialog")).to_have_count(0)


def test_photos_and_review_are_usable_by_everybody(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        sound(it, "nothing yet")
        assert it.weight() < MOST_BYTES, "the start"
        page.get_by_text("Very many photos?").click()
        page.get_by_label("Folder or photo on this computer").fill("/nowhere/at/all")
        page.get_by_role("button", name="Prepare it").click()
        expect(page.locator("#path-problem")).not_to_be_empty()
        sound(it, "a path that is refused")
        it.problems.clear()  # the refused request is told in the console

        text = tmp_path / "text.jpg"
        text.write_text("no picture")
        it.choose(SAMPLES / "portrait.jpg", SAMPLES / "clinical.jpg", SAMPLES / "campus.jpg", text)
        sound(it, "the list")

        it.view("review")
        sound(it, "a face")
        it.page.keyboard.press("c")
        it.name()
        it.dialog("Who agreed?")
        sound(it, "nothing on record")
        page.get_by_role("button", name="Record a consent").click()
        form = it.dialog("Record a consent")
        form.get_by_role("group", name="Is the person under 18?").get_by_label(
            "Yes", exact=True
        ).check()
        sound(it, "a form")
        form.get_by_role("button", name="Record it").click()
        expect(form.get_by_role("alert")).to_be_visible()
        sound(it, "a form with something missing")
        it.problems.clear()
        page.keyboard.press("Escape")
        expect(form).to_be_hidden()
        closed(it)
        page.keyboard.press("d")
        it.dialog("False alarm: not a person")
        sound(it, "a dismissal")
        closed(it)
        page.keyboard.press("b")
        expect(page.locator(".draft")).to_be_focused()
        sound(it, "drawing")
        page.keyboard.press("Enter")
        it.dialog("What is in the box?")
        sound(it, "a drawn box")
        closed(it)
        page.keyboard.press("j")
        expect(page.locator("#review-title")).to_have_text("clinical.jpg")
        expect(page.locator("#findings")).to_contain_text("The place's permission")
        sound(it, "a clinical photo")
        page.keyboard.press("?")
        it.dialog("Help")
        sound(it, "help")
        assert it.weight() < MOST_BYTES * 2, "everything that was opened"


def test_a_form_asks_what_the_answers_make_necessary(chromium: Browser, tmp_path: Path) -> None:
    """As the terminal does: both read it from the questions."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.view("consents")
        it.page.click("#consent-add")
        it.name()
        form = it.dialog("Record a consent")
        minor = form.get_by_role("group", name="Is the person under 18?")
        capacity = form.get_by_role("group", name="Could they decide for themselves?")
        final = form.get_by_role("group", name="Did they see the final picture?")
        expect(form.get_by_label("Day they turn 18")).to_be_hidden()
        expect(capacity).to_be_visible()
        minor.get_by_label("Yes", exact=True).check()
        expect(form.get_by_label("Day they turn 18")).to_be_visible()
        expect(capacity).to_be_hidden()
        expect(form.get_by_label("They are")).to_be_visible()
        minor.get_by_label("No", exact=True).check()
        capacity.get_by_label("Yes", exact=True).check()
        expect(form.get_by_label("They are")).to_be_hidden()
        expect(final).to_be_hidden()
        form.get_by_label("Who is shown?").select_option("patient")
        expect(final).to_be_visible()


def test_a_form_goes_to_what_is_missing(chromium: Browser, tmp_path: Path) -> None:
    """The first empty field is named and pointed at; the dialog may be longer than the window."""
    with serve(tmp_path / "server") as server, window(chromium, server, size=(1280, 500)) as it:
        it.view("consents")
        it.page.click("#consent-add")
        it.name()
        form = it.dialog("Record a consent")
        form.locator('select[name="kind"]').select_option("event")
        event = form.locator('[data-field="event"] input')
        expect(event).to_be_visible()
        form.get_by_role("button", name="Record it").click()
        expect(event).to_be_focused()
        expect(event).to_be_in_viewport()
        expect(form.get_by_role("alert")).to_contain_text("This is missing: ")
        assert not event.evaluate("(field) => field.checkValidity()")
        event.fill("Open Day")
        assert event.evaluate("(field) => field.checkValidity()")


def test_results_consents_and_rules_are_usable_by_everybody(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        it.send("PUT", "/api/me", {"name": "Tan"})
        permission = it.send("POST", "/api/records", PERMISSION)["ref"]
        page.reload()
        it.alive()
        for view, heading in (("review", "No photo waits for you"), ("results", "Ready")):
            it.view(view)
            expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
            sound(it, f"{view}, empty")
        it.view("drop")
        it.choose(SAMPLES / "campus.jpg")
        it.view("results")
        expect(page.locator("#shots li")).to_have_count(1)
        sound(it, "results")
        page.get_by_role("button", name="Look at campus.jpg").click()
        it.dialog("campus.jpg")
        sound(it, "a picture in large")
        closed(it)
        expect(page.locator("#looked-at")).to_contain_text("all of them")

        it.view("consents")
        page.get_by_role("button", name=permission).click()
        it.dialog(permission)
        sound(it, "a record")
        page.get_by_role("button", name="Erase").click()
        ask = it.dialog(f"Erase {permission} forever?")
        sound(it, "erasing")
        ask.get_by_label("to confirm").fill(permission)
        ask.get_by_role("button", name="Erase").click()
        expect(page.locator("#consent-rows")).to_contain_text("erased")
        sound(it, "the list of records")


def test_rules_forms_and_malay_are_usable_by_everybody(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        it.view("policy")
        expect(page.locator("#policy-facts")).to_contain_text("800 × 600")
        sound(it, "rules")

        it.view("consents")
        page.get_by_role("button", name="Print a form").click()
        ask = it.dialog("Print a form to sign")
        sound(it, "forms to print")
        with page.expect_popup() as opened:
            ask.get_by_role("button", name="Bahasa Melayu Patient").click()
        form = opened.value
        expect(form.get_by_role("heading", level=1)).to_contain_text("Persetujuan")
        expect(form.locator(".mark b")).to_have_text(re.compile(r"C-\w{3}-\w{3}-\w{3}"))
        expect(form.get_by_alt_text("Kod QR")).to_be_visible()
        form.emulate_media(media="print")
        expect(form.get_by_role("button", name="Cetak")).to_be_hidden()
        # One sheet of paper.
        assert len(re.findall(rb"/Type\s*/Page\b", form.pdf(prefer_css_page_size=True))) == 1
        form.close()

        page.select_option("#language", "ms")
        expect(page.locator("html")).to_have_attribute("lang", "ms")
        it.alive()
        it.view("drop")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sediakan foto")
        sound(it, "in Malay")

        page.goto(f"{server.url}/nowhere")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        sound(it, "no such page")
        it.problems.clear()  # the refused request is told in the console


def test_what_the_rules_do_not_look_for_is_told(chromium: Browser, tmp_path: Path) -> None:
    config = '[flags]\ncode = "off"\nsource = "note"\n[faces]\nmin_face = 20\n'
    with serve(tmp_path / "server", config=config) as server, window(chromium, server) as it:
        it.view("policy")
        expect(it.page.locator("#not-checked-text")).to_contain_text(
            "NOT CHECKED: other people's copyright, barcodes and QR codes, and the smallest faces."
        )
        expect(it.page.locator("#policy-facts")).to_contain_text("Barcodes and QR codesNOT CHECKED")


def test_help_says_where_the_program_runs_and_stops_it(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.keyboard.press("?")
        it.dialog("Help")
        said = it.page.get_by_role("dialog")
        expect(said).to_contain_text(f"at {urlsplit(it.page.url).netloc}. It has no window")
        expect(said).to_contain_text("for 30 minutes")
        said.get_by_role("button", name="Stop the program").click()
        expect(it.page.locator("#banner-text")).to_have_text(
            "The program was stopped. You can close this page."
        )


def test_what_is_looked_for_is_found(chromium: Browser, tmp_path: Path) -> None:
    """The checks of the other tests see what they are there to see."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.page.evaluate(
            "document.querySelector('.three').style.color = '#ccc';"
            "document.querySelector('#pick-files').textContent = '';"
            "document.querySelector('.drop').style.minWidth = '500px';"
        )
        told = " ".join(it.serious())
        assert "light: color-contrast" in told
        assert "button-name" in told
        assert len(it.too_wide()) == 2


def test_trouble_is_told(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        stranger = chromium.new_context()
        other = stranger.new_page()
        other.goto(server.url)
        expect(other.get_by_role("heading", level=1)).to_have_text(
            "This page was opened without its key"
        )
        stranger.close()
        server.kill()
        expect(page.locator("#banner")).to_contain_text("The program does not answer.")
        assert it.serious() == []
        it.problems.clear()


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_the_bar_is_one_line_on_a_laptop(chromium: Browser, tmp_path: Path, language: str) -> None:
    """In every language, with a long name, and with a number beside every view that has one."""
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        name = "Prof. Dr. Nurul Aisyah binti Abdul Rahman"
        it.send("PUT", "/api/me", {"name": name, "language": language})
        it.page.reload()
        it.alive()
        expect(it.page.locator("#me")).to_have_text(name)
        it.page.evaluate("""document.querySelectorAll(".bar .count").forEach((count) => {
            count.hidden = false;
            count.textContent = "120";
        })""")
        for width in (1440, 1280):
            it.page.set_viewport_size({"width": width, "height": 800})
            lines = it.page.evaluate("""() => {
                const { height } = document.querySelector(".bar nav a").getBoundingClientRect();
                return document.querySelector(".bar").offsetHeight / height;
            }""")
            assert lines < 1.5, width
