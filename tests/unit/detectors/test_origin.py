from __future__ import annotations

import numpy as np
import pytest

from imu_imageprep.detectors import built_in
from imu_imageprep.detectors.credit import Origin
from imu_imageprep.domain.finding import Finding, Looked
from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Flags, Level, Policy

PHOTO = Photo(np.zeros((2, 2, 3), np.uint8), Size(2, 2))
ASKED = Looked((Finding("source", 1.0, None, "no camera data"),), 1.0)


@pytest.mark.parametrize(
    "present",
    [
        frozenset(),
        frozenset({Category.DATE, Category.SOFTWARE}),
        frozenset({Category.COMMENT, Category.PROFILE, Category.THUMBNAIL}),
    ],
    ids=["nothing", "an editor's", "a messenger's"],
)
def test_a_picture_without_camera_data_is_asked_about(present: frozenset[Category]) -> None:
    assert Origin().look(PHOTO, Metadata(present)) == ASKED


@pytest.mark.parametrize(
    "metadata",
    [
        Metadata(frozenset({Category.CAMERA})),
        Metadata(frozenset({Category.SERIAL})),
        Metadata(frozenset({Category.GPS})),
        Metadata(credits=(Credit(CreditField.CREATOR, "Somebody"),)),
    ],
    ids=["camera", "serial", "gps", "named"],
)
def test_a_picture_that_says_where_it_is_from_is_not(metadata: Metadata) -> None:
    assert Origin().look(PHOTO, metadata) == Looked((), 0.0)


@pytest.mark.parametrize("level", Level)
def test_it_is_at_work_where_the_policy_holds_for_it(level: Level) -> None:
    names = [one.name for one in built_in(Policy(flags=Flags(unknown_source=level)))]
    assert ("origin" in names) == (level is Level.HOLD)
