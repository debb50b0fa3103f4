"""Signs and words of copyright, of reserved rights and of licences in a free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import RIGHTS_RESERVED, CreditField
from imu_imageprep.stages.metadata.free_text import words
from imu_imageprep.stages.metadata.free_text.names import (
    CLAUSE,
    beside,
    clause,
    first_word,
    matches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# What programs write of themselves.
_SOFTWARE = re.compile(
    r"\bJPEG Encoder Copyright \d{4}, James R\. Weeks and BioElectroMech"
    r"|\b(?:software|encoder|library|codec)\b(?:[^\n.|();]|\.\d){0,40}(?:copyright|\(c\)|©)"
    r"[^\n.|();]{0,80}|(?:\bcopyright|\(c\)|©)[^\n.|();]{0,60}\b(?:software|encoder|library|codec)\b"
    r"[^\n.|();]{0,60}",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\b(?<!\bno )(?:all |some )?rights? (?:are )?reserved\b|\bhak (?:cipta )?terpelihara\b"
    r"|\bhak ?cipta (?:dilindungi|dipelihara)|\bhak milik terpelihara|\btous droits r[ée]serv[ée]s"
    r"|\balle rechte vorbehalten|\bderechos reservados|\bdiritti riservati"
    r"|\bdireitos reservados|\brechten voorbehouden|\bprawa zastrze[żz]one|\bправа защищены"
    r"|(?:جميع|كل) الحقوق محفوظة|حقوق (?:الطبع|النشر|الملكية)"
    r"|版权所有|版權所有|無断転載|未经许可|未經許可",
    re.IGNORECASE,
)
# Words of what may be done with a picture; whoever may say so holds its rights.
_TERMS = re.compile(
    r"\bmandatory credit\b|\bcredit (?:is )?(?:mandatory|required)\b|\beditorial use only\b"
    r"|\bno (?:re-?sales?|archiv\w{1,6}|commercial use)\b|\b(?-i:NO SALES)\b|\bone[- ]time use\b"
    r"|\bnot for (?:re-?sale|re-?use|commercial use|distribution)\b"
    r"|\bdo not (?:copy|reproduce|redistribute|re-?use|re-?post)\b *"
    r"(?:$|[.,;!\n]|or\b|without\b|this\b|these\b|(?:the )?(?:photo|image|picture))"
    r"|\b(?:reproduced|used|reprinted|published|shared) (?:with|by) (?:the )?(?:kind )?permission\b"
    r"|\b(?:photo|image|picture)s? with (?:the )?permission\b"
    r"|\bunauthori[sz]ed (?:use|copy|reproduction|duplication|distribution)"
    r"|\bno (?:use|reproduction|copying) without\b"
    r"|\b(?:used?|copy|copied|re-?us\w{1,4}|repro\w{4,8}|publish\w{0,3}|distribut\w{1,4}|shared?)\b"
    r"[^\n.]{0,40}\bwithout (?:\w{1,12} ){0,3}permission\b"
    r"|\b(?:di)?(?:gunakan|terbitkan|siarkan|guna|salin|menyalin|cetak)\b[^\n.]{0,40}"
    r"\b(?:tanpa|dengan) (?:kebenaran|izin)\b"
    r"|\bdilarang (?:salin|menyalin|meniru|mengguna|menerbit|menyiar|mencetak|mengedar|mengulang)"
    r"|\bcreative commons\b|creativecommons\.org|\bCC[ -]BY\b|\bCC0\b|\bGFDL\b|\bGNU Free Doc"
    r"|\bfor licen[cs]ing\b|\bpublic domain\b|\bdomain awam\b|\brights[- ]managed\b"
    r"|\broyalty[- ]free (?:stock|image|photo|picture|licen)"
    r"|\blicen[cs]ed (?:under|from|through|for (?:web|print|one|editorial|use))\b"
    r"|\blicen[cs]ed to (?!practi|drive|operate|treat|prescribe)|\bFBMD[0-9a-f]{6}",
    re.IGNORECASE,
)
_C = r"\( ?[cCсС] ?\)"
_WORD = r"\bcopyright(?:s|ed)?\b|\bcopr\b\.?|\bhak ?cipta\b|版权|版權|著作権|著作權"
# The word with the sign behind it, or a sign alone.
_COPYRIGHT = re.compile(
    rf"(?P<word>{_WORD})(?: ?:? ?(?P<sign>[©℗]|{_C}))?|[©℗]|(?P<c>{_C})", re.IGNORECASE
)
_TOPIC = (
    r"about|on|regarding|understanding|tentang|mengenai|berkenaan|bengkel|ceramah|seminar|taklimat"
    r"|kursus|akta|isu|undang-undang|hari|minggu|pejabat|perbadanan|our|(?:intellectual )?property"
    r" and|patents? and|plagiarism and"
)
_OF_TOPIC = re.compile(rf"\b(?:{_TOPIC})(?: the)?[\s-]{{1,3}}$", re.IGNORECASE)
_NOT_THERE = re.compile(
    r"\b(?:no|non|not|un|without|free of|free from|tiada|tanpa|bebas|bukan)(?: the)?[\s-]{1,3}$",
    re.IGNORECASE,
)
# What makes the word before it a subject of study, or denies it.
_SUBJECT = re.compile(
    r"[\s-]{0,3}(?:free\b|polic|infringement|clearance|licensing (?:talk|course)|and (?:plagiarism"
    r"|patent|trademark|you\b)|in (?:education|research|teaching)|dan plagiat|dalam (?:pendid|p)"
    r"|(?:[\w']{1,15}\s){0,3}(?:laws?|acts?|talks?|workshops?|seminars?|lectures?|courses?|class"
    r"|training|briefings?|awareness|day|week|office|library|issues?|quiz|exam)\b)",
    re.IGNORECASE,
)
# "(c)" in a list of parts, and behind what it is a grade, a figure or a scale of.
_LISTED = re.compile(r"\( ?[aAbBdD] ?\)")
_C_OF = re.compile(
    r"(?:\d|\b(?:temp(?:erature)?|suhu|degrees?|vitamin|hepatitis|fig(?:ure)?|panel|rajah|part"
    r"|section|bahagian|option|group|kumpulan|question|soalan|item|no|grade|gred|block|blok|type"
    r"|jenis|plan|step|table|jadual|class|answer|jawapan))[.:]? ?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\s*(?:19|20)\d\d\b")
_YEAR_BEFORE = re.compile(r"\b(?:19|20)\d\d ?$")
_LETTER = re.compile(r"[^\W\d_]")


def read(text: str) -> Iterator[tuple[CreditField, str]]:
    """Every statement of rights in a text; "rights reserved" where nobody is named by it."""
    text = _SOFTWARE.sub(" ", text)
    listed = _LISTED.search(text) is not None
    for match in matches(_COPYRIGHT, text):
        before, after = beside(text, match)
        if match["word"] and not match["sign"]:
            about = _OF_TOPIC.search(before) or _NOT_THERE.search(before) or _SUBJECT.match(after)
            counts = not about
        else:
            counts = not match["c"] or _signs(before, after, listed=listed)
        if counts:
            yield CreditField.COPYRIGHT, _around(text, match)
    if _RESERVED.search(text):
        yield CreditField.RIGHTS, RIGHTS_RESERVED
    for match in matches(_TERMS, text):
        before, after = beside(text, match)
        if not _OF_TOPIC.search(before) and not _SUBJECT.match(after):
            yield CreditField.RIGHTS, match[0]


def _signs(before: str, after: str, *, listed: bool) -> bool:
    """Whether "(c)" stands for copyright: a year or a name is beside it."""
    if _YEAR.match(after) or (_YEAR_BEFORE.search(before) and _LETTER.match(after.strip())):
        return True
    if listed or _C_OF.search(before):
        return False
    before, after = before.strip(), after.strip()
    if not after:
        return before[-1:].isalnum()
    begins = not before or before[-1] in ".,;|-–—/:"
    names = bool(_LETTER.match(after)) and first_word(after) not in words.NOBODY
    return names and (begins or after[0].isupper())


def _around(text: str, match: re.Match[str]) -> str:
    """The sign and the clause behind it; the one before too where nobody is named behind."""
    behind = text[match.end() : match.end() + CLAUSE]
    said = clause(behind, len(behind) - len(behind.lstrip(" :.(")))
    sign = match[0].strip()
    if _LETTER.search(said):
        return f"{sign} {said}"
    before = re.split(r"[\n;|()\[\]]|\.\s", text[max(0, match.start() - CLAUSE) : match.start()])
    return " ".join(f"{before[-1].strip()} {sign} {said}".split())
