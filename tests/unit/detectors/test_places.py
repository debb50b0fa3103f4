from __future__ import annotations

import numpy as np
import pytest

from imu_imageprep.detectors.places import Places, metres
from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.finding import Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Place, Policy
from imu_imageprep.domain.policy_file import parse

PHOTO = Photo(np.zeros((4, 4, 3), np.uint8), Size(4, 4))
CLINIC = Place("Teaching clinic", "the director", 3.05, 101.69, 250)


def look(position: tuple[float, float] | None) -> Looked:
    return Places((CLINIC, Place("Only a name"))).look(PHOTO, Metadata(position=position))


@pytest.mark.parametrize(
    ("position", "found"),
    [
        ((3.05, 101.69), True),
        ((3.052, 101.69), True),
        ((3.053, 101.69), False),
        ((3.05, -101.69), False),
        (None, False),
    ],
)
def test_a_photo_inside_is_found(position: tuple[float, float] | None, *, found: bool) -> None:
    answer = look(position)
    assert [f.label for f in answer.findings] == (["Teaching clinic"] if found else [])
    assert answer.score == float(found)


def test_distances() -> None:
    assert metres((0, 0), (0, 1)) == pytest.approx(111_195, rel=1e-3)
    assert metres((0, 179.9999), (0, -179.9999)) == pytest.approx(22, abs=1)
    assert metres((90, 0), (90, 123)) == pytest.approx(0, abs=1e-3)


def test_places_are_read_from_the_configuration() -> None:
    text = '[[places]]\nname = "A"\n[[places]]\nname = "B"\nlatitude = 3\nlongitude = 101.5\n'
    assert parse(text, Policy(), "here").places == (Place("A"), Place("B", "", 3, 101.5))


@pytest.mark.parametrize(
    "text",
    [
        'places = "A"',
        "[[places]]\nauthority = 'x'",
        "[[places]]\nname = 'A'\nlatitude = 3",
        "[[places]]\nname = 'A'\nlatitude = 'north'\nlongitude = 1",
        "[[places]]\nname = 'A'\ncolour = 'red'",
        "[[places]]\nname = 'A'\nradius = 0",
        "[[places]]\nname = 'A'\nradius = true",
    ],
)
def test_a_mistake_in_a_place_is_said(text: str) -> None:
    with pytest.raises(PolicyProblem):
        parse(text, Policy(), "here")
