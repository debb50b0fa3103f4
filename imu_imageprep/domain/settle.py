"""Which need of which finding is answered, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.answers import Anchor, Answered, By, kind_of
from imu_imageprep.domain.box import covered_share
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.cover import COVERED
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.fitting import Unfit, consent_unfit, event_unfit, place_unfit
from imu_imageprep.domain.matching import matched
from imu_imageprep.domain.naming import names_nobody, unsigned
from imu_imageprep.domain.needs import Need, rule_of, rules_of
from imu_imageprep.domain.permits import EventConsent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imu_imageprep.domain.answers import Binding, Dismissal, Record
    from imu_imageprep.domain.case import Answers
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.fitting import Circumstances
    from imu_imageprep.domain.needs import Rule


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a need is answered.

    Attributes:
        by: what answered it; where it is empty, the need stands.
        why: of each record that was meant to answer it: its reference and why it does not.
    """

    by: tuple[Answered, ...] = ()
    why: tuple[tuple[str, Unfit], ...] = ()

    @property
    def refs(self) -> tuple[str, ...]:
        """References of what answered it; covering and credit have none."""
        refs = (*(one.ref for one in self.by), *(one.said for one in self.by))
        return tuple(dict.fromkeys(ref for ref in refs if ref))


@dataclass(frozen=True, slots=True)
class _Spot:
    """One need of one finding, and where it stands in the examinations."""

    key: tuple[int, int, Need]
    finding: Finding
    model: str | None
    rule: Rule

    @property
    def need(self) -> Need:
        return self.rule.need

    def by(self, what: By) -> Result:
        """Answered by covering or a credit line, which nobody says."""
        return Result((Answered(self.finding.id, self.need, what),))

    def by_dismissal(self, said: Dismissal) -> Result:
        ref = said.ref or None
        return Result(
            (
                Answered(
                    *(self.finding.id, self.need, By.DISMISSAL, ref, said.by),
                    *(said.reason.value, said.at or None, ref),
                ),
            )
        )

    def by_records(self, said: Binding) -> Result:
        """Answered by records; one that was named for a whole run is nobody's own word."""
        who, at, ref = (said.by, said.at or None, said.ref) if said.ref else (None, None, None)
        return Result(
            tuple(
                Answered(self.finding.id, self.need, By.RECORD, record, who, None, at, ref)
                for record in said.refs
            )
        )


@dataclass(frozen=True, slots=True)
class _Case:
    """What people said about this photo, and the circumstances."""

    answers: Answers
    records: Mapping[str, Record]
    now: Circumstances

    def about(self, spot: _Spot, said: Iterable[_B]) -> list[_B]:
        """What was said about a need of a finding, the nearest box first."""
        photo, box = self.now.photo, spot.finding.box
        if photo is None:
            return []
        seen = Anchor.of(photo, spot.finding, spot.model)
        fitting = [one for one in said if one.need is spot.need and one.seen.matches(seen)]
        if box is not None:
            fitting.sort(key=lambda one: -box.iou(one.seen.box) if one.seen.box else 0.0)
        return fitting

    def gone(self, *refs: str) -> Unfit | None:
        """Whether one of some references was erased or withdrawn."""
        for ref in refs:
            if ref in self.answers.erased:
                return Unfit.ERASED
            if ref in self.answers.withdrawn:
                return Unfit.WITHDRAWN
        return None


_Why = tuple[str, Unfit]
_Who = tuple[str, str]
_Results = dict[tuple[int, int, Need], Result]
_B = TypeVar("_B", "Binding", "Dismissal")


def settled(
    examinations: Sequence[Examination], answers: Answers, now: Circumstances
) -> Mapping[tuple[int, int, Need], Result]:
    """Settle every need of every finding, whether or not the policy holds for it.

    Args:
        examinations: what was seen.
        answers: what people answered.
        now: photo, day and channel.

    Returns:
        By number of the examination, number of the finding in it, and need.
    """
    spots = [
        _Spot((number, place, rule.need), finding, exam.model, rule)
        for number, exam in enumerate(examinations)
        for place, finding in enumerate(exam.findings)
        for rule in rules_of(finding.kind).needs
    ]
    results: _Results = {spot.key: _without_words(spot, answers) for spot in spots}
    case = _Case(answers, {record.ref: record for record in answers.records if record.ref}, now)
    _dismiss(case, spots, results)
    clinical = _may_be_clinical(examinations, spots, results)
    faces = _open(spots, results, Need.PERSON_CONSENT)
    _match_people(case, faces, results, clinical=clinical)
    shown = _face_may_show(examinations, _open(spots, results, Need.PERSON_CONSENT))
    for need in (Need.PATIENT_CONSENT, Need.PLACE_PERMISSION):
        _match_scenes(case, _open(spots, results, need), results, shown=shown)
    return results


def _open(spots: Iterable[_Spot], results: _Results, need: Need) -> list[_Spot]:
    return [spot for spot in spots if spot.need is need and not results[spot.key].by]


def _without_words(spot: _Spot, answers: Answers) -> Result:
    """What covering and the credit line answer."""
    rule, box = spot.rule, spot.finding.box
    if rule.covering and box is not None and covered_share(box, answers.covered) >= COVERED:
        return spot.by(By.COVERING)
    if rule.credit and answers.credit and not names_nobody(answers.credit):
        return spot.by(By.CREDIT)
    return Result()


