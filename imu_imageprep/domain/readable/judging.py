"""Judge the lines of a picture: which of them identify a person, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep.domain.finding import LONG_NUMBER, SMALL_TEXT, TEXT_NOTED
from imu_imageprep.domain.identifier_patterns import BORN, CARD, EMAIL, PHONE, RECORD
from imu_imageprep.domain.readable import fields, numbers
from imu_imageprep.domain.readable.lines import around, page, unread_on
from imu_imageprep.domain.readable.names import Grade, grade
from imu_imageprep.domain.readable.plates import Plate, halves, plate
from imu_imageprep.domain.spelling import normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imu_imageprep.domain.readable.lines import Bounds, Line
    from imu_imageprep.domain.readable.names import Names

# Less sure readings are no readings, but for the plates of this country: their layout is a check of
# its own.
SURE, SURE_PLATE = 0.6, 0.5
# A given name above a family name counts from here on.
_SURE_PARTS = 0.8

# A record has so many fields, or so many beside a name or a long number.
_FIELDS, _FIELDS_WITH_NAME, _BEDS = 3, 2, 2
# So many given names alone are a list.
_LIST = 3
# A plate is no longer than so many heights, stands nearly alone, and what is beside it is smaller.
_PLATE_LENGTH, _PLATE_BESIDE = 8, 3
_BESIDE_SIZE = {Plate.MALAYSIAN: 0.9, Plate.OTHER: 0.7}
_BESIDE, _ROWS, _NAME_ROWS, _ROLE_ROWS = 1.8, 1.7, 1.8, 5.0
_LETTERS = 3


class Category(StrEnum):
    """What a line is; the list is closed, and all that is ever told of a line."""

    IDENTITY_NUMBER = "identity-number"
    RECORD_NUMBER = "record-number"
    RECORD = "record"
    NAME = "name"
    PLATE = "plate"
    PHONE = "phone"
    EMAIL = "email"
    LONG_NUMBER = LONG_NUMBER
    SMALL_TEXT = SMALL_TEXT


# What a line holds, in the words of the checks of captions and file names.
_KINDS = {
    CARD: Category.IDENTITY_NUMBER,
    RECORD: Category.RECORD_NUMBER,
    BORN: Category.RECORD,
    EMAIL: Category.EMAIL,
    PHONE: Category.PHONE,
}

NOTED = frozenset(map(Category, TEXT_NOTED))


class Found(NamedTuple):
    """A place with text that identifies somebody, or may.

    Attributes:
        category: what it is.
        sure: of its surest reading, 0..1.
        bounds: in the pixels of the lines.
        height: of its smallest line, in the same pixels.
    """

    category: Category
    sure: float
    bounds: Bounds
    height: float


@dataclass(frozen=True, slots=True)
class _Hit:
    category: Category
    line: Line


def judge(lines: Sequence[Line], names: Names, allowed: Iterable[str] = ()) -> tuple[Found, ...]:
    """The places of a picture that hold text about a person, the noted ones last.

    Args:
        lines: what was read, and with nothing read, what could not be.
        names: lists of names.
        allowed: texts that count as if they were not there.
    """
    texts = tuple(allowed)
    sound = [
        replace(
            line,
            text=_without(normal(line.text), texts).strip() if line.sure >= SURE_PLATE else "",
        )
        for line in lines
    ]
    read = [line for line in sound if len(line.text) > 1]
    hits = list(_hits(read, names))
    hits += _beside(read, hits, names)
    told = {id(line) for line in read}
    unread = [line for line in sound if id(line) not in told]
    held = list(_places(read, unread, [hit for hit in hits if hit.category not in NOTED]))
    taken = {id(hit.line) for hit in hits}
    noted = [_alone(hit.category, hit.line) for hit in hits if hit.category in NOTED]
    small = [
        _alone(Category.SMALL_TEXT, line)
        for line in read
        if id(line) not in taken and _worded(line)
    ]
    return (*held, *noted, *small)


def _hits(lines: Sequence[Line], names: Names) -> Iterator[_Hit]:
    """Every line that identifies somebody, and as what."""
    rest = []
    for line in lines:
        category = _number(line, lines) if line.sure >= SURE else None
        if category is None and _is_plate(line, lines):
            category = Category.PLATE
        if category is not None:
            yield _Hit(category, line)
        elif line.sure >= SURE and not numbers.desk(line.text):
            rest.append(line)
    grades = [(line, grade(line.text, names)) for line in rest]
    full = [line for line, sure in grades if sure is Grade.FULL]
    parts = [line for line, sure in grades if sure is Grade.PART]
    long = [line for line in rest if numbers.long_number(line.text)]
    record = _record(rest, full, long, [line for line in lines if fields.bed(line.text)])
    yield from (_Hit(Category.RECORD, line) for line in record)
    if record:
        return
    yield from (_Hit(Category.LONG_NUMBER, line) for line in long)
    named = [*full, *_stacked(rest, names)]
    named += [
        line
        for line in parts
        if len(parts) >= _LIST
        or any(
            other is not line and fields.role(other.text) and line.near(other, _ROLE_ROWS)
            for other in lines
        )
    ]
    yield from (_Hit(Category.NAME, line) for line in named)


def _beside(lines: Sequence[Line], hits: Sequence[_Hit], names: Names) -> list[_Hit]:
    """Names that say little alone, on a page with something about a person: a note with a phone."""
    taken = {id(hit.line) for hit in hits if hit.category not in NOTED}
    if not taken:
        return []
    return [
        _Hit(Category.NAME, line)
        for line in lines
        if line.sure >= SURE
        and id(line) not in taken
        and grade(line.text, names) is Grade.PART
        and any(id(other) in taken for other in page(lines, line))
    ]


def _number(line: Line, lines: Sequence[Line]) -> Category | None:
    """What a line is by its numbers, and by a word above or before them."""
    if kind := numbers.identifier(line.text):
        return _KINDS[kind]
    called = numbers.grouped(line.text) and any(
        numbers.says_phone(other.text) for other in page(lines, line)
    )
    return Category.PHONE if called else None


def _is_plate(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is a number plate: it stands alone, and what is beside it is smaller."""
    beside = [o for o in lines if o is not line and line.near(o, _BESIDE) and len(o.text) > 2]  # noqa: PLR2004
    kind = plate(line.text)
    if line.sure < SURE and kind is not Plate.MALAYSIAN:
        return False
    if kind is not Plate.NONE:
        return (
            line.length < _PLATE_LENGTH * line.thickness
            and len(beside) <= _PLATE_BESIDE
            and not any(o.height > _BESIDE_SIZE[kind] * line.height for o in beside)
        )
    return not any(len(o.text) > 4 for o in beside) and any(  # noqa: PLR2004
        halves(line.text, o.text)
        and line.near(o, _ROWS)
        and line.above(o)
        and 0.7 < o.height / line.height < 1.4  # noqa: PLR2004
        for o in lines
    )


