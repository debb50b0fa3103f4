"""Small pictures: of every photo that was looked at, kept in memory alone, and counted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from command import ROOT
from pictures import encoded, exif, scene
from PIL import Image
from running import Browser, Server, serve

from imu_imageprep import api
from imu_imageprep.front.web.settings import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTRAIT = (ROOT / "samples" / "portrait.jpg").read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("page"), bounds=Bounds(quiet_seconds=0.01)) as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Browser:
    browser = server.browser("Tan")
    browser.delete("/api/photos?state=all")
    return browser


def small(browser: Browser, ident: str, side: int = 320) -> Image.Image:
    answer = browser.get(f"/api/photos/{ident}/picture", side=side)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert api.verify(answer.content) == ()
    return Image.open(io.BytesIO(answer.content))


def test_photos_that_wait_and_that_are_ready_are_shown_in_small(browser: Browser) -> None:
    held = browser.dropped(PORTRAIT)
    ready = browser.dropped(encoded(scene(1000, 600), exif=exif(6)))
    assert (held["state"], ready["state"]) == ("held", "ready")
    assert held["small"] is ready["small"] is True
    assert max(small(browser, held["id"]).size) == 320
    assert small(browser, ready["id"], 64).size == (192, 320)  # upright; one size for all lists
    assert browser.get(f"/api/photos/{ready['id']}/picture", side=321).status_code == 409
    failed = browser.dropped(b"no picture")
    assert failed["small"] is False
    assert browser.get(f"/api/photos/{failed['id']}/picture", side=320).status_code == 409


def test_small_pictures_are_counted_in_what_is_held(browser: Browser) -> None:
    held = browser.dropped(PORTRAIT)
    picture = browser.get(f"/api/photos/{held['id']}/picture", side=320).content
    counts = browser.get("/api/state").json()["counts"]
    assert counts["held_bytes"] == len(PORTRAIT) + len(picture)


def test_the_list_knows_when_photos_were_taken_and_which_are_of_one_moment(
    browser: Browser,
) -> None:
    """Two of one second, one of another picture, and one that says no time."""
    taken = exif()
    pictures = [
        encoded(scene(800, 600), exif=taken),
        encoded(scene(808, 606), exif=taken),
        encoded(scene(800, 600, ((200, 150, 140), (600, 420, 160))), exif=taken),
        encoded(scene(800, 600), exif=Image.Exif()),
    ]
    headers = {**browser.headers, "X-Photo-Drop": "one"}
    idents = [
        browser.client.post("/api/photos", content=data, headers=headers).json()["id"]
        for data in pictures
    ]
    with browser.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        while browser.photo(idents[1])["burst"] is None:
            next(lines)
    one, two, other, undated = (browser.photo(ident) for ident in idents)
    assert one["taken"] == "2025-12-24T18:00:00"
    assert undated["taken"] is None
    assert one["burst"] == two["burst"] == one["id"]
    assert other["burst"] is undated["burst"] is None


def test_a_typed_folder_that_was_done_before_is_shown_in_small_too(server: Server) -> None:
    folder = server.home.parent / "trip"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(encoded(scene(700, 500)))
    browser = server.browser("Tan")
    for _ in range(2):
        browser.delete("/api/photos?state=all")
        browser.post("/api/runs", {"path": str(folder)})
        browser.settled()
        (photo,) = browser.get("/api/state").json()["photos"]
        assert photo["state"] == "ready"
        assert max(small(browser, photo["id"]).size) == 320
    assert photo["export"]["already"] is True
