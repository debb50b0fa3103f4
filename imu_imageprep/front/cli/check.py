"""``imageprep check PATH...`` and ``verify FILE...``: check and report, write nothing."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ExitCode, ImageprepError, worst
from imu_imageprep.front.cli import interrupt, options, pipe, process, summary
from imu_imageprep.front.cli.progress import choose
from imu_imageprep.front.cli.run import Show, run
from imu_imageprep.front.cli.summary import PassedOver


def check(
    ctx: typer.Context,
    paths: options.Paths,
    json: options.Json = False,
    jobs: options.Jobs = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    place: options.Place = None,
    recognise: options.Recognise = False,
    ext: options.Ext = None,
    exclude: options.Exclude = None,
    show_metadata: options.ShowMetadata = False,
    verbose: options.Verbose = 0,
) -> None:
    """Check photos and say what they would wait for; nothing is written.

    Exit code 0: nothing was found. The check can miss things: look at every picture before you
    post it. 1: a photo would wait.

    \b
    Examples:
      imageprep check photo.jpg
      imageprep check photos/ --json
    """
    options.set_up_logging(verbose)
    options.refuse_command_names(ctx, paths)
    policy = options.policy_from(config, profile=profile, channel=channel)
    streaming = pipe.named(paths)
    if streaming:
        pipe.refuse(paths, None, json=json, report=None, dry_run=True)
    process.begin_decoding(paths, jobs)
    session = options.session(policy, config, ledger, recognise=recognise and not streaming)
    with interrupt.loading():
        # numpy and the rest, not for --help
        from imu_imageprep.batch.run import Batch  # noqa: PLC0415
        from imu_imageprep.open_photos import OpenPhotos  # noqa: PLC0415
        from imu_imageprep.request import Request  # noqa: PLC0415

    request = Request.of(place=place, dry_run=True, values=show_metadata)
    show, passed_over = Show(json=json, metadata=show_metadata, looking=True), PassedOver()
    if streaming:
        looked = pipe.Stream(session, paths[0], None, OpenPhotos(0)).run(request)
        raise typer.Exit(run(looked, policy, show, passed_over).code)
    plan = options.plan(session, paths, None, ext, exclude, passed_over=passed_over)
    with Batch(session, jobs) as batch:
        receipts = batch.run(plan, request)
        progress = choose(plan.count, silent=json)
        code = run(receipts, policy, show, passed_over, progress=progress).code
    raise typer.Exit(code)


def verify(
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Exported pictures; - for stdin.", callback=options.typed
        ),
    ],
) -> None:
    """Say whether JPEG, PNG and WebP files hold anything besides the picture.

    Exit code 0 only if every file is free of hidden data. That is not a permission to post: it
    says nothing about who or what is shown.

    \b
    Example:
      imageprep verify photo-web.jpg
    """
    options.refuse_command_names(ctx, files)
    from imu_imageprep import api  # noqa: PLC0415

    codes = []
    for file in files:
        name = "the picture" if file == pipe.STREAM else words.printable(file)
        picture = pipe.given(file, "imageprep verify - < photo-web.jpg")
        try:
            leftovers = api.verify(picture)
        except ImageprepError as problem:
            codes.append(problem.code)
            told = (problem.message, problem.advice)
            summary.shown(
                [f"  {_state('failed')}{name}", *(f"{' ' * 11}{what}" for what in told)], sys.stderr
            )
            continue
        codes.append(ExitCode.VERIFY if leftovers else ExitCode.OK)
        state = _state("hidden" if leftovers else "clean")
        summary.shown(
            [f"  {state}{name}", *(f"{' ' * 11}{what}" for what in leftovers)], sys.stdout
        )
    print(words.NOT_A_PERMISSION, file=sys.stderr)
    raise typer.Exit(worst(codes))


def _state(word: str) -> str:
    colour = typer.colors.GREEN if word == "clean" else typer.colors.RED
    return typer.style(f"{word:<9}", fg=colour, bold=True)
