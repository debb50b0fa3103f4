"""What can be read in a picture is in nothing that a run writes or says; all of it is invented."""

from __future__ import annotations

import json
from pathlib import Path

from command import imageprep
from pictures import encoded, exif
from PIL import Image
from running import serve
from unit.detectors.test_text import written

NEEDLES = (
    "needlina",
    "zulnadel",
    "0131-18-4711",
    "018-471 1000",
    "nadel.zul",
    "VKX 4711",
    "vkx4711",
)
SCENES = (
    ("Needlina binti Zulnadel", "880131-18-4711", "MRN 0004711"),
    ("nadel.zul@example.com", "Tel: 018-471 1000"),
    ("VKX 4711",),
)


def everything(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def pictures(texts: tuple[str, ...]) -> bytes:
    return encoded(Image.fromarray(written(*texts)), exif=exif())


def test_nothing_that_was_read_is_kept_or_said(tmp_path: Path, home: Path) -> None:
    photos = []
    for number, texts in enumerate(SCENES):
        path = tmp_path / "in" / f"photo{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pictures(texts))
        photos.append(str(path))
    out, report = tmp_path / "out", tmp_path / "report"
    said = []
    for arguments in (
        ["check", "-vv", *photos],
        ["check", "-vv", "--json", *photos],
        [*photos, "-vv", "-o", str(out), "--report", str(report)],
        [*photos, "-vv", "-o", str(out), "--redact", "text", "--json"],
        ["consent", "export", str(tmp_path / "ledger.jsonl")],
    ):
        done = imageprep(*arguments)
        said += [done.stdout, done.stderr]
    found = [json.loads(line) for line in said[2].splitlines()]  # of check --json
    labels = [finding["label"] for one in found for finding in one["findings"]]
    assert sorted(labels) == ["plate", "record", "record"]
    assert len(list(out.iterdir())) == len(SCENES)
    told = "\0".join(said).encode() + everything(out) + everything(home) + everything(report)
    told += (tmp_path / "ledger.jsonl").read_bytes()
    assert_nothing_of_it(told)


def test_the_page_tells_categories_and_takes_answers(tmp_path: Path) -> None:
    told = []
    with serve(tmp_path) as server:
        browser = server.browser("Tan")
        first, _, last = [browser.dropped(pictures(texts)) for texts in SCENES]
        assert [finding["label"] for finding in first["findings"]] == ["record"]
        where = f"/api/photos/{first['id']}"
        browser.put(f"{where}/covering", {"redact": ["text"]})
        told.append(browser.get(f"{where}/preview").headers["x-preview"].encode())
        assert browser.released(first["id"])["state"] == "ready"
        items = [{"photo": last["id"], "finding": "text-1"}]
        answer = {"needs": "look", "reason": "public information"}
        (done,) = browser.post("/api/answers", {"items": items, "dismiss": answer}).json()["photos"]
        assert done["needs"] == []
        told += [
            browser.get(path).content
            for path in ("/api/photos", where, "/api/report.csv", "/api/report.json", "/api/state")
        ]
        server.process.terminate()
        told.append(server.said().encode())
    assert_nothing_of_it(b"\0".join(told) + everything(tmp_path))


def assert_nothing_of_it(told: bytes) -> None:
    for needle in NEEDLES:
        assert needle.lower().encode() not in told.lower(), needle
