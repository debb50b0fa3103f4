"""Which need of which finding is answered, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.answers import Anchor
from imu_imageprep.domain.box import covered_share
from imu_imageprep.domain.consent import ConsentRecord, Kind
from imu_imageprep.domain.cover import COVERED
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.fitting import (
    Unfit,
    consent_unfit,
    event_unfit,
    place_unfit,
)
from imu_imageprep.domain.matching import matched
from imu_imageprep.domain.needs import Need, needs_of, rule_of, rules_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imu_imageprep.domain.answers import Binding, Dismissal, Record
    from imu_imageprep.domain.case import Answers
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.fitting import Circumstances


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a need is answered.

    Attributes:
        answered: it is; otherwise it stands.
        refs: what answered it; covering and credit have no reference.
        why: of each record that was meant to answer it: its reference and why it does not.
    """

    answered: bool
    refs: tuple[str, ...] = ()
    why: tuple[tuple[str, Unfit], ...] = ()


@dataclass(frozen=True, slots=True)
class _Spot:
    """One need of one finding, and where it stands in the examinations."""

    key: tuple[int, int, Need]
    finding: Finding
    model: str | None

    @property
    def need(self) -> Need:
        return self.key[2]


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

    def gone(self, ref: str, binding: Binding) -> Unfit | None:
        """Whether a record, or the word that it answers, was withdrawn or erased."""
        return _standing(ref, self.answers) or _standing(binding.ref, self.answers)


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
        _Spot((number, place, need), finding, exam.model)
        for number, exam in enumerate(examinations)
        for place, finding in enumerate(exam.findings)
        for need in needs_of(finding.kind)
    ]
    results: _Results = {spot.key: Result(False) for spot in spots}
    for spot in spots:
        if _by_covering_or_credit(spot, answers):
            results[spot.key] = Result(True)
    case = _Case(answers, {record.ref: record for record in answers.records if record.ref}, now)
    _dismiss(case, spots, results)
    clinical = _may_be_clinical(examinations, spots, results)
    _faces(case, _open(spots, results, Need.PERSON_CONSENT), results, clinical=clinical)
    shown = _face_may_show(examinations, _open(spots, results, Need.PERSON_CONSENT))
    for need in (Need.PATIENT_CONSENT, Need.PLACE_PERMISSION):
        _scenes(case, _open(spots, results, need), results, shown=shown)
    return results


def _standing(ref: str, answers: Answers) -> Unfit | None:
    """Whether whatever has this reference was withdrawn or erased."""
    if ref in answers.erased:
        return Unfit.ERASED
    return Unfit.WITHDRAWN if ref in answers.withdrawn else None


def _open(spots: Iterable[_Spot], results: _Results, need: Need) -> list[_Spot]:
    return [s for s in spots if s.key[2] is need and not results[s.key].answered]


def _by_covering_or_credit(spot: _Spot, answers: Answers) -> bool:
    rule, box = rule_of(spot.finding.kind, spot.need), spot.finding.box
    if rule.covering and box is not None and covered_share(box, answers.covered) >= COVERED:
        return True
    return rule.credit and bool(answers.credit and answers.credit.strip())


def _dismiss(case: _Case, spots: list[_Spot], results: _Results) -> None:
    """Settle what named persons dismissed; each dismissal answers one need of one finding."""
    valid = [
        one
        for one in case.answers.dismissals
        if one.by.strip()
        and one.reason in rule_of(one.seen.kind, one.need).reasons
        and _standing(one.ref, case.answers) is None
    ]
    for need in Need:
        waiting = _open(spots, results, need)
        choices = [case.about(spot, valid) for spot in waiting]
        for spot, one in zip(waiting, matched(choices, {}), strict=True):
            if one is not None:
                results[spot.key] = Result(True, _refs(one.ref))


def _may_be_clinical(
    examinations: Sequence[Examination], spots: Iterable[_Spot], results: _Results
) -> bool:
    """Whether a clinical scene was found and not ruled out, or was not looked for."""
    looked = any(e.flag is Flag.CLINICAL and isinstance(e.scan, Looked) for e in examinations)
    stands = any(rules_of(s.finding.kind).clinical and not results[s.key].answered for s in spots)
    return not looked or stands


def _face_may_show(examinations: Sequence[Examination], open_faces: list[_Spot]) -> bool:
    """Whether a face may be seen that is nobody's who agreed to be recognised."""
    looked = any(e.flag is Flag.FACE and isinstance(e.scan, Looked) for e in examinations)
    return bool(open_faces) or not looked


