"""One answer for many photos: only for what was on the screen, all or none, undone at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from pictures import encoded, scene, unlike
from running import Browser, Server, serve, typed

from imu_imageprep.api import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLES = ROOT / "samples"
PORTRAIT = (SAMPLES / "portrait.jpg").read_bytes()
CLINICAL = (SAMPLES / "clinical.jpg").read_bytes()
SOURCED = (SAMPLES / "sourced.jpg").read_bytes()
DAY = "2026-03-04"
EVENT = {
    "event": "Convocation",
    "kinds": ["student"],
    "first": DAY,
    "last": DAY,
    "sheet_sha256": "cd" * 32,
    "people": 1,
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-03-05",
}
PATIENT = {
    "subject": "patient-01",
    "giver": "A. Person",
    "capacity": "yes",
    "minor": "no",
    "form": "written",
    "form_sha256": "ab" * 32,
    "told_no_recall": "yes",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-01-05",
}
PLACE = {
    "place": "Skills ward",
    "authority": "the ward's head",
    "giver": "B. Person",
    "first": "2020-01-01",
    "last": "2030-01-01",
    "signed": "2026-01-05",
}
NOTHING = {"what": "nothing-clinical"}
COVER = {"what": "cover-faces"}
NO_FACE = {
    "what": "dismiss",
    "kind": "face",
    "need": "person-consent",
    "reason": "picture or statue",
}


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """At a page whose check is sure of nothing: what looks clinical is a doubt."""
    rules = "[clinical]\nthreshold = 1.0\ndoubt = 0.9\n"
    with serve(tmp_path_factory.mktemp("unsure"), config=rules) as running:
        yield running.browser("Tan")


def on_the_screen(browser: Browser, *idents: str, side: int = 480) -> None:
    """The pictures were asked for, and were whole on the screen."""
    for ident in idents:
        assert browser.get(f"/api/photos/{ident}/picture", side=side).status_code == 200
    told = browser.post("/api/shown", {"photos": list(idents), "side": side}).json()
    assert told["shown"] == list(idents)


def dropped(browser: Browser, data: bytes, count: int) -> list[str]:
    """Photos that were dropped and are on the screen."""
    idents = [browser.dropped(unlike(data))["id"] for _ in range(count)]
    on_the_screen(browser, *idents)
    return idents


def said(browser: Browser, idents: list[str], say: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = browser.post("/api/selections", {"photos": idents, "say": say, "side": 480, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def entered(browser: Browser, kind: str, fields: dict[str, Any]) -> str:
    answer = browser.post("/api/records", {"kind": kind, "fields": fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ref"])


def whys(told: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(one["finding"], one["why"]) for one in told["stays"]]


def entries(ledger: Any, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in list(Desk.at(ledger).ledger.export_lines())[1:]]
    return [json.loads(line["body"]) for line in lines if line["kind"] == kind]


def test_only_what_was_on_the_screen_in_that_size_is_answered(
    server: Server, browser: Browser
) -> None:
    idents = [browser.dropped(unlike(PORTRAIT))["id"] for _ in range(3)]
    never, small, other = idents
    browser.get(f"/api/photos/{small}/picture", side=320)
    assert browser.post("/api/shown", {"photos": idents, "side": 480}).json()["shown"] == []
    browser.get(f"/api/photos/{small}/picture", side=480)
    assert whys(said(browser, [small], NO_FACE)) == [(None, "not-shown")]  # served, not shown
    assert browser.post("/api/shown", {"photos": [small], "side": 320}).status_code == 422
    lim = server.browser("Lim")
    on_the_screen(lim, other)
    told = said(browser, [*idents, "none"], NO_FACE)
    assert whys(told) == [(None, "not-shown")] * 3 + [(None, "state")]
    assert told["selection"] is None
    assert entries(server.ledger, "dismissal") == []
    assert said(lim, [other], NO_FACE, side=960)["counts"]["stays"] == 1
    assert said(lim, [other], NO_FACE)["counts"]["records"] == 1
    assert browser.photo(never)["opens"] == 1


def test_a_selection_says_once_what_is_recorded_for_each(server: Server, browser: Browser) -> None:
    idents = dropped(browser, PORTRAIT, 3)
    before = Desk.at(server.ledger).audit().events
    dry = said(browser, idents, NO_FACE, dry=True)
    assert Desk.at(server.ledger).audit().events == before
    told = said(browser, idents, NO_FACE)
    assert dry["will"] == told["will"]
    assert dry["selection"] is None
    assert [one["photo"] for one in told["will"]] == idents
    assert [(one["opens"], one["stage"]) for one in told["photos"]] == [(0, "look")] * 3
    assert Desk.at(server.ledger).audit().events == before + 3
    alone = browser.dropped(unlike(PORTRAIT))["id"]
    items = [{"photo": alone, "finding": "face-1"}]
    reason = {"needs": "person-consent", "reason": "picture or statue"}
    browser.post("/api/answers", {"items": items, "dismiss": reason})
    *many, one = entries(server.ledger, "dismissal")[-4:]
    for body in many:
        assert body["looked"] == "sheet-480"
        same = {"seen": {**body["seen"], "photo": one["seen"]["photo"]}}
        same |= {"ref": one["ref"], "sealed": one["sealed"]}
        assert {**body, **same} == {**one, "looked": "sheet-480"}
    assert "looked" not in one


def test_all_of_it_is_undone_at_once(server: Server, browser: Browser) -> None:
    idents = dropped(browser, PORTRAIT, 2)
    ref = said(browser, idents, NO_FACE)["selection"]
    done = browser.delete(f"/api/selections/{ref}").json()
    assert [(one["opens"], one["answers"]) for one in done["photos"]] == [(1, [])] * 2
    assert browser.delete(f"/api/selections/{ref}").status_code == 404
    assert Desk.at(server.ledger).audit().damage is None
    covered = said(browser, idents, COVER)
    assert [one["covering"]["redact"] for one in covered["photos"]] == [["face-1"]] * 2
    browser.put(
        f"/api/photos/{idents[0]}/covering", {"redact": ["face-1"], "boxes": [[1, 1, 9, 9]]}
    )
    done = browser.delete(f"/api/selections/{covered['selection']}").json()
    told = [(one["opens"], one["covering"]["redact"]) for one in done["photos"]]
    assert told == [(1, []), (1, [])]
    assert done["photos"][0]["covering"]["boxes"] == [[1, 1, 9, 9]]  # chosen since: it stays


def test_undone_after_a_photo_left_its_result_goes_where_it_relied_on_that(
    browser: Browser,
) -> None:
    """What was covered stays covered in what is out; what was answered counts no more."""
    left, waits = dropped(browser, PORTRAIT, 2)
    ref = said(browser, [left, waits], COVER)["selection"]
    assert browser.released(left)["state"] == "ready"
    done = browser.delete(f"/api/selections/{ref}").json()
    assert whys(done) == [(None, "released")]
    assert {one["id"]: one["state"] for one in done["photos"]} == {left: "ready", waits: "held"}
    left, waits = dropped(browser, PORTRAIT, 2)
    ref = said(browser, [left, waits], NO_FACE)["selection"]
    assert browser.released(left)["state"] == "ready"
    done = browser.delete(f"/api/selections/{ref}").json()
    assert {one["id"]: one["state"] for one in done["photos"]} == {left: "gone", waits: "held"}
    assert browser.get(f"/api/photos/{left}/export").status_code == 409


def test_covered_faces_need_no_name_and_leave_no_event(server: Server) -> None:
    nobody = server.browser("")
    idents = dropped(nobody, PORTRAIT, 2)
    before = Desk.at(server.ledger).audit().events
    told = said(nobody, idents, COVER)
    assert told["counts"] == {"photos": 2, "findings": 2, "records": 0, "stays": 0}
    assert [one["stage"] for one in told["photos"]] == ["look", "look"]
    assert whys(said(nobody, idents, COVER)) == [(None, "nothing")] * 2
    assert Desk.at(server.ledger).audit().events == before
    refused = nobody.post("/api/selections", {"photos": idents, "say": NO_FACE, "side": 480})
    assert refused.json()["error"]["code"] == "no-name"


def test_an_event_sheet_answers_where_it_fits_and_says_why_where_not(browser: Browser) -> None:
    """A sheet of another day fits nowhere; whoever opted out stays."""
    idents = dropped(browser, PORTRAIT, 2)
    sheet = entered(browser, "event", EVENT)
    signed = {"what": "signed", "record": sheet, "nobody_excluded": True}
    assert whys(said(browser, idents, signed)) == [("face-1", "outside")] * 2
    day = browser.photo(idents[0])["captured"]
    sheet = entered(browser, "event", {**EVENT, "first": day, "last": day})
    signed = {"what": "signed", "record": sheet, "nobody_excluded": True}
    unsaid = {**signed, "nobody_excluded": False}
    assert whys(said(browser, idents, unsaid)) == [("face-1", "not-checked")] * 2
    assert said(browser, idents, unsaid, dry=True)["counts"]["findings"] == 2
    told = said(browser, idents, {**signed, "except": [[idents[1], "face-1"]]})
    assert whys(told) == [("face-1", "excepted")]
    assert told["counts"]["records"] == 1
    assert [one["opens"] for one in told["photos"]] == [0, 1]
    assert browser.photo(idents[0])["answers"][0]["records"] == [sheet]
    wrong = {**signed, "record": entered(browser, "place", PLACE)}
    answer = browser.post("/api/selections", {"photos": idents, "say": wrong, "side": 480})
    assert answer.status_code == 422
    browser.post(f"/api/records/{sheet}/withdrawal", {"reason": ""})
    answer = browser.post("/api/selections", {"photos": idents, "say": signed, "side": 480})
    assert answer.status_code == 422


def test_a_ward_visit_is_answered_together(browser: Browser) -> None:
    idents = dropped(browser, CLINICAL, 2)
    place, patient = entered(browser, "place", PLACE), entered(browser, "patient", PATIENT)
    permitted = {"what": "place", "record": place, "captured": DAY}
    told = said(browser, idents, permitted)
    assert [one["need"] for one in told["will"]] == ["place-permission"] * 2
    told = said(browser, idents, {"what": "patients", "records": [patient]})
    assert [one["stage"] for one in told["photos"]] == ["look", "look"]
    assert whys(said(browser, idents, NOTHING)) == [(None, "nothing")] * 2


def test_doubts_are_answered_together_or_said_to_be_clinical(unsure: Browser) -> None:
    one, two, three = dropped(unsure, CLINICAL, 3)
    told = said(unsure, [one, two], NOTHING)
    assert [photo["stage"] for photo in told["photos"]] == ["look", "look"]
    place = entered(unsure, "place", PLACE)
    told = said(unsure, [three], {"what": "place", "record": place, "captured": DAY})
    assert told["counts"]["records"] == 2
    unsure.settled(three)
    (now,) = told["photos"]
    assert [need["needs"] for need in now["needs"]] == ["patient-consent"]
    undone = unsure.delete(f"/api/selections/{told['selection']}").json()
    assert [photo["id"] for photo in undone["photos"]] == [three]
    with unsure.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        while [need["needs"] for need in unsure.photo(three)["needs"]] != ["look"]:
            next(lines)


def test_credit_lines_and_their_undo(browser: Browser) -> None:
    idents = dropped(browser, SOURCED, 2)
    browser.put(f"/api/photos/{idents[0]}/covering", {"boxes": [[1, 1, 9, 9]]})
    for bad in ("call 012-345 6789", "  "):
        say = {"what": "credit", "line": bad}
        answer = browser.post("/api/selections", {"photos": idents, "say": say, "side": 480})
        assert answer.status_code == 422
    told = said(browser, idents, {"what": "credit", "line": "Photo: A. Maker"})
    assert [one["covering"]["credit"] for one in told["photos"]] == ["Photo: A. Maker"] * 2
    assert [one["opens"] for one in told["photos"]] == [0, 0]
    done = browser.delete(f"/api/selections/{told['selection']}").json()
    assert [one["covering"]["credit"] for one in done["photos"]] == [None, None]
    assert done["photos"][0]["covering"]["boxes"] == [[1, 1, 9, 9]]


@pytest.mark.parametrize(
    "told",
    [
        {"say": {"what": "everything"}},
        {"say": "nothing-clinical"},
        {"say": {**NO_FACE, "reason": "public code"}},
        {"say": {**NO_FACE, "kind": "spaceship"}},
        {"say": {"what": "signed", "record": "E-000-000-000"}},
        {"say": {"what": "signed"}},
        {"say": {**COVER, "except": [["one"]]}},
        {"say": COVER, "side": 399},
        {"say": COVER, "side": "480"},
        {"say": COVER, "side": True},
        {"say": COVER, "photos": "all"},
    ],
)
def test_what_makes_no_sense_is_refused(browser: Browser, told: dict[str, Any]) -> None:
    values = {"photos": ["none"], "side": 480, **told}
    assert browser.post("/api/selections", values).status_code == 422


def test_a_photo_that_left_takes_no_answer(browser: Browser) -> None:
    ready = browser.dropped(encoded(scene(500, 400)))["id"]
    assert whys(said(browser, [ready], COVER)) == [(None, "state")]


def test_a_file_that_was_changed_was_on_nobodys_screen(tmp_path: Path) -> None:
    """What was seen of a typed folder's photo counts for that file alone."""
    with typed(tmp_path, PORTRAIT) as (server, browser, photo):
        file = tmp_path / "trip" / "me.jpg"
        ident = photo["id"]
        on_the_screen(browser, ident)
        file.write_bytes(unlike(PORTRAIT))
        lim = server.browser("Lim")
        assert lim.get(f"/api/photos/{ident}/preview").status_code == 200  # reads it anew
        assert whys(said(browser, [ident], NO_FACE)) == [(None, "not-shown")]
        assert entries(server.ledger, "dismissal") == []
        on_the_screen(browser, ident)
        assert said(browser, [ident], NO_FACE)["counts"]["records"] == 1


def test_what_was_found_after_the_look_is_not_answered_by_it(server: Server) -> None:
    """Somebody else draws a box in a photo that is on the screen: it has to be looked at again."""
    browser, lim = server.browser("Tan"), server.browser("Lim")
    (ident,) = dropped(browser, PORTRAIT, 1)
    version = browser.photo(ident)["version"]
    box = {"box": [10, 10, 60, 60], "kind": "face"}
    assert lim.post(f"/api/photos/{ident}/drawn", box).status_code == 200
    assert whys(said(browser, [ident], NO_FACE)) == [(None, "not-shown")]
    assert browser.photo(ident)["version"] > version
    on_the_screen(browser, ident)
    assert said(browser, [ident], NO_FACE)["counts"]["records"] == 2
