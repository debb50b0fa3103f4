"""How records and the exports that relied on them are told."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from imu_imageprep.front.cli import summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.trail import Listed, StoredReceipt


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
    """What a record is for, in a few words: "staff NURSE-7"."""
    entry: Any = one.entry
    if entry is None:
        return one.kind
    about = "recognition of " if one.kind == "recognition-consent" else ""
    for name in ("subject", "event", "place"):
        if text := getattr(entry, name, ""):
            return f"{about}{getattr(entry, 'kind', one.kind)} {text}"
    return one.kind


def tell_exports(exports: Iterable[StoredReceipt]) -> None:
    """Print exports, and where each was posted."""
    for receipt in exports:
        day, channel = receipt.at[:10], receipt.channel
        lines = [f"  {receipt.export.path}  exported {day} for {channel}"]
        lines += [f"    posted at {url}" for url in receipt.urls]
        summary.shown(lines, sys.stdout)
