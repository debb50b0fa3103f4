"""What lines that are read in a picture are told as; drop in another line and it is run."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from imu_imageprep import assets
from imu_imageprep.domain.readable.clinical import clinical_words
from imu_imageprep.domain.readable.judging import NOTED, Category, Found, judge
from imu_imageprep.domain.readable.lines import Bounds, Line, around
from imu_imageprep.domain.readable.names import Names

CASES = tomllib.loads(Path(__file__).with_name("readable.toml").read_text("utf-8"))
NAMES = Names.from_text(assets.load("text_names").decode())
HEIGHT = 20.0


def read(*texts: str, sure: float = 0.95) -> list[Line]:
    """Lines one below the other, as long as their texts."""
    out = []
    for row, text in enumerate(texts):
        length, top = max(len(text), 1) * 12.0, 100 + row * 30.0
        bounds = Bounds(100, top, 100 + length, top + HEIGHT)
        out.append(Line(text, sure, HEIGHT, bounds, max(length, HEIGHT), min(length, HEIGHT)))
    return out


def told(*texts: str) -> tuple[Found, ...]:
    return tuple(f for f in judge(read(*texts), NAMES) if f.category is not Category.SMALL_TEXT)


@pytest.mark.parametrize(
    ("wanted", "texts"), [(case["as"], texts) for case in CASES["held"] for texts in case["lines"]]
)
def test_it_holds(wanted: str, texts: list[str]) -> None:
    held = {found.category.value for found in told(*texts) if found.category not in NOTED}
    assert held == {wanted}


@pytest.mark.parametrize(
    ("wanted", "texts"), [(case["as"], texts) for case in CASES["noted"] for texts in case["lines"]]
)
def test_it_is_noted(wanted: str, texts: list[str]) -> None:
    found = told(*texts)
    assert {one.category.value for one in found} == {wanted}
    assert {one.category for one in found} <= NOTED


@pytest.mark.parametrize("texts", [texts for case in CASES["nothing"] for texts in case["lines"]])
def test_it_is_of_nobody(texts: list[str]) -> None:
    assert told(*texts) == ()


def test_what_cannot_be_read_on_a_page_is_part_of_it() -> None:
    form, number, blurred, far = read("Patient Name: x", "MRN 123456", "?", "?")
    unread = replace(blurred, text="", sure=0.0)
    away = replace(far, text="", sure=0.0, bounds=Bounds(100, 900, 400, 920))
    (page,) = judge([form, number, unread, away], NAMES)
    assert page.category is Category.RECORD
    assert page.bounds == around([form, number, unread])


def test_what_cannot_be_read_leads_no_further() -> None:
    (name,) = read("Nurul Izzati")
    beside = replace(name, text="", sure=0.0, bounds=Bounds(100, 130, 400, 150))
    (alone,) = judge([name, beside], NAMES)
    assert alone.bounds == name.bounds


@pytest.mark.parametrize("text", CASES["clinical"]["words"])
def test_it_is_a_word_of_clinical_places(text: str) -> None:
    assert clinical_words(text)


@pytest.mark.parametrize("text", CASES["clinical"]["other"])
def test_it_is_no_word_of_clinical_places(text: str) -> None:
    assert not clinical_words(text)


def test_every_category_has_a_case() -> None:
    cases = {case["as"] for part in ("held", "noted") for case in CASES[part]}
    assert cases == set(Category) - {Category.SMALL_TEXT}


def test_what_is_not_sure_is_not_told() -> None:
    assert judge(read("880131-18-5566", sure=0.59), NAMES) == ()
    assert [f.category for f in judge(read("WXY 1234", sure=0.55), NAMES)] == [Category.PLATE]


def test_two_findings_on_a_page_are_one_place_with_all_of_it() -> None:
    lines = read("Nurul Izzati", "No. 7, Jalan Yusof", "50000 Selangor", "Tel: 012-345 6789")
    (page,) = (f for f in judge(lines, NAMES) if f.category not in NOTED)
    assert page.category is Category.RECORD
    assert page.bounds.top == lines[0].bounds.top
    assert page.bounds.bottom == lines[-1].bounds.bottom


@pytest.mark.parametrize("phrase", ["03-8656 7228", "tel 0386567228", "0386567228"])
def test_an_offices_own_number_is_of_nobody(phrase: str) -> None:
    lines = read("Tel: 03-8656 7228")
    assert {f.category for f in judge(lines, NAMES)} >= {Category.PHONE}
    allowed = judge(lines, NAMES, (phrase,))
    assert not [f for f in allowed if f.category not in NOTED]
    # What is beside it counts as before.
    (other,) = judge(read("Tel: 03-8656 7228 / 012-345 6789"), NAMES, (phrase,))
    assert other.category is Category.PHONE


def test_no_repr_has_a_text() -> None:
    (line,) = read("Needlina binti Needle")
    assert "Needle" not in repr(line)
    assert "Needle" not in repr(judge([line], NAMES))
