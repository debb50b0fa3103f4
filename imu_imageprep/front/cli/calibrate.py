"""``imageprep calibrate``: which clinical thresholds fit one's own photos."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.calibration import Pair, recommended
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.calibrate import Calibration
    from imu_imageprep.domain.calibration import Rate, Row, Scores
    from imu_imageprep.domain.policy import Policy

_EVERY = tuple(step / 20 for step in range(1, 20))
_TOLD_EVERY = 10

_CAUTION = (
    "These figures are for photos like these. They promise nothing for other photos.\n"
    "Nothing about the photos was kept."
)


def _share(about: str) -> Any:
    """An option that is a share, 0 to 1."""
    return typer.Option(min=0, max=1, metavar="SHARE", help=about, callback=options.finite)


def calibrate(
    clinical: Annotated[
        Path,
        typer.Option(
            click_type=options.NO_STREAM,
            metavar="DIR",
            help="Photos that show a clinical scene or a patient.",
        ),
    ],
    other: Annotated[
        Path,
        typer.Option(
            click_type=options.NO_STREAM,
            metavar="DIR",
            help="Photos that show neither.",
        ),
    ],
    recall: Annotated[
        float | None,
        _share("The upper threshold finds this share of the clinical photos."),
    ] = None,
    false_alarms: Annotated[
        float | None,
        _share("The upper one flags at most this share of the others; 0.11 by default."),
    ] = None,
    doubts: Annotated[
        float | None,
        _share("The lower one flags at most this share of the others; 0.25 by default."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write both into the configuration.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    config: options.Config = None,
) -> None:
    """Measure the clinical check on your own photos, and find the two thresholds that fit them.

    From the upper one on a photo needs both permissions, from the lower one on a look.

    Sort photos into two folders: at least 20 in each, better a hundred or more, and as you would
    post them. Nothing about them is kept.

    \b
    Examples:
      imageprep calibrate --clinical wards/ --other campus/
      imageprep calibrate --clinical wards/ --other campus/ --recall 0.98 --write
    """
    if recall is not None and false_alarms is not None:
        raise UsageProblem(
            "--recall and --false-alarms cannot be used together.",
            "Give one of them; the other follows from it.",
        )
    policy = options.policy_from(config)
    from imu_imageprep import calibrate as clinic  # noqa: PLC0415  (numpy and the rest, not needed for --help)

    done = clinic.calibrate(clinical, other, policy.limits, _progress)
    scores, used = done.scores, _in_use(policy, done)
    best = recommended(scores, used, recall=recall, false_alarms=false_alarms, doubts=doubts)
    if json:
        print(json_text.dumps(_as_json(scores, done.unreadable, used, best)))
    else:
        for line in _table(scores, done.unreadable, used, best):
            print(line)
    if best is None:
        aim = "so few false alarms" if recall is None else "that share of clinical photos"
        raise UsageProblem(
            f"No threshold reaches {aim} on these photos.", "Look at the table and ask for less."
        )
    for now, new in zip(used, best, strict=True):
        if new.threshold > now.threshold:
            print(
                f"{new.threshold:g} is higher than the {now.threshold:g} in use: it would find "
                "fewer clinical photos.",
                file=sys.stderr,
            )
    if write:
        path = clinic.set_thresholds(best.upper.threshold, best.lower.threshold, config)
        lines = words.listed(line for line in _lines(best) if "=" in line)
        print(f"Written to {words.printable(str(path))}: [clinical] {lines}", file=sys.stderr)


def _in_use(policy: Policy, done: Calibration) -> Pair:
    """The thresholds in force: the configuration's, else those of the model."""
    upper = policy.clinical.threshold or done.shipped[0]
    lower = min(policy.clinical.doubt or done.shipped[1], upper)
    return Pair(done.scores.at(upper), done.scores.at(lower))


def _lines(best: Pair) -> tuple[str, str, str]:
    """The recommended thresholds as lines of a configuration."""
    upper, lower = best
    return "[clinical]", f"threshold = {upper.threshold:g}", f"doubt = {lower.threshold:g}"


def _progress(done: int) -> None:
    if done % _TOLD_EVERY == 0 and sys.stderr.isatty():
        print(f"\r{done} photos checked", end="", file=sys.stderr, flush=True)


def _table(
    scores: Scores, unreadable: tuple[int, int], used: Pair, best: Pair | None
) -> Iterator[str]:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for name, number, lost in (
        ("clinical", len(scores.clinical), unreadable[0]),
        ("other", len(scores.other), unreadable[1]),
    ):
        yield f"{number} {name} photos" + (f" ({lost} files could not be read)" if lost else "")
    yield ""
    yield f"{'threshold':>9}  {'clinical found':<22}{'others flagged':<22}"
    marks: dict[float, list[str]] = {}
    for pair, what in ((used, "in use"), (best, "recommended")):
        for row, which in zip(pair or (), ("", " for a doubt"), strict=False):
            marks.setdefault(row.threshold, []).append(f"{what}{which}")
    for threshold in sorted({*_EVERY, *marks}):
        row = scores.at(threshold)
        told = f"{threshold:>9.2f}  {_rate(row.recall):<22}{_rate(row.false_alarms):<22}"
        yield (told + ", ".join(marks.get(threshold, ()))).rstrip()
    yield ""
    if best is not None:
        yield (
            f"The upper threshold finds {best.upper.recall.share:.3f} of the clinical photos, "
            f"the lower one {best.lower.recall.share:.3f}."
        )
        yield "In the configuration:"
        yield from (f"  {line}" for line in _lines(best))
        yield ""
    yield "In brackets: 95 % intervals (Wilson)."
    yield _CAUTION


def _rate(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.share:.3f} ({low:.2f} to {high:.2f})"


def _as_json(
    scores: Scores, unreadable: tuple[int, int], used: Pair, best: Pair | None
) -> dict[str, object]:
    return {
        "schema": 1,
        "clinical": {"photos": len(scores.clinical), "unreadable": unreadable[0]},
        "other": {"photos": len(scores.other), "unreadable": unreadable[1]},
        "thresholds": [_row_json(scores.at(threshold)) for threshold in _EVERY],
        "in_use": _row_json(used.upper),
        "in_use_doubt": _row_json(used.lower),
        "recommended": None if best is None else _row_json(best.upper),
        "recommended_doubt": None if best is None else _row_json(best.lower),
    }


def _row_json(row: Row) -> dict[str, object]:
    return {
        "threshold": round(row.threshold, 4),
        "recall": round(row.recall.share, 4),
        "recall_interval": [round(end, 4) for end in row.recall.interval],
        "false_alarms": round(row.false_alarms.share, 4),
        "false_alarms_interval": [round(end, 4) for end in row.false_alarms.interval],
    }
