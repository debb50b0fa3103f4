"""What is done with results on the page: words, receipts, reports, and where they were posted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from browsing import SAMPLES, needs_chromium, window
from playwright.sync_api import expect
from running import serve

if TYPE_CHECKING:
    from browsing import Window
    from playwright.sync_api import Browser

pytestmark = needs_chromium

PLAIN = (SAMPLES / "campus.jpg", SAMPLES / "notes.png")


def ready(it: Window) -> None:
    """Two results, and a person with a name."""
    it.send("PUT", "/api/me", {"name": "Tan"})
    it.page.reload()
    it.alive()
    it.choose(*PLAIN)
    it.view("results")
    expect(it.page.locator("#shots > li")).to_have_count(2)


def test_words_are_kept_where_they_stand_and_copied(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ready(it)
        card = page.locator("#shots > li").first
        card.get_by_text("Caption and alt text").click()
        card.get_by_label("Caption campus.jpg").fill("A cup in the north wing")
        card.get_by_label("Alt text campus.jpg").fill("A cup of coffee on a table")
        page.locator("#results-title").click()
        expect(page.locator("#told")).to_contain_text("The words are kept")
        photo = it.photos()["campus.jpg"]
        assert photo["captions"] == {
            "caption": "A cup in the north wing",
            "alt": "A cup of coffee on a table",
        }
        assert not it.serious()
        assert not it.too_wide()

        card.get_by_role("button", name="Copy Alt text campus.jpg").click()
        expect(page.locator("#told")).to_contain_text("Copied.")
        assert page.evaluate("navigator.clipboard.readText()") == "A cup of coffee on a table"

        # What may identify somebody is refused, stays to be corrected, and is not kept.
        caption = card.get_by_label("Caption campus.jpg")
        caption.fill("Patient 900101-14-5566")
        page.locator("#results-title").click()
        expect(card.get_by_role("alert")).not_to_be_empty()
        expect(caption).to_have_value("Patient 900101-14-5566")
        assert it.photos()["campus.jpg"]["captions"] == photo["captions"]
        it.problems.clear()  # the refused request is told in the console


def test_a_receipt_is_a_card_and_the_report_a_page(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        ready(it)
        with it.page.expect_popup() as opened:
            it.page.get_by_role("link", name="Receipt campus.jpg").click()
        card = opened.value
        expect(card.locator("body")).to_contain_text("Why this picture may be posted")
        card.close()
        with it.page.expect_download() as download:
            it.page.get_by_role("link", name="HTML").click()
        assert b"campus.jpg" in Path(download.value.path()).read_bytes()


def test_what_was_posted_is_told_for_many_at_once(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        ready(it)
        page.get_by_role("button", name="I posted it… notes").click()
        ask = it.dialog("Where did you post it?")
        ask.get_by_label("Address of the post").fill("https://example.org/first")
        ask.get_by_role("button", name="Save").click()
        expect(ask).to_be_hidden()

        # Those that were not posted yet are ticked to begin with.
        page.get_by_role("button", name="I posted several").click()
        ask = it.dialog("Where did you post it?")
        ticks = ask.get_by_role("checkbox")
        expect(ticks).to_have_count(2)
        expect(ask.get_by_role("checkbox", checked=True)).to_have_count(1)
        assert not it.serious()
        assert not it.too_wide()
        ask.get_by_role("button", name="None").click()
        ask.get_by_role("button", name="Save").click()
        expect(ask.get_by_role("alert")).to_contain_text("Tick the pictures")
        ask.get_by_role("button", name="All", exact=True).click()
        ask.get_by_label("Address of the post").fill("https://example.org/album")
        ask.get_by_role("button", name="Save").click()
        expect(ask).to_be_hidden()
        told = {name: one["posted"] for name, one in it.photos().items()}
        assert told == {
            "campus.jpg": ["https://example.org/album"],
            "notes.png": ["https://example.org/first", "https://example.org/album"],
        }


def test_each_picture_gets_its_own_address_from_a_list(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        ready(it)
        page.get_by_role("button", name="I posted several").click()
        ask = it.dialog("Where did you post it?")
        expect(ask.get_by_role("checkbox", checked=True)).to_have_count(2)
        addresses, save = (
            ask.get_by_label("one address on each line"),
            ask.get_by_role("button", name="Save"),
        )
        shown = ask.locator(".address")
        addresses.fill("https://example.org/album")
        expect(ask.get_by_role("status")).to_have_text("This address is for all 2 pictures.")
        expect(shown).to_have_text(["1. https://example.org/album", "2. https://example.org/album"])
        addresses.fill("https://example.org/1\nexample.org/2\n")
        save.click()
        expect(ask.get_by_role("alert")).to_contain_text("Line 2 is not an address: example.org/2")
        three = [f"https://example.org/{n}" for n in (1, 2, 3)]
        addresses.fill("\n".join(three))
        save.click()
        expect(ask.get_by_role("alert")).to_contain_text("3 addresses and ticked 2 pictures")
        addresses.fill(f"\n{three[0]}\n  {three[1]}  \n\n")
        expect(ask.get_by_role("status")).to_contain_text("Each of the 2 pictures has its own")
        expect(shown).to_have_text([f"1. {three[0]}", f"2. {three[1]}"])
        ask.get_by_role("checkbox").first.uncheck()
        expect(shown).to_have_text(["", f"1. {three[0]}"])
        expect(ask.get_by_role("status")).to_contain_text("2 addresses and ticked 1 pictures")
        ask.get_by_role("checkbox").first.check()
        assert not it.serious()
        assert not it.too_wide()
        save.click()
        expect(ask).to_be_hidden()
        told = [one["posted"] for one in it.photos().values()]
        assert told == [[three[0]], [three[1]]]
