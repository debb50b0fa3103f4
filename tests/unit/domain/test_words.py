from __future__ import annotations

from imu_imageprep.domain import words
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.decide import HeldFor
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, Need
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord

BOX = Box(0.1, 0.1, 0.2, 0.2)
QR = Finding("code", 1.0, BOX, "QR code", "code-1")
BARS = Finding("code", 0.9, BOX, "barcode", "code-2")
FACE = Finding("face", 0.9, BOX, None, "face-1")


def held(*findings: Finding) -> Receipt:
    need = {"face": Need.PERSON_CONSENT, "code": Need.LOOK, "reflection": Need.LOOK}
    return Receipt(
        Outcome.HELD,
        source=SourceRecord("5" * 64, Format.JPEG, 1000, 800, 1234),
        examinations=(Examination("x", Flag.FACE, None, Looked(findings, 1.0)),),
        held_for=tuple(HeldFor(need[finding.kind], finding) for finding in findings),
    )


def test_codes_are_told_by_their_kind() -> None:
    assert words.found([QR, BARS, BARS, FACE]) == "1 QR code, 2 barcodes and 1 face"
    assert words.found([Finding("code", 1.0, BOX)]) == "1 code"


def test_a_code_says_what_would_answer_it() -> None:
    (line,) = words.needs(held(QR))
    assert line.startswith("needs covering, or a person's word")
    assert words.commands(held(QR, FACE)) == ("imageprep PHOTO --redact faces,codes",)


def test_what_cannot_be_covered_asks_for_a_look_alone() -> None:
    (line,) = words.needs(held(Finding("reflection", 0.5, None, None, "reflection-1")))
    assert line == "needs a person's look"
