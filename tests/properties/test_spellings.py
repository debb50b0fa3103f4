"""However an identifier is spelled, it is found where its plain form is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.caption import check_caption, check_credit
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.identifiers import identifier_in, identifier_in_name
from imu_imageprep.domain.rules import WatermarkRules

IDENTIFIERS = (
    *(
        "880101-14-5566",
        "001231-10-1234",
        "880101145566",
        "MRN 0045671",
        "MRN: 45671",
        "NRIC 1234567",
    ),
    *("R.N. 123456-24", "passport A1234567", "(012) 345 6789", "012-345 6789", "0123456789"),
    *("+60 3-8656 7228", "0060123456789", "+1 (555) 123-4567", "03-8656 7228", "info@example.edu"),
)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63\u2043"
SPACES = " \u00a0\u2002\u2007\u2009\u202f\u205f\u3000"
UNSEEN = (
    "",
    "",
    "",
    "\u200b",
    "\u00ad",
    "\u2060",
    "\ufeff",
    "\u200d",
    "\U000e0020",
    "\ufe0f",
    "\u0336",
)
DIGITS = tuple(
    map(chr, (0x30, 0xFF10, 0x660, 0x6F0, 0x966, 0xBE6, 0xE50, 0x1D7CE, 0x1D7D8, 0x1D7F6))
)
LOOK_ALIKE = {
    "M": "MМΜＭ",
    "R": "RＲᎡ",
    "N": "NΝＮ",
    "I": "IІΙ",
    "C": "CСС",
    "a": "aаα",
    "o": "oоο",
    "p": "pр",
}
OTHERS = {"@": "@＠﹫", ".": ".．․", ":": ":：", "(": "(（", ")": ")）", "+": "+＋﹢"}


@st.composite
def spelled(draw: st.DrawFn, identifiers: tuple[str, ...] = IDENTIFIERS) -> str:
    """An identifier, each character in one of the spellings that look like it."""
    said = []
    for char in draw(st.sampled_from(identifiers)):
        if char.isdecimal():
            said.append(chr(ord(draw(st.sampled_from(DIGITS))) + int(char)))
        elif char in "- ":
            said.append(draw(st.sampled_from(DASHES if char == "-" else SPACES)))
        else:
            said.append(draw(st.sampled_from((LOOK_ALIKE | OTHERS).get(char, char))))
        said.append(draw(st.sampled_from(UNSEEN)))
    return "".join(said)


@given(spelled())
def test_no_spelling_escapes(text: str) -> None:
    assert identifier_in_name(f"Scan {text}.jpg")
    assert identifier_in(f"Photo: {text}")
    with pytest.raises(UsageProblem):
        check_credit(f"Photo: {text}")
    with pytest.raises(UsageProblem):
        check_caption(f"Thanks to {text}")
    with pytest.raises(PolicyProblem):
        WatermarkRules(text)


@given(st.sampled_from(["", *" -/:.·•_–—\u00a0\u200b\u2028|", " - ", "--", ") ("]), st.data())
def test_no_separator_hides_a_card(between: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([between, "-", " "])) if between else ""
    text = f"880101{between}14{other}5566"
    assert identifier_in_name(f"Scan {text}.jpg") == "an identity number"
    assert identifier_in(f"Photo: {text}") == "an identity number"


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_failure(text: str) -> None:
    identifier_in(text)
    identifier_in_name(text)
