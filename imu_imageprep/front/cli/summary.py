"""What a person sees of a run: an entry per photo, then a line for all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

import typer

from imu_imageprep.domain import grounds, words
from imu_imageprep.domain.errors import Outcome
from imu_imageprep.domain.lines import one_line
from imu_imageprep.domain.metadata import WHO_TOOK_IT
from imu_imageprep.shell import typed

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from imu_imageprep.batch.choice import LeftOut
    from imu_imageprep.domain.place import Place
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt

_STATE = {
    Outcome.EXPORTED: ("ready", typer.colors.GREEN),
    Outcome.CLEAR: ("ready", typer.colors.GREEN),
    Outcome.HELD: ("waiting", typer.colors.YELLOW),
    Outcome.FAILED: ("failed", typer.colors.RED),
    Outcome.SKIPPED: ("skipped", typer.colors.CYAN),
}
_TOTALS = (
    (Outcome.EXPORTED, "ready"),
    (Outcome.CLEAR, "ready"),
    (Outcome.SKIPPED, "skipped"),
    (Outcome.HELD, "waiting for you"),
    (Outcome.FAILED, "failed"),
)
_INDENT = " " * 11
_FOLDERS = 3  # so many are named


class PassedOver:
    """Knows what of folders was not taken.

    Attributes:
        others: how many files are no photos, or not wanted.
        exports: how many are earlier exports.
        elsewhere: how many a cloud service keeps, and were not fetched.
        folders: those that were not searched, as exports go there.
    """

    def __init__(self) -> None:
        self.others = 0
        self.exports = 0
        self.elsewhere = 0
        self.folders: list[Place] = []

    @property
    def count(self) -> int:
        """How many files."""
        return self.others + self.exports + self.elsewhere

    def __call__(self, path: Place, why: LeftOut) -> None:
        """Note one file, or one folder."""
        from imu_imageprep.batch.choice import LeftOut  # noqa: PLC0415  (not for --help)

        if why is LeftOut.FOLDER:
            self.folders.append(path)
        elif why is LeftOut.EXPORT:
            self.exports += 1
        elif why is LeftOut.ELSEWHERE:
            self.elsewhere += 1
        else:
            self.others += 1


def entry(
    receipt: Receipt, policy: Policy, *, values: bool = False, where: str | None = None
) -> Iterator[str]:
    """The lines about one photo: its state and name, then what a person should know.

    Args:
        receipt: what happened to it.
        policy: the rules, for whom to ask.
        values: show the hidden data itself.
        where: what the export went to, if not to a file.
    """
    state, colour = _STATE[receipt.outcome]
    name = words.printable(receipt.path or "the photo")
    export = receipt.export
    arrow = f" → {where or words.printable(_near(export.path))}" if export else ""
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
        if note != WHO_TOOK_IT:  # asked once for the whole run
            yield f"{_INDENT}note: {note}"
    if values and receipt.metadata is not None:
        for category, field, value in receipt.metadata.values:
            yield f"{_INDENT}{words.CATEGORY[category]}: {field} = {words.printable(value)}"


def closing(
    outcomes: Counter[Outcome],
    policy: Policy,
    *,
    passed_over: PassedOver | None = None,
    unknown_source: int = 0,
) -> Iterator[str]:
    """The lines about the whole run; ``unknown_source`` photos hold no camera data."""
    others = f" ({left} left out)" if (left := _left_out(passed_over)) else ""
    yield ""
    yield typer.style(f"{totals(outcomes) or 'No photos found'}.", bold=True) + others
    if passed_over and passed_over.folders:
        first = [words.printable(_near(str(path))) for path in passed_over.folders[:_FOLDERS]]
        more = len(passed_over.folders) - len(first)
        told = words.listed([*first, *([f"{more} more"] if more else [])])
        yield f"Not searched, as exports go there: {told}. Name a folder to prepare photos in it."
    if passed_over and passed_over.elsewhere:
        photos = words.counted(passed_over.elsewhere, "photo")
        told = "lies" if passed_over.elsewhere == 1 else "lie"
        yield f"{photos} {told} in a cloud alone, not fetched: download them first, or name them."
    off = [words.CHECK[name] for name in policy.not_checked if name in words.CHECK]
    if off:
        yield typer.style(f"NOT CHECKED, by policy: {words.listed(off)}.", fg=typer.colors.RED)
    if unknown_source:
        photos = f"{words.counted(unknown_source, 'photo')} without camera data"
        yield f"{photos}: did you take {'it' if unknown_source == 1 else 'them'} yourself?"
    if outcomes[Outcome.EXPORTED] or outcomes[Outcome.CLEAR]:
        yield words.REMINDER


def _left_out(passed_over: PassedOver | None) -> str:
    """What was not taken: "2 other files and 3 earlier exports"; empty for nothing."""
    if passed_over is None:
        return ""
    others, exports = passed_over.others, passed_over.exports
    told = [words.counted(others, "other file")] if others else []
    return words.listed([*told, *([words.counted(exports, "earlier export")] if exports else [])])


def totals(outcomes: Counter[Outcome]) -> str:
    """How many photos ended how: "110 ready, 8 waiting for you"; empty for none."""
    return ", ".join(
        f"{outcomes[outcome]} {word}" for outcome, word in _TOTALS if outcomes[outcome]
    )


def _near(path: str) -> str:
    """A path as seen from the current folder, where it lies in it."""
    if "://" in path:  # an address; no path that we tell has that
        return path
    try:
        near = os.path.relpath(path)
    except (OSError, ValueError):  # the current folder is gone, or another drive
        return path
    return path if near.startswith(os.pardir) else near


def result(path: str) -> bytes:
    """A path as a line of results; the path itself, unless it would be more than one line."""
    return os.fsencode(one_line(path))


def shown(lines: Iterable[str], stream: TextIO) -> None:
    """Print lines; coloured only on a terminal, and not under NO_COLOR (no-color.org)."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    for line in lines:
        typer.echo(writable(line, stream), file=stream, color=colour)


