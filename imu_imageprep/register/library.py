"""face_recognition and dlib, loaded late, with care, and never without their own models.

Three things that loading ``face_recognition`` does must not reach the rest of the process:

- Where its models or ``pkg_resources`` are missing it calls ``quit()``, which closes standard input
  and ends the process. So the models' package is loaded first, and ``face_recognition`` only when
  that went well.
- It tells Pillow to accept pictures that are cut off. That is set back.
- It warns on every start that ``pkg_resources`` is old.

A process loads it once, in about a second, and only when a face is to be measured.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import warnings
from importlib import import_module, util
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import ModelProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

# What face_recognition_models 0.3.0 holds. face_recognition reads all four when it is loaded, so
# all four are checked; the first two are the ones that measure (dlib.net, Davis King).
MODELS: Mapping[str, str] = MappingProxyType(
    {
        "dlib_face_recognition_resnet_model_v1.dat": (
            "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
        ),
        "shape_predictor_5_face_landmarks.dat": (
            "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
        ),
        "shape_predictor_68_face_landmarks.dat": (
            "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f"
        ),
        "mmod_human_face_detector.dat": (
            "4cb19393e2fbaf2b1609a9319ad5386618c886a6234ec1b971f3e87c85d87fe6"
        ),
    }
)
# Templates of another network cannot be compared, so they are kept with the version of theirs.
MODEL = MODELS["dlib_face_recognition_resnet_model_v1.dat"][:12]

_PACKAGES = ("dlib", "pkg_resources", "face_recognition_models", "face_recognition")
_ADD = "imageprep doctor says what to type to add it; the rest works without."

# dlib's networks are not made to be used by two threads at once.
_one_at_a_time = threading.Lock()


class RegisterProblem(ModelProblem):
    """Faces cannot be compared on this computer as it is; everything else works."""

    default_advice = _ADD


def check(packages: tuple[str, ...] = _PACKAGES, models: Path | None = None) -> None:
    """See that everything is there and is what it should be, without loading any of it.

    Args:
        packages: the packages that are needed.
        models: the folder of the models; by default where their package lies.

    Raises:
        RegisterProblem: a package is missing, or a model is missing or is another one.
    """
    for name in packages:
        if util.find_spec(name) is None:
            raise RegisterProblem(f"Nobody can be recognised: the package {name} is missing.")
    if models is None:
        spec = util.find_spec("face_recognition_models")
        assert spec is not None
        assert spec.origin is not None
        models = Path(spec.origin).parent / "models"
    for name, listed in MODELS.items():
        try:
            with (models / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as problem:
            raise RegisterProblem(f"The model file {name} is missing.") from problem
        if found != listed:
            raise RegisterProblem(f"The model file {name} is not the listed one (sha256 differs).")


def load() -> Any:
    """The module ``face_recognition``, checked and loaded once per process.

    Raises:
        RegisterProblem: something is missing, damaged, or does not load.
    """
    with _one_at_a_time:
        return _loaded()


@functools.cache
def _loaded() -> Any:
    from PIL import ImageFile  # noqa: PLC0415  (a front end that lists people needs no pictures)

    check()
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # In this order: without the models the second would end the process.
            import_module("face_recognition_models")
            return import_module("face_recognition")
    except (Exception, SystemExit) as problem:
        raise RegisterProblem(
            f"Nobody can be recognised: face_recognition does not load ({type(problem).__name__})."
        ) from problem
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = strict


def measured(
    pixels: Any, places: list[tuple[int, int, int, int]]
) -> list[tuple[tuple[float, ...], dict[str, list[tuple[int, int]]]]]:
    """Measure faces.

    Args:
        pixels: uint8 RGB, shape (height, width, 3), contiguous.
        places: top, right, bottom, left of each face in pixels, as face_recognition has them.

    Returns:
        Of each face its 128 numbers, and its landmarks: corners of both eyes, bottom of the nose.

    Raises:
        RegisterProblem: as :func:`load`.
    """
    library = load()
    with _one_at_a_time:
        encodings = library.face_encodings(pixels, places, num_jitters=1, model="small")
        landmarks = library.face_landmarks(pixels, places, model="small")
    return [
        (tuple(float(number) for number in encoding), marks)
        for encoding, marks in zip(encodings, landmarks, strict=True)
    ]
