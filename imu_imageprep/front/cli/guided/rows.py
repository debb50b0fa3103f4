"""What a photo waits for, row by row, and what a person can say about each row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from imu_imageprep.domain import words
from imu_imageprep.domain.finding import SECOND, offered
from imu_imageprep.domain.needs import GROUPS, Need, Reason, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.case import HeldFor
    from imu_imageprep.domain.finding import Finding


# What covers every finding of a kind.
_ALL = {kind: name for name, kind in GROUPS.items()}


class Act(StrEnum):
    """What a person may do; the value is the key."""

    COVER = "c"
    SUGGESTED = "w"
    USE = "u"
    ADD = "a"
    NO_FACE = "f"
    PICTURE = "s"
    NO_PATIENT = "n"
    NO_CLINICAL_PLACE = "k"
    OWN_WORK = "o"
    PUBLIC_CODE = "b"
    NO_CODE = "x"
    PUBLIC_TEXT = "p"
    NOBODY = "i"
    NOTHING_CLINICAL = "d"
    CLINICAL = "y"
    CREDIT = "t"
    VIEW = "v"
    UNDO = "z"
    LEAVE = "l"
    LEAVE_ALL = "q"
    HELP = "?"


REASONS: Mapping[Act, Reason] = MappingProxyType(
    {
        Act.NO_FACE: Reason.NO_FACE,
        Act.PICTURE: Reason.PICTURE,
        Act.NO_PATIENT: Reason.NO_PATIENT,
        Act.NO_CLINICAL_PLACE: Reason.NO_CLINICAL_PLACE,
        Act.OWN_WORK: Reason.OWN_WORK,
        Act.PUBLIC_CODE: Reason.PUBLIC_CODE,
        Act.NO_CODE: Reason.NO_CODE,
        Act.PUBLIC_TEXT: Reason.PUBLIC_TEXT,
        Act.NOBODY: Reason.NOBODY,
        Act.NOTHING_CLINICAL: Reason.NOTHING_CLINICAL,
    }
)

WORDS: Mapping[Act, str] = MappingProxyType(
    {
        Act.COVER: "cover it; this cannot be undone",
        Act.SUGGESTED: "it is the person it is like; their consent answers it",
        Act.USE: "they agreed: use a consent or permission on record",
        Act.ADD: "they agreed: record a new consent or permission",
        Act.NO_FACE: "false alarm: it is not a face",
        Act.PICTURE: "false alarm: it is a picture or statue",
        Act.NO_PATIENT: "false alarm: no patient is shown",
        Act.NO_CLINICAL_PLACE: "false alarm: it is not a clinical place",
        Act.OWN_WORK: "it is your own work",
        Act.PUBLIC_CODE: "anyone may read the code",
        Act.NO_CODE: "false alarm: it is not a code",
        Act.PUBLIC_TEXT: "anyone may read the text",
        Act.NOBODY: "nobody can be identified by it",
        Act.NOTHING_CLINICAL: "nothing clinical is shown",
        Act.CLINICAL: "yes, it is clinical: then patients and place are asked about",
        Act.CREDIT: "draw a credit line on the picture",
        Act.VIEW: "see the photo here",
        Act.UNDO: "undo the last answer",
        Act.LEAVE: "leave this photo waiting",
        Act.LEAVE_ALL: "leave this and all other photos waiting",
        Act.HELP: "show these choices",
    }
)

# About the photo and not about a row.
_ALWAYS = (Act.VIEW, Act.UNDO, Act.LEAVE, Act.LEAVE_ALL, Act.HELP)
_THIRD = 1 / 3


@dataclass(frozen=True, slots=True)
class Row:
    """One need of one finding, with the number that a person types for it."""

    number: int
    finding: Finding
    need: Need

    @property
    def second(self) -> bool:
        """Whether it showed only in the finished picture: then covering alone answers it."""
        return self.finding.id.startswith(SECOND)

    @property
    def like(self) -> str | None:
        """The code of whom a face is like, where the run asked for that; only a person knows."""
        return self.finding.label if self.finding.kind == "face" else None

    def takes(self, act: Act) -> bool:
        """Whether this can be said about it."""
        rule = offered(self.finding, self.need)
        if act is Act.COVER:
            return rule.covering
        if act is Act.SUGGESTED:
            return self.like is not None and bool(rule.records)
        if act in (Act.USE, Act.ADD):
            return bool(rule.records)
        if act is Act.CREDIT:
            return rule.credit
        if act is Act.CLINICAL:
            return rules_of(self.finding.kind).may_be is not None
        return act in REASONS and REASONS[act] in rule.reasons

    @property
    def answerable(self) -> bool:
        """Whether anything can be said about it."""
        return any(self.takes(act) for act in Act)

    def told(self) -> str:
        """What it is and what it needs: "a face, left: their consent, or covering"."""
        box = self.finding.box
        where = f" ({self.finding.id}, {_where(box)})" if box else f" ({self.finding.id})"
        like = f", like {self.like}" if self.like else ""
        what = f"{words.found([self.finding])}{like}"
        return f"{what}{where}: needs {words.NEED[self.need]}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person typed: a key, and the rows that it is about."""

    act: Act
    rows: tuple[Row, ...] = ()


