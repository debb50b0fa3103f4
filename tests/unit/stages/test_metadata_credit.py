"""Where a file may say that it is someone else's, besides the fields made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import containers as c
import numpy as np
import pytest

from imu_imageprep.detectors.credit import Credit as Detector
from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata
from imu_imageprep.domain.photo import Format, Photo, Size
from imu_imageprep.stages.metadata import describe

if TYPE_CHECKING:
    from collections.abc import Callable

PHOTO = Photo(np.zeros((2, 2, 3), np.uint8), Size(2, 2))
NAMED, TEXT = "Photo: Jane Roe", "A campus in the evening"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "dcterms": "http://purl.org/dc/terms/",
        "cc": "http://creativecommons.org/ns#",
        "oldcc": "http://web.resource.org/cc/",
        "core": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
        "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "exifEX": "http://cipa.jp/exif/1.0/",
        "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
        "xmpDM": "http://ns.adobe.com/xmp/1.0/DynamicMedia/",
        "prism": "http://prismstandard.org/namespaces/basic/2.0/",
        "GettyImagesGIFT": "http://xmp.gettyimages.com/gift/1.0/",
        "a1": "http://ns.reuters.example/photo/1.0/",
        "a2": "http://www.shutterstock.com/xmp/",
        "a3": "http://ns.dpa-picture-alliance.example/1.0/",
        "mine": "http://ns.example.org/mine/1.0/",
        "pur": "http://prismstandard.org/namespaces/prismusagerights/2.1/",
    }.items()
)


def held(found: Metadata, owner: str = "") -> bool:
    return bool(Detector(owner).look(PHOTO, found).findings)


def in_exif(ifd0: dict[int, c.Value], **more: dict[int, c.Value]) -> Metadata:
    data = c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff(ifd0, **more)))
    return describe(c.source(data, Format.JPEG))


def in_xmp(properties: str) -> Metadata:
    packet = c.XMP_HEADER + c.xmp(properties, NAMESPACES)
    return describe(c.source(c.jpeg(c.segment(0xE1, packet)), Format.JPEG))


def in_photoshop(*resources: bytes) -> Metadata:
    body = b"Photoshop 3.0\0" + b"".join(resources)
    return describe(c.source(c.jpeg(c.segment(0xED, body)), Format.JPEG))


def in_iptc(number: int, text: str, record: int = 2) -> Metadata:
    return in_photoshop(c.photoshop(0x0404, c.iptc([(record, number, text.encode())])))


def in_png(keyword: str, text: str) -> Metadata:
    chunk = c.chunk(b"tEXt", keyword.encode() + b"\0" + text.encode())
    return describe(c.source(c.png(chunk), Format.PNG))


def in_file(data: bytes, kind: Format) -> Metadata:
    return describe(c.source(data, kind))


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def gif_comment(text: str) -> bytes:
    raw = text.encode()
    return b"!\xfe" + bytes([len(raw)]) + raw + b"\0"


def riff_info(text: str) -> bytes:
    return c.riff(b"LIST", b"INFO" + c.riff(b"ICMT", text.encode()))


def described(text: str) -> bytes:
    return c.box(b"udes", bytes(4) + b"en\0A name\0" + text.encode() + b"\0\0")


IN_WORDS: dict[str, Callable[[str], Metadata]] = {
    "EXIF ImageDescription": lambda t: in_exif({0x010E: t}),
    "EXIF DocumentName": lambda t: in_exif({0x010D: t}),
    "EXIF UserComment": lambda t: in_exif({}, exif={0x9286: b"ASCII\0\0\0" + t.encode()}),
    "EXIF UserComment, wide": lambda t: in_exif({}, exif={0x9286: b"UNICODE\0" + wide(t)}),
    "EXIF ImageTitle": lambda t: in_exif({}, exif={0xA436: t}),
    "EXIF XPTitle": lambda t: in_exif({0x9C9B: wide(t)}),
    "EXIF XPComment": lambda t: in_exif({0x9C9C: wide(t)}),
    "EXIF XPKeywords": lambda t: in_exif({0x9C9E: wide(t)}),
    "EXIF XPSubject": lambda t: in_exif({0x9C9F: wide(t)}),
    "JPEG comment": lambda t: in_file(c.jpeg(c.segment(0xFE, t.encode())), Format.JPEG),
    "GIF comment": lambda t: in_file(c.gif(gif_comment(t)), Format.GIF),
    "PNG Title": lambda t: in_png("Title", t),
    "PNG Description": lambda t: in_png("Description", t),
    "PNG Comment": lambda t: in_png("Comment", t),
    "PNG Disclaimer": lambda t: in_png("Disclaimer", t),
    "PNG, a keyword of its own": lambda t: in_png("Remarks", t),
    "PNG, ImageMagick's keyword": lambda t: in_png("exif:ImageDescription", t),
    "IPTC Object Name": lambda t: in_iptc(5, t),
    "IPTC Keywords": lambda t: in_iptc(25, t),
    "IPTC Headline": lambda t: in_iptc(105, t),
    "IPTC Caption": lambda t: in_iptc(120, t),
    "IPTC Writer": lambda t: in_iptc(122, t),
    "IPTC By-line Title": lambda t: in_iptc(85, t),
    "IPTC Original Transmission Reference": lambda t: in_iptc(103, t),
    "Photoshop caption": lambda t: in_photoshop(
        c.photoshop(0x03F0, bytes([len(t)]) + t.encode("latin-1"))
    ),
    "XMP dc:description": lambda t: in_xmp(
        f"<dc:description><rdf:Alt><rdf:li>{t}</rdf:li></rdf:Alt></dc:description>"
    ),
    "XMP dc:title": lambda t: in_xmp(f"<dc:title>{t}</dc:title>"),
    "XMP dc:subject": lambda t: in_xmp(
        f"<dc:subject><rdf:Bag><rdf:li>{t}</rdf:li></rdf:Bag></dc:subject>"
    ),
    "XMP photoshop:Headline": lambda t: in_xmp(f"<photoshop:Headline>{t}</photoshop:Headline>"),
    "XMP exif:UserComment": lambda t: in_xmp(f"<exif:UserComment>{t}</exif:UserComment>"),
    "XMP tiff:ImageDescription": lambda t: in_xmp(
        f"<tiff:ImageDescription>{t}</tiff:ImageDescription>"
    ),
    "XMP, a namespace of its own": lambda t: in_xmp(f"<mine:Remarks>{t}</mine:Remarks>"),
    "TIFF": lambda t: in_file(c.tiff({0x010E: t}), Format.TIFF),
    "HEIC EXIF": lambda t: in_file(
        c.heif([(b"Exif", bytes(4) + c.tiff({0x010E: t}))]), Format.HEIF
    ),
    "HEIC description": lambda t: in_file(c.heif([], properties=[described(t)]), Format.HEIF),
    "AVIF EXIF": lambda t: in_file(
        c.heif([(b"Exif", bytes(4) + c.tiff({0x010E: t}))], brand=b"avif"), Format.AVIF
    ),
    "WebP EXIF": lambda t: in_file(c.webp(c.riff(b"EXIF", c.tiff({0x010E: t}))), Format.WEBP),
    "WebP info": lambda t: in_file(c.webp(riff_info(t)), Format.WEBP),
    "JPEG 2000 xml": lambda t: in_file(
        c.jp2(c.box(b"xml ", f"<note>{t}</note>".encode())), Format.JPEG2000
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", IN_WORDS)
def test_a_free_text_is_read_for_credits(place: str) -> None:
    found = IN_WORDS[place](NAMED)
    assert Credit(CreditField.CREDIT, "Jane Roe") in found.credits
    assert Category.CREDIT in found.present
    assert held(found)
    assert not held(found, "Jane Roe")


@pytest.mark.parametrize("place", IN_WORDS)
def test_a_free_text_without_a_credit_is_only_told(place: str) -> None:
    found = IN_WORDS[place](TEXT)
    assert found.present
    assert found.credits == ()
    assert Category.CREDIT not in found.present


def test_a_credit_at_the_end_of_a_long_caption_is_read() -> None:
    long = f"{TEXT}. " * 1000 + f"({NAMED}/Agency X)"
    for place in ("EXIF ImageDescription", "JPEG comment", "PNG Comment", "XMP dc:description"):
        assert held(IN_WORDS[place](long)), place


def test_a_name_in_a_line_of_its_own_is_the_name_alone() -> None:
    for place in ("EXIF ImageDescription", "IPTC Caption", "PNG Comment", "EXIF XPComment"):
        found = IN_WORDS[place](f"{TEXT}\n{NAMED}\nIMU 2024")
        assert found.credits == (Credit(CreditField.CREDIT, "Jane Roe"),), place


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ("<xmpRights:Marked>True</xmpRights:Marked>", CreditField.RIGHTS),
        ("<xmpRights:Marked>1</xmpRights:Marked>", CreditField.RIGHTS),
        ("<xmpRights:UsageTerms>No reuse</xmpRights:UsageTerms>", CreditField.RIGHTS),
        ("<xmpRights:Certificate>https://x.example</xmpRights:Certificate>", CreditField.RIGHTS),
        ("<cc:license rdf:resource='https://cc.example/by/4.0/'/>", CreditField.RIGHTS),
        ("<oldcc:license rdf:resource='https://cc.example/by/4.0/'/>", CreditField.RIGHTS),
        ("<cc:morePermissions>https://x.example</cc:morePermissions>", CreditField.RIGHTS),
        ("<dcterms:license>CC BY 4.0</dcterms:license>", CreditField.RIGHTS),
        ("<dcterms:accessRights>Members</dcterms:accessRights>", CreditField.RIGHTS),
        ("<plus:LicensorURL>https://x.example</plus:LicensorURL>", CreditField.RIGHTS),
        ("<plus:LicensorEmail>a@x.example</plus:LicensorEmail>", CreditField.RIGHTS),
        ("<plus:TermsAndConditionsText>Pay</plus:TermsAndConditionsText>", CreditField.RIGHTS),
        ("<plus:CopyrightOwnerID>17</plus:CopyrightOwnerID>", CreditField.RIGHTS),
        ("<dc:contributor>Jane Roe</dc:contributor>", CreditField.CREATOR),
        ("<dcterms:contributor>Jane Roe</dcterms:contributor>", CreditField.CREATOR),
        ("<dc:publisher>Agency X</dc:publisher>", CreditField.SOURCE),
        ("<dc:source>Agency X</dc:source>", CreditField.SOURCE),
        ("<ext:AOCreator>Jane Roe</ext:AOCreator>", CreditField.CREATOR),
        ("<ext:AOCopyrightNotice>Jane Roe</ext:AOCopyrightNotice>", CreditField.COPYRIGHT),
        ("<ext:AOSource>A museum</ext:AOSource>", CreditField.SOURCE),
        ("<ext:AOCurrentLicensorName>X</ext:AOCurrentLicensorName>", CreditField.LICENSOR),
        ("<ext:RegItemId>17</ext:RegItemId>", CreditField.RIGHTS),
        ("<ext:RegOrgId>x.example</ext:RegOrgId>", CreditField.RIGHTS),
        ("<core:CiEmailWork>a@x.example</core:CiEmailWork>", CreditField.CONTACT),
        ("<core:CiUrlWork>https://x.example</core:CiUrlWork>", CreditField.CONTACT),
        ("<core:CiTelWork>1234</core:CiTelWork>", CreditField.CONTACT),
        ("<exifEX:Photographer>Jane Roe</exifEX:Photographer>", CreditField.CREATOR),
        ("<exifEX:ImageEditor>Jane Roe</exifEX:ImageEditor>", CreditField.CREATOR),
        ("<photoshop:Instructions>Mandatory credit</photoshop:Instructions>", CreditField.RIGHTS),
        ("<photoshop:Instructions>FBMD0100</photoshop:Instructions>", CreditField.SOURCE),
        ("<GettyImagesGIFT:AssetID>17</GettyImagesGIFT:AssetID>", CreditField.RIGHTS),
        ("<a1:Slug>17</a1:Slug>", CreditField.RIGHTS),
        ("<a2:id>17</a2:id>", CreditField.RIGHTS),
        ("<a3:id>17</a3:id>", CreditField.RIGHTS),
        ("<xmpDM:copyright>Jane Roe</xmpDM:copyright>", CreditField.COPYRIGHT),
        ("<prism:copyright>Agency X</prism:copyright>", CreditField.COPYRIGHT),
        ("<mine:PhotographerName>Jane Roe</mine:PhotographerName>", CreditField.CREATOR),
        ("<mine:CreditLine>Agency X</mine:CreditLine>", CreditField.CREDIT),
        ("<mine:Licence>Agency X</mine:Licence>", CreditField.RIGHTS),
        ("<mine:RightsOwner>Agency X</mine:RightsOwner>", CreditField.COPYRIGHT),
        ("<mine:rights_holder>Agency X</mine:rights_holder>", CreditField.COPYRIGHT),
        ("<mine:creator>Jane Roe</mine:creator>", CreditField.CREATOR),
        ("<ext:CreatorName>Jane Roe</ext:CreatorName>", CreditField.CREATOR),
        ("<mine:AuthorName>Jane Roe</mine:AuthorName>", CreditField.CREATOR),
        ("<mine:creditText>Agency X</mine:creditText>", CreditField.CREDIT),
        ("<mine:PhotoCredit>Agency X</mine:PhotoCredit>", CreditField.CREDIT),
        ("<mine:Courtesy>Agency X</mine:Courtesy>", CreditField.CREDIT),
        ("<mine:distributorName>Agency X</mine:distributorName>", CreditField.SOURCE),
        ("<pur:reuseProhibited>True</pur:reuseProhibited>", CreditField.RIGHTS),
        ("<pur:restrictions>Web only</pur:restrictions>", CreditField.RIGHTS),
    ],
)  # fmt: skip
def test_properties_that_say_whose_a_picture_is(properties: str, field: CreditField) -> None:
    found = in_xmp(properties)
    assert {credit.field for credit in found.credits} == {field}
    assert held(found)


@pytest.mark.parametrize(
    "properties",
    [
        "<xmpRights:Marked>False</xmpRights:Marked>",
        "<xmpRights:UsageTerms> </xmpRights:UsageTerms>",
        "<plus:Version>1.2.0</plus:Version>",
        "<plus:ModelReleaseStatus>http://ns.x.example/ldf/vocab/MR-UMR</plus:ModelReleaseStatus>",
        "<plus:DataMining>http://ns.x.example/ldf/vocab/DMI-UNSPECIFIED</plus:DataMining>",
        "<core:CiEmailWork></core:CiEmailWork>",
        "<core:Location>Bukit Jalil</core:Location>",
        "<ext:AOTitle>A painting</ext:AOTitle>",
        "<dc:source>IMG_0001.CR2</dc:source>",
        "<dc:source>xmp.did:0123456789abcdef0123456789abcdef</dc:source>",
        "<crs:Copyright>(c) 2018 Agency X</crs:Copyright>",
        "<mine:CopyrightFlag>False</mine:CopyrightFlag>",
        "<pur:reuseProhibited>False</pur:reuseProhibited>",
        "<pur:expirationDate>2024-01-01</pur:expirationDate>",
        "<pdf:Creator>A writer of letters</pdf:Creator>",
        "<xmp:CreatorTool>A camera</xmp:CreatorTool>",
        "<photoshop:CaptionWriter>JR</photoshop:CaptionWriter>",
        "<xmp:Rating>5</xmp:Rating>",
    ],
)
def test_properties_that_say_nothing_of_it(properties: str) -> None:
    assert in_xmp(properties).credits == ()


def test_a_broken_packet_still_says_whose_a_picture_is() -> None:
    for properties in (
        "<GettyImagesGIFT:AssetID>17</GettyImagesGIFT:AssetID>",
        "<Iptc4xmpExt:RegItemId>17</Iptc4xmpExt:RegItemId>",
        "<Iptc4xmpCore:CiEmailWork>a@x.example</Iptc4xmpCore:CiEmailWork>",
    ):
        assert held(in_xmp(f"{properties}</broken>")), properties


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (in_photoshop(c.photoshop(0x040A, b"\1")), [CreditField.RIGHTS]),
        (in_photoshop(c.photoshop(0x040A, b"\0")), []),
        (in_photoshop(c.photoshop(0x040B, b"https://x.example")), [CreditField.COPYRIGHT]),
        (in_iptc(40, "FBMD01000abc"), [CreditField.SOURCE]),
        (in_iptc(40, "Mandatory credit"), [CreditField.RIGHTS]),
        (in_iptc(118, "Jane Roe, Agency X"), [CreditField.CONTACT]),
        (in_iptc(188, "17"), [CreditField.RIGHTS]),
        (in_iptc(30, "AGX", record=1), [CreditField.RIGHTS]),
        (in_iptc(100, "AGX-17", record=1), [CreditField.RIGHTS]),
        (in_iptc(85, "Director"), []),
        (in_iptc(122, "JR"), []),
        (in_iptc(103, "20241105-17"), []),
        (in_exif({}, exif={0xA437: "Jane Roe"}), [CreditField.CREATOR]),
        (in_exif({}, exif={0xA438: "Jane Roe"}), [CreditField.CREATOR]),
        (in_exif({}, exif={0xA430: "Jane Roe"}), []),
        (in_png("Source", "Agency X"), [CreditField.SOURCE]),
        (in_png("source", "https://x.example/17"), [CreditField.SOURCE]),
        (in_png("Source", "C2500L"), []),
        (in_png("Source", "Canon EOS 5D"), []),
        (in_png("Source", "Slide scanner 4"), []),
        (in_png("License", "CC BY 4.0"), [CreditField.RIGHTS]),
        (in_png("Photographer", "Jane Roe"), [CreditField.CREATOR]),
        (in_png("Credit", "Jane Roe"), [CreditField.CREDIT]),
        (in_png("icc:copyright", "Copyright (c) 1998 A Company"), []),
        (in_png("Software", "Writer, (c) A Company 1990"), []),
        (in_file(c.jp2(c.box(b"jp2i", b"<x/>")), Format.JPEG2000), [CreditField.RIGHTS]),
    ],
)  # fmt: skip
def test_flags_numbers_and_names(found: Metadata, expected: list[CreditField]) -> None:
    assert [credit.field for credit in found.credits] == expected
    assert held(found) == bool(expected)


def test_a_camera_that_signs_a_description_with_its_own_name_is_nobodys_credit() -> None:
    found = in_exif({0x010F: "Example", 0x0110: "DC-42 ZOOM", 0x010E: "(C) by DC-42 User"})
    assert found.credits == ()


@pytest.mark.parametrize(
    "properties",
    [
        "<xmpRights:Marked>True</xmpRights:Marked>",
        "<xmpRights:UsageTerms>Ask the office for another use</xmpRights:UsageTerms>",
        "<core:CiTelWork>03-1234</core:CiTelWork><core:CiAdrCity>Kuala Lumpur</core:CiAdrCity>",
        "<cc:license rdf:resource='https://cc.example/by/4.0/'/>",
        "<dc:description>The lake. Photo by Ali Bakar. All rights reserved.</dc:description>",
        "<dc:description>© 2024 Ali Bakar</dc:description>",
        "<dc:description>Hak cipta terpelihara 2024 Ali Bakar</dc:description>",
        "<dc:description>Photo by Ali Bakar at the lake</dc:description>",
        "<dc:description>Copyright (c) 2024 Ali Bakar</dc:description>",
    ],
)
def test_the_owners_own_rights_and_contacts_ask_nothing(properties: str) -> None:
    own = "<dc:creator><rdf:Seq><rdf:li>Ali Bakar</rdf:li></rdf:Seq></dc:creator>"
    other = "<dc:publisher>Agency X</dc:publisher>"
    assert not held(in_xmp(own + properties), "Ali Bakar")
    assert held(in_xmp(own + properties), "Siti Aminah")
    assert held(in_xmp(own + properties + other), "Ali Bakar")


def test_more_text_than_is_read_is_noted() -> None:
    texts = [c.segment(0xFE, f"{number} ".encode() + b"word " * 10_000) for number in range(10)]
    found = in_file(c.jpeg(*texts), Format.JPEG)
    assert found.notes == ("There is more text in it than was read.",)
