"""The trail: receipts, reports, where exports were posted, and the ledger of it all."""

from __future__ import annotations

import dataclasses
import json as json_text
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imu_imageprep.domain import grounds, words
from imu_imageprep.domain.errors import ExitCode, UsageProblem
from imu_imageprep.domain.place import is_url
from imu_imageprep.front.cli import options, pipe, summary
from imu_imageprep.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, timedelta

    from imu_imageprep.domain.trail import Listed, StoredReceipt


# The largest export of a ledger that is taken, in bytes: about half a million receipts.
_MOST = 1_000_000_000


def posted(
    file: Annotated[
        str,
        typer.Argument(
            click_type=options.OR_STORE, metavar="FILE", help="The export, unchanged; - for stdin."
        ),
    ],
    url: Annotated[str, typer.Option(metavar="URL", help="Where it was posted.")],
    ledger: options.LedgerFile = None,
) -> None:
    """Record where an export was posted, so that you know where to remove it.

    \b
    Example:
      imageprep posted photo-1a2b3c4d.jpg --url https://example.org/post/1
    """
    export = pipe.given(file, f"imageprep posted - --url {quoted(url)} < photo-web.jpg")
    options.desk(ledger).posted(export, url)
    print("Recorded.")


def receipt(
    file: Annotated[
        str,
        typer.Argument(
            click_type=options.OR_STORE,
            metavar="FILE",
            help="An export or an original; - for stdin.",
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Whole receipts, one a line.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            click_type=options.NAMED,
            metavar="CARD",
            help="Write a page without names that can be handed on.",
        ),
    ] = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Show why a picture may be posted: what was found, who answered, which rules and versions.

    \b
    Example:
      imageprep receipt photo-1a2b3c4d.jpg
      imageprep receipt photo-1a2b3c4d.jpg --html card.html
    """
    desk = options.desk(ledger)
    found = desk.receipts(pipe.given(file, "imageprep receipt - < photo-web.jpg"))
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
    today = desk.ledger.clock.now().astimezone().date()
    # The file that was named first: others may have the same bytes.
    named = file if is_url(file) else os.path.abspath(file)  # noqa: PTH100  (links stay links)
    for one in sorted(found, key=lambda one: one.export.path != named):
        entries = {ref: entry for ref in one.relied_on if (entry := desk.ledger.record(ref))}
        print(json_text.dumps(one.body) if json else "\n".join(_told(one, entries, today)))


def _told(one: StoredReceipt, entries: Mapping[str, Listed], today: date) -> list[str]:
    body = one.body
    kinds = [finding["id"] for finding in body["findings"]]
    lines = [
        words.printable(one.export.path),
        f"  exported {one.at[:10]} for {one.channel or 'an unnamed channel'}"
        + ("" if one.finished else " (cut off: the file may not be there)"),
        *(
            f"  do not post it, and take it down: {words.listed(refs)} {what}"
            for what, refs in grounds.fallen(entries, today).items()
        ),
        f"  found: {words.listed(kinds) if kinds else 'nothing (the check can miss things)'}",
        *_answers(body, entries),
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


def _answers(body: Mapping[str, Any], entries: Mapping[str, Listed]) -> Iterator[str]:
    """What answered each finding, and what was done to the picture for it."""
    told = list(grounds.who_answered(body, entries))
    if told:
        yield "  answered:"
        yield from (f"    {line}" for line in told)
    elif relied_on := body["receipt"].get("relied_on"):  # older receipts tell no more
        yield f"  answered by: {words.listed(relied_on)}"
    if (look := body.get("last_look")) is not None:
        yield f"  last look: {look['by'] or 'a name that was erased'}, {look['at'][:10]}"
    if body["covered"]:
        yield f"  covered: {words.counted(len(body['covered']), 'area')}"
    if body["credit"]:
        yield f"  credit line: {words.printable(body['credit'])}"


def report(
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", click_type=options.NAMED, metavar="DIR", help="Folder of the report."
        ),
    ] = Path("imageprep-report"),
    ledger: options.LedgerFile = None,
    full_paths: Annotated[
        bool, typer.Option("--full-paths", help="Name files by where they lie on this computer.")
    ] = False,
) -> None:
    """Write a report of the last run: report.html, report.csv and report.json.

    You can give it to others: it holds no hidden data, and it shows a photo that waits as a blank
    outline. Do not put it into a folder of exports.

    \b
    Examples:
      imageprep report
      imageprep report --out ~/Desktop/report
    """
    from imu_imageprep.report import folder  # noqa: PLC0415

    page = folder.report(out, ledger=ledger, full_paths=full_paths)
    sys.stdout.buffer.write(summary.result(str(page)) + b"\n")


def audit(
    expect: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head hash from a receipt.")
    ] = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Check the ledger: every event, and that nothing is missing up to a receipt's head hash."""
    found = options.desk(ledger).audit(expect)
    if found.damage is not None:
        where = f" (event {found.damage.event})" if found.damage.event is not None else ""
        what = found.damage.what.rstrip(".")
        print(f"Damaged: {what}{where}. {found.events} events before it are not damaged.")
        raise typer.Exit(ExitCode.VERIFY)
    print(f"No damage: {found.events} events, head {found.head or 'none'}.")


def export_(
    file: Annotated[
        Path,
        typer.Argument(
            click_type=options.NAMED, metavar="FILE", help="The file to write. It holds the keys."
        ),
    ],
    ledger: options.LedgerFile = None,
) -> None:
    """Write the whole ledger as JSON lines; anybody who has the file can read it."""
    count = options.desk(ledger).export_to(file)
    print(f"{count} lines written to {words.printable(str(file))}. Keep it as safe as the ledger.")


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            click_type=options.NAMED,
            metavar="FILE",
            help="A file that consent export wrote; - for stdin.",
        ),
    ],
    ledger: options.LedgerFile = None,
) -> None:
    """Add another ledger's events; what was erased or withdrawn here stays that way."""
    from imu_imageprep import files  # noqa: PLC0415

    if str(file) == pipe.STREAM:
        data = pipe.standard_input(_MOST, "imageprep consent import - < other.jsonl")
        text = files.text_of(data, "The file", most=_MOST)
    else:
        text = files.text(file, f"The file {words.printable(str(file))}", most=_MOST)
    added = options.desk(ledger).import_lines(text.split("\n"))
    print(f"{words.counted(added, 'event')} added.")


