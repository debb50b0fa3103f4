from __future__ import annotations

import pytest

from imu_imageprep.domain.calibration import Pair, Rate, Scores, recommended

SCORES = Scores(
    clinical=(0.95, 0.9, 0.8, 0.7, 0.7, 0.6, 0.55, 0.5, 0.4, 0.1),
    other=(0.65, 0.45, 0.3, 0.2, 0.1, 0.1, 0.05, 0.02, 0.01, 0.0),
)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # R: binom::binom.confint(hits, of, methods = "wilson")
        (19, 20, 0.7639, 0.9911),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert Rate(hits, of).interval == pytest.approx((low, high), abs=1e-4)


def test_a_score_at_the_threshold_is_flagged_as_by_the_detector() -> None:
    row = SCORES.at(0.7)
    assert (row.recall, row.false_alarms) == (Rate(5, 10), Rate(0, 10))


def test_the_highest_threshold_that_finds_enough() -> None:
    row = SCORES.for_recall(0.8)
    assert row is not None
    assert row.threshold == 0.5
    assert row.recall == Rate(8, 10)
    assert SCORES.at(0.51).recall == Rate(7, 10)


def test_the_lowest_threshold_with_few_enough_false_alarms() -> None:
    row = SCORES.for_false_alarms(0.1)
    assert row is not None
    assert row.threshold == 0.46
    assert row.false_alarms == Rate(1, 10)
    assert SCORES.at(0.45).false_alarms == Rate(2, 10)


def test_what_cannot_be_reached_is_not_recommended() -> None:
    blind = Scores(clinical=(0.5, 0.0), other=(1.0, 1.0))
    assert blind.for_recall(0.9) is None
    assert blind.for_false_alarms(0.5) is None


LOOSE = Pair(SCORES.at(0.9), SCORES.at(0.8))


def test_two_thresholds_are_recommended_by_what_they_flag_of_the_others() -> None:
    pair = recommended(SCORES, LOOSE)
    assert pair is not None
    assert (pair.upper.threshold, pair.upper.false_alarms) == (0.46, Rate(1, 10))
    assert (pair.lower.threshold, pair.lower.false_alarms) == (0.31, Rate(2, 10))
    assert pair.upper.recall == Rate(8, 10)
    assert pair.lower.recall == Rate(9, 10)


def test_finding_less_than_now_has_to_be_asked_for() -> None:
    strict = Pair(SCORES.at(0.3), SCORES.at(0.2))
    assert recommended(SCORES, strict) == strict
    asked = recommended(SCORES, strict, false_alarms=0.0, doubts=0.1)
    assert asked is not None
    assert (asked.upper.threshold, asked.lower.threshold) == (0.66, 0.46)


@pytest.mark.parametrize("recall", [0.1, 0.5, 0.9, 1.0])
def test_the_lower_threshold_is_never_above_the_upper_one(recall: float) -> None:
    pair = recommended(SCORES, LOOSE, recall=recall, doubts=0.0)
    assert pair is not None
    assert pair.upper.recall.share >= recall
    assert pair.lower.threshold <= pair.upper.threshold


def test_where_no_upper_threshold_is_few_enough_nothing_is_recommended() -> None:
    assert recommended(Scores(clinical=(0.5,), other=(1.0, 1.0)), LOOSE, false_alarms=0.5) is None
