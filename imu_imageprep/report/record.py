"""The record of the last run: one line for each photo, kinds of hidden data but never its content.

The file is JSON, and laid out in lines so that 100,000 photos are written and read one at a time::

    {"run": {...},
    "photos": [
    {"outcome": "exported", "name": "holiday/a.jpg", ...},
    {"outcome": "held", ...}
    ],
    "end": {...}}
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from imu_imageprep.domain import grounds, words
from imu_imageprep.domain.errors import InputProblem, OutputProblem, UsageProblem
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.storage import Remote, is_url
from imu_imageprep.version import __version__
from imu_imageprep.windows import reachable, real

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from imu_imageprep.domain.words import Say
    from imu_imageprep.ports import Clock
    from imu_imageprep.storage import Place

FILE_NAME = "last-run.json"
MODE = 0o600
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known when a run begins.

    Attributes:
        begun: when, ISO 8601 in UTC.
        exports: absolute paths of the folders that collect exports.
        contact: whom to ask about a photo that waits.
        product: product version.
    """

    begun: str
    exports: Sequence[str]
    contact: str = ""
    product: str = __version__
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known when it has ended.

    Attributes:
        finished: when, ISO 8601 in UTC.
        interrupted: whether a person ended it early.
        passed_over: how many files in folders were no photos, or exports of ours.
        counts: how many photos ended how, by outcome.
        not_checked: checks that were off or only noted for any of them.
    """

    finished: str
    interrupted: bool
    passed_over: int
    counts: dict[str, int]
    not_checked: Sequence[str]


@dataclass(frozen=True, slots=True)
class Names:
    """What files of a run are called: after the arguments, never by where they lie.

    Attributes:
        roots: label of each argument and each folder of exports, by absolute path.
        exports: absolute paths of the folders that collect exports.
    """

    roots: Mapping[str, str]
    exports: tuple[str, ...]

    @classmethod
    def of(cls, paths: Iterable[Place], out: Place | None) -> Names:
        """The names of a run over ``paths`` with its exports in ``out``, or beside them."""
        # A shell that completes a command reads a record, and plans nothing.
        from imu_imageprep.batch.names import beside  # noqa: PLC0415

        roots: dict[str, str] = {}
        taken: dict[str, int] = {}
        exports = [] if out is None else [_real(out)]
        for path in paths:
            _label(_absolute(path), roots, taken)
            if out is not None or isinstance(path, Remote):
                continue
            if os.path.isdir(reachable(path)):  # noqa: PTH112  (as the plan asks)
                exports.append(str(beside(real(path))))
        for folder in exports:
            _label(folder, roots, taken)
        if out is not None:
            roots.setdefault(_absolute(out), roots[exports[0]])
        return cls(roots, tuple(exports))

    def shown(self, path: str | None) -> str:
        """The name of a file: its argument's label and its place below it."""
        if path is None:
            return "photo"
        root, rest = self._split(path)
        label = self.roots.get(root, os.path.basename(root))  # noqa: PTH119
        return os.path.join(label, rest) if rest else label  # noqa: PTH118

    def typed(self, path: str | None) -> str | None:
        """The name as typed in the folder that holds the argument; None where it has none."""
        if path is None or is_url(path):
            return path
        return os.path.relpath(_absolute(path), os.path.dirname(self._split(path)[0]))  # noqa: PTH120

    def _split(self, path: str) -> tuple[str, str]:
        """The nearest root at or above a file, and the rest; a file without one is its own."""
        whole = place = _absolute(path)
        while place not in self.roots:
            above = os.path.dirname(place)  # noqa: PTH120
            if above == place:
                return whole, ""
            place = above
        if is_url(whole):
            return place, whole.removeprefix(place).lstrip("/")
        return place, "" if place == whole else os.path.relpath(whole, place)


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo of a run, in words and in the terms of the JSON contract.

    Attributes:
        outcome: how it ended.
        name: what a report calls it.
        typed: its name as typed in the folder that holds its argument; None where it has none.
        path: where it lies, absolute.
        export_name: what a report calls its export.
        export_path: where that lies, absolute.
        why: why it waits, one sentence each.
        needs: what would answer that, one sentence each.
        commands: what to type for that, PHOTO for its name; empty where no command would do.
        removed: the kinds of hidden data that its export lost.
        found: what was found in a photo that went out.
        receipt: the receipt as of ``--json``.
    """

    outcome: str
    name: str
    typed: str | None
    path: str | None
    export_name: str | None
    export_path: str | None
    why: Sequence[str]
    needs: Sequence[str]
    commands: Sequence[str]
    removed: str
    found: str
    receipt: dict[str, Any]

    @classmethod
    def of(cls, receipt: Receipt, names: Names, say: Say = words.english) -> Entry:
        """The entry of a receipt, its sentences in the language of ``say``."""
        if receipt.suggestions:
            from imu_imageprep.domain.recognition import unlabelled  # noqa: PLC0415  (rarely)

            receipt = unlabelled(receipt)
        held = receipt.outcome is Outcome.HELD
        export = receipt.export
        told = [f for f in receipt.findings if f.kind != "source" or receipt.credit is None]
        return cls(
            outcome=receipt.outcome.value,
            name=names.shown(receipt.path),
            typed=names.typed(receipt.path),
            path=receipt.path and _absolute(receipt.path),
            export_name=names.shown(export.path) if export else None,
            export_path=_absolute(export.path) if export else None,
            why=tuple(grounds.why(receipt, say)) if held else (),
            needs=tuple(grounds.needs(receipt, say)) if held else (),
            commands=grounds.commands(receipt) if held else (),
            removed=grounds.hidden(receipt, say),
            found="" if held else words.found(told, say),
            receipt=receipt.to_json(names=False),  # an erasure finds no copy of a name
        )


class Record:
    """A run's record while it is being written."""

    def __init__(self, file: BinaryIO, names: Names, begun: Begun) -> None:
        self._file = file
        self._names = names
        self._counts: Counter[str] = Counter()
        self._not_checked: dict[str, None] = {}
        self.interrupted = False
        self.passed_over = 0
        self._write(f'{{"run": {json.dumps(dataclasses.asdict(begun))},\n"photos": [')

    def add(self, receipt: Receipt) -> None:
        """Write down one photo.

        Raises:
            OutputProblem: the record could not be written.
        """
        comma = "," if self._counts else ""
        self._counts[receipt.outcome.value] += 1
        self._not_checked.update(dict.fromkeys(receipt.not_checked))
        # Not dataclasses.asdict: it copies the receipt's whole tree.
        entry = Entry.of(receipt, self._names)
        values = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
        self._write(f"{comma}\n{json.dumps(values)}")

    def end(self, clock: Clock) -> None:
        """Write down how the run ended."""
        ended = Ended(
            finished=clock.now().isoformat(timespec="seconds"),
            interrupted=self.interrupted,
            passed_over=self.passed_over,
            counts=dict(self._counts),
            not_checked=tuple(self._not_checked),
        )
        self._write(f'\n],\n"end": {json.dumps(dataclasses.asdict(ended))}}}\n')

    def _write(self, text: str) -> None:
        try:
            self._file.write(text.encode())
        except OSError as problem:
            raise OutputProblem("The record of the run could not be written.") from problem


