"""The clause behind a label, and whether it names somebody."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from imu_imageprep.stages.metadata.free_text import words

if TYPE_CHECKING:
    from collections.abc import Iterator

# The words for a picture that a credit begins with.
PHOTO = (
    r"photo(?:graph)?s?|foto|fotos|gambar|images?|pictures?|pics?|pix|video|bild|imagen|grafik"
    r"|graphics?|infografik|infographic"
)
CLAUSE = 120  # a longer one is no credit line
_END = re.compile(r"[\n;|()\[\]{}\"“”<>]|\.(?=\s|$)|\s[-–—]+\s|\s--")
# "J. Roe", "Dr. Roe": a full stop that ends no clause.
_SHORTENED = re.compile(r"(?:^|[\s.])(?:\w|dr|prof|mr|mrs|ms)$", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S|www\.\S|\S@\S+\.\S|^@\w", re.IGNORECASE)
_FILE = re.compile(
    r"\S+\.(?:jpe?g|png|heic|tiff?|gif|webp|bmp)\b|(?:IMG|DSC|DCIM|PXL|P)[_-]?\d|\d+(?!\d*rf\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s,/]+")
_WORDS = 9
_MATCHES = 200
_FEW, _MANY = 2, 5


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a pattern fits, as often as in any real text."""
    return islice(pattern.finditer(text), _MATCHES)


def beside(text: str, match: re.Match[str]) -> tuple[str, str]:
    """What stands in the same line before and behind, as far as it matters."""
    before, after = text[max(0, match.start() - 50) : match.start()], text[match.end() :][:70]
    return before.rpartition("\n")[2], after.partition("\n")[0]


def clause(text: str, start: int = 0) -> str:
    """What stands from a place to the end of its clause."""
    piece = text[start : start + CLAUSE]
    end = _END.search(piece)
    while end and end[0] == "." and _SHORTENED.search(piece[: end.start()]):
        end = _END.search(piece, end.end())
    return (piece[: end.start()] if end else piece).strip(" .,:'‘’*_-–—")


def first_word(text: str) -> str:
    """The first word in lower case."""
    found = _WORD.search(text)
    return found[0].casefold().strip(".:'’") if found else ""


def named(said: str, *, small: bool, one_word: bool) -> bool:
    """Whether what stands behind a label names somebody.

    Args:
        said: the clause behind the label.
        small: a name may be written small, because nothing but a name stands behind the label.
        one_word: one capital word counts ("Photo: Jane"), else it is what is shown.
    """
    if not said or _ADDRESS.search(said):
        return bool(said)
    given = _WORD.findall(said.split(",", maxsplit=1)[0])[:_WORDS]
    if _FILE.match(said) or not given or _names_nobody(given, one_word=one_word):
        return False
    inner = [w for w in given if w.casefold().strip(".") not in words.PARTICLES]
    capital = [w for w in inner if not w[:1].islower() or re.search(r"[\d_.]", w)]
    the = given[0] == "the"
    if len(capital) + the == len(inner) and len(given) < _WORDS:
        return bool(inner) and (one_word or len(inner) > 1)
    return small or first_word(said) in words.GIVEN or (one_word and len(given) == _FEW)


def _names_nobody(given: list[str], *, one_word: bool) -> bool:
    """Whether words are a device, someone of one's own, a thing, a day or a place."""
    folded = [word.casefold().strip(".:'’") for word in given]
    the = folded[0] == "the" and given[1:] and given[1][:1].isupper()
    plain = [word for word in folded if word in words.EVERYDAY]
    others = [word for word in folded if word.isalpha() and word not in words.EVERYDAY]
    return (
        folded[0] in words.DEVICES | words.TOWNS
        or (folded[0] in words.NOBODY and not the)
        # "May Lim" and "Hari Krishnan" are names.
        or (bool(plain) and not (others and words.NAMES_TOO.issuperset(plain)))
        or (not one_word and not words.PLACES.isdisjoint(folded))
    )


def full_name(text: str) -> bool:
    """Whether a text is two to five capital words, and neither a thing nor a place."""
    given = [w for w in text.split() if w.casefold() not in words.PARTICLES]
    folded = {word.casefold().strip(".,") for word in given}
    everyday = folded & (words.EVERYDAY | words.PLACES | words.NOBODY)
    return _FEW <= len(given) <= _MANY and not everyday and all(w[:1].isupper() for w in given)
