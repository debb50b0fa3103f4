from __future__ import annotations

import pytest

from imu_imageprep.domain.caption import REMINDER, caption, check_caption
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.policy import CaptionRules, Owner, Policy, Profile

OFFICIAL = Policy(profile=Profile.OFFICIAL, owner=Owner(responsible="The Dean", role="Dean"))


def test_a_personal_page_gets_its_disclaimer() -> None:
    policy = Policy(caption=CaptionRules("My own views."))
    told = caption("White coat day.", "Photo: A. Maker", policy)
    assert told == f"White coat day.\n\nPhoto: A. Maker\n\nMy own views.\n\n{REMINDER}\n"
    assert "not those of my university" in caption("", None, Policy())
    assert caption("", None, Policy(caption=CaptionRules(""))) == f"{REMINDER}\n"


def test_an_official_page_names_who_is_responsible() -> None:
    told = caption("", None, OFFICIAL)
    assert told == f"Responsible for the content: The Dean, Dean\n\n{REMINDER}\n"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks to 900101-14-5678",
        "MRN 0045671 went home",
        "case 1234567",
        "call 012-345 6789",
        "write to info@example.edu",
        "a\tb",
        "\x1b[31mred",
        "long " * 500,
    ],
)
def test_identifiers_are_refused(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        check_caption(text)
    assert "5678" not in caught.value.message
    assert "0045671" not in caught.value.message


@pytest.mark.parametrize(
    "text", ["", "White coat day 2026, 120 students.", "Two\nlines", "100,000 vaccinations", "24/7"]
)
def test_plain_captions_pass(text: str) -> None:
    check_caption(text)


def test_a_disclaimer_holds_no_address() -> None:
    with pytest.raises(PolicyProblem):
        CaptionRules("Ask info@example.edu")
