"""Workers that stand ready, what a person is shown, and answers for what was seen."""

from __future__ import annotations

import io
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pictures import encoded, exif, scene
from PIL import Image

from imu_imageprep import Policy, api
from imu_imageprep.api import Desk
from imu_imageprep.batch.workers import Workers
from imu_imageprep.bench import Bench, Dropped, planned
from imu_imageprep.domain.errors import InputProblem, UsageProblem
from imu_imageprep.domain.forms import record_from
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.request import Request
from imu_imageprep.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).parents[2] / "samples"
PORTRAIT = (SAMPLES / "portrait.jpg").read_bytes()
CLINICAL = (SAMPLES / "clinical.jpg").read_bytes()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(1)
    yield made
    made.close()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session.open(Policy(), ledger=tmp_path / "ledger.db")


def test_what_is_handed_over_comes_back(bench: Bench, session: Session) -> None:
    done = bench.prepare(
        Dropped(encoded(scene(), exif=exif()), "a.jpg"), session, Request()
    ).result(120)
    assert done.receipt.outcome is Outcome.EXPORTED
    assert done.data is not None
    assert api.verify(done.data) == ()
    held = bench.prepare(Dropped(PORTRAIT, "b.jpg"), session, Request()).result(120)
    assert held.receipt.outcome is Outcome.HELD
    assert held.data is None


def test_what_cannot_be_read_is_a_failed_receipt_with_its_advice(
    bench: Bench, session: Session
) -> None:
    done = bench.prepare(Dropped(b"", "a.jpg"), session, Request()).result(120)
    assert done.receipt.failure is not None
    assert done.receipt.failure.advice == "Copy it again from where it came from."
    with pytest.raises(InputProblem) as caught:
        bench.picture(Dropped(b"", "a.jpg"), session.policy, 320).result(120)
    assert caught.value.advice == "Copy it again from where it came from."


def test_a_picture_of_another_file_than_was_checked_is_not_shown(
    bench: Bench, session: Session
) -> None:
    with pytest.raises(InputProblem, match="was changed"):
        bench.picture(Dropped(PORTRAIT, "a.jpg"), session.policy, 320, "00" * 32).result(120)


