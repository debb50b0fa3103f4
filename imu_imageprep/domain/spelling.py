"""One spelling for what people read as the same: dashes, digits, spaces, and what nobody sees."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Characters that readers take for one of ASCII and that NFKC (Unicode TR 15) leaves as they are;
# dashes besides those of Unicode's own category (Pd).
_SEEN_AS = {
    **dict.fromkeys(
        "\u02d7\u2043\u2212\u2500\u2501\u23af\u2796\u3161\u30fc\u0640\u223c\u301c", "-"
    ),
    **dict.fromkeys("\u00b7\u0387\u2022\u2024\u2027\u2219\u22c5\u25cf\u25e6\u30fb\u3002", "."),
    **dict.fromkeys("\u06d4\ua78f", "."),
    **dict.fromkeys("\u02d0\u2236\ua789\u0589\u05c3", ":"),
    **dict.fromkeys("\u2044\u2215\u29f8\u2571", "/"),
    **dict.fromkeys("\u060c\u3001\u201a", ","),
    **dict.fromkeys("\u2018\u2019\u02bc\u2032", "'"),
    **dict.fromkeys("\u2223\u2502\u2503\u01c0", "|"),
    "~": "-",
    "\u2800": " ",  # Braille without a dot
}
# Shown as nothing, and not of the category Cf (Unicode, Default_Ignorable_Code_Point).
_UNSEEN = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF)),
)
# What a category is shown as: nothing, a box, or a dash.
_AS = {
    **dict.fromkeys(("Cc", "Cf", "Mn", "Me"), ""),
    **dict.fromkeys(("Cs", "Co", "Cn"), "\ufffd"),
    "Pd": "-",
    "Zs": " ",
}
_ROMAN = range(0x2160, 0x2189)
_SYLLABLES = range(0xAC00, 0xD7A4)  # Hangul; NFKD would take them apart
# Letters of other scripts that look like Latin ones: Cyrillic, Greek, Cherokee and Lisu, after the
# table of Unicode TS 39 (confusables.txt), as far as the words need it that announce a number.
_LOOKS_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјкморстухԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχϲᎡᎷᏟᏦᏢᏚᎢꓐꓚꓓꓰꓲꓗꓟꓠꓳꓑꓣꓢꓔı",
    "ABESIJKMHOPCTYXaesijkmopctyxdqwhABEZHIKMNOPTYXaiknoptuxcRMCKPSTBCDEIKMNOPRSTi",
)


def normal(text: str) -> str:
    """The text in the one spelling in which it is searched and compared; its case stays.

    Compatibility forms become plain ones (NFKD); digits of all scripts, also circled, raised and
    mathematical ones, become 0 to 9; dashes become "-", spaces and line ends " ", look-alikes of
    the dot, colon, slash, comma and bar those of ASCII. What nobody sees is dropped: zero-width and
    other characters without a shape, controls, marks of direction, tags, variation selectors, and
    marks above or below a letter or digit.
    """
    if text.isascii() and text.isprintable() and "~" not in text:
        return text
    return unicodedata.normalize("NFC", "".join(map(_plain, text)))


def latin(text: str) -> str:
    """The text with letters of other scripts that look Latin as Latin ones.

    It is meant for finding a few known words; it garbles words of those scripts.
    """
    return text if text.isascii() else text.translate(_LOOKS_LATIN)


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One character in its plain spelling; often none."""
    if char in _SEEN_AS:
        return _SEEN_AS[char]
    code, category = ord(char), unicodedata.category(char)
    if any(low <= code <= high for low, high in _UNSEEN):
        return ""
    if category in _AS or char.isspace():
        return " " if char.isspace() else _AS[category]
    number = unicodedata.numeric(char, -1)
    if number in range(10) and code not in _ROMAN:
        return str(int(number))
    plain = unicodedata.normalize("NFKD", char)
    if plain == char or code in _SYLLABLES:
        return _lettered(char)
    return "".join(map(_plain, plain))


def _lettered(char: str) -> str:
    """The letter in a sign that holds one: small capitals, squared and circled letters, flags."""
    name = unicodedata.name(char, "")
    known = ("LATIN LETTER SMALL CAPITAL ", "NEGATIVE ", "REGIONAL INDICATOR ", "CROSSED NEGATIVE ")
    letter = name.rpartition(" ")[2]
    return letter if name.startswith(known) and len(letter) == 1 else char
