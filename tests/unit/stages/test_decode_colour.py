"""Colour spaces that a file states without a profile; numbers of Chromium where it says so."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import replace
from typing import Any

import containers
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import profile
from PIL import Image, ImageCms, TiffImagePlugin

from imu_imageprep.domain.colour import ADOBE_RGB, SRGB, UNKNOWN, ColourSpace, space_of
from imu_imageprep.domain.photo import Format, Photo, Source
from imu_imageprep.domain.policy import Limits
from imu_imageprep.sandbox import opened
from imu_imageprep.stages import decode as stage
from imu_imageprep.stages.decode.profiles import readable_codes
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import from_bytes

Colours = tuple[tuple[int, int, int], ...]
PATCHES: Colours = (
    (230, 30, 30), (30, 200, 41), (128, 128, 128), (64, 64, 64), (200, 150, 120), (180, 180, 180),
)  # fmt: skip
SIDE = 16
WIDE_PROFILE = profile((0.55, 0.28, 0.02))
NOT_KNOWN = "its colour space is not known: its colours may look different"
HDR = "it is an HDR picture: it is shown in ordinary brightness"
D65 = (0.3127, 0.329)
SRGB_PLACES = (*D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
ADOBE_PLACES = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
WIDE_PLACES = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
# The numbers of Chromium for Adobe RGB, from a PNG that states its primaries and its gamma.
ADOBE: Colours = (
    (255, 24, 24), (0, 201, 0), (129, 129, 129), (62, 62, 62), (217, 151, 119), (181, 181, 181),
)  # fmt: skip
LINEAR: Colours = (
    (244, 96, 96), (96, 229, 112), (188, 188, 188), (137, 137, 137), (229, 202, 183),
    (219, 219, 219),
)  # fmt: skip
P3: Colours = (
    (251, 0, 0), (0, 204, 0), (128, 128, 128), (64, 64, 64), (209, 147, 115), (180, 180, 180),
)  # fmt: skip
PQ: Colours = (
    (255, 0, 0), (0, 255, 0), (132, 132, 132), (30, 30, 30), (255, 68, 41), (242, 242, 242),
)  # fmt: skip
HLG: Colours = (
    (255, 0, 0), (0, 208, 0), (99, 99, 99), (43, 43, 43), (227, 114, 93), (166, 166, 166),
)  # fmt: skip


def strip(mode: str = "RGB") -> Image.Image:
    """The patches side by side."""
    image = Image.new("RGB", (SIDE * len(PATCHES), SIDE))
    for number, patch in enumerate(PATCHES):
        image.paste(patch, (SIDE * number, 0, SIDE * (number + 1), SIDE))
    return image.convert(mode)


def saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    strip(mode).save(out, form, **options)
    return out.getvalue()


def decoded(data: bytes, long_side: int = 960) -> Photo:
    source = from_bytes(data, Limits())
    return stage.decode(source, describe(source), long_side, Limits())


def colours(photo: Photo) -> Colours:
    row = photo.pixels[SIDE // 2, SIDE // 2 :: SIDE]
    return tuple((int(r), int(g), int(b)) for r, g, b in row)


def shows(photo: Photo, wanted: Colours, within: int = 2) -> bool:
    return bool(np.abs(np.array(colours(photo)) - np.array(wanted)).max() <= within)


def chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    return data[:33] + b"".join(chunks) + data[33:]


def png(*chunks: bytes, **options: Any) -> bytes:
    return with_chunks(saved("PNG", **options), *chunks)


def gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chrm(*places: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(place * 100_000) for place in places)))


def cicp(*codes: int) -> bytes:
    return chunk(b"cICP", bytes(codes))


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([gama(1)], LINEAR),
        ([gama(1 / 2.2)], PATCHES),
        ([gama(0.45)], PATCHES),
        ([gama(0)], PATCHES),
        ([gama(1 / 2.2), chrm(*SRGB_PLACES)], PATCHES),
        ([gama(1 / 2.2), chrm(*ADOBE_PLACES)], ADOBE),
        (
            [gama(1 / 2.2), chrm(*WIDE_PLACES)],
            ((255, 0, 8), (0, 221, 0), (129,) * 3, (62,) * 3, (244, 137, 114), (181,) * 3),
        ),
        ([chunk(b"sRGB", b"\0"), gama(1)], PATCHES),
        ([cicp(12, 13, 0, 1)], P3),
        ([chunk(b"sRGB", b"\0"), gama(1), cicp(12, 13, 0, 1)], P3),
        ([cicp(1, 13, 0, 1), gama(1)], PATCHES),
        (
            [cicp(1, 1, 0, 1)],
            ((229, 18, 18), (18, 197, 29), (121,) * 3, (54,) * 3, (197, 144, 113), (176,) * 3),
        ),
        (
            [cicp(9, 14, 0, 1)],
            ((255, 0, 0), (0, 208, 0), (121,) * 3, (53,) * 3, (225, 136, 106), (176,) * 3),
        ),
        ([cicp(1, 8, 0, 1)], LINEAR),
        (
            [cicp(1, 5, 0, 1)],
            ((224, 8, 8), (8, 189, 18), (106,) * 3, (40,) * 3, (189, 131, 98), (165,) * 3),
        ),
        (
            [cicp(7, 7, 0, 1)],
            ((227, 59, 47), (69, 203, 57), (141,) * 3, (81,) * 3, (204, 162, 133), (188,) * 3),
        ),
        (
            [cicp(11, 17, 0, 1)],
            ((251, 0, 0), (0, 204, 0), (118,) * 3, (48,) * 3, (208, 140, 103), (177,) * 3),
        ),
        (
            [cicp(8, 13, 0, 1)],
            ((255, 0, 0), (0, 206, 0), (128,) * 3, (64,) * 3, (214, 148, 115), (180,) * 3),
        ),
        ([cicp(2, 2, 0, 1)], PATCHES),
    ],
)
def test_a_png_is_shown_as_chromium_shows_it(chunks: list[bytes], wanted: Colours) -> None:
    photo = decoded(png(*chunks))
    assert shows(photo, wanted), colours(photo)
    assert photo.notes == ()


def test_a_picture_of_srgb_keeps_every_number() -> None:
    for data in (png(gama(0.45455), chrm(*SRGB_PLACES)), png(cicp(1, 13, 0, 1)), png()):
        assert colours(decoded(data)) == PATCHES


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ((9, 16, 0, 1), PQ),
        ((9, 18, 0, 1), HLG),
        (
            (1, 16, 0, 1),
            ((255, 1, 1), (1, 255, 3), (132,) * 3, (30,) * 3, (255, 132, 76), (242,) * 3),
        ),
    ],
)
def test_hdr_is_brought_into_range_as_chromium_does_it_and_said(
    codes: tuple[int, ...], wanted: Colours
) -> None:
    photo = decoded(png(cicp(*codes)))
    assert shows(photo, wanted), colours(photo)
    assert photo.notes == (HDR,)


def test_primaries_alone_are_followed_with_the_gamma_of_their_space() -> None:
    # Chromium leaves this picture as it is: without gAMA it does not look at cHRM.
    assert shows(decoded(png(chrm(*ADOBE_PLACES))), ADOBE)


def test_a_narrow_range_is_widened() -> None:
    # Chromium does not; the PNG specification does: 16 is black and 235 white.
    levels = np.array([[16, 235, 126]], np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    photo = decoded(with_chunks(out.getvalue(), cicp(1, 13, 0, 0)))
    assert photo.pixels[0, :, 0].tolist() == [0, 255, 128]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1"])
def test_every_png_mode_is_converted(mode: str) -> None:
    plain, photo = decoded(png(mode=mode)), decoded(png(gama(1), mode=mode))
    lights = (plain.pixels / 255) ** (1 / 2.2) * 255  # close to the curve of sRGB
    assert np.abs(photo.pixels - lights).max() <= 5


def test_transparent_parts_stay_white() -> None:
    image = strip("RGBA")
    image.putalpha(0)
    out = io.BytesIO()
    image.save(out, "PNG")
    assert set(colours(decoded(with_chunks(out.getvalue(), cicp(12, 13, 0, 1))))) == {(255,) * 3}


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("long_side", [960, 60])
def test_dark_colours_of_sixteen_bits_keep_their_lower_bits(channels: int, long_side: int) -> None:
    pixels = np.full((120, 120, channels), 160, np.uint16)  # less than one step of 8 bits
    if channels == 4:
        pixels[..., 3] = 65_535
    encoded = cv2.imencode(".png", pixels)[1].tobytes()
    photo = decoded(with_chunks(encoded, gama(1)), long_side)
    assert set(photo.pixels.ravel().tolist()) == {8}  # 255 * 12.92 * 160 / 65535
    assert set(decoded(encoded).pixels.ravel().tolist()) <= {0, 1}


def test_a_profile_goes_before_all_but_codes() -> None:
    plain = decoded(png(icc_profile=WIDE_PROFILE))
    data = saved("PNG", icc_profile=WIDE_PROFILE)
    assert colours(plain) != PATCHES
    assert colours(decoded(with_chunks(data, gama(1), chrm(*ADOBE_PLACES)))) == colours(plain)
    assert shows(decoded(with_chunks(data, cicp(12, 13, 0, 1))), P3)
    # Codes that stand for nothing leave the word to the profile.
    assert colours(decoded(with_chunks(data, cicp(99, 99, 0, 1)))) == colours(plain)


def test_a_broken_profile_leaves_the_word_to_what_is_stated_besides() -> None:
    photo = decoded(png(gama(1), icc_profile=b"no profile" * 20))
    assert shows(photo, LINEAR)
    assert photo.notes == ("its colour profile is broken and was ignored",)


@pytest.mark.parametrize(
    "chunks",
    [
        [cicp(99, 13, 0, 1)],
        [cicp(1, 99, 0, 1)],
        [cicp(0, 0, 0, 0)],
        [cicp(1, 13, 1, 1)],  # a matrix, which PNG has not
        [cicp(1, 13)],
        [chrm(*D65, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3)],
        [chrm(*D65, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3)],
        [chrm(0.9, 0.9, *SRGB_PLACES[2:])],
        [chunk(b"cHRM", b"\xff" * 32)],
        [gama(1 / 1000)],
        [gama(40_000)],
    ],
)
def test_what_cannot_be_followed_is_said(chunks: list[bytes]) -> None:
    photo = decoded(png(*chunks))
    assert colours(photo) == PATCHES
    assert photo.notes == (NOT_KNOWN,)


def exif(stated: int | None, name: str | None = None, **first: Any) -> bytes:
    block = Image.Exif()
    inner: dict[int, Any] = {} if stated is None else {0xA001: stated}
    if name:
        inner[0xA005] = {1: name}
    if "gamma" in first:
        inner[0xA500] = first["gamma"]
    for tag, key in ((0x13E, "white"), (0x13F, "primaries")):
        if key in first:
            block[tag] = first[key]
    block[0x8769] = inner
    return block.tobytes()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize(
    ("stated", "name", "wanted", "notes"),
    [
        (65535, "R03", ADOBE, ()),
        (2, None, ADOBE, ()),
        (None, "R03", ADOBE, ()),
        (1, "R98", PATCHES, ()),
        (1, "R03", PATCHES, ()),
        (65535, "R98", PATCHES, ()),
        (65535, None, PATCHES, (NOT_KNOWN,)),
        (None, None, PATCHES, ()),
    ],
)
def test_exif_says_which_space(
    form: str, stated: int | None, name: str | None, wanted: Colours, notes: tuple[str, ...]
) -> None:
    known: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
    }
    options = known.get(form, {})
    data = saved(form, exif=exif(stated, name), **options)
    photo = decoded(data)
    assert shows(photo, wanted, 3), colours(photo)
    assert photo.notes == notes
    # A profile goes before it.
    profiled = saved(form, exif=exif(stated, name), icc_profile=WIDE_PROFILE, **options)
    assert shows(decoded(profiled), colours(decoded(png(icc_profile=WIDE_PROFILE))), 3)


def test_a_tiff_says_it_in_its_own_directories() -> None:
    assert shows(decoded(saved("TIFF", exif=exif(2))), ADOBE)
    assert decoded(saved("TIFF", exif=exif(65535))).notes == (NOT_KNOWN,)
    block = exif(65535, "R03").removeprefix(b"Exif\0\0")  # Pillow leaves this part out of a TIFF
    assert describe(Source(None, block, "0" * 64, Format.TIFF)).colour == ADOBE_RGB


def test_exif_may_state_primaries() -> None:
    places: dict[str, Any] = {"white": D65, "primaries": ADOBE_PLACES[2:], "gamma": 2.2}
    data = saved("JPEG", exif=exif(65535, **places), quality=100, subsampling=0)
    assert shows(decoded(data), ADOBE, 3)
    # Old cameras wrote those of their sensor, and meant sRGB.
    data = saved("JPEG", exif=exif(None, **places), quality=100, subsampling=0)
    assert shows(decoded(data), PATCHES, 3)


@pytest.mark.parametrize(
    ("properties", "wanted", "notes"),
    [
        ('exif:ColorSpace="2"', ADOBE, ()),
        ('exif:ColorSpace="1"', PATCHES, ()),
        ('exif:ColorSpace="65535"', PATCHES, (NOT_KNOWN,)),
        ('exif:ColorSpace="65535" exifEX:InteroperabilityIndex="R03"', ADOBE, ()),
        ('photoshop:ICCProfile="Adobe RGB (1998)"', PATCHES, (NOT_KNOWN,)),
        ('photoshop:ICCProfile="sRGB IEC61966-2.1"', PATCHES, ()),
    ],
)
def test_xmp_says_which_space(properties: str, wanted: Colours, notes: tuple[str, ...]) -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:exifEX="http://cipa.jp/exif/1.0/" '
        f'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" {properties}/></rdf:RDF></x:xmpmeta>'
    )
    photo = decoded(saved("JPEG", xmp=packet.encode(), quality=100, subsampling=0))
    assert shows(photo, wanted, 3)
    assert photo.notes == notes


def avif(*codes: int, **options: Any) -> bytes:
    data = saved("AVIF", quality=100, subsampling="4:4:4", **options)
    start = data.index(b"colrnclx") + 8
    return data[:start] + struct.pack(">HH", *codes) + data[start + 4 :]


@pytest.mark.parametrize(
    ("codes", "wanted", "notes"),
    [
        ((1, 13), PATCHES, ()),
        ((2, 2), PATCHES, ()),
        ((1, 1), PATCHES, ()),  # Chromium takes television's curve for that of sRGB here
        ((12, 13), P3, ()),
        ((1, 8), LINEAR, ()),
        (
            (9, 14),
            ((255, 0, 0), (0, 211, 0), (128,) * 3, (64,) * 3, (226, 144, 114), (180,) * 3),
            (),
        ),
        ((9, 16), PQ, (HDR,)),
        ((9, 18), HLG, (HDR,)),
        ((99, 99), PATCHES, (NOT_KNOWN,)),
    ],
)
def test_an_avif_is_shown_as_chromium_shows_it(
    codes: tuple[int, int], wanted: Colours, notes: tuple[str, ...]
) -> None:
    photo = decoded(avif(*codes))
    assert shows(photo, wanted, 5), colours(photo)
    assert photo.notes == notes


def test_an_avif_follows_its_profile_first() -> None:
    data = saved("AVIF", quality=100, subsampling="4:4:4", icc_profile=WIDE_PROFILE)
    wide = colours(decoded(data))
    assert shows(decoded(png(icc_profile=WIDE_PROFILE)), wide, 3)
    if b"colrnclx" in data:
        assert colours(decoded(avif(12, 13, icc_profile=WIDE_PROFILE))) == wide


def jp2(number: int) -> bytes:
    data = saved("JPEG2000")
    start = data.index(b"colr") + 7
    return data[:start] + struct.pack(">I", number) + data[start + 4 :]


def test_jpeg_2000_by_its_number() -> None:
    for number in (0, 15, 16):
        assert colours(decoded(jp2(number))) == PATCHES
    romm = decoded(jp2(21))
    assert shows(romm, colours(decoded(png(gama(1 / 1.8), chrm(*WIDE_PLACES)))))
    assert colours(romm)[2] == (146,) * 3
    for number in (14, 20, 77):
        assert decoded(jp2(number)).notes == (NOT_KNOWN,)


def test_jpeg_2000_of_brightness_and_colour_differences() -> None:
    picture = strip("YCbCr")
    out = io.BytesIO()
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(out, "JPEG2000")
    data = out.getvalue()
    start = data.index(b"colr") + 7
    for number in (3, 18):  # YCbCr(2), sYCC
        photo = decoded(data[:start] + struct.pack(">I", number) + data[start + 4 :])
        assert shows(photo, PATCHES)
        assert photo.notes == ()
    for number in (1, 4, 24):  # of other ranges: nearly
        photo = decoded(data[:start] + struct.pack(">I", number) + data[start + 4 :])
        assert shows(photo, PATCHES)
        assert photo.notes == (NOT_KNOWN,)


def test_jpeg_2000_by_its_profile() -> None:
    data = saved("JPEG2000")
    start = data.index(b"colr") - 4
    end = start + int.from_bytes(data[start : start + 4], "big")
    box = struct.pack(">I", 11 + len(WIDE_PROFILE)) + b"colr\2\0\0" + WIDE_PROFILE
    header = data.index(b"jp2h") - 4
    size = int.from_bytes(data[header : header + 4], "big") + len(box) - (end - start)
    whole = data[:header] + struct.pack(">I", size) + data[header + 4 : start] + box + data[end:]
    photo = decoded(whole)
    assert shows(photo, colours(decoded(png(icc_profile=WIDE_PROFILE))))
    assert photo.notes == ()


def endpoints(places: tuple[float, ...]) -> list[float]:
    """Red, green and blue as X, Y and Z."""
    white, *primaries = (
        np.array((x, y, 1 - x - y)) for x, y in zip(places[::2], places[1::2], strict=True)
    )
    columns = np.stack(primaries, axis=1)
    whole = columns * np.linalg.solve(columns, white / white[1])
    return [float(value) for value in whole.T.ravel()]


def bmp(
    kind: bytes, ends: list[float] | None = None, gamma: float = 0, profile: bytes = b""
) -> bytes:
    image = strip()
    raw = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes("raw", "BGR")
    head = struct.pack("<IiiHHIIiiII", 124, *image.size, 1, 24, 0, len(raw), 2835, 2835, 0, 0)
    head += bytes(16) + kind
    head += b"".join(struct.pack("<i", round(end * 2**30)) for end in ends or [0.0] * 9)
    head += struct.pack("<I", round(gamma * 65_536)) * 3
    head += struct.pack("<IIII", 4, 124 + len(raw) if profile else 0, len(profile), 0)
    body = head + raw + profile
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + 124) + body


@pytest.mark.parametrize(
    ("data", "wanted", "notes"),
    [
        (bmp(b"BGRs"), PATCHES, ()),
        (bmp(b" niW"), PATCHES, ()),
        (bmp(bytes(4)), PATCHES, ()),
        (bmp(bytes(4), endpoints(ADOBE_PLACES), 2.2), ADOBE, ()),
        (bmp(bytes(4), endpoints(SRGB_PLACES), 2.2), PATCHES, ()),
        (bmp(bytes(4), endpoints(SRGB_PLACES), 1), LINEAR, ()),
        # x, y and z of the primaries, as some writers have it
        (bmp(bytes(4), [0.64, 0.33, 0.03, 0.3, 0.6, 0.1, 0.15, 0.06, 0.79], 2.2), PATCHES, ()),
        (bmp(bytes(4), [0.1] * 9, 2.2), PATCHES, (NOT_KNOWN,)),
        (bmp(b"KNIL", profile=b"C:\\colours.icc\0"), PATCHES, (NOT_KNOWN,)),
    ],
)
def test_bmp_by_its_header(data: bytes, wanted: Colours, notes: tuple[str, ...]) -> None:
    photo = decoded(data)
    assert shows(photo, wanted), colours(photo)
    assert photo.notes == notes


def test_bmp_by_its_profile() -> None:
    photo = decoded(bmp(b"DEBM", profile=WIDE_PROFILE))
    assert shows(photo, colours(decoded(png(icc_profile=WIDE_PROFILE))))
    assert decoded(bmp(b"DEBM", profile=b"none")).notes == (
        "its colour profile is broken and was ignored",
    )


def tiff(tags: dict[int, tuple[int, Any]]) -> bytes:
    entries = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, (kind, value) in tags.items():
        entries.tagtype[tag] = kind
        entries[tag] = value
    return saved("TIFF", tiffinfo=entries)


_STEPS = tuple(round(65_535 * step / 255) for step in range(256))


@pytest.mark.parametrize(
    ("tags", "wanted", "notes"),
    [
        ({}, PATCHES, ()),
        ({318: (5, D65), 319: (5, SRGB_PLACES[2:])}, PATCHES, ()),
        ({318: (5, D65), 319: (5, ADOBE_PLACES[2:])}, ADOBE, ()),
        ({319: (5, ADOBE_PLACES[2:])}, ADOBE, ()),
        ({319: (5, (0.0,) * 6)}, PATCHES, ()),
        ({301: (3, _STEPS)}, LINEAR, ()),
        ({301: (3, _STEPS * 3)}, LINEAR, ()),
        ({301: (3, _STEPS * 2 + (0,) * 256)}, PATCHES, (NOT_KNOWN,)),
        ({301: (3, _STEPS[::-1])}, PATCHES, (NOT_KNOWN,)),
        ({319: (5, (0.3,) * 6)}, PATCHES, (NOT_KNOWN,)),
    ],
)
def test_tiff_by_its_tags(
    tags: dict[int, tuple[int, Any]], wanted: Colours, notes: tuple[str, ...]
) -> None:
    photo = decoded(tiff(tags))
    assert shows(photo, wanted), colours(photo)
    assert photo.notes == notes


def test_cmyk_and_lab_are_never_taken_for_rgb() -> None:
    plain = saved("JPEG", mode="CMYK", quality=100)
    stated = saved("JPEG", mode="CMYK", quality=100, exif=exif(65535, "R03"))
    assert colours(decoded(plain)) == colours(decoded(stated))
    assert decoded(stated).notes == ()
    lab = ImageCms.profileToProfile(
        strip(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    out = io.BytesIO()
    lab.save(out, "TIFF")
    assert shows(decoded(out.getvalue()), PATCHES, 6)  # 8 bits of CIELAB are coarse


@pytest.mark.parametrize("data", [png(cicp(9, 16, 0, 1)), png(gama(1)), png(cicp(99, 1, 0, 1))])
def test_the_child_shows_the_same(data: bytes) -> None:
    source = from_bytes(data, Limits())
    here = decoded(data)
    metadata, there = opened(source, 960, Limits())
    assert metadata == describe(source)
    assert (there.pixels.tobytes(), there.notes) == (here.pixels.tobytes(), here.notes)


SPACES = st.builds(
    space_of,
    st.none() | st.tuples(*[st.floats(-1, 2)] * 8) | st.tuples(*[st.floats()] * 8),
    st.none() | st.floats(),
    st.none() | st.lists(st.floats(0, 1), max_size=9).map(lambda steps: tuple(sorted(steps))),
)


@given(SPACES.filter(lambda space: space.known))
def test_any_known_space_converts_and_keeps_white_and_order(space: ColourSpace) -> None:
    from imu_imageprep.stages.decode.colour import from_stated  # noqa: PLC0415

    ramp = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = np.asarray(from_stated(ramp, space)).astype(int)
    assert np.ptp(shown[0], axis=1).max() <= 1  # grey stays grey
    assert (np.diff(shown[0, :, 0]) >= 0).all()
    assert shown[0, -1].min() >= 254


def test_spaces_that_cannot_be_are_not_known() -> None:
    assert space_of() is SRGB
    nan, inf = float("nan"), float("inf")
    for gamma in (0.0, -1.0, nan, inf, 1e9):
        assert space_of(None, gamma) is UNKNOWN
    for places in ((nan,) * 8, (0.0,) * 8, (0.3,) * 8, (1e9,) * 8, SRGB_PLACES[:6]):
        assert space_of(places) is UNKNOWN
    assert not replace(SRGB, narrow=True).is_srgb


def test_codes_that_stand_for_nothing_do_not_keep_a_heif_from_being_opened() -> None:
    before, after = b"...colrnclx", b"\0\6\x80..."
    assert readable_codes(before + b"\0\x0c\0\x0d" + after) == before + b"\0\x0c\0\x0d" + after
    for codes in (b"\0\x63\0\x0d", b"\0\1\0\x63", b"\0\0\0\0"):
        assert readable_codes(before + codes + after) == before + b"\0\2\0\2" + after


def nclx(*codes: int) -> bytes:
    return containers.box(b"colr", b"nclx" + struct.pack(">HHHB", *codes, 6, 128))


def stated_in(data: bytes, form: Format) -> ColourSpace | None:
    return describe(Source(None, data, "0" * 64, form)).colour


def test_a_heif_states_it_by_codes_of_the_picture_or_of_its_first_tile() -> None:
    p3 = ColourSpace((*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06))
    whole = containers.heif([], properties=[nclx(12, 13)])
    assert stated_in(whole, Format.HEIF) == p3
    tiled = containers.heif(
        [(b"grid", bytes(8))], properties=[nclx(12, 13)], links=[(b"dimg", 2, 1)]
    )
    tiled = tiled.replace(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\2")
    assert stated_in(tiled, Format.HEIF) == p3
    other = containers.heif(
        [(b"hvc1", bytes(8))], properties=[nclx(12, 13)], links=[(b"thmb", 2, 1)]
    )
    assert stated_in(other.replace(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\2"), Format.HEIF) is None
    assert stated_in(containers.heif([], properties=[nclx(2, 2)]), Format.HEIF) is None
    assert stated_in(containers.heif([], properties=[nclx(3, 3)]), Format.HEIF) == UNKNOWN
    short = containers.box(b"colr", b"nclx\0\x0c")
    assert stated_in(containers.heif([], properties=[short]), Format.HEIF) in (None, UNKNOWN)


def test_an_image_sequence_states_it_in_its_track() -> None:
    data = saved("AVIF", quality=100, save_all=True, append_images=[strip()])
    first = data.index(b"colrnclx")
    track = data.index(b"colrnclx", first + 1)
    marked = data[:first] + b"free" + data[first + 4 : track + 8] + b"\0\x0c\0\x0d"
    space = stated_in(marked + data[track + 12 :], Format.AVIF)
    assert space is not None
    assert not space.is_srgb
    assert space.known
