"""Photos with text to read, prepared with the detector itself; all names are invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pictures import encoded, exif
from PIL import Image
from unit.detectors.test_text import CARD, NAME, SIGN, written
from unit.workplace import Desk

from imu_imageprep.detectors.text import Text
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import ExportRules, Flags, Level, Owner, Policy, TextRules
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.request import Request


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.text = Text()
    return desk


def show(desk: Desk, *texts: str) -> None:
    desk.photo.write_bytes(encoded(Image.fromarray(written(*texts)), exif=exif()))


def test_a_form_waits_until_it_is_covered(desk: Desk) -> None:
    show(desk, f"Patient Name: {NAME}", f"NRIC: {CARD}")
    assert desk.run().outcome is Outcome.HELD
    receipt = desk.run(Request(redact=("text",)))
    assert receipt.outcome is Outcome.EXPORTED
    assert [finding.label for finding in receipt.findings] == ["record"]
    # Neither is the photo's own name kept.
    assert desk.written[0].startswith("photo-")
    with Image.open(desk.out / desk.written[0]) as picture:
        size = picture.size
    assert size == (800, 600)


def test_half_a_number_that_is_covered_is_read_again(desk: Desk) -> None:
    show(desk, CARD, "", "", "", "", NAME)
    first = desk.run()
    assert sorted(f.label or "" for f in first.findings) == ["identity-number", "name"]
    (name,) = (f.id for f in first.findings if f.label == "name")
    request = Request(redact=(name,), boxes=((10, 10, 20, 20),))
    assert [n.finding.label for n in desk.run(request).held_for if n.finding] == ["identity-number"]


def test_the_owners_name_in_the_mark_is_nobody_shown(desk: Desk) -> None:
    show(desk, NAME)
    policy = Policy(owner=Owner(name="Dr. Kavitha"))
    assert desk.run(Request(redact=("text",)), policy).outcome is Outcome.EXPORTED


def test_signs_leave_at_once_under_their_own_name(desk: Desk) -> None:
    show(desk, *SIGN)
    receipt = desk.run()
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.findings == ()
    assert desk.written == ["photo.jpg"]


@pytest.mark.parametrize("level", [Level.NOTE, Level.OFF])
def test_the_check_can_be_lowered_and_says_so(desk: Desk, level: Level) -> None:
    show(desk, NAME)
    receipt = desk.run(policy=Policy(flags=Flags(text=level)))
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.not_checked == ("text",)
    assert len(receipt.findings) == (level is Level.NOTE)


def test_what_is_allowed_is_part_of_the_policy() -> None:
    policy = Policy()
    assert replace(policy, text=TextRules(("03-8656 7228",))).digest() != policy.digest()


def test_small_text_in_a_large_export_is_found_and_covered(desk: Desk) -> None:
    # In the whole picture, reduced, these capitals have four pixels; in the export ten.
    large = Image.new("RGB", (2400, 1800), (150, 140, 125))
    large.paste(Image.fromarray(written(CARD, size=14)).crop((280, 240, 480, 290)), (1900, 1500))
    desk.photo.write_bytes(encoded(large, exif=exif()))
    policy = Policy(export=ExportRules(size=Size(2400, 1800)))
    receipt = desk.run(policy=policy)
    assert receipt.outcome is Outcome.HELD
    assert [f.label for f in receipt.findings] == ["identity-number"]
    assert desk.run(Request(redact=("text",)), policy).outcome is Outcome.EXPORTED