def _dismiss(case: _Case, spots: list[_Spot], results: _Results) -> None:
    """Settle what named persons dismissed; each dismissal answers one need of one finding."""
    valid = [
        one
        for one in case.answers.dismissals
        if not unsigned(one.by)
        and one.reason in rule_of(one.seen.kind, one.need).reasons
        and case.gone(one.ref) is None
    ]
    for need in Need:
        waiting = _open(spots, results, need)
        choices = [case.about(spot, valid) for spot in waiting]
        for spot, one in zip(waiting, matched(choices, {}), strict=True):
            if one is not None:
                results[spot.key] = spot.by_dismissal(one)


def _may_be_clinical(
    examinations: Sequence[Examination], spots: Iterable[_Spot], results: _Results
) -> bool:
    """Whether a clinical scene was found and not ruled out, or was not looked for."""
    looked = any(e.flag is Flag.CLINICAL and isinstance(e.scan, Looked) for e in examinations)
    stands = any(rules_of(s.finding.kind).clinical and not results[s.key].by for s in spots)
    return not looked or stands


def _face_may_show(examinations: Sequence[Examination], open_faces: list[_Spot]) -> bool:
    """Whether a face may be seen that is nobody's who agreed to be recognised."""
    looked = any(e.flag is Flag.FACE and isinstance(e.scan, Looked) for e in examinations)
    return bool(open_faces) or not looked


def _match_people(case: _Case, waiting: list[_Spot], results: _Results, *, clinical: bool) -> None:
    """Match faces with people: one subject for one face, an event for as many as signed."""
    room: dict[_Who, int] = {}
    choices: list[dict[_Who, Binding]] = []
    refused: list[list[_Why]] = []
    for spot in waiting:
        options: dict[_Who, Binding] = {}
        why: list[_Why] = []
        for binding in case.about(spot, case.answers.bindings):
            reasons = list(_reasons(case, spot, binding, shown=True, clinical=clinical))
            why += reasons
            if not reasons:
                who, people = _who(case.records[binding.refs[0]])
                room[who] = people
                options.setdefault(who, binding)
        choices.append(options)
        refused.append(why)
    found = matched([list(options) for options in choices], room)
    for spot, match, options, why in zip(waiting, found, choices, refused, strict=True):
        if match is not None:
            results[spot.key] = spot.by_records(options[match])
        else:
            results[spot.key] = Result(why=(*why, *_used(options.values())))


def _who(record: Record) -> tuple[_Who, int]:
    """Who answers by a record for a face, and for how many faces at most."""
    if isinstance(record, EventConsent):
        return ("event", record.ref), record.people
    assert isinstance(record, ConsentRecord)
    return ("subject", _subject(record)), 1


def _subject(record: ConsentRecord) -> str:
    return record.subject.strip().casefold()


def _match_scenes(case: _Case, waiting: list[_Spot], results: _Results, *, shown: bool) -> None:
    """Settle a need of scenes and places; each binding answers for one finding."""
    choices: list[list[Binding]] = []
    refused: list[list[_Why]] = []
    for spot in waiting:
        options, why = [], []
        for binding in case.about(spot, case.answers.bindings):
            reasons = list(_reasons(case, spot, binding, shown=shown, clinical=True))
            why += reasons
            if not reasons:
                options.append(binding)
        choices.append(options)
        refused.append(why)
    found = matched(choices, {})
    for spot, one, options, why in zip(waiting, found, choices, refused, strict=True):
        if one is not None:
            results[spot.key] = spot.by_records(one)
        else:
            results[spot.key] = Result(why=(*why, *_used(options)))


def _used(said: Iterable[Binding]) -> Iterator[_Why]:
    """That what would have answered is needed for another finding."""
    return ((one.refs[0], Unfit.USED) for one in said)


def _reasons(
    case: _Case, spot: _Spot, binding: Binding, *, shown: bool, clinical: bool
) -> Iterator[_Why]:
    """Why a binding does not answer a need: what is wrong with each record, and with their number.

    Args:
        case: the photo's.
        spot: the need of the finding.
        binding: a person's word that records answer it.
        shown: whether a face of the person can be seen.
        clinical: whether the photo may be a clinical scene.
    """
    if gone := case.gone(binding.ref):
        yield binding.ref, gone
        return
    patients = set()
    for ref in binding.refs:
        record = case.records.get(ref)
        if gone := case.gone(ref):
            yield ref, gone
        elif record is None:
            yield ref, Unfit.UNKNOWN
        elif kind_of(record) not in spot.rule.records:
            yield ref, Unfit.WRONG_KIND
        else:
            why = _unfit(case, spot, binding, record, shown=shown, clinical=clinical)
            yield from ((ref, reason) for reason in why)
            if isinstance(record, ConsentRecord):
                patients.add(_subject(record))
    if spot.need is Need.PATIENT_CONSENT:
        if binding.patients is None or not 1 <= binding.patients <= len(patients):
            yield binding.ref, Unfit.PATIENTS
    elif len(binding.refs) != 1:
        yield binding.ref, Unfit.WRONG_KIND


def _unfit(
    case: _Case, spot: _Spot, binding: Binding, record: Record, *, shown: bool, clinical: bool
) -> Iterator[Unfit]:
    """Why a record of a fitting kind does not answer; the arguments are those of ``_reasons``."""
    if isinstance(record, ConsentRecord):
        return consent_unfit(record, case.now, shown=shown)
    if isinstance(record, EventConsent):
        return event_unfit(record, binding, case.now, clinical=clinical)
    listed = spot.finding.label if spot.finding.kind == "place" else None
    return place_unfit(record, binding, case.now, place=listed)
