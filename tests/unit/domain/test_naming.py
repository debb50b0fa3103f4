from __future__ import annotations

import pytest

from imu_imageprep.domain.caption import check_credit
from imu_imageprep.domain.consent import bad_name
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.naming import legible, names_nobody, placeholder, unsigned
from imu_imageprep.domain.permits import same_person
from imu_imageprep.domain.policy import Owner, Policy, Profile, WatermarkRules

UNSEEN = (
    "\u200b",
    "\u00ad",
    "\u200e",
    "\u2063",
    "\u180e",
    "\U000e0041",
    "\u3164",
    "\u2800",
    "\ufe0f",
)
NOBODY = (
    *UNSEEN,
    *(
        ".",
        "-",
        "—",
        "…",
        "?",
        "©",
        "(c)",
        "📷",
        "\u0301\u0301",
        "\u02d0",
        "2026",
        "© 2026",
        "IMG_1234",
    ),
    *(
        "n/a",
        *(
            "u n k n o w n",
            "u.n.k.n.o.w.n",
            "not sure",
            "no idea",
            "various sources",
            "see caption",
        ),
        *("as above", "Photo: me", "Foto: saya", "no credit needed", "others", "ok", "No one"),
        "N.A.",
        "unknown",
        "ＵＮＫＮＯＷＮ",
        "unk\u200bnown",
        "unknоwn",
        "none",
        "nil",
        "null",
        "tbd",
    ),
    *("Photo:", "Photo: ", "Photo: …", "Photo by", "Photo courtesy of", "Credit: -", "Foto: tiada"),
    *("tidak diketahui", "Foto: tidak diketahui", "tiada", "tanpa nama", "Hak cipta terpelihara"),
    *(
        "All rights reserved",
        "anonymous",
        "Source: internet",
        "from the web",
        "own work",
        "xxx",
        "aaaa",
    ),
    *("test", "x", "don't know", "I don't know", "to be confirmed", "your name", "[photographer]"),
    *("未知", "佚名"),
)
SOMEBODY = (
    *("Photo: A. Maker", "Example Agency", "© 2026 Example Agency", "AA", "AP", "Li", "李", "Ng"),
    *("Photo: a friend", "Photo: Don", "Ada", "An", "Siti binti Ali", "Bernama", "500px", "9GAG"),
    *("Foto: Unit Komunikasi Korporat", "صورة: أحمد", "படம்: ராஜா", "Фото: Иван", "Photo: O'Neil"),
    *("Wikimedia Commons", "NASA", "Photo: Google", "Web Gallery of Art", "Test Pilot Studio"),
)


@pytest.mark.parametrize("text", NOBODY)
def test_a_credit_line_that_names_nobody_is_refused(text: str) -> None:
    assert names_nobody(text)
    if text.strip():
        with pytest.raises(UsageProblem, match="names nobody") as caught:
            check_credit(text)
        assert "Example Agency" in caught.value.advice


@pytest.mark.parametrize("text", SOMEBODY)
def test_a_name_in_any_script_is_one(text: str) -> None:
    assert not names_nobody(text)
    check_credit(text)


def test_a_blank_credit_line_is_none() -> None:
    check_credit("")
    check_credit(" \u00a0")


@pytest.mark.parametrize("text", [*UNSEEN, "-", "n/a", "unknown", "tbd", "tiada", "7", "??"])
def test_nobody_signs_with_a_placeholder(text: str) -> None:
    assert unsigned(text)
    assert list(bad_name("The giver", text))


@pytest.mark.parametrize("text", ["A", "Dr Siti", "the web editor", "李", "Head of unit", "Ada"])
def test_an_initial_or_a_post_signs(text: str) -> None:
    assert not unsigned(text)
    assert list(bad_name("The giver", text)) == []


def test_what_a_camera_writes_is_a_placeholder_and_a_year_is_not() -> None:
    assert placeholder("OLYMPUS DIGITAL CAMERA")
    assert placeholder("un\u200bknown")
    assert not placeholder("Copyright 2005")
    assert legible("é")
    assert not legible("\u200b\u2800")


def test_the_owner_is_named_or_nobody() -> None:
    assert Policy(owner=Owner(name=" ")).watermark_text(2026) == "© 2026 · not for reuse"
    for name in ("\u200b", "n/a", "-"):
        with pytest.raises(PolicyProblem, match="names nobody"):
            Policy(owner=Owner(name=name))
        with pytest.raises(PolicyProblem, match="names nobody"):
            Policy(profile=Profile.OFFICIAL, owner=Owner(responsible=name))


def test_the_watermark_is_checked_as_it_is_drawn() -> None:
    with pytest.raises(PolicyProblem, match="identity number"):
        Policy(owner=Owner(name="14-5566 Ali"), watermark=WatermarkRules("880101-{owner}"))
    with pytest.raises(PolicyProblem, match="can read"):
        WatermarkRules("\u3164")
    with pytest.raises(PolicyProblem, match="IMU"):
        Policy(owner=Owner(name="I\u200bＭU"))
    with pytest.raises(PolicyProblem, match="posted"):
        Policy(profile=Profile.OFFICIAL, owner=Owner(responsible="Dr A", role="call 012-345 6789"))


def test_one_person_is_one_in_every_spelling() -> None:
    assert same_person("Dr Siti", "dr  S\u200bｉti")
    assert not same_person("Dr Siti", "Dr Sita")
