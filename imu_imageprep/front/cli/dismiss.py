"""``imageprep dismiss PATH...``: one false alarm, or the doubts of many photos at once."""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.consent import bad_name
from imu_imageprep.domain.errors import ExitCode, Outcome, UsageProblem, worst
from imu_imageprep.domain.needs import Need
from imu_imageprep.front.cli import interrupt, offered, options, pipe, summary
from imu_imageprep.front.cli.progress import choose
from imu_imageprep.front.cli.summary import PassedOver
from imu_imageprep.front.cli.terminal import Console
from imu_imageprep.shell import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.progress import Progress
    from imu_imageprep.session import Session

_EXAMPLE = (
    "Write it like: imageprep dismiss photo.jpg --finding clinical-1 --need patient-consent "
    '--reason "no patient shown" --by NAME'
)


def dismiss(
    ctx: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="The photo, - for stdin; with --doubts photos and folders.",
            callback=options.typed,
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    finding: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="A finding's ID, as check shows it: face-1.",
            autocompletion=offered.findings,
        ),
    ] = None,
    need: Annotated[Need | None, typer.Option(help="The need that is answered by this.")] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help='"no patient shown", "not a clinical place", "nothing clinical", "not a face", '
            '"picture or statue", "own work", "public code", "not a code", "public information" '
            'or "nobody can be identified by it".',
        ),
    ] = None,
    doubts: Annotated[
        bool,
        typer.Option("--doubts", help="List the photos that may be clinical, and ask once."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --doubts: do not ask, you looked at each photo.")
    ] = False,
    jobs: options.Jobs = None,
    ext: options.Ext = None,
    exclude: options.Exclude = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Mark a finding as a false alarm for one of its needs; its other needs stay open.

    With --doubts: of every photo that may be clinical, say that nothing clinical is shown.

    \b
    Examples:
      imageprep dismiss lobby.jpg --finding clinical-1 --need patient-consent \\
        --reason "no patient shown" --by "Tan"
      imageprep dismiss open-day/ --doubts --by "Tan"
    """
    policy = options.policy_from(config)
    said = (finding, need, reason)
    if doubts:
        if any(one is not None for one in said):
            raise UsageProblem(
                "--doubts answers every doubt, so it takes no --finding, --need and --reason.",
                "Write it like: imageprep dismiss FOLDER --doubts --by NAME",
            )
        options.refuse_command_names(ctx, paths)
        console = _person(paths, by, yes=yes)
        session = options.session(policy, config, ledger)
        raise typer.Exit(_doubts(session, paths, by, console, jobs, ext, exclude))
    if len(paths) != 1 or finding is None or need is None or reason is None or yes:
        raise UsageProblem(
            "Name one photo, and --finding, --need and --reason; or --doubts for many photos.",
            _EXAMPLE,
        )
    print(_one(policy, paths[0], finding, need, reason, by, ledger))


def clinical(
    photo: Annotated[
        str,
        typer.Argument(
            click_type=options.OR_STORE, metavar="PHOTO", help="The photo; - for stdin."
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    finding: Annotated[
        str,
        typer.Option(
            metavar="ID",
            help="The doubt's ID, as check shows it.",
            autocompletion=offered.findings,
        ),
    ] = "doubt-1",
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Say that a photo is clinical where the check only doubts; it then needs both permissions.

    \b
    Example:
      imageprep consent clinical corridor.jpg --by "Tan"
    """
    policy = options.policy_from(config)
    picture = pipe.given(photo, "imageprep consent clinical - --by NAME < photo.jpg")
    entered = options.desk(ledger).say_clinical(picture, finding=finding, by=by, policy=policy)
    print(entered.ref)


def _one(
    policy: Policy,
    path: str,
    finding: str,
    need: Need,
    reason: str,
    by: str,
    ledger: str | None,
) -> str:
    """Dismiss one need of one finding; returns the reference."""
    from imu_imageprep.domain.needs import Reason  # noqa: PLC0415

    if reason not in list(Reason):
        raise UsageProblem(
            f"This reason is not in the list: {words.printable(reason)}",
            f"The reasons are: {', '.join(Reason)}.",
        )
    picture = pipe.given(path, "imageprep dismiss - --finding face-1 ... < photo.jpg")
    entered = options.desk(ledger).dismiss(
        picture, finding=finding, need=need, reason=Reason(reason), by=by, policy=policy
    )
    return entered.ref


def _person(paths: Sequence[str], by: str, *, yes: bool) -> Console | None:
    """Who is asked whether nothing clinical is shown; None where that was said already.

    Raises:
        UsageProblem: nobody can be asked, or nobody says so by name.
    """
    if problem := next(bad_name("By", by), None):
        raise UsageProblem(problem, "See: imageprep dismiss --help")
    if pipe.named(paths):
        options.refuse_stream("A photo with a doubt", "file or a folder")
    if yes:
        return None
    if (console := Console.there()) is None:
        raise UsageProblem(
            "Somebody has to say that nothing clinical is shown, and nobody can be asked here.",
            "Look at the photos, then add --yes to go on.",
        )
    return console


def _doubts(
    session: Session,
    paths: Sequence[str],
    by: str,
    console: Console | None,
    jobs: int | None,
    ext: Sequence[str] | None,
    exclude: Sequence[str] | None,
) -> ExitCode:
    """List the photos whose doubt is open, ask once, and answer for all of them or for none."""
    with interrupt.loading():
        # numpy and the rest, not for --help
        from imu_imageprep.batch.run import Batch  # noqa: PLC0415
        from imu_imageprep.desk import Desk  # noqa: PLC0415
        from imu_imageprep.request import Request  # noqa: PLC0415

    try:
        plan = options.plan(session, paths, None, ext, exclude, passed_over=PassedOver())
        with Batch(session, jobs) as batch:
            receipts = batch.run(plan, Request.of(dry_run=True))
            looked = _look(receipts, session.policy, choose(plan.count))
        if not looked.waiting:
            print("No photo here waits because it may be clinical.", file=sys.stderr)
            return looked.code
        summary.shown(_list(looked.waiting), sys.stderr)
        if console is not None and not _agreed(console, len(looked.waiting)):
            print("Nothing was recorded; they are waiting.", file=sys.stderr)
            return worst([looked.code, ExitCode.HELD])
        answered = Desk(session.ledger).dismiss_doubts(looked.waiting, by=by)
    except KeyboardInterrupt:  # they are entered together, or not at all
        print("Interrupted: nothing was recorded.", file=sys.stderr)
        return ExitCode.INTERRUPTED
    for receipt, entered in answered:
        summary.shown([f"{entered.ref}  {words.printable(receipt.path or '')}"], sys.stdout)
    again = " ".join(map(typed, paths))
    summary.shown([f"Recorded. To go on: imageprep {again}"], sys.stderr)
    return looked.code


@dataclass(frozen=True, slots=True)
class _Seen:
    """The photos whose doubt is open, and the worst exit code of those that failed."""

    waiting: tuple[Receipt, ...]
    code: ExitCode


def _look(receipts: Iterable[Receipt], policy: Policy, progress: Progress) -> _Seen:
    """Look at every photo; those that fail are told."""
    waiting: list[Receipt] = []
    codes: set[ExitCode] = set()
    try:
        with progress:
            for receipt in receipts:
                progress.took(receipt)
                if receipt.outcome is Outcome.FAILED:
                    codes.add(receipt.exit_code)
                    progress.tell(summary.entry(receipt, policy), sys.stderr)
                elif receipt.open_doubts:
                    waiting.append(receipt)
    finally:
        if isinstance(receipts, Generator):
            receipts.close()  # ends the workers before anything more is said
    waiting.sort(key=lambda receipt: receipt.path or "")
    return _Seen(tuple(waiting), worst(codes))


def _list(waiting: Sequence[Receipt]) -> Iterable[str]:
    """The photos, one a line."""
    for receipt in waiting:
        yield f"  {words.printable(receipt.path or '')}: {words.found(receipt.open_doubts)}"


def _agreed(console: Console, number: int) -> bool:
    """Ask once; everything but a yes is no, also where nobody is there any more."""
    these = "this photo" if number == 1 else f"each of these {number} photos"
    try:
        typed = console.ask(f"Did you look at {these}, and is nothing clinical shown? [y/N] ")
    except EOFError:
        return False
    return typed.lower() in ("y", "yes")