def _record(
    lines: Sequence[Line], named: Sequence[Line], long: Sequence[Line], beds: Sequence[Line]
) -> list[Line]:
    """The lines of a form, card, list or screen about persons; none where there is no such."""
    strong = [line for line in lines if fields.strong(line.text)]
    beds = beds if len(beds) >= _BEDS else ()
    counted = {id(line): fields.fields(line.text) for line in lines}
    paper = [line for line in lines if fields.paper(line.text)]
    # A word that is there three times is one word.
    count, beside = len(frozenset().union(*counted.values())), bool(named or long)
    if not (
        strong
        or beds
        or count >= _FIELDS
        or (count >= _FIELDS_WITH_NAME and beside)
        or (paper and (count or beside))
    ):
        return []
    chosen = {id(line) for line in (*strong, *paper, *named, *long)}
    return [*beds, *(line for line in lines if id(line) in chosen or counted[id(line)])]


def _stacked(lines: Sequence[Line], names: Names) -> Iterator[Line]:
    """Given name over family name, a line each, as on badges."""
    single = [
        line
        for line in lines
        if line.sure >= _SURE_PARTS and re.fullmatch(r"[A-Z][A-Za-z'’]{2,}", line.text)
    ]
    for upper in single:
        for lower in single:
            if (
                upper.above(lower)
                and upper.near(lower, _NAME_ROWS)
                and abs(upper.middle[0] - lower.middle[0]) < 1.5 * upper.length
                and 0.6 < upper.height / lower.height < 1.7  # noqa: PLR2004
                and grade(f"{upper.text} {lower.text}", names) is Grade.FULL
            ):
                yield upper
                yield lower


def _places(lines: Sequence[Line], unread: Sequence[Line], hits: Sequence[_Hit]) -> Iterator[Found]:
    """A page with a record or two findings is one place; what stands alone is one each."""
    left = list(hits)
    while left:
        first = left[0]
        on_page = page(lines, first.line) if first.category is not Category.PLATE else [first.line]
        here = {id(line) for line in on_page}
        mine = [hit for hit in left if id(hit.line) in here]
        left = [hit for hit in left if id(hit.line) not in here]
        kinds = {hit.category for hit in mine}
        several = len({id(hit.line) for hit in mine}) > 1
        category = first.category if len(kinds) == 1 else Category.RECORD
        whole = several or category is Category.RECORD
        sure = max(hit.line.sure for hit in mine)
        covered = [*on_page, *unread_on(on_page, unread)] if whole else [first.line]
        yield Found(category, sure, around(covered), min(line.thickness for line in on_page))


def _alone(category: Category, line: Line) -> Found:
    return Found(category, line.sure, around([line]), line.thickness)


def _worded(line: Line) -> bool:
    """Whether a line has letters enough to be a name."""
    return len(re.findall("[A-Za-z]", line.text)) >= _LETTERS


def _without(text: str, allowed: Sequence[str]) -> str:
    """A text less what an office allows, however that is spaced and capitalised."""
    for phrase in allowed:
        wanted = _plain(normal(phrase))
        places = [at for at, char in enumerate(text) if char.isalnum()]
        start = _plain(text).find(wanted)
        if wanted and start >= 0:
            text = f"{text[: places[start]]} {text[places[start + len(wanted) - 1] + 1 :]}"
    return text


def _plain(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return "".join(char.lower() for char in text if char.isalnum())
