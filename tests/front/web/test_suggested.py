"""Who a face may be is proposed once for the shots of one moment, and answered for each photo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from enrolling import CODE, PORTRAIT, consent, enrolled, needs_register
from pictures import unlike
from running import Browser, Server, serve

from imu_imageprep.api import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_register


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("register")
    with serve(folder, config=enrolled(folder)) as running:
        yield running


def burst(page: Server, browser: Browser, name: str, count: int = 3) -> list[str]:
    """Shots of one moment in a folder whose path is typed."""
    folder = page.home.parent / name
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(unlike(PORTRAIT.read_bytes()))
    browser.post("/api/runs", {"path": str(folder)})
    browser.settled()
    photos = browser.get("/api/state").json()["photos"]
    idents = [one["id"] for one in photos if one["folder"] == name]
    assert [one["burst"] for one in photos if one["folder"] == name] == [idents[0]] * count
    return idents


def on_the_screen(browser: Browser, *idents: str) -> None:
    for ident in idents:
        assert browser.get(f"/api/photos/{ident}/picture", side=480).status_code == 200
    browser.post("/api/shown", {"photos": list(idents), "side": 480})


def said(browser: Browser, idents: list[str], record: str, **more: Any) -> Any:
    say = {"what": "suggested", "person": CODE, "record": record, **more}
    return browser.post("/api/selections", {"photos": idents, "say": say, "side": 480})


def bindings(page: Server) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in list(Desk.at(page.ledger).ledger.export_lines())[1:]]
    return [json.loads(line["body"]) for line in lines if line["kind"] == "answer"]


def whys(told: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(one["finding"], one["why"]) for one in told["stays"]]


def test_one_confirmed_answer_is_an_answer_for_each_photos_face(page: Server) -> None:
    browser = page.browser("Tan")
    ref = Desk.at(page.ledger).add(consent()).ref
    *idents, alone, unseen = burst(page, browser, "party", 5)
    for ident in (*idents, unseen):
        told = browser.photo(ident)["suggestions"]
        assert told == [{"finding": "face-1", "person": CODE}]
    on_the_screen(browser, *idents)
    before = len(bindings(page))
    dry = browser.post(
        "/api/selections",
        {
            "photos": [*idents, unseen],
            "say": {"what": "suggested", "person": CODE.lower(), "record": ref},
            "side": 480,
            "dry": True,
        },
    ).json()
    assert len(bindings(page)) == before
    told = said(browser, [*idents, unseen], ref).json()
    assert told["will"] == dry["will"]
    assert whys(told) == [(None, "not-shown")]
    assert [(one["stage"], one["suggestions"]) for one in told["photos"]] == [("look", [])] * 3
    items = [{"photo": alone, "finding": "face-1"}]
    browser.post("/api/answers", {"items": items, "records": [ref]})
    *many, one = bindings(page)[before:]
    shas = [body["seen"]["photo"] for body in many]
    assert shas == [browser.photo(ident)["sha256"] for ident in idents]
    for body in many:
        same = {"seen": {**body["seen"], "photo": one["seen"]["photo"]}}
        same |= {"ref": one["ref"], "sealed": one["sealed"]}
        assert {**body, **same} == {**one, "looked": "sheet-480"}
    undone = browser.delete(f"/api/selections/{told['selection']}").json()
    assert [one["opens"] for one in undone["photos"]] == [1, 1, 1]


def test_only_who_was_suggested_and_by_their_own_consent(page: Server) -> None:
    browser = page.browser("Tan")
    desk = Desk.at(page.ledger)
    mine, theirs = desk.add(consent()).ref, desk.add(consent("TUTOR-8")).ref
    first, *rest = idents = burst(page, browser, "picnic")
    on_the_screen(browser, *idents)
    assert said(browser, idents, theirs).status_code == 422
    assert said(browser, idents, theirs, person="TUTOR-8").json()["counts"]["findings"] == 0
    told = said(browser, idents, mine, **{"except": [[first, "face-1"]]}).json()
    assert whys(told) == [("face-1", "excepted")]
    assert {one["photo"] for one in told["will"]} == set(rest)


def test_a_person_is_proposed_for_the_shots_of_one_moment_alone(page: Server) -> None:
    browser = page.browser("Tan")
    ref = Desk.at(page.ledger).add(consent()).ref
    one, other = burst(page, browser, "one", 2), burst(page, browser, "other", 2)
    on_the_screen(browser, *one, *other)
    assert said(browser, [*one, *other], ref).status_code == 422
    assert said(browser, one, ref).json()["counts"]["records"] == 2


def test_nobody_is_proposed_where_somebody_sees_a_patient(page: Server) -> None:
    browser = page.browser("Tan")
    ref = Desk.at(page.ledger).add(consent()).ref
    first, second = idents = burst(page, browser, "ward", 2)
    box = {"box": [10, 10, 60, 60], "kind": "clinical"}
    assert browser.post(f"/api/photos/{first}/drawn", box).json()["suggestions"] == []
    on_the_screen(browser, *idents)
    told = said(browser, idents, ref).json()
    assert whys(told) == [(None, "nothing")]
    assert [one["photo"] for one in told["will"]] == [second]


def test_what_is_suggested_is_kept_nowhere(page: Server) -> None:
    browser = page.browser("Tan")
    burst(page, browser, "secret", 2)
    for name in ("json", "csv", "html"):
        assert CODE not in browser.get(f"/api/report.{name}").text


def test_nobody_is_suggested_whose_consent_ended_while_the_page_ran(tmp_path: Path) -> None:
    with serve(tmp_path, config=enrolled(tmp_path)) as running:
        browser = running.browser("Tan")
        (agreed,) = (one.ref for one in Desk.at(running.ledger).ledger.records())
        (before,) = burst_of_one(running, browser, "before")
        assert browser.photo(before)["suggestions"]
        # Somebody else withdraws it, by another program.
        Desk.at(running.ledger).withdraw(agreed, reason="", by="B. Clerk")
        (after,) = burst_of_one(running, browser, "after")
        assert browser.photo(after)["suggestions"] == []


def burst_of_one(page: Server, browser: Browser, name: str) -> list[str]:
    (page.home.parent / name).mkdir()
    (page.home.parent / name / "one.jpg").write_bytes(unlike(PORTRAIT.read_bytes()))
    browser.post("/api/runs", {"path": str(page.home.parent / name)})
    browser.settled()
    photos = browser.get("/api/state").json()["photos"]
    return [one["id"] for one in photos if one["folder"] == name]
