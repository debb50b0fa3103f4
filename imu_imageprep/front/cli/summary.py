"""What a person sees of a run: an entry per photo, then a line for all of them."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, TextIO

import typer

from imu_imageprep.domain.finding import DidNotLook
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.cli import words

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt

_STATE = {
    Outcome.EXPORTED: ("ready", typer.colors.GREEN),
    Outcome.CLEAR: ("clear", typer.colors.GREEN),
    Outcome.HELD: ("waiting", typer.colors.YELLOW),
    Outcome.FAILED: ("failed", typer.colors.RED),
    Outcome.SKIPPED: ("done", typer.colors.CYAN),
}
_TOTALS = (
    (Outcome.EXPORTED, "ready"),
    (Outcome.CLEAR, "clear"),
    (Outcome.SKIPPED, "done before"),
    (Outcome.HELD, "waiting for you"),
    (Outcome.FAILED, "failed"),
)
_INDENT = " " * 11


def entry(receipt: Receipt, policy: Policy, *, values: bool = False) -> Iterator[str]:
    """The lines about one photo: its state and name, then what a person should know.

    Args:
        receipt: what happened to it.
        policy: the rules, for whom to ask.
        values: show the hidden data itself.
    """
    state, colour = _STATE[receipt.outcome]
    name = words.printable(receipt.path or "the photo")
    arrow = f" → {words.printable(receipt.export.path)}" if receipt.export else ""
    yield f"  {typer.style(f'{state:<9}', fg=colour, bold=True)}{name}{arrow}"
    details = {
        Outcome.EXPORTED: _exported,
        Outcome.CLEAR: _clear,
        Outcome.HELD: _held,
        Outcome.FAILED: _failed,
        Outcome.SKIPPED: _skipped,
    }[receipt.outcome]
    for line in details(receipt):
        yield f"{_INDENT}{line}"
    if receipt.outcome is Outcome.HELD and policy.owner.contact:
        yield f"{_INDENT}ask {policy.owner.contact}"
    for note in receipt.notes:
        yield f"{_INDENT}note: {note}"
    if values and receipt.metadata is not None:
        for category, field, value in receipt.metadata.values:
            yield f"{_INDENT}{words.CATEGORY[category]}: {field} = {words.printable(value)}"


def closing(outcomes: Counter[Outcome], policy: Policy, *, passed_over: int = 0) -> Iterator[str]:
    """The lines about the whole run."""
    totals = [f"{outcomes[outcome]} {word}" for outcome, word in _TOTALS if outcomes[outcome]]
    others = f" ({words.counted(passed_over, 'other file')} passed over)" if passed_over else ""
    yield ""
    yield typer.style(f"{', '.join(totals) or 'No photos found'}.", bold=True) + others
    off = [words.CHECK[name] for name in policy.not_checked if name in words.CHECK]
    if off:
        yield typer.style(f"NOT CHECKED, by policy: {words.listed(off)}.", fg=typer.colors.RED)
    if outcomes[Outcome.EXPORTED] or outcomes[Outcome.CLEAR]:
        yield words.REMINDER


def shown(lines: Iterable[str], stream: TextIO) -> None:
    """Print lines; coloured only on a terminal, and not under NO_COLOR (no-color.org)."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    for line in lines:
        typer.echo(line, file=stream, color=colour)


def _exported(receipt: Receipt) -> Iterator[str]:
    export = receipt.export
    assert export is not None
    size = f"{export.width}×{export.height} pixels, {max(1, round(export.bytes / 1000))} KB"
    removed = _hidden(receipt)
    yield f"{size}; removed: {removed}" if removed else f"{size}; nothing hidden was in it"
    if receipt.covered:
        yield f"covered: {words.counted(len(receipt.covered), 'area')}"
    noted = [f for f in receipt.findings if f.kind != "source" or receipt.credit is None]
    if noted:
        yield f"found: {words.found(noted)}"


def _clear(receipt: Receipt) -> Iterator[str]:
    found = words.found(receipt.findings)
    yield f"found: {found}" if found else "nothing found: look at it yourself before you post"
    if hidden := _hidden(receipt):
        yield f"holds hidden data: {hidden}"


def _skipped(receipt: Receipt) -> Iterator[str]:
    del receipt
    yield "exported before and unchanged since; --force makes it again"


def _failed(receipt: Receipt) -> Iterator[str]:
    assert receipt.failure is not None
    yield receipt.failure.message
    yield receipt.failure.advice


def _held(receipt: Receipt) -> Iterator[str]:
    """Why a photo waits, what would answer it, and the command where there is one."""
    for exam in receipt.examinations:
        if isinstance(exam.scan, DidNotLook):
            what = words.CHECK.get(exam.flag or "", exam.detector)
            yield f"could not be looked at for {what}: {exam.scan.reason}"
    waiting = list(dict.fromkeys(need.finding for need in receipt.held_for if need.finding))
    if waiting:
        still = " can still be seen after covering" if _second(waiting) else ""
        yield f"{words.found(waiting)}{still}"
        needs = dict.fromkeys(need.needs for need in receipt.held_for if need.finding)
        yield f"needs {words.listed(words.NEED[need] for need in needs)}"
        for ref, why in dict.fromkeys(pair for need in receipt.held_for for pair in need.why):
            yield f"{ref} {why}"
    elif all(need.scan is None for need in receipt.held_for):
        yield "held by hand (--hold)"
    # Where a scan did not look, or a person said hold, no answer to the findings lets it go.
    if receipt.path is not None and all(need.finding for need in receipt.held_for):
        yield from _next(receipt, shlex.quote(words.printable(receipt.path)), waiting)


def _second(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of the look at the finished picture."""
    return [finding for finding in findings if finding.id.startswith("second-")]


def _next(receipt: Receipt, path: str, waiting: list[Finding]) -> Iterator[str]:
    """The command that answers what holds a photo."""
    kinds = {finding.kind for finding in waiting}
    if (second := _second(waiting)) and receipt.source is not None:
        size = receipt.source
        boxes = [f.box.grown().to_pixels(size.width, size.height) for f in second if f.box]
        drawn = " ".join(f"--redact-box {','.join(map(str, box))}" for box in boxes)
        yield f"to cover it too: imageprep {path} --redact faces {drawn}"
    elif kinds <= {"face", "source"}:
        cover = " --redact faces" if "face" in kinds else ""
        credit = ' --credit "Photo: …"' if "source" in kinds else ""
        yield f"to go on: imageprep {path}{cover}{credit}"
    elif kinds & {"clinical", "place"}:
        yield "to answer: imageprep consent add, then consent use; or imageprep dismiss"


def _hidden(receipt: Receipt) -> str:
    there = receipt.metadata.by_category() if receipt.metadata else {}
    return words.listed(words.CATEGORY[name] for name, present in there.items() if present)
