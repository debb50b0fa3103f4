from __future__ import annotations

from typing import Any

import pytest

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.finding import Finding, Flag
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.domain.policy import (
    ClinicalRules,
    ExportRules,
    FaceRules,
    Flags,
    Level,
    Limits,
    Official,
    Owner,
    Policy,
    Profile,
    WatermarkRules,
    strictest,
)

OFFICIAL: dict[str, Any] = {
    "profile": Profile.OFFICIAL,
    "owner": Owner(name="IMU", responsible="the web editor"),
}


def test_everything_built_holds_by_default() -> None:
    policy = Policy()
    assert policy.not_checked == ()
    assert [policy.flags.level(f) for f in (Flag.FACE, Flag.CLINICAL, Flag.SOURCE)] == [
        Level.HOLD
    ] * 3


@pytest.mark.parametrize("clinical", Level)
@pytest.mark.parametrize("doubt", Level)
def test_a_doubt_is_never_stricter_than_what_it_is_about(clinical: Level, doubt: Level) -> None:
    flags = Flags(clinical=clinical, doubt=doubt)
    found = Finding("doubt", 0.4)
    level = flags.level(Flag.DOUBT)
    assert flags.level_of(Flag.CLINICAL, found) is level
    assert strictest((level, clinical)) is clinical
    assert strictest((level, doubt)) is doubt
    assert flags.level_of(None, found) is Level.HOLD  # somebody else's detector
    told = Policy(flags=flags).not_checked
    assert ("doubt" in told, "clinical" in told) == (
        doubt is not Level.HOLD,
        clinical is not Level.HOLD,
    )


def test_a_third_partys_detector_always_holds() -> None:
    assert Flags(Level.OFF, Level.OFF, Level.OFF, Level.OFF).level(None) is Level.HOLD


@pytest.mark.parametrize(
    "broken",
    [
        lambda: ExportRules(size=Size(0, 600)),
        lambda: ExportRules(dpi=300),
        lambda: ExportRules(format=Format.GIF),
        lambda: ExportRules(quality=0),
        lambda: WatermarkRules(opacity=0.0),
        lambda: WatermarkRules(text="ring 012-345 6789"),
        lambda: Limits(megapixels=0),
        lambda: FaceRules(-1),
        lambda: FaceRules(101),
        lambda: ClinicalRules(1.5),
        lambda: ClinicalRules(doubt=-0.1),
        lambda: Official(logo_sha256=("abc",)),
        lambda: Policy(channel="My Page!"),
        lambda: Policy(owner=Owner(name="IMU Health")),
        lambda: Policy(watermark=WatermarkRules(text="International Medical University")),
        lambda: Policy(watermark=WatermarkRules(logo="logo.png")),
        lambda: Policy(profile=Profile.OFFICIAL),
        lambda: Policy(**OFFICIAL, watermark=WatermarkRules(logo="logo.png")),
    ],
)
def test_a_bad_value_is_refused_when_it_is_made(broken: Any) -> None:
    with pytest.raises(PolicyProblem):
        broken()


def test_the_official_profile_may_carry_the_name() -> None:
    assert Policy(**OFFICIAL).watermark_text(2026) == "© 2026 IMU"


def test_a_word_that_holds_the_letters_is_no_mark() -> None:
    assert (
        Policy(owner=Owner(name="Maximum Impact")).watermark_text(2026) == "© 2026 Maximum Impact"
    )


def test_without_an_owner_the_mark_forbids_reuse() -> None:
    assert Policy().watermark_text(2026) == "© 2026 · not for reuse"


def test_the_digest_follows_every_value() -> None:
    assert Policy().digest() == Policy().digest()
    assert Policy().digest() != Policy(flags=Flags(face=Level.NOTE)).digest()
    assert Policy().digest() != Policy(limits=Limits(seconds=61)).digest()


def test_the_digest_holds_the_logos_bytes_and_not_its_path() -> None:
    listed = Official(logo_sha256=("0" * 64,))
    here, there = (
        Policy(**OFFICIAL, official=listed, watermark=WatermarkRules(logo=path))
        for path in ("a/logo.png", "b/logo.png")
    )
    assert here.digest("1" * 64) == there.digest("1" * 64) != here.digest("2" * 64)
    assert here.digest("1" * 64) != Policy(**OFFICIAL, official=listed).digest()
