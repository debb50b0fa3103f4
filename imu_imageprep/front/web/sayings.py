"""What a browser says of many photos at once, read: which answer, and by which records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import reference
from imu_imageprep.domain.caption import check_credit
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import GROUPS, Need, Reason, rule_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission
from imu_imageprep.domain.recognition import of_person, suggested_now
from imu_imageprep.domain.selecting import Cover, Credit, Dismiss, Name
from imu_imageprep.domain.trail import State as Standing
from imu_imageprep.front.web import bodies

if TYPE_CHECKING:
    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.selecting import Saying
    from imu_imageprep.front.web.site import Site

# How the page calls what is covered together, by ``needs.GROUPS``.
_COVER = {f"cover-{group}": group for group in GROUPS} | {"cover-texts": "text"}
# Which records answer which need for many photos, in the words of the page.
_RECORDS: dict[str, tuple[Need, type[Record]]] = {
    "signed": (Need.PERSON_CONSENT, EventConsent),
    "suggested": (Need.PERSON_CONSENT, ConsentRecord),
    "place": (Need.PLACE_PERMISSION, PlacePermission),
    "patients": (Need.PATIENT_CONSENT, ConsentRecord),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of photos.

    Attributes:
        saying: the answer.
        person: subject code of somebody: only of faces that were suggested to be theirs.
        excepted: photos with findings that are left out.
    """

    saying: Saying
    person: str | None
    excepted: tuple[tuple[str, str], ...]

    def among(self, receipt: Receipt) -> tuple[str, ...] | None:
        """The findings of a photo that it can be about; None for all."""
        if self.person is None:
            return None
        code = self.person.casefold()
        return tuple(o.finding for o in suggested_now(receipt) if o.code.casefold() == code)


def said(site: Site, say: dict[str, Any], *, dry: bool) -> Said:
    """What the page says, read; in a thread.

    Args:
        site: the run, whose ledger has the records.
        say: as the browser sent it.
        dry: only what would be recorded is told, before the person says that nobody in it is
            excluded.

    Raises:
        UsageProblem: it makes no sense, or a record does not answer it.
    """
    saying = _saying(site, say, dry=dry)
    person = None
    if say.get("what") == "suggested":
        person = bodies.text(say, "person")
        assert isinstance(saying, Name)
        if not all(of_person(person, record) for record in saying.records):
            raise UsageProblem(
                "This is not a consent of the person who was suggested.", "Choose another one."
            )
    return Said(saying, person, tuple(_excepted(say)))


def _saying(site: Site, say: dict[str, Any], *, dry: bool) -> Saying:
    what = bodies.text(say, "what")
    if what in _COVER:
        return Cover(_COVER[what])
    if what == "credit":
        line = bodies.text(say, "line")
        check_credit(line)
        return Credit(line)
    if what == "nothing-clinical":
        return Dismiss("doubt", Need.LOOK, Reason.NOTHING_CLINICAL)
    if what == "dismiss":
        return _dismiss(say)
    if what not in _RECORDS:
        raise UsageProblem("This cannot be said of many photos.", "Load the page again.")
    need, kind = _RECORDS[what]
    refs = bodies.texts(say, "records") or (bodies.text(say, "record"),)
    captured = bodies.text(say, "captured", needed=False)
    return Name(
        need,
        tuple(_record(site, ref, kind) for ref in dict.fromkeys(refs)),
        captured=bodies.day(captured) if captured else None,
        nobody_excluded=dry or say.get("nobody_excluded") is True,
    )


def _dismiss(say: dict[str, Any]) -> Dismiss:
    kind = bodies.text(say, "kind")
    try:
        need, reason = Need(bodies.text(say, "need")), Reason(bodies.text(say, "reason"))
    except ValueError:
        need, reason = Need.LOOK, None
    if reason is None or reason not in rule_of(kind, need).reasons:
        raise UsageProblem(
            "This need or reason does not exist here.", "Choose one that is offered."
        )
    return Dismiss(kind, need, reason)


def _record(site: Site, ref: str, kind: type[Record]) -> Record:
    listed = site.desk.record(reference.read(ref))
    if not isinstance(listed.entry, kind):
        raise UsageProblem(f"The record {listed.ref} does not answer this.", "Choose another one.")
    if listed.state is not Standing.IN_FORCE:
        raise UsageProblem(
            f"The record {listed.ref} was {listed.state.value} and answers nothing.",
            "Choose another one.",
        )
    return listed.entry


def _excepted(say: dict[str, Any]) -> list[tuple[str, str]]:
    """Photos with findings that are left out."""
    value = say.get("except") or []
    if not isinstance(value, list):
        raise UsageProblem("What is left out is a list.", "Load the page again.")
    pairs = []
    for one in value:
        match one:
            case [str(photo), str(finding)]:
                pairs.append((photo, finding))
            case _:
                raise UsageProblem(
                    "What is left out is a photo and a finding.", "Load the page again."
                )
    return pairs
