"""What happens after a run on a terminal: the photos that wait are talked about."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import ExitCode, worst
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.cli import summary
from imu_imageprep.front.cli.run import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.guided.office import Wishes
    from imu_imageprep.front.cli.terminal import Console

# More are looked at better on a page than one after the other.
MOST = 12


@dataclass(frozen=True, slots=True)
class Files:
    """Where configuration and ledger of a run lie, and the place permission that it names."""

    config: Path | None = None
    ledger: Path | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked for: the answers given with it, and its files."""

    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    credit: str | None = None
    files: Files = field(default_factory=Files)


@dataclass(slots=True)
class Waiting:
    """Keeps the receipts of photos that wait until a person was asked; others go on at once.

    Attributes:
        record: told of each receipt when it is final.
        kept: those that wait; empty where they are too many to talk about.
        many: whether they are too many.
    """

    record: Callable[[Receipt], None]
    kept: list[Receipt] = field(default_factory=list)
    many: bool = False

    def add(self, receipt: Receipt) -> None:
        """Take one receipt of the run."""
        if receipt.outcome is not Outcome.HELD or self.many:
            self.record(receipt)
            return
        self.kept.append(receipt)
        if len(self.kept) > MOST:
            self.many = True
            self.settle(self.kept)
            self.kept = []

    def settle(self, finals: Sequence[Receipt]) -> None:
        """Pass on what became of those that waited."""
        for receipt in finals:
            self.record(receipt)


def go_on(
    result: Result,
    waiting: Waiting,
    console: Console,
    asked: Asked,
    again: Callable[[Receipt, Wishes], Receipt],
    policy: Policy,
) -> Result:
    """Talk about the photos that wait, and export those that are answered.

    Args:
        result: of the run.
        waiting: has the receipts of those that wait, and passes on what became of them.
        console: where the person sits.
        asked: what the run was asked for.
        again: prepares one photo of the run again and shows what came of it.
        policy: of the run.

    Returns:
        The result of all of it; 130 where the person broke off with Ctrl-C.
    """
    held = list(waiting.kept)
    if not held or result.code is ExitCode.INTERRUPTED:
        if waiting.many:
            console.say("They are too many to ask about here. To see them: imageprep app")
        waiting.settle(held)
        return result
    finals, broke_off = _talk(held, console, asked, again, policy)
    waiting.settle(finals)
    outcomes = result.outcomes.copy()
    outcomes[Outcome.HELD] -= len(held)
    outcomes.update(receipt.outcome for receipt in finals)
    if outcomes != result.outcomes:
        summary.shown(summary.closing(outcomes, policy), console.output)
    codes = {*result.settled, *(receipt.exit_code for receipt in finals), broke_off}
    return Result(worst(codes), outcomes, result.settled)


def _talk(
    held: Sequence[Receipt],
    console: Console,
    asked: Asked,
    again: Callable[[Receipt, Wishes], Receipt],
    policy: Policy,
) -> tuple[list[Receipt], ExitCode]:
    """The last receipt of each photo, and 130 where Ctrl-C broke the conversation off."""
    from imu_imageprep.front.cli.guided.office import Commands, Desktop, Wishes  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.sharing import Turn  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.talk import Talk  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.viewing import shower  # noqa: PLC0415

    show, files = shower(os.environ, console.output), asked.files
    wishes = Wishes(asked.redact, asked.boxes, asked.credit)
    turns = tuple(Turn(receipt, wishes) for receipt in held)
    office = Desktop(policy, files.config, files.ledger, files.place, again, show)
    commands = Commands(files.ledger, files.config)
    code = ExitCode.OK
    try:
        Talk(console, office, turns, commands, can_view=show is not None).hold()
    except EOFError:
        console.say("What is not exported waits; what was said is kept. Ask again any time.")
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        console.say()
        console.say("What is not exported waits; what was said is kept. Ask again any time.")
    return [turn.done or turn.receipt for turn in turns], code
