"""A receipt as a page to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.batch.report import card as cards
from imu_imageprep.desk import Desk
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, UsageProblem

if TYPE_CHECKING:
    from imu_imageprep.handed import AnyPath

_BEGINNING = 1000  # bytes in which a card says that it is one


def card(file: AnyPath | bytes, to: AnyPath, *, ledger: AnyPath | None = None) -> None:
    """Write the newest receipt of a file as a page without names: why it may be posted.

    Args:
        file: the export or the original, or its bytes.
        to: where the page goes; an earlier card there is replaced, nothing else.
        ledger: file of the ledger; by default the user's own.

    Raises:
        UsageProblem: the ledger has no receipt of this file.
        OutputProblem: the page could not be written, or another file is there.
    """
    desk, path = Desk.at(ledger), Path(to)
    receipts = desk.receipts(file)
    if not receipts:
        raise UsageProblem(
            "The ledger has no receipt of this file.",
            "Name the export or the original, unchanged; --ledger names another ledger.",
        )
    newest = receipts[0]
    entries = {ref: one for ref in newest.relied_on if (one := desk.ledger.record(ref))}
    others = len({one.export.sha256 for one in receipts} - {newest.export.sha256})
    today = desk.ledger.clock.now().astimezone().date()
    page = cards.card(newest, entries, others=others, today=today)
    try:
        earlier = path.is_file() and cards.MARK in path.read_bytes()[:_BEGINNING]
        atomic.write(path, page.encode(), replace=earlier)
    except FileExistsError:
        raise AlreadyThere(
            f"A file named {path.name} is already there, and is no card of imageprep.",
            "Choose another name for the card.",
        ) from None
    except OSError as problem:
        reason = (problem.strerror or "it could not be written").lower()
        raise OutputProblem(
            f"The card could not be written ({reason}).", "Choose another folder."
        ) from problem
