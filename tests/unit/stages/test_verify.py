from __future__ import annotations

import dataclasses
import hashlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from imu_imageprep.domain.errors import InputProblem, VerifyProblem
from imu_imageprep.domain.export import Encoded
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format, Photo, Size
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


JPEG, PNG, WEBP = (clean(form).data for form in (Format.JPEG, Format.PNG, Format.WEBP))


def saved(mode: str, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels).convert(mode)
    picture.save(out, form, **options)
    return out.getvalue()


# --- verify ---------------------------------------------------------------------------------------


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


def test_a_picture_without_its_density_is_refused() -> None:
    bare = JPEG[:2] + JPEG[20:]
    assert inspect(bare) == ()
    with pytest.raises(VerifyProblem, match="72 dpi"):
        verify(Encoded(bare, Format.JPEG, SIDES))


def test_leftovers_are_named_but_never_quoted() -> None:
    with pytest.raises(VerifyProblem) as caught:
        verify(Encoded(after_start(segment(0xFE, NEEDLE)), Format.JPEG, SIDES))
    assert "a comment" in caught.value.message
    assert NEEDLE.decode() not in caught.value.message


# --- inspect: what is fine ------------------------------------------------------------------------


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


def test_webp_with_transparency_is_clean() -> None:
    out = io.BytesIO()
    picture = Image.fromarray(noise().pixels)
    picture.putalpha(Image.linear_gradient("L").resize(SIDES))
    picture.save(out, "WEBP", quality=70)
    assert b"ALPH" in out.getvalue()
    assert inspect(out.getvalue()) == ()


def test_interlaced_png_is_clean() -> None:
    for width, height in ((1, 1), (3, 5), (8, 8), (9, 17)):
        assert inspect(interlaced(width, height)) == ()


@pytest.mark.parametrize("data", [b"", b"\0", b"\x89PNG", b"GIF89a", b"RIFF\4\0\0\0WAVE", b"RIFF"])
def test_other_files_are_an_input_problem(data: bytes) -> None:
    with pytest.raises(InputProblem, match="not a JPEG, PNG or WebP"):
        inspect(data)


# --- JPEG -----------------------------------------------------------------------------------------


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def after_start(more: bytes) -> bytes:
    """More bytes right after the JFIF segment."""
    return JPEG[:20] + more + JPEG[20:]


def grown(marker: int, more: bytes) -> bytes:
    """More bytes at the end of the first segment of a kind, its length set right."""
    at = JPEG.index(bytes([0xFF, marker]))
    length = int.from_bytes(JPEG[at + 2 : at + 4])
    end = at + 2 + length
    return (
        JPEG[: at + 2]
        + struct.pack(">H", length + len(more))
        + JPEG[at + 4 : end]
        + more
        + JPEG[end:]
    )


def jfif(body: bytes) -> bytes:
    return JPEG[:2] + segment(0xE0, b"JFIF\0" + body) + JPEG[20:]


def before_frame(more: bytes) -> bytes:
    at = JPEG.index(b"\xff\xc0")
    return JPEG[:at] + more + JPEG[at:]


