"""The card in the languages of the page: every word that it can say is there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep import api, assets
from imu_imageprep.domain import words
from imu_imageprep.domain.answers import Answered, By
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.consent import Kind
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.needs import KINDS, Need, Reason
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.report import card as cards

REPORT = assets.root() / "report"
MALAY = tomllib.loads((REPORT / "ms.toml").read_text("utf-8"))
SHA = api.fingerprint(b"the bytes of the export")
FILLED = re.compile(r"%\((\w+)\)s")


def asked() -> set[str]:
    """What the card's template asks for in the language of its reader."""
    template = (REPORT / "card.html").read_text("utf-8")
    return set(re.findall(r'_\("((?:[^"\\]|\\.)*)"', template))


def test_every_word_of_the_template_is_there() -> None:
    assert len(asked()) > 30
    assert asked() <= MALAY.keys()


def test_every_word_of_the_program_is_there() -> None:
    told = {*words.CHECK.values(), *words.CATEGORY.values(), *words.NEED.values(), *words.TEXT}
    told |= {reason.value for reason in Reason} | {kind.value for kind in Kind}
    told |= {f"was {state.value}" for state in State if state is not State.IN_FORCE}
    names = {"clinical": "scene that looks clinical", "doubt": "scene that may be clinical"}
    names |= {"place": "listed place", "person": words.PERSON[0], "source": "a credit line"}
    told |= {names.get(kind, kind) for kind in KINDS}
    assert told <= MALAY.keys()


@pytest.mark.parametrize(("english", "malay"), MALAY.items())
def test_the_same_is_filled_in(english: str, malay: str) -> None:
    assert sorted(FILLED.findall(malay)) == sorted(FILLED.findall(english))


def test_a_card_in_malay_says_what_the_english_one_says(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", FixedClock())
    sheet, one = ledger.add(office.EVENT, office.PATIENT)
    found = numbered(
        (
            Examination(
                "faces",
                Flag.FACE,
                "m1",
                Looked((Finding("face", 0.9, Box(0.1, 0.1, 0.1, 0.1)),), 0.9),
            ),
            Examination("clinical", Flag.CLINICAL, "m2", Looked((Finding("clinical", 0.9),), 0.9)),
            Examination("credit", Flag.SOURCE, "m3", Looked((Finding("source", 1.0),), 1.0)),
        )
    )
    answered = (
        Answered("face-1", Need.PERSON_CONSENT, By.RECORD, sheet.ref),
        Answered("clinical-1", Need.PATIENT_CONSENT, By.RECORD, one.ref),
        Answered("clinical-1", Need.PLACE_PERMISSION, By.DISMISSAL, reason="picture or statue"),
        Answered("source-1", Need.CREDIT, By.CREDIT),
    )
    receipt = replace(
        office.receipt(sheet.ref, one.ref, export=SHA), examinations=found, answered=answered
    )
    ledger.finish(ledger.begin(receipt))
    stored = ledger.receipts(SHA)
    english = cards.card_of(stored, ledger, FixedClock())
    malay = cards.card_of(stored, ledger, FixedClock(), "ms")
    assert '<html lang="en">' in english
    assert '<html lang="ms">' in malay
    for text in (
        "1 wajah",
        "helaian acara yang ditandatangani",
        "persetujuan dalam rekod (pesakit)",
    ):
        assert text in malay
    assert "amaran palsu, kata seseorang yang dinamakan: gambar atau patung" in malay
    shown = re.sub(r"<(style|code|meta)[^>]*>.*?</\1>|<[^>]*>", " ", malay, flags=re.DOTALL)
    for text in asked():
        plain = FILLED.split(text)[0].strip()
        if len(plain) > 8 and MALAY[text] != text:
            assert plain not in shown, text
    assert date(2026, 3, 4).isoformat() in malay
