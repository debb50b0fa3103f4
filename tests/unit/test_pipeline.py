"""The story of a photo, with detectors that find what they are told to."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from fakes import FakeDetector, FakeRecogniser, SpotDetector, damaged_model
from pictures import SPOT, encoded, exif, scene
from PIL import Image
from unit.workplace import CLINICAL, CREDIT, ONE_SPOT, Desk

from imu_imageprep.detectors.credit import Origin
from imu_imageprep.domain.box import CODE_MARGIN, Box
from imu_imageprep.domain.errors import AlreadyThere, InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.finding import Finding, Flag
from imu_imageprep.domain.metadata import WHO_TOOK_IT
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import (
    ExportRules,
    FaceRules,
    Flags,
    Level,
    Names,
    Owner,
    Policy,
    Profile,
)
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.request import Request
from imu_imageprep.stages.verify import inspect


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def portrait(tmp_path: Path) -> Desk:
    return Desk(tmp_path, ONE_SPOT)


def test_a_clear_photo_is_exported(desk: Desk) -> None:
    receipt = desk.run()
    assert receipt.outcome is Outcome.EXPORTED
    assert desk.written == ["photo.jpg"]
    data = (desk.out / "photo.jpg").read_bytes()
    assert inspect(data) == ()
    export = receipt.export
    assert export is not None
    assert (export.width, export.height, export.dpi) == (800, 533, 72)
    assert (export.sha256, export.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert b"NeedleCam" not in data


def test_the_receipt_comes_first(desk: Desk) -> None:
    receipt = desk.run()
    assert desk.ledger.begun[0].export == receipt.export
    assert desk.ledger.done == ["head-1"]
    assert receipt.head == "head-1-done"


def test_the_original_is_not_touched(desk: Desk) -> None:
    before = (desk.photo.read_bytes(), desk.photo.stat().st_mtime_ns)
    desk.run()
    assert (desk.photo.read_bytes(), desk.photo.stat().st_mtime_ns) == before


def test_a_photo_with_an_open_need_writes_nothing(portrait: Desk, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    receipt = portrait.run()
    assert receipt.outcome is Outcome.HELD
    assert [(n.finding.id if n.finding else None, n.needs) for n in receipt.held_for] == [
        ("face-1", Need.PERSON_CONSENT)
    ]
    assert sorted(tmp_path.rglob("*")) == before
    assert portrait.ledger.begun == []
    assert receipt.exit_code == 1


def test_a_covered_face_goes_out_under_a_neutral_name(portrait: Desk) -> None:
    receipt = portrait.run(Request(redact=("faces",)))
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.export is not None
    assert portrait.written == [f"photo-{receipt.export.sha256[:8]}.jpg"]
    assert receipt.covered


def test_a_face_outside_the_drawn_box_holds(portrait: Desk) -> None:
    receipt = portrait.run(Request(boxes=((0, 0, 100, 100),)))
    assert receipt.outcome is Outcome.HELD
    assert portrait.written == []


def test_a_face_seen_only_in_the_finished_picture_holds(portrait: Desk) -> None:
    class Late(SpotDetector):
        """Overlooks small faces in large buffers, as a detector at its limit does."""

        def look(self, photo, metadata):  # type: ignore[no-untyped-def]
            if max(photo.size) > 900:
                photo = type(photo)(photo.pixels[:, :100], photo.source_size)
            return super().look(photo, metadata)

    portrait.faces = Late(SPOT)
    receipt = portrait.run(Request(boxes=((0, 0, 100, 100),)))
    assert receipt.outcome is Outcome.HELD
    assert [n.finding.id for n in receipt.held_for if n.finding] == ["second-face-1"]
    assert portrait.written == []


def test_a_face_that_only_a_large_export_shows_holds_it(portrait: Desk) -> None:
    class NearSighted(SpotDetector):
        """Sees a face only where the view is no larger than a default export."""

        def look(self, photo, metadata):  # type: ignore[no-untyped-def]
            if max(photo.size) > 900:
                photo = type(photo)(photo.pixels[:9, :9], photo.source_size)
            return super().look(photo, metadata)

    portrait.faces = NearSighted(SPOT)
    large = Policy(export=ExportRules(size=Size(1200, 900)))
    receipt = portrait.run(policy=large)
    assert [n.finding.id for n in receipt.held_for if n.finding] == ["face-1"]
    assert portrait.written == []
    covered = portrait.run(Request(redact=("faces",)), policy=large)
    assert covered.outcome is Outcome.EXPORTED
    assert covered.export is not None
    assert (covered.export.width, covered.export.height) == (1200, 800)


def test_a_damaged_model_holds_with_its_own_code(desk: Desk) -> None:
    desk.faces = damaged_model()
    receipt = desk.run(policy=Policy(flags=Flags(face=Level.NOTE)))
    assert receipt.outcome is Outcome.HELD
    assert [(n.scan, n.needs) for n in receipt.held_for] == [("faces", Need.LOOK)]
    assert receipt.exit_code == 3
    assert desk.written == []


def test_a_missing_detector_holds(desk: Desk) -> None:
    desk.others = (CREDIT,)
    assert desk.run().outcome is Outcome.HELD


def test_a_clinical_scene_cannot_be_covered_away(desk: Desk) -> None:
    desk.others = (FakeDetector("clinical", Flag.CLINICAL, (Finding("clinical", 0.8),)), CREDIT)
    receipt = desk.run(Request(redact=("faces",), boxes=((0, 0, 1200, 800),)))
    assert [n.needs for n in receipt.held_for] == [Need.PATIENT_CONSENT, Need.PLACE_PERMISSION]


def test_a_noted_clinical_scene_gets_a_neutral_name(desk: Desk) -> None:
    desk.others = (FakeDetector("clinical", Flag.CLINICAL, (Finding("clinical", 0.8),)), CREDIT)
    receipt = desk.run(policy=Policy(flags=Flags(clinical=Level.NOTE)))
    assert receipt.outcome is Outcome.EXPORTED
    assert desk.written[0].startswith("photo-")
    assert "clinical" in receipt.not_checked


def test_a_code_waits_until_it_is_covered(desk: Desk) -> None:
    found = (Finding("code", 1.0, Box(0.4, 0.4, 0.1, 0.1), "QR code"),)
    desk.codes = FakeDetector("codes", Flag.CODE, found)
    receipt = desk.run()
    assert [(need.finding.id, need.needs) for need in receipt.held_for if need.finding] == [
        ("code-1", Need.LOOK)
    ]
    assert desk.written == []
    for redact in ("code-1", "codes"):
        covered = desk.run(Request(redact=(redact,)), replace=True)
        assert covered.outcome is Outcome.EXPORTED
        assert covered.covered == (found[0].box.grown(CODE_MARGIN),) if found[0].box else False


@pytest.mark.parametrize(
    ("least", "outcome"), [(78, Outcome.HELD), (79, Outcome.HELD), (83, Outcome.EXPORTED)]
)
def test_a_face_under_the_smallest_size_is_told_and_holds_nothing(
    portrait: Desk, least: int, outcome: Outcome
) -> None:
    # 121 of 1200 pixels become 81 of 800.
    receipt = portrait.run(policy=Policy(faces=FaceRules(least)))
    assert receipt.outcome is outcome
    assert [f.noted for f in receipt.findings] == [outcome is Outcome.EXPORTED]
    assert receipt.not_checked == ("min_face",)
    (told,) = receipt.to_json()["findings"]
    assert told.get("noted", False) == (outcome is Outcome.EXPORTED)
    assert not portrait.written or portrait.written[0].startswith("photo-")


def test_a_picture_without_camera_data_is_asked_about(desk: Desk) -> None:
    assert WHO_TOOK_IT not in desk.run(write=False).notes
    desk.photo.write_bytes(encoded(scene()))
    assert desk.run(write=False).notes == (WHO_TOOK_IT,)
    assert desk.run().notes == (WHO_TOOK_IT,)
    off = Policy(flags=Flags(unknown_source=Level.OFF))
    assert desk.run(policy=off, write=False).notes == ()
    assert off.not_checked == ("unknown_source",)


def test_a_picture_without_camera_data_waits_where_the_policy_says_so(desk: Desk) -> None:
    desk.photo.write_bytes(encoded(scene()))
    desk.others = (*desk.others, Origin())
    policy = Policy(flags=Flags(unknown_source=Level.HOLD))
    receipt = desk.run(policy=policy)
    assert [(need.finding.id, need.needs) for need in receipt.held_for if need.finding] == [
        ("source-1", Need.CREDIT)
    ]
    assert receipt.notes == ()
    assert desk.run(Request(credit="Photo: a friend"), policy).outcome is Outcome.EXPORTED


def test_a_credit_line_is_drawn_and_recorded(desk: Desk) -> None:
    desk.others = (CLINICAL, FakeDetector("credit", Flag.SOURCE, (Finding("source", 1.0),)))
    assert desk.run().outcome is Outcome.HELD
    receipt = desk.run(Request(credit="Photo: an agency"))
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.credit == "Photo: an agency"


def test_a_credit_line_never_identifies_anyone() -> None:
    with pytest.raises(UsageProblem, match="e-mail"):
        Request(credit="Photo: me@example.edu")


def test_a_hold_by_hand_holds(desk: Desk) -> None:
    assert desk.run(Request(hold=True)).outcome is Outcome.HELD
    assert desk.written == []


def test_a_look_writes_nothing(desk: Desk) -> None:
    assert desk.run(write=False).outcome is Outcome.CLEAR
    assert desk.run(Request(boxes=((0, 0, 9, 9),)), write=False).outcome is Outcome.CLEAR
    assert desk.written == []
    assert desk.ledger.begun == []


def test_a_second_run_skips_what_is_there(desk: Desk) -> None:
    first = desk.run()
    second = desk.run()
    assert second.outcome is Outcome.SKIPPED
    assert second.export == first.export
    assert len(desk.ledger.begun) == 1


@pytest.mark.parametrize("change", ["edited", "removed"])
def test_an_export_that_changed_is_not_taken_for_ours(desk: Desk, change: str) -> None:
    desk.run()
    export = desk.out / "photo.jpg"
    if change == "edited":
        export.write_bytes(b"something else")
        with pytest.raises(AlreadyThere):
            desk.run()
        assert export.read_bytes() == b"something else"
    else:
        export.unlink()
        assert desk.run().outcome is Outcome.EXPORTED


def test_another_photos_export_is_not_in_the_way(desk: Desk) -> None:
    """A.png was exported as a.jpg; now there is an A.jpg too, whose export takes another name."""
    first = desk.run()
    assert first.export is not None
    before = (desk.out / "photo.jpg").read_bytes()
    desk.photo = desk.photo.with_suffix(".png")
    desk.photo.write_bytes(encoded(scene(700, 900), "PNG"))
    second = desk.run(replace=True)
    assert desk.written == ["photo-2.jpg", "photo.jpg"]
    assert (desk.out / "photo.jpg").read_bytes() == before
    assert desk.run().export == second.export
    assert desk.run().outcome is Outcome.SKIPPED


def test_a_photo_that_changed_does_not_replace_its_export(desk: Desk) -> None:
    desk.run()
    before = (desk.out / "photo.jpg").read_bytes()
    desk.photo.write_bytes(encoded(scene(700, 900), exif=exif()))
    with pytest.raises(AlreadyThere):
        desk.run()
    assert (desk.out / "photo.jpg").read_bytes() == before


def test_force_makes_it_again(desk: Desk) -> None:
    first = desk.run()
    again = desk.run(Request(boxes=((0, 0, 50, 50),)), replace=True)
    assert again.outcome is Outcome.EXPORTED
    assert again.export is not None
    assert first.export is not None
    assert again.export.path == first.export.path
    assert again.export.sha256 != first.export.sha256
    assert inspect((desk.out / "photo.jpg").read_bytes()) == ()


def test_another_request_is_another_export(desk: Desk) -> None:
    desk.run()
    with pytest.raises(AlreadyThere):
        desk.run(Request(boxes=((0, 0, 50, 50),)))


def test_force_never_replaces_the_original(desk: Desk) -> None:
    before = desk.photo.read_bytes()
    desk.out = desk.photo.parent
    with pytest.raises(OutputProblem, match="original"):
        desk.run(replace=True)
    assert desk.photo.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    desk.out = tmp_path / "file" / "out"
    with pytest.raises(OutputProblem):
        desk.run()


def test_neutral_names_for_all(desk: Desk) -> None:
    desk.run(policy=Policy(export=ExportRules(names=Names.NEUTRAL)))
    assert desk.written[0].startswith("photo-")


def test_two_photos_that_come_out_alike_share_one_neutral_export(desk: Desk) -> None:
    neutral = Policy(export=ExportRules(names=Names.NEUTRAL))
    first = desk.run(policy=neutral)
    desk.photo.write_bytes(desk.photo.read_bytes() + b"another file with the same picture")
    second = desk.run(policy=neutral)
    assert second.outcome is Outcome.EXPORTED
    assert second.export == first.export
    assert len(desk.written) == 1
    assert len(desk.ledger.done) == 2


def test_a_larger_export_sees_the_same_faces(portrait: Desk) -> None:
    large = Policy(export=ExportRules(size=Size(3000, 3000)))
    small = portrait.run(write=False)
    assert portrait.run(policy=large, write=False).findings == small.findings
    exported = portrait.run(Request(redact=("faces",)), large)
    assert exported.export is not None
    assert (exported.export.width, exported.export.height) == (1200, 800)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_survive_every_orientation(tmp_path: Path, orientation: int) -> None:
    """Whatever way a photo is stored, the face is where a person sees it."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # PIL's transpose that stores it that way
    upright = scene(1600, 900, ((1200, 300, 80),))
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    desk = Desk(tmp_path)
    desk.photo.write_bytes(encoded(stored, exif=exif(orientation)))
    receipt = desk.run(write=False)
    assert receipt.source is not None
    assert (receipt.source.width, receipt.source.height) == (1600, 900)
    (finding,) = receipt.findings
    assert finding.box is not None
    x, y, w, h = finding.box.to_pixels(1600, 900)
    assert (x, y, w, h) == pytest.approx((1120, 220, 161, 161), abs=4)