@pytest.mark.parametrize("number", range(16))
def test_every_application_segment_is_reported(number: int) -> None:
    found = inspect(after_start(segment(0xE0 + number, b"Exif\0\0" + NEEDLE)))
    assert len(found) == 1
    assert f"(APP{number})" in found[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (after_start(segment(0xFE, NEEDLE)), "a comment"),
        (after_start(segment(0xFE, b"")), "a comment"),
        (after_start(segment(0xC8, NEEDLE)), "FFC8"),
        (after_start(segment(0xCC, NEEDLE)), "FFCC"),
        (after_start(segment(0xDC, b"\0\x10")), "FFDC"),
        (after_start(segment(0xF0, NEEDLE)), "FFF0"),
        (after_start(segment(0xDB, b"")), "an empty segment (DQT)"),
        (after_start(segment(0xC4, b"")), "an empty segment (DHT)"),
        (after_start(JPEG[2:20]), "a JFIF segment where none belongs"),
        (JPEG[:2] + JPEG[20:89] + JPEG[2:20] + JPEG[89:], "where none belongs"),
        (jfif(b"\1\1\1\0\x48\0\x48\1\1" + b"abc"), "a thumbnail"),
        (jfif(b"\1\1\1\0\x48\0\x48\1\0"), "a thumbnail"),
        (jfif(b"\1\1\1\0\x48\0\x48\0\0" + NEEDLE), "surplus bytes in the JFIF"),
        (jfif(b"\1\1\1\1\x2c\1\x2c\0\0"), "72 dpi"),
        (jfif(b"\1\2\1\0\x48\0\x48\0\0"), "version 1.01"),
        (jfif(b"\1\1"), "version 1.01"),
        (after_start(NEEDLE), "bytes between segments"),
        (after_start(b"\xff\xff\xff"), "fill bytes"),
        (JPEG[:2] + b"\xff" + JPEG[2:], "fill bytes"),
        (JPEG[:-2] + b"\xff" + JPEG[-2:], "fill bytes"),
        (grown(0xDB, NEEDLE), "(DQT)"),
        (grown(0xDB, b"\0"), "(DQT)"),
        (grown(0xC4, NEEDLE), "(DHT)"),
        (grown(0xC4, b"\0" * 17), "(DHT)"),
        (grown(0xC0, NEEDLE), "(SOF)"),
        (grown(0xDA, NEEDLE), "(SOS)"),
        (before_frame(segment(0xDB, b"\2" + bytes(64))), "a quantisation table that"),
        (before_frame(segment(0xDB, b"\0" + bytes(64))), "a quantisation table that"),
        (before_frame(segment(0xC4, b"\2\1" + bytes(15) + b"\5")), "a Huffman table that"),
        (before_frame(segment(0xC4, b"\0\1" + bytes(15) + b"\5")), "a Huffman table that"),
        (before_frame(segment(0xDD, b"\xff\xff")), "a restart interval that"),
        (before_frame(segment(0xDD, b"\0\0" + NEEDLE)), "(DRI)"),
        (before_frame(segment(0xDD, b"\0\1")), "restart markers"),
        (before_frame(JPEG[JPEG.index(b"\xff\xc0") :][:19]), "a second picture"),
        (JPEG + NEEDLE, "12 bytes after the end"),
        (JPEG + JPEG, "bytes after the end"),
        (JPEG + b"\0", "1 bytes after the end"),
        (JPEG[:-2] + NEEDLE + JPEG[-2:], "after the last part of the picture data"),
        (JPEG[:-2] + b"\xff\0" + JPEG[-2:], "after the last part of the picture data"),
        (JPEG[:-2] + b"\xff\xd0" + JPEG[-2:], "restart markers"),
        (JPEG[:-12] + JPEG[-2:], "picture data"),
        (JPEG[:-2], "cut short"),
        (JPEG[:-1], "cut short"),
        (JPEG[:50], "cut short"),
        (b"\xff\xd8", "cut short"),
        (b"\xff\xd8\xff\xd9", "not whole"),
        (b"\xff\xd8" + b"\xff" * 9, "cut short"),
        (JPEG[:2] + b"\xff\x01" + JPEG[2:], "a marker where none belongs"),
        (JPEG[:2] + JPEG, "a marker where none belongs"),
        (JPEG.replace(b"\xff\xc0", b"\xff\xc1", 1), "a kind that cannot be checked"),
        (saved("CMYK", "JPEG", dpi=(72, 72)), "Adobe data"),
        (saved("RGB", "JPEG", dpi=(72, 72), comment=NEEDLE), "a comment"),
        (saved("RGB", "JPEG", dpi=(72, 72), progressive=True) + NEEDLE, "after the end"),
    ],
)
def test_what_hides_in_a_jpeg_is_reported(data: bytes, said: str) -> None:
    assert said in "; ".join(inspect(data))


def test_padding_bits_and_restart_numbers_are_checked() -> None:
    data = saved("RGB", "JPEG", dpi=(72, 72), restart_marker_blocks=1)
    marks = [at for at in range(len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    assert len(marks) == 5
    renumbered = data[: marks[2] + 1] + b"\xd7" + data[marks[2] + 2 :]
    assert inspect(renumbered) == ("restart markers where none belong",)
    padded = [at for at in marks if data[at - 1] & 1 and data[at - 1] != 0]
    told = [inspect(data[: at - 1] + bytes([data[at - 1] & 0xFE]) + data[at:]) for at in padded]
    # Where the last code fills its byte, the bit is the picture's own.
    assert ("padding bits that are not plain",) in told


def test_a_scan_that_comes_twice_is_reported() -> None:
    at = JPEG.index(b"\xff\xda")
    assert inspect(JPEG[:-2] + JPEG[at:]) == ("picture data that comes twice",)


# --- PNG ------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def header(width: int, height: int, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def packed(raw: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(raw))


END = chunk(b"IEND", b"")
HEAD = header(2, 2)
ROWS = b"\0ab\0cd"  # two rows of two grey pixels
DENSITY = chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))
TEXT = chunk(b"tEXt", b"Comment\0" + NEEDLE)
PALETTE = header(2, 2, colour=3)
COLOURS = chunk(b"PLTE", b"abcdef")


