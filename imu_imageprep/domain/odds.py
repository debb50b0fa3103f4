"""Probabilities and their logits, in which evidence adds up."""

from __future__ import annotations

import math

# Beyond this the exponential overflows, and no probability differs.
_FAR = 50.0


def probability(logit: float) -> float:
    """The probability, 0..1, of a logit."""
    return 1 / (1 + math.exp(-min(max(logit, -_FAR), _FAR)))


def logit(probability: float) -> float:
    """The logit of a probability, 0..1; of 0 and 1, one that no verdict reaches."""
    if not 0 < probability < 1:
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1 - probability))