def test_a_planned_photo_goes_where_the_command_line_puts_it(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(encoded(scene()))
    (task,) = planned(folder, Session.open(Policy()))
    done = bench.prepare(task, session, Request()).result(120)
    assert done.receipt.export is not None
    assert done.receipt.export.path == str(tmp_path / "in-web" / "a.jpg")
    assert done.data is None


def slow(path: str) -> None:
    """In a worker: waits for a reader that never comes."""
    Path(path).write_text("x")


def died() -> None:
    """In a worker: what a decoder's crash is."""
    os.kill(os.getpid(), signal.SIGSEGV)


def unsaid() -> object:
    """In a worker: an answer that cannot be sent."""
    return lambda: None


def test_a_worker_that_dies_or_hangs_is_replaced(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    workers = Workers(1)
    try:
        with pytest.raises(InputProblem, match="crashed"):
            workers.submit(died, seconds=60).result(120)
        with pytest.raises(InputProblem, match="too long"):
            workers.submit(slow, str(fifo), seconds=-59.5).result(120)
        with pytest.raises(RuntimeError, match="cannot be sent"):
            workers.submit(unsaid, seconds=60).result(120)
        assert workers.submit(os.getpid, seconds=60).result(120) != os.getpid()
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0, seconds=60).result(120)
    finally:
        workers.close()


def test_a_preview_is_the_export_and_leaves_no_trace(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    told: dict[str, Any] = {"policy": Policy(), "redact": ["face-1"], "credit": "Photo: A. Maker"}
    shown = api.preview(PORTRAIT, ledger=ledger, **told)
    assert shown.receipt.held_for == ()
    assert not ledger.exists()
    out = io.BytesIO()
    receipt = api.prepare(PORTRAIT, ledger=ledger, out=out, **told)
    assert receipt.export is not None
    assert shown.size == (receipt.export.width, receipt.export.height)
    one, other = (np.asarray(Image.open(io.BytesIO(data))) for data in (shown.data, out.getvalue()))
    assert np.array_equal(one, other)


def test_a_preview_of_a_held_photo_says_what_holds_it(tmp_path: Path) -> None:
    shown = api.preview(PORTRAIT, policy=Policy(), ledger=tmp_path / "ledger.db")
    assert [need.needs for need in shown.receipt.held_for] == [Need.PERSON_CONSENT]


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_picture_for_showing_is_upright_and_holds_nothing_else(orientation: int) -> None:
    data = encoded(scene(640, 400), exif=exif(orientation))
    shown = api.picture(data, policy=Policy(), side=320)
    assert api.verify(shown) == ()
    size = Image.open(io.BytesIO(shown)).size
    assert size == ((320, 200) if orientation == 1 else (200, 320))


# --- answers for what was seen --------------------------------------------------------------------

STAFF = {
    "kind": "staff",
    "subject": "staff-01",
    "giver": "A. Person",
    "capacity": "yes",
    "minor": "no",
    "form": "oral",
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "signed": "2026-01-05",
    "recorded_by": "Tan",
}
PLACE = {
    "kind": "place",
    "place": "Ward",
    "authority": "its head",
    "giver": "B. Person",
    "first": "2020-01-01",
    "last": "2020-01-31",
    "signed": "2026-01-05",
    "recorded_by": "Tan",
}


def test_an_answer_for_a_receipt_is_the_answer_for_the_photo(tmp_path: Path) -> None:
    told = {"policy": Policy(), "ledger": tmp_path / "ledger.db"}
    desk = Desk.at(told["ledger"])  # type: ignore[arg-type]
    ref = desk.add(record_from(STAFF)).ref
    receipt = api.prepare(PORTRAIT, dry_run=True, **told)  # type: ignore[arg-type]
    desk.answer(receipt, [ref], findings=["face-1"], by="Tan")
    after = api.prepare(PORTRAIT, dry_run=True, **told)  # type: ignore[arg-type]
    assert after.outcome is Outcome.CLEAR
    assert ref in after.relied_on
    with pytest.raises(UsageProblem):
        desk.dismiss(
            receipt, finding="face-2", need=Need.PERSON_CONSENT, reason=Reason.NO_FACE, by="Tan"
        )


def test_a_photo_that_could_not_be_read_has_no_answers(bench: Bench, session: Session) -> None:
    failed = bench.prepare(Dropped(b"no picture", "a.jpg"), session, Request()).result(120).receipt
    with pytest.raises(UsageProblem, match="nothing was seen"):
        Desk.at(session.ledger.place).draw(failed, (1, 1, 9, 9), kind="face", by="Tan")


def test_offers_say_which_records_would_answer_and_what_they_ask(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    desk = Desk.at(ledger)
    fits = desk.add(record_from(STAFF)).ref
    elsewhere = desk.add(record_from({**STAFF, "channels": ["instagram"]})).ref
    place = desk.add(record_from(PLACE)).ref
    gone = desk.add(record_from({**STAFF, "subject": "gone"})).ref
    desk.withdraw(gone, reason="", by="Tan")
    face = api.prepare(PORTRAIT, policy=Policy(), dry_run=True, ledger=ledger)
    told = api.offers(face, "face-1", Need.PERSON_CONSENT, policy=Policy(), ledger=ledger)
    assert [(one.listed.ref, [str(why) for why in one.why]) for one in told] == [
        (fits, []),
        (elsewhere, ["channel"]),
    ]
    ward = api.prepare(CLINICAL, policy=Policy(), dry_run=True, ledger=ledger)
    assert (
        api.offers(ward, "clinical-1", Need.PATIENT_CONSENT, policy=Policy(), ledger=ledger) == ()
    )
    (one,) = api.offers(ward, "clinical-1", Need.PLACE_PERMISSION, policy=Policy(), ledger=ledger)
    captured = ward.metadata.captured if ward.metadata else None
    assert captured is not None
    assert captured > date(2020, 1, 31)
    assert one.listed.ref == place
    assert one.why
    assert one.asks == ()


def test_references_for_forms_are_of_the_kind_that_will_be_entered(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path / "ledger.db")
    letters = [desk.new_reference(kind)[0] for kind in ("patient", "staff", "event", "place")]
    assert letters == ["C", "C", "E", "P"]
