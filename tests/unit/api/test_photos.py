"""``prepare`` for what has no path."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pictures import encoded, exif, scene

from imu_imageprep import api
from imu_imageprep.domain.policy import Policy
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
