"""Text that identifies a person: identity numbers, phone numbers, names in file names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.identifier_patterns import (
    CARD,
    CUTS,
    NUMBER_RUN,
    PATTERNS,
    PHONE,
    Source,
    Stage,
)
from imu_imageprep.domain.spelling import latin, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

# Suffixes are no part of a name: "logo@2x.png" is no address.
_SUFFIX = r"\.(?:jpe?g|jfif|png|apng|webp|gif|tiff?|bmp|hei[cf]s?|hif|avif|jp2|j2k|jpx|mpo|dng)$"
# Letters that stand in for a 0 or a 1 beside digits.
_MISTYPED = r"(?<=\d)[oil|]{1,6}(?![a-z])|(?<=\d)[oil|]{1,6}(?=\d)|(?<![a-z])[oil|]{1,6}(?=\d)"
_MEANT = str.maketrans("oil|", "0111")
# Marks that turn what follows them around, so that a number is stored from its end.
_TURNS = ("\u202e", "\u2067")


def identifier_in(text: str) -> str | None:
    """Name the first kind of identifier that ``text`` seems to hold, or None.

    Spelling does not matter (``spelling.normal``). Days, times, years and spans of years
    ("2019-2026") are no phone numbers.
    """
    return _identifier(text, Source.TEXT)


def identifier_in_name(name: str) -> str | None:
    """Name the first kind of identifier that a file's name seems to hold, or None.

    The day and time of capture ("IMG_20260101_120000") are none.

    Args:
        name: without folders; the suffix may be there.
    """
    return _identifier(re.sub(_SUFFIX, "", name, flags=re.IGNORECASE), Source.NAME)


def identifier_read(text: str) -> str | None:
    """Name the first kind of identifier that a line read in a picture seems to hold, or None.

    Digits in groups are no phone number there: signs, screens and boxes are full of them.
    """
    return _identifier(text, Source.READ)


def long_number_in(text: str, digits: int, *, days: bool = False) -> bool:
    """Whether a text has so many digits in a row, in whatever spelling.

    Args:
        text: a text.
        digits: how many.
        days: whether days and times count as well.
    """
    searched = normal(text) if days else _cut(_searched(text), Stage.WITHOUT_DAYS, Source.TEXT)
    return re.search(rf"\d{{{digits}}}", searched) is not None


def _identifier(text: str, source: Source) -> str | None:
    for spelled in _spellings(text):
        if kind := _kind(spelled, source):
            return kind
    mistyped = re.sub(_MISTYPED, lambda m: m[0].translate(_MEANT), _searched(text))
    return CARD if _kind(mistyped, source) == CARD else None


def _spellings(text: str) -> Iterator[str]:
    """The text as it is searched; from its end too where a part of it is shown so."""
    if any(mark in text for mark in _TURNS):
        yield _searched(text)[::-1]
    yield _searched(text)


def _searched(text: str) -> str:
    if "%" in text:
        from urllib.parse import unquote  # noqa: PLC0415  (few texts come from an address)

        text = unquote(text)
    return latin(normal(text)).lower().replace("_", " ")


def _kind(text: str, source: Source) -> str | None:
    """The kind of the first pattern that a text fits, in the order of the stages."""
    digits = sum(map(str.isdecimal, text))
    letters = "".join(filter(str.isalpha, text))
    for stage in Stage:
        text = _cut(text, stage, source)
        for pattern in PATTERNS:
            if (
                pattern.stage is stage
                and pattern.source in _holding(source)
                and digits >= pattern.digits
                and _has_one(pattern.words, text, letters)
                and re.search(pattern.expression, text)
            ):
                return pattern.kind
    runs = re.findall(NUMBER_RUN, text) if source is Source.TEXT else ()
    return PHONE if any(map(_dialled, runs)) else None


def _has_one(words: tuple[str, ...], text: str, letters: str) -> bool:
    """Whether a text has one of some words; an expression costs most where it is compiled."""
    return not words or any(word in text or word in letters for word in words)


def _cut(text: str, stage: Stage, source: Source) -> str:
    """The text without what is no identifier at a stage."""
    digits = sum(map(str.isdecimal, text))
    for cut in CUTS:
        if cut.stage is stage and cut.source in _holding(source) and digits >= cut.digits:
            text = re.sub(cut.expression, " ; ", text)
    return text


def _holding(source: Source) -> tuple[Source, ...]:
    """What patterns are for that hold for a source."""
    return (Source.BOTH, Source.TEXT if source is Source.READ else source)


def _dialled(run: str) -> bool:
    """Whether digits in groups may be a telephone number; amounts and spans of them are none."""
    groups = re.findall(r"\d+", run)
    total = sum(map(len, groups))
    if re.fullmatch(r"[1-9]\d{0,2}(?: \d{3})+(?: ?- ?[1-9]\d{0,2}(?: \d{3})+)*", run) or all(
        group.endswith("00") for group in groups
    ):
        return False
    if len(groups) == 1:
        return total >= 8  # noqa: PLR2004 - the shortest numbers with their area
    if len(groups) == 2:  # noqa: PLR2004 - a number of the same area: 8656 7228
        first, second = groups
        local = len(first) in (3, 4) and len(second) == 4 and first[0] not in "01"  # noqa: PLR2004
        return total >= 9 or (local and len(run) == total + 1)  # noqa: PLR2004
    return total >= 9 and max(map(len, groups)) > 2  # noqa: PLR2004
