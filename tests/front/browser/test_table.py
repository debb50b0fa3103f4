"""The light table: many photos are answered together, and only what was looked at."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from browsing import SAMPLES, group, needs_chromium, window
from pictures import encoded, scene
from playwright.sync_api import expect
from running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser, Locator

pytestmark = needs_chromium

SHEET = {
    "kind": "event",
    "fields": {
        "event": "Convocation",
        "kinds": ["staff", "student"],
        "first": "2020-01-01",
        "last": "2030-01-01",
        "people": 40,
        "sheet_sha256": "ab" * 32,
        "purpose": ["publication"],
        "channels": ["web"],
        "identifiable": "yes",
        "opt_outs": "the woman with the blue scarf",
        "signed": "2026-01-05",
    },
}
# Pictures without camera data wait for a credit line: each is small and quickly looked at.
ASKS = '[flags]\nunknown_source = "hold"\n'


@contextmanager
def table(
    chromium: Browser,
    folder: Path,
    photos: dict[str, bytes],
    *,
    size: tuple[int, int] = (1440, 900),
    config: str | None = ASKS,
    touch: bool = False,
) -> Iterator[Window]:
    """A window with the light table, on which these photos wait."""
    paths = [folder / name for name in photos]
    for path, data in zip(paths, photos.values(), strict=True):
        path.write_bytes(data)
    with (
        serve(folder / "server", config=config) as server,
        window(chromium, server, size=size, touch=touch) as it,
    ):
        it.send("PUT", "/api/me", {"name": "Tan"})
        it.page.reload()
        it.alive()
        it.page.set_input_files("#files-input", paths)
        it.looked()
        it.view("table")
        yield it


def scenes(n: int) -> dict[str, bytes]:
    """Photos of which each is another one."""
    return {f"scene {k}.jpg": encoded(scene(600, 400 + 2 * k)) for k in range(n)}


def tiles(it: Window) -> Locator:
    return it.page.locator("#tiles [data-photo]")


def tile(it: Window, name: str) -> Locator:
    return it.page.get_by_role("gridcell", name=re.compile(f"^{re.escape(name)}"))


def chosen(it: Window) -> list[str]:
    found: list[str] = it.page.locator('#tiles [aria-selected="true"] .name').all_text_contents()
    return found


def seen(it: Window, text: str) -> None:
    """Wait until so many were on the screen long enough."""
    expect(it.page.locator("#table-count")).to_have_text(text)


def test_an_event_is_answered_at_once_but_for_who_opted_out(
    chromium: Browser, tmp_path: Path
) -> None:
    portrait = (SAMPLES / "portrait.jpg").read_bytes()
    photos = {"group.jpg": group(), "portrait.jpg": portrait}
    with table(chromium, tmp_path, photos, config=None) as it:
        page = it.page
        ref = it.send("POST", "/api/records", SHEET)["ref"]
        seen(it, "2 of 2 were on the screen")
        tile(it, "group.jpg").get_by_role("button", name="Face 1, not answered").click()
        covered = tile(it, "group.jpg").get_by_role("button", name="Face 1, will be covered")
        expect(covered).to_be_visible()
        assert chosen(it) == []  # a box is not the photo
        page.keyboard.press("q")
        page.keyboard.press("2")
        ask = it.dialog("All of them signed a sheet")
        expect(ask).to_contain_text("the woman with the blue scarf")
        expect(ask).to_contain_text("1 face is covered.")
        # The photos do not say when they were taken, and the sheet is for certain days.
        expect(ask).to_contain_text("the photo's day is not known")
        ask.get_by_label("On which day was the photo taken?").fill("2026-01-05")
        expect(ask).to_contain_text("Recorded with your name, Tan: 3 faces signed this sheet.")
        ask.get_by_role("button", name="Record 3 faces").click()
        expect(ask.get_by_role("alert")).to_contain_text("Look at the people first")
        ask.get_by_label("I looked: none").check()
        ask.get_by_role("button", name="Record 3 faces").click()
        expect(page.locator("#table-empty")).to_contain_text("2 photos are answered")
        now = it.photos()
        assert [one["records"] for one in now["group.jpg"]["answers"]] == [[ref], [ref]]
        assert now["group.jpg"]["covering"]["redact"] == ["face-1"]
        assert {one["stage"] for one in now.values()} == {"look"}

        page.keyboard.press("u")
        expect(tiles(it).first).to_be_visible()
        now = it.photos()
        assert [one["answers"] for one in now.values()] == [[], []]
        # Only the answer is undone; the next step back is the covering.
        assert now["group.jpg"]["covering"]["redact"] == ["face-1"]
        page.keyboard.press("u")
        expect(covered).to_have_count(0)


def test_what_was_not_on_the_screen_stays_and_says_so(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(8), size=(1440, 600)) as it:
        page = it.page
        seen(it, "3 of 8 were on the screen")
        first = tiles(it).first
        first.click()
        page.keyboard.press("Shift+End")
        assert len(chosen(it)) >= 3
        expect(page.locator("#table-chosen")).to_have_text("8 photos chosen")
        page.keyboard.press("6")
        ask = it.dialog("Credit line")
        ask.get_by_label("Credit line").fill("Photo: Lim Mei")
        expect(ask).to_contain_text("The whole of it was not on the screen yet.")
        ask.get_by_role("button", name=re.compile("Draw it on")).click()
        expect(ask).to_have_count(0)
        expect(page.locator("#table-said")).to_contain_text("stay.")
        stayed = [one for one in it.photos().values() if one["stage"] == "answer"]
        assert stayed
        assert {one["covering"]["credit"] for one in stayed} == {None}
        expect(tiles(it).first).to_contain_text("was not on the screen yet")


def test_one_hand_is_enough(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(7)) as it:
        page = it.page
        names = tiles(it).locator(".name").all_text_contents()
        tiles(it).first.focus()
        for key in ("d", " ", "Shift+d", "Shift+s"):
            page.keyboard.press(key)
        assert chosen(it) == names[1:6]
        page.keyboard.press("x")
        assert chosen(it) == []
        page.keyboard.press("Home")
        page.keyboard.press("ArrowDown")
        expect(tiles(it).nth(3)).to_be_focused()
        page.keyboard.press("w")
        expect(tiles(it).first).to_be_focused()
        page.keyboard.press("e")
        expect(page.locator("#table-size")).to_have_attribute("aria-pressed", "true")
        assert page.locator("#tiles").get_attribute("aria-colcount") == "1"
        page.keyboard.press("e")
        page.keyboard.press("t")
        expect(page.locator('[data-key="reason-credit"]')).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("r")
        expect(page.locator("#view-review")).to_be_visible()


def test_photos_are_chosen_by_mouse(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(6)) as it:
        page = it.page
        names = tiles(it).locator(".name").all_text_contents()
        tiles(it).nth(1).click()
        tiles(it).nth(4).click(modifiers=["Shift"])
        assert chosen(it) == names[1:5]
        tiles(it).nth(2).click()
        assert chosen(it) == [names[1], *names[3:5]]
        page.click("#table-none")
        assert chosen(it) == []
        # A rectangle over the first two.
        start, end = tiles(it).first.bounding_box(), tiles(it).nth(1).bounding_box()
        assert start is not None
        assert end is not None
        page.mouse.move(start["x"] + 20, start["y"] + 20)
        page.mouse.down()
        page.mouse.move(end["x"] + 40, end["y"] + 60, steps=4)
        expect(page.locator("#band")).to_be_visible()
        page.mouse.up()
        expect(page.locator("#band")).to_be_hidden()
        assert chosen(it) == names[:2]


def test_photos_are_chosen_by_finger(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(5), size=(360, 740), touch=True) as it:
        page = it.page
        first = tiles(it).first
        expect(page.locator("#table-all")).to_be_enabled()  # three pixels of a phone for each
        first.tap()
        assert len(chosen(it)) == 1
        third = tiles(it).nth(2)
        third.scroll_into_view_if_needed()
        box = third.bounding_box()
        assert box is not None
        finger = page.context.new_cdp_session(page)
        point = {"x": box["x"] + 60, "y": box["y"] + 40}
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        expect(page.locator("#table-chosen")).to_have_text("3 photos chosen")  # up to here
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        tiles(it).nth(1).tap()
        expect(page.locator("#table-chosen")).to_have_text("2 photos chosen")


def test_a_window_too_narrow_to_judge_in_says_so(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(2), size=(360, 740)) as it:
        expect(it.page.locator("#table-count")).to_contain_text("Make it wider")
        expect(it.page.locator("#table-all")).to_be_disabled()
        it.page.set_viewport_size({"width": 900, "height": 740})
        seen(it, "2 of 2 were on the screen")


def test_a_key_counts_also_in_the_moment_after_a_dialog(chromium: Browser, tmp_path: Path) -> None:
    with table(chromium, tmp_path, scenes(2)) as it:
        seen(it, "2 of 2 were on the screen")
        it.page.keyboard.press("q")
        it.page.keyboard.press("6")
        expect(it.page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
        # Its field keeps the focus until the browser has told of the closing.
        it.page.evaluate("""() => {
            const dialog = document.querySelector("dialog[open]");
            dialog.close();
            const key = new KeyboardEvent("keydown", { key: "9", bubbles: true });
            dialog.querySelector("input").dispatchEvent(key);
        }""")
        expect(it.page.get_by_role("dialog").get_by_role("radio").first).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ms"])
def test_the_table_is_usable_by_everybody(chromium: Browser, tmp_path: Path, language: str) -> None:
    photos = {"group.jpg": group(), "clinical.jpg": (SAMPLES / "clinical.jpg").read_bytes()}
    with table(chromium, tmp_path, {**photos, **scenes(2)}) as it:
        page = it.page
        if language != "en":
            page.select_option("#language", language)
            expect(page.locator("html")).to_have_attribute("lang", language)
            it.alive()
        expect(page.locator("#table-count")).to_contain_text("4")
        expect(page.locator("#table-all")).to_be_enabled()
        assert it.serious() == []
        assert it.too_wide() == []
        page.keyboard.press("q")
        assert it.serious() == []
        assert it.too_wide() == []
        for digit in "236789":
            page.keyboard.press(digit)
            dialog = page.get_by_role("dialog")
            expect(dialog).to_be_visible()
            assert it.serious() == [], digit
            assert it.too_wide() == [], digit
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert it.serious() == []
        page.keyboard.press("Escape")
