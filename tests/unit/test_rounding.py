"""Weights rounded with care, against each rounded by itself."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from rounding import Inputs, exactly_summed, keeping_sums, power_of_two, together

from imu_imageprep import assets
from imu_imageprep.detectors.faces.centerface import MODEL

RNG = np.random.default_rng(7)

# The instruction of older processors adds two products of a weight and a value in 16 bits.
HIGHEST_SUM = 2**15 - 1
HIGHEST_VALUE = 255


def alike(rows: int, channels: int) -> np.ndarray:
    """Inputs that go together, as those of a network do."""
    return RNG.normal(size=(rows, 3)) @ RNG.normal(size=(3, channels)) + RNG.normal(
        0, 0.1, (rows, channels)
    )


def test_weights_rounded_together_answer_more_nearly_what_they_did() -> None:
    inputs, weights = alike(500, 24), RNG.uniform(-60, 60, (8, 24))
    rounded = together(weights, inputs.T @ inputs, 64)
    off = np.linalg.norm(inputs @ (rounded - weights).T)
    assert off < np.linalg.norm(inputs @ (np.round(weights) - weights).T) / 2
    assert np.abs(rounded - weights).max() < 5


def test_inputs_that_say_nothing_of_each_other_leave_plain_rounding() -> None:
    weights = RNG.uniform(-60, 60, (8, 24))
    assert np.array_equal(together(weights, np.eye(24), 64), np.round(weights))


@pytest.mark.parametrize("highest", [3, 64])
def test_no_weight_leaves_its_range(highest: int) -> None:
    inputs, weights = alike(500, 24), RNG.uniform(-highest, highest, (8, 24))
    assert np.abs(together(weights, inputs.T @ inputs, highest).astype(int)).max() <= highest
    assert np.abs(keeping_sums(weights, highest).astype(int)).max() <= highest


def test_an_input_that_is_always_0_does_no_harm() -> None:
    inputs, weights = alike(500, 24), RNG.uniform(-60, 60, (8, 24))
    inputs[:, 5] = 0
    rounded = together(weights, inputs.T @ inputs, 64)
    assert np.array_equal(rounded[:, 5], np.round(weights[:, 5]))


def test_sums_of_a_channel_stay_and_no_weight_moves_by_more_than_1() -> None:
    weights = RNG.uniform(-100, 100, (50, 25))
    rounded = keeping_sums(weights, 127)
    assert np.array_equal(rounded.sum(axis=1, dtype=int), np.round(weights.sum(axis=1)))
    assert np.abs(rounded - weights).max() < 1


def test_no_sum_of_two_products_of_the_network_for_faces_overflows() -> None:
    graph = onnx.load_from_string(assets.load(MODEL)).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    read = {node.output[0]: node.input[0] for node in graph.node}
    counted = 0
    for node in graph.node:
        weights = stored.get(read.get(node.input[1], "")) if node.op_type == "Conv" else None
        # A layer that looks at each channel alone adds in 32 bits.
        if weights is None or weights.dtype != np.int8 or weights.shape[1] == 1:
            continue
        counted += 1
        assert 2 * HIGHEST_VALUE * int(np.abs(weights.astype(int)).max()) <= HIGHEST_SUM
    assert counted > 10


@pytest.mark.parametrize(
    "inputs", [Inputs(parts=128, low=-1, high=1), Inputs(parts=1, low=0, high=6 * 256)]
)
def test_float_sums_are_the_same_in_whatever_order(inputs: Inputs) -> None:
    # Outputs of different size have grids of their own.
    weights, bias = RNG.normal(size=(4, 27)) / [[1], [8], [64], [500]], RNG.normal(size=4)
    ends = inputs.low * inputs.parts, inputs.high * inputs.parts
    given = (RNG.integers(*ends, (27, 200), endpoint=True) / inputs.parts).astype(np.float32)
    # The furthest from 0 that any sum is.
    given[:, :4] = np.where(weights.T > 0, inputs.high, inputs.low)
    near, near_bias = exactly_summed(weights, bias, inputs)
    assert np.abs(near - weights).max() < 1e-3
    wanted = near @ given.astype(np.float64) + near_bias[:, None]
    for order in (np.arange(27), np.arange(27)[::-1], np.argsort(weights[0])):
        summed = np.repeat(near_bias.astype(np.float32)[:, None], 200, axis=1)
        for number in order:
            summed += near[:, number, None].astype(np.float32) * given[number]
        assert np.array_equal(summed, wanted)


def test_float_weights_are_as_fine_as_exact_sums_let_them_be() -> None:
    inputs = Inputs(parts=1, low=0, high=6 * 256)
    near, _ = exactly_summed(RNG.normal(size=(6, 32)), RNG.normal(size=6), inputs)
    sums = near.clip(min=0).sum(axis=1), -near.clip(max=0).sum(axis=1)
    steps = np.array([np.gcd.reduce((row * 2**40).astype(int)) for row in near]) / 2.0**40
    assert (np.max(sums, axis=0) * inputs.high / steps > 2**22.5).all()


@pytest.mark.parametrize(("low", "high"), [(0.0, 6.0), (-31.0, 25.5), (-0.3, 8.1)])
def test_a_scale_of_a_power_of_two_holds_0_and_nearly_the_whole_range(
    low: float, high: float
) -> None:
    lowest, highest = power_of_two(low, high)
    scale = (highest - lowest) / 255
    assert np.log2(scale) == int(np.log2(scale))
    assert lowest / scale == int(lowest / scale)
    assert lowest <= low + scale
    assert highest >= high - scale
    assert highest - lowest < 2.01 * (high - low)
