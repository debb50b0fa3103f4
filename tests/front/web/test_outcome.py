"""What goes with the results: the report as a page, cards, words, and posts of many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from pictures import encoded, exif, scene
from running import Browser, Server, serve

from imu_imageprep.api import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTRAIT = (ROOT / "samples" / "portrait.jpg").read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("page")) as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Browser:
    browser = server.browser("Tan")
    browser.delete("/api/photos?state=all")
    return browser


def ready(browser: Browser, width: int) -> str:
    photo = browser.dropped(encoded(scene(width, 300), exif=exif()), f"{width}.jpg")
    assert photo["state"] == "ready"
    return str(photo["id"])


def test_the_report_is_a_page_that_loads_nothing(browser: Browser) -> None:
    ready(browser, 400)
    held = browser.dropped(PORTRAIT, "%3Cb%3Eme.jpg")
    browser.dropped(b"no picture", "broken.jpg")
    answer = browser.get("/api/report.html")
    assert "attachment" in answer.headers["content-disposition"]
    page = answer.text
    for name in ("400.jpg", "&lt;b&gt;me.jpg", "broken.jpg"):
        assert name in page
    assert "data:image/jpeg;base64," in page  # the export, in small
    assert "NeedleCam" not in page
    assert not re.search(r"""(src|href)=["']?https?:""", page)
    browser.put(f"/api/photos/{held['id']}/covering", {"redact": ["face-1"]})
    assert "nobody looked at it yet" in browser.get("/api/report.html").text
    browser.released(held["id"])
    page = browser.get("/api/report.html").text
    assert "nobody looked at it yet" not in page
    assert page.count("data:image/jpeg;base64,") == 2


def test_the_report_is_in_the_language_of_who_asks(browser: Browser) -> None:
    browser.dropped(PORTRAIT, "portrait.jpg")
    assert browser.put("/api/me", {"language": "ms"}).status_code == 200
    page = browser.get("/api/report.html").text
    browser.put("/api/me", {"language": "en"})
    assert '<html lang="ms">' in page
    assert "1 wajah" in page
    assert "Memerlukan persetujuan setiap orang yang ditunjukkan, atau penutupan" in page
    assert "Photo report" in browser.get("/api/report.html").text


def test_an_empty_list_has_a_report_too(browser: Browser) -> None:
    assert browser.get("/api/report.html").status_code == 200


def test_a_receipt_is_a_card_without_names(browser: Browser) -> None:
    held = browser.dropped(PORTRAIT + b"1")
    where = f"/api/photos/{held['id']}"
    assert browser.get(f"{where}/receipt").status_code == 409
    items = [{"photo": held["id"], "finding": "face-1"}]
    reason = {"needs": "person-consent", "reason": "picture or statue"}
    browser.post("/api/answers", {"items": items, "dismiss": reason})
    done = browser.released(held["id"])
    card = browser.get(f"{where}/receipt")
    assert card.headers["content-type"].startswith("text/html")
    policy = card.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'; sandbox")
    assert "Why this picture may be posted" in card.text
    assert "looked at this very picture" in card.text
    assert "Tan" not in card.text
    browser.delete(f"/api/answers/{done['answers'][0]['ref']}")
    assert browser.photo(held["id"])["state"] == "gone"
    assert "must not be posted" in browser.get(f"{where}/receipt").text
    assert "was withdrawn: do not post it" in browser.get("/api/report.html").text


def test_words_go_with_a_picture_and_identify_nobody(browser: Browser) -> None:
    ident = ready(browser, 500)
    where = f"/api/photos/{ident}/captions"
    assert browser.photo(ident)["captions"] is None
    words = {"caption": "A new ward.\nCome and see.", "alt": "A room with a bed"}
    assert browser.put(where, words).json()["captions"] == words
    for name in ("caption", "alt"):
        for bad in ("900101-14-5678", "call 012-345 6789", "MRN 1234567", "x" * 2001, "a\x00b"):
            assert browser.put(where, {**words, name: bad}).status_code == 422, bad
    told = browser.put(where, {"caption": 7})
    assert told.status_code == 422
    assert browser.photo(ident)["captions"] == words
    assert "--caption-text" not in browser.put(where, {"alt": "900101-14-5678"}).text
    assert browser.put(where, {"caption": " ", "alt": ""}).json()["captions"] is None


def test_posts_of_many_are_recorded_all_or_none(server: Server, browser: Browser) -> None:
    one, two = ready(browser, 600), ready(browser, 601)
    data = [browser.get(f"/api/photos/{ident}/export").content for ident in (one, two)]
    told = {"photos": [one, two], "url": "https://example.org/album"}
    done = browser.post("/api/posted", told).json()["photos"]
    assert [photo["posted"] for photo in done] == [["https://example.org/album"]] * 2
    each = ["https://example.org/1", "javascript:alert(1)"]
    refused = browser.post("/api/posted", {"photos": [one, two], "urls": each})
    assert refused.status_code == 422
    each[1] = "https://example.org/2"
    browser.post("/api/posted", {"photos": [one, two], "urls": each})
    stored = [Desk.at(server.ledger).receipts(one)[0].urls for one in data]
    assert stored == [("https://example.org/album", url) for url in each]
    wrongs: list[dict[str, Any]] = [{"photos": []}, {"photos": [one], "urls": each}]
    for wrong in (*wrongs, {"photos": [one]}):
        assert browser.post("/api/posted", wrong).status_code == 422
    held = browser.dropped(PORTRAIT + b"2")["id"]
    refused = browser.post("/api/posted", {**told, "photos": [one, held]})
    assert refused.status_code == 409
    assert len(browser.photo(one)["posted"]) == 2
