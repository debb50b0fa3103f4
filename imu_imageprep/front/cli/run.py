"""Show receipts as they come, and end with the worst exit code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from imu_imageprep.domain.errors import ExitCode, Outcome, worst
from imu_imageprep.domain.metadata import WHO_TOOK_IT
from imu_imageprep.front.cli import interrupt, summary
from imu_imageprep.front.cli.progress import Entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.progress import Progress
    from imu_imageprep.front.cli.summary import PassedOver
    from imu_imageprep.request import Request

    # Prepares a photo of the run again, by its path as the receipt tells it.
    Again: TypeAlias = Callable[[str, Request], Receipt]

INTERRUPTED = "Interrupted: run the same command again to go on; what is exported is skipped."


@dataclass(frozen=True, slots=True)
class Show:
    """How a run is shown.

    Attributes:
        json: one JSON object per photo on stdout, nothing else.
        metadata: show the values of hidden data.
        quiet: say only what waits or failed.
        looking: nothing was to be written, so the entries themselves are the result.
        picture: stdout takes the export itself.
    """

    json: bool = False
    metadata: bool = False
    quiet: bool = False
    looking: bool = False
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended.

    Attributes:
        code: its exit code.
        outcomes: how many photos ended how.
        settled: exit codes of the photos that do not wait.
    """

    code: ExitCode
    outcomes: Counter[Outcome]
    settled: frozenset[ExitCode]


def run(
    receipts: Iterable[Receipt],
    policy: Policy,
    show: Show,
    passed_over: PassedOver,
    *,
    progress: Progress | None = None,
    record: Callable[[Receipt], None] | None = None,
) -> Result:
    """Show every receipt as it comes, then the summary.

    Messages go to stderr, results to stdout: JSON, what a look found, or, where stdout is not a
    terminal, the paths of the exports. Ctrl-C ends the run with what was done so far.

    Args:
        receipts: of the photos, as they finish.
        policy: the rules.
        show: how the run is shown.
        passed_over: knows what was not taken.
        progress: shows the run while it goes on; by default by its entries alone.
        record: told of each receipt.
    """
    outcomes: Counter[Outcome] = Counter()
    codes: set[ExitCode] = set()
    settled: set[ExitCode] = set()
    unknown_source = 0
    stream = sys.stdout if show.looking else sys.stderr
    progress = progress or Entries()
    try:
        with progress, interrupt.remembered() as end_if_interrupted:
            for receipt in receipts:
                outcomes[receipt.outcome] += 1
                codes.add(receipt.exit_code)
                unknown_source += WHO_TOOK_IT in receipt.notes
                if receipt.outcome is not Outcome.HELD:
                    settled.add(receipt.exit_code)
                if record is not None:
                    record(receipt)
                progress.took(receipt)
                tell(receipt, policy, show, progress, stream)
                end_if_interrupted()
    except KeyboardInterrupt:
        codes.add(ExitCode.INTERRUPTED)
    finally:
        if isinstance(receipts, Generator):
            receipts.close()  # ends the workers before anything more is said
    interrupted = ExitCode.INTERRUPTED in codes
    if not show.json and not show.quiet and (outcomes or not interrupted):
        lines = summary.closing(
            outcomes, policy, passed_over=passed_over, unknown_source=unknown_source
        )
        summary.shown(lines, stream)
    if interrupted:
        summary.shown([INTERRUPTED], sys.stderr)
    return Result(worst(codes), outcomes, frozenset(settled))


def tell(receipt: Receipt, policy: Policy, show: Show, progress: Progress, stream: TextIO) -> None:
    """Show one receipt: as JSON, or as an entry and the path of its export."""
    if show.json:
        _result(json.dumps(receipt.to_json(show_metadata=show.metadata)).encode())
        return
    needs_a_person = receipt.outcome in (Outcome.HELD, Outcome.FAILED)
    told = show.looking or show.metadata or progress.tells(receipt)
    if needs_a_person or (told and not show.quiet):
        where = "standard output" if show.picture else None
        progress.tell(summary.entry(receipt, policy, values=show.metadata, where=where), stream)
    if receipt.export is not None and not (show.looking or show.picture or sys.stdout.isatty()):
        _result(summary.result(receipt.export.path))


def _result(line: bytes) -> None:
    """Write a line of results to stdout, now."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
