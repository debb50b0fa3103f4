"""Text that identifies a person: identity numbers, phone numbers, e-mail addresses."""

from __future__ import annotations

import re

# Malaysian identity card (MyKad): YYMMDD-PB-NNNN, with or without hyphens (National Registration
# Regulations 1990). Medical record numbers: the word followed by digits, as printed on labels.
_PATTERNS = (
    ("an identity number", re.compile(r"(?<!\d)\d{6}[-\s]?\d{2}[-\s]?\d{4}(?!\d)")),
    (
        "a record number",
        re.compile(
            r"\b(?:mrn|rn|nric|ic|passport)\s*(?:no\.?)?\s*[:#]?\s*[a-z]{0,2}\d{4,}", re.IGNORECASE
        ),
    ),
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("a phone number", re.compile(r"(?<![\w/])\+?\(?\d[\d\s().-]{6,}\d(?!\w)")),
)
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:\s*[-–/]\s*(?:19|20)?\d{2})?(?!\d)")


def identifier_in(text: str) -> str | None:
    """Name the first kind of identifier that ``text`` seems to hold, or None.

    Years and spans of years ("2019-2026") are not taken for phone numbers.
    """
    for name, pattern in _PATTERNS:
        searched = _YEARS.sub(" ", text) if name == "a phone number" else text
        if pattern.search(searched):
            return name
    return None
