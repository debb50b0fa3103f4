"""Show receipts as they come, and end with the worst exit code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import ExitCode, worst
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.cli import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Show:
    """How a run is shown.

    Attributes:
        json: one JSON object per photo on stdout, nothing else.
        metadata: show the values of hidden data.
        quiet: say only what waits or failed.
        looking: nothing was to be written, so the entries themselves are the result.
    """

    json: bool = False
    metadata: bool = False
    quiet: bool = False
    looking: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; ``only`` is its receipt where it had a single photo."""

    code: ExitCode
    only: Receipt | None


class PassedOver:
    """Counts the files of folders that are no photos, or our own exports."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, path: Path) -> None:
        """Count one."""
        del path
        self.count += 1


def run(receipts: Iterable[Receipt], policy: Policy, show: Show, passed_over: PassedOver) -> Result:
    """Show every receipt as it comes, then the summary.

    Messages go to stderr, results to stdout: JSON, what a look found, or, where stdout is not a
    terminal, the paths of the exports.
    """
    outcomes: Counter[Outcome] = Counter()
    codes: set[ExitCode] = set()
    last = None
    stream = sys.stdout if show.looking else sys.stderr
    for receipt in receipts:
        last = receipt
        outcomes[receipt.outcome] += 1
        codes.add(receipt.exit_code)
        if show.json:
            print(json.dumps(receipt.to_json(show_metadata=show.metadata)), flush=True)
            continue
        if not show.quiet or receipt.outcome in (Outcome.HELD, Outcome.FAILED):
            lines = summary.entry(receipt, policy, values=show.metadata)
            summary.shown(lines, stream)
        if receipt.export is not None and not sys.stdout.isatty() and not show.looking:
            sys.stdout.buffer.write(receipt.export.path.encode(errors="surrogateescape") + b"\n")
            sys.stdout.buffer.flush()
    if not show.json and not show.quiet:
        summary.shown(summary.closing(outcomes, policy, passed_over=passed_over.count), stream)
    return Result(worst(codes), last if outcomes.total() == 1 else None)


def ask(receipt: Receipt, read: Callable[[str], str]) -> dict[str, str] | None:
    """Ask what to do about a single held photo.

    Args:
        receipt: the held photo's.
        read: shows a prompt and returns the line that was typed.

    Returns:
        What to add to the request ("redact", "credit"), or None to leave it waiting; only what
        would answer every need is offered.
    """
    kinds = {need.finding.kind if need.finding else "" for need in receipt.held_for}
    if receipt.outcome is not Outcome.HELD or not kinds or not kinds <= {"face", "source"}:
        return None
    answers: dict[str, str] = {}
    if "face" in kinds:
        typed = read("Cover every face, irreversibly, and go on? [y/N] ")
        if typed.strip().lower() not in ("y", "yes"):
            return None
        answers["redact"] = "faces"
    if "source" in kinds:
        typed = read("Credit line to draw on the picture (empty: leave it waiting): ").strip()
        if not typed:
            return None
        answers["credit"] = typed
    return answers
