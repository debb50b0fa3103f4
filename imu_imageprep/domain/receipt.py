"""What happened to one photo, and why it was allowed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import words
from imu_imageprep.domain.albums import Shot, Turn
from imu_imageprep.domain.errors import ExitCode, Failure, Outcome
from imu_imageprep.domain.finding import DidNotLook, Looked
from imu_imageprep.domain.needs import rules_of
from imu_imageprep.domain.photo import ExportRecord, SourceRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.domain.answers import Answered, LastLook
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.case import HeldFor, Suggestion
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.metadata import Metadata

__all__ = ["SCHEMA", "ExportRecord", "Failure", "Outcome", "Receipt", "SourceRecord"]

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one photo.

    Attributes:
        outcome: how it ended.
        path: the input as it was given; None for bytes and pictures.
        source: the input's record, once it could be read.
        metadata: the categories of hidden data it had.
        examinations: what every detector answered.
        held_for: the open needs, where it is held.
        not_checked: checks that were off or only noted.
        covered: areas that were covered, as fractions of the upright source.
        credit: the credit line that was drawn.
        export: the export's record, where there is one.
        failure: why it failed.
        notes: what a person should know besides.
        product: product version.
        policy: sha256 of the policy in force.
        request: sha256 of the answers given with the run.
        responsible: who answers for an official export.
        role: that person's role.
        logo: sha256 of the logo that was in the policy.
        approved_by: who approved that logo.
        head: the ledger's head hash after this photo.
        channel: where it was exported for.
        relied_on: references of the consents, permissions, answers and dismissals that cleared it.
        answered: what answered each need of its findings, by whom and why.
        caption: path of the text beside the export, where one was asked for.
        caption_sha256: of that text, where it was written now.
        suggestions: of a held photo, who its faces may be, where a run asked for it.
        last_look: who looked at the picture last, where somebody had to.
        shot: what the others of its album get to know; in memory only.
        put_off: it is in reach of its album, which is not looked at yet: what its next turn begins
            with; in memory only.
        ready: its export, where that is recorded and written with others; in memory only.
    """

    outcome: Outcome
    path: str | None = None
    source: SourceRecord | None = None
    metadata: Metadata | None = None
    examinations: tuple[Examination, ...] = ()
    held_for: tuple[HeldFor, ...] = ()
    not_checked: tuple[str, ...] = ()
    covered: tuple[Box, ...] = ()
    credit: str | None = None
    export: ExportRecord | None = None
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    product: str = ""
    policy: str = ""
    request: str = ""
    responsible: str | None = None
    role: str | None = None
    logo: str | None = None
    approved_by: str | None = None
    head: str | None = None
    channel: str = ""
    relied_on: tuple[str, ...] = ()
    answered: tuple[Answered, ...] = ()
    caption: str | None = None
    caption_sha256: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    last_look: LastLook | None = None
    shot: Shot = field(default=Shot(), repr=False)
    put_off: Turn | None = field(default=None, repr=False)
    ready: object | None = field(default=None, repr=False)
    schema: int = field(default=SCHEMA)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, in the order of the examinations."""
        return tuple(finding for exam in self.examinations for finding in exam.findings)

    @property
    def open_doubts(self) -> tuple[Finding, ...]:
        """The doubts that it waits for; each asks somebody to look once."""
        return tuple(
            need.finding
            for need in self.held_for
            if need.finding is not None and rules_of(need.finding.kind).may_be is not None
        )

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that this photo alone would give."""
        if self.failure is not None:
            return ExitCode(self.failure.code)
        if self.outcome is not Outcome.HELD:
            return ExitCode.OK
        blind = [e.scan.code for e in self.examinations if isinstance(e.scan, DidNotLook)]
        return ExitCode(blind[0]) if blind else ExitCode.HELD

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Receipt:
        """The receipt that :meth:`to_json` wrote, up to what JSON leaves out.

        That is: scores are rounded to four digits, boxes to whole pixels, and of the metadata only
        the categories are told, unless its values were asked for.

        Args:
            values: one object of ``--json``, as ``json.loads`` gives it.

        Raises:
            InputProblem: it is no receipt.
        """
        from imu_imageprep.domain.receipt_reading import read  # noqa: PLC0415  (rarely asked for)

        return cls(**read(values, SCHEMA))

    def to_json(self, *, show_metadata: bool = False, names: bool = True) -> dict[str, Any]:
        """The receipt as JSON values (the contract of ``--json``).

        Args:
            show_metadata: add the metadata's values; without it only categories are told.
            names: whether ``answered`` and ``last_look`` tell who said so; what is kept anywhere
                never does, so that an erasure finds no copy.
        """
        out: dict[str, Any] = {
            "schema": self.schema,
            "path": self.path,
            "outcome": self.outcome.value,
            "source": _fields(self.source, "sha256 format width height bytes"),
            "metadata": self.metadata.by_category() if self.metadata else None,
            "scans": [_scan(exam) for exam in self.examinations],
            "findings": [
                self._finding(finding, exam.detector)
                for exam in self.examinations
                for finding in exam.findings
            ],
            "held_for": [_held_for(need) for need in self.held_for],
            "not_checked": list(self.not_checked),
            "export": _fields(self.export, "path sha256 format width height dpi bytes"),
            "error": _fields(self.failure, "code type message advice"),
            "notes": list(self.notes),
            "covered": [self._pixels(box) for box in self.covered],
            "credit": self.credit,
            "answered": [_answered(one, names=names) for one in self.answered],
            "caption": self.caption,
            "receipt": {
                "product": self.product,
                "models": {e.detector: e.model for e in self.examinations if e.model},
                "policy": self.policy,
                "request": self.request,
                "responsible": self.responsible,
                "role": self.role,
                "logo": self.logo,
                "approved_by": self.approved_by,
                "head": self.head,
                "channel": self.channel,
                "relied_on": list(self.relied_on),
            },
        }
        if self.caption_sha256 is not None:
            out["caption_sha256"] = self.caption_sha256
        if self.last_look is not None:
            look = self.last_look
            out["last_look"] = {
                "by": look.by if names else None,
                "at": look.at,
                "said": look.said,
            }
        if self.suggestions:
            out["suggestions"] = [
                {
                    "finding": one.finding,
                    "code": one.code,
                    "distance": round(one.distance, 3),
                    "records": list(one.records),
                }
                for one in self.suggestions
            ]
        if show_metadata and self.metadata is not None:
            out["metadata_values"] = [
                {"category": category.value, "field": name, "value": value}
                for category, name, value in self.metadata.values
            ]
        return out

    def _finding(self, finding: Finding, detector: str) -> dict[str, Any]:
        return {
            "id": finding.id,
            "kind": finding.kind,
            "score": round(finding.score, 4),
            "box": self._pixels(finding.box) if finding.box else None,
            "label": finding.label,
            "detector": detector,
            **({"noted": True} if finding.noted else {}),
            **({"reason": finding.reason} if finding.reason else {}),
        }

    def _pixels(self, box: Box) -> list[int] | None:
        return list(box.to_pixels(self.source.width, self.source.height)) if self.source else None


