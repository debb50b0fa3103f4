"""The last look: nothing that had a finding leaves without it, and only what was looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from pictures import encoded, scene, unlike
from running import Browser, Server, typed

from imu_imageprep.api import Desk
from imu_imageprep.domain.receipt import Receipt

if TYPE_CHECKING:
    pass

PORTRAIT = (ROOT / "samples" / "portrait.jpg").read_bytes()
NO_FACE = {"needs": "person-consent", "reason": "picture or statue"}


def covered(browser: Browser, data: bytes | None = None) -> str:
    """A photo whose face is covered: it waits for the last look."""
    ident = str(browser.dropped(data or unlike(PORTRAIT))["id"])
    told = browser.put(f"/api/photos/{ident}/covering", {"redact": ["face-1"]}).json()
    assert (told["opens"], told["stage"]) == (0, "look")
    return ident


def whys(told: dict[str, Any]) -> list[str]:
    return [one["why"] for one in told["stays"]]


def fine(browser: Browser, *idents: str) -> dict[str, Any]:
    return dict(browser.post("/api/looks", {"photos": list(idents), "fine": True}).json())


def test_nothing_that_had_a_finding_leaves_without_a_last_look(
    server: Server, browser: Browser
) -> None:
    data = unlike(PORTRAIT)
    ident = covered(browser, data)
    refused = browser.post(f"/api/photos/{ident}/export")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "look-first")
    assert whys(fine(browser, ident)) == ["not-looked"]
    done = browser.released(ident)
    assert done["state"] == "ready"
    assert done["looked"]["by"] == "Tan"
    out = browser.get(f"/api/photos/{ident}/export").content
    (stored,) = Desk.at(server.ledger).receipts(out)
    assert stored.body["last_look"]["by"] == "Tan"
    assert stored.body["last_look"]["at"] == done["looked"]["at"]
    (row,) = [one for one in browser.get("/api/report.json").json() if one["last_look"]]
    assert row["last_look"]["by"] is None  # what is kept names nobody
    assert Receipt.from_json(stored.body).last_look is not None


def test_the_name_is_kept_apart_and_can_be_erased(server: Server, browser: Browser) -> None:
    lim = server.browser("Needle Person")
    ident = covered(lim)
    lim.released(ident)
    out = lim.get(f"/api/photos/{ident}/export").content
    desk = Desk.at(server.ledger)
    assert not any("Needle Person" in line for line in desk.ledger.export_lines())
    ref = desk.receipts(out)[0].body["last_look"]["said"]
    desk.erase(ref)
    assert desk.receipts(out)[0].body["last_look"]["by"] is None
    assert browser.get("/api/audit").json()["damage"] is None


def test_what_changed_since_is_looked_at_again(server: Server, browser: Browser) -> None:
    ident = covered(browser)
    where = f"/api/photos/{ident}"
    browser.get(f"{where}/preview")
    assert whys(fine(server.browser("Lim"), ident)) == ["not-looked"]  # another browser's look
    browser.put(f"{where}/covering", {"redact": ["face-1"], "boxes": [[0, 0, 40, 40]]})
    assert whys(fine(browser, ident)) == ["not-looked"]
    browser.get(f"{where}/preview")
    browser.put(f"{where}/covering", {"redact": []})
    assert whys(fine(browser, ident)) == ["open"]
    items = [{"photo": ident, "finding": "face-1"}]
    browser.get(f"{where}/preview")
    answered = browser.post("/api/answers", {"items": items, "dismiss": NO_FACE}).json()
    assert answered["photos"][0]["stage"] == "look"
    assert whys(fine(browser, ident)) == ["not-looked"]  # the same pixels, and another reason
    assert browser.released(ident)["state"] == "ready"
    assert whys(fine(browser, ident, "none")) == ["state", "state"]


def test_many_are_looked_at_and_leave_each_by_itself(server: Server, browser: Browser) -> None:
    idents = [covered(browser) for _ in range(3)]
    before = Desk.at(server.ledger).audit().events
    told = browser.looked(*idents)
    assert [one["stage"] for one in told["photos"]] == ["releasing"] * 3
    with browser.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        while {browser.photo(one)["state"] for one in idents} != {"ready"}:
            next(lines)
    assert Desk.at(server.ledger).audit().events == before + 3 + 3 * 2  # looks, exports


def test_what_was_answered_before_waits_for_a_last_look_too(browser: Browser) -> None:
    data = unlike(PORTRAIT)
    first = browser.dropped(data)
    items = [{"photo": first["id"], "finding": "face-1"}]
    browser.post("/api/answers", {"items": items, "dismiss": NO_FACE})
    again = browser.dropped(data)
    assert (again["state"], again["stage"], again["needs"]) == ("held", "look", [])
    assert browser.released(again["id"])["state"] == "ready"


def test_photos_without_findings_leave_as_ever(browser: Browser) -> None:
    photo = browser.dropped(encoded(scene(500, 400)))
    assert (photo["state"], photo["stage"], photo["looked"]) == ("ready", None, None)


def test_one_that_cannot_leave_waits_and_says_why(tmp_path: Path) -> None:
    """Its export would replace a file of somebody's."""
    with typed(tmp_path, PORTRAIT) as (_, browser, photo):
        ident = photo["id"]
        browser.put(f"/api/photos/{ident}/covering", {"redact": ["face-1"]})
        (tmp_path / "trip-web").write_text("a file where the folder of the exports would be")
        held = browser.released(ident)
        assert (held["state"], held["stage"], held["looked"]) == ("held", "look", None)
        assert "could not be written" in held["error"]["message"]
        assert whys(fine(browser, ident)) == ["not-looked"]
        (tmp_path / "trip-web").unlink()
        done = browser.released(ident)
        assert (done["state"], done["error"]) == ("ready", None)


