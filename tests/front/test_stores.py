"""Photos and exports in real stores: what holds for folders holds there."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
import smb_service
import ssh_service
import stores
from command import ROOT
from fakes import ClinicalSession, width_of
from pictures import encoded
from PIL import Image

from imu_imageprep import api
from imu_imageprep.batch import names
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.front.cli import process
from imu_imageprep.request import Request
from imu_imageprep.storage import opening, place, s3, store_of
from imu_imageprep.storage.port import Store as Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stores import Bucket, Folder, Service, Store

SAMPLES = [
    path for path in sorted((ROOT / "samples").iterdir()) if path.suffix not in {".py", ".md"}
]
HELD = {"clinical.jpg", "portrait.jpg", "sourced.jpg"}
_names = itertools.count()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with stores.s3(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ssh_service.Server]:
    with ssh_service.serving(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture(scope="module")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[smb_service.Server]:
    with smb_service.serving(tmp_path_factory.mktemp("smb")) as server:
        yield server


@pytest.fixture
def bucket(service: Service, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(opening, "_opened", {})
    bucket = stores.Bucket(service, f"bucket-{next(_names)}")
    bucket.make()
    return bucket


@pytest.fixture
def folder(
    server: ssh_service.Server, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Folder:
    server.known_in(home)
    monkeypatch.setattr(opening, "_opened", {})
    # The home folder knows the server.
    return stores.Folder(f"{server.url}{tmp_path}", tmp_path, {})


@pytest.fixture
def share(samba: smb_service.Server, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = stores.share(samba, f"folder-{next(_names)}")
    for name, value in folder.environment.items():
        monkeypatch.setenv(name, value)
    # As fsspec reads them when it is loaded, which this process did before.
    named = {"username": samba.user, "password": smb_service.PASSWORD}
    monkeypatch.setitem(fsspec.config.conf, "smb", named)
    monkeypatch.setattr(opening, "_opened", {})
    return folder


@pytest.fixture(params=["s3", "sftp", "smb"])
def store(request: pytest.FixtureRequest) -> Store:
    fixture = {"s3": "bucket", "sftp": "folder", "smb": "share"}[request.param]
    return request.getfixturevalue(fixture)  # type: ignore[no-any-return]


def filled(store: Store, *paths: Path) -> None:
    for path in paths or SAMPLES:
        store.put(f"in/{path.name}", path.read_bytes())


def outcomes(receipts: Iterator[Receipt]) -> dict[str, str]:
    return {(receipt.path or "").rpartition("/")[2]: receipt.outcome.value for receipt in receipts}


def prepared(store: Store, folder: str = "in", out: str = "out", **asked: Any) -> dict[str, str]:
    return outcomes(api.prepare_many([store.url(folder)], out=store.url(out), jobs=1, **asked))


def plain(seed: int = 0) -> bytes:
    """A small picture in which nothing is found."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (seed % 256, seed // 256, 90)).save(file, "PNG")
    return file.getvalue()


def imageprep(*words: str, **more: Any) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "imu_imageprep", *words]
    return subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **more
    )


def said(*words: str, **env: str) -> tuple[int, str]:
    run = imageprep(*words, env={**os.environ, **env})
    out, err = run.communicate(timeout=300)
    return run.returncode, out + err


# --- what comes out ------------------------------------------------------------------------------


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


@pytest.mark.parametrize("name", ["a b@c#d%20e?f.jpg", "'$HOME' \"x\" `y`.jpg"])
def test_what_is_suggested_answers_a_photo_of_any_name(store: Store, name: str) -> None:
    if store.url().startswith("smb:"):  # Windows has no such names
        name = name.replace("?", "").replace('"', "")
    portrait = next(path for path in SAMPLES if path.stem == "portrait")
    store.put(f"in@x/{name}", portrait.read_bytes())
    words = [store.url("in@x"), "-o", store.url("out"), "-j", "1"]
    code, told = said(*words, "--no-input")
    assert code == 1
    (command,) = re.findall("to go on: imageprep (.*)", told)
    command = command.replace("EXPORTS", shlex.quote(store.url("out")))
    program = f"{shlex.quote(sys.executable)} -m imu_imageprep {command}"
    done = subprocess.run(
        ["sh", "-c", program], capture_output=True, check=False, text=True, cwd=ROOT
    )
    assert done.returncode == 0, (program, done.stderr)
    assert len(store.files("out")) == 1


