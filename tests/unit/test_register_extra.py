"""The extra ``register`` installs and works: dlib prebuilt, models present, an encoding made."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.register.library import load

PORTRAIT = Path(__file__).parents[2] / "samples" / "portrait.jpg"


@pytest.mark.skipif(
    sys.platform == "win32" and importlib.util.find_spec("dlib") is None,
    reason="the extra register is not installed",
)
def test_an_encoding_is_made() -> None:
    # Loaded with care, as the product does: by itself it tells Pillow to take pictures cut off.
    face_recognition = load()
    pixels = np.asarray(Image.open(PORTRAIT).convert("RGB"))
    (encoding,) = face_recognition.face_encodings(pixels)
    assert encoding.shape == (128,)
    assert face_recognition.compare_faces([encoding], encoding) == [np.True_]
