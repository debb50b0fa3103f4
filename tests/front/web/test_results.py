"""What comes out: downloads, the ZIP, reports, typed folders, records and forms."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from pictures import encoded, exif, scene
from running import Browser, Server, serve

from imu_imageprep import Policy, api
from imu_imageprep.api import Desk
from imu_imageprep.front.web.results import numbered, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTRAIT = (ROOT / "samples" / "portrait.jpg").read_bytes()
STAFF = {
    "subject": "staff-01",
    "giver": "A. Person",
    "capacity": "yes",
    "minor": "no",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-01-05",
    "form": "oral",
    "form_version": "",
    "majority": None,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("page")
    allowed = folder / "allowed"
    allowed.mkdir()
    with serve(folder, roots=(allowed,)) as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Browser:
    return server.browser("Tan")


@pytest.fixture
def allowed(server: Server) -> Path:
    return server.home.parent / "allowed"


def picture(seed: int) -> bytes:
    return encoded(scene(400 + seed, 300), exif=exif())


# --- the ZIP --------------------------------------------------------------------------------------


def test_the_zip_holds_names_and_pictures_and_nothing_else(browser: Browser) -> None:
    browser.delete("/api/photos?state=all")
    for seed, name in enumerate(
        (
            "day1%2Fa.jpg",
            "day1%2FA.jpg",
            "900101-14-5678%2Fa.jpg",
            "..%2F..%2Fup.jpg",
            "%C3%BC%20%3F.jpg",
        )
    ):
        assert browser.dropped(picture(seed), name)["state"] == "ready"
    answer = browser.get("/api/results.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert "imageprep.zip" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.comment == b""
    names = archive.namelist()
    assert names == ["day1/a.jpg", "day1/A-2.jpg", "a.jpg", "up.jpg", "ü.jpg"]
    for entry in archive.infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.extra == b""
        assert entry.comment == b""
        assert entry.compress_type == zipfile.ZIP_STORED
        assert api.verify(archive.read(entry)) == ()


def test_a_neutral_name_is_not_told_by_its_folder(browser: Browser) -> None:
    browser.delete("/api/photos?state=all")
    photo = browser.dropped(PORTRAIT, "Mrs%20X%2Foperation.jpg")
    browser.put(f"/api/photos/{photo['id']}/covering", {"redact": ["face-1"]})
    browser.released(photo["id"])
    (name,) = zipfile.ZipFile(io.BytesIO(browser.get("/api/results.zip").content)).namelist()
    assert name.startswith("photo-")
    assert "/" not in name


def test_the_zip_takes_what_is_named_and_ready(browser: Browser) -> None:
    browser.delete("/api/photos?state=all")
    one, two = (browser.dropped(picture(seed), f"{seed}.jpg") for seed in (1, 2))
    held = browser.dropped(PORTRAIT)
    got = browser.client.get("/api/results.zip", params={"photo": [two["id"], held["id"]]})
    assert zipfile.ZipFile(io.BytesIO(got.content)).namelist() == ["2.jpg"]
    assert browser.get("/api/results.zip", photo=held["id"]).status_code == 404
    assert browser.get("/api/results.zip", photo="none").status_code == 404
    assert browser.get(f"/api/photos/{held['id']}/export").status_code == 409
    assert browser.get(f"/api/photos/{one['id']}/export").status_code == 200


def test_a_zip_comes_in_pieces() -> None:
    read: list[int] = []

    def member(number: int) -> bytes:
        read.append(number)
        return b"x" * 1000

    pieces = zipped((f"{n}.jpg", partial(member, n)) for n in range(3))
    next(pieces)
    assert read == [0]
    assert len(b"".join(pieces)) > 2000
    assert read == [0, 1, 2]


def test_names_that_clash_are_numbered() -> None:
    names = ["a.jpg", "A.jpg", "a-2.jpg", "a.jpg", "b", "b"]
    assert list(numbered(names)) == ["a.jpg", "A-2.jpg", "a-2-2.jpg", "a-3.jpg", "b", "b-2"]


def test_reports_tell_kinds_and_no_values(browser: Browser) -> None:
    browser.delete("/api/photos?state=all")
    browser.dropped(picture(1), "%3Dcmd%28%29.jpg")
    browser.dropped(b"no picture", "notes.txt")
    table = list(
        csv.reader(io.StringIO(browser.get("/api/report.csv").text.removeprefix("\ufeff")))
    )
    assert table[1][0] == "'=cmd().jpg"  # no formula
    assert table[1][2].split(", ")[0] == "gps"
    assert table[2][1] == "failed"
    rows = browser.get("/api/report.json").json()
    assert [row["outcome"] for row in rows] == ["exported", "failed"]
    assert "NeedleCam" not in str(rows)


def test_posting_is_recorded(server: Server, browser: Browser) -> None:
    photo = browser.dropped(picture(30))
    where = f"/api/photos/{photo['id']}"
    assert browser.post(f"{where}/posted", {"url": "javascript:alert(1)"}).status_code == 422
    done = browser.post(f"{where}/posted", {"url": "https://example.org/post/1"}).json()
    assert done["posted"] == ["https://example.org/post/1"]
    data = browser.get(f"{where}/export").content
    (receipt,) = Desk.at(server.ledger).receipts(data)
    assert receipt.urls == ("https://example.org/post/1",)


# --- typed folders --------------------------------------------------------------------------------


def fill(folder: Path) -> None:
    (folder / "inner").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(picture(1))
    (folder / "inner" / "b.jpg").write_bytes(picture(2))
    (folder / "me.jpg").write_bytes(PORTRAIT)
    (folder / "broken.jpg").write_bytes(picture(3)[:500])
    (folder / "notes.txt").write_text("no photo")


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_typed_folder_is_done_as_on_the_command_line(
    browser: Browser, allowed: Path, tmp_path: Path
) -> None:
    browser.delete("/api/photos?state=all")
    mine, other = allowed / "trip", tmp_path / "trip"
    fill(mine)
    fill(other)
    before = tree(mine)
    answer = browser.post("/api/runs", {"path": str(mine)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["exports"] == str(allowed / "trip-web")
    browser.settled()
    state = browser.get("/api/state").json()
    assert state["runs"][-1]["state"] == "done"
    outcomes = {f"{one['folder']}/{one['name']}": one["state"] for one in state["photos"]}
    assert outcomes == {
        "trip/a.jpg": "ready",
        "trip/inner/b.jpg": "ready",
        "trip/me.jpg": "held",
        "trip/broken.jpg": "failed",
    }
    list(api.prepare_many([other], policy=Policy(), ledger=tmp_path / "l.db", jobs=1))
    assert tree(allowed / "trip-web") == tree(tmp_path / "trip-web")

    me = next(one for one in state["photos"] if one["name"] == "me.jpg")
    browser.put(f"/api/photos/{me['id']}/covering", {"redact": ["face-1"]})
    done = browser.released(me["id"])
    assert done["state"] == "ready"
    assert Path(done["export"]["path"]).parent == allowed / "trip-web"
    assert tree(mine) == before  # originals are never touched
    names = zipfile.ZipFile(io.BytesIO(browser.get("/api/results.zip").content)).namelist()
    assert sorted(names)[-2:] == ["trip/a.jpg", "trip/inner/b.jpg"]

    browser.delete("/api/photos?state=all")
    browser.post("/api/runs", {"path": str(mine)})
    browser.settled()
    again = {one["name"]: one for one in browser.get("/api/state").json()["photos"]}
    assert again["a.jpg"]["export"]["already"] is True


def test_one_typed_photo_lies_beside_its_original(browser: Browser, allowed: Path) -> None:
    photo = allowed / "single.jpg"
    photo.write_bytes(picture(7))
    browser.post("/api/runs", {"path": str(photo)})
    browser.settled()
    assert (allowed / "single-web.jpg").exists()


def test_a_result_that_was_changed_is_not_handed_out(browser: Browser, allowed: Path) -> None:
    browser.delete("/api/photos?state=all")
    photo = allowed / "changed.jpg"
    photo.write_bytes(picture(8))
    browser.post("/api/runs", {"path": str(photo)})
    browser.settled()
    (allowed / "changed-web.jpg").write_bytes(PORTRAIT)
    (entry,) = browser.get("/api/state").json()["photos"]
    assert browser.get(f"/api/photos/{entry['id']}/export").status_code == 422
    assert browser.get("/api/results.zip").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/etc",
        "/",
        "{allowed}/..",
        "{allowed}/../home",
        "{allowed}/trap/../../home",
        "relative",
        "",
        "~root",
        "{allowed}\x00/x",
        "{allowed}-sibling",
        "{allowed}/" + "x" * 5000,
        "{allowed}/loop",
        "{allowed}/nothing",
        "{allowed}/leads-out",
        "{allowed}/leads-out/ledger.db",
    ],
)
def test_typed_paths_stay_in_the_allowed_folders(
    server: Server,
    browser: Browser,
    allowed: Path,
    path: str,
    request: pytest.FixtureRequest,
) -> None:
    if "/l" in path:
        request.getfixturevalue("links")
        for name, target in (("leads-out", server.home), ("loop", allowed / "loop")):
            if not (allowed / name).is_symlink():
                (allowed / name).symlink_to(target)
    before = len(browser.get("/api/state").json()["photos"])
    answer = browser.post("/api/runs", {"path": path.format(allowed=allowed)})
    assert answer.status_code in (403, 422)
    assert len(browser.get("/api/state").json()["photos"]) == before
    assert str(server.home) not in answer.text


def test_what_exists_outside_is_not_told(browser: Browser) -> None:
    there = browser.post("/api/runs", {"path": "/etc/passwd"})
    not_there = browser.post("/api/runs", {"path": "/etc/no-such-file"})
    assert (there.status_code, there.text) == (not_there.status_code, not_there.text)


@pytest.mark.usefixtures("links")
def test_links_inside_a_folder_do_not_lead_out_of_it(
    server: Server, browser: Browser, allowed: Path
) -> None:
    browser.delete("/api/photos?state=all")
    outside = server.home.parent / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(picture(9))
    trap = allowed / "trap"
    trap.mkdir()
    (trap / "own.jpg").write_bytes(picture(10))
    (trap / "file.jpg").symlink_to(outside / "secret.jpg")
    (trap / "folder").symlink_to(outside, target_is_directory=True)
    browser.post("/api/runs", {"path": str(trap)})
    browser.settled()
    assert [one["name"] for one in browser.get("/api/state").json()["photos"]] == ["own.jpg"]


@pytest.mark.usefixtures("links")
def test_exports_do_not_land_outside_through_a_link(
    server: Server, browser: Browser, allowed: Path
) -> None:
    outside = server.home.parent / "elsewhere"
    outside.mkdir()
    (allowed / "pulled").mkdir()
    (allowed / "pulled" / "a.jpg").write_bytes(picture(11))
    (allowed / "pulled-web").symlink_to(outside, target_is_directory=True)
    assert browser.post("/api/runs", {"path": str(allowed / "pulled")}).status_code == 403
    assert list(outside.iterdir()) == []


def test_a_run_can_be_ended(browser: Browser, allowed: Path) -> None:
    browser.delete("/api/photos?state=all")
    many = allowed / "many"
    many.mkdir()
    for number in range(12):
        (many / f"{number}.jpg").write_bytes(picture(100 + number))
    run = browser.post("/api/runs", {"path": str(many)}).json()
    assert browser.delete(f"/api/runs/{run['id']}").status_code == 204
    browser.settled()
    state = browser.get("/api/state").json()
    assert len(state["photos"]) < 12
    assert state["runs"][-1]["state"] == "cancelled"
    assert browser.post("/api/runs/none/open").status_code == 404


def test_the_folder_is_opened_by_the_systems_own_program(tmp_path: Path) -> None:
    """The viewer gets a folder that imageprep made, and no word of the page."""
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    tools = tmp_path / "tools"
    tools.mkdir()
    seen = tmp_path / "seen"
    os.mkfifo(seen)
    viewer = tools / "xdg-open"
    viewer.write_text(f'#!/bin/sh\necho "$@" > {seen}\n')
    viewer.chmod(0o755)
    folder = tmp_path / "-trip"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture(1))
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{tools}:{before}"
    try:
        with serve(tmp_path / "page", roots=(tmp_path,)) as server:
            browser = server.browser()
            run = browser.post("/api/runs", {"path": str(folder)}).json()
            assert browser.post(f"/api/runs/{run['id']}/open").status_code in (204, 409)
            browser.settled()
            assert browser.post(f"/api/runs/{run['id']}/open").status_code == 204
            assert seen.read_text().strip() == str(tmp_path / "-trip-web")
    finally:
        os.environ["PATH"] = before


# --- records and forms ----------------------------------------------------------------------------


def entered(browser: Browser, kind: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    answer = browser.post("/api/records", {"kind": kind, "fields": fields, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_records_are_listed_shown_and_erased(browser: Browser) -> None:
    soon = entered(browser, "staff", {**STAFF, "expires": "2026-12-01", "subject": "soon"})
    later = entered(browser, "staff", {**STAFF, "subject": "later"})
    listed = [one["ref"] for one in browser.get("/api/records").json()["records"]]
    assert listed[:2] == [later["ref"], soon["ref"]]
    expiring = browser.get("/api/records", expiring=36500).json()["records"]
    assert soon["ref"] in [one["ref"] for one in expiring]
    assert later["ref"] not in [one["ref"] for one in expiring]
    shown = browser.get(f"/api/records/{soon['ref']}").json()
    assert shown["record"]["fields"]["recorded_by"] == "Tan"
    assert shown["exports"] == []
    assert (
        browser.delete(f"/api/records/{soon['ref']}", {"confirm": later["ref"]}).status_code == 422
    )
    assert browser.delete(f"/api/records/{soon['ref']}").status_code == 422
    assert (
        browser.delete(f"/api/records/{soon['ref']}", {"confirm": soon["ref"]}).status_code == 200
    )
    assert browser.get(f"/api/records/{soon['ref']}").json()["record"]["state"] == "erased"
    assert browser.get("/api/audit").json()["damage"] is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("staff", {**STAFF, "recorded_by": "Somebody else"}),
        ("staff", {**STAFF, "account": "root"}),
        ("staff", {**STAFF, "ref": "C-000-000-000"}),
        ("staff", {**STAFF, "subject": "900101-14-5678"}),
        ("staff", {**STAFF, "signed": "soon"}),
        ("nobody", STAFF),
        ("place", {"place": "Ward", "giver": "Tan", "authority": "Head", "signed": "2026-01-01"}),
    ],
)
def test_records_that_are_not_sound_are_refused(
    browser: Browser, kind: str, fields: dict[str, Any]
) -> None:
    before = browser.get("/api/audit").json()["events"]
    assert browser.post("/api/records", {"kind": kind, "fields": fields}).status_code == 422
    assert browser.get("/api/audit").json()["events"] == before


@pytest.mark.parametrize(
    "kind", ["patient", "staff", "student", "alumni", "visitor", "event", "place"]
)
def test_every_kind_of_record_has_questions(browser: Browser, kind: str) -> None:
    told = browser.get(f"/api/forms/{kind}").json()["questions"]
    fields = {one["field"]: one for one in told}
    assert "recorded_by" not in fields
    assert fields["signed"]["type"] == "day"
    for one in told:
        assert (one["choices"] is not None) == (one["type"] in ("choice", "choices"))
    if kind == "event":
        assert "patient" not in fields["kinds"]["choices"]


def test_a_form_is_printed_signed_and_entered_under_its_reference(browser: Browser) -> None:
    photo = browser.dropped(PORTRAIT)
    browser.put(f"/api/photos/{photo['id']}/covering", {"boxes": [[0, 0, 40, 40]]})
    made = browser.post("/api/forms/patient/print", {"photo": photo["id"], "language": "ms"})
    assert made.status_code == 201
    ref = made.json()["ref"]
    page = browser.get(made.json()["url"])
    assert page.status_code == 200
    assert '<html lang="ms"' in page.text
    picture_ = browser.get(f"/api/print/{ref}/picture")
    preview = browser.get(f"/api/photos/{photo['id']}/preview")
    assert picture_.content == preview.content
    code = browser.get(f"/api/print/{ref}/qr.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    assert "<script" not in code.text
    assert entered(browser, "staff", {**STAFF, "subject": "signed"}, ref=ref)["ref"] == ref
    twice = browser.post("/api/records", {"kind": "staff", "fields": STAFF, "ref": ref})
    assert twice.status_code == 422
    assert browser.get("/print/C-000-000-000").status_code == 404
    assert browser.post("/api/forms/patient/print", {"language": "xx"}).status_code == 422


def test_the_policy_is_shown_and_the_profile_is_switched_where_it_may_be(
    browser: Browser, tmp_path: Path
) -> None:
    told = browser.get("/api/policy").json()
    assert told["profile"] == "personal"
    assert told["watermark"]["shown"].startswith("©")
    refused = browser.put("/api/profile", {"profile": "official"})
    assert refused.json()["error"]["code"] == "policy"
    assert browser.put("/api/profile", {"profile": "none"}).status_code == 422
    with serve(tmp_path, config='[owner]\nresponsible = "Head of unit"\n') as server:
        other = server.browser()
        assert other.put("/api/profile", {"profile": "official"}).json()["profile"] == "official"
        assert other.get("/api/state").json()["profile"] == "official"


def test_the_page_speaks_the_language_of_its_person(server: Server, browser: Browser) -> None:
    assert browser.put("/api/me", {"language": "ms"}).json()["language"] == "ms"
    assert '<html lang="ms"' in browser.get("/").text
    assert isinstance(browser.get("/strings.json").json(), dict)
    assert browser.put("/api/me", {"language": "xx"}).status_code == 422
    assert '<html lang="en"' in server.browser("").get("/").text
