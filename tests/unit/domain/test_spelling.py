from __future__ import annotations

import random

import pytest

from imu_imageprep.domain.reference import new, read
from imu_imageprep.domain.spelling import latin, normal


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("880101-14-5566", "880101-14-5566"),
        ("880101\u201314\u20145566", "880101-14-5566"),
        ("880101\u201114\u22125566", "880101-14-5566"),
        ("８８０１０１－１４", "880101-14"),
        ("٨٨٠١٠١", "880101"),
        ("८८०१०१", "880101"),
        ("𝟖𝟖𝟎", "880"),
        ("⑧⑨⓪❶⁷₅", "890175"),
        ("8\ufe0f\u20e38\ufe0f\u20e3", "88"),
        ("八八〇", "880"),
        ("1\u00a02\u20033\u30004", "1 2 3 4"),
        ("1\n2\t3\u20284", "1 2 3 4"),
        ("1\u200b2\u00ad3\u20604\u200e5\U000e00206\u180e7", "1234567"),
        ("1\u03362\u0301", "12"),
        ("a·b•c：d⁄e", "a.b.c:d/e"),
        ("café", "cafe"),
        ("ﬁle №", "file No"),
        ("ᴍʀɴ 🅼🆁🅽 🇲🇷🇳", "MRN MRN MRN"),
        ("한글", "한글"),
        ("Ⅷ", "VIII"),
        ("a\ue000b\udcff", "a\ufffdb\ufffd"),
        ("", ""),
    ],
)
def test_what_looks_the_same_is_spelled_the_same(text: str, plain: str) -> None:
    assert normal(text) == plain


def test_letters_that_look_latin_are_read_as_latin() -> None:
    assert latin("МRΝ") == "MRN"
    assert latin("рatіent") == "patient"
    assert latin("MRN") == "MRN"


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("-", "\u2013"),
        ("-", "\u2011"),
        ("-", "\u2212"),
        ("-", "\u00a0"),
        ("-", "\u200b-"),
        ("C", "\u0421"),
    ],
)
def test_a_reference_is_the_same_in_every_spelling(plain: str, other: str) -> None:
    ref = new("C", random.Random(7).choice)
    assert read(ref.replace(plain, other)) == ref
    wide = "".join(chr(ord(char) + 0xFEE0) for char in ref)
    assert read(wide) == ref
