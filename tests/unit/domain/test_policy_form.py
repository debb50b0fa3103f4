from __future__ import annotations

import re

import pytest

from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import Level, Place, Policy
from imu_imageprep.domain.policy_file import keys
from imu_imageprep.domain.policy_form import ABOUT, place, template, toml


def test_a_new_configuration_changes_nothing() -> None:
    assert Policy.from_toml(template()) == Policy()


def test_its_settings_are_the_defaults() -> None:
    settings = re.sub(r"^#(?! )", "", template(), flags=re.MULTILINE)
    policy = Policy.from_toml(settings)
    assert policy.replace(places=()) == Policy()
    assert policy.places == (Place("Teaching clinic", "the clinic's director", 3.05, 101.69, 250),)
    for key in keys(Policy()):
        assert f"{key.rpartition('.')[2]} = " in settings or key == "places"


def test_it_explains_every_key() -> None:
    assert set(ABOUT) == set(keys(Policy())) - {"places"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Level.HOLD, '"hold"'),
        (Size(800, 600), "[800, 600]"),
        ('a "b" \\ © \x1b[31m\x7f', r'"a \"b\" \\ © \u001b[31m\U0000007f"'),
        (("a", "b"), '["a", "b"]'),
        (0.6, "0.6"),
    ],
)
def test_values_as_toml(value: object, text: str) -> None:
    assert toml(value) == text


def test_a_place_as_toml() -> None:
    here = Place("A", "", 3.0, 101.5)
    text = "\n".join([*place(here), *place(Place("B"))])
    assert Policy.from_toml(text).places == (here, Place("B"))
