"""What the page's scripts read: photos, records, exports and rules as JSON values."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.by_hand import BY_HAND, CONFIRMED
from imu_imageprep.domain.cover import areas
from imu_imageprep.domain.finding import SECOND, offered
from imu_imageprep.domain.metadata import OF_SOMEBODY
from imu_imageprep.domain.needs import needs_of
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.domain.values import to_values
from imu_imageprep.front.web.entry import State

if TYPE_CHECKING:
    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed, StoredReceipt
    from imu_imageprep.front.web.entry import Entry


def photo(entry: Entry) -> dict[str, Any]:
    """A photo of the list."""
    out: dict[str, Any] = {
        "id": entry.id,
        "name": entry.name,
        "folder": entry.folder,
        "from": "dropped" if entry.run is None else "typed",
        "run": entry.run,
        "order": entry.order,
        "state": entry.state.value,
        "bytes": entry.size,
        "covering": {
            "redact": list(entry.request.redact),
            "boxes": [list(box) for box in entry.request.boxes],
            "style": entry.request.style,
            "credit": entry.request.credit,
        },
        "answers": [dataclasses.asdict(answer) for answer in entry.answers],
        "seen": entry.seen,
        "posted": list(entry.posted),
        "taken": taken(entry),
        "burst": entry.burst,
        "small": entry.small is not None,
        "version": entry.version,
        "told": entry.told,
        "opens": entry.opens if entry.state is State.HELD else 0,
        "stage": entry.stage,
        "unchecked": entry.unchecked and entry.state is State.HELD,
        "captions": dataclasses.asdict(entry.words) if entry.words else None,
        "looked": {"by": entry.look.by, "at": entry.look.at} if entry.look else None,
        "credit_suggestion": credit_suggestion(entry.receipt),
    }
    return {**out, **(_seen(entry.receipt, entry) if entry.receipt else _NOTHING_SEEN)}


_NOTHING_SEEN: dict[str, Any] = {
    "width": None,
    "height": None,
    "findings": [],
    "needs": [],
    "suggestions": [],
    "scans": [],
    "not_checked": [],
    "hidden": [],
    "notes": [],
    "export": None,
    "relied_on": [],
    "covered": [],
    "error": None,
}


def _seen(receipt: Receipt, entry: Entry) -> dict[str, Any]:
    told = receipt.to_json()
    source = told["source"] or {"width": None, "height": None}
    by_hand = {
        finding.id
        for exam in receipt.examinations
        if exam.detector == BY_HAND
        for finding in exam.findings
    }
    return {
        "width": source["width"],
        "height": source["height"],
        "findings": [
            {
                **one,
                "drawn": finding.id in by_hand and finding.reason != CONFIRMED,
                "confirmed": finding.id in by_hand and finding.reason == CONFIRMED,
                "second": finding.id.startswith(SECOND),
                "cover": cover(finding, receipt),
            }
            for one, finding in zip(told["findings"], receipt.findings, strict=True)
        ],
        "needs": open_needs(receipt),
        "suggestions": suggestions(receipt),
        "scans": told["scans"],
        "not_checked": told["not_checked"],
        "hidden": [name for name, there in (told["metadata"] or {}).items() if there],
        "notes": told["notes"],
        "export": _export(receipt, entry),
        "relied_on": list(receipt.relied_on),
        "covered": told["covered"],
        "error": told["error"] or _trouble(entry),
    }


def _trouble(entry: Entry) -> dict[str, Any] | None:
    """Why a photo could not leave, though nothing held it any more."""
    return None if entry.trouble is None else dataclasses.asdict(entry.trouble)


def open_needs(receipt: Receipt) -> list[dict[str, Any]]:
    """What still holds a photo, and why the records meant for that do not answer."""
    return [
        {
            "finding": need.finding.id if need.finding else None,
            "scan": need.scan,
            "needs": need.needs.value,
            "why": [{"ref": ref, "reason": unfit.value} for ref, unfit in need.why],
        }
        for need in receipt.held_for
    ]


def suggestions(receipt: Receipt) -> list[dict[str, str]]:
    """Who the faces that wait may be; most runs suggest nobody."""
    if not receipt.suggestions:
        return []
    from imu_imageprep.domain.recognition import suggested_now  # noqa: PLC0415

    return [{"finding": one.finding, "person": one.code} for one in suggested_now(receipt)]


def cover(finding: Finding, receipt: Receipt) -> list[int] | None:
    """What covering a finding covers, in pixels; None where it cannot be covered."""
    source = receipt.source
    covering = any(offered(finding, need).covering for need in needs_of(finding.kind))
    if source is None or not covering:
        return None
    (area,) = areas((finding.id,), (), (finding,), Size(source.width, source.height))
    return list(area.to_pixels(source.width, source.height))


def _export(receipt: Receipt, entry: Entry) -> dict[str, Any] | None:
    done = receipt.export
    if done is None:
        return None
    return {
        "name": Path(done.path).name,
        "sha256": done.sha256,
        "format": done.format.value,
        "width": done.width,
        "height": done.height,
        "bytes": done.bytes,
        "path": done.path if entry.run is not None else None,
        "already": receipt.outcome is Outcome.SKIPPED,
    }


def taken(entry: Entry) -> str | None:
    """When the photo was taken, by its own clock, to seconds; None where the file does not say."""
    when = entry.glimpse.taken if entry.glimpse else None
    return None if when is None else when.replace(tzinfo=None).isoformat(timespec="seconds")


def captured(receipt: Receipt | None) -> str | None:
    """The day of capture that the photo states."""
    day = receipt.metadata.captured if receipt and receipt.metadata else None
    return day.isoformat() if day else None


def credit_suggestion(receipt: Receipt | None) -> str | None:
    """A credit line from what the photo itself says of its maker."""
    credits_ = receipt.metadata.credits if receipt and receipt.metadata else ()
    for credit in credits_:
        text = " ".join(credit.text.split())
        if text and text.isprintable() and credit.field not in OF_SOMEBODY:
            return f"Photo: {text[:120]}"
    return None


def record(listed: Listed) -> dict[str, Any]:
    """A record as it stands."""
    entry: Any = listed.entry
    return {
        "ref": listed.ref,
        "kind": listed.kind,
        "title": title(listed),
        "state": listed.state.value,
        "at": listed.at,
        "ends": listed.ends.isoformat() if listed.ends else None,
        "fields": to_values(entry) if dataclasses.is_dataclass(entry) else {},
    }


def title(listed: Listed) -> str:
    """What a record is called in a list."""
    for name in ("subject", "event", "place"):
        if text := getattr(listed.entry, name, ""):
            return str(text)
    return listed.ref


def export(stored: StoredReceipt) -> dict[str, Any]:
    """An export as it was recorded."""
    return {
        "path": stored.export.path,
        "name": Path(stored.export.path).name,
        "at": stored.at,
        "channel": stored.channel,
        "urls": list(stored.urls),
        "sha256": stored.export.sha256,
        "finished": stored.finished,
    }


def policy(rules: Policy, digest: str) -> dict[str, Any]:
    """The rules in force, and their hash as receipts carry it."""
    told = dataclasses.asdict(rules)
    told.pop("official")
    told["watermark"]["shown"] = rules.watermark_text(datetime.now(UTC).astimezone().year)
    return {**told, "not_checked": list(rules.not_checked), "digest": digest}
