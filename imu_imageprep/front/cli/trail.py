"""``imageprep dismiss``, ``posted`` and ``receipt``: answers and the trail of exports."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import grounds, words
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need
from imu_imageprep.front.cli import complete, options, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.domain.trail import Listed, StoredReceipt


def dismiss(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The photo.")],
    finding: Annotated[
        str,
        typer.Option(
            metavar="ID", help="A finding as check shows it.", autocompletion=complete.findings
        ),
    ],
    need: Annotated[Need, typer.Option(help="Which of its needs does not stand.")],
    reason: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help='"no patient shown", "not a clinical place", "not a face", '
            '"picture or statue", "own work", "public code" or "not a code".',
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Say that one need of one finding does not stand; its other needs do.

    \b
    Example:
      imageprep dismiss lobby.jpg --finding clinical-1 --need patient-consent \\
        --reason "no patient shown" --by "Tan"
    """
    from imu_imageprep import api  # noqa: PLC0415
    from imu_imageprep.domain.needs import Reason  # noqa: PLC0415

    if reason not in list(Reason):
        raise UsageProblem(
            f"There is no such reason: {reason}", f"The reasons are: {', '.join(Reason)}."
        )
    policy = options.policy_from(config)
    entered = api.Desk.at(ledger).dismiss(
        path, finding=finding, need=need, reason=Reason(reason), by=by, policy=policy
    )
    print(entered.ref)


def posted(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export, unchanged.")],
    url: Annotated[str, typer.Option(metavar="URL", help="Where it was posted.")],
    ledger: options.LedgerFile = None,
) -> None:
    """Record where an export was posted, so that a withdrawal can name it.

    \b
    Example:
      imageprep posted photo-1a2b3c4d.jpg --url https://example.org/post/1
    """
    from imu_imageprep import api  # noqa: PLC0415

    api.Desk.at(ledger).posted(file, url)
    print("Recorded.")


def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export or an original.")],
    json: Annotated[bool, typer.Option("--json", help="Whole receipts, one a line.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(metavar="CARD", help="Write a page without names that can be handed on."),
    ] = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Show why a picture may be posted: what was found, who answered, which rules and versions.

    \b
    Example:
      imageprep receipt photo-1a2b3c4d.jpg
      imageprep receipt photo-1a2b3c4d.jpg --html card.html
    """
    from imu_imageprep import api  # noqa: PLC0415

    desk = api.Desk.at(ledger)
    found = desk.receipts(file)
    if not found:
        raise UsageProblem(
            "The ledger has no receipt of this file.",
            "Name the export or the original, unchanged; --ledger names another ledger.",
        )
    if html is not None:
        from imu_imageprep.report.card import write_card  # noqa: PLC0415

        write_card(html, found, desk.ledger)
        summary.shown([words.printable(str(html))], sys.stdout)
        return
    for one in found:
        entries = {ref: entry for ref in one.relied_on if (entry := desk.ledger.record(ref))}
        print(json_text.dumps(one.body) if json else "\n".join(_told(one, entries)))


def _told(one: StoredReceipt, entries: Mapping[str, Listed]) -> list[str]:
    body = one.body
    kinds = [finding["id"] for finding in body["findings"]]
    lines = [
        words.printable(one.export.path),
        f"  exported {one.at[:10]} for {one.channel or 'an unnamed channel'}"
        + ("" if one.finished else " (cut off: the file may not be there)"),
        f"  found: {words.listed(kinds) if kinds else 'nothing, which is not nothing there'}",
        f"  answered by: {words.listed(one.relied_on) if one.relied_on else 'no record'}"
        + (f"; {words.counted(len(body['covered']), 'area')} covered" if body["covered"] else "")
        + (f"; credit line: {body['credit']}" if body["credit"] else ""),
        *(f"    {line}" for line in grounds.who_answered(body, entries)),
        f"  not checked: {words.listed(body['not_checked']) or 'nothing'}",
        f"  imageprep {body['receipt']['product']}, policy {body['receipt']['policy'][:12]}",
        f"  ledger head {one.head}",
    ]
    official = body["receipt"]
    if official["responsible"]:
        role = f", {official['role']}" if official.get("role") else ""  # older receipts have none
        lines.append(f"  responsible: {official['responsible']}{role}")
    if official.get("logo"):
        who = f", approved by {official['approved_by']}" if official["approved_by"] else ""
        lines.append(f"  logo {official['logo'][:12]}{who}")
    return [*lines, *(f"  posted at {url}" for url in one.urls)]
