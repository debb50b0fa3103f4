from __future__ import annotations

import dataclasses

import pytest

from imu_imageprep.domain import grounds, lines, words
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked
from imu_imageprep.domain.metadata import NO_CAMERA_DATA, POSITION_NOT_READ
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord

BOX = Box(0.1, 0.1, 0.2, 0.2)
QR = Finding("code", 1.0, BOX, "QR code", "code-1")
BARS = Finding("code", 0.9, BOX, "barcode", "code-2")
FACE = Finding("face", 0.9, BOX, None, "face-1")


def held(*findings: Finding) -> Receipt:
    need = {"face": Need.PERSON_CONSENT, "code": Need.LOOK, "source": Need.CREDIT}
    need |= dict.fromkeys(("reflection", "person"), Need.LOOK)
    return Receipt(
        Outcome.HELD,
        source=SourceRecord("5" * 64, Format.JPEG, 1000, 800, 1234),
        examinations=(Examination("x", Flag.FACE, None, Looked(findings, 1.0)),),
        held_for=tuple(HeldFor(need[finding.kind], finding) for finding in findings),
    )


def test_codes_are_told_by_their_kind() -> None:
    assert words.found([QR, BARS, BARS, FACE]) == "1 QR code, 2 barcodes and 1 face"
    assert words.found([Finding("code", 1.0, BOX)]) == "1 code"


def test_small_faces_are_told_apart() -> None:
    small = Finding("face", 0.9, BOX, None, "face-2", noted=True)
    assert words.found([FACE, small, small]) == "1 face and 2 small faces (not asked about)"


def test_people_without_a_face_are_told_apart_and_can_be_covered() -> None:
    person = Finding("person", 0.9, BOX, None, "person-1")
    told = dataclasses.replace(person, noted=True)
    assert words.found([person]) == "1 person from behind or in part"
    assert words.found([told, told]) == "2 people from behind or in part (not asked about)"
    (line,) = grounds.needs(held(person))
    assert (
        line
        == "needs covering, or an answer that nobody can be identified by it (imageprep dismiss)"
    )
    assert grounds.commands(held(person)) == ("imageprep PHOTO --redact people",)


def test_a_picture_without_camera_data_says_what_would_answer_it() -> None:
    unknown = Finding("source", 1.0, None, NO_CAMERA_DATA, "source-1")
    (line,) = grounds.needs(held(unknown))
    assert line.startswith("needs a credit line, or your answer that you took it")
    assert words.found([unknown]).startswith("no camera data")


def test_a_code_says_what_would_answer_it() -> None:
    (line,) = grounds.needs(held(QR))
    assert line.startswith("needs covering, or an answer that anyone may read it")
    assert grounds.commands(held(QR, FACE)) == ("imageprep PHOTO --redact faces,codes",)


def test_what_cannot_be_covered_asks_for_a_look_alone() -> None:
    (line,) = grounds.needs(held(Finding("reflection", 0.5, None, None, "reflection-1")))
    assert line == "needs a person to look at it"


def test_a_place_that_is_not_sure_says_why() -> None:
    assert words.found([Finding("place", 1.0, None, "Clinic", "place-1")]) == (
        "a place that needs permission (Clinic)"
    )
    unsure = Finding("place", 1.0, None, None, "place-1", reason=POSITION_NOT_READ)
    assert words.found([unsure]) == (
        "a place that needs permission: "
        "the photo says where it was taken in a way that could not be read"
    )


def test_a_reason_is_told_with_the_scene() -> None:
    scene = Finding("clinical", 0.9, None, "radiograph", "clinical-1", reason="99% grey")
    assert words.found([scene]) == "a scene that looks clinical (radiograph), 99% grey"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("caf\u00e9", "caf\u00e9"),
        ("x\udcffy", "x\\udcffy"),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_odd_names_are_shown_safely(name: str, shown: str) -> None:
    assert words.printable(name) == shown


@pytest.mark.parametrize(
    ("code", "told"), [(3, ["to see what is missing: imageprep doctor"]), (4, [])]
)
def test_a_check_that_lacks_something_names_the_command_that_says_what(
    code: int, told: list[str]
) -> None:
    blind = Examination("faces", Flag.FACE, None, DidNotLook("it is not there", code))
    receipt = Receipt(Outcome.HELD, examinations=(blind,))
    assert list(grounds.needs(receipt)) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ward 7", "ward 7"),
        ("two\nlines\tand  more ", "two lines and more"),
        ("sl\u202eeep\x00", "sl\\u202eeep\\x00"),
        ("n" * 21, "n" * 20 + "…"),
        ("n" + " " * 90 + "n", "n…"),
        ("", ""),
    ],
)
def test_the_beginning_of_a_text_is_one_harmless_line(text: str, shown: str) -> None:
    assert lines.excerpt(text, 20) == shown
