"""Names that tell too much, and the text beside an export."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from unit.workplace import ONE_SPOT, Desk

from imu_imageprep.domain.errors import AlreadyThere, UsageProblem
from imu_imageprep.domain.policy import ExportRules, Names, Policy
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.request import Request


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def portrait(tmp_path: Path) -> Desk:
    return Desk(tmp_path, ONE_SPOT)


def test_a_name_that_holds_an_identifier_does_not_leave(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.photo = desk.photo.rename(desk.photo.with_name("900101-14-5678 ward 7.jpg"))
    receipt = desk.run()
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.export is not None
    assert desk.written == [f"photo-{receipt.export.sha256[:8]}.jpg"]
    (note,) = receipt.notes
    assert "an identity number" in note
    assert "5678" not in note
    assert desk.run().outcome is Outcome.SKIPPED


def test_the_time_of_capture_in_a_name_is_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.photo = desk.photo.rename(desk.photo.with_name("IMG_20260101_120000.jpg"))
    receipt = desk.run()
    assert receipt.notes == ()
    assert desk.written == ["photo.jpg"]  # what the target says


def test_names_that_are_neutral_anyway_need_no_note(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.photo = desk.photo.rename(desk.photo.with_name("patient.jpg"))
    policy = Policy(export=ExportRules(names=Names.NEUTRAL))
    assert desk.run(policy=policy).notes == ()


def test_a_caption_lies_beside_the_export_under_its_name(portrait: Desk) -> None:
    request = Request(redact=("faces",), credit="Photo: A. Maker", caption="White coat day.")
    receipt = portrait.run(request)
    assert receipt.export is not None
    stem = f"photo-{receipt.export.sha256[:8]}"
    assert portrait.written == [f"{stem}.jpg", f"{stem}.txt"]
    assert receipt.caption == str(portrait.out.absolute() / f"{stem}.txt")
    told = (portrait.out / f"{stem}.txt").read_text("utf-8")
    assert told.startswith("White coat day.\n\nPhoto: A. Maker\n\nThe views")


def test_a_held_photo_gets_no_caption(portrait: Desk) -> None:
    assert portrait.run(Request(caption="")).outcome is Outcome.HELD
    assert portrait.written == []
    assert portrait.run(Request(caption="", redact=("faces",)), write=False).caption is None
    assert portrait.written == []


def test_a_caption_never_replaces_a_text_unasked(desk: Desk) -> None:
    desk.out.mkdir()
    there = desk.out / "photo.txt"
    there.write_text("mine", "utf-8")
    with pytest.raises(AlreadyThere):
        desk.run(Request(caption=""))
    assert desk.written == ["photo.txt"]
    assert desk.ledger.begun == []
    assert there.read_text("utf-8") == "mine"
    with pytest.raises(AlreadyThere, match="not known") as refused:
        desk.run(Request(caption=""), replace=True)
    assert "never replaced" in refused.value.advice
    assert there.read_text("utf-8") == "mine"
    assert desk.written == ["photo.txt"]


def test_force_replaces_an_earlier_caption_and_no_edited_one(desk: Desk) -> None:
    desk.run(Request(caption="One."))
    text = desk.out / "photo.txt"
    with pytest.raises(AlreadyThere):
        desk.run(Request(caption="Two."))
    desk.run(Request(caption="Two."), replace=True)
    assert text.read_text("utf-8").startswith("Two.")
    text.write_text("Two, as I would say it.", "utf-8")
    with pytest.raises(AlreadyThere):
        desk.run(Request(caption="Three."), replace=True)
    assert text.read_text("utf-8") == "Two, as I would say it."


def test_a_caption_that_is_gone_is_written_again(desk: Desk) -> None:
    desk.run(Request(caption="One."))
    assert desk.run(Request(caption="One.")).outcome is Outcome.SKIPPED
    (desk.out / "photo.txt").unlink()
    again = desk.run(Request(caption="One."))
    assert again.outcome is Outcome.SKIPPED
    assert again.caption is not None
    assert (desk.out / "photo.txt").read_text("utf-8").startswith("One.")


def test_a_caption_may_come_later(desk: Desk) -> None:
    desk.run()
    desk.run(Request(caption=""))
    assert desk.written == ["photo.jpg", "photo.txt"]


def test_a_caption_needs_a_folder(desk: Desk) -> None:
    stream = io.BytesIO()
    with pytest.raises(UsageProblem):
        desk.run(Request(caption=""), stream=stream)
    assert stream.getvalue() == b""
