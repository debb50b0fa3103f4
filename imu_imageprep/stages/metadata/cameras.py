"""What cameras add in their makers' own formats: maker notes, and Canon's early CIFF heap.

A note is a TIFF directory behind a header of the maker's own. Only the tags that name an owner, a
serial number, a face, a place or a second copy of the picture are looked up; the rest is private
data and reported as such. Layouts and tags: the public descriptions in ExifTool's tag tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from imu_imageprep.domain.metadata import Category
from imu_imageprep.stages.metadata import tiff
from imu_imageprep.stages.metadata.statement import Entry, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_C = Category
_Tags = dict[int, tuple[Category, str]]


class _Layout(NamedTuple):
    """How a note starts: signature, where its directory is, whether offsets count from the note."""

    signature: bytes
    directory: int
    own_base: bool
    maker: str


# The longer signature first where one starts with another.
_LAYOUTS = (
    _Layout(b"OLYMPUS\0", 12, own_base=True, maker="olympus"),
    _Layout(b"OM SYSTEM\0", 16, own_base=True, maker="olympus"),
    _Layout(b"OLYMP\0", 8, own_base=False, maker="olympus"),
    _Layout(b"EPSON\0", 8, own_base=False, maker="olympus"),
    _Layout(b"SANYO\0", 8, own_base=False, maker="sanyo"),
    _Layout(b"AGFA", 8, own_base=False, maker="olympus"),
    _Layout(b"Panasonic\0", 12, own_base=False, maker="panasonic"),
    _Layout(b"LEICA\0", 8, own_base=False, maker="panasonic"),
    _Layout(b"AOC\0", 6, own_base=False, maker="pentax"),
    _Layout(b"PENTAX \0", 10, own_base=True, maker="pentax"),
    _Layout(b"FUJIFILM", 12, own_base=True, maker="fujifilm"),
    _Layout(b"SONY", 12, own_base=False, maker="sony"),
    _Layout(b"QVC\0", 6, own_base=False, maker="casio"),
    _Layout(b"Ricoh", 8, own_base=False, maker="ricoh"),
    _Layout(b"RICOH", 8, own_base=False, maker="ricoh"),
    _Layout(b"SIGMA\0", 10, own_base=False, maker="sigma"),
    _Layout(b"FOVEON\0", 10, own_base=False, maker="sigma"),
    _Layout(b"Apple iOS\0", 14, own_base=True, maker="apple"),
    _Layout(b"Nikon\0\x01", 8, own_base=False, maker="nikon"),
)
_NIKON_WITH_HEADER = b"Nikon\0\x02"
# Makers whose notes start with the directory itself.
_BARE = ("canon", "nikon", "sony", "casio", "minolta", "samsung", "nintendo", "panasonic", "ricoh",
         "dji", "kodak", "pentax", "olympus", "flir")  # fmt: skip

_PREVIEW = (_C.THUMBNAIL, "PreviewImage")
_SERIAL = (_C.SERIAL, "SerialNumber")
_INTERNAL = (_C.SERIAL, "InternalSerialNumber")
_FACES = (_C.FACES, "FacesDetected")
_TAGS: dict[str, _Tags] = {
    "canon": {
        0x0009: (_C.OWNER, "OwnerName"), 0x000C: _SERIAL, 0x0095: (_C.CAMERA, "LensModel"),
        0x0096: _INTERNAL, 0x00B6: _PREVIEW, 0x4019: (_C.SERIAL, "LensInfo"),
    },
    "nikon": {0x001D: _SERIAL, 0x00A0: _SERIAL, 0x0011: _PREVIEW},
    "olympus": {
        0x0100: _PREVIEW, 0x0088: _PREVIEW, 0x0404: _SERIAL, 0x0101: _SERIAL, 0x0102: _INTERNAL,
        0x0202: (_C.SERIAL, "LensSerialNumber"), 0x0302: (_C.SERIAL, "ExtenderSerialNumber"),
        0x1003: (_C.SERIAL, "FlashSerialNumber"),
    },
    "panasonic": {
        0x0025: _INTERNAL, 0x0052: (_C.SERIAL, "LensSerialNumber"), 0x0500: _INTERNAL,
        0x0054: (_C.SERIAL, "AccessorySerialNumber"), 0x0065: (_C.CAPTION, "Title"),
        0x0066: (_C.CAPTION, "BabyName"), 0x0067: (_C.CAPTION, "Location"),
        0x0069: (_C.CAPTION, "Country"), 0x006B: (_C.CAPTION, "State"),
        0x006D: (_C.CAPTION, "City"), 0x006F: (_C.CAPTION, "Landmark"),
    },
    "pentax": {0x0003: _PREVIEW, 0x0004: _PREVIEW, 0x0006: (_C.DATE, "Date"), 0x0215: _INTERNAL,
               0x0229: _SERIAL},
    "fujifilm": {0x0010: _INTERNAL, 0x4100: _FACES, 0x4200: _FACES},
    # 0x9050 is enciphered and holds the body's internal serial number.
    "sony": {0x2031: _SERIAL, 0x9050: _INTERNAL, 0x2001: _PREVIEW},
    "casio": {0x0003: _PREVIEW, 0x0004: _PREVIEW, 0x2000: _PREVIEW, 0x2089: _FACES},
    "ricoh": {0x0005: _INTERNAL},
    "sigma": {0x0002: _SERIAL},
    "minolta": {0x0081: _PREVIEW, 0x0088: _PREVIEW},
    "sanyo": {0x0100: _PREVIEW},
    "samsung": {0xA002: _SERIAL, 0xA005: (_C.SERIAL, "InternalLensSerialNumber")},
    "nintendo": {0x1101: _INTERNAL},
}  # fmt: skip
_OLYMPUS_EQUIPMENT = 0x2010
_LIMIT = 1 << 20


def read_note(note: tiff.Tag, maker: str) -> Iterator[Statement]:
    """Read a maker note.

    Args:
        note: EXIF tag 0x927C.
        maker: what the camera says it was made by; notes without a signature are told by it.
    """
    yield Entry(Category.PRIVATE, "MakerNote", f"{len(note.raw(_LIMIT))} bytes")
    head = note.raw(32)
    if head.startswith(_NIKON_WITH_HEADER):
        block = tiff.block(note.raw(_LIMIT)[10:])
        if block:
            tags, _ = tiff.directory(block, block.integer(4, 4), "nikon")
            yield from _named(tags, "nikon")
        return
    for layout in _LAYOUTS:
        if head.startswith(layout.signature):
            yield from _read_layout(note, layout)
            return
    name = next((name for name in _BARE if name in maker.casefold()), "")
    if name:
        own_base = name == "samsung"
        yield from _read_layout(note, _Layout(b"", 0, own_base=own_base, maker=name))


def _read_layout(note: tiff.Tag, layout: _Layout) -> Iterator[Statement]:
    base = note.start if layout.own_base else note.block.base
    start = layout.directory
    if layout.maker == "fujifilm":
        start = int.from_bytes(note.raw(12)[8:], "little")
    # No note has 256 entries or more, so the count tells the byte order, which programs that
    # rewrite a file's directories leave behind wrongly stated.
    count = note.raw(start + 2)[start:]
    order: tiff.Order = "little" if count > count[::-1] else "big"
    block = tiff.Block(note.block.data, order, base)
    tags, _ = tiff.directory(block, note.start + start - base, layout.maker)
    known = [tag for tag in tags if not _is_equipment_number(tag)]
    yield from _named(known, layout.maker)
    for tag in tags:
        if layout.maker == "olympus" and tag.number == _OLYMPUS_EQUIPMENT:
            # Either a pointer (type LONG or IFD) or the directory itself.
            inside = tag.start - base if tag.type == tiff.UNDEFINED else int(tag.numbers()[0])
            equipment, _ = tiff.directory(block, inside, "olympus")
            yield from _named([tag for tag in equipment if _is_equipment_number(tag)], "olympus")


def _is_equipment_number(tag: tiff.Tag) -> bool:
    """Olympus numbers tags anew in its equipment directory, where serial numbers are."""
    return tag.directory == "olympus" and tag.number in (0x0101, 0x0102, 0x0202, 0x0302, 0x1003)


def _named(tags: list[tiff.Tag], maker: str) -> Iterator[Statement]:
    names = _TAGS.get(maker, {})
    for tag in tags:
        if tag.number not in names:
            continue
        category, name = names[tag.number]
        if category is Category.FACES and not any(tag.numbers()):
            continue
        # Texts are ASCII; what is UNDEFINED is the maker's own structure, or enciphered.
        text = "" if tag.type == tiff.UNDEFINED else tag.shown()
        if text.strip("0 ") or tag.raw().strip(b"\0 "):
            yield Entry(category, f"{maker} {name}", "" if category is _C.THUMBNAIL else text)


CIFF = b"HEAPJPGM"
_ENTRY = 10
# Enough for real segments, and too few for heaps that hold each other.
_DEPTH = 2
_ENTRIES = 40
_INNER = 8
_KIND, _IN_ENTRY, _HEAPS = 0x3800, 0x4000, (0x2800, 0x3000)
_CIFF_TAGS = {
    0x0805: (Category.COMMENT, "Comment"), 0x080A: (Category.CAMERA, "Make and model"),
    0x080B: (Category.SOFTWARE, "Firmware"), 0x0810: (Category.OWNER, "OwnerName"),
    0x180B: (Category.SERIAL, "SerialNumber"), 0x180E: (Category.DATE, "TimeStamp"),
}  # fmt: skip


def read_ciff(data: bytes) -> Iterator[Statement]:
    """Read a CIFF segment.

    Source: Canon's CIFF specification 1.0 revision 4.
    """
    little = data.startswith(b"II")
    start = int.from_bytes(data[2:6], "little" if little else "big")
    yield Entry(Category.PRIVATE, "CIFF", f"{len(data)} bytes")
    yield from _ciff_heap(data[start:], _DEPTH, little=little)


def _ciff_heap(heap: bytes, depth: int, *, little: bool) -> Iterator[Statement]:
    """A heap ends with the place of its directory; an entry's value may be a heap again."""
    order: Literal["little", "big"] = "little" if little else "big"
    at = int.from_bytes(heap[-4:], order)
    count = int.from_bytes(heap[at : at + 2], order)
    inner = 0
    stop = min(at + 2 + min(count, _ENTRIES) * _ENTRY, len(heap) - _ENTRY)
    for entry in range(at + 2, stop, _ENTRY):
        tag, size, offset = (
            int.from_bytes(heap[entry + a : entry + b], order) for a, b in ((0, 2), (2, 6), (6, 10))
        )
        if tag & _IN_ENTRY:
            offset, size = entry + 2, 8
        value = heap[offset : offset + size]
        name = tag & 0x3FFF
        if tag & _KIND in _HEAPS and depth and inner < _INNER:
            inner += 1
            yield from _ciff_heap(value, depth - 1, little=little)
        elif name in _CIFF_TAGS and value.strip(b"\0"):
            text = decoded(value).strip("\0").replace("\0", " ") if name < 0x1000 else ""  # noqa: PLR2004
            yield Entry(*_CIFF_TAGS[name], text)
