"""What the page is told of a photo."""

from __future__ import annotations

import pytest

from imu_imageprep.domain import grounds
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.cover import areas
from imu_imageprep.domain.finding import SECOND, Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord
from imu_imageprep.front.web import views
from imu_imageprep.front.web.entry import Entry, State

SIZE = Size(4000, 3000)
BOX = Box(0.4, 0.4, 0.1, 0.1)


def held(finding: Finding, *, prefix: str = "", why: tuple[tuple[str, Unfit], ...] = ()) -> Receipt:
    """The receipt of a photo that one finding holds."""
    (exam,) = numbered(
        (Examination("any", Flag.FACE, "1", Looked((finding,), 0.9)),), prefix=prefix
    )
    return Receipt(
        Outcome.HELD,
        source=SourceRecord("5" * 64, Format.JPEG, SIZE.width, SIZE.height, 99),
        examinations=(exam,),
        held_for=(HeldFor(Need.PERSON_CONSENT, exam.findings[0], why=why),),
    )


def told(receipt: Receipt) -> dict[str, object]:
    """The only finding, as the page reads it."""
    entry = Entry("a.jpg", "", 1, 99, None, state=State.HELD, receipt=receipt)
    (finding,) = views.photo(entry)["findings"]
    return dict(finding)


def test_a_face_that_still_shows_is_covered_as_large_as_on_the_command_line() -> None:
    receipt = held(Finding("face", 0.9, BOX), prefix=SECOND)
    finding = told(receipt)
    assert finding["second"] is True
    cover = finding["cover"]
    assert isinstance(cover, list)
    (command,) = grounds.commands(receipt)
    assert f"--redact-box {','.join(map(str, cover))}" in command


@pytest.mark.parametrize("kind", ["face", "code"])
def test_what_is_shown_as_covered_is_what_is_covered(kind: str) -> None:
    receipt = held(Finding(kind, 0.9, BOX))
    (finding,) = receipt.findings
    (area,) = areas((finding.id,), (), receipt.findings, SIZE)
    assert told(receipt)["cover"] == list(area.to_pixels(SIZE.width, SIZE.height))
    assert told(receipt)["second"] is False


@pytest.mark.parametrize(
    "finding",
    [
        Finding("face", 0.9),
        Finding("clinical", 0.9, BOX),
        Finding("place", 0.9, BOX),
        Finding("tattoo", 0.9, BOX),
    ],
    ids=lambda finding: finding.kind,
)
def test_what_covering_does_not_answer_is_not_offered_to_be_covered(finding: Finding) -> None:
    assert told(held(finding))["cover"] is None


def test_why_a_record_does_not_answer_is_told_by_code() -> None:
    receipt = held(Finding("face", 0.9, BOX), why=(("C-1", Unfit.OF_AGE), ("C-2", Unfit.EXPIRED)))
    (need,) = views.open_needs(receipt)
    assert need["why"] == [
        {"ref": "C-1", "reason": "of-age"},
        {"ref": "C-2", "reason": "expired"},
    ]