def test_a_photo_larger_than_the_limit_is_not_read(store: Store) -> None:
    store.put("in/a.png", plain(1))
    asked = store_of(place(store.url("in")))  # type: ignore[arg-type]
    policy = Policy()
    small = policy.replace(limits=policy.limits.__class__(bytes=10))
    (receipt,) = api.prepare_many([store.url("in")], out=store.url("out"), jobs=1, policy=small)
    assert receipt.failure is not None
    assert "more than the limit" in receipt.failure.message
    assert isinstance(asked, object)


# --- the port itself -----------------------------------------------------------------------------


def asked(store: Store) -> Asked:
    return store_of(place(store.url("x")))  # type: ignore[arg-type]


def test_what_is_there_is_never_replaced_by_something_new(store: Store) -> None:
    where: Any = place(store.url("out/a.jpg"))
    asked(store).ready(where.parent)
    asked(store).put_new(where, b"first")
    with pytest.raises(FileExistsError):
        asked(store).put_new(where, b"second")
    assert store.files("out") == {"a.jpg": b"first"}


def test_only_what_was_read_is_replaced(store: Store) -> None:
    where: Any = place(store.url("out/a.jpg"))
    asked(store).ready(where.parent)
    assert asked(store).digest(where) is None
    assert not asked(store).there(where)
    asked(store).put_new(where, b"first")
    first = asked(store).digest(where)
    assert first is not None
    store.put("out/a.jpg", b"somebody's")
    with pytest.raises(FileExistsError):
        asked(store).replace(where, b"second", first)
    somebodys = asked(store).digest(where)
    assert somebodys is not None
    asked(store).replace(where, b"second", somebodys)
    assert store.files("out") == {"a.jpg": b"second"}
    with pytest.raises(FileExistsError):
        asked(store).replace(where.with_name("gone.jpg"), b"second", first)
    assert store.files("out") == {"a.jpg": b"second"}


def test_a_name_is_seen_again_by_its_bytes(store: Store) -> None:
    where: Any = place(store.url("out/a.jpg"))
    store.put("out/a.jpg", b"abc")
    assert asked(store).there(where)
    assert asked(store).digest(where) == api.fingerprint(b"abc") == api.fingerprint(str(where))
    assert asked(store).beginning(where, 2) == b"ab"
    with pytest.raises(FileNotFoundError):
        asked(store).read(where.with_name("gone.jpg"), lambda _: None)
    with pytest.raises(InputProblem):
        api.fingerprint(store.url("out/gone.jpg"))


def test_names_come_sorted(store: Store) -> None:
    for name in ("b.png", "a/x.png", "B.png", "ä.png", "a.png"):
        store.put(f"in/{name}", b"x")
    found = [one for page in asked(store).pages(place(store.url("in"))) for one in page]  # type: ignore[arg-type]
    files = [entry.name for entry in found if entry.kind.name == "FILE"]
    assert files == ["B.png", "a.png", "b.png", "ä.png"]
    assert [entry.name for entry in found if entry.kind.name == "FOLDER"] == ["a"]


def test_one_of_many_writers_gets_a_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = []
    for _ in range(4):
        monkeypatch.setattr(opening, "_opened", {})
        writers.append(asked(store))
    places: list[Any] = [place(store.url(f"out/{number}.jpg")) for number in range(25)]
    writers[0].ready(places[0].parent)
    together = threading.Barrier(len(writers))

    def write(who: int) -> list[int | None]:
        won: list[int | None] = []
        for where in places:
            together.wait()
            try:
                writers[who].put_new(where, f"writer {who}".encode())
            except FileExistsError:
                won.append(None)
            else:
                won.append(who)
        return won

    with ThreadPoolExecutor(len(writers)) as pool:
        told = list(pool.map(write, range(len(writers))))
    winners = [[who for who in one if who is not None] for one in zip(*told, strict=True)]
    assert [len(one) for one in winners] == [1] * len(places)
    assert store.files("out") == {
        where.name: f"writer {who}".encode() for where, (who,) in zip(places, winners, strict=True)
    }


# --- what is refused -----------------------------------------------------------------------------


def test_nothing_is_written_beside_photos_of_a_store(store: Store) -> None:
    with pytest.raises(UsageProblem, match="Say where"):
        api.prepare_many([store.url("in")])
    filled(store, SAMPLES[0])
    with pytest.raises(UsageProblem, match="Say where"):
        api.prepare(store.url(f"in/{SAMPLES[0].name}"))


