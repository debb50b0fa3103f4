from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.doubting import (
    ALBUM_MOST,
    BESIDE,
    READ,
    WORDS,
    album_evidence,
    in_reach,
    logit_of,
    own_logit,
    with_evidence,
)
from imu_imageprep.domain.finding import (
    Cue,
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    numbered,
)
from imu_imageprep.domain.odds import logit, probability

LOWER, UPPER = 0.25, 0.6
BOX = Box(0.5, 0.5, 0.5, 0.5)
SHARES = st.floats(0.0, 1.0)
EVIDENCE = st.floats(0.0, 4.0)


def clinical(own: float, lower: float | None = LOWER, box: Box | None = None) -> Examination:
    """What the clinical detector says of a picture with a score."""
    kind = "clinical" if own >= UPPER else "doubt" if lower and own >= lower else None
    found = (Finding(kind, own, box, "ward" if kind == "clinical" else "clinical"),) if kind else ()
    return Examination("clinical", Flag.CLINICAL, "m", Looked(found, own, doubted_from=lower))


def text(*cues: Cue) -> Examination:
    return Examination("text", Flag.TEXT, "t", Looked((), 0.0, frozenset(cues)))


WORDS_READ = text(Cue.CLINICAL_WORDS)


def seen(*exams: Examination, album: float = 0.0) -> tuple[Finding, ...]:
    return with_evidence(exams, album)[0].findings


def short_by(logits: float) -> float:
    """A score that lies so far below the lower threshold."""
    return probability(logit(LOWER) - logits)


def test_a_picture_that_says_it_alone_is_doubted_without_a_reason() -> None:
    (doubt,) = seen(clinical(0.4, box=BOX), text())
    assert doubt == Finding("doubt", 0.4, BOX, "clinical", "doubt-1")


@pytest.mark.parametrize("own", [UPPER, 0.99])
def test_what_is_clinical_by_itself_is_no_doubt(own: float) -> None:
    (found,) = seen(clinical(own, box=BOX), WORDS_READ, album=ALBUM_MOST)
    assert (found.kind, found.box, found.label) == ("clinical", BOX, "ward")
    assert found.reason is None


def test_nothing_speaks_for_it_and_nothing_is_found() -> None:
    exams = with_evidence((clinical(0.1), text()))
    assert exams[0].findings == ()
    assert isinstance(exams[0].scan, Looked)
    assert exams[0].scan.score == 0.1


@pytest.mark.parametrize(
    ("short", "cues", "album", "reason"),
    [
        (0.5 * WORDS, (Cue.CLINICAL_WORDS,), 0.0, READ),
        (0.5 * WORDS, (Cue.CLINICAL_WORDS,), ALBUM_MOST, READ),
        (0.9 * ALBUM_MOST, (), ALBUM_MOST, BESIDE),
        (0.9 * (WORDS + ALBUM_MOST), (Cue.CLINICAL_WORDS,), ALBUM_MOST, f"{READ} and {BESIDE}"),
    ],
)
def test_what_was_needed_is_told(
    short: float, cues: tuple[Cue, ...], album: float, reason: str
) -> None:
    (doubt,) = seen(clinical(short_by(short)), text(*cues), album=album)
    assert (doubt.kind, doubt.label, doubt.box, doubt.reason) == ("doubt", "clinical", None, reason)


def test_evidence_alone_never_makes_a_clinical_finding() -> None:
    just_under = math.nextafter(UPPER, 0)
    exams = with_evidence((clinical(just_under), WORDS_READ), ALBUM_MOST)
    assert [found.kind for found in exams[0].findings] == ["doubt"]
    assert isinstance(exams[0].scan, Looked)
    assert exams[0].scan.score > UPPER


def test_an_album_adds_its_most_and_no_more_and_never_takes_away() -> None:
    exam = clinical(short_by(1.01 * ALBUM_MOST))
    assert seen(exam, album=100.0) == ()
    assert seen(clinical(0.4), album=-3.0) == seen(clinical(0.4))


