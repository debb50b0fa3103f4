"""One answer for many photos: what of it each photo needs, and what stays open, and why.

Nothing is answered here that the same answer, given for one photo alone, would not answer: each is
tried, and ``decide`` says what it changes. What does not fit is not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.answers import Binding, Confirmation, Dismissal
from imu_imageprep.domain.by_hand import told_as, with_drawn
from imu_imageprep.domain.case import Held
from imu_imageprep.domain.decide import judge
from imu_imageprep.domain.finding import SECOND, offered
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import GROUPS, Need, Reason, needs_of, rules_of
from imu_imageprep.domain.offers import anchor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import TypeAlias

    from imu_imageprep.domain.answers import Answer, Record
    from imu_imageprep.domain.case import Case, HeldFor
    from imu_imageprep.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class Dismiss:
    """A need of every finding of a kind does not stand, for a reason."""

    kind: str
    need: Need
    reason: Reason


@dataclass(frozen=True, slots=True)
class Name:
    """Records answer a need of whatever has it.

    Attributes:
        need: which.
        records: of one kind; several for several patients, who are all that can be seen.
        captured: the day of capture, where a photo does not state it.
        nobody_excluded: for an event's sheet, as of a binding.
    """

    need: Need
    records: tuple[Record, ...]
    captured: date | None = None
    nobody_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """What was found is covered: a group of ``needs.GROUPS``."""

    group: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit line names whose picture it is."""

    line: str


