"""What lies where an export goes: only an earlier export may ever be replaced."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import MemoryLedger
from pictures import encoded, scene
from unit.workplace import Desk

from imu_imageprep.domain.errors import AlreadyThere
from imu_imageprep.domain.metadata import MADE_BEFORE
from imu_imageprep.domain.policy import ExportRules, Names, Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.request import Request


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def in_the_way(path: Path, what: str, request: pytest.FixtureRequest) -> None:
    path.parent.mkdir(exist_ok=True)
    match what:
        case "photo":
            path.write_bytes(encoded(scene(600, 400)))
        case "empty":
            path.write_bytes(b"")
        case "link":
            request.getfixturevalue("links")
            (path.parent / "own.jpg").write_bytes(b"mine")
            path.symlink_to("own.jpg")
        case "folder":
            path.mkdir()
        case "pipe":
            if sys.platform == "win32":
                pytest.skip("there are no named pipes in folders")
            os.mkfifo(path)


@pytest.mark.parametrize("what", ["photo", "empty", "link", "folder", "pipe"])
@pytest.mark.parametrize("replace", [False, True])
def test_what_imageprep_did_not_write_is_never_replaced(
    desk: Desk, what: str, replace: bool, request: pytest.FixtureRequest
) -> None:
    path = desk.out / "photo.jpg"
    in_the_way(path, what, request)
    before = path.lstat()
    with pytest.raises(AlreadyThere, match="not known") as refused:
        desk.run(replace=replace)
    assert "--force" not in refused.value.advice
    assert path.lstat().st_ino == before.st_ino
    assert path.lstat().st_mtime_ns == before.st_mtime_ns
    assert desk.ledger.begun == []


def test_a_file_that_took_the_place_of_an_export_is_never_replaced(desk: Desk) -> None:
    desk.run()
    (desk.out / "photo.jpg").write_bytes(b"an original, or the export with somebody's work in it")
    with pytest.raises(AlreadyThere):
        desk.run(replace=True)
    assert (desk.out / "photo.jpg").read_bytes().startswith(b"an original")


def test_nothing_is_replaced_on_the_word_of_another_ledger(desk: Desk) -> None:
    desk.run()
    before = (desk.out / "photo.jpg").read_bytes()
    desk.ledger = MemoryLedger()
    with pytest.raises(AlreadyThere):
        desk.run(Request(boxes=((0, 0, 50, 50),)), replace=True)
    assert (desk.out / "photo.jpg").read_bytes() == before
    # The same picture takes nothing from anybody.
    assert desk.run(replace=True).outcome is Outcome.EXPORTED
    assert (desk.out / "photo.jpg").read_bytes() == before


def test_an_export_that_was_renamed_may_be_replaced(desk: Desk) -> None:
    """Its bytes are those of an export, whatever it is called."""
    neutral = desk.run(policy=Policy(export=ExportRules(names=Names.NEUTRAL))).export
    assert neutral is not None
    Path(neutral.path).rename(desk.out / "photo.jpg")
    other = Request(boxes=((0, 0, 50, 50),))
    assert desk.run(other, replace=True).outcome is Outcome.EXPORTED


def test_a_neutral_name_is_no_licence(desk: Desk) -> None:
    neutral = Policy(export=ExportRules(names=Names.NEUTRAL))
    first = desk.run(policy=neutral).export
    assert first is not None
    Path(first.path).write_bytes(b"an original")
    with pytest.raises(AlreadyThere):
        desk.run(policy=neutral, replace=True)
    assert Path(first.path).read_bytes() == b"an original"


@dataclass
class Meanwhile(MemoryLedger):
    """Another program puts a file there while the export is being recorded."""

    path: Path = Path()

    def begin(self, receipt: Receipt) -> str:
        self.path.unlink(missing_ok=True)
        self.path.write_bytes(b"an original")
        return super().begin(receipt)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_that_appears_at_the_last_moment_stays(desk: Desk, earlier: bool) -> None:
    if earlier:
        desk.run()
    desk.ledger = Meanwhile(desk.ledger.begun, desk.ledger.done, path=desk.out / "photo.jpg")
    with pytest.raises(AlreadyThere):
        desk.run(Request(boxes=((0, 0, 50, 50),)), replace=True)
    assert (desk.out / "photo.jpg").read_bytes() == b"an original"
    assert desk.written == ["photo.jpg"]


def test_an_export_that_is_prepared_again_says_so(desk: Desk) -> None:
    export = desk.run().export
    assert export is not None
    assert MADE_BEFORE not in desk.run().notes
    desk.photo = Path(export.path)
    desk.out = desk.out / "again"
    for write in (True, False):
        assert MADE_BEFORE in desk.run(write=write).notes
    desk.ledger = MemoryLedger()
    assert MADE_BEFORE not in desk.run(write=False).notes
