"""Weights of layers as whole numbers, rounded so that what the layer answers stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Bytes = NDArray[np.int8]

# Added to the diagonal, as a share of its mean: inputs that hardly vary say little.
_DAMPING = 0.01
# Whole numbers that float32 holds.
_EXACT_UP_TO = 2.0**24
# Weights that are rounded may add up to a little more.
_ROUNDED_UP = 1.01
_HIGHEST_BYTE = 255


def together(weights: Numbers, products: Numbers, highest: int) -> Bytes:
    """Round the weights of a layer of single pixels, each making up for those before it.

    Inputs that go together are rounded in opposite directions (GPTQ; Frantar and others, 2022).

    Args:
        weights: [outputs, inputs], in steps of each output's scale.
        products: [inputs, inputs], sums of the products of what the inputs are.
        highest: no result is further from 0.

    Returns:
        int8 [outputs, inputs].
    """
    # The largest inputs first: more are left to make up for them.
    order = np.argsort(-np.diag(products), kind="stable")
    left = weights[:, order].copy()
    damped = products[np.ix_(order, order)].copy()
    damped[np.diag_indices(len(order))] += _DAMPING * np.diag(products).mean()
    passed_on = np.linalg.cholesky(np.linalg.inv(damped)).T
    result = np.empty(weights.shape, np.int8)
    for number, place in enumerate(order):
        whole = np.clip(np.round(left[:, number]), -highest, highest)
        off = (left[:, number] - whole) / passed_on[number, number]
        left[:, number + 1 :] -= np.outer(off, passed_on[number, number + 1 :])
        result[:, place] = whole
    return result


def keeping_sums(weights: Numbers, highest: int) -> Bytes:
    """Round the weights of a layer that looks at each channel alone; its sums stay as they were.

    Neighbouring pixels are much alike: what counts most is the sum of a channel's weights.

    Args:
        weights: [channels, weights of one], in steps of each channel's scale.
        highest: no result is further from 0.

    Returns:
        int8, of the same shape.
    """
    down = np.floor(weights)
    # As many are rounded up as the sum asks for: those that are nearest to it.
    up = np.round(weights.sum(axis=1) - down.sum(axis=1))[:, None]
    rank = np.argsort(np.argsort(-(weights - down), axis=1, kind="stable"), axis=1)
    return np.asarray(np.clip(down + (rank < up), -highest, highest), np.int8)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a layer is given: multiples of 1 / parts (a power of two), low <= 0 <= high."""

    parts: int
    low: int
    high: int


def exactly_summed(weights: Numbers, bias: Numbers, inputs: Inputs) -> tuple[Numbers, Numbers]:
    """Weights and bias of a float32 layer, so that its sums are exact in whatever order they are.

    Args:
        weights: [outputs, ...]; each output has a grid of its own, of a power of two.
        bias: [outputs].
        inputs: what the layer is given.
    """
    flat = weights.reshape(len(weights), -1)
    products = np.concatenate([flat * inputs.low, flat * inputs.high, bias[:, None]], axis=1)
    # No sum of some of the products is further from 0 than all that are on one side of it.
    highest = np.maximum(products.clip(min=0).sum(axis=1), -products.clip(max=0).sum(axis=1))
    steps = 2.0 ** np.floor(np.log2(_EXACT_UP_TO / (highest * inputs.parts * _ROUNDED_UP)))
    of_weights = steps.reshape(-1, *[1] * (weights.ndim - 1))
    of_sums = steps * inputs.parts
    return np.round(weights * of_weights) / of_weights, np.round(bias * of_sums) / of_sums


def power_of_two(low: float, high: float) -> tuple[float, float]:
    """The range of 8 bits whose scale is a power of two: sums of two such numbers are exact."""
    scale = 2.0 ** np.ceil(np.log2((high - low) / _HIGHEST_BYTE))
    zero = np.round(-low / scale)
    return float(-zero * scale), float((_HIGHEST_BYTE - zero) * scale)
