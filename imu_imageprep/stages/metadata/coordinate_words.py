"""The words and signs around a coordinate: units, hemispheres, and what means "unknown"."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Axis = Literal["latitude", "longitude"]

# English and Malay; other words leave the hemisphere open.
_HEMISPHERES: dict[Axis, dict[str, int]] = {
    "latitude": {"n": 1, "north": 1, "northern": 1, "utara": 1,
                 "s": -1, "south": -1, "southern": -1, "selatan": -1},
    "longitude": {"e": 1, "east": 1, "eastern": 1, "timur": 1,
                  "w": -1, "west": -1, "western": -1, "barat": -1},
}  # fmt: skip
_MINUTES = frozenset(("m", "min", "mins", "minute", "minutes", "minit"))
_SECONDS = frozenset(("sec", "secs", "second", "seconds", "saat"))
_UNITS = frozenset(
    (
        *("d", "deg", "degs", "degree", "degrees", "darjah", *_MINUTES, "s", *_SECONDS),
        *("quot", "apos", "gps", "lat", "latitude", "lon", "long", "lng", "longitude"),
    )
)
# What programs write where they know no position.
_NOTHING = frozenset(
    (
        *("nan", "inf", "undef", "undefined", "unknown", "none", "null", "na", "n a"),
        *("not available",),
    )
)
_SAME = str.maketrans(dict.fromkeys("º˚", "°") | dict.fromkeys("−–—‒‐‑", "-") | {"٫": "."})
_LETTERS = re.compile(r"[^\W\d_]+")


def plain(text: str, limit: int = 800) -> str:
    """A text with one form of each sign, digit and letter, without blanks around it."""
    text = text[:limit]
    if "&" in text:
        from html import unescape  # noqa: PLC0415 - seldom, and a millisecond

        text = unescape(text)
    same = text.translate(_SAME)
    return unicodedata.normalize("NFKC", same).casefold().replace("\0", " ").strip()


def words_in(text: str) -> Iterator[str]:
    """The words of a text without its numbers; "sn" is the unit of seconds and the hemisphere."""
    for word in _LETTERS.findall(text):
        if word not in _UNITS and len(word) == 2 and word[0] in "dms":  # noqa: PLR2004
            yield from word
        else:
            yield word


def is_of_both(text: str, other: Axis) -> bool:
    """Whether a plain text of one coordinate names a hemisphere of the other."""
    return any(
        word in _HEMISPHERES[other] and word not in _UNITS for word in _LETTERS.findall(text)
    )


def says_nothing(text: str) -> bool:
    """Whether a text is empty, a row of dashes, or a word for "unknown"."""
    if not text.strip(" -.,;:/'\"°()"):
        return True
    return " ".join(_LETTERS.findall(text)) in _NOTHING and not re.search(r"\d", text)


def word_side(words: Sequence[str], numbers: int, axis: Axis) -> int | None:
    """What the words say of the hemisphere: 1, -1, 0 for nothing, None for what is not understood.

    An "s" after minutes with a letter and a third number is its unit, or the south.

    Args:
        words: those around the numbers.
        numbers: how many numbers there are.
        axis: which coordinate it is.
    """
    unit = (
        "s" in words
        and numbers == 3  # noqa: PLR2004 - seconds
        and not _MINUTES.isdisjoint(words)
        and _SECONDS.isdisjoint(words)
    )
    if unit or axis == "longitude":
        words = [word for at, word in enumerate(words) if word != "s" or at != words.index("s")]
    sides = {_HEMISPHERES[axis].get(word) for word in words}
    known = sides - {None}
    if len(known) == 1:
        return known.pop()
    strange = [word for word in words if word not in _UNITS]
    return None if known or strange or (unit and axis == "latitude") else 0


def reference_side(reference: str | None, axis: Axis) -> int | None:
    """As :func:`word_side`, of a hemisphere stated beside the number."""
    if reference is None:
        return 0
    words = _LETTERS.findall(plain(reference))
    sides = {_HEMISPHERES[axis].get(word) for word in words if word not in _UNITS or word == "s"}
    if not words:
        return 0
    return sides.pop() if len(sides) == 1 else None
