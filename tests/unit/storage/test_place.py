from __future__ import annotations

import os
import pickle
import shlex
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.lines import printable
from imu_imageprep.domain.place import Remote, here, is_url, place, recorded, usable
from imu_imageprep.shell import Shell, quoted


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("s3://photos/2026/a b.jpg", "s3://photos/2026/a b.jpg"),
        ("S3://photos/2026/", "s3://photos/2026"),
        ("s3://photos", "s3://photos"),
        ("s3://photos/", "s3://photos"),
        ("s3://photos/100%20.jpg", "s3://photos/100%20.jpg"),
        ("sftp://me@nas.example:2222/srv/a.jpg", "sftp://me@nas.example:2222/srv/a.jpg"),
        ("sftp://[::1]:22/srv", "sftp://[::1]:22/srv"),
        ("smb://nas/share/x", "smb://nas/share/x"),
    ],
)
def test_an_address_is_told_as_it_was_named(typed: str, told: str) -> None:
    where = place(typed)
    assert isinstance(where, Remote)
    assert str(where) == told
    assert recorded(told) == where
    assert pickle.loads(pickle.dumps(where)) == where
    assert place(where) is where


def test_a_place_is_named_like_a_path() -> None:
    where = place("s3://photos/2026/a.b.jpg")
    assert isinstance(where, Remote)
    assert (where.name, where.stem, where.suffix) == ("a.b.jpg", "a.b", ".jpg")
    assert where.key == "2026/a.b.jpg"
    assert where.parent / "c.jpg" == where.with_name("c.jpg") == place("s3://photos/2026/c.jpg")
    assert str(where.with_suffix(".txt")) == "s3://photos/2026/a.b.txt"
    assert [str(one) for one in where.parents] == ["s3://photos/2026", "s3://photos"]
    assert where.is_relative_to(where.parent)
    assert not where.is_relative_to(Remote("s3", "others", where.parent.path))
    assert where.relative_to(where.parents[-1]).as_posix() == "2026/a.b.jpg"


def test_nothing_opens_a_remote_place_as_a_file() -> None:
    with pytest.raises(TypeError):
        os.fspath(place("s3://photos/a.jpg"))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["photo.jpg", "C:/x.jpg", "./s3://x/y", "a:b", "/s3://x", ""])
def test_what_is_no_address_is_a_path(text: str) -> None:
    assert not is_url(text)
    assert place(text) == Path(text)


def test_an_address_of_this_computer_is_its_path() -> None:
    assert place("file:///srv/My%20photos/a.jpg") == Path("/srv/My photos/a.jpg")
    assert place("file://localhost/srv/a.jpg") == Path("/srv/a.jpg")


HOSTS = {
    "s3": st.sampled_from(["photos", "b.x-1"]),
    "sftp": st.sampled_from(["nas", "me@nas.example:2222", "me@nas:22", "[::1]:22"]),
    "smb": st.sampled_from(["nas", "me@nas"]),
}
names = st.text(
    st.sampled_from("aé7 @?#%&=;:+'\"$!*~()[]{}^|<>,.-_`") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=12,
).filter(lambda name: "/" not in name and usable(name))


@given(st.data(), st.sampled_from(sorted(HOSTS)), st.lists(names, min_size=1, max_size=4))
def test_what_is_told_of_a_photo_is_what_is_typed_for_it(
    data: st.DataObject, scheme: str, parts: list[str]
) -> None:
    """Whatever a photo in a store is called: nothing is taken that could not be named again."""
    where = Remote(scheme, data.draw(HOSTS[scheme]), PurePosixPath("/", *parts))
    assert usable(where.path.as_posix()[1:])
    assert place(str(where)) == recorded(str(where)) == where
    if str(where) == printable(str(where)):  # the rest only a shell itself reads back
        assert shlex.split(quoted(str(where), Shell.POSIX)) == [str(where)]


@pytest.mark.parametrize(
    "name", ["a@b.jpg", "me@nas/a.jpg", "what?.jpg", "#1.jpg", "50%.jpg", "%3F"]
)
@pytest.mark.parametrize("store", ["s3://photos", "sftp://nas", "sftp://me@nas:22", "smb://nas/x"])
def test_signs_of_addresses_may_be_in_names(store: str, name: str) -> None:
    assert str(place(f"{store}/in/{name}")) == f"{store}/in/{name}"


SECRETS = ["s3cr3t", "AKIAKEY"]


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIAKEY:s3cr3t@photos/a.jpg",
        " s3://AKIAKEY:s3cr3t@photos/a.jpg",
        "s3://AKIAKEY@photos/a.jpg",
        "S3://AKIAKEY:s3cr3t@photos",
        "sftp://me:s3cr3t@nas/srv",
        "sftp://me:s3cr3t@nas",
        "sftp://me:s3/cr3t@nas/srv",
        "sftp://me:12345/s3cr3t@nas",
        "smb://me:1/2/s3cr3t@nas/share/a.jpg",
        "sftp://me:s3cr3t@@nas/srv",
        "smb://dom;me:s3cr3t@nas/share",
        "sftp://me%3As3cr3t@nas/srv",
        "s3://photos/a.jpg?X-Amz-Signature=s3cr3t",
        "s3://photos?token=s3cr3t",
        "s3://photos/a.jpg?download&X-Amz-Credential=AKIAKEY/2026/s3",
        "s3://AKIAKEY:s3/cr3t@photos/a.jpg",
        "s3://AKIAKEY:12345/s3cr3t@photos/a.jpg",
        "ftp://me:s3cr3t@nas/srv",
        "https://me:s3cr3t@nas/srv",
        "file://me:s3cr3t@nas/srv",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        place(text)
    told = f"{caught.value.message} {caught.value.advice}"
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3:///a.jpg",
        "s3://pho tos/a.jpg",
        "s3://photos//a.jpg",
        "s3://photos/../a.jpg",
        "s3://photos/./a.jpg",
        "s3://photos/a\\b.jpg",
        "s3://photos/a\n.jpg",
        "http://photos/a.jpg",
        "file://nas/a.jpg",
    ],
)
def test_an_address_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        place(text)


@pytest.mark.parametrize("name", ["a.jpg", "Bilde 9.41\u202fAM.png", "", "a/b", "..a", "a?b"])
def test_names_that_can_be_written_anywhere(name: str) -> None:
    assert usable(name)


@pytest.mark.parametrize("name", ["..", "a//b", "/a", "a/../b", "a\\b", "a\0b", "a\nb", "a?b=c"])
def test_names_that_would_lead_elsewhere(name: str) -> None:
    assert not usable(name)


def test_what_a_receipt_tells_is_taken_as_it_is() -> None:
    where = recorded("s3://photos/what?.jpg")
    assert str(where) == "s3://photos/what?.jpg"
    assert recorded("photos/a.jpg") == Path("photos/a.jpg")
    assert recorded("http://x/y") == Path("http://x/y")


def test_where_only_a_path_will_do() -> None:
    assert here(Path("a")) == Path("a")
    with pytest.raises(UsageProblem, match="this computer"):
        here(place("s3://photos/a.jpg"))
