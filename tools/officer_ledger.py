"""The same answers as an officer's, given one by one; and what a ledger holds, to be compared."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from officer_albums import DAY

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import serve  # noqa: E402

from imu_imageprep.api import Desk  # noqa: E402
from imu_imageprep.domain.values import to_values  # noqa: E402

if TYPE_CHECKING:
    from officer_albums import Album
    from running import Browser

# Differs between two runs, or tells how a photo was looked at, which is what is not compared.
_ASIDE = {"ref", "at", "account", "looked", "said"}
_SCAN = hashlib.sha256((ROOT / "samples" / "notes.png").read_bytes()).hexdigest()
_SIGNED = {"purpose": ["publication"], "channels": ["web"], "identifiable": "yes", "signed": DAY}
_SHEET = {
    "event": "Open day",
    "kinds": ["staff", "visitor"],
    "people": 40,
    "opt_outs": "three guests with a red badge",
    "first": DAY,
    "last": DAY,
    "sheet_sha256": _SCAN,
    **_SIGNED,
}
_PATIENT = {
    "giver": "The patient",
    "capacity": "yes",
    "minor": "no",
    "told_no_recall": "yes",
    "form": "written",
    "form_sha256": _SCAN,
    **_SIGNED,
}
_PLACE = {
    "place": "Eye clinic",
    "authority": "the clinic's director",
    "giver": "The director",
    "first": DAY,
    "last": DAY,
    "signed": DAY,
}


def one_by_one(album: Album, folder: Path) -> Path:
    """Answer an album photo by photo, finding by finding; returns the ledger."""
    with serve(folder, jobs=2) as server:
        browser = server.browser("Tan")
        refs = _recorded(browser, album)
        idents = {}
        for name, data in album.photos.items():
            headers = {**browser.headers, "X-Photo-Name": name, "X-Photo-Drop": "album"}
            answer = browser.client.post("/api/photos", content=data, headers=headers)
            idents[name] = answer.json()["id"]
        for photo in browser.settled(*idents.values()):
            if photo["state"] != "held":
                continue
            for finding in photo["findings"]:
                _answer(browser, album, photo, finding, refs)
            browser.released(photo["id"])
        return server.ledger


def _recorded(browser: Browser, album: Album) -> dict[str, str]:
    def enter(kind: str, **fields: Any) -> str:
        answer = browser.post("/api/records", {"kind": kind, "fields": fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ref"])

    if album.name == "a":
        return {"sheet": enter("event", **_SHEET)}
    if album.name == "b":
        codes = sorted(set(album.patients.values()))
        patients = {code: enter("patient", subject=code, **_PATIENT) for code in codes}
        return {**patients, "place": enter("place", **_PLACE)}
    return {}


def _answer(
    browser: Browser,
    album: Album,
    photo: dict[str, Any],
    finding: dict[str, Any],
    refs: dict[str, str],
) -> None:
    name, item = photo["name"], {"photo": photo["id"], "finding": finding["id"]}

    def say(**values: Any) -> None:
        told = browser.post("/api/answers", {"items": [item], **values}).json()
        assert told["results"][0]["error"] is None, told

    def covering(**values: Any) -> None:
        now = browser.photo(photo["id"])["covering"]
        browser.put(f"/api/photos/{photo['id']}/covering", {**now, **values})

    def cover() -> None:
        now = browser.photo(photo["id"])["covering"]["redact"]
        covering(redact=[*now, finding["id"]])

    match finding["kind"]:
        case "face" if name in album.excluded and finding["id"] == "face-1":
            cover()
        case "face":
            say(records=[refs["sheet"]], nobody_excluded=True)
        case "doubt":
            say(dismiss={"needs": "look", "reason": "nothing clinical"})
        case "clinical":
            say(records=[refs[album.patients[name]]], patients=1)
            say(records=[refs["place"]])
        case "source":
            covering(credit=browser.photo(photo["id"])["credit_suggestion"])
        case "code" if name in album.public:
            say(dismiss={"needs": "look", "reason": "public code"})
        case _:
            cover()


def entries(ledger: Path, photos: list[Path]) -> Counter[str]:
    """What a ledger holds of answers and exports, references by what they name."""
    desk = Desk.at(ledger)
    found = {one.ref: one for photo in (None, *photos) for one in desk.records(photo)}
    names = {
        ref: getattr(one.entry, "subject", "")
        or getattr(one.entry, "event", "")
        or getattr(one.entry, "place", "")
        for ref, one in found.items()
    }

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in sorted(value.items()) if k not in _ASIDE}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return names.get(value) or value if isinstance(value, str) else value

    told = [f"{one.kind} {plain(to_values(one.entry))}" for one in found.values()]
    for photo in photos:
        for stored in desk.receipts(photo):
            body = {
                name: stored.body[name]
                for name in ("findings", "covered", "credit", "answered")
                if name in stored.body
            }
            relied = sorted(names.get(ref, ref) for ref in stored.relied_on)
            told.append(f"export {stored.export.sha256} {relied} {plain(body)}")
    return Counter(told)
