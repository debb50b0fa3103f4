"""Pictures that say they are someone else's, and pictures that do not say whose they are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep.domain.finding import Finding, Flag, Looked
from imu_imageprep.domain.metadata import NO_CAMERA_DATA, OF_SOMEBODY, CreditField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.metadata import Credit as Statement
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo

# Shorter names are found inside too many others; they must stand alone.
_SHORTEST_NAME = 3
_MARKS = re.compile(r"\(\s*[cpr]\s*\)|[©℗®™]|\bcopyrights?\b|\bcopr\b\.?|\bc(?=\s+(?:19|20)\d\d\b)")
_YEARS = re.compile(r"\b(?:19|20)\d\d(?:\s*[-–—/]\s*(?:(?:19|20)?\d\d|present|now)\b)?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
# Words around a name that name nobody.
_AROUND = frozenset(
    (
        *("all", "rights", "right", "reserved", "by", "the", "image", "images", "photo", "photos"),
        *("photograph", "photographs", "photographed", "photographer", "photography", "picture"),
        *("pictures", "credit", "source", "courtesy", "of", "author", "owner", "editor", "and"),
        *("inc", "incorporated", "ltd", "limited", "llc", "llp", "plc", "co", "corp", "company"),
        *("hak", "cipta", "hakcipta", "terpelihara", "oleh", "gambar", "foto", "kredit", "ihsan"),
        *("daripada", "jurufoto", "jurugambar"),
        *("corporation", "gmbh", "ag", "sdn", "bhd", "berhad", "pte", "pty", "bv", "sa", "srl"),
    )
)


@dataclass(frozen=True, slots=True)
class Credit:
    """Compares the creator and rights fields of a file with the configured owner.

    Attributes:
        owner: whose pictures need no credit; empty where nobody is configured, and then every
            statement is a third party's.
    """

    owner: str

    name: ClassVar[str] = "credit"
    flag: ClassVar[Flag] = Flag.SOURCE
    model: ClassVar[None] = None

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002
        """Look for statements that name someone else.

        Args:
            photo: not needed; the statements are in the metadata.
            metadata: what the file said about itself.

        Returns:
            One "source" finding with score 1.0 and the kinds of fields as its label, never their
            text; no finding and 0.0 where nobody else is named.
        """
        others = third_party(metadata.credits, self.owner)
        if not others:
            return Looked((), 0.0)
        fields = {credit.field for credit in others}
        label = ", ".join(field.value for field in CreditField if field in fields)
        return Looked((Finding("source", 1.0, None, label),), 1.0)


def third_party(credits_: Iterable[Statement], owner: str) -> tuple[Statement, ...]:
    """The statements that are not the owner's own.

    A statement without any name in it (a bare web address, "all rights reserved", a licence, a
    telephone number) is the owner's where another statement names the owner and none names anyone
    else.
    """
    statements = tuple(credits_)
    others = tuple(s for s in statements if not is_owner(s.text, owner))
    nameless = tuple(
        s for s in others if s.field in OF_SOMEBODY or not _words(_ADDRESS.sub(" ", s.text))
    )
    if len(nameless) == len(others) < len(statements):
        return ()
    return others


def is_owner(text: str, owner: str) -> bool:
    """Whether a statement names the owner and nobody else.

    Case, copyright signs, years, punctuation, forms of company and the words usual around a name
    do not count; the words may stand in any order ("Bakar, Ali"). Initials are not enough.
    """
    name = _words(owner)
    if not name or sum(len(word) for word in name) < _SHORTEST_NAME:
        return bool(owner.strip()) and _bare(text) == _bare(owner)
    stated = _words(text)
    rest = _without(stated, name)
    if rest != stated:
        return not rest
    return sorted(stated) == sorted(name)


def _bare(text: str) -> str:
    """The text in lower case without copyright signs and years."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_YEARS.sub(" ", _MARKS.sub(" ", folded)).split())


def _words(text: str) -> list[str]:
    """The words that can be part of a name."""
    return [word for word in re.findall(r"[^\W_]+", _bare(text)) if word not in _AROUND]


def _without(words: list[str], name: list[str]) -> list[str]:
    """The words left when every occurrence of the name is taken out."""
    rest: list[str] = []
    at = 0
    while at < len(words):
        if words[at : at + len(name)] == name:
            at += len(name)
        else:
            rest.append(words[at])
            at += 1
    return rest


@dataclass(frozen=True, slots=True)
class Origin:
    """Asks who took a picture that holds no camera data; at work where the policy holds for it."""

    name: ClassVar[str] = "origin"
    flag: ClassVar[None] = None
    model: ClassVar[None] = None

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002  (the port's shape)
        """Look whether anything says where the picture is from.

        Args:
            photo: not needed.
            metadata: what the file said about itself.

        Returns:
            One "source" finding with score 1.0 where nothing does, which a credit line or the word
            that it is one's own work answers; no finding and 0.0 otherwise.
        """
        if not metadata.of_unknown_source:
            return Looked((), 0.0)
        return Looked((Finding("source", 1.0, None, NO_CAMERA_DATA),), 1.0)
