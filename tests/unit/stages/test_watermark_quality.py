"""Outside its mark a picture looks as it did, also after it is encoded."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sample_logos import seal

from imu_imageprep.domain.photo import Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules, Position, WatermarkRules
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.watermark import Logo, watermark

MARK, CREDIT = "© 2026 Tan Mei Ling", "Photo: Nguyễn Thị Ánh Tuyết, CC BY 4.0"


def natural(width: int, height: int) -> Photo:
    """Detail at every scale, as in a photo."""
    rng = np.random.default_rng(5)
    total = np.zeros((height, width, 3), np.float32)
    for cells in (3, 8, 24, 80, 200):
        small = rng.normal(0, 60 / cells**0.4, (cells, cells, 3)).astype(np.float32)
        total += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    pixels = np.clip(128 + total, 0, 255).astype(np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Structural similarity around each pixel of the light (Wang et al. 2004: sigma 1.5)."""

    def blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float64)

    x, y = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (one, other))
    mx, my = blurred(x), blurred(y)
    vx, vy, vxy = blurred(x * x) - mx**2, blurred(y * y) - my**2, blurred(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mx * my + c1) * (2 * vxy + c2)
    return np.asarray(top / ((mx**2 + my**2 + c1) * (vx + vy + c2)))


def decoded(photo: Photo, form: Format) -> NDArray[np.uint8]:
    data = encode(photo, ExportRules(format=form)).data
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("size", [(800, 600), (450, 600)])
@pytest.mark.parametrize("logo", [None, Logo(np.asarray(seal(side=300)), "")])
@pytest.mark.parametrize("position", [Position.BOTTOM_RIGHT, Position.CENTER, Position.TILE])
def test_outside_its_mark_the_picture_is_as_it_was(
    position: Position, logo: Logo | None, size: tuple[int, int]
) -> None:
    photo = natural(*size)
    marked = watermark(photo, MARK, WatermarkRules(position=position), CREDIT, logo)
    touched = (marked.pixels != photo.pixels).any(axis=-1)
    # What JPEG spreads: blocks of 16 pixels, 2 for its colours, 5 for the window of the measure.
    near = cv2.dilate(touched.astype(np.uint8), np.ones((47, 47), np.uint8)).astype(bool)
    similar = ssim(decoded(photo, Format.JPEG), decoded(marked, Format.JPEG))

    assert similar[~near].min() > 0.9999
    assert similar[touched].mean() < 0.99  # and the mark is seen
    if position is not Position.TILE:
        assert near.mean() < 0.35
