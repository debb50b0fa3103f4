from __future__ import annotations

import numpy as np
import pytest

from imu_imageprep.detectors.places import Places, metres
from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.finding import Looked
from imu_imageprep.domain.metadata import NOWHERE, POSITION_NOT_READ, Metadata, Position
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Place, Policy
from imu_imageprep.domain.policy_file import parse

PHOTO = Photo(np.zeros((4, 4, 3), np.uint8), Size(4, 4))
CLINIC = Place("Teaching clinic", "the director", 3.05, 101.69, 250)


OTHER = Place("Other clinic", "", -3.05, -101.69, 250)


def look(*positions: Position, places: tuple[Place, ...] = (CLINIC,)) -> Looked:
    return Places((*places, Place("Only a name"))).look(PHOTO, Metadata(positions=positions))


def told(looked: Looked) -> list[tuple[str | None, str | None]]:
    return [(finding.label, finding.reason) for finding in looked.findings]


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
    answer = look(Position((position,))) if position else look()
    assert told(answer) == ([("Teaching clinic", None)] if found else [])
    assert answer.score == float(found)


def test_no_statement_hides_another() -> None:
    far, here = Position(((0.0, 0.0),)), Position(((3.05, 101.69),))
    assert told(look(far, here)) == told(look(here, far)) == [("Teaching clinic", None)]


def test_a_position_that_may_be_inside_is_found_and_says_why() -> None:
    signs = Position(tuple((lat, lon) for lat in (3.05, -3.05) for lon in (101.69, -101.69)))
    assert told(look(signs, places=(OTHER,))) == [("Other clinic", POSITION_NOT_READ)]
    assert told(look(signs, places=(Place("Far", "", 50, 8),))) == []
    # What is sure needs no such words.
    assert told(look(signs, Position(((3.05, 101.69),)))) == [("Teaching clinic", None)]


@pytest.mark.parametrize(
    ("reading", "found"),
    [((3.05, None), True), ((4.0, None), False), ((None, 101.69), True), ((None, 103.0), False)],
)
def test_half_a_position_may_be_inside(
    reading: tuple[float | None, float | None], *, found: bool
) -> None:
    expected = [("Teaching clinic", POSITION_NOT_READ)] if found else []
    assert told(look(Position((reading,)))) == expected


@pytest.mark.parametrize(
    ("reading", "found"),
    [
        ((77.2, 28.6), True),  # both can be a latitude
        ((77.2, None), True),
        ((None, 28.6), True),  # no latitude is above 90
        ((76.2, 28.6), False),
        ((-28.6, 77.2), False),
    ],
)
def test_the_longitude_may_come_first(
    reading: tuple[float | None, float | None], *, found: bool
) -> None:
    hospital = Place("Hospital", "", 28.6, 77.2, 250)
    expected = [("Hospital", POSITION_NOT_READ)] if found else []
    assert told(look(Position((reading,)), places=(hospital,))) == expected
    swapped = Position(((None, 3.05),))
    assert told(look(swapped)) == [("Teaching clinic", POSITION_NOT_READ)]


def test_a_position_that_cannot_be_read_may_be_in_any_place() -> None:
    assert told(look(NOWHERE)) == [("Teaching clinic", POSITION_NOT_READ)]
    assert told(look(NOWHERE, places=(CLINIC, OTHER))) == [(None, POSITION_NOT_READ)]
    assert told(look(NOWHERE, places=())) == []


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
