"""Which findings an answer is about, and which of their needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import answered_by, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.receipt import Receipt

ALL = "all"


def chosen(
    receipt: Receipt, wanted: Sequence[str], refs: Sequence[str]
) -> Iterator[tuple[Finding, str | None]]:
    """Findings by their ids, each with the version of the model that found it.

    Raises:
        UsageProblem: an id is not among the findings.
    """
    found = {f.id: (f, exam.model) for exam in receipt.examinations for f in exam.findings}
    if ALL in wanted:
        for finding, model in found.values():
            if not refs or _needs_for(refs) & set(needs_of(finding.kind)):
                yield finding, model
        return
    for name in wanted:
        if name not in found:
            raise UsageProblem(
                f"There is no {name} in this photo; found: {', '.join(found) or 'nothing'}.",
                "See: imageprep check",
            )
        yield found[name]


def _needs_for(refs: Sequence[str]) -> frozenset[Need]:
    """The needs that records with these references can answer."""
    letters = {reference.letter_of(ref) for ref in refs}
    if len(letters) == 1 and (needs := answered_by(*letters)):
        return needs
    if letters == {reference.RECOGNITION}:
        raise UsageProblem(
            "A consent to be recognised answers nothing: it permits no publication.",
            "Name the person's consent to publish: imageprep consent list",
        )
    raise UsageProblem(
        "These references are not of one kind of record.",
        "Name consents, one event's sheet, or one place's permission at a time.",
    )


def need_of(refs: Sequence[str], finding: Finding) -> Need:
    """The need of a finding that records with these references answer.

    Raises:
        UsageProblem: it has none.
    """
    fitting = [need for need in needs_of(finding.kind) if need in _needs_for(refs)]
    if not fitting:
        raise UsageProblem(f"{finding.id} has no need that such a record answers.")
    return fitting[0]
