"""A JPEG without its end marker: the whole picture, or a cut one."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.read import from_bytes

NOTE = "its end marker is missing; the whole picture is there"

_NOISE = np.random.default_rng(7).integers(0, 60, (160, 240, 3))
_Y, _X = np.mgrid[0:160, 0:240]
PICTURE = Image.fromarray(
    (np.stack([_X * 0.8, _Y * 1.2, 190 - _X * 0.7], -1) + _NOISE).clip(0, 255).astype(np.uint8)
)

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("RGB", {}),
    "fine": ("RGB", {"quality": 97, "subsampling": 0}),
    "optimised": ("RGB", {"optimize": True}),
    "progressive": ("RGB", {"progressive": True}),
    "restarts": ("RGB", {"restart_marker_blocks": 5}),
    "progressive restarts": ("L", {"progressive": True, "restart_marker_blocks": 3}),
    "grey": ("L", {}),
    "cmyk": ("CMYK", {}),
}

_BLOCK = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000"


def _samsung() -> bytes:
    size = len(_BLOCK).to_bytes(4, "little")
    directory = b"SEFH" + (107).to_bytes(4, "little") + (1).to_bytes(4, "little")
    directory += b"\0\0\x01\x0a" + size + size
    return _BLOCK + directory + len(directory).to_bytes(4, "little") + b"SEFT"


TRAILERS = {
    "nothing": b"",
    "half of it": b"\xff",
    "zeros": bytes(300),
    "erased storage": b"\xff" * 300,
    "Samsung's blocks": _samsung(),
    "a video": b"\0\0\0\x18ftypmp42" + bytes(range(255)) * 8,
}


def jpeg(kind: str) -> bytes:
    mode, options = KINDS[kind]
    out = io.BytesIO()
    PICTURE.convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def decoded(data: bytes, long_side: int = 960) -> Photo:
    return decode(from_bytes(data, Limits()), Metadata(), long_side, Limits())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trailer", TRAILERS)
def test_the_marker_alone_is_missing(kind: str, trailer: str) -> None:
    whole = jpeg(kind)
    photo = decoded(whole[:-2] + TRAILERS[trailer])
    assert (photo.pixels == decoded(whole).pixels).all()
    assert photo.notes == (NOTE,)
    assert decoded(whole[:-2], long_side=60).notes == (NOTE,)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("missing", [6, 30, 400])
def test_more_is_missing(kind: str, trailer: str, missing: int) -> None:
    with pytest.raises(InputProblem, match=r"cut off|damaged"):
        decoded(jpeg(kind)[:-missing] + TRAILERS[trailer])


@pytest.mark.parametrize("kind", ["restarts", "progressive restarts"])
@pytest.mark.parametrize("which", [0, 3, -1])
def test_a_cut_at_a_restart(kind: str, which: int) -> None:
    whole = jpeg(kind)
    at = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", whole)][which]
    for end in (at, at + 1, at + 2):
        with pytest.raises(InputProblem, match="cut off"):
            decoded(whole[:end])


def test_a_cut_between_scans() -> None:
    whole = jpeg("progressive")
    for found in re.finditer(rb"\xff\xda", whole):
        with pytest.raises(InputProblem, match=r"cut off|damaged"):
            decoded(whole[: found.start()])


def test_a_second_picture_does_not_stand_for_the_missing_marker() -> None:
    whole, second = jpeg("baseline"), jpeg("grey")
    assert decoded(whole[:-2] + second).notes == (NOTE,)
    with pytest.raises(InputProblem):
        decoded(whole[:-300] + second)
    assert decoded(whole + second).notes == ()


def _grey(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=100)
    return out.getvalue()


@pytest.mark.parametrize("trailer", [b"", b"\xff", bytes(300), b"\xff" * 300])
def test_the_last_byte_is_all_ones(trailer: bytes) -> None:
    whole = next(one for one in map(_grey, range(3000)) if one[-4:-2] == b"\xff\0")
    photo = decoded(whole[:-2] + trailer)
    assert (photo.pixels == decoded(whole).pixels).all()
    assert photo.notes == (NOTE,)


def test_a_png_that_breaks_off_in_its_end_chunk() -> None:
    out = io.BytesIO()
    PICTURE.save(out, "PNG")
    whole = out.getvalue()
    for missing in (1, 4, 12):
        assert (decoded(whole[:-missing]).pixels == decoded(whole).pixels).all()
    with pytest.raises(InputProblem, match="cut off"):
        decoded(whole[:-13])
