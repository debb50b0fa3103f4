"""May this photo leave? A pure, total function of what was seen and what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.case import Cleared, Held, HeldFor
from imu_imageprep.domain.finding import DidNotLook
from imu_imageprep.domain.needs import Need, needs_of
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from imu_imageprep.domain.answers import Answered
    from imu_imageprep.domain.case import Answers, Case, Decision
    from imu_imageprep.domain.finding import Examination, Finding
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.settle import Result


def decide(
    examinations: tuple[Examination, ...],
    answers: Answers,
    policy: Policy,
    *,
    photo: str | None = None,
    today: date | None = None,
    captured: date | None = None,
) -> Decision:
    """Decide whether a photo may leave.

    Args:
        examinations: every detector's scan; one that did not look holds, whatever its flag says.
        answers: what people answered for this photo.
        policy: which findings hold, and the channel that is exported for.
        photo: hex sha256 of the photo's file; without it no answer on record fits.
        today: the day of the decision; without it no consent and no permission fits.
        captured: the day of capture that the photo states; a person may tell it where it does not.

    Returns:
        ``Held`` with every open need in the order of the examinations, or ``Cleared``.
    """
    results: Mapping[tuple[int, int, Need], Result] = {}
    if any(_holding(exam, policy) for exam in examinations):
        # What judges consents is loaded when there is something to judge.
        from imu_imageprep.domain.fitting import Circumstances  # noqa: PLC0415
        from imu_imageprep.domain.settle import settled  # noqa: PLC0415

        now = Circumstances(policy.channel, photo, today, captured)
        results = settled(examinations, answers, now)
    open_needs: list[HeldFor] = []
    relied_on: dict[str, None] = {}
    answered: list[Answered] = []
    for number, exam in enumerate(examinations):
        if isinstance(exam.scan, DidNotLook):
            open_needs.append(HeldFor(Need.LOOK, scan=exam.detector))
        for place, finding in _holding(exam, policy):
            for need in needs_of(finding.kind):
                result = results[number, place, need]
                if result.by:
                    relied_on.update(dict.fromkeys(result.refs))
                    answered += result.by
                else:
                    open_needs.append(HeldFor(need, finding, why=result.why))
    if answers.hold:
        open_needs.append(HeldFor(Need.LOOK))
    if open_needs:
        return Held(tuple(open_needs))
    return Cleared(tuple(relied_on), tuple(answered))


def judge(case: Case) -> Decision:
    """Decide one photo's case; see :func:`decide`."""
    return decide(
        case.examinations,
        case.answers,
        case.policy,
        photo=case.photo,
        today=case.today,
        captured=case.captured,
    )


def _holding(exam: Examination, policy: Policy) -> tuple[tuple[int, Finding], ...]:
    """The findings that hold a photo until they are answered, each with its place in the scan."""
    return tuple(
        (number, found)
        for number, found in enumerate(exam.findings)
        if not found.noted and policy.flags.level_of(exam.flag, found) is Level.HOLD
    )
