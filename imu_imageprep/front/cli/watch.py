"""``imageprep watch DIR``: prepare photos as they arrive in a folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json as json_text
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imu_imageprep import shell
from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ExitCode, InputProblem, Outcome, UsageProblem
from imu_imageprep.domain.place import here, place
from imu_imageprep.front.cli import options, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imu_imageprep.batch.albums import Standing
    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.disk import EventBell
    from imu_imageprep.front.watch import Wishes


LATE = "These left before the others of their folder came, which look clinical: look at them again."
_LONGEST = 3600  # seconds that a file may have to stay the same


def watch(
    ctx: typer.Context,
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Folder where photos arrive.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            click_type=options.NAMED,
            metavar="DIR",
            help="Folder of the exports; DIR-web by default.",
        ),
    ] = None,
    json: options.Json = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, max=options.MOST_JOBS, metavar="N", help="Photos at a time."
        ),
    ] = 1,
    settle: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=_LONGEST,
            metavar="SECONDS",
            help="How long a file must stay the same before it counts as complete.",
            callback=options.finite,
        ),
    ] = 2.0,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say only what waits or failed.")
    ] = False,
    verbose: options.Verbose = 0,
) -> None:
    """Prepare photos as they arrive in a folder, until it is stopped (Ctrl-C, SIGTERM).

    A photo is taken once, when it is completely written. What was exported before is skipped. What
    waits for you is checked again when the file changes or the watch starts.

    \b
    Examples:
      imageprep watch incoming/
      imageprep watch incoming/ --out ready/ --json
    """
    options.set_up_logging(verbose)
    options.refuse_command_names(ctx, [directory])
    if directory == "-":
        options.refuse_stream("A folder to watch", "folder")
    folder = here(place(directory := shell.at_home(directory)), "watch")
    _check(folder, out)
    policy = options.policy_from(config, profile=profile, channel=channel)
    # Nobody is at the screen to whom a suggestion could be shown.
    session = dataclasses.replace(options.session(policy, config, ledger), known=None)
    from imu_imageprep.batch.albums import Standing  # noqa: PLC0415
    from imu_imageprep.batch.run import Batch  # noqa: PLC0415  (numpy and the rest, not for --help)
    from imu_imageprep.front.disk import EventBell, LocalDisk, Monotonic  # noqa: PLC0415
    from imu_imageprep.front.watch import Settling, Watcher, Wishes  # noqa: PLC0415
    from imu_imageprep.request import Request  # noqa: PLC0415

    plan, request = options.plan(session, [directory], out), Request()
    ticks = Monotonic()
    albums = Standing(ticks.now)

    def prepare(wanted: Callable[[Path], bool]) -> Iterator[Receipt]:
        # Apart: a folder that is watched must outlive a photo that crashes its decoder.
        with Batch(session, jobs, apart=True) as batch:
            yield from batch.run(_arrived(plan, wanted, albums), request, albums)
        if late := albums.late():
            summary.shown([LATE, *(f"  {words.printable(path)}" for path in late)], sys.stderr)

    bell, wishes = EventBell(folder, out), Wishes()
    watcher = Watcher(folder, prepare, Settling(settle), ticks, LocalDisk(), bell, wishes)
    with _signals(wishes, bell) as received, bell.hung() as heard:
        if not quiet:
            _greet(folder, out, heard=heard)
        _show(watcher, policy, json=json, quiet=quiet)
    raise typer.Exit(ExitCode.INTERRUPTED if signal.SIGINT in received else ExitCode.OK)


def _arrived(
    plan: Iterable[Task], wanted: Callable[[Path], bool], albums: Standing
) -> Iterator[Task]:
    """The photos to prepare now; the albums forget those that are gone."""
    there: set[str] = set()
    for task in plan:
        there.add(str(task.path))
        if wanted(here(task.path)):
            yield task
    albums.keep_only(there)


def _check(folder: Path, out: Path | None) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112  (Path raises for a name too long)
        raise InputProblem(
            f"{words.printable(str(folder))} is not a folder.", "Name the folder to watch."
        )
    if out is not None and folder.resolve().is_relative_to(out.resolve()):
        raise UsageProblem(
            "The exports would go into the folder that is watched.",
            "Name a folder beside it, or one inside it.",
        )


@contextlib.contextmanager
def _signals(wishes: Wishes, bell: EventBell) -> Iterator[set[int]]:
    """Make signals wishes: end cleanly (a second Ctrl-C at once), or look again (SIGUSR1).

    SIGBREAK, the Ctrl-Break of Windows, is the one that a program can send to another there.

    Yields:
        The signals that asked for the end.
    """
    received: set[int] = set()

    def end(number: int, frame: object) -> None:
        del frame
        if number == signal.SIGINT and number in received:
            raise KeyboardInterrupt
        received.add(number)
        wishes.stop = True
        bell.ring()

    def again(number: int, frame: object) -> None:
        del number, frame
        wishes.look_again = True
        bell.ring()

    # SIGIO: somebody opened a file for writing in the moment that it was asked about.
    handlers: dict[str, Any] = {
        "SIGINT": end,
        "SIGTERM": end,
        "SIGBREAK": end,
        "SIGHUP": end,
        "SIGUSR1": again,
        "SIGIO": signal.SIG_IGN,
    }
    there = {getattr(signal, name): use for name, use in handlers.items() if hasattr(signal, name)}
    before = {number: signal.signal(number, use) for number, use in there.items()}
    try:
        yield received
    finally:
        for number, use in before.items():
            signal.signal(number, use)


def _greet(folder: Path, out: Path | None, *, heard: bool) -> None:
    from imu_imageprep.batch.names import beside  # noqa: PLC0415  (not for --help)

    where = out or beside(folder.resolve())
    lines = [
        f"Watching {words.printable(str(folder))}; exports go to {words.printable(str(where))}.",
        "Stop with Ctrl-C; start again to go on.",
    ]
    if not heard:
        lines.append("The system reports no changes in this folder; it is searched every minute.")
    summary.shown(lines, sys.stderr)
    sys.stderr.flush()


def _show(receipts: Iterable[Receipt], policy: Policy, *, json: bool, quiet: bool) -> None:
    """Messages to stderr; JSON, or where stdout is no terminal the exports' paths, to stdout."""
    latest: dict[str | None, Outcome] = {}  # a photo may be looked at more than once
    for receipt in receipts:
        latest[receipt.path] = receipt.outcome
        if json:
            print(json_text.dumps(receipt.to_json()), flush=True)
            continue
        # What was done before is counted alone: a start would repeat all of it.
        if receipt.outcome is Outcome.SKIPPED:
            continue
        if not quiet or receipt.outcome in (Outcome.HELD, Outcome.FAILED):
            summary.shown(summary.entry(receipt, policy), sys.stderr)
        if receipt.export is not None and not sys.stdout.isatty():
            sys.stdout.buffer.write(summary.result(receipt.export.path) + b"\n")
            sys.stdout.buffer.flush()
    if not json and not quiet:
        summary.shown(summary.closing(Counter(latest.values()), policy), sys.stderr)
