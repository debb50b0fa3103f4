from __future__ import annotations

import zlib
from datetime import date

import containers as c
import pytest

from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata
from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata import describe


def read(data: bytes, kind: Format = Format.JPEG) -> Metadata:
    return describe(c.source(data, kind))


@pytest.mark.parametrize("holder", c.HOLDERS)
def test_exif_is_read_in_every_container(holder: str) -> None:
    kind, build = c.HOLDERS[holder]
    found = read(build(c.EXIF), kind)
    expected = c.IN_EXIF - ({Category.THUMBNAIL} if holder == "tiff" else set())
    assert expected <= found.present
    assert found.captured == date(2023, 4, 5)
    assert found.position == pytest.approx((3.1395, 101.7))
    assert Credit(CreditField.CREATOR, "Ali Bakar") in found.credits
    assert Credit(CreditField.COPYRIGHT, "(c) 2024 Ali Bakar") in found.credits
    assert (Category.COMMENT, "UserComment", "a needle") in found.values
    # HEIF comes upright from its decoder; AVIF is turned by its own properties alone.
    assert found.orientation == (1 if holder in ("heif", "avif") else 6)


@pytest.mark.parametrize("holder", c.XMP_HOLDERS)
def test_xmp_is_read_in_every_container(holder: str) -> None:
    kind, data = c.XMP_HOLDERS[holder]
    found = read(data, kind)
    assert found.present >= c.IN_XMP
    assert found.credits == (Credit(CreditField.CREATOR, "Agency X"),)
    assert found.captured == date(2022, 3, 4)
    assert found.position == pytest.approx((3.1395, 101.7))
    assert found.orientation == 3
    assert found.notes == ()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (c.jpeg(), Format.JPEG),
        (c.jpeg(c.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")), Format.JPEG),
        (c.jpeg(c.segment(0xEE, b"Adobe\0d\0\0\0\0\0")), Format.JPEG),
        (c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}))), Format.JPEG),
        (c.png(), Format.PNG),
        (c.png(c.chunk(b"acTL", bytes(8)), c.chunk(b"gAMA", bytes(4))), Format.PNG),
        (c.webp(), Format.WEBP),
        (c.gif(b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"), Format.GIF),
        (c.heif([]), Format.HEIF),
        (c.tiff({0x0100: 1, 0x0101: 1, 0x0111: 8}), Format.TIFF),
        (b"BM" + (62).to_bytes(4, "little") + bytes(56), Format.BMP),
    ],
)
def test_picture_structure_is_not_hidden_data(data: bytes, kind: Format) -> None:
    assert read(data, kind) == Metadata()


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        (c.jpeg(c.segment(0xFE, b"a needle")), Format.JPEG, {Category.COMMENT}),
        (c.jpeg(c.segment(0xE2, b"ICC_PROFILE\0\1\1x")), Format.JPEG, {Category.PROFILE}),
        (c.jpeg(c.segment(0xEB, b"JP\0\1jumb")), Format.JPEG, {Category.PROVENANCE}),
        (c.jpeg(c.segment(0xE2, b"FPXR\0\0")), Format.JPEG, {Category.PRIVATE}),
        (c.jpeg(c.segment(0xE7, b"what")), Format.JPEG, {Category.PRIVATE}),
        (c.jpeg(c.segment(0xF3, b"what")), Format.JPEG, {Category.PRIVATE}),
        (c.jpeg(b"between"), Format.JPEG, {Category.PRIVATE}),
        (c.jpeg(c.segment(0xE0, b"JFXX\0\x10")), Format.JPEG, {Category.THUMBNAIL}),
        (
            c.jpeg(c.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1rgb")),
            Format.JPEG,
            {Category.THUMBNAIL},
        ),
        (
            c.jpeg(c.segment(0xE2, b"MPF\0" + c.tiff({0xB001: 2}))),
            Format.JPEG,
            {Category.SECOND_PICTURE},
        ),
        (c.jpeg(after=b"\0"), Format.JPEG, {Category.TRAILER}),
        (
            c.jpeg(after=c.box(b"ftyp", b"mp42" + bytes(8))),
            Format.JPEG,
            {Category.TRAILER, Category.MOTION},
        ),
        (
            c.jpeg(after=b"pad" + c.jpeg(c.segment(0xFE, b"a needle"))),
            Format.JPEG,
            {Category.TRAILER, Category.SECOND_PICTURE, Category.COMMENT},
        ),
        (c.png(c.chunk(b"tEXt", b"Comment\0a needle")), Format.PNG, {Category.COMMENT}),
        (c.png(c.chunk(b"tEXt", b"Anything\0a needle")), Format.PNG, {Category.COMMENT}),
        (c.png(c.chunk(b"tEXt", b"exif:GPSLatitude\0a")), Format.PNG, {Category.GPS}),
        (c.png(c.chunk(b"tIME", b"\7\xe8\5\6\7\10\11")), Format.PNG, {Category.DATE}),
        (c.png(c.chunk(b"iCCP", b"p\0\0x")), Format.PNG, {Category.PROFILE}),
        (c.png(c.chunk(b"caBX", b"x")), Format.PNG, {Category.PROVENANCE}),
        (c.png(c.chunk(b"prVt", b"x")), Format.PNG, {Category.PRIVATE}),
        (c.png(after=b"x"), Format.PNG, {Category.TRAILER}),
        (c.webp(c.riff(b"ICCP", b"x")), Format.WEBP, {Category.PROFILE}),
        (c.webp(c.riff(b"C2PA", b"x")), Format.WEBP, {Category.PROVENANCE}),
        (c.webp(c.riff(b"what", b"x")), Format.WEBP, {Category.PRIVATE}),
        (
            c.webp(c.riff(b"ANMF", bytes(16) + c.riff(b"what", b"x"))),
            Format.WEBP,
            {Category.PRIVATE},
        ),
        (c.webp(after=b"x"), Format.WEBP, {Category.TRAILER}),
        (c.gif(b"!\xfe\x08a needle\0"), Format.GIF, {Category.COMMENT}),
        (c.gif(b"!\xff\x0bWHATEVER1.0\1x\0"), Format.GIF, {Category.PRIVATE}),
        (c.gif(b"!\xff\x0bICCRGBG1012\1x\0"), Format.GIF, {Category.PROFILE}),
        (c.gif(after=b"x"), Format.GIF, {Category.TRAILER}),
        (c.heif([], after=c.box(b"moov", b"x")), Format.HEIF, {Category.MOTION}),
        (c.heif([], after=c.box(b"jumb", b"x")), Format.HEIF, {Category.PROVENANCE}),
        (c.heif([], after=c.box(b"uuid", bytes(16))), Format.HEIF, {Category.PRIVATE}),
        (c.heif([], after=c.box(b"free", b"a needle")), Format.HEIF, {Category.PRIVATE}),
        (c.heif([], properties=[c.box(b"colr", b"profx")]), Format.HEIF, {Category.PROFILE}),
        (c.heif([(b"hvc1", b"x")]), Format.HEIF, {Category.SECOND_PICTURE}),
        (
            c.heif([(b"hvc1", b"x")], links=[(b"thmb", 2, 1)]),
            Format.HEIF,
            {Category.THUMBNAIL},
        ),
        (
            c.heif([], properties=[c.box(b"auxC", bytes(4) + b"urn:x:hdrgainmap\0")]),
            Format.HEIF,
            {Category.SECOND_PICTURE},
        ),
        (c.jp2(), Format.JPEG2000, {Category.COMMENT}),
        (
            c.jp2(c.box(b"jp2h", c.box(b"colr", b"\2\0\0x"))),
            Format.JPEG2000,
            {Category.COMMENT, Category.PROFILE},
        ),
        (
            c.jp2(c.box(b"xml ", b"<a/>")),
            Format.JPEG2000,
            {Category.COMMENT, Category.PRIVATE},
        ),
        (c.jp2(after=b"x"), Format.JPEG2000, {Category.COMMENT, Category.TRAILER}),
        (b"BM" + (62).to_bytes(4, "little") + bytes(56) + b"x", Format.BMP, {Category.TRAILER}),
        (c.tiff({0x8773: b"profile"}), Format.TIFF, {Category.PROFILE}),
        (c.tiff({0xC4A5: b"private"}), Format.TIFF, {Category.PRIVATE}),
    ],
)
def test_each_part_has_its_category(data: bytes, kind: Format, expected: set[Category]) -> None:
    found = read(data, kind)
    assert found.present == expected
    assert found.notes == ()


