"""A receipt from the JSON that it was written as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import words
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import HeldFor, Suggestion
from imu_imageprep.domain.errors import Failure, InputProblem, Outcome, UsageProblem
from imu_imageprep.domain.finding import SECOND, DidNotLook, Examination, Finding, Flag, Looked
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.metadata import Category, Metadata
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import ExportRecord, Format, SourceRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imu_imageprep.domain.answers import Answered, LastLook

    Values = Mapping[str, Any]

# What goes wrong in values that no receipt has.
_NO_RECEIPT = (KeyError, TypeError, ValueError, AttributeError, IndexError, UsageProblem)


def read(values: Values, schema: int) -> dict[str, Any]:
    """The fields of a receipt that ``to_json`` wrote; what a later release added is passed over.

    Args:
        values: one object of ``--json``.
        schema: the one that can be read.

    Raises:
        InputProblem: it is no receipt, or one of another schema.
    """
    try:
        if values["schema"] != schema:
            raise InputProblem(
                "This receipt was written by another release.", "Read it with that release."
            )
        return _read(values)
    except _NO_RECEIPT as problem:
        raise InputProblem(
            "This is not a receipt of imageprep.", "Give one line of --json, unchanged."
        ) from problem


def _read(values: Values) -> dict[str, Any]:
    source = _source(values["source"])
    findings = {one["id"]: _finding(one, source) for one in values["findings"]}
    about = values["receipt"]
    return {
        "outcome": Outcome(values["outcome"]),
        "path": values.get("path"),
        "source": source,
        "metadata": _metadata(values),
        "examinations": _examinations(values, findings, about["models"]),
        "held_for": tuple(_held_for(one, findings) for one in values["held_for"]),
        "not_checked": tuple(values["not_checked"]),
        "covered": tuple(box for box in (_box(one, source) for one in values["covered"]) if box),
        "credit": values["credit"],
        "export": _export(values["export"]),
        "failure": None if values["error"] is None else Failure(**values["error"]),
        "notes": tuple(values["notes"]),
        "product": about["product"],
        "policy": about["policy"],
        "request": about["request"],
        "responsible": about["responsible"],
        "role": about.get("role"),
        "logo": about.get("logo"),
        "approved_by": about.get("approved_by"),
        "head": about["head"],
        "channel": about["channel"],
        "relied_on": tuple(about["relied_on"]),
        "answered": _answered(values.get("answered", ())),
        "caption": values.get("caption"),  # older receipts know of none
        "caption_sha256": values.get("caption_sha256"),
        "last_look": _last_look(values.get("last_look")),
        "suggestions": tuple(
            Suggestion(**{**one, "records": tuple(one["records"])})
            for one in values.get("suggestions", ())
        ),
    }


def _source(values: Values | None) -> SourceRecord | None:
    if values is None:
        return None
    return SourceRecord(**{**values, "format": Format(values["format"])})


def _export(values: Values | None) -> ExportRecord | None:
    if values is None:
        return None
    return ExportRecord(**{**values, "format": Format(values["format"])})


def _metadata(values: Values) -> Metadata | None:
    there = values["metadata"]
    if there is None:
        return None
    told = values.get("metadata_values", ())
    return Metadata(
        present=frozenset(Category(name) for name, present in there.items() if present),
        values=tuple((Category(one["category"]), one["field"], one["value"]) for one in told),
    )


def _box(pixels: Sequence[int] | None, source: SourceRecord | None) -> Box | None:
    if pixels is None or source is None:
        return None
    x, y, w, h = pixels
    return Box.from_pixels(x, y, w, h, width=source.width, height=source.height)


def _finding(values: Values, source: SourceRecord | None) -> Finding:
    return Finding(
        kind=values["kind"],
        score=values["score"],
        box=_box(values["box"], source),
        label=values["label"],
        id=values["id"],
        noted=values.get("noted", False),
        reason=values.get("reason"),
    )


def _examinations(
    values: Values, findings: Mapping[str, Finding], models: Mapping[str, str]
) -> tuple[Examination, ...]:
    """The scans with their findings; of two by one detector, the later saw the finished picture."""
    scans = values["scans"]
    found: list[list[Finding]] = [[] for _ in scans]
    for one in values["findings"]:
        by = [n for n, scan in enumerate(scans) if scan["detector"] == one["detector"]]
        found[by[-1 if one["id"].startswith(SECOND) else 0]].append(findings[one["id"]])
    return tuple(
        Examination(
            detector=scan["detector"],
            flag=None if scan["flag"] is None else Flag(scan["flag"]),
            model=models.get(scan["detector"]),
            scan=Looked(tuple(seen), scan["score"], own=scan.get("own"))
            if scan["looked"]
            else DidNotLook(scan["reason"], scan["code"]),
        )
        for scan, seen in zip(scans, found, strict=True)
    )


def _held_for(values: Values, findings: Mapping[str, Finding]) -> HeldFor:
    return HeldFor(
        needs=Need(values["needs"]),
        finding=None if values["finding"] is None else findings[values["finding"]],
        scan=values.get("scan"),
        why=tuple((one["ref"], _unfit(one)) for one in values.get("why", ())),
    )


def _unfit(values: Values) -> Unfit:
    """Why a record does not answer; older receipts have the sentence alone."""
    if "code" in values:
        return Unfit(values["code"])
    return Unfit({sentence: code for code, sentence in words.UNFIT.items()}[values["unfit"]])


def _last_look(values: Values | None) -> LastLook | None:
    if values is None:
        return None
    from imu_imageprep.domain.answers import LastLook  # noqa: PLC0415  (most have none)

    return LastLook(values["by"], values["at"], values["said"])


def _answered(values: Sequence[Values]) -> tuple[Answered, ...]:
    if not values:
        return ()
    from imu_imageprep.domain.answers import Answered, By  # noqa: PLC0415  (most have none)

    return tuple(
        Answered(
            finding=one["finding"],
            need=Need(one["need"]),
            by=By(one["by"]),
            **{name: one.get(name) for name in ("ref", "who", "reason", "at", "said")},
        )
        for one in values
    )
