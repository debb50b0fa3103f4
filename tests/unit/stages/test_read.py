"""Reading: the real format from the bytes, refusals by name, nothing that blocks."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.read import from_bytes, read, sniff

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits()


def encoded(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(out, form)
    return out.getvalue()


def tiff(*tags: tuple[int, int, int], tail: bytes = b"") -> bytes:
    """A TIFF whose first directory holds ``tags`` (tag, kind, value); no pixels."""
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0" + tail


@pytest.mark.parametrize(
    ("pillow", "form"),
    [
        ("JPEG", Format.JPEG),
        ("PNG", Format.PNG),
        ("WEBP", Format.WEBP),
        ("AVIF", Format.AVIF),
        ("TIFF", Format.TIFF),
        ("GIF", Format.GIF),
        ("BMP", Format.BMP),
        ("JPEG2000", Format.JPEG2000),
    ],
)
def test_format_comes_from_the_bytes_not_the_name(
    tmp_path: Path, pillow: str, form: Format
) -> None:
    data = encoded(pillow)
    path = tmp_path / "notes.txt"
    path.write_bytes(data)

    source = read(path, LIMITS)

    assert source.format is form
    assert source.path == path
    assert source.data == data
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert from_bytes(data, LIMITS).path is None


@pytest.mark.parametrize(
    ("major", "compatible", "form"),
    [
        (b"heic", b"mif1", Format.HEIF),
        (b"mif1", b"heic", Format.HEIF),
        (b"mif1", b"avif", Format.AVIF),
        (b"msf1", b"hevc", Format.HEIF),
        (b"avis", b"msf1", Format.AVIF),
        (b"miaf", b"heic", Format.HEIF),
        (b"miaf", b"avif", Format.AVIF),
        (b"avci", b"mif1", Format.HEIF),
    ],
)
def test_heif_and_avif_by_their_brands(major: bytes, compatible: bytes, form: Format) -> None:
    assert sniff(b"\0\0\0\x14ftyp" + major + b"\0\0\0\0" + compatible) is form


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\0" * 128 + b"DICM" + b"\0" * 60, "DICOM"),
        (b"\x08\0\x05\0CS\x0a\0ISO_IR 100", "DICOM"),
        (b"\x08\0\x00\0\x04\0\0\0\x10\0\0\0", "DICOM"),
        (b"\xff\xd8\xff".ljust(128, b"\0") + b"DICM", "DICOM"),
        (tiff((271, 2, 0), (50706, 1, 1)), "RAW"),  # DNG
        (tiff((262, 3, 32803)), "RAW"),  # sensor data in the first directory
        (tiff((254, 4, 1), (271, 2, 0)), "RAW"),  # a camera's preview comes first
        (
            tiff((330, 4, 26), tail=struct.pack("<H", 1) + struct.pack("<HHII", 262, 3, 1, 32803)),
            "RAW",
        ),  # sensor data in a second directory
        (b"II*\0\x10\0\0\0CR\x02\0", "RAW"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"IIRO\x08\0\0\0", "RAW"),
        (b"IIU\0\x18\0\0\0", "RAW"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\r\n%PDF-1.4\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "PostScript"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "SVG"),
        (b"<!DOCTYPE html><p>hello", "web page"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isom", "video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "video"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"\x1aE\xdf\xa3\x01\0\0\0", "video"),
        (b"8BPS\0\x01\0\0", "Photoshop"),
        (b"\xff\x0a\x00\x10", "JPEG XL"),
        (b"PK\x03\x04\x14\0", "archive"),
        ("Grüße, a note\n".encode(), "text"),
        (b"BM is not always a bitmap", "text"),
        (bytes(range(1, 200)), "not a picture"),
    ],
)
def test_refused_by_name(data: bytes, word: str) -> None:
    with pytest.raises(InputProblem) as refused:
        from_bytes(data, LIMITS)
    assert word in refused.value.message
    assert refused.value.message.endswith(".")
    assert refused.value.advice


def test_dicom_is_told_about_the_patient() -> None:
    with pytest.raises(InputProblem) as refused:
        sniff(b"\0" * 128 + b"DICM")
    assert "patient" in refused.value.message
    assert "imaging department" in refused.value.advice


def test_a_damaged_tiff_directory_is_left_to_the_decoder() -> None:
    assert sniff(b"II*\0\xff\xff\xff\x7f") is Format.TIFF
    assert sniff(tiff((271, 2, 0), (50706, 1, 1))[:15]) is Format.TIFF


def test_a_jpeg_that_also_looks_like_a_pdf_is_a_jpeg() -> None:
    data = encoded("JPEG")
    comment = b"\xff\xfe\x00\x0b%PDF-1.4\n"
    assert sniff(data[:2] + comment + data[2:]) is Format.JPEG


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device", "nul", "below"])
def test_what_is_no_readable_file_never_blocks(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "photo.jpg"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            if sys.platform == "win32":
                pytest.skip("there are no named pipes in folders")
            os.mkfifo(path)
        case "device":
            request.getfixturevalue("links")
            path.symlink_to("/dev/zero")
        case "nul":
            path = tmp_path / "a\0b"
        case "below":
            path.write_bytes(b"x")
            path /= "photo.jpg"
    with pytest.raises(InputProblem) as refused:
        read(path, LIMITS)
    assert refused.value.message.endswith(".")
    assert str(tmp_path) not in refused.value.message


def test_a_file_without_permission(ordinary: Path) -> None:
    path = ordinary / "photo.jpg"
    path.write_bytes(encoded("JPEG"))
    path.chmod(0)
    with pytest.raises(InputProblem, match="not allowed"):
        read(path, LIMITS)


@pytest.mark.usefixtures("links")
def test_a_link_to_a_photo_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(encoded("PNG"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read(tmp_path / "link", LIMITS).format is Format.PNG


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(10**11)  # a sparse file: reading it would need 100 GB
    with pytest.raises(InputProblem, match="limit of 200 MB"):
        read(path, LIMITS)
    with pytest.raises(InputProblem, match="limit"):
        from_bytes(encoded("JPEG"), Limits(bytes=10))