def test_pages_of_a_tiff_file_are_not_thumbnails_and_reduced_copies_are() -> None:
    page = c.tiff({0x0100: 1}, ifd1={0x0111: 8})
    reduced = c.tiff({0x0100: 1}, ifd1={0x00FE: 1, 0x0111: 8})
    assert Category.THUMBNAIL not in read(page, Format.TIFF).present
    assert Category.THUMBNAIL in read(reduced, Format.TIFF).present


def test_iptc_is_read_through_photoshop_blocks_split_over_segments() -> None:
    head, tail = c.BY_LINE[:14], c.BY_LINE[14:]
    segments = [c.segment(0xED, b"Photoshop 3.0\0" + piece) for piece in (head, tail)]
    assert read(c.jpeg(*segments)).credits == (Credit(CreditField.CREATOR, "Zoë"),)


def test_iptc_without_a_character_set_falls_back_to_latin_1() -> None:
    block = c.photoshop(0x0404, c.iptc([(2, 110, "Zoë".encode("latin-1")), (2, 55, b"20240102")]))
    found = read(c.jpeg(c.segment(0xED, b"Photoshop 3.0\0" + block)))
    assert found.credits == (Credit(CreditField.CREDIT, "Zoë"),)
    assert found.captured == date(2024, 1, 2)


