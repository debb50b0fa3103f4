"""Tables about out-of-fold scores of the clinical detector."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

if TYPE_CHECKING:
    from clinical_data import Pictures
    from clinical_parts import Part
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Scores of one round of folds, raw or calibrated; NaN where a picture is never tested.

    Attributes:
        whole: per picture.
        parts: per composite.
        picture: per composite, the picture that was pasted.
        host: per composite, the picture around it.
        share: per composite, its share of the host's side.
    """

    whole: Scores
    parts: Scores
    picture: NDArray[np.intp]
    host: NDArray[np.intp]
    share: Scores

    @classmethod
    def empty(cls, pictures: Pictures, made: list[Part]) -> Outcome:
        """Nothing scored yet."""
        return cls(
            np.full(len(pictures), np.nan),
            np.full(len(made), np.nan),
            np.array([part.picture for part in made]),
            np.array([part.host for part in made]),
            np.array([part.share for part in made]),
        )

    def calibrated(self, slope: float, intercept: float) -> Outcome:
        """The same round, raw scores turned into logits of probabilities."""
        return dataclasses.replace(
            self, whole=slope * self.whole + intercept, parts=slope * self.parts + intercept
        )


def _split(pictures: Pictures, outcome: Outcome) -> tuple[Scores, Scores]:
    tested = ~np.isnan(outcome.whole)
    return (
        outcome.whole[tested & pictures.clinical],
        outcome.whole[tested & ~pictures.clinical],
    )


def _pooled(pictures: Pictures, outcomes: list[Outcome]) -> tuple[Scores, Scores]:
    """Clinical and everyday scores of all rounds together."""
    halves = [_split(pictures, outcome) for outcome in outcomes]
    positive, negative = (np.concatenate(half) for half in zip(*halves, strict=True))
    return positive, negative


def _auc(positive: Scores, negative: Scores) -> float:
    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    above = ranks.sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))


def figures(pictures: Pictures, outcome: Outcome) -> tuple[float, ...]:
    """AUC, and recall at 5, 10 and 20 % false alarms."""
    positive, negative = _split(pictures, outcome)
    cuts = np.quantile(negative, [0.95, 0.90, 0.80])
    return (_auc(positive, negative), *(float((positive > cut).mean()) for cut in cuts))


def summary(pictures: Pictures, outcome: Outcome) -> str:
    """One line for one round."""
    auc, *recall = figures(pictures, outcome)
    at = " ".join(f"{value:.3f}" for value in recall)
    return f"auc {auc:.4f}, recall at 5/10/20 % false alarms {at}"


def threshold(pictures: Pictures, outcomes: list[Outcome], false_alarms: float) -> float:
    """The score that this share of held-out everyday pictures exceeds."""
    _, negative = _pooled(pictures, outcomes)
    return float(np.quantile(negative, 1 - false_alarms))


def calibration(pictures: Pictures, outcomes: list[Outcome]) -> tuple[float, float]:
    """Slope and intercept of Platt scaling (1999) on held-out scores."""
    positive, negative = _pooled(pictures, outcomes)
    scores = np.concatenate([positive, negative])
    signs = np.concatenate([np.ones(len(positive)), -np.ones(len(negative))])

    def loss(line: Scores) -> float:
        return float(np.logaddexp(0, -signs * (line[0] * scores + line[1])).mean())

    slope, intercept = minimize(loss, np.array([1.0, 0.0])).x
    return round(float(slope), 5), round(float(intercept), 5)


def margin(
    pictures: Pictures, firsts: list[Outcome], everys: list[Outcome], cut: float, share: float
) -> float:
    """How far below the threshold the first network's verdict must be to stand.

    Args:
        pictures: the labelled pictures.
        firsts: logits of the first network, a round each.
        everys: logits of all networks, the same rounds.
        cut: the logit from which a picture is flagged.
        share: of the clinical pictures and composites that all networks flag, how many the first
            one may end.
    """
    flagged = []
    for first, every in zip(firsts, everys, strict=True):
        flagged.append(first.whole[pictures.clinical & (every.whole >= cut)])
        flagged.append(first.parts[pictures.clinical[every.picture] & (every.parts >= cut)])
    return cut - float(np.quantile(np.concatenate(flagged), share))


