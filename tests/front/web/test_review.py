"""Photos that wait: covering, answers, previews and exports, and what the ledger hears of it."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pictures import coded, encoded, exif, scene, unlike
from PIL import Image
from running import Browser, Server, serve

from imu_imageprep import Policy, api
from imu_imageprep.api import Desk
from imu_imageprep.domain.forms import record_from
from imu_imageprep.stages.redact import SOLID_COLOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SAMPLES = Path(__file__).parents[3] / "samples"
PORTRAIT = (SAMPLES / "portrait.jpg").read_bytes()
CLINICAL = (SAMPLES / "clinical.jpg").read_bytes()
SOURCED = (SAMPLES / "sourced.jpg").read_bytes()

STAFF = {
    "subject": "staff-01",
    "giver": "A. Person",
    "capacity": "yes",
    "minor": "no",
    "form": "oral",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-01-05",
}
PATIENT = {
    **STAFF,
    "subject": "patient-01",
    "form": "written",
    "form_sha256": "ab" * 32,
    "told_no_recall": "yes",
}
PLACE = {
    "place": "Skills ward",
    "authority": "the ward's head",
    "giver": "B. Person",
    "first": "2020-01-01",
    "last": "2030-01-01",
    "signed": "2026-01-05",
}


def entered(browser: Browser, kind: str, fields: dict[str, Any]) -> str:
    answer = browser.post("/api/records", {"kind": kind, "fields": fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ref"])


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_face_is_covered_and_the_photo_leaves(browser: Browser) -> None:
    photo = browser.dropped(unlike(PORTRAIT), "me.jpg")
    assert photo["state"] == "held"
    assert [need["needs"] for need in photo["needs"]] == ["person-consent"]
    where = f"/api/photos/{photo['id']}"
    held = browser.post(f"{where}/export").json()
    assert held["state"] == "held"
    covered = browser.put(f"{where}/covering", {"redact": ["face-1"]}).json()
    assert covered["covering"]["redact"] == ["face-1"]
    done = browser.released(photo["id"])
    assert done["state"] == "ready"
    assert done["export"]["name"].startswith("photo-")  # a face was found: the name tells nothing
    x, y, w, h = photo["findings"][0]["box"]
    out = pixels(browser.get(f"{where}/export").content)
    scale = out.shape[1] / photo["width"]
    middle = out[round((y + h / 2) * scale), round((x + w / 2) * scale)]
    assert np.abs(middle.astype(int) - SOLID_COLOUR).max() <= 4


def test_the_preview_has_the_pixels_of_the_export_and_records_nothing(
    server: Server, browser: Browser
) -> None:
    photo = browser.dropped(unlike(PORTRAIT))
    where = f"/api/photos/{photo['id']}"
    open_ = json.loads(browser.get(f"{where}/preview").headers["x-preview"])["open"]
    assert [need["needs"] for need in open_] == ["person-consent"]
    browser.put(f"{where}/covering", {"redact": ["face-1"], "boxes": [[0, 0, 50, 40]]})
    before = Desk.at(server.ledger).audit().events
    shown = browser.get(f"{where}/preview")
    told = json.loads(shown.headers["x-preview"])
    assert told["open"] == []
    assert Desk.at(server.ledger).audit().events == before
    done = browser.released(photo["id"])
    assert (told["width"], told["height"]) == (done["export"]["width"], done["export"]["height"])
    out = browser.get(f"{where}/export").content
    assert np.array_equal(pixels(shown.content), pixels(out))


def test_a_photo_is_shown_upright_and_without_what_was_hidden(browser: Browser) -> None:
    data = encoded(scene(400, 300), exif=exif(6))
    photo = browser.dropped(data, "a.jpg")
    assert photo["state"] == "ready"
    held = browser.dropped(unlike((SAMPLES / "portrait.jpg").read_bytes()))
    answer = browser.get(f"/api/photos/{held['id']}/picture", side=320)
    assert answer.headers["content-type"] == "image/jpeg"
    shown = Image.open(io.BytesIO(answer.content))
    assert max(shown.size) == 320
    assert api.verify(answer.content) == ()
    assert not shown.getexif()
    gone = browser.get(f"/api/photos/{photo['id']}/picture")
    assert gone.status_code == 409  # of a photo that left, only the result stayed


def test_a_consent_lets_a_face_be_seen(server: Server, browser: Browser) -> None:
    data = unlike(PORTRAIT)
    photo = browser.dropped(data)
    where = f"/api/photos/{photo['id']}"
    ref = entered(browser, "staff", STAFF)
    stale = entered(browser, "staff", {**STAFF, "subject": "old", "expires": "2026-02-01"})
    offered = browser.get(f"{where}/fitting", finding="face-1", needs="person-consent").json()
    fits = {one["ref"]: (one["fits"], one["why"]) for one in offered["records"]}
    assert fits[ref] == (True, [])
    assert fits[stale] == (False, ["expired"])
    assert offered["records"][0]["fits"]
    items = [{"photo": photo["id"], "finding": "face-1"}]
    answered = browser.post("/api/answers", {"items": items, "records": [ref]}).json()
    assert answered["photos"][0]["needs"] == []
    done = browser.released(photo["id"])
    assert done["state"] == "ready"
    assert ref in done["relied_on"]
    (binding,) = [one for one in Desk.at(server.ledger).records(data) if one.kind == "answer"]
    assert binding.entry is not None
    assert binding.entry.by == "Tan"  # type: ignore[union-attr]


def test_a_clinical_photo_needs_its_patient_and_its_place(browser: Browser) -> None:
    photo = browser.dropped(unlike(CLINICAL))
    assert {need["needs"] for need in photo["needs"]} == {"patient-consent", "place-permission"}
    patient = entered(browser, "patient", PATIENT)
    place = entered(browser, "place", PLACE)
    items = [{"photo": photo["id"], "finding": "clinical-1"}]
    answers: list[dict[str, Any]] = [
        {"records": [patient], "patients": 1},
        {"records": [place], "captured": "2026-01-04"},
    ]
    for told in answers:
        done = browser.post("/api/answers", {"items": items, **told}).json()
        assert done["results"][0]["error"] is None
    assert done["photos"][0]["needs"] == []
    assert browser.released(photo["id"])["state"] == "ready"


def test_a_dismissal_answers_one_need_and_can_be_undone(browser: Browser) -> None:
    photo = browser.dropped(unlike(CLINICAL))
    rules = browser.get("/api/state").json()["needs"]["clinical"]
    reasons = {rule["need"]: rule["reasons"] for rule in rules}
    assert reasons["place-permission"] == ["not a clinical place"]
    items = [{"photo": photo["id"], "finding": "clinical-1"}]
    told = {"needs": "patient-consent", "reason": "no patient shown"}
    done = browser.post("/api/answers", {"items": items, "dismiss": told}).json()
    (after,) = done["photos"]
    assert [need["needs"] for need in after["needs"]] == ["place-permission"]
    ref = done["results"][0]["refs"][0]
    assert after["answers"][0]["reason"] == "no patient shown"
    (undone,) = browser.delete(f"/api/answers/{ref}").json()["photos"]
    assert len(undone["needs"]) == 2
    assert undone["answers"] == []
    assert browser.delete(f"/api/answers/{ref}").status_code == 404


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """At a page whose check is sure of nothing: what looks clinical is a doubt."""
    rules = "[clinical]\nthreshold = 1.0\ndoubt = 0.9\n"
    with serve(tmp_path_factory.mktemp("unsure"), config=rules) as running:
        yield running.browser("Tan")


def test_a_doubt_is_answered_once_and_the_photo_leaves(unsure: Browser) -> None:
    photo = unsure.dropped(unlike(CLINICAL))
    assert [(one["kind"], one["label"]) for one in photo["findings"]] == [("doubt", "clinical")]
    assert [need["needs"] for need in photo["needs"]] == ["look"]
    items = [{"photo": photo["id"], "finding": "doubt-1"}]
    for wrong in ("not a clinical place", "public code"):
        told = unsure.post(
            "/api/answers", {"items": items, "dismiss": {"needs": "look", "reason": wrong}}
        ).json()
        assert told["results"][0]["error"]["code"] == "usage"
    nothing = {"needs": "look", "reason": "nothing clinical"}
    told = unsure.post("/api/answers", {"items": items, "dismiss": nothing}).json()
    assert told["photos"][0]["needs"] == []
    done = unsure.released(photo["id"])
    assert done["state"] == "ready"
    assert done["export"]["name"].startswith("photo-")


def test_a_doubt_that_is_none_becomes_a_clinical_scene_and_can_be_withdrawn(
    unsure: Browser,
) -> None:
    photo = unsure.dropped(unlike(CLINICAL))
    items = [{"photo": photo["id"], "finding": "doubt-1"}]
    told = unsure.post("/api/answers", {"items": items, "clinical": True}).json()
    (ref,) = told["results"][0]["refs"]
    (now,) = told["photos"]
    assert [need["needs"] for need in now["needs"]] == ["patient-consent", "place-permission"]
    (finding,) = now["findings"]
    assert (finding["kind"], finding["confirmed"], finding["drawn"]) == ("clinical", True, False)
    again = unsure.post("/api/answers", {"items": items, "clinical": True}).json()
    assert again["results"][0]["error"]["code"] == "usage"  # it is no doubt any more
    items = [{"photo": photo["id"], "finding": "clinical-1"}]
    again = unsure.post("/api/answers", {"items": items, "clinical": True}).json()
    assert again["results"][0]["error"]["code"] == "usage"
    (back,) = unsure.delete(f"/api/answers/{ref}").json()["photos"]
    assert [(need["finding"], need["needs"]) for need in back["needs"]] == [("doubt-1", "look")]


def test_someone_elses_picture_is_credited(browser: Browser) -> None:
    photo = browser.dropped(unlike(SOURCED))
    where = f"/api/photos/{photo['id']}"
    assert photo["credit_suggestion"]
    refused = browser.put(f"{where}/covering", {"credit": "call 012-345 6789"})
    assert code(refused) == "usage"
    browser.put(f"{where}/covering", {"credit": "Photo: A. Maker"})
    assert browser.released(photo["id"])["state"] == "ready"


def test_what_a_person_sees_is_a_finding_too(browser: Browser) -> None:
    photo = browser.dropped(unlike(PORTRAIT))
    where = f"/api/photos/{photo['id']}"
    drawn = browser.post(f"{where}/drawn", {"box": [10, 10, 120, 130], "kind": "face"}).json()
    by_hand = [finding for finding in drawn["findings"] if finding["drawn"]]
    assert [finding["box"] for finding in by_hand] == [[10, 10, 120, 130]]
    assert len(drawn["needs"]) == 2
    for kind in ("spaceship", ""):
        assert (
            browser.post(f"{where}/drawn", {"box": [1, 1, 9, 9], "kind": kind}).status_code == 422
        )
    both = [finding["id"] for finding in drawn["findings"]]
    browser.put(f"{where}/covering", {"redact": both})
    assert browser.released(photo["id"])["state"] == "ready"


def test_photos_of_one_place_are_answered_together(browser: Browser) -> None:
    photos = [browser.dropped(unlike(CLINICAL)) for _ in range(3)]
    place = entered(browser, "place", PLACE)
    items = [{"photo": photo["id"], "finding": "clinical-1"} for photo in photos[:2]]
    wrong = [{"photo": photos[0]["id"], "finding": "face-9"}, {"photo": "none", "finding": "x"}]
    told = {"items": items + wrong, "records": [place], "captured": "2026-01-04"}
    done = browser.post("/api/answers", told).json()
    assert [bool(one["refs"]) for one in done["results"]] == [True, True, False, False]
    assert [one["error"]["code"] for one in done["results"][2:]] == ["usage", "not-found"]
    open_ = [{need["needs"] for need in browser.photo(one["id"])["needs"]} for one in photos]
    assert open_[0] == open_[1] == {"patient-consent"}
    assert open_[2] == {"patient-consent", "place-permission"}  # not named, not answered


def test_nobody_answers_without_a_name(server: Server, browser: Browser) -> None:
    nobody = server.browser("")
    photo = browser.dropped(unlike(PORTRAIT))
    items = [{"photo": photo["id"], "finding": "face-1"}]
    dismiss = {"needs": "person-consent", "reason": "not a face"}
    before = Desk.at(server.ledger).audit().events
    for answer in (
        nobody.post("/api/answers", {"items": items, "dismiss": dismiss}),
        nobody.post(f"/api/photos/{photo['id']}/drawn", {"box": [1, 1, 9, 9], "kind": "face"}),
        nobody.post("/api/records", {"kind": "staff", "fields": STAFF}),
        nobody.post("/api/records/C-000-000-000/withdrawal", {"reason": ""}),
    ):
        assert code(answer) == "no-name"
    assert Desk.at(server.ledger).audit().events == before
    assert nobody.put("/api/me", {"name": "  "}).status_code == 422
    assert nobody.put("/api/me", {"name": "900101-14-5678"}).status_code == 422


@pytest.mark.parametrize(
    "told",
    [
        {"redact": ["face-7"]},
        {"redact": "face-1"},
        {"boxes": [[1, 2, 3]]},
        {"boxes": [[5000, 5000, 10, 10]]},
        {"boxes": [[0, 0, None, 1]]},
        {"style": "invisible"},
        {"credit": 7},
    ],
)
def test_covering_that_makes_no_sense_is_refused(browser: Browser, told: dict[str, Any]) -> None:
    photos = browser.get("/api/state").json()["photos"]
    held = next((one for one in photos if one["state"] == "held"), None) or browser.dropped(
        unlike(PORTRAIT)
    )
    answer = browser.put(f"/api/photos/{held['id']}/covering", told)
    assert answer.status_code == 422
    assert browser.photo(held["id"])["covering"] == held["covering"]


def test_two_browsers_share_the_list_and_neither_exports_twice(
    server: Server, browser: Browser
) -> None:
    other = server.browser("Lim")
    data = unlike(PORTRAIT)
    photo = browser.dropped(data)
    where = f"/api/photos/{photo['id']}"
    assert other.get(where).json()["id"] == photo["id"]
    assert other.get("/api/state").json()["me"]["name"] == "Lim"
    assert browser.get("/api/state").json()["me"]["name"] == "Tan"
    browser.put(f"{where}/covering", {"redact": ["face-1"]})
    for one in (browser, other):
        assert one.get(f"{where}/preview").status_code == 200
    told = {"photos": [photo["id"]], "fine": True}
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(one.post, "/api/looks", told) for one in (browser, other)]
        assert sorted(len(one.result().json()["photos"]) for one in asked) == [0, 1]
    with browser.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        while browser.photo(photo["id"])["state"] != "ready":
            next(lines)
    assert len(Desk.at(server.ledger).receipts(data)) == 1


def test_a_withdrawal_takes_results_and_answers_back(browser: Browser) -> None:
    ref = entered(browser, "staff", {**STAFF, "subject": "staff-02"})
    ready, held = (browser.dropped(unlike(PORTRAIT)) for _ in range(2))
    items = [{"photo": one["id"], "finding": "face-1"} for one in (ready, held)]
    browser.post("/api/answers", {"items": items, "records": [ref]})
    browser.released(ready["id"])
    done = browser.post(f"/api/records/{ref}/withdrawal", {"reason": "asked for it"}).json()
    assert len(done["exports"]) == 1
    states = {one["id"]: one["state"] for one in done["photos"]}
    assert states == {ready["id"]: "gone", held["id"]: "held"}
    assert len(browser.photo(held["id"])["needs"]) == 1
    assert browser.get(f"/api/photos/{ready['id']}/export").status_code == 409


def test_the_page_and_the_api_leave_the_same_ledger(tmp_path: Path, browser: Browser) -> None:
    """The same answers by other means: the same pixels, the same needs relied on."""
    data = unlike(CLINICAL)
    photo = browser.dropped(data, "ward.jpg")
    items = [{"photo": photo["id"], "finding": "clinical-1"}]
    page = [entered(browser, "patient", PATIENT), entered(browser, "place", PLACE)]
    browser.post("/api/answers", {"items": items, "records": [page[0]], "patients": 1})
    browser.post("/api/answers", {"items": items, "records": [page[1]], "captured": "2026-01-04"})
    browser.put(f"/api/photos/{photo['id']}/covering", {"boxes": [[20, 30, 80, 60]]})
    at_page = browser.released(photo["id"])

    ledger = tmp_path / "other.db"
    desk = Desk.at(ledger)
    file = tmp_path / "ward.jpg"
    file.write_bytes(data)
    told = {"kind": "patient", **PATIENT, "recorded_by": "Tan"}
    refs = [
        desk.add(record_from(told)).ref,
        desk.add(record_from({"kind": "place", **PLACE, "recorded_by": "Tan"})).ref,
    ]
    desk.answer(file, [refs[0]], findings=["clinical-1"], by="Tan", patients=1, policy=Policy())
    desk.answer(
        file,
        [refs[1]],
        findings=["clinical-1"],
        by="Tan",
        captured=date(2026, 1, 4),
        policy=Policy(),
    )
    receipt = api.prepare(file, policy=Policy(), boxes=[(20, 30, 80, 60)], ledger=ledger)
    assert receipt.export is not None
    assert receipt.export.sha256 == at_page["export"]["sha256"]
    assert len(receipt.relied_on) == len(at_page["relied_on"])
    assert [ref[0] for ref in receipt.relied_on] == [ref[0] for ref in at_page["relied_on"]]


def test_what_a_qr_code_says_is_told_while_the_photo_waits(browser: Browser) -> None:
    """As text that is cut; of one that was released nothing is told any more."""
    photo = browser.dropped(coded("ward " * 100), "code.jpg")
    (found,) = photo["findings"]
    told = browser.get(f"/api/photos/{photo['id']}/codes")
    assert told.json() == {"codes": {found["id"]: ("ward " * 100)[:200] + "…"}}
    assert told.headers["cache-control"] == "no-store"
    assert "ward ward" not in browser.get("/api/report.json").text
    browser.put(f"/api/photos/{photo['id']}/covering", {"redact": ["codes"]})
    assert browser.released(photo["id"])["state"] == "ready"
    assert browser.get(f"/api/photos/{photo['id']}/codes").status_code == 409
