"""Receipts to JSON and back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema import problems

from imu_imageprep.domain.answers import Answered, By, LastLook
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor, Suggestion
from imu_imageprep.domain.errors import InputProblem, PolicyProblem
from imu_imageprep.domain.finding import (
    SECOND,
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    Scan,
    numbered,
)
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.metadata import Category, Metadata
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import (
    ExportRecord,
    Failure,
    Outcome,
    Receipt,
    SourceRecord,
)
from imu_imageprep.domain.words import UNFIT

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAME = st.text(st.characters(), min_size=1, max_size=12)  # with what no text may hold
SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
SIDE = st.integers(1, 20_000)
SHARE = st.floats(0, 1).map(lambda number: round(number, 4))
REF = st.sampled_from(["C-4T7-K9Q-X7G", "P-8R2-0MV-W2R", "E-1"])
SUGGESTIONS = st.builds(
    Suggestion,
    st.sampled_from(["face-1", "face-2"]),
    TEXT,
    st.integers(0, 450).map(lambda thousandths: thousandths / 1000),
    st.lists(REF, max_size=2).map(tuple),
)

LOOKS = st.builds(LastLook, st.none() | TEXT, TEXT, st.none() | REF)
ANSWERED = st.builds(
    Answered,
    st.sampled_from(["face-1", "clinical-1"]),
    st.sampled_from(Need),
    st.sampled_from(By),
    st.none() | REF,
    st.none() | TEXT,
    st.none() | st.sampled_from(Reason).map(str),
    st.none() | TEXT,
    st.none() | REF,
)

SOURCES = st.builds(SourceRecord, SHA, st.sampled_from(Format), SIDE, SIDE, st.integers(0, 10**9))
EXPORTS = st.builds(
    *(ExportRecord, NAME, SHA, st.sampled_from([Format.JPEG, Format.PNG, Format.WEBP])),
    *(SIDE, SIDE, st.just(72), st.integers(0, 10**9)),
)
METADATA = st.builds(
    Metadata,
    st.frozensets(st.sampled_from(Category)),
    values=st.lists(st.tuples(st.sampled_from(Category), TEXT, TEXT), max_size=3).map(tuple),
)
EXPORT = ExportRecord("a.jpg", "a" * 64, Format.JPEG, 1, 1, 72, 1)
FAILURE = Failure(4, "InputProblem", "It is empty.", "Copy it again.")
FAILURES = st.builds(Failure, st.sampled_from([2, 3, 4, 5, 6, 7, 70]), TEXT, TEXT, TEXT)


@st.composite
def boxes(draw: st.DrawFn, source: SourceRecord) -> Box:
    """A box of whole pixels inside the picture."""
    x = draw(st.integers(0, source.width - 1))
    y = draw(st.integers(0, source.height - 1))
    w = draw(st.integers(1, source.width - x))
    h = draw(st.integers(1, source.height - y))
    return Box.from_pixels(x, y, w, h, width=source.width, height=source.height)


@st.composite
def scans(draw: st.DrawFn, source: SourceRecord) -> Scan:
    if draw(st.booleans()):
        return DidNotLook(draw(TEXT), draw(st.sampled_from([3, 4, 6])))
    kinds = st.sampled_from(["face", "clinical", "doubt", "source", "place", "scalpel"])
    found = st.builds(
        Finding,
        kinds,
        SHARE,
        st.none() | boxes(source),
        st.none() | st.sampled_from(["ward"]),
        noted=st.booleans(),
        reason=st.none() | st.just("99% grey"),
    )
    return Looked(tuple(draw(st.lists(found, max_size=3))), draw(SHARE))


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    source = draw(SOURCES)
    names = draw(st.lists(st.sampled_from(["faces", "clinical", "x", "drawn"]), unique=True))
    models = st.none() | st.sampled_from(["0123456789ab", "spot"])
    exams: tuple[Examination, ...] = numbered(
        tuple(
            Examination(
                name, draw(st.none() | st.sampled_from(Flag)), draw(models), draw(scans(source))
            )
            for name in names
        )
    )
    second: bool = draw(st.booleans())
    if exams and second:  # the look at the finished picture, by the first detector
        again = replace(exams[0], scan=draw(scans(source)))
        exams = (*exams, *numbered((again,), prefix=SECOND))
    found = [finding for exam in exams for finding in exam.findings]
    needs = st.builds(
        HeldFor,
        st.sampled_from(Need),
        st.none() | (st.sampled_from(found) if found else st.none()),
        st.none() | st.sampled_from(["faces"]),
        st.lists(st.tuples(REF, st.sampled_from(Unfit)), max_size=2).map(tuple),
    )
    values: dict[str, Any] = {
        "outcome": draw(st.sampled_from(Outcome)),
        "path": draw(st.none() | NAME),
        "source": source,
        "metadata": draw(st.none() | METADATA),
        "examinations": exams,
        "held_for": tuple(draw(st.lists(needs, max_size=3))),
        "not_checked": tuple(draw(st.lists(st.sampled_from(["code", "face"]), unique=True))),
        "covered": tuple(draw(st.lists(boxes(source), max_size=2))),
        "credit": draw(st.none() | TEXT),
        "export": draw(st.none() | EXPORTS),
        "failure": draw(st.none() | FAILURES),
        "notes": tuple(draw(st.lists(TEXT, max_size=2))),
        "product": draw(TEXT),
        "policy": draw(SHA),
        "request": draw(SHA),
        "responsible": draw(st.none() | TEXT),
        "role": draw(st.none() | TEXT),
        "logo": draw(st.none() | SHA),
        "approved_by": draw(st.none() | TEXT),
        "head": draw(st.none() | SHA),
        "channel": draw(TEXT),
        "relied_on": tuple(draw(st.lists(REF, max_size=2))),
        "answered": tuple(draw(st.lists(ANSWERED, max_size=3))),
        "caption": draw(st.none() | TEXT),
        "caption_sha256": draw(st.none() | SHA),
        "last_look": draw(st.none() | LOOKS),
        "suggestions": tuple(draw(st.lists(SUGGESTIONS, max_size=2))),
    }
    # What an album or a group of exports needs is in memory only.
    memory = {"shot", "put_off", "ready"}
    assert set(values) == {field.name for field in fields(Receipt)} - {"schema"} - memory
    return Receipt(**values)


@given(receipts())
def test_a_receipt_comes_back_from_its_json(receipt: Receipt) -> None:
    written = json.loads(json.dumps(receipt.to_json(show_metadata=True)))
    back = Receipt.from_json(written)
    assert back == receipt
    assert back.to_json(show_metadata=True) == written
    assert back.exit_code == receipt.exit_code


@given(receipts())
def test_its_json_fits_the_schema(receipt: Receipt) -> None:
    outcome = receipt.outcome
    said = outcome in (Outcome.EXPORTED, Outcome.SKIPPED)
    fitting = replace(
        receipt,
        export=(receipt.export or EXPORT) if said else None,
        failure=(receipt.failure or FAILURE) if outcome is Outcome.FAILED else None,
        held_for=(receipt.held_for or (HeldFor(Need.LOOK),)) if outcome is Outcome.HELD else (),
    )
    assert problems(fitting.to_json(show_metadata=True)) == []


@given(receipts())
def test_without_names_it_says_all_but_who_answered(receipt: Receipt) -> None:
    told = receipt.to_json(names=False)
    nobody = tuple(replace(one, who=None) for one in receipt.answered)
    look = receipt.last_look and replace(receipt.last_look, by=None)
    assert told == replace(receipt, answered=nobody, last_look=look).to_json()


@pytest.mark.parametrize("unfit", Unfit)
def test_an_older_receipt_has_the_sentence_of_why_and_no_code(unfit: Unfit) -> None:
    held = Receipt(Outcome.HELD, held_for=(HeldFor(Need.LOOK, why=(("C-1", unfit),)),))
    written = held.to_json()
    (why,) = written["held_for"][0]["why"]
    assert why.pop("code") == unfit.value
    assert why["unfit"] == UNFIT[unfit]
    assert Receipt.from_json(written) == held


def test_a_receipt_of_before_what_answered_was_told() -> None:
    written = Receipt(Outcome.CLEAR).to_json()
    del written["answered"]
    assert Receipt.from_json(written) == Receipt(Outcome.CLEAR)


@given(receipts(), st.floats(0, 1), st.floats(0, 1))
def test_what_json_rounds_is_rounded_once(receipt: Receipt, score: float, side: float) -> None:
    found = Finding("face", score, Box(side / 2, side / 3, side / 4, side / 5), id="face-9")
    exam = Examination("other", None, None, Looked((found,), score))
    written = replace(receipt, examinations=(*receipt.examinations, exam)).to_json()
    assert Receipt.from_json(written).to_json() == written


def test_a_receipt_of_a_photo_that_was_never_read() -> None:
    failure = Failure.of(PolicyProblem("It is wrong."))
    receipt = Receipt(Outcome.FAILED, path="a.jpg", failure=failure, product="1")
    assert Receipt.from_json(receipt.to_json()) == receipt
    assert Receipt.from_json(receipt.to_json()).exit_code == 7


def test_fields_of_a_later_release_are_passed_over() -> None:
    written = {**Receipt(Outcome.CLEAR).to_json(), "later": {"anything": 1}}
    assert Receipt.from_json(written) == Receipt(Outcome.CLEAR)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"outcome": "perhaps"},
        {"source": {"sha256": "x"}},
        {"findings": [{"id": "face-1"}]},
        {"held_for": [{"finding": "face-1", "needs": "person-consent"}]},
        {"receipt": None},
        {"covered": 3},
    ],
)
def test_what_is_no_receipt_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputProblem):
        Receipt.from_json({**Receipt(Outcome.CLEAR).to_json(), **change})


@pytest.mark.parametrize("nothing", [{}, [], None, "text", 3])
def test_nothing_like_a_receipt_is_refused(nothing: Any) -> None:
    with pytest.raises(InputProblem):
        Receipt.from_json(nothing)
