"""One export's receipt as a page to hand on: why the picture may be posted, and nobody's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep import atomic
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain import words
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem
from imu_imageprep.domain.grounds import fallen, grounds
from imu_imageprep.report import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from imu_imageprep.domain.grounds import Ground
    from imu_imageprep.domain.trail import Listed, StoredReceipt
    from imu_imageprep.ports import Clock, Ledger

# By this, near its beginning, a card is known that may be written anew.
_MARK = b'<meta name="generator" content="imageprep card">'
_BEGINNING = 1000  # bytes

_KIND = {
    "clinical": ("scene that looks clinical", "scenes that look clinical"),
    "doubt": ("scene that may be clinical", "scenes that may be clinical"),
    "place": ("listed place", "listed places"),
    "person": words.PERSON,
}


def write_card(
    path: Path, receipts: Sequence[StoredReceipt], ledger: Ledger, clock: Clock | None = None
) -> None:
    """Write the newest receipt of a file as a page without names; it prints on one sheet of A4.

    Args:
        path: where the page goes; an earlier card there is replaced, nothing else.
        receipts: of one file, newest first, at least one.
        ledger: knows what became of the records that it relied on.
        clock: tells whether a consent has ended since; by default the system's.

    Raises:
        OutputProblem: the page could not be written, or another file is there.
    """
    page = card_of(receipts, ledger, clock)
    try:
        earlier = path.is_file() and _MARK in path.read_bytes()[:_BEGINNING]
        atomic.write(path, page.encode(), replace=earlier)
    except FileExistsError:
        raise AlreadyThere(
            f"A file named {path.name} is already there, and is not a card of imageprep.",
            "Choose another name for the card.",
        ) from None
    except OSError as problem:
        raise OutputProblem(
            f"The card could not be written ({atomic.reason(problem)}).", "Choose another folder."
        ) from problem


def card_of(
    receipts: Sequence[StoredReceipt],
    ledger: Ledger,
    clock: Clock | None = None,
    language: str = templates.ENGLISH,
) -> str:
    """The newest receipt of a file as a page, in a language; as of :func:`write_card`."""
    newest = receipts[0]
    entries = {ref: one for ref in newest.relied_on if (one := ledger.record(ref))}
    others = len({one.export.sha256 for one in receipts} - {newest.export.sha256})
    today = (clock or SystemClock()).now().astimezone().date()
    return card(newest, entries, others, today, language)


def card(
    receipt: StoredReceipt,
    entries: Mapping[str, Listed],
    others: int,
    today: date,
    language: str = templates.ENGLISH,
) -> str:
    """The page as HTML.

    Args:
        receipt: of one export.
        entries: what has the references that it relied on.
        others: how many other exports of the same file the ledger has.
        today: tells whether a consent has ended since.
        language: of its words.
    """
    body, say = receipt.body, templates.said_in(language)
    page = templates.page(
        "card.html",
        language,
        receipt=receipt,
        others=others,
        today=today,
        fallen=fallen(entries, today),
        off=[say(words.CHECK.get(name, name)) for name in body["not_checked"]],
        hidden=[
            say(words.CATEGORY[name]) for name, there in (body["metadata"] or {}).items() if there
        ],
        grounds=[
            (_what(one, language), say(words.NEED[one.need]), _answer(one, say), one.refs)
            for one in grounds(body, entries)
        ],
    )
    return "".join(page)


def _what(one: Ground, language: str) -> str:
    say = templates.said_in(language)
    if one.kind == "face":
        return words.counted(one.count, "face", say=say)
    if one.kind == "source":
        return say("someone else's picture")
    name, many = _KIND.get(one.kind, (one.kind.replace("_", " "), None))
    what = words.counted(one.count, name, many, say)
    # Of a doubt the label says no more than its kind.
    if not one.label or one.kind == "doubt":
        return what
    return f"{what} ({say(one.label.replace('_', ' '))})"


# The parts of an answer: "2 consents (staff, student)", "a false alarm, ...: own work".
_PARTS = re.compile(r"(: |\d+ | \(|, (?=\w+[,)])|\))")


def _answer(one: Ground, say: Callable[[str], str]) -> str:
    whole = say(one.answer)
    if whole != one.answer:
        return whole
    return "".join(say(part) for part in _PARTS.split(one.answer))
