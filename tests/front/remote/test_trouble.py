"""What real stores refuse, lose and are asked for; nothing there is replaced by something new."""

from __future__ import annotations

import errno
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import smb_service
import ssh_service
import stores
from stores import SAMPLES, asked, filled, plain, prepared, said

from imu_imageprep import api
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.cli import process
from imu_imageprep.storage import opening, place, s3

if TYPE_CHECKING:
    from stores import Bucket, Folder, Store


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
        (["sftp://me:12345/s3cr3t@nas", "-o", "x"], 2, "no password and no key"),
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