def test_bad_bytes_are_a_clear_error(desk: Desk) -> None:
    desk.photo.write_bytes(b"not a picture at all")
    with pytest.raises(InputProblem):
        desk.run()
    assert desk.written == []


def test_the_stream_gets_the_export_and_no_file_is_made(desk: Desk) -> None:
    stream = io.BytesIO()
    receipt = desk.run(stream=stream)
    assert receipt.outcome is Outcome.EXPORTED
    assert receipt.export is not None
    assert receipt.export.path == "photo.jpg"
    assert hashlib.sha256(stream.getvalue()).hexdigest() == receipt.export.sha256
    assert inspect(stream.getvalue()) == ()
    assert desk.written == []
    assert receipt.head is not None


def test_nothing_is_written_to_it_while_the_photo_is_held(portrait: Desk) -> None:
    stream = io.BytesIO()
    receipt = portrait.run(stream=stream)
    assert receipt.outcome is Outcome.HELD
    assert stream.getvalue() == b""


def test_a_covered_face_gets_a_neutral_name(portrait: Desk) -> None:
    request = Request(redact=("faces",))
    receipt = portrait.run(request, stream=io.BytesIO())
    assert receipt.export is not None
    assert receipt.export.path == f"photo-{receipt.export.sha256[:8]}.jpg"


