"""Numbers and addresses of persons as they are read from pictures.

How identifiers are written is the table of ``domain/identifier_patterns``; here is what reading
adds to it: letters are taken for digits and digits for letters, parts are lost, and most of what
is written on things is of nobody.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.identifier_patterns import BORN, CARD, EMAIL, PHONE, RECORD
from imu_imageprep.domain.identifiers import identifier_read

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is read where a digit stands.
_MISREAD = str.maketrans("OoQDCIlL|SsBZzGb", "0000011115582266")

_PATTERNS: Mapping[str, str] = {
    # The lines at the foot of a passport or card (ICAO 9303): capitals, digits and fillers.
    "machine-readable": r"^[A-Z0-9<«(KC]{18,}$",
    # A card's number of which a part is missing. A day and four digits: how the Nordic countries
    # write theirs, and ours without its middle; ours without its first or its last digit, which an
    # edge or a shadow takes.
    "card-part": (
        r"(?<!\d)(?:\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-(?:\d{4}|\d\d-\d{3})"
        r"|\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-\d\d-\d{4})(?!\d)"
    ),
    # Letters of a hospital before digits.
    "code": r"\b[A-Z]{1,4}\d{6,9}\b",
    "email": r"[\w.+-]{2,}\s?[@©]\s?[\w-]+\s?\.\s?[A-Za-z]{2,}",
    # A mobile number of Malaysia or one with its country, also where a digit was lost: these are of
    # persons, while the numbers of shops and offices begin with an area.
    "mobile": (
        r"(?<![0-9A-Za-z])(?=\D*0|1\d[\s.-])(?:\+?\s?6?0[ -]?)?\(?0?1\d\)?[\s.-]?"
        r"\d{3,4}[\s.-]?\d{3,4}(?![0-9A-Za-z])"
        r"|(?<![0-9A-Za-z])\+\s?\d{1,3}[\s(-]{0,2}\d{1,4}[\s)-]{0,2}\d{3,4}[\s-]?\d{3,5}"
        r"(?![0-9A-Za-z])"
        # With nothing else on its line also where two digits were lost.
        r"|^\D{0,2}(?:01\d[ .-]{1,3}(?=(?:\D*\d){6})|0?1\d?[ .-]{1,3}(?=(?:\D*\d){7}))"
        r"\d{2,4}[ -]?\d{3,4}$"
    ),
    # Of any country, where a word says that it is one.
    "phone": r"(?<!\d)\+?\(?\d{2,4}\)?[\s.-]\d{3,4}[\s.-]?\d{3,5}(?!\d)",
    # At the beginning or the end of a word: spaces are lost in reading.
    "phone-word": (
        r"(?i)\b(?:tel|phone|mob|call|hp|whats|fax|ph\b|hubungi)|(?:tel|phone|call|fax)\b"
    ),
    # Digits in two or three groups, as phone numbers are written, and nothing else.
    "phone-alone": r"^\D{0,2}\d{2,3}[ -]{1,3}\d{2,4}[ -]?\d{3,4}$",
    "long": r"(?<![0-9A-Za-z])(?:\d{9,18}[xX]?|\d{3,6}(?:[ -]\d{3,6}){2,4})(?![0-9A-Za-z])",
    # Numbers and addresses of nobody: files, shops, picture agencies; hotlines; desks.
    "thing": r"(?i)\.(?:jpe?g|png|dcm|pdf|html?)\b|https?:|www\.|isbn|image id|stock|item#|\(c\)|©",
    "hotline": r"\b1[- ]?[378]00\b",
    "desk": (
        r"(?i)\b(?:info|contact|enquir|inquir|admin|office|hello|support|admission|help|press|media|"
        r"hr|careers?|webmaster|marketing)[\w.+-]*\s?[@©]"
    ),
}

# Fillers of a machine-readable line; digits of a phone, and of a long number.
_FILLERS, _PHONE, _LONG = 2, 7, 9
# A line with more letters than these is not read as if they were digits.
_STRAY_LETTERS = 3


def identifier(text: str) -> str | None:
    """What a line holds, in the words of ``identifier_patterns``; None where that is nothing.

    Hotlines, and the addresses of desks, are nobody's.
    """
    spellings = tuple(dict.fromkeys((text, _as_digits(text))))
    kinds = {identifier_read(spelt) for spelt in spellings}
    if CARD in kinds or _card(text, spellings):
        return CARD
    if desk(text):
        return None
    thing = _has("thing", text)
    if EMAIL in kinds or _has("email", text):
        return EMAIL
    if not thing and kinds & {RECORD, BORN}:
        return RECORD if RECORD in kinds else BORN
    return PHONE if _phone(text, spellings, known=PHONE in kinds, thing=thing) else None


def desk(text: str) -> bool:
    """Whether a line holds an e-mail address that is nobody's own."""
    return _has("desk", text)


def says_phone(text: str) -> bool:
    """Whether a line has a word that says that a number is a phone's."""
    return _has("phone-word", text)


def grouped(text: str) -> bool:
    """Whether a line is nothing but digits in groups, as of a phone number."""
    return _has("phone-alone", text.translate(_MISREAD))


def long_number(text: str) -> bool:
    """Whether a line holds a number so long that it may be somebody's, or a code with one."""
    if _has("thing", text):
        return False
    return _has("code", text) or (_digits(text) >= _LONG and _has("long", text))


def _card(text: str, spellings: tuple[str, ...]) -> bool:
    """Whether it is a machine-readable line, or a card's number of which a part is missing."""
    run = re.sub(r"\s", "", text).upper()
    filled = run.count("<") >= _FILLERS and _has("machine-readable", run)
    return filled or any(_has("card-part", spelt) for spelt in spellings)


def _phone(text: str, spellings: tuple[str, ...], *, known: bool, thing: bool) -> bool:
    if _has("hotline", text):
        return False
    said = (says_phone(text) or "+" in text) and (known or _has("phone", text))
    return said or (not thing and any(_has("mobile", spelt) for spelt in spellings))


def _as_digits(text: str) -> str:
    """A line of digits with its letters as the digits that they may be; others as they are."""
    if _digits(text) < _PHONE:
        return text
    if sum(map(str.isalpha, text)) > _STRAY_LETTERS:
        return text
    return text.translate(_MISREAD)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _has(name: str, text: str) -> bool:
    return _compiled(name).search(text) is not None


@functools.cache
def _compiled(name: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[name])
