"""``imageprep check PATH...``: look and report, write nothing."""

from __future__ import annotations

import typer

from imu_imageprep.clock import processors
from imu_imageprep.front.cli import options, pipe
from imu_imageprep.front.cli.progress import choose
from imu_imageprep.front.cli.run import PassedOver, Show, run


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
    """Look at photos and say what they would be held for; nothing is written.

    Exit code 0: nothing found, which is not the same as nothing there. 1: something would be held.

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
    session = options.session(policy, config, ledger, recognise=recognise and not streaming)
    from imu_imageprep.batch.run import Batch  # noqa: PLC0415  (numpy and the rest, not for --help)
    from imu_imageprep.request import Request  # noqa: PLC0415

    request = Request.of(place=place, dry_run=True, values=show_metadata)
    show, passed_over = Show(json=json, metadata=show_metadata, looking=True), PassedOver()
    if streaming:
        looked = pipe.Stream(session, paths[0], None).run(request)
        raise typer.Exit(run(looked, policy, show, passed_over).code)
    plan = options.plan(paths, None, ext, exclude, passed_over=passed_over)
    with Batch(session, jobs or processors()) as batch:
        receipts = batch.run(plan, request)
        progress = choose(plan.count, silent=json)
        code = run(receipts, policy, show, passed_over, progress=progress).code
    raise typer.Exit(code)
