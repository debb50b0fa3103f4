"""The list of photos: in which order they stand, and only what is near is in the page."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from browsing import needs_chromium, window
from playwright.sync_api import expect
from running import serve

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = needs_chromium

NEEDS = {"face": "person-consent", "doubt": "look", "source": "credit", "text": "look"}

# As if the server had told of these photos.
TAKEN = """async (photos) => {
    const { state, take } = await import("/static/store.js");
    state.photos.clear();
    take(...photos);
}"""

ORDERED = """async (photos) => {
    const { inOrder } = await import("/static/order.js");
    return inOrder(photos).map((photo) => photo.name);
}"""


def told(name: str, *kinds: str, state: str = "held", **more: Any) -> dict[str, Any]:
    """A photo as the server tells of it."""
    findings: list[dict[str, Any]] = [
        {"id": f"{kind}-{n}", "kind": kind, "box": None, "cover": None, "second": False}
        for n, kind in enumerate(kinds, 1)
    ]
    needs: list[dict[str, Any]] = [
        {"finding": f"{kind}-{n}", "scan": None, "needs": NEEDS[kind], "why": []}
        for n, kind in enumerate(kinds, 1)
    ]
    return {
        "id": name,
        "name": name,
        "folder": "",
        "run": None,
        "order": 0,
        "state": state,
        "bytes": 1,
        "width": 1600,
        "height": 1200,
        "findings": findings,
        "needs": needs,
        "scans": [],
        "covering": {"redact": [], "boxes": [], "style": "solid", "credit": None},
        "answers": [],
        "hidden": [],
        "notes": [],
        "taken": None,
        "burst": None,
        "small": False,
        "export": None,
        "error": None,
        "stage": "answer" if needs else "look" if state == "held" else None,
        **more,
    }


def test_photos_stand_by_what_they_wait_for_then_by_time(chromium: Browser, tmp_path: Path) -> None:
    photos = [
        told("ready", state="ready", taken="2026-01-01T00:00:00"),
        told("waiting", state="waiting"),
        told("failed", state="failed"),
        told("look", taken="2026-01-01T00:00:00"),
        told("text", "text", taken="2026-01-01T00:00:00"),
        told("credit", "source"),
        told("doubt", "doubt"),
        told("face late", "face", taken="2026-03-04T11:00:00"),
        told("face without a time, second", "face", order=2),
        told("face without a time, first", "face", order=1),
        told("face early", "face", taken="2026-03-04T10:00:00", order=9),
        told("face and text", "text", "face", taken="2026-03-04T10:30:00"),
        told("shot 2", "text", taken="2026-03-04T10:45:01", burst="a"),
        told("shot 1", "face", taken="2026-03-04T10:45:00", burst="a"),
        told("shot 3, ready", state="ready", taken="2026-03-04T10:45:02", burst="a"),
        {
            **told("covered face", "face", "source"),
            "covering": {"redact": ["face-1"], "boxes": [], "style": "solid", "credit": None},
        },
    ]
    photos[-1]["findings"][0]["cover"] = [0, 0, 9, 9]
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        assert it.page.evaluate(ORDERED, photos) == [
            "face early",
            "face and text",
            "shot 1",
            "shot 2",
            "face late",
            "face without a time, first",
            "face without a time, second",
            "doubt",
            "credit",
            "covered face",
            "text",
            "look",
            "failed",
            "ready",
            "shot 3, ready",
            "waiting",
        ]


def test_ten_thousand_rows_are_a_few_in_the_page(chromium: Browser, tmp_path: Path) -> None:
    photos = [told(f"{n:05}.jpg", state="ready", order=n) for n in range(10_000)]
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        page.evaluate(TAKEN, photos)
        rows = page.locator("#files > li")
        expect(rows.first).to_contain_text("00000.jpg")
        assert rows.count() < 60
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = rows.last
        expect(last).to_contain_text("09999.jpg")
        expect(last).to_be_in_viewport()
        assert rows.count() < 60
        assert last.get_attribute("aria-posinset") == "10000"
        assert last.get_attribute("aria-setsize") == "10000"
        # None lies over another, and none is left out.
        places = rows.evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect()).map((r) => [r.top, r.bottom])"
        )
        gaps = [below[0] - above[1] for above, below in itertools.pairwise(places)]
        assert max(map(abs, gaps)) < 1


def test_what_is_read_stays_where_it_is_when_photos_above_change(
    chromium: Browser, tmp_path: Path
) -> None:
    """And the focus stays on what it was on, also far away."""
    photos = [told(f"{n:03}.jpg", "face", order=n) for n in range(300)]
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        page = it.page
        page.evaluate(TAKEN, photos)
        first = page.get_by_role("link", name="000.jpg")
        first.focus()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("#files")).to_contain_text("299.jpg")
        expect(first).to_be_focused()
        assert page.locator("#files > li").count() < 60
