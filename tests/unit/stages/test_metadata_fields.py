from __future__ import annotations

import io

import containers as c
import pytest
from PIL import Image

from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata
from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata import describe


def read(data: bytes, kind: Format = Format.JPEG) -> Metadata:
    return describe(c.source(data, kind))


def in_exif(ifd0: dict[int, c.Value]) -> Metadata:
    return read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff(ifd0))))


def in_xmp(properties: str) -> Metadata:
    return read(c.jpeg(c.segment(0xE1, c.XMP_HEADER + c.xmp(properties))))


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("<aux:SerialNumber>17</aux:SerialNumber>", Category.SERIAL),
        ("<aux:OwnerName>Ali Bakar</aux:OwnerName>", Category.OWNER),
        ("<exif:FNumber>4/1</exif:FNumber>", Category.CAMERA),
        ("<exif:UserComment>hello</exif:UserComment>", Category.COMMENT),
        ("<dc:description>hello</dc:description>", Category.CAPTION),
        ("<xmp:ModifyDate>2024-05-06</xmp:ModifyDate>", Category.DATE),
        ("<GCamera:MotionPhoto>1</GCamera:MotionPhoto>", Category.MOTION),
        (
            (
                "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:Name>Siti</mwg-rs:Name>"
                "</mwg-rs:Regions>"
            ),
            Category.FACES,
        ),
        ("<photoshop:History>opened</photoshop:History>", Category.PRIVATE),
    ],
)
def test_xmp_properties_have_their_category(properties: str, expected: Category) -> None:
    assert in_xmp(properties).present == {expected}


@pytest.mark.parametrize(
    "properties",
    [
        "",
        "<tiff:Orientation>1</tiff:Orientation>",
        "<GCamera:MotionPhoto>0</GCamera:MotionPhoto>",
        "<dc:creator><rdf:Seq><rdf:li> </rdf:li></rdf:Seq></dc:creator>",
        "<xmpRights:Marked>False</xmpRights:Marked>",
    ],
)
def test_xmp_that_says_nothing_is_not_reported(properties: str) -> None:
    assert in_xmp(properties).present == frozenset()


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ("<dc:rights><rdf:Alt><rdf:li>X</rdf:li></rdf:Alt></dc:rights>", CreditField.COPYRIGHT),
        ("<photoshop:Credit>X</photoshop:Credit>", CreditField.CREDIT),
        ("<photoshop:Source>X</photoshop:Source>", CreditField.SOURCE),
        ("<xmpRights:WebStatement>X</xmpRights:WebStatement>", CreditField.COPYRIGHT),
        (
            (
                "<plus:Licensor><rdf:Seq><rdf:li rdf:parseType='Resource'>"
                "<plus:LicensorName>X</plus:LicensorName></rdf:li></rdf:Seq></plus:Licensor>"
            ),
            CreditField.LICENSOR,
        ),
    ],
)
def test_xmp_credits_keep_their_field(properties: str, field: CreditField) -> None:
    assert in_xmp(properties).credits == (Credit(field, "X"),)


@pytest.mark.parametrize(
    "text", ["", "   ", "\0", "Unknown", "Copyright", "OLYMPUS DIGITAL CAMERA", "[None] (Editor)"]
)
def test_placeholders_are_not_credits(text: str) -> None:
    found = in_exif({0x013B: text, 0x8298: text})
    assert found.credits == ()
    assert found.present == frozenset()


def test_a_camera_that_signs_with_its_own_name_is_nobodys_credit() -> None:
    camera: dict[int, c.Value] = {0x010F: "Example Optics", 0x0110: "DC-42 ZOOM"}
    signed = in_exif({**camera, 0x8298: "(C) by DC-42 User"})
    assert signed.credits == ()
    assert Category.CREDIT in signed.present
    person = in_exif({**camera, 0x8298: "(C) Siti, DC-42"})
    assert person.credits == (Credit(CreditField.COPYRIGHT, "(C) Siti, DC-42"),)
    year = in_exif({**camera, 0x8298: "Copyright 2005"})
    assert year.credits == (Credit(CreditField.COPYRIGHT, "Copyright 2005"),)