# What our own sentences hold besides ASCII, for terminals that cannot show it (code pages).
_PLAIN = str.maketrans(
    {"→": "->", "×": "x", "…": "...", "·": "-", "–": "-", "’": "'", "©": "(c)", "“": '"', "”": '"'}
)


def writable(line: str, stream: TextIO) -> str:
    """A line as the stream's encoding can show it; other characters are escaped."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        line.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        plain = line.translate(_PLAIN)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return line
    return line


def _exported(receipt: Receipt) -> Iterator[str]:
    export = receipt.export
    assert export is not None
    size = f"{export.width}×{export.height} pixels, {max(1, round(export.bytes / 1000))} KB"
    removed = grounds.hidden(receipt)
    yield f"{size}; removed: {removed}" if removed else f"{size}; it had no hidden data"
    if receipt.caption:
        yield f"caption: {words.printable(_near(receipt.caption))}"
    if receipt.covered:
        yield f"covered: {words.counted(len(receipt.covered), 'area')}"
    noted = [f for f in receipt.findings if f.kind != "source" or receipt.credit is None]
    if noted:
        yield f"found: {words.found(noted)}"


def _clear(receipt: Receipt) -> Iterator[str]:
    found = words.found(receipt.findings)
    yield f"found: {found}" if found else "nothing was found"
    if hidden := grounds.hidden(receipt):
        yield f"has hidden data: {hidden}"


def _skipped(receipt: Receipt) -> Iterator[str]:
    del receipt
    yield "exported before and unchanged since; --force makes it again"


def _failed(receipt: Receipt) -> Iterator[str]:
    assert receipt.failure is not None
    yield receipt.failure.message
    yield receipt.failure.advice


def _held(receipt: Receipt) -> Iterator[str]:
    """Why a photo waits, what would answer it, and the command where there is one."""
    yield from grounds.why(receipt)
    yield from grounds.needs(receipt)
    path = "-" if receipt.path is None else typed(receipt.path)
    for line in grounds.suggested(receipt):
        yield line.replace("PHOTO", path)
    commands = grounds.commands(receipt)
    if receipt.open_doubts and receipt.path is not None:
        yield f"if nothing clinical is shown: {grounds.DISMISS_DOUBTS.replace('PHOTO', path)}"
        yield f"if it is clinical: imageprep consent clinical {path} --by NAME"
        commands = tuple(one for one in commands if one != grounds.DISMISS_DOUBTS)
    if len(commands) == 1 and len(receipt.open_doubts) < len(receipt.held_for):
        yield f"to go on: {commands[0].replace('PHOTO', path)}"
    elif len(commands) > 1:
        yield "to answer: imageprep consent add, then consent use; or imageprep dismiss"
