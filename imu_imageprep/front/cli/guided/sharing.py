"""Turns of a conversation, the steps taken in it, and answers that several photos share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain import words
from imu_imageprep.front.cli.guided.rows import rows_of, still_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.guided.office import Office
    from imu_imageprep.front.cli.guided.rows import Row
    from imu_imageprep.front.cli.terminal import Terminal
    from imu_imageprep.request import Request


@dataclass(slots=True, eq=False)
class Turn:
    """One photo's part of the conversation.

    Attributes:
        receipt: of the last look at it.
        request: what its export is asked for with.
        rows: what was open when it was first told; the numbers stay.
        done: the receipt it ended with; None while it waits.
    """

    receipt: Receipt
    request: Request
    rows: tuple[Row, ...] = ()
    done: Receipt | None = None

    @property
    def name(self) -> str:
        """What the photo is called in sentences."""
        return words.printable(self.receipt.path or "the photo")


@dataclass(frozen=True, slots=True)
class Part:
    """What a step did to one photo: the answers in the ledger, and how it was before.

    Attributes:
        turn: the photo's.
        before: the request before it.
        refs: the answers.
        receipt: what was found before it, where it changed that.
    """

    turn: Turn
    before: Request
    refs: tuple[str, ...] = ()
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One answer, to one photo or to several; it is undone as a whole."""

    parts: tuple[Part, ...]

    def about(self, turn: Turn) -> bool:
        """Whether it answered something of this photo."""
        return any(part.turn is turn for part in self.parts)


# Gives an answer about rows of a photo; returns the references it got in the ledger.
Answer: TypeAlias = "Callable[[Turn, Sequence[Row]], tuple[str, ...]]"


def said(answer: Answer, turn: Turn, rows: Sequence[Row]) -> Part:
    """Give an answer about one photo."""
    before, receipt = turn.request, turn.receipt
    refs = answer(turn, rows)
    changed = turn.receipt.examinations != receipt.examinations
    return Part(turn, before, refs, receipt if changed else None)


def alike(
    office: Office, turns: Iterable[Turn], rows: Sequence[Row]
) -> list[tuple[Turn, tuple[Row, ...]]]:
    """The photos that wait for the same, with the rows that are open there."""
    wanted = {(row.finding.kind, row.need) for row in rows}
    found = []
    for other in turns:
        held_for = office.open_needs(other.receipt, other.request)
        same = tuple(
            row
            for row in still_open(other.rows or rows_of(held_for), held_for)
            if (row.finding.kind, row.need) in wanted and not row.second
        )
        if same:
            found.append((other, same))
    return found


def choose_alike(
    terminal: Terminal, found: Sequence[tuple[Turn, tuple[Row, ...]]]
) -> list[tuple[Turn, tuple[Row, ...]]]:
    """Ask which of the other photos get the same answer; each is named."""
    if not found:
        return []
    many = len(found) > 1
    terminal.say()
    terminal.say(
        f"{words.counted(len(found), 'more photo')} {'wait' if many else 'waits'} for the same "
        "answer. Look at each one first:"
    )
    for number, (turn, rows) in enumerate(found, 1):
        what = words.found([row.finding for row in rows])
        terminal.say(f"  {number}  {turn.name}: {what}", indent="     ")
    which = f"y all {len(found)}, numbers for some, Enter none" if many else "y/N"
    typed = terminal.ask(f"Same answer for {'these' if many else 'it'}? [{which}] ").lower()
    if typed in ("y", "yes"):
        return list(found)
    numbers = {int(part) for part in re.findall(r"\d+", typed)}
    return [pair for number, pair in enumerate(found, 1) if number in numbers]
