"""Which records could answer a need: each is tried, and ``decide`` says what it changes.

An offer answers nothing until a person says it, and then it is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imu_imageprep.domain.answers import Anchor, Binding, kind_of
from imu_imageprep.domain.case import Held
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.decide import judge
from imu_imageprep.domain.finding import offered
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.case import Case, HeldFor
    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.trail import Listed

# Whoever may say what is only tried; nothing of it is kept.
_SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Offer:
    """A record of a kind that may answer a need.

    Attributes:
        listed: the record.
        why: why it would not answer; empty where it would.
        asks: what a person has to say with it: "patients", "nobody_excluded", "captured".
    """

    listed: Listed
    why: tuple[Unfit, ...]
    asks: tuple[str, ...]


def offers(
    case: Case, finding: Finding, need: Need, records: Iterable[Listed]
) -> tuple[Offer, ...]:
    """The records that may answer a need: those that would first, the newest first among them.

    Args:
        case: the photo's.
        finding: one of its findings.
        need: one of the finding's needs.
        records: what is on file; what was withdrawn or erased is not offered.
    """
    if case.photo is None:
        return ()
    kinds = offered(finding, need).records
    made = [
        _offer(case, finding, need, listed, entry)
        for listed in records
        if listed.state is State.IN_FORCE
        and isinstance(entry := listed.entry, ConsentRecord | EventConsent | PlacePermission)
        and kind_of(entry) in kinds
    ]
    made.sort(key=lambda offer: offer.listed.at, reverse=True)
    return tuple(sorted(made, key=lambda offer: bool(offer.why)))


def _offer(case: Case, finding: Finding, need: Need, listed: Listed, record: Record) -> Offer:
    """Try a record, said as a person would say it."""
    asks = tuple(_asks(record, need, case.captured))
    said = Binding(
        anchor(case, finding),
        need,
        (record.ref,),
        patients=1 if "patients" in asks else None,
        captured=getattr(record, "first", None) if "captured" in asks else None,
        nobody_excluded="nobody_excluded" in asks,
        by=_SOMEBODY,
    )
    given = case.answers
    records = (*(one for one in given.records if one.ref != record.ref), record)
    tried = replace(given, records=records, bindings=(*given.bindings, said))
    if _open_need(replace(case, answers=tried), finding, need) is None:
        return Offer(listed, (), asks)
    # Nor would it with fewer answers: what the record was named for here before is left out, so
    # that the reasons are those of what is said now.
    others = tuple(
        one
        for one in given.bindings
        if not (one.need is need and record.ref in one.refs and one.seen.matches(said.seen))
    )
    held = _open_need(
        replace(case, answers=replace(tried, bindings=(*others, said))), finding, need
    )
    own = (why for ref, why in (held.why if held else ()) if ref == record.ref)
    # One that has no fault of its own is needed for another finding.
    return Offer(listed, tuple(dict.fromkeys(own)) or (Unfit.USED,), asks)


def _asks(record: Record, need: Need, captured: date | None) -> Iterator[str]:
    if need is Need.PATIENT_CONSENT:
        yield "patients"
    if isinstance(record, EventConsent):
        yield "nobody_excluded"
    if not isinstance(record, ConsentRecord) and record.first is not None and captured is None:
        yield "captured"


def _open_need(case: Case, finding: Finding, need: Need) -> HeldFor | None:
    """The need of a finding as it holds the photo; None where it does not."""
    decision = judge(case)
    held = decision.held_for if isinstance(decision, Held) else ()
    of_it = (one for one in held if one.finding and one.finding.id == finding.id)
    return next((one for one in of_it if one.needs is need), None)


def anchor(case: Case, finding: Finding) -> Anchor:
    """What an answer about a finding is bound to."""
    models = (exam.model for exam in case.examinations if finding in exam.findings)
    return Anchor.of(case.photo or "", finding, next(models, None))