@dataclass(frozen=True, slots=True)
class LastRun:
    """A finished record, read a line at a time."""

    path: Path
    begun: Begun
    ended: Ended

    @classmethod
    def read(cls, path: Path) -> LastRun:
        """Open a record.

        Raises:
            UsageProblem: there is none.
            InputProblem: it is damaged, or was written by a newer imageprep.
        """
        try:
            with path.open(encoding="ascii") as file:
                first = next(file)
                last = first
                for line in file:
                    last = line
            begun = Begun(**json.loads(f"{first.rstrip().rstrip(',')}}}")["run"])
            return cls(path, begun, Ended(**json.loads(f"{{{last}")["end"]))
        except FileNotFoundError as problem:
            raise UsageProblem(
                "There is no run to report on yet.", "Prepare photos first: imageprep FOLDER"
            ) from problem
        except (OSError, ValueError, TypeError, KeyError, StopIteration) as problem:
            raise InputProblem(
                "The record of the last run could not be read.", "Run the same command again."
            ) from problem

    def entries(self, outcome: Outcome | None = None) -> Iterator[Entry]:
        """The photos in the order they finished; only those of one outcome where it is given."""
        start = '{"outcome": ' + (f'"{outcome.value}"' if outcome else "")
        with self.path.open(encoding="ascii") as file:
            for line in file:
                if line.startswith(start):
                    yield Entry(**json.loads(line.rstrip().rstrip(",")))


def _absolute(path: Place | str) -> str:
    if is_url(str(path)):
        return str(path)
    return os.path.abspath(str(path))  # noqa: PTH100  (links stay as they were given)


def _real(place: Place) -> str:
    return str(place if isinstance(place, Remote) else real(place))


def _label(absolute: str, roots: dict[str, str], taken: dict[str, int]) -> None:
    if absolute in roots:
        return
    name = os.path.basename(absolute) or "photos"  # noqa: PTH119
    number = taken[name] = taken.get(name, 0) + 1
    roots[absolute] = name if number == 1 else f"{name} ({number})"
