"""Which findings of a photo a person means, and which of their needs a record is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import by_id
from imu_imageprep.domain.needs import answered_by, needs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.receipt import Receipt

_ALL = "all"


def chosen(
    receipt: Receipt, wanted: Sequence[str], refs: Sequence[str]
) -> list[tuple[Finding, str | None]]:
    """Findings by their ids, each with the version of the model that found it.

    Raises:
        UsageProblem: an id is not among the findings.
    """
    models = {f.id: exam.model for exam in receipt.examinations for f in exam.findings}
    if _ALL in wanted:
        needs = _needs_for(refs) if refs else None
        found = [f for f in receipt.findings if needs is None or needs & set(needs_of(f.kind))]
    else:
        found = [by_id(receipt.findings, name) for name in wanted]
    return [(finding, models[finding.id]) for finding in found]


def _needs_for(refs: Sequence[str]) -> frozenset[Need]:
    """The needs that records with these references can answer."""
    letters = {reference.letter_of(ref) for ref in refs}
    if len(letters) == 1 and (needs := answered_by(*letters)):
        return needs
    if letters == {reference.RECOGNITION}:
        raise UsageProblem(
            "A consent to be recognised does not answer this: it does not permit publication.",
            "Name the person's consent to publish: imageprep consent list",
        )
    raise UsageProblem(
        "These references are of different kinds.",
        "Name consents, one event's sheet, or one place's permission at a time.",
    )


def need_of(refs: Sequence[str], finding: Finding) -> Need:
    """The need of a finding that records with these references answer.

    Raises:
        UsageProblem: it has none.
    """
    fitting = [need for need in needs_of(finding.kind) if need in _needs_for(refs)]
    if not fitting:
        raise UsageProblem(f"This record answers nothing that {finding.id} needs.")
    return fitting[0]