def test_what_is_not_there_is_said_of_each(store: Store) -> None:
    filled(store, SAMPLES[0])
    paths = [store.url("none"), store.url("in")]
    receipts = list(api.prepare_many(paths, out=store.url("out"), jobs=1))
    assert [receipt.outcome for receipt in receipts] == [Outcome.FAILED, Outcome.EXPORTED]
    assert receipts[0].exit_code == 4


def test_a_bucket_that_is_not_there_is_said_at_once(bucket: Bucket) -> None:
    with pytest.raises(OutputProblem, match="There is no bucket named nobody-has-it"):
        api.prepare_many([bucket.url("in")], out="s3://nobody-has-it/out")
    (receipt,) = api.prepare_many(["s3://nobody-has-it/in"], out=bucket.url("out"))
    assert receipt.failure is not None
    assert receipt.failure.message == "There is no bucket named nobody-has-it."
    assert receipt.exit_code == 4


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "No credentials"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"AWS_PROFILE": "nobodys"}, "No credentials"),
    ],
)
def test_who_is_not_let_in_is_told_at_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], told: str
) -> None:
    for name, value in change.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(OutputProblem, match=told):
        api.prepare_many([bucket.url("in")], out=bucket.url("out"))


def test_a_server_of_unknown_key_is_not_spoken_with(
    folder: Folder, server: ssh_service.Server, home: Path
) -> None:
    known = home / ".ssh" / "known_hosts"
    right = known.read_text("utf-8")
    known.write_text("", "utf-8")
    with pytest.raises(OutputProblem, match="not known"):
        api.prepare_many([folder.url("in")], out=folder.url("out"))
    other = (server.folder / "key.pub").read_text("utf-8")
    known.write_text(f"{right.split()[0]} {other}", "utf-8")
    with pytest.raises(OutputProblem, match="another key"):
        api.prepare_many([folder.url("in")], out=folder.url("out"))
    known.write_text(right, "utf-8")
    (home / ".ssh" / "id_ed25519").unlink()
    with pytest.raises(OutputProblem, match="does not let you in"):
        api.prepare_many([folder.url("in")], out=folder.url("out"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"FSSPEC_SMB_PASSWORD": "wrong"}, "does not let you in"),
        ({"FSSPEC_SMB_USERNAME": "nobody-of-this-name"}, "does not let you in"),
    ],
)
def test_a_share_lets_in_who_has_the_password(
    share: Folder, change: dict[str, str], told: str
) -> None:
    share.put("in/a.png", plain(1))
    code, text = said(share.url("in"), "-o", share.url("out"), **change)
    assert (code, told in text) == (5, True), text
    assert smb_service.PASSWORD not in text
    code, text = said(share.url("in"), "-o", "here", "--dry-run", **change)
    assert (code, told in text) == (4, True), text


def test_a_photo_of_a_share_is_read_while_others_read_it(share: Folder) -> None:
    share.put("in/a.png", plain(1))
    where: Any = place(share.url("in/a.png"))
    reader: Any = asked(share)
    with reader.fs.open(str(where.path), "rb") as file:
        assert reader.read(where, lambda _: None) == plain(1)
        assert file.read() == plain(1)


def test_a_share_that_is_not_there_is_said(share: Folder, samba: smb_service.Server) -> None:
    with pytest.raises(OutputProblem, match="There is no folder"):
        api.prepare_many([share.url("in")], out=samba.url.replace("/share", "/none") + "/out")


def test_nothing_of_a_held_photo_is_in_a_share(share: Folder) -> None:
    filled(share)
    assert said(share.url("in"), "-o", share.url("out"), "--no-input", "-j", "2")[0] == 1
    assert len(share.files("out")) == len(SAMPLES) - len(HELD)
    # Nothing lies there but exports, and no temporary file beside them.
    here = share.top.with_name(f"{share.top.name}-here")
    list(api.prepare_many(SAMPLES, out=here, jobs=1))
    there = {name for name in share.files() if not name.startswith("in/")}
    assert there == {f"out/{path.name}" for path in here.iterdir()}


