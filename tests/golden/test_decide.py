"""What holds a photo: one case a file in ``decide/``; drop in another and it is run."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.decide import Answers, Cleared, Held, decide
from imu_imageprep.domain.finding import (
    DidNotLook,
    Examination,
    Finding,
    Flag,
    Looked,
    Scan,
    numbered,
)
from imu_imageprep.domain.policy import Flags, Level, Policy

CASES = sorted((Path(__file__).parent / "decide").glob("*.toml"))
FLAG = {"face": Flag.FACE, "clinical": Flag.CLINICAL, "source": Flag.SOURCE, "place": None}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text("utf-8"))
    answers = case.get("answers", {})
    decision = decide(
        examinations_of(case),
        Answers(
            covered=tuple(Box(*box) for box in answers.get("covered", ())),
            credit=answers.get("credit"),
            hold=answers.get("hold", False),
        ),
        Policy(flags=Flags(**{key: Level(value) for key, value in case.get("flags", {}).items()})),
    )
    held = decision.held_for if isinstance(decision, Held) else ()
    got = [[n.finding.id if n.finding else n.scan or "", n.needs.value] for n in held]
    assert got == case["holds"], case["says"]
    assert isinstance(decision, Cleared) == (not case["holds"])


def examinations_of(case: dict[str, Any]) -> tuple[Examination, ...]:
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for row in case.get("findings", ()):
        box = Box(*row["box"]) if "box" in row else None
        by_kind[row["kind"]].append(Finding(row["kind"], 0.9, box, row.get("label")))
    scans: list[tuple[str, Flag | None, Scan]] = [
        (kind, FLAG.get(kind), Looked(tuple(found), 0.9)) for kind, found in by_kind.items()
    ]
    scans += [(name, FLAG[name], DidNotLook("no model")) for name in case.get("blind", ())]
    return numbered(tuple(Examination(name, flag, None, scan) for name, flag, scan in scans))