def values(one: Listed) -> dict[str, Any]:
    """A record as JSON values."""
    from imu_imageprep.domain.values import to_values  # noqa: PLC0415

    return {
        "ref": one.ref,
        "kind": one.kind,
        "state": one.state.value,
        "at": one.at,
        "ends": one.ends.isoformat() if one.ends else None,
        "fields": to_values(one.entry) if dataclasses.is_dataclass(one.entry) else {},
    }


def title(one: Listed) -> str:
    """What a record is for, in a few words: "staff NURSE-7", "permission of Eye clinic"."""
    kind = words.ENTRY.get(one.kind, one.kind)
    entry: Any = one.entry
    for name in ("subject", "event", "place"):
        if text := getattr(entry, name, ""):
            return f"{kind} {getattr(entry, 'kind', '')} {text}".replace("  ", " ").strip()
    kind = kind.removesuffix(" of") or "consent"  # of an erased one no more is known
    reason = getattr(entry, "reason", "")
    return f"{kind}: {reason}" if reason else kind


def nothing(*, photo: bool, days: timedelta | None) -> str:
    """What is said where a list of records is empty."""
    if days is not None:
        return f"Nothing ends within {words.counted(days.days, 'day')}."
    if photo:
        return "Nothing was answered for this photo."
    return "No consent or permission is recorded in this ledger."


def tell_exports(exports: Iterable[StoredReceipt]) -> None:
    """Print exports, and where each was posted."""
    for receipt in exports:
        day, channel = receipt.at[:10], receipt.channel
        lines = [f"  {words.printable(receipt.export.path)}  exported {day} for {channel}"]
        lines += [f"    posted at {url}" for url in receipt.urls]
        summary.shown(lines, sys.stdout)
