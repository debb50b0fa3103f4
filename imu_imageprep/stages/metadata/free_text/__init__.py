"""Words in free text that say whose a picture is: captions, comments, descriptions, titles.

A field of its own ("Copyright") needs no reading; a caption does: most say what is shown. Here is
told which of them also name a maker, an agency or a holder of rights, and which words do so. Every
pattern is bounded, and so is the text. Patterns cost more to compile than to use, so each kind is
loaded only for a text that holds one of its words: cameras' and programs' own comments hold none.
"""

from __future__ import annotations

import re
import unicodedata
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Credit, CreditField
from imu_imageprep.stages.metadata.statement import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reader = Callable[[str], Iterator[tuple[CreditField, str]]]

__all__ = ["stated"]

_LIMIT = 16 << 10
_STATEMENTS = 20  # of one text
_SIGNS = str.maketrans(dict.fromkeys("ⓒⒸ🄫🅒", "©"))
_SIGN_NAMES = re.compile("&(?:copy|#169|#xa9);?", re.IGNORECASE)
# Programs whose names hold a word of a credit.
_PROGRAMS = re.compile("photoshop|imagemagick|imageready|photoimpact")
_PICTURES = (
    "photo|fot[oó]|фото|gambar|image|picture|pic|pix|video|bild|imagen|grafi|graphic|infog|摄|攝"
    "|图片|圖片|撮影|写真|사진|📷|📸|illustr|ilustr|artwork|design by|poster|drawn|paint|drawing"
    "|lukisan|rekaan"
)
# Each kind with what must stand in a text for it to be read.
_KINDS = (
    (
        "rights",
        re.compile(
            r"[©℗]|\( ?[cс]|copr|hak|right|recht|droits|derechos|diritti|版|著作|断転|未经|未經"
            "|permission|licen|editorial|mandatory|required|sale|archiv|commercial|time use|not for"
            "|do not|unauthor|kebenaran|izin|dilarang|creative ?commons|cc.?by|cc0|gfdl|gnu free"
            "|domain|royalty|fbmd|direitos|prawa zastrz|права|حقوق"
        ),
    ),
    (
        "labels",
        re.compile(
            f"{_PICTURES}|credit|kredit|cr[ée]dit|courtesy|ihsan|source|sumber|quelle|aut[h]?or"
            "|автор|penulis|artist|creator|pc ?[:@]|cr ?[:@]|rights|licen[cs]e|lesen|juru|pemotret"
            r"|ctto|(?:^|\n)(?:by|oleh) |(?:taken|shot|snapped|captured|lensed) by"
            "|(?:diambil|dirakam) oleh|property of|hak milik"
        ),
    ),
    (
        "agencies",
        re.compile(
            f"{_PICTURES}|/|via |[(\\[][^)\\]\n]{{3,80}} for |getty|stock"
            "|alamy|dreamstime|fotolia|123rf|freepik|vecteezy"
            "|pixabay|pexels|unsplash|wiki|alliance|wire|rex|magnum|zuma|sipa|imago|associated"
            "|agence|reuters|afp|bernama|epa-|xinhua|anadolu|kyodo|yonhap|nstp|the +(?:star|edge)"
            "|straits|utusan|harian|malay mail|malaysiakini|awani|malaysia today|sin chew"
            "|china press|borneo post|ap photo|internet|google|facebook|instagram|www[.]|@|handout"
            "|pinterest|tiktok|twitter"
        ),
    ),
)


def stated(text: str) -> tuple[Credit, ...]:
    """Who a free text says made the picture or holds its rights.

    Args:
        text: what a person or a program wrote beside the picture.

    Returns:
        The statements: the field that each would stand in, and the name alone where there is one.
        Nothing where the text only tells what is shown.
    """
    written = _readable(text)
    hints = _PROGRAMS.sub(" ", written.casefold())
    found: dict[Credit, None] = {}
    for kind, hint in _KINDS:
        if hint.search(hints):
            read: Reader = import_module(f"{__name__}.{kind}").read
            said = islice(read(written), _STATEMENTS)
            found |= dict.fromkeys(Credit(field, clean(name)) for field, name in said)
    return tuple(found)


def _readable(text: str) -> str:
    """The text in one spelling: compatible forms joined, unseen characters out, lines kept.

    Of a longer text its start and its end are read: a credit stands at either.
    """
    if len(text) > _LIMIT:
        text = f"{text[: _LIMIT // 2]}\n{text[-_LIMIT // 2 :]}"
    text = _SIGN_NAMES.sub("©", text.translate(_SIGNS))
    text = unicodedata.normalize("NFKC", text)[: 2 * _LIMIT]
    seen = (c for c in text if unicodedata.category(c) not in ("Cf", "Mn") or c.isalpha())
    lines = re.split(r"[\r\n\v\f\0\u2028\u2029]+", "".join(seen))
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())
