"""Many faces as one card, and the last look: what leaves was seen, and is taken back in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from browsing import SAMPLES, group, needs_chromium, window
from playwright.sync_api import expect
from running import serve

if TYPE_CHECKING:
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser, Route

pytestmark = needs_chromium

SHEET = {
    "kind": "event",
    "fields": {
        "event": "Open day",
        "kinds": ["visitor"],
        "people": 40,
        "opt_outs": "two guests with a red badge",
        "first": "2020-01-01",
        "last": "2030-01-01",
        "sheet_sha256": "ab" * 32,
        "purpose": ["publication"],
        "channels": ["web"],
        "identifiable": "yes",
        "signed": "2026-01-05",
    },
}
HELD_DOWN = """() => document.dispatchEvent(
    new KeyboardEvent("keydown", { key: "f", bubbles: true, repeat: true }))"""


def sound(it: Window, state: str) -> None:
    """Nothing serious is in the way of anybody, and nothing is cut off."""
    assert it.serious() == [], state
    assert it.too_wide() == [], state


def covered(it: Window) -> list[str]:
    (photo,) = it.photos().values()
    return sorted(photo["covering"]["redact"])


def with_group(it: Window, folder: Path) -> None:
    """Three people wait in review, and the person at the page has a name."""
    photo = folder / "group.jpg"
    photo.write_bytes(group())
    it.send("PUT", "/api/me", {"name": "Tan"})
    it.page.reload()
    it.alive()
    it.choose(photo)
    it.page.click("#go-review")
    expect(it.page.locator("#photo:not(.loading) .box")).to_have_count(3)


def test_many_faces_are_one_card_and_one_of_them_is_picked(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        with_group(it, tmp_path)
        card = page.locator("#findings > .finding")
        expect(card).to_have_count(1)
        expect(card).to_contain_text("3 faces")
        expect(card).to_contain_text("3 not answered")
        sound(it, "a group")

        # By its number: its own card opens, and closes again.
        page.get_by_role("button", name="Face 2, not answered").last.click()
        single = card.locator(".finding")
        expect(single).to_contain_text("Face 2")
        page.locator('[data-key="chip-face-2"]').click()
        expect(single).to_have_count(0)

        # By arrow keys, from box to box on the picture as they stand there; that covers nothing.
        boxes = page.locator("#boxes .box")
        from_left = page.evaluate(
            "[...document.querySelectorAll('#boxes .box')].sort((a, b) =>"
            " a.getBoundingClientRect().left - b.getBoundingClientRect().left)"
            ".map((box) => box.dataset.key)"
        )
        page.locator(f'[data-key="{from_left[0]}"]').focus()
        way = (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowRight", 2), ("ArrowLeft", 1))
        for key, place in way:
            page.keyboard.press(key)
            expect(page.locator(f'[data-key="{from_left[place]}"]')).to_be_focused()
        expect(single).to_contain_text(f"Face {from_left[1][-1]}")
        assert covered(it) == []
        page.keyboard.press("Enter")
        expect(boxes.and_(page.locator(".covered"))).to_have_count(1)
        expect(card).to_contain_text("2 not answered")

        # The others in one step, and back in one.
        page.get_by_role("button", name="Cover all 2").click()
        expect(boxes.and_(page.locator(".covered"))).to_have_count(3)
        assert covered(it) == ["face-1", "face-2", "face-3"]
        page.keyboard.press("u")
        expect(boxes.and_(page.locator(".covered"))).to_have_count(1)
        assert covered(it) == [from_left[1].removeprefix("box-")]

        page.get_by_text("A card for each").click()
        expect(card.locator("details .finding")).to_have_count(3)


def test_a_touch_covers_a_face(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server:
        context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
        page = context.new_page()
        page.goto(server.link())
        page.wait_for_selector("body[data-ready]")
        photo = tmp_path / "group.jpg"
        photo.write_bytes(group())
        page.set_input_files("#files-input", photo)
        page.click("#go-review")
        page.locator('#photo:not(.loading) [data-key="box-face-1"]').tap()
        expect(page.locator('[data-key="box-face-1"]')).to_have_class("box covered current")
        page.locator('[data-key="chip-face-2"]').tap()
        expect(page.locator("#findings .finding .finding")).to_contain_text("Face 2")
        context.close()


def test_all_of_them_signed_one_sheet(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        with_group(it, tmp_path)
        sheet = it.send("POST", "/api/records", SHEET)["ref"]
        it.box("Face 1, not answered").click()
        expect(it.box("Face 1, will be covered")).to_be_visible()
        page.get_by_role("button", name="All of them signed").click()
        ask = it.dialog("Which sheet did all of them sign?")
        expect(ask).to_contain_text("2 faces.")
        expect(ask).to_contain_text("Must not be shown: two guests with a red badge")
        sound(it, "a sheet for all")
        ask.get_by_label("I looked: none of the people").check()
        ask.get_by_role("button", name="Use it").click()
        expect(ask.get_by_role("alert")).to_contain_text("On which day was the photo taken?")
        ask.get_by_label("On which day was the photo taken?").fill("2026-03-04")
        ask.get_by_role("button", name="Use it").click()
        expect(page.locator("#left")).to_contain_text("Everything is answered")
        (photo,) = it.photos().values()
        said = {one["finding"]: one["records"] for one in photo["answers"]}
        assert said == {"face-2": [sheet], "face-3": [sheet]}
        page.keyboard.press("u")
        expect(page.locator("#left")).to_contain_text("2 things")


def test_a_last_look_needs_a_moment_and_is_taken_back_in_time(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        with_group(it, tmp_path)
        it.view("look")
        expect(page.locator("#look-empty-text")).to_contain_text("1 photo still waits")
        sound(it, "nothing to look at")
        it.view("review")
        page.get_by_role("button", name="Cover all 3").click()
        expect(page.locator("#count-look")).to_have_text("1")
        page.keyboard.press("e")
        expect(page.locator("#look-title")).to_have_text("group.jpg")
        expect(page.locator("#look-place")).to_contain_text("1 of 1 · 800 × 450 pixels")
        expect(page.locator(".five li")).to_have_count(5)
        expect(page.locator("#look-fine")).to_have_attribute("aria-disabled", "false")
        sound(it, "the last look")

        # A key that is held down looks at nothing; what was pressed is taken back.
        page.evaluate(HELD_DOWN)
        expect(page.locator("#look-title")).to_be_visible()
        page.keyboard.press("f")
        expect(page.locator("#look-empty")).to_be_visible()
        page.keyboard.press("u")
        expect(page.locator("#look-title")).to_be_visible()
        assert state(it)["stage"] == "look"

        # Opened again and changed: the picture is another one, and is looked at anew.
        page.keyboard.press("o")
        expect(page.locator("#review-title")).to_have_text("group.jpg")
        it.box("Face 1, will be covered").click()
        expect(page.locator("#left")).to_contain_text("1 thing")
        it.box("Face 1, not answered").click()
        expect(page.locator("#left")).to_contain_text("Everything is answered")
        it.finish(None)
        done = state(it)
        assert done["state"] == "ready"
        assert done["looked"]["by"] == "Tan"
        it.view("results")
        expect(page.locator("#looked-at")).to_contain_text("all of them")
        expect(page.locator("#shots")).to_contain_text("Last look: Tan")


def test_a_picture_is_not_fine_before_it_is_there(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        with_group(it, tmp_path)
        page.get_by_role("button", name="Cover all 3").click()
        expect(page.locator("#count-look")).to_have_text("1")
        page.route("**/preview?*", waits)
        it.view("look")
        expect(page.locator("#look-title")).to_have_text("group.jpg")
        page.keyboard.press("f")
        expect(page.locator("#spoken")).to_have_text("Look at the picture first.")
        expect(page.locator("#look-fine")).to_have_attribute("aria-disabled", "true")
        assert state(it)["stage"] == "look"


def test_one_photo_goes_back_to_those_that_wait(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        with_group(it, tmp_path)
        it.view("drop")
        it.choose(SAMPLES / "portrait.jpg")
        it.view("review")
        it.page.get_by_role("button", name="Cover all 3").click()
        it.finish("portrait.jpg")
        it.page.keyboard.press("r")
        it.finish(None)
        assert {one["state"] for one in it.photos().values()} == {"ready"}


def waits(route: Route) -> None:
    """A server that does not answer."""


def state(it: Window) -> dict[str, Any]:
    (photo,) = it.photos().values()
    return photo


def test_what_stays_is_said_in_the_language_of_the_page(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        it.send("PUT", "/api/me", {"name": "Tan", "language": "ms"})
        page.reload()
        it.alive()
        it.choose(SAMPLES / "portrait.jpg")
        (photo,) = it.photos().values()
        it.send("PUT", f"/api/photos/{photo['id']}/covering", {"redact": ["face-1"]})
        stay = {"photo": photo["id"], "why": "not-looked", "message": "In English."}
        page.route(
            "**/api/looks", lambda asked: asked.fulfill(json={"photos": [], "stays": [stay]})
        )
        it.view("look")
        it.fine()
        it.view("policy")  # whoever goes on sends what was looked at
        expect(page.locator("body")).to_contain_text(
            "portrait.jpg masih menunggu. Anda belum melihat apa yang akan dieksport."
        )


WHOLE = """() => {
    const [frame, picture] = ["look-frame", "look-picture"].map(
        (id) => document.getElementById(id).getBoundingClientRect());
    return picture.height > 0 && picture.top >= frame.top && picture.bottom <= frame.bottom
        && picture.left >= frame.left && picture.right <= frame.right;
}"""
UNDER = """() => {
    const [list, buttons] = [".five", "#look-deciding"].map(
        (one) => document.querySelector(one).getBoundingClientRect());
    return list.top >= 0 && list.bottom <= Math.min(innerHeight, buttons.top);
}"""


def test_the_whole_picture_is_seen_before_it_can_be_said_to_be_fine(
    chromium: Browser, tmp_path: Path
) -> None:
    """An upright picture is not cut, however wide the window; nothing lies over the five things."""
    with (
        serve(tmp_path / "server") as server,
        window(chromium, server, size=(1440, 700)) as it,
    ):
        page = it.page
        it.send("PUT", "/api/me", {"name": "Tan"})
        page.reload()
        it.alive()
        it.choose(SAMPLES / "portrait.jpg")
        (photo,) = it.photos().values()
        it.send("PUT", f"/api/photos/{photo['id']}/covering", {"redact": ["face-1"]})
        it.view("look")
        ready = page.locator('#look-fine[aria-disabled="false"]')
        expect(ready).to_be_visible()
        for width, height in ((1440, 700), (1000, 620), (640, 900), (320, 640)):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_function(WHOLE)
            if width > 900:
                continue
            assert page.evaluate(UNDER), width
            sound(it, f"the last look at {width} pixels")
        page.reload()
        it.alive()
        expect(page.locator("#look-said")).to_have_text(
            "Scroll until you have seen the whole picture."
        )
        expect(page.locator("#look-frame.loading")).to_have_count(0)
        page.keyboard.press("f")
        assert page.locator('#look-fine[aria-disabled="true"]').count() == 1
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(ready).to_be_visible()
        page.keyboard.press("f")
        expect(page.locator("#look")).to_be_hidden()