def rows_of(held_for: Sequence[HeldFor]) -> tuple[Row, ...]:
    """The open needs that belong to a finding, numbered from 1."""
    found = [(need.finding, need.needs) for need in held_for if need.finding is not None]
    return tuple(Row(n, finding, need) for n, (finding, need) in enumerate(found, 1))


def still_open(rows: Iterable[Row], held_for: Sequence[HeldFor]) -> tuple[Row, ...]:
    """Those rows that are open still."""
    there = {(need.finding.id, need.needs) for need in held_for if need.finding}
    return tuple(row for row in rows if (row.finding.id, row.need) in there)


def names_to_cover(rows: Sequence[Row], findings: Iterable[Finding]) -> tuple[str, ...]:
    """What ``--redact`` is given for some rows: "faces" where they are all of a photo's faces.

    Args:
        rows: what is to be covered; those of the second look are boxes, and have no name.
        findings: of the photo.
    """
    chosen = {row.finding.id for row in rows}
    left = {finding.kind for finding in findings if finding.id not in chosen}
    first = (row.finding for row in rows if not row.second)
    names = (f.id if f.kind in left else _ALL.get(f.kind, f.id) for f in first)
    return tuple(dict.fromkeys(names))


def menu(rows: Sequence[Row], *, view: bool, undo: bool, others: bool) -> Iterator[str]:
    """The choices, one a line: the key, what it means, and the rows it can be about.

    Args:
        rows: those that are open.
        view: whether the terminal can show the photo.
        undo: whether there is an answer to undo.
        others: whether other photos wait behind this one.
    """
    for act in Act:
        fitting = [str(row.number) for row in rows if row.takes(act)]
        offered = {Act.VIEW: view, Act.UNDO: undo, Act.LEAVE_ALL: others}.get(act, act in _ALWAYS)
        if fitting and len(rows) > 1:
            yield f"  {act.value}  {WORDS[act]} ({', '.join(fitting)})"
        elif fitting or offered:
            yield f"  {act.value}  {WORDS[act]}"


def read_choice(typed: str, rows: Sequence[Row]) -> Choice | str:
    """What a person typed, or a sentence that says what would be understood.

    A key stands alone or with row numbers or "all": "c", "c 2", "f1 2", "n all". Alone it is about
    the one row that it fits; covering alone is about every face.

    Args:
        typed: the line.
        rows: those that are open.
    """
    match = re.fullmatch(r"([a-z?])\s*(all|[\d\s,]*)", typed.strip().lower())
    if match is None or match[1] not in list(Act):
        return "Type one of the keys, alone or with a number; ? shows them."
    act = Act(match[1])
    if act in _ALWAYS:
        return Choice(act)
    fitting = [row for row in rows if row.takes(act)]
    if not fitting:
        return f"{act.value} answers nothing here; ? shows the choices."
    return _about(act, match[2].strip(), fitting)


def _about(act: Act, typed: str, fitting: Sequence[Row]) -> Choice | str:
    """The rows that a person means with a key, or a sentence that says which it could be."""
    if typed == "all" or (not typed and (act is Act.COVER or len(fitting) == 1)):
        return Choice(act, tuple(fitting))
    by_number = {row.number: row for row in fitting}
    numbers = [int(part) for part in re.findall(r"\d+", typed)]
    which = ", ".join(f"{act.value} {number}" for number in by_number)
    if not numbers:
        return f"Say which one: {which}, or {act.value} all."
    if not set(numbers) <= set(by_number):
        return f"You can type: {which}."
    return Choice(act, tuple(by_number[number] for number in dict.fromkeys(numbers)))


def _where(box: Box) -> str:
    """Where in the picture, in a word or two."""
    x, y = box.x + box.w / 2, box.y + box.h / 2
    across = "left" if x < _THIRD else "right" if x > 1 - _THIRD else "middle"
    down = "top " if y < _THIRD else "bottom " if y > 1 - _THIRD else ""
    return f"{down}{across}"
