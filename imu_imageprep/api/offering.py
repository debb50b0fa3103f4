"""Which records on file could answer a need of a photo, as a suggestion to a person.

Only ``decide`` judges: a record that is offered here answers nothing until someone says that it
does, and then it is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.api.choosing import chosen
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain.answers import Anchor, Binding
from imu_imageprep.domain.consent import ConsentRecord, Kind
from imu_imageprep.domain.fitting import Circumstances, consent_unfit, event_unfit, place_unfit
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.fitting import Unfit
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed


@dataclass(frozen=True, slots=True)
class Offer:
    """A record of the kind that answers a need.

    Attributes:
        listed: the record.
        why: why it would not answer; empty where it would.
        asks: what a person has to say with it: "patients", "nobody_excluded", "captured".
    """

    listed: Listed
    why: tuple[Unfit, ...]
    asks: tuple[str, ...]


def offers(
    receipt: Receipt, finding: str, need: Need, records: Iterable[Listed], channel: str
) -> tuple[Offer, ...]:
    """The records that could answer a need, those that fit first, the newest first among them.

    Args:
        receipt: of a look at the photo.
        finding: id of one of its findings.
        need: one of the finding's needs.
        records: what is on file.
        channel: where the photo is to be posted.

    Raises:
        UsageProblem: there is no such finding.
    """
    assert receipt.source is not None
    ((found, model),) = chosen(receipt, [finding], ())
    captured = receipt.metadata.captured if receipt.metadata else None
    today = SystemClock().now().astimezone().date()
    now = Circumstances(channel, receipt.source.sha256, today, captured)
    seen = Anchor.of(receipt.source.sha256, found, model)
    made = []
    for listed in records:
        entry = listed.entry
        if listed.state is State.IN_FORCE and _may_answer(entry, need):
            assert isinstance(entry, ConsentRecord | EventConsent | PlacePermission)
            why = tuple(_unfit(entry, receipt, found, seen, need=need, now=now))
            made.append(Offer(listed, why, tuple(_asks(entry, need, now))))
    made.sort(key=lambda offer: offer.listed.at, reverse=True)
    return tuple(sorted(made, key=lambda offer: bool(offer.why)))


def _may_answer(entry: object, need: Need) -> bool:
    if need is Need.PERSON_CONSENT:
        return isinstance(entry, ConsentRecord | EventConsent)
    if need is Need.PATIENT_CONSENT:
        return isinstance(entry, ConsentRecord) and entry.kind is Kind.PATIENT
    return need is Need.PLACE_PERMISSION and isinstance(entry, PlacePermission)


def _unfit(
    entry: Record, receipt: Receipt, found: Finding, seen: Anchor, *, need: Need, now: Circumstances
) -> Iterator[Unfit]:
    """Why a record would not answer, whatever a person says with it."""
    if isinstance(entry, ConsentRecord):
        open_face = any(held.needs is Need.PERSON_CONSENT for held in receipt.held_for)
        yield from consent_unfit(entry, now, shown=need is Need.PERSON_CONSENT or open_face)
        return
    # As if a person had told what it asks for: the day of capture, and that they looked.
    told = Binding(seen, need, (entry.ref,), captured=entry.first, nobody_excluded=True)
    if isinstance(entry, EventConsent):
        clinical = any(finding.kind in ("clinical", "place") for finding in receipt.findings)
        yield from event_unfit(entry, told, now, clinical=clinical)
    else:
        place = found.label if found.kind == "place" else None
        yield from place_unfit(entry, told, now, place=place)


def _asks(entry: Record, need: Need, now: Circumstances) -> Iterator[str]:
    if need is Need.PATIENT_CONSENT:
        yield "patients"
    if isinstance(entry, EventConsent):
        yield "nobody_excluded"
    if not isinstance(entry, ConsentRecord) and entry.first is not None and now.captured is None:
        yield "captured"
