"""``prepare`` for what has no path."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pictures import encoded, exif, scene

from imu_imageprep import api, library
from imu_imageprep.domain.errors import InputProblem, UsageProblem
from imu_imageprep.domain.policy import Limits, Policy
from imu_imageprep.domain.receipt import Outcome


@pytest.mark.parametrize(
    ("name", "export"),
    [
        ("ward round.png", "ward round.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\me\\x.jpeg", "x.jpg"),
        ("a\x00b\nc.jpg", "abc.jpg"),
        ("what?.jpg", "what.jpg"),
    ],
)
@pytest.mark.usefixtures("home")
def test_bytes_with_a_name_keep_it_and_nothing_else_of_it(name: str, export: str) -> None:
    stream = io.BytesIO()
    photo = encoded(scene(), exif=exif())
    receipt = api.prepare(photo, policy=Policy(), out=stream, name=name)
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.export is not None
    assert receipt.export.path == export
    assert api.verify(stream.getvalue()) == ()


@pytest.mark.parametrize("name", [None, "", "..", "/", "\x00"])
@pytest.mark.usefixtures("home")
def test_bytes_without_a_name_get_a_neutral_one(name: str | None, tmp_path: Path) -> None:
    receipt = api.prepare(encoded(scene()), policy=Policy(), out=tmp_path / "out", name=name)
    assert receipt.export is not None
    assert Path(receipt.export.path).name == f"photo-{receipt.export.sha256[:8]}.jpg"
    assert Path(receipt.export.path).is_file()


@pytest.mark.usefixtures("home")
def test_answers_are_taken_for_bytes() -> None:
    desk = api.Desk.at()
    photo = encoded(scene())
    desk.draw(photo, (10, 10, 200, 200), kind="face", by="Ana")
    held = api.prepare(photo, policy=Policy(), out=io.BytesIO())
    assert held.outcome is Outcome.HELD
    (finding,) = held.findings
    assert finding.kind == "face"
    assert len(desk.records(photo)) == 1


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000))


def test_every_way_to_hand_over_a_photo_gives_the_same(tmp_path: Path) -> None:
    photo = encoded(scene(), exif=exif())
    path = tmp_path / "a.jpg"
    path.write_bytes(photo)
    with path.open("rb") as file:
        given: list[Any] = [path, str(path), photo, io.BytesIO(photo), Trickle(photo), file]
        looked = [api.check(one, policy=Policy()) for one in given]
    assert {receipt.source for receipt in looked} == {looked[0].source}
    assert [receipt.path for receipt in looked] == [str(path), str(path), None, None, None, None]
    picture = api.check(scene(), policy=Policy())
    assert picture.outcome is Outcome.CLEAR


def test_an_open_file_beyond_the_limit_is_not_read_to_its_end() -> None:
    file = io.BytesIO(bytes(5000))
    with pytest.raises(InputProblem):
        api.check(file, policy=Policy(limits=Limits(bytes=1000)))
    assert file.tell() == 1001


def test_what_is_verified_is_not_read_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor would the memory hold a film, or a device that never ends."""
    path = tmp_path / "film.jpg"
    path.write_bytes(bytes(21))
    monkeypatch.setattr(library, "Limits", lambda: Limits(bytes=20))
    with pytest.raises(InputProblem, match="has more than"):
        api.verify(path)


def test_an_open_file_that_is_of_no_use(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="gives text"):
        api.check(io.StringIO("text"), policy=Policy())  # type: ignore[arg-type]
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(InputProblem, match="closed"):
        api.check(closed, policy=Policy())
    with (tmp_path / "w").open("wb") as file, pytest.raises(InputProblem):
        api.check(file, policy=Policy())
