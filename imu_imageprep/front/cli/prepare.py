"""``imageprep PATH...``: the main job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ExitCode, UsageProblem
from imu_imageprep.domain.policy import Names, Policy
from imu_imageprep.front.cli import complete, options, pipe
from imu_imageprep.front.cli.progress import Entries, choose
from imu_imageprep.front.cli.run import PassedOver, Result, Show, run, tell
from imu_imageprep.front.cli.terminal import Console
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.guided.office import Wishes
    from imu_imageprep.front.cli.progress import Progress


class Style(StrEnum):
    """How areas are covered."""

    SOLID = "solid"
    PIXELATE = "pixelate"
    BLUR = "blur"


def _version(wanted: bool) -> None:
    if wanted:
        print(f"imageprep {__version__}")
        raise typer.Exit


def _person(*silent: bool) -> Console | None:
    """Who can be asked: nobody where one of the options says so, or where no one is there."""
    return None if any(silent) else Console.there()


def prepare(
    ctx: typer.Context,
    paths: options.Paths,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Folder that collects all exports; - for stdout."
        ),
    ] = None,
    json: options.Json = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Decide, but write nothing.")
    ] = False,
    jobs: options.Jobs = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            metavar="faces|codes|ID[,...]",
            help="Cover all faces, codes, or these findings.",
            autocompletion=complete.covering,
        ),
    ] = None,
    redact_box: Annotated[
        list[str] | None,
        typer.Option(metavar="X,Y,W,H", help="Cover this area (pixels of the upright photo)."),
    ] = None,
    redact_style: Annotated[
        Style, typer.Option(help="How to cover; none can be undone.")
    ] = Style.SOLID,
    credit: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Credit line to draw on the picture.")
    ] = None,
    place: options.Place = None,
    caption: Annotated[
        bool,
        typer.Option("--caption", help="Write a text to post with each export, beside it."),
    ] = False,
    caption_text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Begin that text with this one.")
    ] = None,
    recognise: options.Recognise = False,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="ID=REF", help="Say that one face is who was suggested (with --by)."),
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
        bool, typer.Option("--hold", help="Hold the photos whatever is found.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing exports.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a report of the run into this folder."),
    ] = None,
    ext: options.Ext = None,
    exclude: options.Exclude = None,
    show_metadata: options.ShowMetadata = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask a question.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, help="Say more; -vv for details.", show_default=False
        ),
    ] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Prepare photos for the web: hidden data out, people and places asked for, small and marked.

    A photo with nothing to ask about is exported. One that shows a face, looks clinical or carries
    someone else's credit waits for you. The original is never touched; nothing leaves this machine.
    """
    options.set_up_logging(verbose)
    options.refuse_command_names(ctx, paths)
    del version  # its callback has ended the run
    policy = options.policy_from(
        config, profile=profile, channel=channel, watermark=watermark, size=size, names=names
    )
    streaming = pipe.named(paths, out)
    if streaming:
        pipe.refuse(paths, out, json=json, report=report, dry_run=dry_run)
    chosen = options.listed(redact)
    suffixes, left_out = options.listed(ext), exclude or []
    boxes = [options.read_box(text) for text in redact_box or []]
    from imu_imageprep import api  # noqa: PLC0415  (numpy and the rest, not needed for --help)

    _confirm(confirm, by, paths, _Where(policy, config, ledger), alone=not (streaming or dry_run))
    show = Show(
        json=json, metadata=show_metadata, quiet=quiet, picture=pipe.to_stdout(out) and not dry_run
    )
    beside = caption if caption_text is None else caption_text

    def prepared(
        redact: Sequence[str],
        boxes: Sequence[tuple[int, int, int, int]],
        credit: str | None,
        wanted: Callable[[Path], bool] | None = None,
        passed_over: PassedOver | None = None,
    ) -> Iterator[Receipt]:
        def one(photo: str | BinaryIO, target: BinaryIO | Path | None) -> Receipt:
            return api.prepare(
                photo,
                policy=policy,
                config_file=config,
                out=target,
                redact=redact,
                boxes=boxes,
                redact_style=redact_style.value,
                credit=credit,
                hold=hold,
                place=place,
                caption=beside,
                recognise=recognise,
                dry_run=dry_run,
                force=force,
                ledger=ledger,
                values=show_metadata,
            )

        if streaming:
            return pipe.receipts(one, paths[0], None if dry_run else out)
        return api.prepare_many(
            paths,
            policy=policy,
            config_file=config,
            out=out,
            redact=redact,
            boxes=boxes,
            redact_style=redact_style.value,
            credit=credit,
            hold=hold,
            dry_run=dry_run,
            force=force,
            place=place,
            caption=beside,
            recognise=recognise,
            ledger=ledger,
            jobs=jobs,
            values=show_metadata,
            ext=suffixes,
            exclude=left_out,
            passed_over=passed_over,
            wanted=wanted,
        )

    def again(receipt: Receipt, wishes: Wishes) -> Receipt:
        only = Path(receipt.path or "").__eq__
        found = prepared(wishes.redact, wishes.boxes, wishes.credit, wanted=only)
        new = next(iter(found), receipt)
        tell(new, policy, show, Entries(), sys.stderr)
        return new

    passed_over = PassedOver()
    receipts = prepared(chosen, boxes, credit, passed_over=passed_over)
    console = _person(no_input, json, quiet, dry_run, hold)

    def shown(record: Callable[[Receipt], None], progress: Progress) -> Result:
        if console is None:
            return run(receipts, policy, show, passed_over, progress=progress, record=record)
        from imu_imageprep.front.cli.guided import after  # noqa: PLC0415  (only for a person)

        waiting = after.Waiting(record)
        first = run(receipts, policy, show, passed_over, progress=progress, record=waiting.add)
        files = after.Files(config, ledger, place)
        asked = after.Asked(tuple(chosen), tuple(boxes), credit, files)
        return after.go_on(first, waiting, console, asked, again, policy)

    progress: Progress = (
        Entries()
        if streaming
        else choose(
            lambda most: api.count(paths, out=out, ext=suffixes, exclude=left_out, most=most),
            silent=json or quiet,
            every=verbose > 0,
        )
    )
    if streaming or (dry_run and report is None):  # looking leaves nothing behind
        raise typer.Exit(shown(lambda _: None, progress).code)
    with api.recorded(paths, policy=policy, out=out, ledger=ledger, report=report) as record:
        result = shown(record.add, progress)
        record.interrupted = result.code is ExitCode.INTERRUPTED
        record.passed_over = passed_over.count
    if report is not None and not quiet:
        page = words.printable(str(report / "report.html"))
        print(f"Report: {page}", file=sys.stderr)
    raise typer.Exit(result.code)


@dataclass(frozen=True, slots=True)
class _Where:
    """The rules of a run, the file that they came from, and the ledger."""

    policy: Policy
    config: Path | None
    ledger: Path | None


def _confirm(
    text: str | None, by: str | None, paths: list[str], where: _Where, *, alone: bool
) -> None:
    """Record what --confirm and --by say, if anything: that one face is who was suggested.

    Raises:
        UsageProblem: it is not for one photo's file, nobody says so, or it was not suggested.
    """
    if text is None:
        return
    if not alone or len(paths) != 1 or not by:
        raise UsageProblem(
            "--confirm is for one photo's file, for a person who says so, and not for --dry-run.",
            "Write it like: imageprep photo.jpg --confirm face-1=C-REF --by NAME",
        )
    from imu_imageprep import api  # noqa: PLC0415

    face, ref = options.read_confirmation(text)
    api.People.at(where.ledger, where.policy.register.key_file or None).confirm(
        paths[0], face=face, ref=ref, by=by, policy=where.policy, config_file=where.config
    )
