"""What is shown while a run goes on, and how Ctrl-C ends it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pictures import encoded, scene
from rich.console import Console

from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.front.cli.progress import FEW, Bar, Entries, Lines, Pace, choose
from imu_imageprep.front.cli.run import Show, run
from imu_imageprep.front.cli.summary import PassedOver

READY = Receipt(Outcome.CLEAR, path="day/a.jpg")
WAITS = Receipt(Outcome.HELD, path="day/b.jpg")


@dataclass
class Seconds:
    """A clock that a test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    clock = Seconds()
    pace = Pace(clock)
    assert pace.told(0, 1000) == ""
    for second in range(1, 11):  # what was done before goes quickly
        clock.now = second
        pace.told(100 * second, 4000)
    for second in range(11, 61):
        clock.now = second
        told = pace.told(1000 + (second - 10), 1170)
    assert told == "1.0 a second, about 2 minutes left"


@pytest.mark.parametrize(
    ("seconds", "done", "total", "told"),
    [
        (10, 5, None, "30 a minute"),
        (10, 20, 20, "2.0 a second"),
        (10, 20, 60, "2.0 a second, less than a minute left"),
        (10, 10, 7210, "1.0 a second, about 2 hours left"),
    ],
)
def test_rate_and_time_left(seconds: float, done: int, total: int | None, told: str) -> None:
    clock = Seconds()
    pace = Pace(clock)
    clock.now = seconds
    assert pace.told(done, total) == told


def test_lines_come_after_a_hundred_photos_or_ten_seconds() -> None:
    clock, stream = Seconds(), io.StringIO()
    lines = Lines(lambda: 3000, stream, every=False, now=clock)
    with lines:
        for _ in range(99):
            lines.took(READY)
        assert stream.getvalue() == ""
        clock.now = 5
        lines.took(WAITS)
        clock.now = 14
        lines.took(READY)
        clock.now = 16
        lines.took(READY)
    assert stream.getvalue().splitlines() == [
        "  100 of 3000: 99 ready, 1 waiting for you; 20.0 a second, about 2 minutes left",
        "  102 of 3000: 101 ready, 1 waiting for you; 6.4 a second, about 8 minutes left",
    ]


def test_of_many_only_those_that_need_a_person_are_told() -> None:
    some = Lines(lambda: None, io.StringIO(), every=False, now=Seconds())
    assert [some.tells(receipt) for receipt in (READY, WAITS)] == [False, True]
    every = Lines(lambda: None, io.StringIO(), every=True, now=Seconds())
    assert every.tells(READY)


@pytest.mark.parametrize(
    ("photos", "silent", "kind"),
    [(1, False, Entries), (FEW, False, Entries), (FEW + 1, False, Lines), (500, True, Entries)],
)
def test_few_photos_and_silent_runs_show_no_progress(
    photos: int, silent: bool, kind: type[Entries]
) -> None:
    asked: list[int | None] = []

    def count(most: int | None) -> int:
        asked.append(most)
        return photos if most is None else min(photos, most)

    assert type(choose(count, silent=silent)) is kind
    assert asked[:1] == ([] if silent else [FEW + 1])


@pytest.mark.parametrize(
    ("variables", "kind"), [({"TERM": "xterm"}, Bar), ({"TERM": "dumb"}, Lines)]
)
def test_a_terminal_gets_a_bar_unless_it_is_dumb(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kind: type
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert type(choose(lambda most: most or 500)) is kind


def shown_by_a_bar(*, no_color: bool) -> str:
    terminal, clock = Terminal(), Seconds()
    console = Console(file=terminal, force_terminal=True, width=80, no_color=no_color)
    with Bar(lambda: 40, console, every=False, now=clock) as bar:
        clock.now = 2
        for receipt in (READY, READY, WAITS):
            bar.took(receipt)
        bar.tell(["  \x1b[33mwaiting\x1b[0m  day/b.jpg", "           1 face"], terminal)
    return terminal.getvalue()


def test_a_bar_tells_how_far_it_is_and_leaves_the_entries() -> None:
    shown = shown_by_a_bar(no_color=True)
    for told in (
        "3 of 40",
        "1.5 a second, less than a minute left",
        "2 ready, 1 waiting for you · b.jpg",
        "day/b.jpg\n",
        "           1 face\n",
    ):
        assert told in shown
    assert "\x1b[33m" not in shown
    assert "\x1b[33m" in shown_by_a_bar(no_color=False)


def test_results_are_written_where_they_belong_under_a_bar() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    with Bar(
        lambda: 40, Console(file=terminal, force_terminal=True), every=True, now=Seconds()
    ) as bar:
        bar.tell(["  ready    day/a.jpg"], pipe)
    assert pipe.getvalue() == "  ready    day/a.jpg\n"
    assert "day/a.jpg" not in terminal.getvalue()


def test_an_interrupt_tells_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    ended = []

    def receipts() -> Iterator[Receipt]:
        try:
            yield READY
            yield READY
        finally:
            ended.append(True)

    told: list[Receipt] = []

    def record(receipt: Receipt) -> None:
        told.append(receipt)
        if len(told) == 2:
            raise KeyboardInterrupt

    result = run(receipts(), Policy(), Show(), PassedOver(), record=record)
    assert result.code == 130
    assert ended == [True]
    lines = capsys.readouterr().err.splitlines()
    assert "2 ready." in lines
    assert lines[-1].startswith("Interrupted: run the same command again")


class Finalised:
    """Ctrl-C comes while it is taken away, where Python lets no exception out."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_was_swallowed_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    def receipts() -> Iterator[Receipt]:
        yield READY
        Finalised()
        yield READY
        yield READY

    before = signal.getsignal(signal.SIGINT)
    result = run(receipts(), Policy(), Show(), PassedOver())
    assert result.code == 130
    assert "2 ready." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups to interrupt")
def test_ctrl_c_ends_workers_without_a_trace_and_the_next_run_goes_on(tmp_path: Path) -> None:
    day = tmp_path / "day"
    day.mkdir()
    for number in range(30):
        (day / f"{number:02}.jpg").write_bytes(encoded(scene(300 + number, 200)))
    if sys.platform == "win32":
        pytest.skip("no process groups to interrupt")
    command = [sys.executable, "-m", "imu_imageprep", str(day), "-j", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first export is there
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the run
        _, stderr = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("Interrupted: run the same command again")
    begun = {path.name for path in day.with_name("day-web").iterdir()}
    assert begun < {f"{number:02}.jpg" for number in range(30)}
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert again.returncode == 0
    assert f"{len(begun)} skipped" in again.stderr
    assert len(list(day.with_name("day-web").iterdir())) == 30
