"""Agencies, stock sites and places of the internet in a free text, where a credit names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import CreditField
from imu_imageprep.stages.metadata.free_text import words
from imu_imageprep.stages.metadata.free_text.names import PHOTO, beside, clause, full_name, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

_STOCK = re.compile(rf"(?<![\w@])(?:{words.STOCK})(?!\w)", re.IGNORECASE)
_AGENCY = re.compile(
    rf"(?<![^\W\d_])(?:foto|pic)?(?:({words.AGENCY})|{words.AGENCY_TOO})(?!\w)", re.IGNORECASE
)
# What shows that an agency is the picture's, from the strongest: words for a picture beside it, a
# photographer behind or before a slash, a place where credits stand.
_PICTURE_OF = re.compile(
    rf"\b(?:via|{PHOTO})(?: (?:from|dari(?:pada)?))?\s?[:：]?\s?$", re.IGNORECASE
)
_PICTURE = re.compile(r"\s?(?:photos?|foto|pics?|pix|images?|pictures?)\b", re.IGNORECASE)
_SLASH_NAME = re.compile(r"\s?/\s?([^\n()\[\]|;,./]{3,60})")
_NAME_SLASH = re.compile(r"([^\s/()]{1,20} [^\s/()]{1,20})\s?/\s?$")
_AFTER = re.compile(r"(?:[/(\[–—-]|[.!?] )\s?$")
_CLOSES = re.compile(r"[\s)\].,]{0,9}(?:\n|$|\()")
# "Ali a/l Kumar" has a slash of its own.
_CHILD_OF = re.compile(r"\b[asdASD]/[lpoLPO]\b")
_BRACKET = re.compile(r"[(\[]([^()\[\]\n]{3,100})[)\]]\W{0,3}(?:\n|$)")
_FOUND = re.compile(
    rf"\b(?:{PHOTO}|screen-?shot|downloaded|saved|taken|copied|grabbed|re-?post(?:ed)?|diambil"
    r"|muat turun|dipetik) (?:from|dari(?:pada)?) (?:the )?(?:internet|web\b|google"
    r"|facebook(?! live)|instagram(?! live)|twitter|tiktok|pinterest|flickr|https?:|www\.|@)"
    r"|\bre-?post\s?[:：]?\s?@\w|\bvia @\w"
    r"|\bhandout\s?(?:/|via\b|(?:photo|image|picture)\s?(?:$|[.)\n]))"
    r"|\b[\w-]{1,40}photograph[\w-]{0,20}\.[a-z]",
    re.IGNORECASE,
)


def read(text: str) -> Iterator[tuple[CreditField, str]]:
    """Every agency, and every photographer before a slash in brackets that end a text."""
    for match in matches(_STOCK, text):
        yield CreditField.SOURCE, match[0]
    for match in matches(_AGENCY, text):
        if _is_credit(text, match):
            yield CreditField.SOURCE, match[0]
    for match in matches(_BRACKET, text):
        inside = re.sub(" (?:via|for) ", "/", _CHILD_OF.sub("", match[1]))
        name, slash, agency = inside.partition("/")
        if slash and agency.strip()[:1].isupper() and full_name(name):
            yield CreditField.CREDIT, match[1]
    for match in matches(_FOUND, text):
        yield CreditField.SOURCE, clause(text, match.start())


def _is_credit(text: str, match: re.Match[str]) -> bool:
    before, after = beside(text, match)
    glued = re.match("foto|pic|ap photo", match[0], re.IGNORECASE)
    if glued or _PICTURE.match(after) or _PICTURE_OF.search(before):
        return True
    name = _NAME_SLASH.search(before) or _SLASH_NAME.match(after)
    if name and full_name(name[1]):
        return True
    begins = not before.strip() or _AFTER.search(before)
    return bool(match[1] and begins and _CLOSES.match(after))
