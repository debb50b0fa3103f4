"""Who the faces of a burst may be: proposed once, looked at, confirmed once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browsing import needs_chromium, window
from enrolling import CODE, PORTRAIT, consent, enrolled, needs_register
from pictures import unlike
from playwright.sync_api import expect
from running import serve

from imu_imageprep.api import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [needs_chromium, needs_register]


@pytest.mark.parametrize(
    ("language", "size", "words"),
    [
        ("en", (1440, 900), ("Is this TUTOR-7?", "Record 2 faces", "It is this person")),
        ("ms", (480, 900), ("Adakah ini TUTOR-7?", "Rekodkan 2 wajah", "Ini orangnya")),
    ],
)
def test_a_person_is_proposed_once_and_confirmed_once(
    chromium: Browser,
    tmp_path: Path,
    language: str,
    size: tuple[int, int],
    words: tuple[str, str, str],
) -> None:
    asks, do, title = words
    folder = tmp_path / "server"
    config = enrolled(folder)
    ref = Desk.at(folder / "home" / "ledger.db").add(consent()).ref
    (folder / "party").mkdir()
    for number in range(3):
        (folder / "party" / f"{number}.jpg").write_bytes(unlike(PORTRAIT.read_bytes()))
    with serve(folder, config=config) as server, window(chromium, server, size=size) as it:
        page = it.page
        it.send("PUT", "/api/me", {"name": "Tan", "language": language})
        it.send("POST", "/api/runs", {"path": str(folder / "party")})
        page.reload()
        it.alive()
        it.looked()
        it.view("table")
        proposals = page.locator("#proposals li")
        expect(proposals).to_have_count(1)
        expect(proposals).to_contain_text(asks)
        expect(page.locator("#say-suggested")).to_be_hidden()
        proposals.get_by_role("button").click()
        expect(page.locator('#tiles [aria-selected="true"]')).to_have_count(3)
        assert not it.serious()
        assert not it.too_wide()
        seen = page.locator("#table-count")
        for n in (1, 2, 3):  # each of them has to be on the screen
            expect(seen).to_have_text(re.compile(rf"^[{n}-3] "))
            page.keyboard.press("d")
        page.keyboard.press("g")
        ask = it.dialog(title)
        faces = ask.locator(".cuts input")
        expect(faces).to_have_count(3)
        expect(ask.locator('button[type="submit"]')).to_have_attribute("aria-disabled", "true")
        faces.first.uncheck()  # somebody else
        record = ask.get_by_label(ref)
        expect(record).not_to_be_checked()  # nothing is filled in
        record.check()
        assert not it.serious()
        assert not it.too_wide()
        ask.get_by_role("button", name=do).click()
        expect(ask).to_be_hidden()
        expect(proposals).to_have_count(1)
        expect(page.locator("#tiles [data-photo]")).to_have_count(1)
        stages = sorted(one["stage"] for one in it.photos().values())
        assert stages == ["answer", "look", "look"]
        assert CODE not in page.locator("#table-said").inner_text()
        page.keyboard.press("u")
        expect(page.locator("#tiles [data-photo]")).to_have_count(3)
