"""The extra ``register`` installs and works: dlib prebuilt, models present, an encoding made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PORTRAIT = Path(__file__).parents[2] / "samples" / "portrait.jpg"


# face_recognition_models still asks pkg_resources where its files are.
@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated", "ignore::DeprecationWarning")
def test_an_encoding_is_made() -> None:
    import face_recognition  # noqa: PLC0415  (quits the interpreter where pkg_resources is missing)

    pixels = np.asarray(Image.open(PORTRAIT).convert("RGB"))
    (encoding,) = face_recognition.face_encodings(pixels)
    assert encoding.shape == (128,)
    assert face_recognition.compare_faces([encoding], encoding) == [np.True_]