def test_a_serial_number_in_a_maker_note_is_found() -> None:
    inner = c.tiff({0x001D: "0042137"})
    note = b"Nikon\0\2\0\0\0" + inner
    found = read(
        c.jpeg(
            c.segment(0xE1, b"Exif\0\0" + c.tiff({0x010F: "NIKON"}, exif={0x927C: note})),
        )
    )
    assert (Category.SERIAL, "nikon SerialNumber", "0042137") in found.values


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_read(value: int) -> None:
    assert in_exif({0x0112: value}).orientation == value


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_outside_1_to_8_is_1(value: int) -> None:
    assert in_exif({0x0112: value}).orientation == 1


def test_exif_orientation_is_believed_before_xmp() -> None:
    exif = c.segment(0xE1, b"Exif\0\0" + c.EXIF)
    assert read(c.jpeg(c.segment(0xE1, c.XMP_HEADER + c.XMP), exif)).orientation == 6


@pytest.mark.parametrize("value", range(1, 9))
def test_avif_orientation_is_what_its_properties_say(value: int) -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = value
    Image.new("RGB", (16, 8)).save(written, "AVIF", exif=exif)
    assert read(written.getvalue(), Format.AVIF).orientation == value


def test_a_second_picture_says_nothing_about_the_first() -> None:
    second = c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.EXIF))
    found = read(c.jpeg(after=second))
    assert found.orientation == 1
    assert found.captured is None
    assert Category.GPS in found.present


def test_where_a_second_picture_was_taken_is_compared_too() -> None:
    second = c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.EXIF))
    assert read(c.jpeg(after=second)).position == pytest.approx((3.1395, 101.7))


@pytest.mark.parametrize(
    "latitude",
    [[(3, 0), (0, 1), (0, 1)], [(91, 1), (0, 1), (0, 1)], []],
)
def test_a_position_that_cannot_be_is_none(latitude: list[tuple[int, int]]) -> None:
    gps: dict[int, c.Value] = {2: latitude, 4: [(101, 1), (0, 1), (0, 1)]}
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}, gps=gps))))
    assert found.position is None
    assert Category.GPS in found.present


def test_south_and_west_are_negative() -> None:
    gps: dict[int, c.Value] = {
        1: "S", 2: [(3, 1), (30, 1), (0, 0)], 3: "W", 4: [(101, 1), (0, 1), (36, 1)],
    }  # fmt: skip
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}, gps=gps))))
    assert found.position == pytest.approx((-3.5, -101.01))


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2024:13:40", "yesterday", "    :  :  "])
def test_a_date_that_cannot_be_is_none(text: str) -> None:
    assert in_exif({0x9003: text}).captured is None


def test_an_unreadable_block_is_still_reported_without_its_content() -> None:
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0secret needle")))
    assert found.present == {Category.PRIVATE}
    assert found.notes == ("The EXIF block could not be read completely.",)


def test_one_broken_directory_does_not_hide_the_others() -> None:
    block = c.tiff({0x010F: "Example", 0x8825: 60000}, ifd1={0x0201: 8})
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + block)))
    assert found.present == {Category.CAMERA, Category.THUMBNAIL, Category.PRIVATE}
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    "packet",
    [
        c.XMP.replace(b"</rdf:RDF>", b"</rdf:WRONG>"),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + c.XMP,
    ],
)
def test_a_broken_or_forbidden_packet_is_read_loosely_and_noted(packet: bytes) -> None:
    found = read(c.jpeg(c.segment(0xE1, c.XMP_HEADER + packet)))
    assert found.present >= c.IN_XMP
    assert found.credits == (Credit(CreditField.CREATOR, "Agency X"),)
    assert found.notes == ("The XMP block could not be read completely.",)


def test_values_are_one_short_line_without_control_characters() -> None:
    found = in_exif({0x010E: "a\x1b[2Jb\nc" + "x" * 500})
    ((_, _, text),) = found.values
    assert text.startswith("a [2Jb c")
    assert len(text) == 200


def test_no_value_shows_in_the_representation() -> None:
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.EXIF), c.segment(0xFE, b"needle")))
    for secret in ("Ali", "needle", "0042", "2023", "101"):
        assert secret not in repr(found)
