"""``imageprep PATH...``: the main job."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.errors import ExitCode, UsageProblem
from imu_imageprep.domain.needs import COVERABLE
from imu_imageprep.domain.policy import Names
from imu_imageprep.front.cli import interrupt, offered, options, pipe, process
from imu_imageprep.front.cli.progress import Entries, choose
from imu_imageprep.front.cli.run import Show, run, tell
from imu_imageprep.front.cli.summary import PassedOver
from imu_imageprep.front.cli.terminal import Console
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imu_imageprep.batch.cluster import Cluster
    from imu_imageprep.batch.plan import Plan
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.progress import Progress
    from imu_imageprep.front.cli.run import Again, Result
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session


def _version(wanted: bool) -> None:
    if wanted:
        print(f"imageprep {__version__}")
        raise typer.Exit


def prepare(
    ctx: typer.Context,
    paths: options.Paths,
    out: Annotated[
        str | None,  # a path would not take an address
        typer.Option(
            "--out",
            "-o",
            click_type=options.OR_STORE,
            metavar="DIR|URL",
            help="Folder that collects all exports; - for stdout.",
        ),
    ] = None,
    json: options.Json = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Decide, but write nothing.")
    ] = False,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            metavar="faces|codes|text|ID[,...]",
            help="Cover all faces, codes, readable text, or these findings.",
            autocompletion=offered.covering,
        ),
    ] = None,
    redact_box: Annotated[
        list[str] | None,
        typer.Option(metavar="X,Y,W,H", help="Cover this area (pixels of the upright photo)."),
    ] = None,
    redact_style: Annotated[
        RedactStyle, typer.Option(help="How to cover; it cannot be undone.")
    ] = RedactStyle.SOLID,
    credit: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Credit line to draw on the picture.")
    ] = None,
    place: options.Place = None,
    caption: Annotated[
        bool,
        typer.Option(
            "--caption", help="Write a text to post with each export, in a file beside it."
        ),
    ] = False,
    caption_text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="How that text begins.")
    ] = None,
    recognise: options.Recognise = False,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="ID=REF", help="Say that a face is the person suggested (with --by)."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who says so, for --confirm.")
    ] = None,
    watermark: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Watermark; {year} and {owner} are filled in."),
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Fit inside this size, 800x600 by default.")
    ] = None,
    names: Annotated[
        Names | None, typer.Option(help="Keep the photo's name, or give a neutral one.")
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="Let every photo wait, also if nothing is found.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing exports.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            click_type=options.NAMED,
            metavar="DIR",
            help="Write a report of the run into this folder.",
        ),
    ] = None,
    ext: options.Ext = None,
    exclude: options.Exclude = None,
    show_metadata: options.ShowMetadata = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask a question.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say only what waits or failed.")
    ] = False,
    verbose: options.Verbose = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Prepare photos for the web: hidden data removed, people asked about, small and marked.

    If nothing is found, the photo is exported. If it shows a face, looks clinical or has someone
    else's credit, it waits for your answer. The original is never changed; nothing leaves this
    computer.
    """
    options.set_up_logging(verbose)
    options.refuse_command_names(ctx, paths)
    options.refuse_mistyped_command(ctx, paths)
    del version  # its callback has ended the run
    policy = options.policy_from(
        config, profile=profile, channel=channel, watermark=watermark, size=size, names=names
    )
    from imu_imageprep.domain.place import place as place_of  # noqa: PLC0415  (not for --help)

    folder = None if out is None else place_of(out)
    if streaming := pipe.named(paths, folder):
        pipe.refuse(paths, folder, json=json, report=report, dry_run=dry_run)
    boxes = [options.read_box(text) for text in redact_box or []]
    if redact is not None and not options.listed(redact):
        raise UsageProblem("--redact names nothing to cover.", COVERABLE)
    _refuse_confirm(confirm, by, paths, alone=not (streaming or dry_run))
    if scheduler is None:
        process.begin_decoding(paths, jobs)
    elif streaming:
        options.refuse_stream("A photo for a cluster", "folder")
    session = options.session(policy, config, ledger, recognise=recognise)
    with interrupt.loading():
        # numpy and the rest, not for --help
        from imu_imageprep.batch.plan import refuse_beside  # noqa: PLC0415
        from imu_imageprep.batch.run import Batch  # noqa: PLC0415
        from imu_imageprep.open_photos import OpenPhotos  # noqa: PLC0415
        from imu_imageprep.request import Request  # noqa: PLC0415

    request = Request.of(
        options.listed(redact),
        boxes,
        redact_style,
        credit,
        hold=hold,
        place=place,
        caption=caption if caption_text is None else caption_text,
        dry_run=dry_run,
        values=show_metadata,
    )
    if confirm is not None:
        _confirm(session, paths[0], confirm, by or "")
    passed_over = PassedOver()
    show = Show(
        json=json,
        metadata=show_metadata,
        quiet=quiet,
        picture=pipe.to_stdout(folder) and not dry_run,
    )
    # Who can be asked: nobody where one of the options says so, or where no one is there.
    # Nor about the photos of an archive, which would all have to be kept in mind for that.
    silent = no_input or json or quiet or dry_run or hold or scheduler is not None
    console = None if silent else Console.there()
    if streaming:
        photos = OpenPhotos() if console else OpenPhotos(0)
        stream = pipe.Stream(session, paths[0], folder, photos, replace=force)
        work = _Work(session, request, show, console, passed_over, stream.again)
        raise typer.Exit(work.shown(stream.run(request), Entries(), lambda _: None).code)

    plan = options.plan(
        session, paths, folder, ext, exclude, replace=force, passed_over=passed_over
    )
    if not dry_run:
        refuse_beside(plan.paths, folder)
    with Batch(
        session,
        jobs,
        keep=console is not None,
        cluster=_cluster(session, scheduler, jobs, paths, out),
    ) as batch:
        work = _Work(session, request, show, console, passed_over, batch.again)
        receipts = batch.run(plan, request)
        progress = choose(plan.count, silent=json or quiet, every=verbose > 0)
        if dry_run and report is None:  # looking leaves nothing behind
            raise typer.Exit(work.shown(receipts, progress, lambda _: None).code)
        result = _recorded(work, plan, receipts, progress, report)
    if report is not None and not quiet:
        page = words.printable(str(report / "report.html"))
        print(f"Report: {page}", file=sys.stderr)
    raise typer.Exit(result.code)


