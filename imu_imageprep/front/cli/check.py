"""``imageprep check PATH...``: look and report, write nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from imu_imageprep.front.cli import options, pipe
from imu_imageprep.front.cli.progress import choose
from imu_imageprep.front.cli.run import PassedOver, Show, run

if TYPE_CHECKING:
    from imu_imageprep.domain.receipt import Receipt


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
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, help="Say more; -vv for details.", show_default=False
        ),
    ] = 0,
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
    from imu_imageprep import api  # noqa: PLC0415  (numpy and the rest, not needed for --help)

    show = Show(json=json, metadata=show_metadata, looking=True)
    if pipe.named(paths):
        pipe.refuse(paths, None, json=json, report=None, dry_run=True)

        def one(photo: str | BinaryIO, target: object) -> Receipt:
            del target
            return api.prepare(
                photo,
                policy=policy,
                config_file=config,
                dry_run=True,
                place=place,
                ledger=ledger,
                values=show_metadata,
            )

        looked = run(pipe.receipts(one, paths[0], None), policy, show, PassedOver())
        raise typer.Exit(looked.code)
    suffixes, left_out = options.listed(ext), exclude or []
    passed_over = PassedOver()
    receipts = api.prepare_many(
        paths,
        policy=policy,
        config_file=config,
        dry_run=True,
        place=place,
        recognise=recognise,
        ledger=ledger,
        jobs=jobs,
        values=show_metadata,
        ext=suffixes,
        exclude=left_out,
        passed_over=passed_over,
    )
    progress = choose(
        lambda most: api.count(paths, ext=suffixes, exclude=left_out, most=most), silent=json
    )
    raise typer.Exit(run(receipts, policy, show, passed_over, progress=progress).code)
