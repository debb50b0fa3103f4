from __future__ import annotations

import struct

import containers as c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata import describe

VALID = [(kind, build(c.EXIF)) for kind, build in c.HOLDERS.values()] + [
    *c.XMP_HOLDERS.values(),
    (Format.JPEG, c.jpeg(c.segment(0xED, b"Photoshop 3.0\0" + c.BY_LINE), after=c.jpeg())),
    (Format.JPEG, c.jpeg(c.segment(0xE0, b"II\x1a\0\0\0HEAPJPGM".ljust(200, b"\1")))),
    (Format.PNG, c.png(c.chunk(b"tEXt", b"Author\0a"), c.chunk(b"zTXt", b"Comment\0\0x"))),
    (Format.GIF, c.gif(b"!\xfe\x08a needle\0", after=b"x")),
    (Format.BMP, b"BM" + bytes(200)),
    (
        Format.AVIF,
        c.heif(
            [(b"mime", c.XMP), (b"hvc1", b"x")],
            brand=b"avif",
            links=[(b"thmb", 3, 1)],
            properties=[c.box(b"irot", b"\1"), c.box(b"imir", b"\1"), c.box(b"colr", b"profx")],
        ),
    ),
]


@given(st.sampled_from(Format), st.binary(max_size=400))
def test_no_bytes_make_it_raise(kind: Format, data: bytes) -> None:
    assert isinstance(describe(c.source(data, kind)), Metadata)


@given(st.sampled_from(VALID), st.data())
def test_no_mutation_of_a_valid_file_makes_it_raise(
    valid: tuple[Format, bytes], data: st.DataObject
) -> None:
    kind, content = valid
    mutated = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(mutated) - 1))
        mutated[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(mutated)))
    found = describe(c.source(bytes(mutated[:cut]), kind))
    assert 1 <= found.orientation <= 8


@pytest.mark.parametrize(("kind", "data"), VALID)
def test_every_truncation_is_answered(kind: Format, data: bytes) -> None:
    for stop in range(0, len(data), 7):
        assert isinstance(describe(c.source(data[:stop], kind)), Metadata)


def _loop() -> bytes:
    """A directory whose thousands of pointers lead back to itself."""
    entries = struct.pack("<HHII", 0x014A, 4, 64, 8) * 2000
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 2000) + entries + bytes(4) + bytes(256)


def _places() -> bytes:
    """Items that claim to be stored in 65,535 pieces of no length each."""
    info = c.box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"Exif\0")
    table = struct.pack(">BBH", 0, 0, 60000) + struct.pack(">HHH", 1, 0, 65535) * 60000
    meta = c.box(b"iinf", bytes(5) + b"\1" + info) + c.box(b"iloc", bytes(4) + table)
    return c.box(b"ftyp", b"heic") + c.box(b"meta", bytes(4) + meta)


def _heaps() -> bytes:
    """CIFF heaps that each hold themselves forty times."""
    entries = struct.pack("<H", 40) + struct.pack("<HII", 0x2801, 9000, 0) * 40
    return b"II\x1a\0\0\0HEAPJPGM".ljust(26, b"\0") + entries.ljust(8996, b"\0") + bytes(4)


# Each of these ran for minutes, or would, if what it repeats were followed every time.
BOMBS = {
    "pointers in a circle": (Format.TIFF, _loop()),
    "pieces of no length": (Format.HEIF, _places()),
    "heaps in heaps": (Format.JPEG, c.jpeg(c.segment(0xE0, _heaps()) * 20)),
    "boxes in boxes": (Format.JPEG2000, c.box(b"jp2h", b"") + b"\0\0\0\0jp2h" * 5000),
    "pictures in pictures": (Format.JPEG, c.jpeg() * 20_000),
    "empty elements": (
        Format.JPEG,
        c.jpeg(c.segment(0xE1, c.XMP_HEADER + b"<r>" + b"<a/>" * 16_000 + b"</r>") * 200),
    ),
    "tiny chunks": (Format.PNG, c.png(c.chunk(b"tEXt", b"a\0b") * 300_000)),
    "fill bytes": (Format.JPEG, b"\xff\xd8" + b"\xff" * 5_000_000),
    "tiny sub-blocks": (Format.GIF, c.gif(b"!\xfe" + b"\1a" * 3_000_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_repeats_itself_is_answered(name: str) -> None:
    kind, data = BOMBS[name]
    assert isinstance(describe(c.source(data, kind)), Metadata)


def test_a_list_without_end_is_cut_and_said() -> None:
    kind, data = BOMBS["tiny chunks"]
    found = describe(c.source(data, kind))
    assert found.notes == ("There is more hidden data than was read.",)
