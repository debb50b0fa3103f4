from __future__ import annotations

import inspect

import pytest

from imu_imageprep.domain import errors
from imu_imageprep.domain.errors import ExitCode, ImageprepError, worst

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ImageprepError) and kind is not ImageprepError
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_carries_a_code_and_advice(kind: type[ImageprepError]) -> None:
    problem = kind("It went wrong.")
    assert problem.code not in (ExitCode.OK, ExitCode.HELD, ExitCode.BUG)
    assert problem.advice.endswith((".", "--help"))
    assert kind("It went wrong.", "Do this.").advice == "Do this."


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 4], 4),
        ([4, 5], 5),
        ([5, 3], 3),
        ([3, 7], 7),
        ([7, 6], 6),
        ([6, 70], 70),
    ],
)
def test_a_batch_ends_with_the_worst(codes: list[int], expected: int) -> None:
    assert worst(codes) == expected
    assert worst(reversed(codes)) == expected
