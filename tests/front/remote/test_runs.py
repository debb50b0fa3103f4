"""Photos and exports in real stores: what holds for a run on folders holds there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import ROOT
from fakes import ClinicalSession, width_of
from pictures import encoded
from PIL import Image, ImageOps
from stores import HELD, SAMPLES, filled, imageprep, outcomes, plain, prepared, said

from imu_imageprep import api
from imu_imageprep.batch import names
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.policy import Policy
from imu_imageprep.request import Request
from imu_imageprep.storage import place, s3, store_of

if TYPE_CHECKING:
    from stores import Bucket, Folder, Store


def test_the_exports_are_those_of_a_folder(store: Store, tmp_path: Path) -> None:
    filled(store)
    here = tmp_path / "here"
    local = outcomes(api.prepare_many(SAMPLES, out=here, jobs=1))
    assert prepared(store) == local
    assert {name for name, outcome in local.items() if outcome == "held"} == HELD
    exports = {path.name: path.read_bytes() for path in here.iterdir()}
    assert len(exports) == len(SAMPLES) - len(HELD)
    assert store.files("out") == exports
    assert store.files("in") == {path.name: path.read_bytes() for path in SAMPLES}


def test_an_object_that_changes_meanwhile_leaves_as_it_was_looked_at(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("in/a.png", plain(1))
    bucket.put("alone/a.png", plain(1))
    prepared(bucket, "alone", "right")
    read = s3.Bucket.read

    def changed(store: s3.Bucket, where: Any, fits: Any) -> bytes:
        data = read(store, where, fits)
        if where.name == "a.png":
            bucket.put("in/a.png", plain(2))
        return data

    monkeypatch.setattr(s3.Bucket, "read", changed)
    (receipt,) = api.prepare_many([bucket.url("in")], out=bucket.url("out"), jobs=1)
    assert receipt.source is not None
    assert receipt.source.sha256 == api.fingerprint(plain(1))
    assert bucket.files("out") == bucket.files("right")


def test_an_object_that_changes_before_its_second_turn_is_looked_at_again(
    bucket: Bucket, tmp_path: Path
) -> None:
    def shot(score: float, shade: int) -> bytes:
        return encoded(Image.new("RGB", (width_of(score), 60), (shade, 120, 90)))

    near, plainly, clinical = 0.06, 0.01, 0.9
    bucket.put("in/a.jpg", shot(near, 1))
    for number in range(3):
        bucket.put(f"in/b{number}.jpg", shot(plainly, number))
    session = ClinicalSession.at(tmp_path / "ledger")
    plan = Plan([place(bucket.url("in"))], place(bucket.url("out")))
    with Batch(session, 1) as batch:
        receipts = batch.run(plan, Request())
        next(receipts)  # the first was looked at, and waits for the others
        bucket.put("in/a.jpg", shot(clinical, 9))
        told = outcomes(receipts)
    assert told["a.jpg"] == "held"
    assert "a.jpg" not in bucket.files("out")


def test_what_is_there_and_recorded_is_skipped(store: Store) -> None:
    filled(store)
    first = prepared(store, caption=True)
    before = store.files("out")
    again = prepared(store, caption=True)
    assert again == {
        name: "skipped" if outcome == "exported" else outcome for name, outcome in first.items()
    }
    assert store.files("out") == before
    assert {name.rpartition(".")[2] for name in before} == {"jpg", "txt"}


def test_force_replaces_our_own_and_nothing_else(store: Store) -> None:
    filled(store, *(path for path in SAMPLES if path.stem in ("campus", "notes")))
    prepared(store)
    before = store.files("out")
    store.put("out/notes.jpg", b"somebody's own")
    policy = Policy().replace(watermark=Policy().watermark.__class__(text="another mark"))
    assert prepared(store, policy=policy) == {"campus.jpg": "failed", "notes.png": "failed"}
    assert prepared(store, policy=policy, force=True) == {
        "campus.jpg": "exported",
        "notes.png": "failed",
    }
    after = store.files("out")
    assert after["notes.jpg"] == b"somebody's own"
    assert after["campus.jpg"] != before["campus.jpg"]
    assert set(after) == set(before)


def test_a_name_that_others_want_is_numbered(store: Store) -> None:
    for number, name in enumerate(["a.jpg", "a.png", "a-2.png", "b/a.png", "b.png"]):
        store.put(f"in/{name}", plain(number))
    assert set(prepared(store).values()) == {"exported"}
    assert set(store.files("out")) == {"a.jpg", "a-2.jpg", "a-3.jpg", "b/a.jpg", "b.jpg"}


def test_only_photos_are_taken_and_what_is_hidden_stays(store: Store) -> None:
    taken = ["a.png", "sub/b.png", "noending"]
    left = ["text.txt", ".hidden.png", ".folder/c.png", "drafts/d.png", "x.gif"]
    for number, name in enumerate(taken + left):
        store.put(f"in/{name}", b"GIF89a" if name == "x.gif" else plain(number))
    store.put("in/short", b"")
    told = prepared(store, exclude=["drafts", "*.gif"])
    assert set(told) == {"a.png", "b.png", "noending"}
    assert set(told.values()) == {"exported"}
    assert set(prepared(store, out="only", ext=["png"], exclude=["drafts"])) == {"a.png", "b.png"}


def test_exports_among_the_photos_are_no_photos(store: Store) -> None:
    store.put("in/a.png", plain(1))
    assert prepared(store, out="in/web") == {"a.png": "exported"}
    assert prepared(store, out="in/web") == {"a.png": "skipped"}
    assert prepared(store, out="in") == {"a.png": "exported"}  # beside it, by another name
    assert set(store.files("in")) == {"a.png", "a-web.jpg", "web/a.jpg"}
    assert prepared(store, out="in") == {"a.png": "skipped"}
    assert prepared(store, out="elsewhere") == {"a.png": "exported"}


def test_what_a_run_writes_among_its_photos_is_never_a_photo(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = s3.Bucket._page

    def small(store: s3.Bucket, top: Any, after: str, most: int = 0) -> Any:
        del most
        return page(store, top, after, 1)

    monkeypatch.setattr(s3.Bucket, "_page", small)
    photos = ["a.png", *(f"a{number}.png" for number in range(6))]
    for number, name in enumerate(photos):
        bucket.put(f"in/{name}", plain(number))
    # An export is listed after the photos, on a page of its own, which is asked for later.
    monkeypatch.setattr(names, "WEB", "~web")
    assert prepared(bucket, out="in") == dict.fromkeys(photos, "exported")
    assert "a~web.jpg" in bucket.files("in")
    assert len(bucket.files("in")) == 2 * len(photos)


def test_the_rules_beside_the_photos_hold(store: Store) -> None:
    store.put("in/sub/a.png", plain(1))
    store.put("in/imageprep.toml", b"[export]\nsize = [32, 32]\n")
    (receipt,) = api.prepare_many([store.url("in")], out=store.url("out"), jobs=1)
    assert receipt.export is not None
    assert (receipt.export.width, receipt.export.height) == (32, 24)


def test_rules_that_are_wrong_stop_the_photo(store: Store) -> None:
    store.put("in/a.png", plain(1))
    store.put("in/imageprep.toml", b"[export]\nsize = [3200, 3200]\n")
    (receipt,) = api.prepare_many([store.url("in")], out=store.url("out"), jobs=1)
    assert receipt.failure is not None
    assert receipt.failure.code == 7
    assert store.files("out") == {}


def test_a_photo_that_waits_is_answered_where_it_lies(store: Store) -> None:
    filled(store, *(path for path in SAMPLES if path.stem == "portrait"))
    photo = store.url("in/portrait.jpg")
    assert prepared(store) == {"portrait.jpg": "held"}
    desk = api.Desk.at()
    desk.dismiss(photo, finding="face-1", need=Need.PERSON_CONSENT, reason=Reason.PICTURE, by="Tan")
    assert prepared(store) == {"portrait.jpg": "exported"}
    (name,) = store.files("out")
    assert name.startswith("photo-")  # a name may tell who it is
    assert [one.finished for one in desk.receipts(photo)] == [True]
    assert api.verify(store.url(f"out/{name}")) == ()


def test_what_is_suggested_answers_a_photo_of_any_name(store: Store) -> None:
    with Image.open(ROOT / "samples" / "portrait.jpg") as portrait:
        photos = {"a b@c#d%20e?f.jpg": portrait, "'$HOME' \"x\" `y`.jpg": ImageOps.mirror(portrait)}
        for name, photo in photos.items():
            if store.url().startswith("smb:"):  # Windows has no such names
                name = name.replace("?", "").replace('"', "")  # noqa: PLW2901
            store.put(f"in@x/{name}", encoded(photo))
    folder = store.url("in@x")
    if folder.startswith("smb:"):  # server:port and an @ would be somebody's name and password
        folder = folder.replace("//", f"//{store.environment['FSSPEC_SMB_USERNAME']}@")
    words = [folder, "-o", store.url("out"), "-j", "1"]
    code, told = said(*words, "--no-input")
    assert code == 1
    commands = re.findall("to go on: imageprep (.*)", told)
    for number, command in enumerate(commands, 1):
        there = command.replace("EXPORTS", shlex.quote(store.url("out")))
        program = f"{shlex.quote(sys.executable)} -m imu_imageprep {there}"
        done = subprocess.run(
            ["sh", "-c", program], capture_output=True, check=False, text=True, cwd=ROOT
        )
        assert done.returncode == 0, (program, done.stderr)
        assert len(store.files("out")) == number
    assert len(commands) == 2


def test_a_photo_larger_than_the_limit_is_not_read(store: Store) -> None:
    store.put("in/a.png", plain(1))
    asked = store_of(place(store.url("in")))  # type: ignore[arg-type]
    policy = Policy()
    small = policy.replace(limits=policy.limits.__class__(bytes=10))
    (receipt,) = api.prepare_many([store.url("in")], out=store.url("out"), jobs=1, policy=small)
    assert receipt.failure is not None
    assert "more than the limit" in receipt.failure.message
    assert isinstance(asked, object)


def test_nothing_of_a_held_photo_arrives(bucket: Bucket, tmp_path: Path) -> None:
    held = [path for path in SAMPLES if path.name in HELD]
    for path in SAMPLES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = len(bucket.service.received())
    code, _ = said(str(tmp_path), "-o", bucket.url("out"), "--no-input", "--caption", "-j", "2")
    assert code == 1
    sent = bucket.service.received()[before:]
    exports = bucket.files("out")
    assert sent  # the others did arrive
    for data in exports.values():
        assert data in sent
    # All that was sent is what lies there now: nothing was written and removed.
    assert len(sent) == sum(map(len, exports.values()))
    for path in held:
        data = path.read_bytes()
        pieces = [data[at : at + 64] for at in range(0, len(data) - 64, 512)]
        told = [piece for piece in pieces if len(set(piece)) > 32]  # plain areas are alike
        assert len(told) > 10
        assert not [piece for piece in told if piece in sent]


def test_nothing_of_a_held_photo_is_in_a_share(share: Folder) -> None:
    filled(share)
    assert said(share.url("in"), "-o", share.url("out"), "--no-input", "-j", "2")[0] == 1
    assert len(share.files("out")) == len(SAMPLES) - len(HELD)
    # Nothing lies there but exports, and no temporary file beside them.
    here = share.top.with_name(f"{share.top.name}-here")
    list(api.prepare_many(SAMPLES, out=here, jobs=1))
    there = {name for name in share.files() if not name.startswith("in/")}
    assert there == {f"out/{path.name}" for path in here.iterdir()}


def test_a_run_that_is_killed_goes_on(store: Store, tmp_path: Path) -> None:
    for number in range(6):
        store.put(f"in/{number:02}.png", plain(number))
    words = [store.url("in"), "-o", store.url("out"), "--json"]
    run = imageprep(*words, "-j", "2")
    assert run.stdout is not None
    for _ in range(2):
        assert run.stdout.readline()
    run.kill()
    run.communicate()
    done = [name for name in store.files("out") if not name.startswith(".")]
    assert len(done) >= 2
    run = imageprep(*words, "-j", "1")
    out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    told = [json.loads(line)["outcome"] for line in out.splitlines()]
    assert len(told) == 6
    assert set(told) <= {"exported", "skipped"}
    here = tmp_path / "here"
    list(api.prepare_many([store.url("in")], out=here, jobs=1, ledger=tmp_path / "other.db"))
    files = {name: data for name, data in store.files("out").items() if not name.startswith(".")}
    assert files == {path.name: path.read_bytes() for path in here.iterdir()}
    assert said("consent", "audit")[0] == 0


def test_two_runs_to_one_place_replace_nothing(store: Store, tmp_path: Path) -> None:
    for number in range(4):
        store.put(f"in/{number}.png", plain(number))
    words = [store.url("in"), "-o", store.url("out"), "--json", "-j", "1"]
    runs = [
        imageprep(*words, "--watermark", mark, "--ledger", str(tmp_path / f"{mark}.db"))
        for mark in ("one", "two")
    ]
    told = [run.communicate(timeout=300)[0] for run in runs]
    files = store.files("out")
    assert set(files) == {f"{number}.jpg" for number in range(4)}
    exported: dict[str, str] = {}
    for lines in told:
        receipts = [json.loads(line) for line in lines.splitlines()]
        assert len(receipts) == 4
        for receipt in receipts:
            if receipt["outcome"] == "exported":
                name = receipt["export"]["path"].rpartition("/")[2]
                assert name not in exported  # no name was given twice
                exported[name] = receipt["export"]["sha256"]
            else:
                assert receipt["error"]["type"] == "AlreadyThere"
    assert exported == {name: api.fingerprint(data) for name, data in files.items()}
    for mark in ("one", "two"):
        assert said("consent", "audit", "--ledger", str(tmp_path / f"{mark}.db"))[0] == 0
