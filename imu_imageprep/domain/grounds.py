"""On what grounds a picture was exported: each need of what was found, and what answered it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.answers import SAME_PLACE, Binding, Dismissal
from imu_imageprep.domain.box import Box, covered_share
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.needs import Need, needs_of
from imu_imageprep.domain.reference import EVENT, PLACE, letter_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imu_imageprep.domain.trail import Listed

# Receipts keep boxes in whole pixels, so that a small face may stick out of its cover by a hair.
_COVERED = 0.8


@dataclass(frozen=True, slots=True)
class Ground:
    """What answered a need of some findings that are alike.

    Attributes:
        kind: of the findings.
        label: what they look like; None where there is nothing to say.
        need: which of their needs.
        answer: what answered it, in plain words without a name.
        refs: references of the records and answers.
        count: how many findings.
    """

    kind: str
    label: str | None
    need: Need
    answer: str
    refs: tuple[str, ...] = ()
    count: int = 1


def grounds(body: Mapping[str, Any], entries: Mapping[str, Listed]) -> tuple[Ground, ...]:
    """The grounds of an export, findings that are alike told together.

    Args:
        body: the receipt as it was recorded (docs/json.md).
        entries: what has the references that it relied on.
    """
    told: dict[tuple[str, str | None, Need, str], Ground] = {}
    for finding in body["findings"]:
        for need in needs_of(finding["kind"]):
            one = _ground(body, finding, need, entries)
            key = (one.kind, one.label, one.need, one.answer)
            before = told.get(key)
            told[key] = one if before is None else _together(before, one)
    return tuple(told.values())


def _together(one: Ground, other: Ground) -> Ground:
    refs = tuple(dict.fromkeys((*one.refs, *other.refs)))
    return replace(one, refs=refs, count=one.count + other.count)


def _ground(
    body: Mapping[str, Any], finding: Mapping[str, Any], need: Need, entries: Mapping[str, Listed]
) -> Ground:
    kind, box = finding["kind"], _box(body, finding["box"])
    covers = tuple(cover for pixels in body["covered"] if (cover := _box(body, pixels)))
    blank = Ground(kind, finding["label"], need, "")
    if kind in ("face", "code") and box is not None and covered_share(box, covers) >= _COVERED:
        return replace(blank, answer="covered irreversibly")
    if need is Need.CREDIT and body["credit"]:
        return replace(blank, answer="a credit line is drawn on the picture")
    for answer, refs in _said(kind, box, need, entries):
        return replace(blank, answer=answer, refs=refs)
    if kind in body["not_checked"]:
        return replace(blank, answer="only noted: NOT CHECKED, by policy")
    gone = _gone(entries)
    told = "by a record that was erased since" if gone else "the receipt does not tell"
    return replace(blank, answer=told, refs=gone)


def _said(
    kind: str, box: Box | None, need: Need, entries: Mapping[str, Listed]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What people said about a need of a finding, with its references."""
    for ref, listed in entries.items():
        entry = listed.entry
        if not isinstance(entry, (Binding, Dismissal)):
            continue
        if entry.need is not need or entry.seen.kind != kind or not _same(box, entry.seen.box):
            continue
        if isinstance(entry, Dismissal):
            yield f"ruled out by a named person: {entry.reason.value}", (ref,)
        else:
            yield _records(entry.refs, entries), (*entry.refs, ref)
    if need is Need.PLACE_PERMISSION:  # named for a whole run, so that no answer binds it
        for ref in entries:
            if letter_of(ref) == PLACE:
                yield "the place's permission", (ref,)


def _records(refs: tuple[str, ...], entries: Mapping[str, Listed]) -> str:
    if letter_of(refs[0]) == PLACE:
        return "the place's permission"
    if letter_of(refs[0]) == EVENT:
        return "the signed sheet of an event"
    kinds = {
        listed.entry.kind.value
        for ref in refs
        if (listed := entries.get(ref)) and isinstance(listed.entry, ConsentRecord)
    }
    whose = f" ({', '.join(sorted(kinds))})" if kinds else ""
    return f"consent on record{whose}" if len(refs) == 1 else f"{len(refs)} consents{whose}"


def _gone(entries: Mapping[str, Listed]) -> tuple[str, ...]:
    return tuple(ref for ref, listed in entries.items() if listed.entry is None)


def _same(box: Box | None, other: Box | None) -> bool:
    if box is None or other is None:
        return box is other
    return box.iou(other) >= SAME_PLACE


def _box(body: Mapping[str, Any], pixels: list[int] | None) -> Box | None:
    if pixels is None or not body["source"]:
        return None
    x, y, w, h = pixels
    size = body["source"]
    return Box.from_pixels(x, y, w, h, width=size["width"], height=size["height"])
