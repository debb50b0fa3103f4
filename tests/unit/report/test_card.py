"""The page that says why a picture may be posted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep import api
from imu_imageprep.domain.answers import Answered, Binding, By, Dismissal, Withdrawal
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import AlreadyThere
from imu_imageprep.domain.finding import Examination, Finding, Flag, Looked, numbered
from imu_imageprep.domain.metadata import Category, Metadata
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.receipt import Receipt
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.report.card import write_card

ORIGINAL = b"the bytes of the export"
SHA = api.fingerprint(ORIGINAL)
CLERK, AT = "A Clerk", "2026-03-04T05:06:07.000+00:00"
PLACES = tuple(Box(0.05 + 0.09 * number, 0.1, 0.05, 0.08) for number in range(9))


class Page(HTMLParser):
    """What a page says, and which tags and addresses it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.said = ""
        self._aside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._aside = tag == "style"
        self.addresses += [str(v) for k, v in attrs if k in ("href", "src", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.said = " ".join(f"{self.said} {data}".split())

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._aside = False


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.db", FixedClock())


def exported(ledger: SqliteLedger, *relied_on: str, **changes: object) -> Receipt:
    receipt = replace(office.receipt(*relied_on, export=SHA), **changes)  # type: ignore[arg-type]
    ledger.finish(ledger.begin(receipt))
    return receipt


def card(ledger: SqliteLedger, tmp_path: Path) -> Page:
    page = tmp_path / "card.html"
    write_card(page, ledger.receipts(SHA), ledger)
    return Page(re.sub(r"\s+", " ", page.read_text("utf-8")))


def consented(ledger: SqliteLedger) -> tuple[str, ...]:
    """A consent with its answer, and a dismissal; their references."""
    ref = ledger.new_reference("C")
    entries = ledger.add(
        replace(office.PATIENT, ref=ref, expires=None),
        office.bound(ref),
        office.NO_PATIENT,
        Dismissal(office.WARD, Need.PLACE_PERMISSION, Reason.NO_CLINICAL_PLACE, "Needle Clerk"),
    )
    return tuple(entry.ref for entry in entries)


def test_it_says_what_was_found_and_what_answered_and_names_nobody(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    refs = consented(ledger)
    consent, answer, *ruled_out = refs
    needs = (Need.PATIENT_CONSENT, Need.PLACE_PERMISSION)
    reasons = (Reason.NO_PATIENT.value, Reason.NO_CLINICAL_PLACE.value)
    answered = (
        Answered("face-1", Need.PERSON_CONSENT, By.RECORD, consent, CLERK, None, AT, answer),
        *(
            Answered("clinical-1", need, By.DISMISSAL, ref, CLERK, reason, AT, ref)
            for need, reason, ref in zip(needs, reasons, ruled_out, strict=True)
        ),
    )
    hidden = Metadata(frozenset({Category.GPS}))
    exported(ledger, *refs, metadata=hidden, answered=answered)
    ledger.post(SHA, "https://example.org/post/1")
    page = card(ledger, tmp_path)
    for said in (
        *("1 face", "consent on record (patient)", "1 scene that looks clinical (ward)"),
        *("no patient shown", "not a clinical place", "location", *refs),
        *(
            "every consent and answer that it used still counted",
            "https://example.org/post/1",
            SHA,
            "p" * 64,
        ),
        *("for web", "for a personal page", "faces m", ledger.receipts(SHA)[0].head),
    ):
        assert said in page.said, said
    whole = (tmp_path / "card.html").read_text("utf-8")
    for needle in (*office.NEEDLES, "needle file name", "A Clerk", "/web/"):
        assert needle not in whole


def test_it_loads_nothing_and_runs_nothing(ledger: SqliteLedger, tmp_path: Path) -> None:
    exported(ledger)
    page = card(ledger, tmp_path)
    assert page.addresses == []
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert {"h1", "h2", "main", "th"} <= set(page.tags)
    whole = (tmp_path / "card.html").read_text("utf-8")
    assert "default-src 'none'" in whole.replace("&#x27;", "'")
    assert "url(" not in whole


@pytest.mark.parametrize("how", ["withdrawn", "erased", "ended"])
def test_it_says_that_a_consent_fell(ledger: SqliteLedger, tmp_path: Path, how: str) -> None:
    ends = date(2020, 2, 1) if how == "ended" else None
    (entry,) = ledger.add(replace(office.PATIENT, signed=date(2020, 1, 1), expires=ends))
    exported(ledger, entry.ref)
    if how == "withdrawn":
        ledger.withdraw(Withdrawal(entry.ref, "", "A Clerk"))
    elif how == "erased":
        ledger.erase(entry.ref)
    page = card(ledger, tmp_path)
    assert "This picture must not be posted" in page.said
    assert f"{entry.ref} {'has' if how == 'ended' else 'was'} {how}" in page.said
    assert "nobody can take back a copy" in page.said


def test_alike_answers_are_told_together(ledger: SqliteLedger, tmp_path: Path) -> None:
    faces = tuple(Finding("face", 0.9, box) for box in PLACES)
    examined = numbered((Examination("faces", Flag.FACE, "m", Looked(faces, 0.9)),))
    refs = []
    answered = [Answered(f"face-{n}", Need.PERSON_CONSENT, By.COVERING) for n in range(5, 10)]
    for number, box in enumerate(PLACES[:4]):
        (record,) = ledger.add(replace(office.PATIENT, subject=f"P-{number}"))
        seen = replace(office.FACE, box=box)
        (answer,) = ledger.add(
            Binding(seen, Need.PERSON_CONSENT, (record.ref,), by="A Clerk"),
        )
        refs += [record.ref, answer.ref]
        face = f"face-{number + 1}"
        answered.append(
            Answered(
                *(face, Need.PERSON_CONSENT, By.RECORD, record.ref),
                *(CLERK, None, AT, answer.ref),
            )
        )
    exported(
        ledger,
        *refs,
        examinations=examined,
        covered=tuple(box.grown() for box in PLACES[4:]),
        credit="Photo: Needle Maker",
        answered=tuple(answered),
    )
    page = card(ledger, tmp_path)
    assert "4 faces" in page.said
    assert "5 faces" in page.said
    assert "covered, which cannot be undone" in page.said
    assert "and 4 more" in page.said
    assert "Needle Maker" not in page.said


def test_an_older_receipt_does_not_tell_what_answered(ledger: SqliteLedger, tmp_path: Path) -> None:
    refs = consented(ledger)
    exported(ledger, *refs)
    page = card(ledger, tmp_path)
    assert "the receipt does not say" in page.said
    assert all(ref in page.said for ref in refs)


def test_what_is_not_checked_is_said(ledger: SqliteLedger, tmp_path: Path) -> None:
    exported(ledger, not_checked=("clinical", "code"))
    page = card(ledger, tmp_path)
    assert "NOT CHECKED, by policy: clinical scenes and barcodes and QR codes." in page.said
    assert "only noted" in page.said


def test_whatever_is_told_is_only_text(ledger: SqliteLedger, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>&\"'\x1b\u202e"
    odd = Finding(evil, 0.9, PLACES[0], evil)
    examined = numbered((Examination(evil, None, evil, Looked((odd,), 0.9)),))
    exported(ledger, channel=evil, examinations=examined, not_checked=(evil,))
    page = card(ledger, tmp_path)
    whole = (tmp_path / "card.html").read_text("utf-8")
    assert "script" not in page.tags
    assert not {"\x1b", "\u202e"} & set(whole)
    assert page.said.count("<script>alert(1)</script>&\"'\\x1b\\u202e") >= 4
    assert "&amp;lt;" not in whole  # not twice


def test_only_an_earlier_card_is_replaced(ledger: SqliteLedger, tmp_path: Path) -> None:
    exported(ledger)
    card(ledger, tmp_path)
    card(ledger, tmp_path)
    (tmp_path / "card.html").write_text("mine", "utf-8")
    with pytest.raises(AlreadyThere):
        card(ledger, tmp_path)
    assert (tmp_path / "card.html").read_text("utf-8") == "mine"


def test_a_doubt_is_told_with_what_a_person_said(ledger: SqliteLedger, tmp_path: Path) -> None:
    nothing = Dismissal(office.DOUBT, Need.LOOK, Reason.NOTHING_CLINICAL, CLERK)
    (said,) = ledger.add(nothing)
    doubt = numbered(
        (
            Examination(
                *("clinical", Flag.CLINICAL, "m"),
                Looked((Finding("doubt", 0.4, None, "clinical"),), 0.4),
            ),
        )
    )
    answered = Answered(
        *("doubt-1", Need.LOOK, By.DISMISSAL, said.ref, CLERK),
        *(Reason.NOTHING_CLINICAL.value, AT, said.ref),
    )
    exported(ledger, said.ref, examinations=doubt, answered=(answered,))
    page = card(ledger, tmp_path)
    assert "1 scene that may be clinical" in page.said
    assert "a false alarm, said by a named person: nothing clinical" in page.said
    assert CLERK not in page.said


def test_people_without_a_face_are_told_as_everywhere(ledger: SqliteLedger, tmp_path: Path) -> None:
    box = Box(0.1, 0.1, 0.2, 0.5)
    people = tuple(Finding("person", 0.9, box, None, f"person-{n}") for n in (1, 2))
    answered = tuple(Answered(one.id, Need.LOOK, By.COVERING) for one in people)
    seen = Examination("faces", Flag.FACE, "1", Looked(people, 0.9))
    exported(ledger, examinations=(seen,), answered=answered)
    assert "2 people from behind or in part" in card(ledger, tmp_path).said
