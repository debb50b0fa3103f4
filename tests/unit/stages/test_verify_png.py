from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from imu_imageprep.stages.verify import inspect

NEEDLE = b"patient 4711"


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
    out = io.BytesIO()
    Image.new("RGB", (3, 2)).save(out, "PNG", pnginfo=info)
    assert inspect(out.getvalue()) == ("text (iTXt)",)


def test_a_bomb_is_unpacked_no_further_than_its_picture() -> None:
    bomb = png(HEAD, chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9)), END)
    assert inspect(bomb) == ("picture data after the last row (IDAT)",)


def test_interlaced_png_is_clean() -> None:
    for width, height in ((1, 1), (3, 5), (8, 8), (9, 17)):
        assert inspect(interlaced(width, height)) == ()


def test_endless_parts_end_the_walk() -> None:
    assert inspect(png(HEAD, *[chunk(b"tEXt", b"")] * 140_000))[-1].startswith("more ")


def test_only_the_first_leftovers_are_listed() -> None:
    kinds = [bytes([97, 98, 65 + n % 26, 97 + n // 26]) for n in range(100)]
    found = inspect(png(HEAD, *(chunk(kind, b"") for kind in kinds), packed(ROWS), END))
    assert len(found) == 21
    assert found[-1] == "and more"
