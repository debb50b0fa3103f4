"""What happens after a run on a terminal: the photos that wait are talked about."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import ExitCode, Outcome, worst
from imu_imageprep.front.cli import summary
from imu_imageprep.front.cli.run import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.run import Again
    from imu_imageprep.front.cli.terminal import Console
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session

# More are looked at better on a page than one after the other.
MOST = 12

_BROKEN_OFF = (
    "Consents and false alarms are kept; what is not exported is waiting. To go on, run the same "
    "command again."
)


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
    session: Session,
    request: Request,
    again: Again,
) -> Result:
    """Talk about the photos that wait, and export those that are answered.

    Args:
        result: of the run.
        waiting: has the receipts of those that wait, and passes on what became of them.
        console: where the person sits.
        session: of the run.
        request: what the run was asked for.
        again: prepares one photo of the run again and shows what came of it.

    Returns:
        The result of all of it; 130 where the person broke off with Ctrl-C.
    """
    held = list(waiting.kept)
    if not held or result.code is ExitCode.INTERRUPTED:
        if waiting.many:
            console.say("There are too many to ask about here. To answer them: imageprep app")
        waiting.settle(held)
        return result
    finals, broke_off = _talk(held, console, session, request, again)
    waiting.settle(finals)
    outcomes = result.outcomes.copy()
    outcomes[Outcome.HELD] -= len(held)
    outcomes.update(receipt.outcome for receipt in finals)
    if outcomes != result.outcomes:
        summary.shown(summary.closing(outcomes, session.policy), console.output)
    codes = {*result.settled, *(receipt.exit_code for receipt in finals), broke_off}
    return Result(worst(codes), outcomes, result.settled)


def _talk(
    held: Sequence[Receipt],
    console: Console,
    session: Session,
    request: Request,
    again: Again,
) -> tuple[list[Receipt], ExitCode]:
    """The last receipt of each photo, and 130 where Ctrl-C broke the conversation off."""
    from imu_imageprep.front.cli.guided.office import Commands, Desktop  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.sharing import Turn  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.talk import Talk  # noqa: PLC0415
    from imu_imageprep.front.cli.guided.viewing import shower  # noqa: PLC0415

    show = shower(os.environ, console.output)
    turns = tuple(Turn(receipt, request) for receipt in held)
    office, commands = Desktop(session, again, show), Commands.of(session)
    code = ExitCode.OK
    try:
        Talk(console, office, turns, commands, can_view=show is not None).hold()
    except EOFError:
        console.say(_BROKEN_OFF)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        console.say()
        console.say(_BROKEN_OFF)
    return [turn.done or turn.receipt for turn in turns], code