def test_a_folder_that_may_not_be_made_is_told_as_such(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, **_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    there: Any = asked(folder)
    monkeypatch.setattr(there.fs, "mkdir", refused)
    with pytest.raises(OutputProblem, match="does not allow"):
        there.ready(place(folder.url("new")))


def test_a_file_is_no_folder_for_exports(folder: Folder) -> None:
    folder.put("out", b"a file")
    with pytest.raises(OutputProblem, match="is a file"):
        api.prepare_many([folder.url("in")], out=folder.url("out"))


@pytest.mark.usefixtures("links")
def test_links_of_a_server_are_not_followed(folder: Folder) -> None:
    folder.put("in/a.png", plain(1))
    folder.put("outside/b.png", plain(2))
    (folder.top / "in" / "there").symlink_to(folder.top / "outside")
    (folder.top / "in" / "b.png").symlink_to(folder.top / "outside" / "b.png")
    (folder.top / "out").mkdir()
    (folder.top / "out" / "a.jpg").symlink_to(folder.top / "in" / "a.png")
    assert prepared(folder) == {"a.png": "failed"}  # a link is none of ours
    assert folder.files("in")["a.png"] == plain(1)


def test_names_that_would_lead_elsewhere_are_not_taken(bucket: Bucket, tmp_path: Path) -> None:
    for number, name in enumerate(["in/../../x.png", "in/a//b.png", "in/ok.png", "in/b\\c.png"]):
        bucket.put(name, plain(number))
    receipts = list(api.prepare_many([bucket.url("in")], out=tmp_path / "out" / "deep", jobs=1))
    ended = [receipt.outcome for receipt in receipts]
    assert ended.count(Outcome.EXPORTED) == 1
    assert [path.name for path in tmp_path.rglob("*.jpg")] == ["ok.jpg"]


def test_what_a_killed_run_left_is_swept_when_it_is_old(folder: Folder) -> None:
    old, new = (f".imageprep-{12 * digit}.part" for digit in "ab")
    for name in (old, new, "keep.part"):
        folder.put(f"out/{name}", b"x")
    for name in (old, "keep.part"):
        os.utime(folder.top / "out" / name, (0, 0))
    folder.put("in/a.png", plain(1))
    prepared(folder)
    assert set(folder.files("out")) == {new, "keep.part", "a.jpg"}


# --- programs of their own -----------------------------------------------------------------------


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


def test_a_run_that_is_killed_goes_on(store: Store, tmp_path: Path) -> None:
    for number in range(12):
        store.put(f"in/{number:02}.png", plain(number))
    words = [store.url("in"), "-o", store.url("out"), "--json", "-j", "2"]
    run = imageprep(*words)
    assert run.stdout is not None
    for _ in range(3):
        assert run.stdout.readline()
    run.kill()
    run.communicate()
    done = [name for name in store.files("out") if not name.startswith(".")]
    assert len(done) >= 3
    run = imageprep(*words)
    out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    told = [json.loads(line)["outcome"] for line in out.splitlines()]
    assert len(told) == 12
    assert set(told) <= {"exported", "skipped"}
    here = tmp_path / "here"
    list(api.prepare_many([store.url("in")], out=here, jobs=1, ledger=tmp_path / "other.db"))
    files = {name: data for name, data in store.files("out").items() if not name.startswith(".")}
    assert files == {path.name: path.read_bytes() for path in here.iterdir()}
    assert said("consent", "audit")[0] == 0


def test_two_runs_to_one_place_replace_nothing(store: Store, tmp_path: Path) -> None:
    for number in range(8):
        store.put(f"in/{number}.png", plain(number))
    words = [store.url("in"), "-o", store.url("out"), "--json", "-j", "1"]
    runs = [
        imageprep(*words, "--watermark", mark, "--ledger", str(tmp_path / f"{mark}.db"))
        for mark in ("one", "two")
    ]
    told = [run.communicate(timeout=300)[0] for run in runs]
    files = store.files("out")
    assert set(files) == {f"{number}.jpg" for number in range(8)}
    exported: dict[str, str] = {}
    for lines in told:
        receipts = [json.loads(line) for line in lines.splitlines()]
        assert len(receipts) == 8
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


def test_a_store_that_goes_away_costs_the_photos_that_it_had(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.s3(tmp_path) as other:
        monkeypatch.setenv("AWS_ENDPOINT_URL", other.endpoint)
        photos = stores.Bucket(other, "photos")
        photos.make()
        for number in range(3):
            photos.put(f"in/{number}.png", plain(number))
        receipts = api.prepare_many([photos.url("in")], out=tmp_path / "out", jobs=1)
        first = next(receipts)
    rest = list(receipts)  # it is gone
    assert first.outcome is Outcome.EXPORTED
    assert {receipt.exit_code for receipt in rest} == {4}
    assert {receipt.failure and receipt.failure.message for receipt in rest} == {
        "s3://photos cannot be reached (no answer)."
    }
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert bucket.files() == {}


def test_no_object_was_written_twice(bucket: Bucket) -> None:
    bucket.put("in/a.png", plain(1))
    prepared(bucket)
    prepared(bucket)
    mine = [line for line in bucket.service.requests() if f"PUT /{bucket.name}/out" in line]
    assert mine == [f"200 PUT /{bucket.name}/out/a.jpg"]


def test_an_export_whose_answer_was_lost_is_one(bucket: Bucket) -> None:
    bucket.put("in/a.png", plain(1))
    bucket.service.lose_answer("out/a.jpg")
    assert prepared(bucket) == {"a.png": "exported"}
    mine = [line for line in bucket.service.requests() if f"PUT /{bucket.name}/out" in line]
    assert [line[:3] for line in mine] == ["200", "412"]
    assert prepared(bucket) == {"a.png": "skipped"}


def test_a_replacement_whose_answer_was_lost_is_one(bucket: Bucket) -> None:
    where: Any = place(bucket.url("out/a.jpg"))
    asked(bucket).put_new(where, b"first")
    first = asked(bucket).digest(where)
    assert first is not None
    bucket.service.lose_answer("out/a.jpg")
    asked(bucket).replace(where, b"second", first)
    assert bucket.files("out") == {"a.jpg": b"second"}


def test_a_write_that_met_another_one_is_made_again(bucket: Bucket) -> None:
    where: Any = place(bucket.url("out/a.jpg"))
    bucket.service.refuse("PUT", "ConditionalRequestConflict", 409, 2)
    asked(bucket).put_new(where, b"ours")
    assert bucket.files("out") == {"a.jpg": b"ours"}
    bucket.service.refuse("PUT", "ConditionalRequestConflict", 409, 3)
    with pytest.raises(OutputProblem, match="refused"):
        asked(bucket).put_new(where.with_name("b.jpg"), b"ours")


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("AccessDenied", 403, "does not allow this"),
        ("ExpiredToken", 400, "does not take these credentials"),
        ("RequestTimeTooSkewed", 403, "refuses the time of this computer"),
        ("NotImplemented", 501, "does not know"),
        ("EntityTooLarge", 400, "refused"),
    ],
)
def test_what_a_service_refuses_is_one_sentence(
    bucket: Bucket, code: str, status: int, told: str
) -> None:
    bucket.put("in/a.png", plain(1))
    bucket.service.refuse("PUT", code, status, 3)
    (receipt,) = api.prepare_many([bucket.url("in")], out=bucket.url("out"), jobs=1)
    assert receipt.exit_code == 5
    assert receipt.failure is not None
    assert told in receipt.failure.message
    assert bucket.files("out") == {}
    bucket.service.refuse("PUT", code, status, 0)
    assert prepared(bucket) == {"a.png": "exported"}


