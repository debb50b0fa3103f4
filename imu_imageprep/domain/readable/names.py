"""Names of persons: by the words between their parts, by titles, and by lists of names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum


class Grade(IntEnum):
    """How sure it is that a line is a person's name."""

    NONE = 0
    PART = 1  # a name that says little alone, as a given name
    FULL = 2


@dataclass(frozen=True, slots=True)
class Names:
    """Lists of names in lower case.

    Attributes:
        names: given and family names that are no words of everyday language.
        surnames: Chinese family names as they are written in Malaysia.
        syllables: of Chinese given names.
    """

    names: frozenset[str]
    surnames: frozenset[str]
    syllables: frozenset[str]

    @classmethod
    def from_text(cls, text: str) -> Names:
        """The lists of ``text_names.txt``: a line in brackets, then names with spaces between.

        Raises:
            ValueError: a list is missing.
        """
        parts = dict(re.findall(r"^\[(\w+)\]\n(.*)$", text, re.MULTILINE))
        try:
            return cls(*(frozenset(parts[part].split()) for part in cls.__slots__))
        except KeyError:
            raise ValueError("a list of names is missing") from None


# Between a person's name and their father's.
_CHILD = (
    r"(?i)[a-z]{2,}\s+"
    r"(?:b[i1l]n(?:[tf]?[i1l])?|bte?\.?|a\s?[/\\|]\s?[lp1i]|[sd]\s?/\s?o)"
    r"\s+[a-z]{2,}"
)
# The same where the reader saw no space.
_CHILD_CLOSE = r"(?i)([a-z]{3,}?)\s?[ads]\s?/\s?[lp1io]\s?([a-z]{3,})"
_TITLE = (
    r"\b(?:Dr|DR|Prof|PROF|Mr|MR|Mrs|MRS|Ms|MS|Mdm|Pn|PN|Puan|PUAN|En|EN|Encik|ENCIK|Cik|CIK|Tuan|"
    r"Dato'?|DATO'?|Datuk|DATUK|Datin|Sr|SN|Sister|Nurse|Adr)(?:\.\s?|\s)([A-Za-z]{3,})"
)
# What follows a title on a sign or a box.
_AFTER_TITLE = (
    r"(?i)(?:plant|pepper|drive|martens|oetker|house|the|and|for|of|name|medical|college|hospital|"
    r"number|room|clinic|station|school|office|nursing|week|day|care|call|lecture)$"
)
_WORD = r"[A-Za-z][A-Za-z'’]+"
_TITLES_ALONE = r"\b(?:Dr|Prof|Mr|Mrs|Ms)\b\.?"
# A middle initial: one known name of the two around it is enough.
_INITIAL = r"[A-Z][a-z'’]+ [A-Z]\.? [A-Z][a-z'’]+"
# No word begins with an l and a consonant: it was an I.
_CAPITAL_I = r"\bl(?=[b-df-hj-np-tv-z])"
# A line that a title begins and that is no longer than this is a name, whatever the word.
_SHORT = 28
_MOST_WORDS, _PAIR = 6, 2


def grade(text: str, known: Names) -> Grade:
    """How sure it is that a line is, or holds, a person's name."""
    text = re.sub(_CAPITAL_I, "I", text)
    if re.search(_CHILD, text) or _close_child(text, known) or _titled(text, known):
        return Grade.FULL
    written = re.findall(_WORD, re.sub(_TITLES_ALONE, "", text))
    words = [word.lower() for word in written]
    # Of several words the reader may take one capital for a small letter.
    small = sum(word[0].islower() for word in written)
    if not 1 <= len(words) <= _MOST_WORDS or small > (len(words) >= _PAIR):
        return Grade.NONE
    names = sum(word in known.names for word in words)
    initial = names and re.fullmatch(_INITIAL, text.strip())
    if initial or _chinese(words, known) or (names >= _PAIR and names >= len(words) / 2):
        return Grade.FULL
    alone = len(words) == 1 or (
        len(words) == _PAIR and re.fullmatch(r"[A-Za-z'’. ]+", text.strip())
    )
    return Grade.PART if names == 1 and alone and not small else Grade.NONE


def _titled(text: str, known: Names) -> bool:
    """Whether a title stands before a name."""
    for match in re.finditer(_TITLE, text):
        word = match[1].lower()
        if re.match(_AFTER_TITLE, word):
            continue
        named = word in known.names or word in known.surnames
        if named or (match[1][0].isupper() and len(text) < _SHORT):
            return True
    return False


def _close_child(text: str, known: Names) -> bool:
    """Whether "a/l" or "a/p" stands between two words, one of them a name."""
    return any(
        bool({word.lower() for word in match.groups()} & known.names)
        for match in re.finditer(_CHILD_CLOSE, text)
    )


def _given(word: str, known: Names) -> bool:
    """Whether a word is a given name, or one or two syllables of a Chinese one."""
    return (
        word in known.names
        or word in known.syllables
        or any(
            word[:at] in known.syllables and word[at:] in known.syllables
            for at in range(2, len(word) - 1)
        )
    )


def _chinese(words: list[str], known: Names) -> bool:
    """Whether a family name stands before the one or two syllables of a given name."""
    for at, word in enumerate(words[:-1]):
        rest = words[at + 1 : at + 1 + _PAIR]
        if word not in known.surnames or not all(_given(part, known) for part in rest):
            continue
        if len(rest) == _PAIR or len(words) == _PAIR or any(part in known.names for part in rest):
            return True
    return False
