"""``imageprep calibrate``: which clinical threshold fits one's own photos."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.calibration import Rate, Row, Scores

_EVERY = tuple(step / 20 for step in range(1, 20))
_TOLD_EVERY = 10
_RECALL = 0.95

_CAUTION = (
    "These figures are for photos like these. They promise nothing for other photos.\n"
    "Nothing about the photos was kept."
)


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
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="Find this share of the clinical photos; 0.95 by default.",
            callback=options.finite,
        ),
    ] = None,
    false_alarms: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="Flag at most this share of the others.",
            callback=options.finite,
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the threshold into the configuration.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    config: options.Config = None,
) -> None:
    """Measure the clinical check on your own photos, and find the threshold that fits them.

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
    used = policy.clinical.threshold or done.shipped
    if false_alarms is not None:
        best = done.scores.for_false_alarms(false_alarms)
    else:
        best = done.scores.for_recall(_RECALL if recall is None else recall)
    if best is not None and best.threshold > used and recall is None and false_alarms is None:
        best = done.scores.at(used)  # finding less is for a person to ask for
    if json:
        print(json_text.dumps(_as_json(done.scores, done.unreadable, used, best)))
    else:
        for line in _table(done.scores, done.unreadable, used, best):
            print(line)
    if best is None:
        aim = "that share of clinical photos" if false_alarms is None else "so few false alarms"
        raise UsageProblem(
            f"No threshold reaches {aim} on these photos.", "Look at the table and ask for less."
        )
    if best.threshold > used:
        print(
            f"{best.threshold:g} is higher than the {used:g} in use: it would find fewer clinical"
            " photos.",
            file=sys.stderr,
        )
    if write:
        path = clinic.set_threshold(best.threshold, config)
        print(
            f"Written to {words.printable(str(path))}: [clinical] threshold = {best.threshold:g}",
            file=sys.stderr,
        )


def _progress(done: int) -> None:
    if done % _TOLD_EVERY == 0 and sys.stderr.isatty():
        print(f"\r{done} photos checked", end="", file=sys.stderr, flush=True)


def _table(
    scores: Scores, unreadable: tuple[int, int], used: float, best: Row | None
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
    extra = (used, *([best.threshold] if best else []))
    for threshold in sorted({*_EVERY, *extra}):
        row = scores.at(threshold)
        marks = [
            *(["in use"] if threshold == used else []),
            *(["recommended"] if best and threshold == best.threshold else []),
        ]
        told = f"{threshold:>9.2f}  {_rate(row.recall):<22}{_rate(row.false_alarms):<22}"
        yield (told + ", ".join(marks)).rstrip()
    yield ""
    yield "In brackets: 95 % intervals (Wilson)."
    yield _CAUTION


def _rate(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.share:.3f} ({low:.2f} to {high:.2f})"


def _as_json(
    scores: Scores, unreadable: tuple[int, int], used: float, best: Row | None
) -> dict[str, object]:
    return {
        "schema": 1,
        "clinical": {"photos": len(scores.clinical), "unreadable": unreadable[0]},
        "other": {"photos": len(scores.other), "unreadable": unreadable[1]},
        "thresholds": [_row_json(scores.at(threshold)) for threshold in _EVERY],
        "in_use": _row_json(scores.at(used)),
        "recommended": None if best is None else _row_json(best),
    }


def _row_json(row: Row) -> dict[str, object]:
    return {
        "threshold": round(row.threshold, 4),
        "recall": round(row.recall.share, 4),
        "recall_interval": [round(end, 4) for end in row.recall.interval],
        "false_alarms": round(row.false_alarms.share, 4),
        "false_alarms_interval": [round(end, 4) for end in row.false_alarms.interval],
    }