def interlaced(width: int, height: int) -> bytes:
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)]
    passes += [(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x, y, dx, dy in passes:
        columns = len(range(x, width, dx))
        raw += b"".join(b"\4" + bytes(columns) for _ in range(y, height, dy) if columns)
    return png(header(width, height, interlace=1), packed(raw), END)


def test_the_plain_parts_of_a_png_are_clean() -> None:
    assert inspect(png(HEAD, DENSITY, packed(ROWS), END)) == ()
    stream = zlib.compress(ROWS)
    parts = [chunk(b"IDAT", stream[:3]), chunk(b"IDAT", stream[3:])]
    assert inspect(png(HEAD, *parts, END)) == ()
    transparent = chunk(b"tRNS", b"ab")
    rows = packed(b"\0\0\1\0\0\1")
    assert inspect(png(PALETTE, COLOURS, transparent, DENSITY, rows, END)) == ()


def with_wrong_checksum() -> bytes:
    data = bytearray(png(HEAD, DENSITY, packed(ROWS), END))
    data[data.index(b"pHYs") + 13] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (png(HEAD, TEXT, packed(ROWS), END), "text (tEXt)"),
        (png(HEAD, packed(ROWS), TEXT, END), "text (tEXt)"),
        (png(TEXT, HEAD, packed(ROWS), END), "text (tEXt)"),
        (png(HEAD, chunk(b"zTXt", NEEDLE), packed(ROWS), END), "text (zTXt)"),
        (png(HEAD, chunk(b"iTXt", NEEDLE), packed(ROWS), END), "text (iTXt)"),
        (png(HEAD, chunk(b"eXIf", NEEDLE), packed(ROWS), END), "Exif data (eXIf)"),
        (png(HEAD, chunk(b"iCCP", NEEDLE), packed(ROWS), END), "a colour profile (iCCP)"),
        (png(HEAD, chunk(b"tIME", NEEDLE), packed(ROWS), END), "a date (tIME)"),
        (png(HEAD, chunk(b"caBX", NEEDLE), packed(ROWS), END), "provenance data (caBX)"),
        (png(HEAD, chunk(b"prVt", NEEDLE), packed(ROWS), END), "(prVt)"),
        (png(HEAD, chunk(b"gAMA", b"\0\0\xb1\x8f"), packed(ROWS), END), "(gAMA)"),
        (png(HEAD, chunk(b"\0\n\xff\x01", NEEDLE), packed(ROWS), END), "no valid name"),
        (png(HEAD, packed(ROWS), END) + NEEDLE, "12 bytes after the end"),
        (png(HEAD, packed(ROWS), END, TEXT), "bytes after the end"),
        (png(HEAD, packed(ROWS), chunk(b"IEND", NEEDLE)), "(IEND)"),
        (png(HEAD, chunk(b"IDAT", zlib.compress(ROWS) + NEEDLE), END), "after the packed picture"),
        (png(HEAD, packed(ROWS), chunk(b"IDAT", NEEDLE), END), "after the packed picture"),
        (png(HEAD, packed(ROWS), packed(ROWS), END), "after the packed picture"),
        (png(HEAD, packed(ROWS), chunk(b"IDAT", b""), END), "an empty chunk (IDAT)"),
        (png(HEAD, packed(ROWS + NEEDLE), END), "after the last row"),
        (png(HEAD, packed(ROWS + b"\0"), END), "after the last row"),
        (png(HEAD, packed(ROWS[:-1]), END), "not whole"),
        (png(HEAD, chunk(b"IDAT", zlib.compress(ROWS)[:-1]), END), "not whole"),
        (png(HEAD, chunk(b"IDAT", zlib.compress(ROWS)[:-1] + b"\0"), END), "damaged (IDAT)"),
        (png(HEAD, chunk(b"IDAT", NEEDLE), END), "damaged (IDAT)"),
        (png(HEAD, packed(b"\0ab\5cd"), END), "filter types"),
        (png(HEAD, packed(b"Pab\0cd"), END), "filter types"),
        (png(HEAD, packed(ROWS), TEXT, packed(ROWS), END), "text (tEXt)"),
        (png(HEAD, packed(ROWS), DENSITY, END), "a pHYs chunk where none belongs"),
        (png(HEAD, DENSITY, DENSITY, packed(ROWS), END), "a second pHYs chunk"),
        (png(HEAD, HEAD, packed(ROWS), END), "a second IHDR chunk"),
        (png(HEAD, chunk(b"pHYs", struct.pack(">IIB", 1, 2, 0)), packed(ROWS), END), "72 dpi"),
        (png(HEAD, chunk(b"pHYs", NEEDLE), packed(ROWS), END), "72 dpi"),
        (png(HEAD, COLOURS, packed(ROWS), END), "a palette that"),
        (png(HEAD, chunk(b"tRNS", NEEDLE), packed(ROWS), END), "(tRNS)"),
        (png(PALETTE, packed(ROWS), END), "without its palette"),
        (png(PALETTE, chunk(b"PLTE", b"abcd"), packed(ROWS), END), "(PLTE)"),
        (png(PALETTE, COLOURS, chunk(b"tRNS", b"abc"), packed(ROWS), END), "(tRNS)"),
        (png(PALETTE, chunk(b"tRNS", b"a"), COLOURS, packed(ROWS), END), "a PLTE chunk where"),
        (png(header(2, 2, 1, 3), COLOURS + COLOURS, packed(b"\0a\0b"), END), "a second PLTE"),
        (png(header(2, 2, 1, 3), chunk(b"PLTE", bytes(9)), packed(b"\0a\0b"), END), "(PLTE)"),
        (with_wrong_checksum(), "a wrong checksum"),
        (png(HEAD, END), "not whole"),
        (png(HEAD, packed(ROWS)), "cut short"),
        (png(packed(ROWS), END), "does not start with its header"),
        (png(), "cut short"),
        (png(header(0, 2), packed(ROWS), END), "(IHDR)"),
        (png(header(2, 2, 3), packed(ROWS), END), "(IHDR)"),
        (png(header(2, 2, 8, 5), packed(ROWS), END), "(IHDR)"),
        (png(chunk(b"IHDR", NEEDLE), packed(ROWS), END), "(IHDR)"),
        (png(header(1 << 30, 1 << 30), packed(b""), END), "too large to check"),
    ],
)
def test_what_hides_in_a_png_is_reported(data: bytes, said: str) -> None:
    assert said in "; ".join(inspect(data))