def _faces(case: _Case, waiting: list[_Spot], results: _Results, *, clinical: bool) -> None:
    """Match faces with people: one subject for one face, an event for as many as signed."""
    room: dict[_Who, int] = {}
    choices: list[dict[_Who, tuple[str, ...]]] = []
    refused: list[list[tuple[str, Unfit]]] = []
    for spot in waiting:
        options: dict[_Who, tuple[str, ...]] = {}
        why: list[tuple[str, Unfit]] = []
        for binding in case.about(spot, case.answers.bindings):
            reasons = list(_face_reasons(case, binding, clinical=clinical))
            why += reasons
            if not reasons:
                (ref,) = binding.refs
                who, people = _who(case.records[ref])
                room[who] = people
                options.setdefault(who, _refs(ref, binding.ref))
        choices.append(options)
        refused.append(why)
    people_of = matched([list(options) for options in choices], room)
    for spot, match, options, why in zip(waiting, people_of, choices, refused, strict=True):
        if match is not None:
            results[spot.key] = Result(True, options[match])
        else:
            results[spot.key] = Result(
                False, why=(*why, *((refs[0], Unfit.USED) for refs in options.values()))
            )


def _who(record: Record) -> tuple[_Who, int]:
    """Who answers by a record for a face, and for how many faces at most."""
    if isinstance(record, EventConsent):
        return ("event", record.ref), record.people
    assert isinstance(record, ConsentRecord)
    return ("subject", _subject(record)), 1


def _subject(record: ConsentRecord) -> str:
    return record.subject.strip().casefold()


def _face_reasons(case: _Case, binding: Binding, *, clinical: bool) -> Iterator[_Why]:
    for ref in binding.refs:
        record = case.records.get(ref)
        if gone := case.gone(ref, binding):
            yield ref, gone
        elif isinstance(record, ConsentRecord):
            yield from _of(ref, consent_unfit(record, case.now, shown=True))
        elif isinstance(record, EventConsent):
            yield from _of(ref, event_unfit(record, binding, case.now, clinical=clinical))
        else:
            yield ref, Unfit.UNKNOWN if record is None else Unfit.WRONG_KIND
    if len(binding.refs) != 1:
        yield binding.ref, Unfit.WRONG_KIND


def _scenes(case: _Case, waiting: list[_Spot], results: _Results, *, shown: bool) -> None:
    """Settle a need of scenes and places; each binding answers for one finding."""
    choices: list[list[Binding]] = []
    refused: list[list[_Why]] = []
    for spot in waiting:
        options, why = [], []
        for binding in case.about(spot, case.answers.bindings):
            if spot.need is Need.PATIENT_CONSENT:
                reasons = list(_patient_reasons(case, binding, shown=shown))
            else:
                reasons = list(_place_reasons(case, binding, spot.finding))
            why += reasons
            if not reasons:
                options.append(binding)
        choices.append(options)
        refused.append(why)
    for spot, one, why in zip(waiting, matched(choices, {}), refused, strict=True):
        results[spot.key] = (
            Result(False, why=tuple(why))
            if one is None
            else Result(True, _refs(*one.refs, one.ref))
        )


def _patient_reasons(case: _Case, binding: Binding, *, shown: bool) -> Iterator[_Why]:
    subjects = set()
    for ref in binding.refs:
        record = case.records.get(ref)
        if gone := case.gone(ref, binding):
            yield ref, gone
        elif not isinstance(record, ConsentRecord) or record.kind is not Kind.PATIENT:
            yield ref, Unfit.UNKNOWN if record is None else Unfit.WRONG_KIND
        else:
            subjects.add(_subject(record))
            yield from _of(ref, consent_unfit(record, case.now, shown=shown))
    if binding.patients is None or not 1 <= binding.patients <= len(subjects):
        yield binding.ref, Unfit.PATIENTS


def _place_reasons(case: _Case, binding: Binding, finding: Finding) -> Iterator[_Why]:
    listed = finding.label if finding.kind == "place" else None
    for ref in binding.refs:
        record = case.records.get(ref)
        if gone := case.gone(ref, binding):
            yield ref, gone
        elif isinstance(record, PlacePermission):
            yield from _of(ref, place_unfit(record, binding, case.now, place=listed))
        else:
            yield ref, Unfit.UNKNOWN if record is None else Unfit.WRONG_KIND
    if len(binding.refs) != 1:
        yield binding.ref, Unfit.WRONG_KIND


def _of(ref: str, reasons: Iterator[Unfit]) -> Iterator[_Why]:
    return ((ref, reason) for reason in reasons)


def _refs(*refs: str) -> tuple[str, ...]:
    return tuple(ref for ref in refs if ref)