def test_a_check_that_doubts_nothing_is_left_as_it_is() -> None:
    exams = (clinical(0.4, lower=None), WORDS_READ)
    assert with_evidence(exams, ALBUM_MOST) == numbered(exams)
    assert own_logit(exams) is None
    assert not in_reach(exams)


def test_a_check_that_did_not_look_stays_so() -> None:
    blind = Examination("clinical", Flag.CLINICAL, None, DidNotLook("no model"))
    assert with_evidence((blind, WORDS_READ), ALBUM_MOST) == (blind, WORDS_READ)
    assert not in_reach((blind,))


def test_a_foreign_detector_doubts_for_itself() -> None:
    doubt = Finding("doubt", 0.1)
    foreign = Examination("other", None, "x", Looked((doubt,), 0.1, doubted_from=0.0))
    assert with_evidence((foreign,), ALBUM_MOST) == numbered((foreign,))


@given(own=SHARES, first=EVIDENCE, second=EVIDENCE, words=st.booleans())
def test_asked_again_it_starts_from_the_picture(
    own: float, first: float, second: float, words: bool
) -> None:
    exams = (clinical(own, box=BOX), WORDS_READ if words else text())
    assert with_evidence(with_evidence(exams, first), second) == with_evidence(exams, second)
    assert own_logit(with_evidence(exams, first)) == own_logit(exams) == logit_of(own)


@given(own=SHARES, less=EVIDENCE, more=EVIDENCE, words=st.booleans())
def test_more_evidence_never_lowers_a_score_nor_takes_a_finding(
    own: float, less: float, more: float, words: bool
) -> None:
    less, more = sorted((less, more))
    exams = (clinical(own), WORDS_READ if words else text())
    low, high = with_evidence(exams, less)[0], with_evidence(exams, more)[0]
    assert isinstance(low.scan, Looked)
    assert isinstance(high.scan, Looked)
    assert own <= low.scan.score <= high.scan.score
    assert {found.kind for found in low.findings} <= {found.kind for found in high.findings}


@given(one=SHARES, other=SHARES, album=EVIDENCE)
def test_a_higher_score_never_loses_what_a_lower_one_has(
    one: float, other: float, album: float
) -> None:
    low, high = (seen(clinical(own), album=album) for own in sorted((one, other)))
    assert bool(low) <= bool(high)
    assert len(high) <= 1


@given(own=SHARES, words=st.booleans())
def test_within_reach_is_what_the_most_evidence_raises(own: float, words: bool) -> None:
    exams = (clinical(own), WORDS_READ if words else text())
    now, most = seen(*exams), seen(*exams, album=ALBUM_MOST)
    assert in_reach(exams) == (bool(most) and not now)


@given(own=SHARES, words=st.booleans(), album=EVIDENCE)
def test_a_photo_that_was_raised_is_not_in_reach_any_more(
    own: float, words: bool, album: float
) -> None:
    raised = with_evidence((clinical(own), WORDS_READ if words else text()), album)
    assert not (raised[0].findings and in_reach(raised))


@given(st.lists(st.floats(-60, 60) | st.just(-math.inf), max_size=30), st.randoms())
def test_an_album_says_the_same_in_any_order_and_stays_within_its_bounds(
    others: list[float], random: object
) -> None:
    mixed = sorted(others, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert album_evidence(mixed) == album_evidence(others)
    assert 0 <= album_evidence(others) <= ALBUM_MOST


def test_a_photo_alone_has_no_album() -> None:
    assert album_evidence([]) == 0


def test_clinical_photos_beside_it_say_more_than_others() -> None:
    assert album_evidence([3.0] * 9) > album_evidence([-3.0] * 9)


def test_the_score_without_evidence_is_kept_as_it_was_to_the_last_bit() -> None:
    exam = clinical(0.3)
    (first,) = with_evidence((exam,))
    assert isinstance(exam.scan, Looked)
    assert isinstance(first.scan, Looked)
    assert dataclasses.replace(first.scan, own=None, findings=()) == dataclasses.replace(
        exam.scan, findings=()
    )