def test_text_that_a_library_writes_is_reported() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    assert inspect(saved("RGB", "PNG", pnginfo=info)) == ("text (iTXt)",)


def test_a_bomb_is_unpacked_no_further_than_its_picture() -> None:
    bomb = png(HEAD, chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9)), END)
    assert inspect(bomb) == ("picture data after the last row (IDAT)",)


# --- WebP -----------------------------------------------------------------------------------------


def piece(kind: bytes, body: bytes, pad: bytes = b"\0") -> bytes:
    return kind + struct.pack("<I", len(body)) + body + (pad if len(body) % 2 else b"")


def webp(*pieces: bytes, more: int = 0) -> bytes:
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(body) + more) + body


def extended(flags: int = 0, size: Size = SIDES, reserved: bytes = b"\0\0\0") -> bytes:
    sides = (side - 1 for side in size)
    return piece(
        b"VP8X", bytes([flags]) + reserved + b"".join(n.to_bytes(3, "little") for n in sides)
    )


LOSSY = WEBP[12:]
LOSSLESS = saved("RGB", "WEBP", lossless=True)[12:]
RAW_ALPHA = piece(b"ALPH", b"\0" + bytes(SIDES.width * SIDES.height))


def changed(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


def test_the_plain_parts_of_a_webp_are_clean() -> None:
    assert inspect(webp(extended(), LOSSY)) == ()
    assert inspect(webp(extended(0x10), RAW_ALPHA, LOSSY)) == ()
    assert inspect(webp(extended(), LOSSLESS)) == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (webp(extended(), LOSSY, piece(b"EXIF", NEEDLE)), "Exif data (EXIF)"),
        (webp(LOSSY, piece(b"XMP ", NEEDLE)), "XMP data (XMP)"),
        (webp(extended(), piece(b"ICCP", NEEDLE), LOSSY), "a colour profile (ICCP)"),
        (webp(piece(b"ANIM", bytes(6)), LOSSY), "an animation (ANIM)"),
        (webp(LOSSY, piece(b"prVt", NEEDLE)), "(prVt)"),
        (webp(LOSSY, piece(b"\0\n\xff\x01", NEEDLE)), "no valid name"),
        (webp(LOSSY, piece(b"prVt", b"")), "(prVt)"),
        (webp(LOSSY) + NEEDLE, "12 bytes after the end"),
        (webp(LOSSY, NEEDLE, more=-12), "12 bytes after the end"),
        (webp(LOSSY, b"1234567"), "cut short"),
        (webp(LOSSY, b"\0"), "cut short"),
        (webp(LOSSY, more=2), "cut short"),
        (webp(LOSSY)[:-2], "cut short"),
        (webp(LOSSY, LOSSY), "twice or in the wrong order"),
        (webp(LOSSY, LOSSLESS), "twice or in the wrong order"),
        (webp(LOSSY, extended()), "twice or in the wrong order"),
        (webp(extended(), extended(), LOSSY), "twice or in the wrong order"),
        (webp(extended(0x10), RAW_ALPHA, LOSSLESS), "twice or in the wrong order"),
        (webp(extended(0x08), LOSSY), "flags"),
        (webp(extended(0x04), LOSSY), "flags"),
        (webp(extended(0x20), LOSSY), "flags"),
        (webp(extended(0x80), LOSSY), "flags"),
        (webp(extended(0, reserved=b"abc"), LOSSY), "flags"),
        (webp(extended(size=Size(46, 31)), LOSSY), "a canvas of another size"),
        (webp(piece(b"VP8X", bytes(10) + NEEDLE), LOSSY), "surplus bytes in the header"),
        (webp(piece(b"VP8X", b"\0"), LOSSY), "a damaged header (VP8X)"),
        (webp(extended(), RAW_ALPHA, LOSSY), "transparency that the picture does not use"),
        (webp(RAW_ALPHA, LOSSY), "transparency without a picture"),
        (webp(extended(0x10), changed(RAW_ALPHA, 8, 0x40), LOSSY), "flags"),
        (webp(extended(0x10), piece(b"ALPH", b"\0" + NEEDLE), LOSSY), "surplus bytes"),
        (webp(changed(LOSSY, 8, LOSSY[8] | 1)), "a damaged picture (VP8)"),
        (webp(changed(LOSSY, 11, 0)), "a damaged picture (VP8)"),
        (webp(changed(LOSSY, 15, LOSSY[15] | 0x40)), "a scaling"),
        (webp(piece(b"VP8 ", NEEDLE)), "a damaged picture (VP8)"),
        (webp(piece(b"VP8L", NEEDLE)), "a damaged picture (VP8L)"),
        (webp(changed(LOSSLESS, 12, LOSSLESS[12] | 0x20)), "a version that does not exist"),
        (webp(), "not whole"),
        (webp(extended()), "not whole"),
    ],
)
def test_what_hides_in_a_webp_is_reported(data: bytes, said: str) -> None:
    assert said in "; ".join(inspect(data))


def test_a_padding_byte_can_hide_nothing() -> None:
    odd = piece(b"VP8 ", (LOSSY[8:] + b"\0\0")[: len(LOSSY) - 8 | 1], pad=b"p")
    assert inspect(webp(odd)) == ("a padding byte that is not zero",)


# --- bounds ---------------------------------------------------------------------------------------


def test_a_file_too_large_to_check_is_not_clean() -> None:
    assert inspect(JPEG + bytes(64 << 20)) == ("a file too large to check",)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xfe\0\2" * 20_000,
        png(HEAD, *[chunk(b"tEXt", b"")] * 140_000),
        webp(*[piece(b"abcd", b"")] * 200),
    ],
)
def test_endless_parts_end_the_walk(data: bytes) -> None:
    assert inspect(data)[-1].startswith("more ")


def test_only_the_first_leftovers_are_listed() -> None:
    kinds = [bytes([97, 98, 65 + n % 26, 97 + n // 26]) for n in range(100)]
    found = inspect(png(HEAD, *(chunk(kind, b"") for kind in kinds), packed(ROWS), END))
    assert len(found) == 21
    assert found[-1] == "and more"