def united(first: Outcome, every: Outcome, end: float) -> Outcome:
    """A round as the detector goes about it: all networks where the first did not end it."""
    return dataclasses.replace(
        every,
        whole=np.where(first.whole < end, first.whole, every.whole),
        parts=np.where(first.parts < end, first.parts, every.parts),
    )


def ended(pictures: Pictures, firsts: list[Outcome], end: float) -> str:
    """How many pictures the first network alone decides."""
    clinical, everyday = ((scores < end).mean() for scores in _pooled(pictures, firsts))
    return f"the first network alone ends {everyday:.3f} everyday, {clinical:.3f} clinical"


def tables(pictures: Pictures, outcomes: list[Outcome], threshold: float) -> str:
    """Everything that the model card quotes, of logits and at a probability."""
    means = np.mean([figures(pictures, outcome) for outcome in outcomes], axis=0)
    whole = np.array([_probabilities(outcome.whole) for outcome in outcomes])
    tested = ~np.isnan(whole)
    flagged = whole >= threshold
    clinical = np.broadcast_to(pictures.clinical, whole.shape)
    lines = [
        f"mean of {len(outcomes)} rounds: AUC {means[0]:.4f}",
        f"recall at 5/10/20 % false alarms {means[1]:.3f} {means[2]:.3f} {means[3]:.3f}",
        f"recall at the threshold {threshold}: {flagged[tested & clinical].mean():.3f}",
        f"false alarms at the threshold: {flagged[tested & ~clinical].mean():.3f}",
        *_by_kind(pictures, flagged, tested),
        *_reliability(whole[tested], clinical[tested]),
        *_partial(pictures, outcomes, threshold),
    ]
    return "\n".join(lines)


def held_out(pictures: Pictures, outcomes: list[Outcome]) -> dict[str, float]:
    """Each tested picture's mean probability while its source was held out, by file."""
    mean = np.mean([_probabilities(outcome.whole) for outcome in outcomes], axis=0)
    return {
        file: round(float(score), 4)
        for file, score in zip(pictures.files, mean, strict=True)
        if not np.isnan(score)
    }


def _probabilities(logits: Scores) -> Scores:
    return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))


def _by_kind(pictures: Pictures, flagged: Mask, tested: Mask) -> list[str]:
    lines = []
    for clinical in (True, False):
        lines.append("recall per kind" if clinical else "false alarms per everyday kind")
        for name in np.unique(pictures.names[pictures.clinical == clinical]):
            mine = (pictures.names == name) & (pictures.clinical == clinical)
            sources = len(set(pictures.source[mine]))
            which = tested & mine
            rate = f"{flagged[which].mean():.3f}" if which.any() else "always trains"
            lines.append(f"  {name:22s} {rate}  ({mine.sum()} pictures, {sources} sources)")
    return lines


def _reliability(scores: Scores, clinical: Mask) -> list[str]:
    lines = ["reliability: score, clinical share, pictures x rounds"]
    edges = np.linspace(0, 1, 11)
    for low, high in itertools.pairwise(edges):
        inside = (scores >= low) & ((scores < high) | (high == 1))
        if inside.any():
            share = clinical[inside].mean()
            lines.append(f"  {low:.1f}-{high:.1f}  {share:.3f}  {inside.sum()}")
    return lines


def _partial(pictures: Pictures, outcomes: list[Outcome], threshold: float) -> list[str]:
    lines = ["flagged when pasted into an everyday picture of another unseen source"]
    for share in sorted(set(outcomes[0].share.tolist()), reverse=True):
        for clinical in (True, False):
            rates = []
            for outcome in outcomes:
                which = (outcome.share == share) & ~np.isnan(outcome.parts)
                which &= pictures.clinical[outcome.picture] == clinical
                rates.append((_probabilities(outcome.parts[which]) >= threshold).mean())
            what = "clinical" if clinical else "everyday"
            lines.append(
                f"  {what} at {share:.2f} of the side {np.mean(rates):.3f} (n={which.sum()})"
            )
    return lines
