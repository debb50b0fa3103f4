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


def make_ups(pictures: Pictures) -> dict[str, Mask]:
    """The two make-ups by name, which are reported apart."""
    return {"website-like": ~pictures.snapshot, "snapshots": pictures.snapshot}


def _split(pictures: Pictures, outcome: Outcome, among: Mask) -> tuple[Scores, Scores]:
    tested = ~np.isnan(outcome.whole) & among
    return (
        outcome.whole[tested & pictures.clinical],
        outcome.whole[tested & ~pictures.clinical],
    )


def _pooled(
    pictures: Pictures, outcomes: list[Outcome], among: Mask | None = None
) -> tuple[Scores, Scores]:
    """Clinical and everyday scores of all rounds together."""
    chosen = np.ones(len(pictures), np.bool_) if among is None else among
    halves = [_split(pictures, outcome, chosen) for outcome in outcomes]
    positive, negative = (np.concatenate(half) for half in zip(*halves, strict=True))
    return positive, negative


def _auc(positive: Scores, negative: Scores) -> float:
    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    above = ranks.sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))


def _figures(pictures: Pictures, outcome: Outcome, among: Mask) -> tuple[float, ...]:
    """AUC, and recall at 5, 10, 20 and 25 % false alarms."""
    positive, negative = _split(pictures, outcome, among)
    cuts = np.quantile(negative, [0.95, 0.90, 0.80, 0.75])
    return (_auc(positive, negative), *(float((positive > cut).mean()) for cut in cuts))


def summary(pictures: Pictures, outcomes: list[Outcome]) -> str:
    """One line: the mean over rounds, each make-up apart."""
    parts = []
    for name, among in make_ups(pictures).items():
        auc, *recall = np.mean([_figures(pictures, one, among) for one in outcomes], axis=0)
        at = " ".join(f"{value:.3f}" for value in recall)
        parts.append(f"{name} auc {auc:.4f}, recall at 5/10/20/25 % {at}")
    return "; ".join(parts)


def upper(pictures: Pictures, outcomes: list[Outcome], share: float) -> float:
    """The score that this share of held-out everyday snapshots exceeds."""
    _, negative = _pooled(pictures, outcomes, pictures.snapshot)
    return float(np.quantile(negative, 1 - share))


def lower(
    pictures: Pictures, alone: list[Outcome], albums: list[Outcome], cut: float, share: float
) -> float:
    """The score in albums from which this share of everyday snapshots is held or doubted.

    Args:
        pictures: the labelled pictures.
        alone: logits of the pictures by themselves.
        albums: the same rounds, raised by their albums.
        cut: the logit from which a picture is flagged by itself.
        share: of everyday snapshots.
    """
    _, own = _pooled(pictures, alone, pictures.snapshot)
    _, raised = _pooled(pictures, albums, pictures.snapshot)
    return min(cut, float(np.quantile(np.where(own >= cut, np.inf, raised), 1 - share)))


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
    parts = []
    for name, among in make_ups(pictures).items():
        clinical, everyday = ((one < end).mean() for one in _pooled(pictures, firsts, among))
        parts.append(f"{name} {everyday:.3f} of everyday, {clinical:.3f} of clinical")
    return f"the first network alone ends {'; '.join(parts)}"


def tables(
    pictures: Pictures, alone: list[Outcome], albums: list[Outcome], limits: tuple[float, float]
) -> str:
    """Everything that the model card quotes.

    Args:
        pictures: the labelled pictures.
        alone: logits of the pictures by themselves.
        albums: the same rounds, raised by their albums.
        limits: the probabilities from which a picture is flagged, and doubted.
    """
    threshold, doubt = limits
    whole = np.array([_probabilities(outcome.whole) for outcome in alone])
    raised = np.array([_probabilities(outcome.whole) for outcome in albums])
    tested = ~np.isnan(whole)
    flagged = whole >= threshold
    clinical = np.broadcast_to(pictures.clinical, whole.shape)
    lines = [
        f"mean of {len(alone)} rounds",
        f"alone: {summary(pictures, alone)}",
        f"in albums: {summary(pictures, albums)}",
    ]
    levels = {
        f"flagged at {threshold}": flagged,
        f"flagged or doubted at {doubt}, alone": flagged | (whole >= doubt),
        f"flagged or doubted at {doubt}, in albums": flagged | (raised >= doubt),
    }
    for name, among in make_ups(pictures).items():
        for level, mask in levels.items():
            rates = [mask[tested & among & (clinical == wanted)].mean() for wanted in (True, False)]
            lines.append(f"{name}, {level}: clinical {rates[0]:.3f}, everyday {rates[1]:.3f}")
    lines += [
        *_by_kind(pictures, tuple(levels.values()), tested),
        *_reliability(whole[tested], clinical[tested]),
        *_partial(pictures, alone, threshold),
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


def _by_kind(pictures: Pictures, levels: tuple[Mask, ...], tested: Mask) -> list[str]:
    lines = []
    for clinical in (True, False):
        lines.append(f"{'clinical' if clinical else 'everyday'} kinds: flagged, or doubted alone,")
        lines[-1] += " or doubted in albums"
        for name in np.unique(pictures.names[pictures.clinical == clinical]):
            mine = (pictures.names == name) & (pictures.clinical == clinical)
            sources = len(set(pictures.source[mine]))
            which = tested & mine
            rates = " ".join(f"{level[which].mean():.3f}" for level in levels if which.any())
            rate = rates or "always trains"
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
