"""Whether a text names somebody: what nobody can read, and what fills in for a name."""

from __future__ import annotations

import re
import unicodedata

from imu_imageprep.domain.spelling import latin, normal

# What stands in a name's field when nobody entered a name: words alone, and makers' defaults.
_PLACEHOLDER_WORDS = frozenset(
    (
        *("unknown", "none", "null", "nil", "na", "undefined", "default", "untitled", "unset"),
        *("anonymous", "author", "artist", "photographer", "editor", "owner", "creator"),
        *("copyright", "c", "your", "name", "n", "a", "picasa"),
        *("tidak", "diketahui", "tiada", "tanpa", "nama", "未知", "匿名", "佚名", "不详", "无"),
    )
)
_PLACEHOLDER_TEXTS = frozenset(
    (
        *("olympus digital camera", "sony dsc", "minolta digital camera", "digital camera"),
        *("konica minolta digital camera", "kodak digital still camera", "samsung digital camera"),
    )
)
# What people type to get past a question for a name. English and Malay. Words that are somebody's
# name too (Ada, Don, An) stand in phrases only.
_FILLED_IN = frozenset(
    (
        *("unnamed", "unattributed", "unspecified", "anon", "nobody", "someone", "somebody", "unk"),
        *("not", "no", "known", "available", "applicable", "given", "specified", "idk", "entah"),
        *("tbd", "tba", "tbc", "todo", "xx", "test", "testing", "asdf", "qwerty", "blah", "foo"),
        *("unsure", "dunno", "various", "misc", "miscellaneous", "ditto", "myself"),
        *("dummy", "sample", "example", "placeholder", "blank", "empty", "text", "here", "insert"),
    )
)
# What stands around a name in a credit line; a line of these alone does not say whose it is.
_AROUND_A_NAME = frozenset(
    (
        *("photo", "photos", "photograph", "photographs", "photographed", "photography", "foto"),
        *("picture", "pictures", "pic", "pics", "image", "images", "img", "dsc", "gambar", "imej"),
        *("credit", "credits", "credited", "kredit", "courtesy", "ihsan", "source", "sumber"),
        *("by", "of", "from", "via", "the", "and", "for", "oleh", "dari", "daripada", "kepada"),
        *("taken", "shot", "supplied", "provided", "milik", "jurugambar", "pemilik", "camera"),
        *("copyrighted", "rights", "all", "reserved", "hak", "cipta", "terpelihara", "r", "tm"),
        *("own", "work", "handout", "stock", "internet", "web", "website", "online"),
    )
)
_PHRASES = frozenset(
    (
        *("to be determined", "to be confirmed", "to be announced", "to follow", "lorem ipsum"),
        *("i don t know", "don t know", "dont know", "i dont know", "who knows", "whatever"),
        *("tidak ada", "tak ada", "belum ada", "tak tahu", "tidak tahu", "tak diketahui", "siapa"),
        *("no one", "no idea", "not sure", "see caption", "see above", "as above", "yes", "ok"),
        *("okay", "me", "mine", "us", "saya", "kami", "true", "false", "other", "others"),
        *("multiple sources",),
        *("various sources", "not required", "not needed", "no credit needed", "free to use"),
        *("belum diketahui", "what ever", "asdf asdf", "the internet"),
    )
)
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})
# So often no name repeats one letter and has no other.
_REPEATED = 3


def legible(text: str) -> bool:
    """Whether a person can read a letter or a digit in a text."""
    return any(_is_letter(char) or char.isdecimal() for char in normal(text))


def placeholder(text: str) -> bool:
    """Whether a text is what cameras and programs write where nobody entered a name.

    It also is where nothing can be read in it.
    """
    said = _words(text)
    return " ".join(said) in _PLACEHOLDER_TEXTS or _PLACEHOLDER_WORDS.issuperset(said)


def names_nobody(text: str) -> bool:
    """Whether a credit line leaves open whose the picture is.

    It does where nothing can be read, where it only has signs and numbers ("©", "2026"), and where
    every word stands for a name or around one ("n/a", "unknown", "Photo:", "tidak diketahui").
    """
    return _nobody(text, _AROUND_A_NAME)


def unsigned(text: str) -> bool:
    """Whether a text where somebody has to sign names nobody; an initial or a post will do."""
    plain = normal(text).strip()
    return _nobody(text, frozenset()) and not (len(plain) == 1 and _is_letter(plain))


def _nobody(text: str, around: frozenset[str]) -> bool:
    words = re.findall(r"[^\W\d_]+", _folded(text))
    if len(words) >= _REPEATED and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # "u n k n o w n"
    if " ".join(words) in _PLACEHOLDER_TEXTS | _PHRASES:
        return True
    rest = [word for word in words if word not in _PLACEHOLDER_WORDS | _FILLED_IN | around]
    letters = [char for word in rest for char in word if _is_letter(char)]
    if len(letters) <= 1:
        return not any(map(_is_ideograph, letters))
    return " ".join(rest) in _PHRASES or (len(letters) >= _REPEATED and len(set(letters)) == 1)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", _folded(text))


def _folded(text: str) -> str:
    return latin(normal(text)).casefold()


def _is_letter(char: str) -> bool:
    return unicodedata.category(char) in _LETTERS


def _is_ideograph(char: str) -> bool:
    """Whether one character can be a name."""
    return unicodedata.name(char, "").startswith(("CJK", "HANGUL SYLLABLE"))
