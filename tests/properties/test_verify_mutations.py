"""Whatever is put between the parts of a clean file is reported; clean files stay clean."""

from __future__ import annotations

import io
import struct
import zlib
from unittest import mock

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.verify import inspect, jpeg_entropy, verify

FORMATS = st.sampled_from(EXPORT_FORMATS)


def photo(width: int, height: int, contrast: int, seed: int) -> Photo:
    """Noise around middle grey; contrast 0 is one flat colour."""
    values = np.random.default_rng(seed).normal(128, contrast, (height, width, 3))
    return Photo(values.clip(0, 255).astype(np.uint8), Size(width, height))


def parts(data: bytes, form: Format) -> list[bytes]:
    """The file cut at every segment or chunk boundary."""
    split = {Format.JPEG: _segments, Format.PNG: _chunks, Format.WEBP: _pieces}[form](data)
    assert b"".join(split) == data
    return split


def _segments(data: bytes) -> list[bytes]:
    out, at = [data[:2]], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        out.append(data[at:end])
        at = end
    return [*out, data[at:-2], data[-2:]]


def _chunks(data: bytes) -> list[bytes]:
    out, at = [data[:8]], 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        out.append(data[at:end])
        at = end
    return out


def _pieces(data: bytes) -> list[bytes]:
    return [data[:12], data[12:]]


CLEAN = {
    form: parts(encode(photo(40, 30, 40, 1), ExportRules(format=form)).data, form)
    for form in EXPORT_FORMATS
}


def reported(data: bytes) -> bool:
    try:
        return bool(inspect(data))
    except InputProblem:
        return True


def inserted(form: Format, place: int, more: bytes, *, fit_container: bool) -> bytes:
    clean = CLEAN[form]
    place %= len(clean) + 1
    data = b"".join([*clean[:place], more, *clean[place:]])
    if form is Format.WEBP and fit_container and place:
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return data


@given(
    st.builds(Size, st.integers(1, 70), st.integers(1, 70)),
    st.integers(0, 150),
    st.integers(0, 99),
    st.integers(1, 95),
    FORMATS,
)
@example(Size(1, 1), 0, 0, 1, Format.JPEG)
@example(Size(1, 1), 0, 0, 1, Format.PNG)
@example(Size(1, 1), 0, 0, 1, Format.WEBP)
@example(Size(16, 16), 150, 0, 95, Format.JPEG)
@example(Size(17, 1), 150, 0, 95, Format.JPEG)
@settings(max_examples=150, deadline=None)
def test_every_export_is_clean(
    size: Size, contrast: int, seed: int, quality: int, form: Format
) -> None:
    pixels = photo(*size, contrast, seed)
    encoded = encode(pixels, ExportRules(format=form, quality=quality))
    assert inspect(encoded.data) == ()
    assert verify(encoded).size == size


@given(FORMATS, st.integers(0, 99), st.binary(min_size=1, max_size=80), st.booleans())
@example(Format.JPEG, -2, b"\0", False)
@example(Format.JPEG, -2, b"\xff\0", False)
@example(Format.JPEG, -2, b"\xff", False)
@example(Format.PNG, 0, b"\0", False)
@example(Format.WEBP, -1, b"\0", True)
@settings(max_examples=600, deadline=None)
def test_bytes_at_any_boundary_are_reported(
    form: Format, place: int, more: bytes, fit_container: bool
) -> None:
    assert reported(inserted(form, place, more, fit_container=fit_container))


@given(st.integers(1, 99), st.integers(0, 255), st.binary(max_size=80), st.integers(0, 3))
@settings(max_examples=600, deadline=None)
def test_well_formed_jpeg_segments_at_any_boundary_are_reported(
    place: int, marker: int, body: bytes, fill: int
) -> None:
    segment = b"\xff" * (fill + 1) + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
    assert reported(inserted(Format.JPEG, place, segment, fit_container=False))


@given(
    st.integers(1, 99),
    st.sampled_from([b"IHDR", b"PLTE", b"pHYs", b"IDAT", b"IEND", b"tEXt"])
    | st.binary(min_size=4, max_size=4),
    st.binary(max_size=80),
)
@settings(max_examples=400, deadline=None)
def test_well_formed_png_chunks_at_any_boundary_are_reported(
    place: int, kind: bytes, body: bytes
) -> None:
    # A colour declared transparent is part of a picture.
    assume(kind != b"tRNS")
    chunk = struct.pack(">I", len(body)) + kind + body
    chunk += struct.pack(">I", zlib.crc32(kind + body))
    assert reported(inserted(Format.PNG, place, chunk, fit_container=False))


@given(
    st.integers(1, 99),
    st.sampled_from([b"VP8 ", b"VP8L", b"ALPH", b"EXIF"]) | st.binary(min_size=4, max_size=4),
    st.binary(max_size=80),
    st.integers(0, 255),
)
@settings(max_examples=400, deadline=None)
def test_well_formed_webp_chunks_at_any_boundary_are_reported(
    place: int, kind: bytes, body: bytes, pad: int
) -> None:
    chunk = kind + struct.pack("<I", len(body)) + body + (bytes([pad]) if len(body) % 2 else b"")
    assert reported(inserted(Format.WEBP, place, chunk, fit_container=True))


@given(
    st.integers(1, 95),
    st.integers(0, 150),
    st.booleans(),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=3),
)
@example(95, 150, False, [])
@settings(max_examples=300, deadline=None)
def test_codes_passed_at_once_are_passed_as_one_by_one(
    quality: int, contrast: int, optimised: bool, changes: list[tuple[int, int]]
) -> None:
    buffer = io.BytesIO()
    picture = Image.fromarray(photo(33, 25, contrast, quality).pixels)
    picture.save(buffer, "JPEG", quality=quality, optimize=optimised, dpi=(72, 72))
    data = bytearray(buffer.getvalue())
    start = data.index(b"\xff\xda") + 14
    for place, value in changes:
        data[start + place % (len(data) - start - 2)] = value
    with mock.patch.object(jpeg_entropy.HuffmanTable, "several", lambda table: table):
        one_by_one = told(bytes(data))
    assert told(bytes(data)) == one_by_one
    assert changes or one_by_one == ()


def told(data: bytes) -> object:
    try:
        return inspect(data)
    except InputProblem as problem:
        return problem.message


@given(FORMATS, st.integers(0, 99), st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_a_part_that_comes_again_is_reported(form: Format, place: int, again: int) -> None:
    part = CLEAN[form][again % len(CLEAN[form])]
    assert reported(inserted(form, place, part, fit_container=True))


@given(FORMATS, st.integers(1, 10_000))
@settings(max_examples=200, deadline=None)
def test_a_file_cut_anywhere_is_reported(form: Format, cut: int) -> None:
    data = b"".join(CLEAN[form])
    assert reported(data[: -(cut % (len(data) - 1) + 1)])