def test_a_closed_stream_is_a_clear_error_and_no_finished_export(desk: Desk) -> None:
    stream = io.BytesIO()
    stream.close()
    with pytest.raises(OutputProblem, match="could not be written"):
        desk.run(stream=stream)
    assert desk.ledger.done == []


def test_only_an_official_export_names_who_answers_for_it(desk: Desk) -> None:
    owner = Owner(responsible="the web editor", role="editor")
    personal = desk.run(policy=Policy(owner=owner), write=False)
    official = desk.run(policy=Policy(profile=Profile.OFFICIAL, owner=owner), write=False)

    assert (personal.responsible, personal.role) == (None, None)
    assert (official.responsible, official.role) == ("the web editor", "editor")
    assert (official.logo, official.approved_by) == (None, None)


def test_a_suggestion_is_shown_and_the_photo_stays_held(portrait: Desk) -> None:
    plain = portrait.run()
    portrait.recogniser = FakeRecogniser()
    told = portrait.run()
    assert told.outcome is Outcome.HELD
    assert [finding.label for finding in told.findings] == ["NURSE-7"]
    assert [one.records for one in told.suggestions] == [("C-1",)]
    assert told.to_json()["held_for"] == plain.to_json()["held_for"]
    assert portrait.recogniser.shown == ["face-1"]
    assert portrait.written == []
    assert portrait.ledger.begun == []


