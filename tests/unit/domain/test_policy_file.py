from __future__ import annotations

from pathlib import Path

import pytest

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.policy import Level, Policy
from imu_imageprep.domain.policy_file import keys, parse

TOP = "# mine\n\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('chanel = "web"', 3, "chanel is not a key of the configuration. Did you mean channel?"),
        ("[flags]\nface = 'hold'\nfaces = 'note'", 5, "Did you mean flags.face?"),
        ("[flags]\nface = 'hodl'", 4, 'one of hold, note, off. Did you mean "hold"?'),
        ("[flags]\nface = 'HOLD'", 4, 'Did you mean "hold"?'),
        ("quality = 80", 3, "quality is not a key of the configuration. Write it under [export]."),
        ("[flags]\nchannel = 'web'", 4, "Write it above the first [section]."),
        ("[owner]\nphone = '1'", 4, "The keys of [owner] are: name, responsible, role, contact."),
        ("zzz = 1", 3, "The keys are: profile, channel, owner, export"),
        ("[export]\n# x\nsize = [\n800,\n]", 5, "export.size must be two whole numbers"),
        ("[export]\nsize = [800, 0]", 4, "whole numbers from 1 to 20000"),
        ("[export]\nformat = 'gif'\nquality = 99", 4, "export.format must be jpeg, png or webp"),
        ("[export]\nquality = 99", 4, "export.quality must be a whole number from 1 to 95"),
        ("[watermark]\ntext = 'ring 012-345 6789'", 4, "watermark.text looks like"),
        ("[owner]\nname = 'IMU'", 4, "must not carry IMU's name (owner.name)"),
        ("[watermark]\n\nlogo = 'a.png'", 5, "must not carry a logo (watermark.logo)"),
        ("profile = 'official'", 3, "The official profile needs owner.responsible"),
        ("channel = 'My page'", 3, "channel must be a short name"),
        ("owner = 'me'", 3, "write [owner] on a line of its own"),
        ("[[places]]\nname = 'A'\n[[places]]\nname = 'B'\nlatitude = 3", 7, "come together"),
        ("[[places]]\nname = 'A'\n[[places]]\nradius = 3", 5, "places.name is missing"),
        ("[[places]]\nname = 'A'\nlatitud = 3", 5, "places.latitud is not a key"),
        ("[owner]\nname = Tan", 4, "this is not valid TOML (invalid value, at column 8)."),
        ("[export", 3, "this is not valid TOML (expected ']'"),
        ("[owner]\nname = 'a'\nname = 'b'", 5, "this is not valid TOML (cannot overwrite a value"),
    ],
)
def test_a_mistake_points_at_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        parse(TOP + text, Policy(), "office.toml")
    assert caught.value.message.startswith(f"office.toml:{line}: ")
    assert says in caught.value.message


def test_the_keys_of_a_policy() -> None:
    values = keys(Policy())
    assert values["flags.face"] is Level.HOLD
    assert values["channel"] == "web"
    assert values["places"] == ()


def test_a_policy_from_text_and_from_a_path(tmp_path: Path) -> None:
    text = 'channel = "campus"\n[flags]\nface = "note"\n'
    file = tmp_path / "office.toml"
    file.write_text(text, "utf-8")
    policy = Policy.from_toml(text)
    assert policy == Policy.from_toml(file)
    assert (policy.channel, policy.flags.face) == ("campus", Level.NOTE)


def test_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="could not be read"):
        Policy.from_toml(tmp_path / "none.toml")
    with pytest.raises(PolicyProblem, match=r"^the configuration:2: b is not a key"):
        Policy.from_toml("channel = 'a'\nb = 1")