def test_extended_xmp_is_put_together_in_order() -> None:
    pieces = c.XMP[:300], c.XMP[300:]
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + len(c.XMP).to_bytes(4, "big")
    first = c.segment(0xE1, head + (0).to_bytes(4, "big") + pieces[0])
    second = c.segment(0xE1, head + (300).to_bytes(4, "big") + pieces[1])
    assert read(c.jpeg(second, first)).credits == (Credit(CreditField.CREATOR, "Agency X"),)


@pytest.mark.parametrize(
    ("source", "category", "credited"),
    [
        (b"Slide scanner 4", Category.CAMERA, []),
        (b"https://example.org/photos/7", Category.CREDIT, [CreditField.SOURCE]),
        (b"from WWW.example.org", Category.CREDIT, [CreditField.SOURCE]),
    ],
)
def test_the_source_of_a_png_is_its_device_unless_it_is_an_address(
    source: bytes, category: Category, credited: list[CreditField]
) -> None:
    found = read(c.png(c.chunk(b"tEXt", b"Source\0" + source)), Format.PNG)
    assert found.present == {category}
    assert [credit.field for credit in found.credits] == credited


def test_png_texts_are_inflated_and_profiles_in_hexadecimal_are_read() -> None:
    author = c.chunk(b"zTXt", b"Author\0\0" + zlib.compress(b"Agency X"))
    rights = c.chunk(b"iTXt", b"Copyright\0\1\0\0\0" + zlib.compress("© Zoë".encode()))
    digits = c.EXIF.hex().encode()
    profile = b"\nexif\n  %d\n%s\n" % (len(c.EXIF), digits)
    found = read(
        c.png(author, rights, c.chunk(b"tEXt", b"Raw profile type exif\0" + profile)), Format.PNG
    )
    assert found.credits[:2] == (
        Credit(CreditField.CREATOR, "Agency X"),
        Credit(CreditField.COPYRIGHT, "© Zoë"),
    )
    assert found.present >= c.IN_EXIF


def test_a_text_that_inflates_without_end_is_cut() -> None:
    bomb = c.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"needle" + bytes(50 << 20)))
    found = read(c.png(bomb), Format.PNG)
    assert found.present == {Category.COMMENT}
    assert found.values == ((Category.COMMENT, "PNG Comment", "needle"),)