def test_nobody_is_recognised_in_a_photo_that_may_be_clinical(portrait: Desk) -> None:
    portrait.recogniser = FakeRecogniser()
    ward = FakeDetector("clinical", Flag.CLINICAL, (Finding("clinical", 0.6),))
    portrait.others = (ward, CREDIT)
    assert portrait.run().suggestions == ()
    portrait.others = (CREDIT,)  # nobody looked for clinical scenes
    assert portrait.run().suggestions == ()
    assert portrait.recogniser.shown == []


def test_a_covered_face_is_compared_with_nobody(portrait: Desk) -> None:
    portrait.recogniser = FakeRecogniser()
    receipt = portrait.run(Request(redact=("faces",)))
    assert receipt.outcome is Outcome.EXPORTED
    assert portrait.recogniser.shown == []
    assert "NURSE-7" not in str(portrait.ledger.begun)


def test_recognising_that_fails_is_a_note(portrait: Desk) -> None:
    portrait.recogniser = FakeRecogniser(trouble="No package.")
    receipt = portrait.run()
    assert receipt.outcome is Outcome.HELD
    assert receipt.notes[-1] == "nobody was recognised: No package."


def test_readable_text_waits_until_it_is_covered_or_answered(desk: Desk) -> None:
    box = Box(0.4, 0.4, 0.2, 0.05)
    desk.text = FakeDetector("text", Flag.TEXT, (Finding("text", 0.9, box, "name"),))
    receipt = desk.run()
    assert [(need.finding.id, need.needs) for need in receipt.held_for if need.finding] == [
        ("text-1", Need.LOOK)
    ]
    # This detector reads it whatever is done: what can be read still is not covered.
    again = desk.run(Request(redact=("text",)))
    assert again.outcome is Outcome.HELD
    assert [need.finding.id for need in again.held_for if need.finding] == ["second-text-1"]
    assert [need.needs for need in again.held_for] == [Need.LOOK]
    assert desk.written == []
