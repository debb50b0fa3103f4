"""What is shown of a finding: where it is covered, and what a code says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from browsing import group, needs_chromium, window
from pictures import coded
from playwright.sync_api import expect
from running import serve

if TYPE_CHECKING:
    from pathlib import Path

    from browsing import Window
    from playwright.sync_api import Browser

pytestmark = needs_chromium

# Of each box over a picture, by its finding: its sides in parts of the picture.
BOXES = """(within) => Object.fromEntries(
    [...document.querySelectorAll(`${within} [data-key^=box-]`)].map(({ dataset, style }) => [
        dataset.key.match(/[a-z]+-[0-9]+$/)[0],
        ["left", "top", "width", "height"].map((side) => parseFloat(style[side]) / 100),
    ]),
)"""


def covered(photo: dict[str, Any]) -> dict[str, list[float]]:
    """What covering each finding covers, as the server reckons it."""
    width, height = photo["width"], photo["height"]
    sides = (width, height, width, height)
    return {
        one["id"]: [
            round(pixels / side, 4) for pixels, side in zip(one["cover"], sides, strict=True)
        ]
        for one in photo["findings"]
    }


def shown(it: Window, within: str) -> dict[str, list[float]]:
    boxes = it.page.evaluate(BOXES, within)
    return {name: [round(side, 4) for side in sides] for name, sides in boxes.items()}


def test_a_box_shows_what_will_be_covered(chromium: Browser, tmp_path: Path) -> None:
    """Before it is decided, and the same afterwards: of faces, readable text and codes."""
    for name, data in (("faces", group()), ("text", coded("MRN 123", "Name: Siti binti Ahmad"))):
        (tmp_path / f"{name}.jpg").write_bytes(data)
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.choose(tmp_path / "faces.jpg", tmp_path / "text.jpg")
        kinds = set()
        for photo in it.photos().values():
            it.page.goto(f"{server.url}/review?photo={photo['id']}")
            it.alive()
            expect(it.page.locator("#boxes [data-key^=box-]")).to_have_count(len(photo["findings"]))
            assert shown(it, "#boxes") == covered(photo)
            it.page.locator("#boxes [data-key^=box-]").first.press("Enter")
            expect(it.page.locator("#boxes .covered")).to_have_count(1)
            assert shown(it, "#boxes") == covered(photo)
            it.page.locator("#undo").click()
            kinds |= {one["kind"] for one in photo["findings"]}
        assert kinds == {"face", "text", "code"}
        it.view("table")
        for photo in it.photos().values():
            tile = f'#tiles [data-photo="{photo["id"]}"]'
            expect(it.page.locator(f"{tile} [data-cover]").first).to_be_attached()
            assert shown(it, tile) == covered(photo)


def test_what_a_code_says_is_shown_as_text_and_nothing_else(
    chromium: Browser, tmp_path: Path
) -> None:
    """It was written by whoever made the code."""
    hostile = {
        "https://example.org/form?id=1": "https://example.org/form?id=1",
        "<img src=x onerror=alert(1)><b>fine</b>": "<img src=x onerror=alert(1)><b>fine</b>",
        "ward\u202e7 draw\n\n\x07none": "ward\\u202e7 draw \\x07none",
        "n" * 900: "n" * 200 + "…",
    }
    photos = [tmp_path / f"{n}.jpg" for n in range(len(hostile))]
    for photo, text in zip(photos, hostile, strict=True):
        photo.write_bytes(coded(text))
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.choose(photos[0], *photos[1:])
        listed = it.photos()
        for photo, told in zip(photos, hostile.values(), strict=True):
            it.page.goto(f"{server.url}/review?photo={listed[photo.name]['id']}")
            it.alive()
            line = it.page.locator(".says")
            expect(line.locator("bdi")).to_have_text(told)
            expect(line).to_have_text(f"It says: {told}")
            assert line.locator("bdi *").count() == 0
            assert it.page.locator("#findings a").count() == 0
            assert it.serious() == []
