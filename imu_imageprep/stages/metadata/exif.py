"""EXIF, and TIFF files, whose own directories it is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Category, CreditField
from imu_imageprep.stages.metadata import cameras, tiff
from imu_imageprep.stages.metadata.statement import (
    FREE_TEXT,
    GPS,
    DateRank,
    Entry,
    Kind,
    Orientation,
    Part,
    Unreadable,
    captured,
    clean,
    decoded,
    guarded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_ORIENTATION, _MAKER, _MAKER_NOTE, _USER_COMMENT, _SUBFILE = 0x0112, 0x010F, 0x927C, 0x9286, 0x00FE
_BLOCK_LIMIT = 16 << 20
_BLOCKS = 8
_PARTS = {0x02BC: Kind.XMP, 0x83BB: Kind.IPTC, 0x8649: Kind.PHOTOSHOP}

_C = Category
# Texts and dates, by the names of EXIF 3.0, TIFF 6.0, DNG and Windows.
_NAMED: dict[int, tuple[Category, str]] = {
    0x010D: (_C.CAPTION, "DocumentName"), 0x010E: (_C.CAPTION, "ImageDescription"),
    0x010F: (_C.CAMERA, "Make"), 0x0110: (_C.CAMERA, "Model"), 0x011D: (_C.CAPTION, "PageName"),
    0x0131: (_C.SOFTWARE, "Software"), 0x0132: (_C.DATE, "DateTime"),
    0x013B: (_C.OWNER, "Artist"), 0x013C: (_C.SOFTWARE, "HostComputer"),
    0x8298: (_C.CREDIT, "Copyright"), 0x8773: (_C.PROFILE, "InterColorProfile"),
    0x9003: (_C.DATE, "DateTimeOriginal"), 0x9004: (_C.DATE, "DateTimeDigitized"),
    0x9010: (_C.DATE, "OffsetTime"), 0x9011: (_C.DATE, "OffsetTimeOriginal"),
    0x9012: (_C.DATE, "OffsetTimeDigitized"), 0x9290: (_C.DATE, "SubSecTime"),
    0x9291: (_C.DATE, "SubSecTimeOriginal"), 0x9292: (_C.DATE, "SubSecTimeDigitized"),
    0x9C9B: (_C.CAPTION, "XPTitle"), 0x9C9C: (_C.COMMENT, "XPComment"),
    0x9C9D: (_C.OWNER, "XPAuthor"), 0x9C9E: (_C.CAPTION, "XPKeywords"),
    0x9C9F: (_C.CAPTION, "XPSubject"), 0xA430: (_C.OWNER, "CameraOwnerName"),
    0xA431: (_C.SERIAL, "BodySerialNumber"), 0xA432: (_C.CAMERA, "LensSpecification"),
    0xA433: (_C.CAMERA, "LensMake"), 0xA434: (_C.CAMERA, "LensModel"),
    0xA435: (_C.SERIAL, "LensSerialNumber"), 0xA436: (_C.CAPTION, "ImageTitle"),
    0xA437: (_C.OWNER, "Photographer"), 0xA438: (_C.OWNER, "ImageEditor"),
    0xA439: (_C.SOFTWARE, "CameraFirmware"), 0xA43A: (_C.SOFTWARE, "RAWDevelopingSoftware"),
    0xA43B: (_C.SOFTWARE, "ImageEditingSoftware"),
    0xA43C: (_C.SOFTWARE, "MetadataEditingSoftware"), 0xC614: (_C.CAMERA, "UniqueCameraModel"),
    0xC62F: (_C.SERIAL, "CameraSerialNumber"), 0xC353: (_C.OWNER, "CameraOwner"),
    0xC354: (_C.SERIAL, "SerialNumber"),
    # GeoTIFF: where on the map the pixels lie.
    0x830E: (_C.GPS, "ModelPixelScale"), 0x8482: (_C.GPS, "ModelTiePoint"),
    0x85D8: (_C.GPS, "ModelTransformation"), 0x87AF: (_C.GPS, "GeoKeyDirectory"),
}  # fmt: skip
_CREDIT = {
    0x013B: CreditField.CREATOR, 0x8298: CreditField.COPYRIGHT,
    0x9C9D: CreditField.CREATOR, 0xA437: CreditField.CREATOR, 0xA438: CreditField.CREATOR,
}  # fmt: skip
_DATES = {0x9003: DateRank.ORIGINAL, 0x9004: DateRank.DIGITIZED, 0x0132: DateRank.MODIFIED}
# Types that texts are written in, rightly or not: BYTE, ASCII, SBYTE, UNDEFINED, UTF-8.
_WORDED = (1, 2, 6, 7, 129)
_WINDOWS_TEXT = range(0x9C9B, 0x9CA0)
# How the picture was taken: exposure, lens, scene. They tell of a camera, not of a person.
_SETTINGS = frozenset(
    (0x829A, 0x829D, 0x8822, 0x8824, 0x8827, *range(0x8830, 0x8836), *range(0x9201, 0x920B),
     0x9214, *range(0xA20B, 0xA218), *range(0xA300, 0xA303), *range(0xA401, 0xA40D), 0xA500)
)  # fmt: skip
# What a reader needs to show the pixels (TIFF 6.0, EXIF 2.3 tables 4 and 7), and rasters' own tags.
_STRUCTURE = frozenset(
    (*range(0x00FE, 0x010D), *range(0x0111, 0x011D), *range(0x011E, 0x0130), *range(0x013D, 0x0160),
     0x012D, *range(0x0200, 0x0215), 0x80E3, 0x80E4, 0x80E5, 0x80E6, 0x828D, 0x828E, 0x8769, 0x8825,
     0x9000, 0x9101, 0x9102, *range(0xA000, 0xA004), 0xA005, 0xEA1C)
)  # fmt: skip
# ColorSpace and InteroperabilityIndex: an EXIF block without both states no colour space.
_COLOUR = frozenset((0xA001, 0x0001))
_GEOTIFF_POSITIONS = (0x8482, 0x85D8)
_READ_APART = frozenset((*_PARTS, _MAKER_NOTE))


def read_block(data: bytes) -> Iterator[Part | Statement]:
    """Read an EXIF block; IFD1 and later hold its thumbnails.

    Sources: CIPA DC-008 (EXIF 3.0), TIFF 6.0.
    """
    start = data[:64].find(b"Exif\0")
    if start >= 0:
        data = data[start + 6 :]
    yield from _read(data, pages=False)


def read_file(data: bytes) -> Iterator[Part | Statement]:
    """Read a TIFF file; IFD1 and later are its pages."""
    yield from _read(data, pages=True)


def _read(data: bytes, *, pages: bool) -> Iterator[Part | Statement]:
    block = tiff.block(data)
    if not data[8 if block else 0 :].strip(b"\0"):
        return  # nothing, or a header before a directory without entries
    if block is None:
        yield Unreadable(Kind.EXIF.value)
        return
    found = list(tiff.walk(block))
    yield from (item for item in found if isinstance(item, Unreadable))
    if not found:
        yield Unreadable(Kind.EXIF.value)  # more than an empty directory
    tags = [item for item in found if isinstance(item, tiff.Tag) and not item.is_gps]
    for tag in tags:
        yield from guarded(_tag(tag, pages=pages), "a tag of the EXIF block")
    if pages or any(tag.number in _COLOUR for tag in tags):
        from imu_imageprep.stages.metadata.colour import of_exif  # noqa: PLC0415  (3 ms)

        yield from guarded(of_exif(tags, tiff=pages), "the colour space")
    for tag in [tag for tag in tags if tag.number in _PARTS][:_BLOCKS]:
        yield Part(_PARTS[tag.number], tag.raw(_BLOCK_LIMIT))
    yield from _positions([tag for tag in found if isinstance(tag, tiff.Tag) and tag.is_gps])
    maker = next((t.text() for t in tags if (t.directory, t.number) == ("ifd0", _MAKER)), "")
    for tag in [tag for tag in tags if tag.number == _MAKER_NOTE][:_BLOCKS]:
        yield from guarded(cameras.read_note(tag, maker), "the maker note")


def _positions(tags: list[tiff.Tag]) -> Iterator[Statement]:
    """What each GPS directory says; a block may have several, and none hides another."""
    if tags:
        from imu_imageprep.stages.metadata import gps  # noqa: PLC0415 - 5 ms, only where one is

        directories: dict[str, list[tiff.Tag]] = {}
        for tag in tags:
            directories.setdefault(tag.directory, []).append(tag)
        for inside in directories.values():
            yield from guarded(gps.read(inside), GPS)


def _is_thumbnail(tag: tiff.Tag, *, pages: bool) -> bool:
    """Whether a tag says that its directory holds a small copy of the picture."""
    if tag.directory == "ifd0":
        return False
    if pages:
        return tag.number == _SUBFILE and bool(int(tag.numbers()[0]) & 1)
    return tag.directory.startswith(("ifd", "sub")) and tag.number in (0x0111, 0x0201)


def _tag(tag: tiff.Tag, *, pages: bool) -> Iterator[Statement]:
    number = tag.number
    if _is_thumbnail(tag, pages=pages):
        yield Entry(Category.THUMBNAIL, f"picture in {tag.directory}")
    if number == _ORIENTATION:
        if tag.directory == "ifd0":
            yield from (Orientation(int(n), 0) for n in tag.numbers()[:1] if n in range(1, 9))
    elif number == _USER_COMMENT:
        text = _user_comment(tag.raw(FREE_TEXT))
        if text:
            yield Entry(Category.COMMENT, "UserComment", text)
    elif number in _NAMED:
        yield from _named(tag)
        if number in _GEOTIFF_POSITIONS:
            yield NOWHERE  # on a map whose projection is not known here
    elif number in _SETTINGS:
        yield Entry(Category.CAMERA, f"camera setting 0x{number:04x}", tag.shown())
    elif number not in _READ_APART and number not in _STRUCTURE and tag.directory != "interop":
        yield Entry(Category.PRIVATE, f"tag 0x{number:04x}")


def _named(tag: tiff.Tag) -> Iterator[Statement]:
    category, name = _NAMED[tag.number]
    if tag.number in _WINDOWS_TEXT:
        text = tag.raw(2 * FREE_TEXT).decode("utf-16-le", "replace").strip("\0")
    else:
        text = tag.text() if tag.type in _WORDED else tag.shown()
        if text and category is Category.CAPTION and tag.type in _WORDED:
            # Whole and with its lines: a credit stands at the end, or in a line of its own.
            text = decoded(tag.raw(FREE_TEXT)).strip("\0").replace("\0", " / ").strip(" /")
        if category is Category.DATE:
            if tag.number in _DATES:
                yield from captured(text, _DATES[tag.number])
            if not text.strip("0: "):
                return
        elif not text:
            return
    shown = "" if category is Category.PROFILE else text
    yield Entry(category, name, shown, _CREDIT.get(tag.number))


def _user_comment(raw: bytes) -> str:
    """EXIF 3.0, 4.6.6: eight bytes name the character set."""
    charset, body = raw[:8], raw[8:]
    if charset.startswith(b"UNICODE"):
        order = "utf-16-be" if body[:1] == b"\0" or body[:2] == b"\xfe\xff" else "utf-16-le"
        return _written(body.decode(order, "replace").strip("\0\ufeff"))
    if charset.startswith(b"JIS"):
        return _written(body.decode("iso2022_jp", "replace"))
    known = charset.startswith(b"ASCII") or not charset.strip(b"\0")
    return _written(decoded(body if known else raw).strip("\0"))


def _written(text: str) -> str:
    """The text with its lines; empty where nothing in it can be shown."""
    return text if clean(text) else ""
