"""Names behind a label ("Photo:"), behind "by", and behind "courtesy of" in a free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import CreditField
from imu_imageprep.stages.metadata.free_text.names import (
    PHOTO,
    clause,
    first_word,
    full_name,
    matches,
    named,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Labels that only a credit has.
_SURE = re.compile(
    rf"(?:\b(?:(?:{PHOTO})\s)?(?:credits?(?: line)?|kredit|cr[ée]dito?s?(?: photos?)?)"
    rf"|\b(?:{PHOTO})\s(?:sources?|sumber)|\b(?:photographers?|photog|photography|jurufoto"
    r"|jurugambar|fotografer|fotografi|fotograf|photographe|fot[óo]grafo|pemotret)"
    rf"|(?:sumber|ihsan) (?:{PHOTO})|摄影|攝影|图片来源|圖片來源|撮影者?|写真|사진|фото|📷|📸"
    r")\s?[:：=]\s?|(?:📷|📸)\s?(?=[@\w])"
    rf"|\b(?:{PHOTO}) (?:credits?|kredit)\s(?:[-–—]\s)?(?=(?-i:[A-Z@]))|\b(?:PC|cr)\s?(?=@\w)",
    re.IGNORECASE,
)
# "Light source: LED" is no credit: these stand at the start of a clause.
_START = re.compile(
    rf"(?:^|[\n.;,|(\[–—-]) ?(?:(?:{PHOTO}|file|original)\s)?(?:source|sumber|quelle|author"
    r"|penulis|artist|creator|autor|автор|PC|cr|ihsan|rights|licen[cs]e|lesen"
    r"|copyright (?:holder|owner))\s?[:：]\s?",
    re.IGNORECASE,
)
# Labels that a caption may have too.
_LABEL = re.compile(
    rf"(?<![\w'])(?:{PHOTO}|illustration|ilustrasi|artwork)\s?[:：]\s?", re.IGNORECASE
)
# Weaker signs than a colon: "Photo/Jane Roe", "Foto - Ahmad Ali".
_WEAK = re.compile(
    r"(?<![\w'])(?:photo(?:graph)?|foto|pics?|pix)(?:\s?/\s?|\s?[-–—]\s)|(?:^|\n)(?:by|oleh)\s",
    re.IGNORECASE,
)
_BY = re.compile(
    rf"\b(?:(?:{PHOTO}|photography|photographed|filmed|illustrations?|illustrated|artwork"
    r"|fotografi|ilustrasi|design|poster|drawn|painted|paintings?|drawings?|lukisan|rekaan)"
    r"(?: (?:is|was|are|were))?(?: (?:taken|shot|captured|made|snapped|diambil|dirakam|ditangkap))?"
    r"|(?:^|[\n.;(]) ?(?:taken|shot|snapped|captured|lensed|diambil|dirakam)) (?:by|oleh|par|von)"
    r"\s?[:：]?\s|\b(?:photos?|fotos?) de (?=(?-i:[A-Z]))",
    re.IGNORECASE,
)
_GIVEN_BY = re.compile(
    r"\bcourtesy(?: of\b|\s?[:：]|(?=\s(?!call|visit)(?-i:[A-Z@])))\s?"
    rf"|\b(?:{PHOTO})\s?[:–—-]?\s?ihsan(?: (?:dari(?:pada)?|oleh))?\s?[:：]?\s"
    r"|[(\n] ?ihsan |\bihsan daripada |\bproperty of |\b(?:gambar|foto) milik "
    rf"|\b(?:{PHOTO}) (?:is )?(?:owned by|belongs to) "
    rf"|\b(?:{PHOTO}) (?:(?:is|was|are|were) )?(?:supplied|provided|contributed|submitted|released"
    r"|disumbangkan|dibekalkan) (?:by|oleh) |\bhak milik (?!terpelihara)",
    re.IGNORECASE,
)
# Words that leave open who it is, and say that it is someone else.
_OWNERS = re.compile(
    r"\bctto\b|\b(?:credits?|kredit) (?:(?:all )?goes )?(?:to|kepada) (?:the |its )?"
    r"(?:(?:rightful|original|respective) )?(?:owner|photographer|artist|creator|pemilik|jurugambar"
    r"|jurufoto)s?\b"
    r"|\b(?:please|pls|kindly|must|sila) (?:give )?credit(?: to)?:? "
    r"(?:the (?:owner|photographer|artist|creator)|(?-i:[A-Z@])\w+)",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s?courtesy\s?", re.IGNORECASE)
_PICTURE = re.compile(rf"\b(?:{PHOTO})\s?$", re.IGNORECASE)
# "Lunch courtesy of the dean".
_TREATS = re.compile(
    r"\b(?:lunch|dinner|breakfast|tea|food|drinks|cake|refreshments|gifts?|transport|snacks) $",
    re.IGNORECASE,
)
_OWN = frozenset(("our", "my", "us", "me", "kami", "saya", "kita", "sendiri"))
# Where a name behind "by" ends: "Photo by Jane Roe at the gate".
_TRIM = re.compile(
    r"\s(?:at|in|on|during|when|while|taken|di|pada|semasa|ketika|sempena|courtesy|on behalf)\s.*",
    re.IGNORECASE,
)
# "PC: Dell", "Cr: high": one word there is a thing.
_BRIEF = re.compile(r"\b(?:pc|cr)\s?[:：]")


def read(text: str) -> Iterator[tuple[CreditField, str]]:
    """Every name that a label of a credit stands before."""
    for pattern in (_SURE, _START, _LABEL):
        for match in matches(pattern, text):
            said, label = clause(text, match.end()), match[0].casefold()
            sure = pattern is not _LABEL
            one_word = not _BRIEF.search(label) if sure else "photo" in label or "foto" in label
            if named(said, small=sure, one_word=one_word):
                yield _field_of(label), said
    for match in matches(_WEAK, text):
        said = clause(text, match.end())
        if full_name(said.split(",", maxsplit=1)[0].split("/", maxsplit=1)[0]):
            yield CreditField.CREDIT, said
    for match in matches(_BY, text):
        said = _TRIM.sub("", clause(text, match.end()))
        if named(said, small=True, one_word=True):
            yield CreditField.CREDIT, said
    for match in matches(_OWNERS, text):
        yield CreditField.CREDIT, match[0]
    yield from _given_by(text)


def _given_by(text: str) -> Iterator[tuple[CreditField, str]]:
    for match in matches(_GIVEN_BY, text):
        said = _TRIM.sub("", clause(text, match.end()))
        before = text[max(0, match.start() - 20) : match.start()]
        # "Courtesy Campaign Day": without "of", only a full name or what follows a picture.
        bare = _BARE.fullmatch(match[0]) and not (full_name(said) or _PICTURE.search(before))
        if said and not bare and first_word(said) not in _OWN and not _TREATS.search(before):
            yield CreditField.CREDIT, said


def _field_of(label: str) -> CreditField:
    """The field that a label stands for; it is in lower case."""
    if re.search("sou|sumber|quelle|来源|來源", label):
        return CreditField.SOURCE
    return CreditField.RIGHTS if re.search("rights|licen|lesen", label) else CreditField.CREDIT
