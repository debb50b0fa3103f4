from __future__ import annotations

import numpy as np
import pytest

from imu_imageprep.detectors.clinical import grey_reason


def radiograph(tint: int = 0, border: int = 10) -> np.ndarray:
    y, x = np.mgrid[-1:1:300j, -1:1:240j]
    light = border + 180 * np.exp(-3 * (x * x + y * y))
    return np.stack([light, light, light + tint], axis=2).clip(0, 255).astype(np.uint8)


def test_a_grey_picture_with_dark_borders_says_so() -> None:
    assert grey_reason(radiograph()) == "100% grey with dark borders, like a radiograph"


@pytest.mark.parametrize(
    "pixels", [radiograph(tint=30), radiograph(border=120), np.full((1, 1, 3), 200, np.uint8)]
)
def test_colour_or_light_borders_say_nothing(pixels: np.ndarray) -> None:
    assert grey_reason(pixels) is None
