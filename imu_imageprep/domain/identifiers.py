"""Text that identifies a person: identity numbers, phone numbers, names in file names."""

from __future__ import annotations

import re

# Patterns are compiled when they are first used: most commands use none.

# Malaysian identity card (MyKad): YYMMDD-PB-NNNN, with or without hyphens (National Registration
# Regulations 1990). Medical record numbers: the word followed by digits, as printed on labels.
_PATTERNS = (
    ("an identity number", r"(?<!\d)\d{6}[-\s]?\d{2}[-\s]?\d{4}(?!\d)"),
    (
        "a record number",
        r"(?i)\b(?:mrn|rn|nric|ic|passport)\s*(?:no\.?)?\s*[:#]?\s*[a-z]{0,2}\d{4,}",
    ),
    ("an e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("a phone number", r"(?<![\w/])\+?\(?\d[\d\s().-]{6,}\d(?!\w)"),
)
_YEARS = r"(?<!\d)(?:19|20)\d{2}(?:\s*[-–/]\s*(?:19|20)?\d{2})?(?!\d)"


def identifier_in(text: str) -> str | None:
    """Name the first kind of identifier that ``text`` seems to hold, or None.

    Years and spans of years ("2019-2026") are not taken for phone numbers.
    """
    for name, pattern in _PATTERNS:
        searched = re.sub(_YEARS, " ", text) if name == "a phone number" else text
        if re.search(pattern, searched):
            return name
    return None


# Malaysian identity card, YYMMDD-PB-NNNN, with all of its hyphens or none; the first six digits are
# a day (National Registration Regulations 1990).
_CARD = r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6}|[-. ]\d{2}[-. ]\d{4})(?!\d)"
# A day, and where it follows the time, as cameras, phones and screenshots write them.
_TAKEN = (
    r"(?<!\d)20\d{2}[. -]?(?:0[1-9]|1[0-2])[. -]?(?:0[1-9]|[12]\d|3[01])"
    r"(?:[t .-]*(?:at )?(?:[01]\d|2[0-3])[. :-]?[0-5]\d(?:[. :-]?[0-5]\d(?:[. -]?\d{1,6})?)?)?"
    r"(?!\d)"
)
_IN_NAMES = (
    ("an e-mail address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "a record number",
        r"(?<![a-z])(?:mrn|nric|ic|passport|rn)[ .-]*(?:no)?[ .-]*[a-z]{0,2}\d{4,}",
    ),
    # Numbers begin with + or with a zero and no second one; a camera's counters rarely do.
    (
        "a phone number",
        (
            r"\+\d[\d -]{7,14}\d|(?<!\d)0[1-9]\d?[ -]?\d{3,4}[ -]?\d{4}(?!\d)"
            r"|(?<!\d)60[1-9]\d{7,9}(?!\d)"
        ),
    ),
    ("the word patient", r"(?<![a-z])(?:patients?|pesakit)(?![a-z])"),
    (
        "a ward or bed number",
        (
            r"(?<![a-z])(?:ward|wad|bed|katil)[ .-]*(?:no)?[ .-]*[a-z]?\d{1,3}[a-z]?(?![a-z\d])"
            r"|(?<![a-z])(?:ward|wad)[ -]+[a-z](?![a-z\d])"
        ),
    ),
    # Before 2000 hardly any photo was taken that is a file today, but most people were born.
    (
        "a date of birth",
        (
            r"(?<![a-z])(?:dob|born|birth|lahir)(?![a-z])\D{0,12}\d"
            r"|(?<!\d)19\d{2}[. -]?(?:0[1-9]|1[0-2])[. -]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
            r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[. -](?:0?[1-9]|1[0-2])[. -]19\d{2}(?!\d)"
        ),
    ),
)


def identifier_in_name(name: str) -> str | None:
    """Name the first kind of identifier that a file's name seems to hold, or None.

    The day and time of capture ("IMG_20260101_120000") are none.

    Args:
        name: without folders; the suffix may be there.
    """
    text = name.lower().replace("_", " ")
    if re.search(_CARD, text):
        return "an identity number"
    text = re.sub(_TAKEN, " ", text)
    return next((kind for kind, pattern in _IN_NAMES if re.search(pattern, text)), None)
