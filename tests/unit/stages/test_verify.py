from __future__ import annotations

import dataclasses
import hashlib
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.domain.errors import InputProblem, VerifyProblem
from imu_imageprep.domain.photo import EXPORT_FORMATS, Encoded, Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.verify import inspect, verify

NEEDLE = b"patient 4711"
SIDES = Size(45, 31)


def noise(size: Size = SIDES) -> Photo:
    pixels = np.random.default_rng(3).integers(0, 256, (size.height, size.width, 3), np.uint8)
    return Photo(pixels, size)


def clean(form: Format) -> Encoded:
    return encode(noise(), ExportRules(format=form))


JPEG = clean(Format.JPEG).data


def saved(mode: str, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels).convert(mode)
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_what_the_encoder_makes_is_verified(form: Format) -> None:
    encoded = clean(form)
    verified = verify(encoded)
    assert verified.data == encoded.data
    assert (verified.format, verified.size, verified.dpi) == (form, SIDES, 72)
    assert verified.sha256 == hashlib.sha256(encoded.data).hexdigest()


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_another_size_than_asked_for_is_refused(form: Format) -> None:
    turned = dataclasses.replace(clean(form), size=Size(SIDES.height, SIDES.width))
    with pytest.raises(VerifyProblem, match="size"):
        verify(turned)


@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG])
def test_another_format_than_asked_for_is_refused(form: Format) -> None:
    with pytest.raises(VerifyProblem, match="not a webp"):
        verify(Encoded(clean(form).data, Format.WEBP, SIDES))


@pytest.mark.parametrize("data", [b"", b"\xff", NEEDLE, b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(VerifyProblem, match="not a jpeg"):
        verify(Encoded(data, Format.JPEG, SIDES))


def without_density(form: Format) -> bytes:
    """An export without the place where its density stands: JFIF segment, pHYs chunk."""
    data = clean(form).data
    start, length = (2, 18) if form is Format.JPEG else (data.index(b"pHYs") - 4, 21)
    return data[:start] + data[start + length :]


@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG])
def test_an_export_without_its_density_is_refused_though_it_hides_nothing(form: Format) -> None:
    bare = without_density(form)
    assert inspect(bare) == ()
    with pytest.raises(VerifyProblem, match="does not state 72 dpi"):
        verify(Encoded(bare, form, SIDES))


@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG])
def test_an_export_with_another_density_is_refused_and_told_of(form: Format) -> None:
    denser = saved("RGB", form.value.upper(), dpi=(96, 96))
    (told,) = inspect(denser)
    assert "72 dpi" in told
    with pytest.raises(VerifyProblem, match="72 dpi"):
        verify(Encoded(denser, form, SIDES))


def test_leftovers_are_named_but_never_quoted() -> None:
    with pytest.raises(VerifyProblem) as caught:
        verify(Encoded(JPEG[:20] + b"\xff\xfe\0\x0e" + NEEDLE + JPEG[20:], Format.JPEG, SIDES))
    assert "a comment" in caught.value.message
    assert NEEDLE.decode() not in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        saved("L", "JPEG", dpi=(72, 72)),
        saved("CMYK", "JPEG", dpi=(72, 72)).replace(b"\xff\xee\0\x0eAdobe\0d\0\0\0\0\0", b""),
        saved("RGB", "JPEG", dpi=(72, 72), subsampling="4:4:4", quality=100),
        saved("RGB", "JPEG", dpi=(72, 72), subsampling="4:2:2", restart_marker_rows=1),
        saved("RGB", "JPEG", dpi=(72, 72), restart_marker_blocks=1),
        saved("RGB", "JPEG", dpi=(72, 72), progressive=True),
        saved("L", "PNG"),
        saved("1", "PNG"),
        saved("P", "PNG", dpi=(72, 72), transparency=3),
        saved("LA", "PNG"),
        saved("RGBA", "PNG"),
        saved("I;16", "PNG"),
        saved("RGB", "WEBP", lossless=True),
        saved("RGBA", "WEBP", lossless=True),
    ],
)
def test_plain_pictures_from_elsewhere_are_clean(data: bytes) -> None:
    assert inspect(data) == ()


@pytest.mark.parametrize("data", [b"", b"\0", b"\x89PNG", b"GIF89a", b"RIFF\4\0\0\0WAVE", b"RIFF"])
def test_other_files_are_an_input_problem(data: bytes) -> None:
    with pytest.raises(InputProblem, match="not a JPEG, PNG or WebP"):
        inspect(data)


def test_a_file_too_large_to_check_is_not_clean() -> None:
    assert inspect(JPEG + bytes(64 << 20)) == ("a file too large to check",)
