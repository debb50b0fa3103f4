"""Number plates by their layouts: letters and digits in the order of a country's plates.

Malaysia's are those of the Road Transport Department's series (ABC 1234, WA 1234 B, QAA 1234 C);
the others are of its neighbours and of countries whose cars are in pictures from the web.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Plate(IntEnum):
    """How sure it is that a line is a number plate."""

    NONE = 0
    OTHER = 1
    MALAYSIAN = 2


# L is a letter, D a digit.
_MALAYSIAN = (
    *("LDDDD", "LLDDD", "LLDDDD", "LLLD", "LLLDD", "LLLDDD", "LLLDDDD"),
    *("LLDDL", "LLDDDL", "LLDDDDL", "LLLDL", "LLLDDL", "LLLDDDL", "LLLDDDDL"),
)
_OTHER = (
    *("LLDDLLL", "LLDDDLL", "DLLLDDD", "DDLLLD", "LLDDLLDDDD", "LLDDLDDDD", "LLLDLDD"),
    *("LDDDLL", "LLLDDLL", "LLDDDDLL", "DDDDLL", "DDDLLL", "DLLLDD", "LDDLLL"),
)
_ALL = (*_OTHER, *_MALAYSIAN)

# What is taken for one another.
_AS_LETTER = frozenset("01582467")
_AS_DIGIT = frozenset("OQDISBZAGTL")

# Words with numbers that have the layout of a plate: rooms, events, dates, sizes, times.
_NO_PLATE = (
    r"^(?:COVID|PHASE|LEVEL|FLOOR|BLOCK|BLOK|ROOM|BILIK|WEEK|DAY|YEAR|CLASS|GATE|BUS|ZONE|EXIT|"
    r"UNIT|STAGE|HALL|LOT|BAY|WARD|WAD|BED|TEAM|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC|JAN|FEB|MAR|"
    r"APR|NO|RM|PM|AM|ISO|USB|VITAMIN|FROM|SINCE|EST|VOL|TOP|PAGE|STEP)\d+|^\d+(?:AM|PM|KM|MM|CM|"
    r"ML|MG|GB|MB|ST|ND|RD|TH|HOURS?|DAYS?|YEARS?|KG|PCS|CC|MPH|KMH|HZ|W|V)$|^(?:19|"
    r"20)\d\d[A-Z]+$|^[A-Z]{3,}(?:19[6-9]|20[0-3])\d$|^\d{1,2}[A-Z]{3,9}(?:19|20)?\d\d$|^(?:DIAL|TEL|CALL|"
    r"HIGHWAY|ROUTE|HWY|JLN|JALAN|PIN|SET|AGE|IN|ON|AT|OF|TO|BY|THE|ADOBE)\d+|^\d+OF\d+$|"
    r"^[A-Z]\d{1,2}$|^\d{1,2}[A-Z]$"
)
_SHORTEST, _LONGEST = 4, 10
# From so many characters on one may be misread, or one at an end may be a mark of the plate.
_FORGIVING, _CUT = 6, 7


def plate(text: str) -> Plate:
    """Whether a line has the layout of a number plate."""
    run = re.sub(r"[^A-Z0-9]", "", text.upper())
    numbers = sum(map(str.isdigit, run))
    if (
        not _SHORTEST <= len(run) <= _LONGEST
        or "/" in text
        or numbers < (1 if len(run) == _SHORTEST else 2)
        or numbers == len(run)
        or sum(map(str.islower, text)) > 1
        or re.match(_NO_PLATE, run)
    ):
        return Plate.NONE
    if len(run) == _SHORTEST and not re.search(r"[A-Z]\s\d", text):
        return Plate.NONE
    parted = re.search(r"[A-Z0-9][·•.:~-][A-Z0-9]", text) is not None
    zero = re.match(r"[A-Z]+0", run) is not None  # no number begins so
    if not parted and not zero and any(_fits(run, layout, 0) for layout in _MALAYSIAN):
        return Plate.MALAYSIAN
    cuts = {run, run[1:], run[:-1]} if len(run) >= _CUT else {run}
    for cut in cuts:
        if any(_fits(cut, layout, len(layout) >= _FORGIVING) for layout in _ALL):
            return Plate.OTHER
    return Plate.NONE


def halves(upper: str, lower: str) -> bool:
    """Whether two lines are the two rows of a motorcycle's plate."""
    return (
        re.fullmatch(r"[A-Z]{1,3}", upper) is not None
        and re.fullmatch(r"\d{2,4}", lower) is not None
    )


def _fits(run: str, layout: str, slack: int) -> bool:
    """Whether characters have a layout, with so many of them misread at most."""
    if len(run) != len(layout):
        return False
    off = 0
    for char, wanted in zip(run, layout, strict=True):
        right, like = (char.isalpha(), _AS_LETTER) if wanted == "L" else (char.isdigit(), _AS_DIGIT)
        if not right and char not in like:
            return False
        off += not right
    return off <= slack
