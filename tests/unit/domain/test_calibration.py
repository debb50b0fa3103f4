from __future__ import annotations

import pytest

from imu_imageprep.domain.calibration import Rate, Scores

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
