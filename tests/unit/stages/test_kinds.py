"""Pictures of kinds that are not read are named, not called damaged."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from tiffs import SHORT, Order, Page, tiff

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.read import from_bytes

PIXELS = np.zeros((16, 16, 3), np.uint8)


def problem(data: bytes) -> InputProblem:
    with pytest.raises(InputProblem) as raised:
        decode(from_bytes(data, Limits()), Metadata(), 960, Limits())
    return raised.value


def jpeg(frame: int, bits: int = 8, colours: int = 3, height: int = 16) -> bytes:
    """A JPEG whose frame is called something else."""
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.find(b"\xff\xc0")
    data[at + 1], data[at + 4], data[at + 6], data[at + 9] = frame, bits, height, colours
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (jpeg(0xC0, 12), "a 12-bit JPEG"),
        (jpeg(0xC1, 12), "a 12-bit JPEG"),
        (jpeg(0xC2, 12), "a 12-bit JPEG"),
        (jpeg(0xC3, 16), "a lossless JPEG"),
        (jpeg(0xC5), "a hierarchical JPEG"),
        (jpeg(0xCB), "a lossless JPEG"),
        (jpeg(0xF7), "a JPEG-LS picture"),
        (jpeg(0xC0, colours=2), "a JPEG with 2 colour channels"),
        (jpeg(0xC0, 12)[:-2], "a 12-bit JPEG"),
        (jpeg(0xC0, height=0), "a JPEG that states its height after the picture"),
    ],
)
def test_kinds_of_jpeg(data: bytes, name: str) -> None:
    found = problem(data)
    assert found.message == f"This is {name}, which cannot be read yet."
    assert found.advice == "Save it again as an ordinary JPEG or PNG, 8 bits."


def test_a_damaged_jpeg_of_an_ordinary_kind_is_damaged() -> None:
    data = bytearray(jpeg(0xC0))
    at = data.find(b"\xff\xc4")
    data[at + 5 : at + 21] = b"\xff" * 16  # more Huffman codes than fit
    assert "damaged" in problem(bytes(data)).message


def bmp(bits: int, compression: int, header: int = 40) -> bytes:
    info = struct.pack("<IiiHHIIiiII", header, 8, 8, 1, bits, compression, 64, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 400, 0, 0, 54) + info.ljust(header, b"\0") + bytes(400)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (bmp(0, 4), "a BMP file with JPEG inside"),
        (bmp(0, 5), "a BMP file with PNG inside"),
        (bmp(32, 11), "a BMP file with CMYK colours inside"),
        (bmp(1, 3, 64), "a BMP file with Huffman codes inside"),
        (bmp(24, 4, 64), "a BMP file with 24-bit run lengths inside"),
        (bmp(2, 0), "a BMP file of 2 bits for each pixel"),
        (bmp(64, 0), "a BMP file of 64 bits for each pixel"),
    ],
)
def test_kinds_of_bmp(data: bytes, name: str) -> None:
    assert problem(data).message == f"This is {name}, which cannot be read yet."


@pytest.mark.parametrize(
    ("compression", "name"),
    [
        (50001, "WebP"),
        (50002, "JPEG XL"),
        (34712, "JPEG 2000"),
        (33003, "JPEG 2000"),
        (34661, "JBIG"),
        (34887, "LERC codes"),
        (34677, "SGI's LogLuv colours"),
        (32909, "Pixar's codes"),
        (61000, "codes of an unknown kind"),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_kinds_of_tiff(compression: int, name: str, order: Order) -> None:
    data = tiff(Page(PIXELS, compression=compression), order=order)
    assert (
        problem(data).message
        == f"This is a TIFF file with {name} inside, which cannot be read yet."
    )


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (Page(PIXELS.astype("u8")), "a TIFF file with 64-bit numbers in a rare layout"),
        (
            Page(PIXELS.astype("f4"), 8, kind=3),
            "a TIFF file with 32-bit floating-point numbers in a rare layout",
        ),
        (
            Page(PIXELS.astype("u2"), 8),
            "a TIFF file with 16-bit numbers in a rare layout",
        ),
        (
            Page(PIXELS.astype("u2"), tags={266: (SHORT, [2])}, planar=2),
            "a TIFF file with 16-bit numbers in a rare layout",
        ),
    ],
)
def test_numbers_of_tiff(page: Page, name: str) -> None:
    assert problem(tiff(page)).message == f"This is {name}, which cannot be read yet."


def test_numbers_of_different_lengths() -> None:
    page = Page(PIXELS, tags={258: (SHORT, [5, 6, 5])})
    assert problem(tiff(page)).message == "The picture is of a kind that cannot be read yet."


def test_a_png_for_apps() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(name + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + name + body + crc

    raw = zlib.compress((b"\0" + bytes(4 * 8)) * 8)[2:-4]  # without its header and checksum
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"CgBI", b"P\0 \x06")
    data += chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 6, 0, 0, 0))
    data += chunk(b"IDAT", raw) + chunk(b"IEND", b"")
    assert "Apple's own form" in problem(data).message


@pytest.mark.parametrize(
    ("kind", "name", "brand"),
    [
        (b"vvc1", "VVC", b"mif1"),
        (b"vvc1", "VVC", b"vvic"),
        (b"unci", "uncompressed pixels", b"mif1"),
        (b"avc1", "H.264", b"avci"),
        (b"jpeg", "JPEG", b"jpeg"),
        (b"j2k1", "JPEG 2000", b"j2ki"),
        (b"jpeg", "JPEG", b"miaf"),
    ],
)
def test_kinds_of_heif(kind: bytes, name: str, brand: bytes) -> None:
    def box(letters: bytes, body: bytes) -> bytes:
        return struct.pack(">I", 8 + len(body)) + letters + body

    entry = box(b"infe", b"\2\0\0\0\0\1\0\0" + kind + b"\0")
    inner = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + box(b"pitm", bytes(4) + b"\0\1")
    inner += box(b"iinf", bytes(4) + b"\0\1" + entry)
    data = box(b"ftyp", brand + b"\0\0\0\0mif1") + box(b"meta", bytes(4) + inner)
    assert problem(data).message == (
        f"This is a HEIF picture with {name} inside, which cannot be read yet."
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\1\0\1\0" + bytes(60), "a Windows icon"),
        (b"\0\0\2\0\1\0" + bytes(60), "a Windows cursor"),
        (b"\0\0\2\0\0\0\0\0\0\0\0\0\x08\0\x08\0\x18\x20" + bytes(200), "a Targa picture (TGA)"),
        (b"P6\n# made\n8 8\n255\n" + bytes(192), "a Netpbm picture (PBM, PGM, PPM)"),
        (b"P1\n2 2\n0 1\n1 0\n", "a Netpbm picture (PBM, PGM, PPM)"),
        (b"\x0a\5\1\x08" + bytes(200), "a PCX picture"),
        (b"II\xbc\x01\x20\0\0\0" + bytes(80), "a JPEG XR picture"),
        (b"v/1\1\2\0\0\0" + bytes(80), "an OpenEXR picture"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n", "a Radiance picture (HDR)"),
        (b"qoif" + bytes(80), "a QOI picture"),
        (b"gimp xcf file\0" + bytes(80), "a GIMP picture (XCF)"),
        (b"SIMPLE  =                    T", "a FITS picture"),
        (b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(80), "a Windows metafile (EMF)"),
        (b"FORM\0\0\0\x20ILBM" + bytes(80), "an Amiga picture (IFF)"),
    ],
)
def test_other_kinds_of_pictures(data: bytes, name: str) -> None:
    assert problem(data).message == f"This is {name}, which cannot be read yet."


@pytest.mark.parametrize("text", [b"P1 is the first patient", b"FORMULA 1", b"DDS of the clinic"])
def test_text_stays_text(text: bytes) -> None:
    assert problem(text).message == "This is a text file."