def test_a_file_that_was_changed_does_not_leave_by_the_look_at_the_one_before(
    tmp_path: Path,
) -> None:
    """Its pixels are the same; what the file says of itself was on nobody's screen."""
    with typed(tmp_path, PORTRAIT) as (server, browser, photo):
        file = tmp_path / "trip" / "me.jpg"
        where = f"/api/photos/{photo['id']}"
        browser.put(f"{where}/covering", {"redact": ["face-1"]})
        before = browser.get(f"{where}/preview").content
        sha256 = browser.photo(photo["id"])["sha256"]
        file.write_bytes(unlike(PORTRAIT))
        assert fine(browser, photo["id"])["stays"] == []
        with browser.client.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            while (held := browser.photo(photo["id"]))["stage"] == "releasing":
                next(lines)
        assert (held["state"], held["stage"], held["looked"]) == ("held", "look", None)
        assert "changed since it was looked at" in held["error"]["message"]
        assert browser.get(f"{where}/preview").content == before
        assert browser.released(photo["id"])["state"] == "ready"
        (stored,) = Desk.at(server.ledger).receipts(browser.get(f"{where}/export").content)
        assert stored.body["source"]["sha256"] != sha256


def test_a_photo_that_is_looked_at_anew_leaves_with_what_was_covered_or_not_at_all(
    tmp_path: Path,
) -> None:
    with typed(tmp_path, PORTRAIT) as (_, browser, photo):
        file = tmp_path / "trip" / "me.jpg"
        ident, where = photo["id"], f"/api/photos/{photo['id']}"

        def anew() -> tuple[str, str, int]:
            browser.post(f"{where}/again")
            (told,) = browser.settled(ident)
            return told["state"], told["stage"], told["opens"]

        nobody_saw = [10, 10, 50, 50]  # covered by hand: no detector holds the photo for it
        browser.put(f"{where}/covering", {"redact": ["face-1"], "boxes": [nobody_saw]})
        assert anew() == ("held", "look", 0)
        file.write_bytes(encoded(scene(500, 400)))  # without a face
        assert anew() == ("held", "look", 0)
        browser.put(f"{where}/covering", {"boxes": [nobody_saw]})
        assert anew() == ("held", "look", 0)
        assert not (tmp_path / "trip-web").exists()
        assert browser.released(ident)["state"] == "ready"


def test_the_picture_that_was_looked_at_is_the_one_that_leaves(browser: Browser) -> None:
    ident = covered(browser)
    shown = browser.get(f"/api/photos/{ident}/preview")
    assert json.loads(shown.headers["x-preview"])["open"] == []
    browser.released(ident)
    assert browser.get(f"/api/photos/{ident}/export").content == shown.content


@pytest.mark.parametrize("told", [{}, {"fine": False}, {"fine": True, "photos": "all"}])
def test_a_look_is_said_in_so_many_words(browser: Browser, told: dict[str, Any]) -> None:
    assert browser.post("/api/looks", {"photos": [], **told}).status_code == 422


def test_a_look_needs_a_name(server: Server) -> None:
    nobody = server.browser("")
    answer = nobody.post("/api/looks", {"photos": [], "fine": True})
    assert answer.json()["error"]["code"] == "no-name"