def test_what_somebody_wrote_while_an_answer_was_lost_is_not_ours(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: Any = place(bucket.url("out/a.jpg"))
    bucket.service.lose_answer("out/a.jpg")
    hashed = s3.Bucket._hashed

    def late(store: s3.Bucket, there: Any) -> tuple[str, str]:
        bucket.put("out/a.jpg", b"somebody's")
        return hashed(store, there)

    monkeypatch.setattr(s3.Bucket, "_hashed", late)
    with pytest.raises(FileExistsError):
        asked(bucket).put_new(where, b"ours")
    assert bucket.files("out") == {"a.jpg": b"somebody's"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["s3://k:s3cr3t@b/in", "-o", "x"], 2, "no password and no key"),
        (["in.jpg", "-o", "sftp://me:s3cr3t@nas/out"], 2, "no password and no key"),
        (["s3://b/in?token=s3cr3t", "-o", "x"], 2, "no ?"),
        (["s3://b/in"], 2, "Say where"),
        (["http://b/in", "-o", "x"], 2, "cannot use addresses"),
        (["in.jpg", "-o", "s3://b/x.jpg"], 2, "called like a picture"),
        (["in.jpg", "-o", "x", "--report", "s3://b/report"], 2, "this computer"),
        (["in.jpg", "--ledger", "s3://b/ledger.db"], 2, "this computer"),
        (["app", "s3://b/in"], 2, "this computer"),
        (["watch", "s3://b/in"], 2, "this computer"),
    ],
)
def test_refusals(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    told: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["imageprep", *words])
    ended = process._run()
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert (ended, told in text) == (code, True), text
    assert "s3cr3t" not in text