Saying: TypeAlias = "Dismiss | Name | Cover | Credit"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who says it, and how they looked at the photos (as of a binding)."""

    by: str
    looked: str


class Stays(StrEnum):
    """Why something stays open, besides that a record does not fit (``Unfit``)."""

    NOT_SHOWN = "not-shown"  # the photo was not on the screen, in that size
    STATE = "state"  # the photo does not wait for a person now
    NOTHING = "nothing"  # nothing in the photo needs this answer
    EXCEPTED = "excepted"  # the person left it out
    SECOND = "second"  # it shows after covering, so that only covering answers it
    NO_PLACE = "no-place"  # it has no place in the picture, so that it cannot be covered
    NOT_LOOKED = "not-looked"  # what would be exported was not looked at as it is now
    OPEN = "open"  # something has to be answered first
    RELEASED = "released"  # it was exported meanwhile


@dataclass(frozen=True, slots=True)
class Will:
    """A need of a finding that is answered; by covering or a credit line, nothing is recorded."""

    finding: Finding
    need: Need
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    """What stays open; without a finding it is the photo as a whole."""

    finding: str | None
    why: Stays | Unfit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a saying for one photo."""

    will: tuple[Will, ...] = ()
    stays: tuple[Stay, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What is recorded, in order: that a doubt is clinical comes before what answers it."""
        return tuple(answer for one in self.will for answer in one.answers)


def said_of(
    case: Case,
    saying: Saying,
    signed: Signed,
    excepted: Sequence[str] = (),
    *,
    among: Sequence[str] | None = None,
) -> Outcome:
    """What a saying answers in one photo.

    Args:
        case: the photo's, with what was chosen to cover and its credit line.
        saying: what is said.
        signed: who says it.
        excepted: ids of findings that the person left out.
        among: ids of findings that it can be about; None for all.
    """
    decision = judge(case)
    held = decision.held_for if isinstance(decision, Held) else ()
    open_ = [(one.finding, one.needs) for one in held if one.finding is not None]
    meant = [(finding, need) for finding, need in open_ if _meant(finding, need, saying)]
    if among is not None:
        meant = [one for one in meant if one[0].id in among]
    if not meant:
        return Outcome(stays=(Stay(None, Stays.NOTHING),))
    out = [finding.id for finding, _ in meant if finding.id in excepted]
    stays = [Stay(finding, Stays.EXCEPTED) for finding in out]
    meant = [one for one in meant if one[0].id not in out]
    if isinstance(saying, Cover | Credit):
        found = _without_words(meant, saying)
    else:
        found = _in_words(case, meant, saying, signed)
    return Outcome(found.will, (*stays, *found.stays))


def _meant(finding: Finding, need: Need, saying: Saying) -> bool:
    """Whether a saying is about a need of a finding at all."""
    match saying:
        case Dismiss():
            return finding.kind == saying.kind and need is saying.need
        case Cover():
            return GROUPS[saying.group] == finding.kind
        case Credit():
            return need is Need.CREDIT
        case Name():
            return need is saying.need or saying.need in _if_clinical(finding)


def _if_clinical(finding: Finding) -> tuple[Need, ...]:
    """What a doubt needs as soon as somebody says that it is clinical."""
    may_be = rules_of(finding.kind).may_be
    return () if may_be is None else needs_of(may_be)


def _without_words(meant: list[tuple[Finding, Need]], saying: Cover | Credit) -> Outcome:
    will, stays = [], []
    for finding, need in meant:
        rule = offered(finding, need)
        if rule.covering if isinstance(saying, Cover) else rule.credit:
            will.append(Will(finding, need))
        else:
            stays.append(Stay(finding.id, Stays.NO_PLACE))
    return Outcome(tuple(will), tuple(stays))


def _in_words(
    case: Case, meant: list[tuple[Finding, Need]], saying: Dismiss | Name, signed: Signed
) -> Outcome:
    """Answers that a person gives by name; each is tried, together with the others."""
    stays = [Stay(finding.id, Stays.SECOND) for finding, _ in meant if _is_second(finding)]
    asked = [(finding, need) for finding, need in meant if not _is_second(finding)]
    if isinstance(saying, Dismiss):
        said = [
            Will(f, need, (Dismissal(anchor(case, f), need, saying.reason, **_by(signed)),))
            for f, need in asked
        ]
    else:
        said = [_named(case, finding, saying, signed) for finding, _ in asked]
    unfit = _still_open(case, saying, said)
    stays += [Stay(one.finding.id, unfit[one.finding.id]) for one in said if _of(one, unfit)]
    return Outcome(tuple(one for one in said if not _of(one, unfit)), tuple(stays))


def _is_second(finding: Finding) -> bool:
    return finding.id.startswith(SECOND)


def _of(one: Will, unfit: dict[str, Unfit]) -> bool:
    return one.finding.id in unfit


def _by(signed: Signed) -> dict[str, str]:
    return {"by": signed.by, "looked": signed.looked}


def _named(case: Case, finding: Finding, saying: Name, signed: Signed) -> Will:
    """Records for a finding; who names some for a doubt says that it is clinical."""
    seen = anchor(case, finding)
    first: tuple[Answer, ...] = ()
    if saying.need in _if_clinical(finding):
        yes = Confirmation(seen, **_by(signed))
        seen, first = told_as(yes), (yes,)
    binding = Binding(
        seen,
        saying.need,
        tuple(record.ref for record in saying.records),
        patients=len(saying.records) if saying.need is Need.PATIENT_CONSENT else None,
        captured=saying.captured,
        nobody_excluded=saying.nobody_excluded,
        **_by(signed),
    )
    return Will(finding, saying.need, (*first, binding))


def _still_open(case: Case, saying: Dismiss | Name, said: Sequence[Will]) -> dict[str, Unfit]:
    """Ids of findings whose need stays open although all was said, each with the reason."""
    tried = _with(case, saying, said)
    decision = judge(tried)
    held = decision.held_for if isinstance(decision, Held) else ()
    open_ = {one.finding.id: _open_as(tried, held, one) for one in said}
    unfit = {ident: _why(still, saying) for ident, still in open_.items() if still is not None}
    other = {one.finding.id: Unfit.PATIENTS for one in said if _contradicts(case, one.answers[-1])}
    return unfit | other


def _contradicts(case: Case, said: Answer) -> bool:
    """Whether an earlier answer tells of another number of patients at this place."""
    gone = case.answers.withdrawn | case.answers.erased
    return isinstance(said, Binding) and any(
        one.patients not in (None, said.patients)
        and one.seen.matches(said.seen)
        and one.ref not in gone
        for one in case.answers.bindings
        if one.need is said.need
    )


def _with(case: Case, saying: Dismiss | Name, said: Sequence[Will]) -> Case:
    """The case as if it were said."""
    answers = [answer for one in said for answer in one.answers]
    given, records = case.answers, saying.records if isinstance(saying, Name) else ()
    refs = {record.ref for record in records}
    yes = [one for one in answers if isinstance(one, Confirmation)]
    return replace(
        case,
        examinations=with_drawn(case.examinations, yes, case.policy) if yes else case.examinations,
        answers=replace(
            given,
            records=(*(one for one in given.records if one.ref not in refs), *records),
            bindings=(*given.bindings, *(one for one in answers if isinstance(one, Binding))),
            dismissals=(*given.dismissals, *(o for o in answers if isinstance(o, Dismissal))),
        ),
    )


def _open_as(tried: Case, held: Sequence[HeldFor], one: Will) -> HeldFor | None:
    """The need as it holds the photo still; a doubt that is clinical is another finding by then."""
    about = one.answers[-1]
    return next(
        (
            still
            for still in held
            if still.needs is one.need
            and still.finding is not None
            and not _is_second(still.finding)
            and anchor(tried, still.finding).matches(about.seen)
        ),
        None,
    )


def _why(still: HeldFor, saying: Dismiss | Name) -> Unfit:
    """Why what was said does not answer: the records' own fault, or that others needed them."""
    refs = {record.ref for record in saying.records} if isinstance(saying, Name) else set()
    own = (why for ref, why in still.why if ref in refs or not ref)
    return next(own, Unfit.USED)
