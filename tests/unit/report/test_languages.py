"""Card and report in the languages of the page: every word that they can say is there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep import api, assets
from imu_imageprep.detectors import codes
from imu_imageprep.domain import grounds, words
from imu_imageprep.domain.answers import Answered, By
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor
from imu_imageprep.domain.consent import Kind
from imu_imageprep.domain.doubting import BESIDE, READ
from imu_imageprep.domain.finding import DidNotLook, Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.metadata import (
    MADE_BEFORE,
    NO_CAMERA_DATA,
    POSITION_NOT_READ,
    WHO_TOOK_IT,
    Category,
    CreditField,
    Metadata,
)
from imu_imageprep.domain.needs import KINDS, Need, Reason, needs_of
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt, SourceRecord
from imu_imageprep.domain.trail import State
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.report import card as cards
from imu_imageprep.report import listing

REPORT = assets.root() / "report"
MALAY = tomllib.loads((REPORT / "ms.toml").read_text("utf-8"))
SHA = api.fingerprint(b"the bytes of the export")
HEAD = np.load(assets.root() / "models" / "clinical_head.npz")
FILLED = re.compile(r"%\((\w+)\)s")


def asked(name: str) -> set[str]:
    """What a template asks for in the language of its reader."""
    template = (REPORT / name).read_text("utf-8")
    sentences = re.findall(r'(?:entry[.]\w+ or |counted\()"([^"]*)"', template)
    return {*re.findall(r'_\("((?:[^"\\]|\\.)*)"', template), *sentences}


@pytest.mark.parametrize("name", ["card.html", "page.html"])
def test_every_word_of_the_template_is_there(name: str) -> None:
    assert len(asked(name)) > 30
    assert asked(name) <= MALAY.keys()


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
    for text in asked("card.html"):
        plain = FILLED.split(text)[0].strip()
        if len(plain) > 8 and MALAY[text] != text:
            assert plain not in shown, text
    assert date(2026, 3, 4).isoformat() in malay


def waits(*examinations: Examination, scan: str | None = None) -> Receipt:
    """The receipt of a photo that waits for all that was found in it."""
    seen = numbered(examinations)
    found = [f for exam in seen for f in exam.findings if not f.noted]
    open_needs = [
        HeldFor(need, finding, why=tuple(("C-1", unfit) for unfit in Unfit))
        for finding in found
        for need in needs_of(finding.kind)
    ]
    look = [HeldFor(Need.LOOK, None, scan)] if scan else []
    return Receipt(
        Outcome.HELD,
        path=None,
        source=SourceRecord(SHA, Format.JPEG, 400, 300, 1000),
        metadata=Metadata(present=frozenset(Category)),
        examinations=seen,
        held_for=(*open_needs, *look),
        notes=(WHO_TOOK_IT, MADE_BEFORE),
    )


def everything() -> Receipt:
    """Every kind of finding, each label of it."""
    labels = {
        "clinical": tuple(map(str, HEAD["kinds"])),
        "text": tuple(words.TEXT),
        "code": codes.LABELS,
        "source": (", ".join(field.value for field in CreditField), NO_CAMERA_DATA),
    }
    box = Box(0.1, 0.1, 0.1, 0.1)
    findings = [
        Finding(kind, 0.9, box, label, noted=noted)
        for kind in KINDS
        if kind != "place"
        for label in labels.get(kind, (None,))
        for noted in ((False, True) if kind in ("face", "person", "text") else (False,))
    ]
    doubt = Finding("doubt", 0.2, None, reason=f"{READ} and {BESIDE}")
    place = Finding("place", 1.0, None, "Eye and face clinic", reason=POSITION_NOT_READ)
    return waits(
        Examination("faces", None, "m", Looked((*findings, doubt, place), 0.9)),
        Examination("text", Flag.TEXT, "m", DidNotLook("The model file is damaged.")),
        scan="text",
    )


def test_every_word_about_a_photo_is_there() -> None:
    """Whatever is found in it, needed and left unanswered."""
    said: set[str] = set()

    def say(text: str) -> str:
        said.add(text)
        return text

    receipt = everything()
    asked_to_wait = replace(waits(), held_for=(HeldFor(Need.LOOK, None),))
    for one in (receipt, asked_to_wait):
        for sentences in (grounds.why(one, say), grounds.needs(one, say)):
            list(sentences)
        grounds.hidden(one, say)
    assert {"a scene that looks clinical", "and", "location", "is not on record"} <= said
    assert {text for text in said if text} <= {*MALAY}


def test_the_report_of_a_list_is_in_the_language_of_the_page() -> None:
    """What somebody named is said as it was named."""
    rows = [
        listing.Row("photo.jpg", everything(), lambda: b""),
        listing.Row("gone.jpg", waits(), lambda: b"", gone=True),
        listing.Row("ready.jpg", replace(waits(), outcome=Outcome.CLEAR), lambda: b""),
    ]
    out = replace(everything(), outcome=Outcome.EXPORTED, held_for=(), covered=(Box(0, 0, 1, 1),))
    export = ExportRecord("out.jpg", SHA, Format.JPEG, 40, 30, 72, 1000)
    rows += [
        listing.Row("out.jpg", replace(out, export=export), lambda: b""),
        listing.Row("again.jpg", replace(out, outcome=Outcome.SKIPPED), lambda: b""),
    ]
    english = listing.html(rows, FixedClock(), "Dr Ong")
    malay = listing.html(rows, FixedClock(), "Dr Ong", "ms")
    assert '<html lang="ms">' in malay
    shown = re.sub(r"<(style|script|meta)[^>]*>.*?</\\1>|<[^>]*>", " ", malay, flags=re.DOTALL)
    for text in ("Laporan foto", "Mengapa ia menunggu", "memerlukan", "Eye and face clinic"):
        assert text in shown
    assert "the consent of each person shown, or covering" in english
    for english_words, malay_words in MALAY.items():
        plain = FILLED.split(english_words)[0].strip()
        if len(plain) > 12 and malay_words != english_words:
            assert plain not in shown, english_words


def test_the_english_report_says_what_it_said() -> None:
    page = listing.html([listing.Row("photo.jpg", everything(), lambda: b"")], FixedClock())
    for text in (
        "Photo report",
        "1 face, ",
        "scene that looks clinical (",
        "waiting for you",
    ):
        assert text in page
