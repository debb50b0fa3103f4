"""Short references that a person can read over the telephone, with a check character.

A reference is written ``C-4T7-K9Q-X7G``: a letter for what it names, eight characters, and a check
character by ISO/IEC 7064, MOD 37-36, which finds every single wrong character and nearly every
swap of neighbours. The characters are those of Crockford's base 32: none looks like another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.spelling import latin, normal

if TYPE_CHECKING:
    from collections.abc import Callable

# What the first letter says.
CONSENT, EVENT, PLACE, ANSWER, DISMISSAL, FINDING, WITHDRAWAL, RECOGNITION, YES, LOOK = "CEPADFWRYK"
LETTERS = frozenset("CEPADFWRYK")

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY = 8
_LENGTH = 1 + _BODY + 1

# ISO/IEC 7064:2003, hybrid system MOD 37-36: digits and all 26 letters have values 0..35.
_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = 36

# What people hear or type for what was meant.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def check_character(text: str) -> str:
    """The check character of ``text`` (digits and capital letters), by ISO/IEC 7064 MOD 37-36."""
    product = _MODULUS
    for character in text:
        total = (product + _VALUES.index(character)) % _MODULUS or _MODULUS
        product = total * 2 % (_MODULUS + 1)
    return _VALUES[(_MODULUS + 1 - product) % _MODULUS]


def new(letter: str, choose: Callable[[str], str]) -> str:
    """A new reference.

    Args:
        letter: one of ``LETTERS``.
        choose: picks one character of a text at random (``secrets.choice``).
    """
    while True:
        body = letter + "".join(choose(ALPHABET) for _ in range(_BODY))
        # A check character that looks like another one is drawn again, not shown.
        if (check := check_character(body)) in ALPHABET:
            return _written(body + check)


def read(text: str) -> str:
    """A reference as it is kept, from how a person typed it.

    Case, spaces, dashes and how Unicode spells a character do not matter; O is read as 0, I and L
    as 1, U as V.

    Raises:
        UsageProblem: it has the wrong length or letter, or its check character does not fit.
    """
    plain = "".join(c for c in latin(normal(text)).upper() if c not in "- ").translate(_MISREAD)
    if (
        len(plain) != _LENGTH
        or plain[0] not in LETTERS
        or any(c not in ALPHABET for c in plain)
        or check_character(plain[:-1]) != plain[-1]
    ):
        raise UsageProblem(
            "This is not a reference, or a character of it is wrong.",
            "A reference looks like C-4T7-K9Q-X7G; see: imageprep consent list",
        )
    return _written(plain)


def letter_of(ref: str) -> str:
    """The letter that says what a reference names; empty for none."""
    return ref[:1]


def _written(plain: str) -> str:
    return "-".join((plain[0], plain[1:4], plain[4:7], plain[7:]))