def _cluster(
    session: Session, scheduler: str | None, jobs: int | None, paths: list[str], out: str | None
) -> Cluster | None:
    """The machines that do the work of a run; None where this computer does it.

    Raises:
        ImageprepError: they cannot, or not with these paths and this ledger.
    """
    if scheduler is None:
        return None
    with interrupt.loading():
        from imu_imageprep.batch import cluster, reach  # noqa: PLC0415  (only where it is asked for)

    scheduler = reach.address(scheduler)
    if scheduler != reach.LOCAL:
        places = [*paths, *([] if out is None else [out])]
        reach.check_reach(places, shared=session.ledger.shared)
    return cluster.Cluster(session, scheduler, jobs)


@dataclasses.dataclass(frozen=True, slots=True)
class _Work:
    """A run on the command line, and the person who may be asked about what waits.

    Attributes:
        session: what holds for every photo.
        request: what is asked for with each.
        show: how it is shown.
        console: where the person sits; None where nobody is asked.
        passed_over: knows how many files were not taken.
        again: prepares one photo of the run again.
    """

    session: Session
    request: Request
    show: Show
    console: Console | None
    passed_over: PassedOver
    again: Again

    def shown(
        self, receipts: Iterator[Receipt], progress: Progress, record: Callable[[Receipt], None]
    ) -> Result:
        """Show the run, and talk about what waits; ``record`` is told how each photo ended."""
        policy = self.session.policy
        if self.console is None:
            return run(
                receipts, policy, self.show, self.passed_over, progress=progress, record=record
            )
        from imu_imageprep.front.cli.guided import after  # noqa: PLC0415  (only for a person)

        waiting = after.Waiting(record)
        first = run(
            receipts, policy, self.show, self.passed_over, progress=progress, record=waiting.add
        )
        return after.go_on(
            first, waiting, self.console, self.session, self.request, self._told_again
        )

    def _told_again(self, path: str, request: Request) -> Receipt:
        receipt = self.again(path, request)
        tell(receipt, self.session.policy, self.show, Entries(), sys.stderr)
        return receipt


def _recorded(
    work: _Work, plan: Plan, receipts: Iterator[Receipt], progress: Progress, report: Path | None
) -> Result:
    """Show a run, and keep its record for a report."""
    from imu_imageprep.report.folder import recorded  # noqa: PLC0415

    session = work.session
    with recorded(
        plan.paths,
        policy=session.policy,
        out=plan.out,
        ledger=session.ledger.place,
        report=report,
    ) as record:
        result = work.shown(receipts, progress, record.add)
        record.interrupted = result.code is ExitCode.INTERRUPTED
        record.passed_over = work.passed_over.count
    return result


def _refuse_confirm(text: str | None, by: str | None, paths: list[str], *, alone: bool) -> None:
    """Refuse --confirm where it is not for one photo's file, or nobody says so.

    Raises:
        UsageProblem: it is not.
    """
    if text is not None and (not alone or len(paths) != 1 or not by):
        raise UsageProblem(
            "--confirm is for one photo's file, for a person who says so, and not for --dry-run.",
            "Write it like: imageprep photo.jpg --confirm face-1=C-REF --by NAME",
        )


def _confirm(session: Session, photo: str, text: str, by: str) -> None:
    """Record that one face of a photo is who was suggested.

    Raises:
        UsageProblem: that was not suggested.
    """
    from imu_imageprep import api  # noqa: PLC0415

    face, ref = options.read_confirmation(text)
    api.Desk(session.ledger).confirm(
        photo, face=face, ref=ref, by=by, policy=session.policy, config_file=session.config_file
    )