def _scan(exam: Examination) -> dict[str, Any]:
    own = exam.scan.own if isinstance(exam.scan, Looked) else None
    return {
        "detector": exam.detector,
        "looked": isinstance(exam.scan, Looked),
        "score": round(exam.scan.score, 4) if isinstance(exam.scan, Looked) else None,
        "reason": exam.scan.reason if isinstance(exam.scan, DidNotLook) else None,
        "flag": None if exam.flag is None else exam.flag.value,
        "code": exam.scan.code if isinstance(exam.scan, DidNotLook) else None,
        **({"own": round(own, 4)} if own is not None else {}),
    }


def _held_for(need: HeldFor) -> dict[str, Any]:
    out: dict[str, Any] = {"finding": need.finding.id if need.finding else None}
    if need.scan:
        out["scan"] = need.scan
    out["needs"] = need.needs.value
    if need.why:
        out["why"] = [
            {"ref": ref, "unfit": words.UNFIT[unfit], "code": unfit.value}
            for ref, unfit in need.why
        ]
    return out


def _answered(one: Answered, *, names: bool) -> dict[str, Any]:
    return {
        "finding": one.finding,
        "need": one.need.value,
        "by": one.by.value,
        "ref": one.ref,
        "who": one.who if names else None,
        "reason": one.reason,
        "at": one.at,
        "said": one.said,
    }


def _fields(value: Any, names: str) -> dict[str, Any] | None:
    return None if value is None else {name: getattr(value, name) for name in names.split()}
