"""How a run is shown while it goes on."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import Outcome
from imu_imageprep.front.cli import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from imu_imageprep.domain.receipt import Receipt

# Up to this many photos are told one by one; of more, only those that need a person.
FEW = 12
_WINDOW = 30.0  # seconds over which the rate is taken
_LINE_SECONDS = 10.0
_LINE_PHOTOS = 100
_MINUTE, _HOUR = 60, 3600
_WANTS_A_PERSON = (Outcome.HELD, Outcome.FAILED)


class Progress(Protocol):
    """Shows a run while it goes on."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing on the screen but what was told."""
        ...

    def tells(self, receipt: Receipt) -> bool:
        """Whether this photo gets an entry of its own."""
        ...

    def tell(self, lines: Iterable[str], stream: TextIO) -> None:
        """Show an entry on ``stream``."""
        ...

    def took(self, receipt: Receipt) -> None:
        """Count a photo that has finished."""
        ...


class Pace:
    """The rate of the last half minute, so that photos done before do not promise too much."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._samples = deque([(now(), 0)])

    def told(self, done: int, total: int | None) -> str:
        """Rate and time left: "3.2 a second, about 15 minutes left"."""
        now = self._now()
        while len(self._samples) > 1 and now - self._samples[1][0] > _WINDOW:
            self._samples.popleft()
        then, before = self._samples[0]
        if now - self._samples[-1][0] >= 1:
            self._samples.append((now, done))
        if now <= then or done <= before:
            return ""
        rate = (done - before) / (now - then)
        per = f"{rate:.1f} a second" if rate >= 1 else f"{rate * _MINUTE:.0f} a minute"
        left = "" if total is None or total <= done else f", {_left((total - done) / rate)} left"
        return f"{per}{left}"


class Entries:
    """Few photos: each is told, and nothing else is shown."""

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(self, *end: object) -> None:
        """Nothing to clear."""

    def tells(self, receipt: Receipt) -> bool:
        """Every photo."""
        del receipt
        return True

    def tell(self, lines: Iterable[str], stream: TextIO) -> None:
        """Print the lines."""
        summary.shown(lines, stream)

    def took(self, receipt: Receipt) -> None:
        """Nothing is counted."""


class Lines(Entries):
    """Many photos without a terminal: a line now and then.

    Args:
        total: how many there are, None until that is known.
        every: whether each photo is told, not only those that need a person.
        stream: where the lines go.
        now: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        total: Callable[[], int | None],
        stream: TextIO,
        *,
        every: bool,
        now: Callable[[], float],
    ) -> None:
        self._total = total
        self._every = every
        self._stream = stream
        self._now = now
        self._pace = Pace(now)
        self._outcomes: Counter[Outcome] = Counter()
        self._last = (now(), 0)

    def tells(self, receipt: Receipt) -> bool:
        """Those that need a person; all of them where asked."""
        return self._every or receipt.outcome in _WANTS_A_PERSON

    def took(self, receipt: Receipt) -> None:
        """Count it, and say how far the run is where the last time is long ago."""
        self._outcomes[receipt.outcome] += 1
        done, now = self._outcomes.total(), self._now()
        then, before = self._last
        if now - then >= _LINE_SECONDS or done - before >= _LINE_PHOTOS:
            self._last = (now, done)
            pace = self._pace.told(done, self._total())
            told = f"{_of(done, self._total())}: {summary.totals(self._outcomes)}"
            summary.shown([f"  {told}{f'; {pace}' if pace else ''}"], self._stream)


class Bar:
    """Many photos on a terminal: a bar that stays below the entries.

    Args:
        total: how many there are, None until that is known.
        every: whether each photo is told, not only those that need a person.
        console: the terminal.
        now: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        total: Callable[[], int | None],
        console: Console,
        *,
        every: bool,
        now: Callable[[], float],
    ) -> None:
        self._total = total
        self._every = every
        self._console = console
        self._pace = Pace(now)
        self._outcomes: Counter[Outcome] = Counter()
        self._bar, self._task = _two_lines(console)

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, *end: object) -> None:
        """Take the bar away."""
        self._bar.stop()

    def tells(self, receipt: Receipt) -> bool:
        """Those that need a person; all of them where asked."""
        return self._every or receipt.outcome in _WANTS_A_PERSON

    def tell(self, lines: Iterable[str], stream: TextIO) -> None:
        """Print the lines above the bar, or into the file or pipe that ``stream`` is."""
        if not stream.isatty():
            summary.shown(lines, stream)
            return
        from rich.text import Text  # noqa: PLC0415

        self._console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)

    def took(self, receipt: Receipt) -> None:
        """Count it and move the bar."""
        self._outcomes[receipt.outcome] += 1
        done, total = self._outcomes.total(), self._total()
        self._bar.update(
            self._task,
            completed=done,
            total=total,
            done=_of(done, total),
            pace=self._pace.told(done, total),
            totals=summary.totals(self._outcomes),
            file=words.printable(os.path.basename(receipt.path or "")),  # noqa: PTH119
        )


def choose(
    count: Callable[[int | None], int],
    *,
    silent: bool = False,
    every: bool = False,
    now: Callable[[], float] = time.monotonic,
) -> Progress:
    """How a run is shown: by its entries alone, by lines, or by a bar.

    Args:
        count: counts the photos, up to a number or all of them.
        silent: show no progress at all (``--quiet``, ``--json``).
        every: tell each photo also where there are many.
        now: seconds of a clock that only goes forward.
    """
    if silent or count(FEW + 1) <= FEW:
        return Entries()
    total = _counted(lambda: count(None))
    # A dumb terminal cannot move its cursor, so it gets lines (terminfo, "dumb").
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return Lines(total, sys.stderr, every=every, now=now)
    from rich.console import Console  # noqa: PLC0415  (only many photos need it)

    return Bar(total, Console(stderr=True, highlight=False), every=every, now=now)


def _counted(count: Callable[[], int]) -> Callable[[], int | None]:
    """Count beside the work: walking 100,000 files takes seconds that nobody should wait for."""
    known: list[int] = []
    threading.Thread(target=lambda: known.append(count()), name="count", daemon=True).start()
    return lambda: known[0] if known else None


def _two_lines(console: Console) -> tuple[RichProgress, TaskID]:
    """A bar with how far the run is, and below it how the photos went."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class TwoLines(Progress):
        """A bar with a line below it."""

        def get_renderables(self) -> Iterable[RenderableType]:
            """The bar, then the line."""
            yield from super().get_renderables()
            for task in self.tasks:
                totals, file = task.fields["totals"], task.fields["file"]
                line = " · ".join(part for part in (totals, file) if part)
                yield Text(f"  {line}", no_wrap=True, overflow="ellipsis")

    bar = TwoLines(
        TextColumn(" "),
        BarColumn(24),
        TextColumn("{task.fields[done]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
        console=console,
        transient=True,
        # Results may go to a file or a pipe: what is written there stays there.
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return bar, bar.add_task("", total=None, done="", pace="", totals="", file="")


def _of(done: int, total: int | None) -> str:
    return f"{done}" if total is None else f"{done} of {max(done, total)}"


def _left(seconds: float) -> str:
    if seconds >= _HOUR:
        return f"about {words.counted(round(seconds / _HOUR), 'hour')}"
    if seconds >= _MINUTE:
        return f"about {words.counted(round(seconds / _MINUTE), 'minute')}"
    return "less than a minute"
