"""Every statement of where a photo was taken, in whatever spelling and container."""

from __future__ import annotations

import html
import itertools
import math
import struct
from typing import TYPE_CHECKING

import containers as c
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.detectors.places import Places
from imu_imageprep.domain.metadata import NOWHERE, Category, Metadata, Position
from imu_imageprep.domain.photo import Format, Photo, Size
from imu_imageprep.domain.policy import Place
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.metadata.coordinates import NOT_READ, in_numbers, in_text, pair_in_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imu_imageprep.stages.metadata.coordinate_words import Axis

LATITUDE: Axis = "latitude"
PHOTO = Photo(np.zeros((4, 4, 3), np.uint8), Size(4, 4))
HERE, THERE = (3.05, 101.69), (-3.05, -101.69)


def read(data: bytes, kind: Format = Format.JPEG) -> Metadata:
    return describe(c.source(data, kind))


def held(found: Metadata, place: tuple[float, float]) -> bool:
    """Whether a photo waits for the permission of a place there."""
    return bool(Places((Place("Clinic", "", *place),)).look(PHOTO, found).findings)


def in_exif(gps: dict[int, c.Value]) -> Metadata:
    return read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}, gps=gps))))


def in_xmp(properties: str, namespaces: str = "") -> Metadata:
    return read(c.jpeg(c.segment(0xE1, c.XMP_HEADER + c.xmp(properties, namespaces))))


def parts(degrees: float) -> list[tuple[int, int]]:
    """Degrees, minutes and seconds as EXIF writes them."""
    size = round(abs(degrees) * 3600 * 100)
    return [(size // 360000, 1), (size // 6000 % 60, 1), (size % 6000, 100)]


def dms(degrees: float) -> tuple[int, int, float]:
    (whole, _), (minutes, _), (seconds, _) = parts(degrees)
    return whole, minutes, seconds / 100


# --- spellings of one coordinate -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("+3.05", "3.05N", "3.05 n", "N3.05", "north 3.05", "3.05 North", "3.05 utara", "N 3 3 0"),
        *("3,3,0N", "3,3.0N", "003,03.000N", "3:3:0N", "3-3-0N", "3/1 3/1 0/1 N", "61/20N"),
        *("3 deg 3' 0.00\" N", "3\N{DEGREE SIGN} 3' 0.00\" N", "3°3′0″N", "3d3m0sN", "3d 3m 0s N"),
        *("3&deg;3&#39;0&quot; N", "3 degrees 3 minutes 0 seconds north", "3\u202f03.0N"),
        *("\uff13.\uff10\uff15\uff2e", "٣.٠٥ N", "3.05 N, 101.69 E", " 3.05 N \0", "+3.05e0"),
        *("3.05" + 60 * "0" + "N", "3º 3' N"),
    ],
)
def test_a_latitude_that_is_sure_is_read(text: str) -> None:
    assert in_text(text, LATITUDE) == pytest.approx((3.05,))


@pytest.mark.parametrize(
    "text",
    [
        *("-3.05", "- 3.05", "\u22123.05", "\u20133.05", "3.05S", "3.05 s", "S 3 3 0", "3,3.0 s"),
        *("3 deg 3' 0.00\" S", "3 deg 3 min 0 sec S", "3d3m0sS", "3.05 South", "3.05 selatan"),
    ],
)
def test_a_southern_latitude_that_is_sure_is_read(text: str) -> None:
    assert in_text(text, LATITUDE) == pytest.approx((-3.05,))


@pytest.mark.parametrize(
    "text",
    [
        "3.05",
        "3,3,0",
        "3 deg 3'",
        "3d3m0s",
        "3.05 Nord",
        "3.05 N S",
        "-3.05 N",
        "+3.05 S",
        "-3.05S",
    ],
)
def test_a_latitude_without_a_sure_hemisphere_is_either(text: str) -> None:
    assert sorted(in_text(text, LATITUDE)) == pytest.approx([-3.05, 3.05])  # type: ignore[type-var]


def test_a_comma_is_a_separator_or_a_decimal_point() -> None:
    assert in_text("3,05N", LATITUDE) == pytest.approx((3 + 5 / 60, 3.05))
    assert in_text("101,69E", "longitude") == pytest.approx((101.69,))
    assert in_text("3,05,0N", LATITUDE) == pytest.approx((3 + 5 / 60,))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0", "nan", "undef", "inf", "Unknown", "N/A", "0/0", "0/0,0/0,0/0N", "N", "-"],
)
def test_nothing_stated_is_no_position(text: str) -> None:
    assert in_text(text, LATITUDE) == ()


@pytest.mark.parametrize(
    "text", ["somewhere", "91", "3.05E", "1 2 3 4", "N" * 300, "9" * 5000, "???", "\3\3"]
)
def test_what_cannot_be_read_is_there_nevertheless(text: str) -> None:
    assert in_text(text, LATITUDE) == NOT_READ


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        *[(r, (3.05,)) for r in ("N", "n", " N", "N\0", "North", "north latitude")],
        *[(r, (-3.05,)) for r in ("S", "s", " S", "S ", "South")],
        *[(r, (3.05, -3.05)) for r in (None, "", "\0", " ", "E", "X", "NS")],
    ],
)
def test_the_hemisphere_beside_a_number(reference: str | None, expected: tuple[float, ...]) -> None:
    assert in_text("3.05", LATITUDE, reference) == pytest.approx(expected)
    assert in_numbers((3, 3, 0), LATITUDE, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[
            (text, [HERE])
            for text in (
                *("+03.0500+101.6900/", "+3.05+101.69/", "+0303.00+10141.40+020/"),
                *("+030300.0+1014124.0+33.2CRSWGS_84/", "3.05 N, 101.69 E", "N3.05 E101.69"),
                *("3 deg 3' 0.00\" N, 101 deg 41' 24.00\" E", "N 3 3 0, E 101 41 24"),
            )
        ],
        ("-03.0500-101.6900/", [THERE]),
        ("S 3 3 0 W 101 41 24", [THERE]),
        ("3.05,101.69", list(itertools.product((3.05, -3.05), (101.69, -101.69)))),
        ("3 3 0 101 41 24", list(itertools.product((3.05, -3.05), (101.69, -101.69)))),
        ("a clinic", [(None, None)]),
        ("", []),
    ],
)
def test_two_coordinates_in_one_text(
    text: str, expected: list[tuple[float | None, float | None]]
) -> None:
    found = pair_in_text(text)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one == (other if other[0] is None else pytest.approx(other))


# --- any coordinate in any spelling --------------------------------------------------------------

SPELLINGS: dict[str, Callable[[float, str], str]] = {
    "signed": lambda d, _: f"{d:+.6f}",
    "letter": lambda d, side: f"{abs(d):.6f}{side}",
    "lower": lambda d, side: f" {abs(d):.6f} {side.lower()} ",
    "first": lambda d, side: f"{side} {abs(d):.6f}\N{DEGREE SIGN}",
    "xmp": lambda d, side: f"{int(abs(d))},{abs(d) % 1 * 60:.6f}{side}",
    "xmp-seconds": lambda d, side: "{},{},{:.2f}".format(*dms(d)) + side,
    "exiftool": lambda d, side: "{} deg {}' {:.2f}\" ".format(*dms(d)) + side,
    "units": lambda d, side: "{}d {}m {:.2f}s ".format(*dms(d)) + side,
    "signs": lambda d, side: "{}°{}′{:.2f}″".format(*dms(d)) + side,
    "comma": lambda d, side: f"{abs(d):.6f} {side}".replace(".", ","),
    "fractions": lambda d, side: f"{round(abs(d) * 1000000)}/1000000 {side}",
    "words": lambda d, side: (
        f"{abs(d):.6f} " + {"N": "North", "S": "South", "E": "East", "W": "West"}[side]
    ),
}
NUMBERS = st.tuples(st.floats(-89, 89), st.floats(-179, 179))


@given(NUMBERS, st.sampled_from(sorted(SPELLINGS)), st.booleans())
def test_a_coordinate_in_any_spelling_is_in_its_place_and_in_no_other(
    point: tuple[float, float], spelling: str, as_attributes: bool
) -> None:
    write = SPELLINGS[spelling]
    texts = [
        write(point[0], "N" if point[0] >= 0 else "S"),
        write(point[1], "E" if point[1] >= 0 else "W"),
    ]
    if as_attributes:
        values = [html.escape(text) for text in texts]
        found = in_xmp("", 'exif:GPSLatitude="{}" exif:GPSLongitude="{}"'.format(*values))
    else:
        found = in_xmp(
            "<exif:GPSLatitude>{}</exif:GPSLatitude><exif:GPSLongitude>{}</exif:GPSLongitude>".format(
                *texts
            )
        )
    assert held(found, point)
    east = point[1] - 180 if point[1] > 0 else point[1] + 180
    assert not held(found, (-point[0], east)) or abs(point[0]) > 88


@given(NUMBERS, st.sampled_from(["N", "S", "W", " {}", "{}\0", "{}", "lower", "", None]))
def test_a_position_in_exif_is_in_its_place(point: tuple[float, float], form: str | None) -> None:
    sides = ("N" if point[0] >= 0 else "S", "E" if point[1] >= 0 else "W")
    gps: dict[int, c.Value] = {2: parts(point[0]), 4: parts(point[1])}
    if form == "lower":
        gps |= {1: sides[0].lower(), 3: sides[1].lower()}
    elif form is not None and ("{}" in form or not form):
        gps |= {1: form.format(sides[0]), 3: form.format(sides[1])}
    assert held(in_exif(gps), point)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for reading in in_text(text, "longitude"):
        assert reading is None or abs(reading) <= 180
    for latitude, longitude in pair_in_text(text):
        assert latitude is None or abs(latitude) <= 90
        assert longitude is None or abs(longitude) <= 180


# --- EXIF ----------------------------------------------------------------------------------------

EAST: dict[int, c.Value] = {3: "E", 4: parts(101.69)}


@pytest.mark.parametrize(
    "latitude",
    [
        *([(61, 20)], [(3, 1), (3, 1)], [(3, 1), (3, 1), (0, 0)], [(3, 1), (300, 100), (0, 1)]),
        *("3.05", "3 deg 3'", b"3,3,0"),
    ],
)
def test_a_latitude_in_exif_is_read_in_every_form(latitude: c.Value) -> None:
    found = in_exif({1: "N", 2: latitude, **EAST})
    assert found.position == pytest.approx(HERE)


@pytest.mark.parametrize("references", [{}, {1: "\0", 3: "\0"}, {1: "", 3: ""}, {1: "?", 3: "?"}])
def test_without_a_hemisphere_any_may_be_meant(references: dict[int, c.Value]) -> None:
    found = in_exif({2: parts(3.05), 4: parts(101.69), **references})
    assert found.position is None
    for place in itertools.product((3.05, -3.05), (101.69, -101.69)):
        assert held(found, place)
    assert not held(found, (48.1, 11.5))


def test_a_leading_space_is_no_other_hemisphere() -> None:
    found = in_exif({1: " S", 2: parts(3.05), 3: " W", 4: parts(101.69)})
    assert found.position == pytest.approx(THERE)


@pytest.mark.parametrize("nothing", [[(0, 0)] * 3, [], [(0, 0), (0, 1), (0, 1)]])
def test_zero_over_zero_is_no_position(nothing: c.Value) -> None:
    assert in_exif({1: "N", 2: nothing, 3: "E", 4: nothing}).positions == ()


@pytest.mark.parametrize(
    "broken", [[(2**32 - 1, 1)] * 3, [(3, 0), (3, 1), (0, 1)], b"\xff\xfe\x07", b"\3\3\0"]
)
def test_a_latitude_that_cannot_be_waits_for_its_meridian(broken: c.Value) -> None:
    found = in_exif({1: "N", 2: broken, **EAST})
    assert held(found, HERE)
    assert not held(found, (3.05, 11.5))


def two_directories(first: dict[int, c.Value], second: dict[int, c.Value]) -> Metadata:
    blocks = [
        c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}, gps=gps)) for gps in (first, second)
    ]
    return read(c.jpeg(*blocks))


def test_a_position_of_zeros_hides_no_other() -> None:
    zeros: dict[int, c.Value] = {1: "N", 2: [(0, 0)] * 3, 3: "E", 4: [(0, 0)] * 3}
    null = {**zeros, 2: [(0, 1)] * 3, 4: [(0, 1)] * 3}
    here: dict[int, c.Value] = {1: "N", 2: parts(3.05), **EAST}
    for empty in (zeros, null):
        assert held(two_directories(empty, here), HERE)
        assert held(two_directories(here, empty), HERE)
    xmp = c.segment(
        0xE1, c.XMP_HEADER + c.xmp("", 'exif:GPSLatitude="3.05N" exif:GPSLongitude="101.69E"')
    )
    for order in itertools.permutations(
        [xmp, c.segment(0xE1, b"Exif\0\0" + c.tiff({0x0112: 1}, gps=null))]
    ):
        assert held(read(c.jpeg(*order)), HERE)


def flir(order: str, valid: int, point: tuple[float, float], letters: bytes) -> Metadata:
    """A photo with the record of a thermal camera, in two segments."""
    gps = struct.pack(f"{order}I4s4s4xdd", valid, b"\2\2\0\0", letters, *point)
    head = b"FFF\0" + 16 * b"\0" + struct.pack(f"{order}3I", 101, 64, 2)
    other = struct.pack(f"{order}HH7I", 1, 2, 104, 1, 0, 4, 0, 0, 0)
    entry = struct.pack(f"{order}HH7I", 0x2B, 1, 104, 1, 128, len(gps), 0, 0, 0)
    data = head.ljust(64, b"\0") + other + entry + gps
    halves = (data[:140], data[140:])
    return read(
        c.jpeg(*(c.segment(0xE1, b"FLIR\0\1%c\1" % n + half) for n, half in enumerate(halves)))
    )


@pytest.mark.parametrize("order", [">", "<"])
def test_a_thermal_cameras_own_position_is_compared(order: str) -> None:
    assert held(flir(order, 1, HERE, b"N\0E\0"), HERE)
    assert not held(flir(order, 1, HERE, b"N\0E\0"), THERE)
    assert held(flir(order, 1, THERE, b"S\0W\0"), THERE)
    assert held(flir(order, 1, HERE, b"S\0W\0"), THERE)
    assert held(flir(order, 1, HERE, bytes(4)), THERE)
    assert held(flir(order, 1, (999.0, 101.69), bytes(4)), HERE)
    assert flir(order, 1, (math.nan, math.nan), bytes(4)).positions == ()
    assert flir(order, 0, HERE, b"N\0E\0").positions == ()


def test_a_gps_directory_of_the_thumbnail_is_read_as_well() -> None:
    # The pointer of IFD1 leads to the position, that of IFD0 to zeros.
    zeros: dict[int, c.Value] = {2: [(0, 0)] * 3, 4: [(0, 0)] * 3}
    first = c.tiff({0x0112: 1}, gps=zeros, ifd1={0x0103: 6, 0x8825: 0})
    inner = c.tiff({1: "N", 2: parts(3.05), **EAST})
    # The directory is written for offset 8 and moved behind the block: its offsets move with it.
    moved = bytearray(inner[8:])
    for at in range(2, 2 + 12 * 4, 12):
        kind, count = struct.unpack_from("<HI", moved, at + 2)
        if {2: 1, 5: 8}[kind] * count > 4:
            (offset,) = struct.unpack_from("<I", moved, at + 8)
            struct.pack_into("<I", moved, at + 8, offset - 8 + len(first))
    pointer = struct.pack("<HHI", 0x8825, 4, 1) + bytes(4)
    assert first.count(pointer) == 1
    block = first.replace(pointer, pointer[:8] + struct.pack("<I", len(first))) + bytes(moved)
    assert held(read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + block))), HERE)


def test_what_the_camera_was_pointed_at_is_compared() -> None:
    found = in_exif({19: "N", 20: parts(3.05), 21: "E", 22: parts(101.69)})
    assert held(found, HERE)


def test_a_gps_directory_that_is_cut_off_may_be_anywhere() -> None:
    whole = c.tiff({0x0112: 1}, gps={1: "N", 2: parts(3.05), **EAST})
    for cut in (20, 60, 70):
        found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + whole[:-cut])))
        assert held(found, HERE), cut
        assert Category.GPS in found.present
    beyond = c.tiff({0x0112: 1, 0x8825: 5000})
    assert read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + beyond))).positions == (NOWHERE,)


@pytest.mark.parametrize("holder", c.HOLDERS)
def test_a_missing_hemisphere_waits_in_every_container(holder: str) -> None:
    kind, build = c.HOLDERS[holder]
    exif = c.tiff({0x0112: 1}, gps={2: parts(3.05), 4: parts(101.69)})
    assert held(read(build(exif), kind), THERE)


def test_the_place_of_a_map_is_not_understood() -> None:
    assert read(c.tiff({0x8482: [(1, 1)] * 6}), Format.TIFF).positions == (NOWHERE,)


# --- XMP and other names -----------------------------------------------------------------------

DJI = 'xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"'
EXT = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
GEO = 'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
ODD = 'xmlns:odd="http://example.org/maker/1.0/"'


@pytest.mark.parametrize(
    "attributes",
    [
        'exif:GPSLatitude="101.69" exif:GPSLongitude="3.05"',  # the longitude first
        'exif:GPSLatitude="101,41.4E" exif:GPSLongitude="3,3.0N"',
        f'{ODD} odd:Location="101.69, 3.05"',
        'exif:GPSLatitude="3.05" exif:GPSLongitude="101.69"',
        'exif:GPSLatitude="3.05" exif:GPSLatitudeRef="N" exif:GPSLongitude="101.69"',
        'exif:GPSDestLatitude="3,3.0N" exif:GPSDestLongitude="101,41.4E"',
        f'{DJI} drone-dji:GpsLatitude="+3.05" drone-dji:GpsLongitude="+101.69"',
        f'{DJI} drone-dji:GpsLatitude="3.0500000" drone-dji:GpsLongtitude="101.6900000"',
        f'{DJI} drone-dji:Latitude="+3.05" drone-dji:Longitude="+101.69"',
        f'{DJI} drone-dji:LRFTargetLat="3.05" drone-dji:LRFTargetLon="101.69"',
        f'{GEO} geo:lat="3.05" geo:long="101.69"',
        f'{ODD} odd:Lat="3.05" odd:Lng="101.69"',
        f'{ODD} odd:GPSPosition="3.05 N, 101.69 E"',
        f'{ODD} odd:Coordinates="3.05, 101.69"',
        f'{ODD} odd:GPSLatitudeString="3.05 N" odd:GPSLongitudeString="101.69 E"',
        f'{ODD} odd:LatitudeE7="30500000" odd:LongitudeE7="1016900000"',
        f'{ODD} odd:Location="geo:3.05,101.69;u=35"',
        f'{ODD} odd:Point="POINT(101.69 3.05)"',
        f'{EXT} Iptc4xmpExt:LocationId="geo:3.05,101.69"',
    ],
)
def test_a_position_is_found_under_every_name(attributes: str) -> None:
    assert held(in_xmp("", attributes), HERE)


@pytest.mark.parametrize("name", ["LocationCreated", "LocationShown"])
def test_the_locations_of_iptc_are_compared(name: str) -> None:
    def place(latitude: str, longitude: str) -> str:
        return (
            "<rdf:li rdf:parseType='Resource'><Iptc4xmpExt:City>X</Iptc4xmpExt:City>"
            f"<exif:GPSLatitude>{latitude}</exif:GPSLatitude>"
            f"<exif:GPSLongitude>{longitude}</exif:GPSLongitude></rdf:li>"
        )

    places = place("48,8.0N", "11,30.0E") + place("3,3.0N", "101,41.4E")
    found = in_xmp(f"<Iptc4xmpExt:{name}><rdf:Bag>{places}</rdf:Bag></Iptc4xmpExt:{name}>", EXT)
    assert held(found, HERE)
    assert held(found, (48 + 8 / 60, 11.5))


@pytest.mark.parametrize("parts_of_it", [("3/1", "3/1", "0/1"), ("3", "3.0"), ("3.05",)])
def test_an_angle_in_a_list_is_put_together(parts_of_it: tuple[str, ...]) -> None:
    items = "".join(f"<rdf:li>{part}</rdf:li>" for part in parts_of_it)
    found = in_xmp(
        f"<exif:GPSLatitude><rdf:Seq>{items}</rdf:Seq></exif:GPSLatitude>"
        "<exif:GPSLatitudeRef>N</exif:GPSLatitudeRef><exif:GPSLongitude>101,41.4E</exif:GPSLongitude>"
    )
    assert held(found, HERE)
    assert not held(found, THERE)


def test_the_hemisphere_property_of_xmp_is_believed() -> None:
    found = in_xmp(
        "",
        'exif:GPSLatitude="3.05" exif:GPSLatitudeRef="S" '
        'exif:GPSLongitude="101.69" exif:GPSLongitudeRef="West"',
    )
    assert found.position == pytest.approx(THERE)


def test_a_broken_packet_that_names_a_latitude_waits() -> None:
    packet = c.xmp("<exif:GPSLatitude>3.05N</exif:GPSLatitude>").replace(
        b"</exif:GPSLatitude>", b""
    )
    broken = read(c.jpeg(c.segment(0xE1, c.XMP_HEADER + packet)))
    assert held(broken, HERE)
    silent = c.XMP_HEADER + b"<x:xmpmeta>" + "latitude".encode("utf-16-le")
    assert read(c.jpeg(c.segment(0xE1, silent))).positions == (NOWHERE,)


def test_more_positions_than_are_compared_may_be_anywhere() -> None:
    many = "".join(
        f"<rdf:li><exif:GPSLatitude>{n % 80}.5N</exif:GPSLatitude>"
        f"<exif:GPSLongitude>{n}.5E</exif:GPSLongitude></rdf:li>"
        for n in range(120)
    )
    assert held(in_xmp(f"<dc:subject><rdf:Bag>{many}</rdf:Bag></dc:subject>"), HERE)


def test_geotags_among_the_keywords_are_compared() -> None:
    records = c.iptc([(2, 25, b"geo:lat=3.05"), (2, 25, b"geo:lon=101.69")])
    assert held(
        read(c.jpeg(c.segment(0xED, b"Photoshop 3.0\0" + c.photoshop(0x0404, records)))), HERE
    )
    words = "<rdf:li>geotagged</rdf:li><rdf:li>geo:lat=3.05</rdf:li><rdf:li>geo:lon=101.69</rdf:li>"
    assert held(in_xmp(f"<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>"), HERE)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Lat: 3.0500 Long: 101.6900",
            "latitude=3.0500, longitude=101.6900",
            "geo:3.0500,101.6900",
        ),
        *("https://maps.example/@3.0500,101.6900,17z", "Clinic (3.0500N 101.6900E) on Monday"),
        '{"time": 1, "longitude": 101.69, "latitude": 3.05}',
        "seen at 3\N{DEGREE SIGN}03'00.0\"N 101\N{DEGREE SIGN}41'24.0\"E",
        *(
            "N 3° 3.000 E 101° 41.400",
            "at N03 03.000, E101 41.400",
            "3.05N 101.69E",
            "3 3 0N 101 41 24E",
        ),
        *("geo:3.05,101.69;u=35", "https://maps.example/@3.05,101.69,17z", "GPS: 3.05 / 101.69"),
        *("https://maps.example/?q=loc:3.05,101.69", "https://m.example/?ll=3.05%2C101.69&z=3"),
        "Koordinat: 3.05, 101.69",
        *('{"type": "Point", "coordinates": [101.6900, 3.0500]}', "101.6900E, 3.0500N"),
        "Koordinat: 101.69, 3.05",
    ],
)
def test_a_position_in_a_caption_or_comment_is_compared(text: str) -> None:
    assert held(in_xmp(f"<dc:description>{html.escape(text)}</dc:description>"), HERE)
    assert held(read(c.jpeg(c.segment(0xFE, text.encode()))), HERE)


@pytest.mark.parametrize(
    "text",
    [
        "On 3.05 we met 101.69 people",
        "Between 3.05 and 101.69",
        "Ratios 3.05, 101.69",
        "A lat pull-down, long and 3.0500",
        "3.0500, 999.0000",
        "",
    ],
)
def test_numbers_in_a_caption_are_no_position(text: str) -> None:
    assert in_xmp(f"<dc:description>{text}</dc:description>").positions == ()


@pytest.mark.parametrize("prefix", ["exif:", "", "xmp:"])
def test_texts_of_a_png_are_compared(prefix: str) -> None:
    texts = {
        "GPSLatitude": "3/1, 3/1, 0/1",
        "GPSLongitude": "101/1, 41/1, 24/1",
        "GPSLatitudeRef": "N",
    }
    chunks = [c.chunk(b"tEXt", f"{prefix}{k}\0{v}".encode()) for k, v in texts.items()]
    found = read(c.png(*chunks), Format.PNG)
    assert held(found, HERE)
    assert held(found, (3.05, -101.69))
    assert not held(found, THERE)


def test_exif_in_a_text_of_a_png_is_compared() -> None:
    gps: dict[int, c.Value] = {1: b"N\0", 2: parts(3.05), 3: b"E\0", 4: parts(101.69)}
    exif = b"Exif\0\0" + c.tiff({0x0112: 1}, gps=gps)
    for kind, name in ((b"exif", b"exif"), (b"APP1", b"generic profile")):
        text = b"Raw profile type %s\0\n%s\n" % (kind, name) + b"%8d\n" % len(exif)
        found = read(c.png(c.chunk(b"tEXt", text + exif.hex().encode())), Format.PNG)
        assert held(found, HERE), name
        assert not held(found, THERE), name
        assert found.notes == ()


@pytest.mark.parametrize(
    "attributes",
    [
        'exif:GPSAltitude="305/100" exif:GPSSpeed="3/1"',
        f'{DJI} drone-dji:RelativeAltitude="+3.05" drone-dji:AbsoluteAltitude="+101.69"',
        f'{ODD} odd:Location="ward 3" odd:Position="left" odd:Flat="3" odd:Longevity="101"',
        'exif:GPSLatitude="" exif:GPSLongitude="0/0"',
    ],
)
def test_what_is_no_position_is_none(attributes: str) -> None:
    assert in_xmp("", attributes).positions == ()


# --- videos ------------------------------------------------------------------------------------


def user_data(text: bytes) -> bytes:
    return c.box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text)


def loci(latitude: float, longitude: float, name: bytes = b"clinic\0") -> bytes:
    numbers = struct.pack(">3i", *(round(n * 65536) for n in (longitude, latitude, 0)))
    return c.box(b"loci", bytes(4) + b"\x15\xc7" + name + b"\0" + numbers + b"earth\0\0")


def apple(text: bytes) -> bytes:
    key = b"com.apple.quicktime.location.ISO6709"
    keys = c.box(b"keys", bytes(4) + struct.pack(">I", 1) + c.box(b"mdta", key))
    data = c.box(b"data", struct.pack(">II", 1, 0) + text)
    return c.box(b"meta", keys + c.box(b"ilst", c.box(b"\0\0\0\1", data)))


VIDEOS: Sequence[bytes] = (
    c.box(b"udta", user_data(b"+03.0500+101.6900/")),
    c.box(b"udta", loci(*HERE)),
    c.box(b"udta", loci(*HERE, name=b"\xfe\xff\0c\0l\0\0")),
    apple(b"+03.0500+101.6900+020.000/"),
    c.box(b"XMP_", c.xmp("", 'exif:GPSLatitude="3,3.0N" exif:GPSLongitude="101,41.4E"')),
)


@pytest.mark.parametrize("inner", VIDEOS)
def test_where_a_video_was_taken_is_compared(inner: bytes) -> None:
    movie = c.box(b"moov", c.box(b"mvhd", bytes(100)) + inner)
    video = c.box(b"ftyp", b"mp42" + bytes(4)) + movie
    for data, kind in (
        (c.jpeg(after=video), Format.JPEG),
        (c.heif([], after=movie), Format.HEIF),
        (c.heif([], after=c.box(b"mpvd", video)), Format.HEIF),
        (c.heif([], brand=b"avis", after=movie), Format.AVIF),
    ):
        found = read(data, kind)
        assert held(found, HERE)
        assert not held(found, THERE)
        assert Category.GPS in found.present


def test_a_video_whose_place_cannot_be_read_waits() -> None:
    for inner in (user_data(b"by the lake"), apple(b"by the lake")):
        movie = c.box(b"moov", c.box(b"udta", inner))
        assert read(c.heif([], after=movie), Format.HEIF).positions == (NOWHERE,)


def test_letters_by_chance_are_no_position() -> None:
    video = c.box(b"ftyp", b"mp42") + c.box(
        b"mdat", b"\xff" * 9 + b"loci" + b"\xff" * 9 + b"\xa9xyz"
    )
    assert read(c.jpeg(after=video)).positions == ()


# --- nothing hidden -------------------------------------------------------------------------------

EMPTY = b"II*\0\x08\0\0\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    "block", [EMPTY, EMPTY[:8], EMPTY[:10], b"MM\0*\0\0\0\x08" + bytes(6), b"II*\0" + bytes(4)]
)
@pytest.mark.parametrize("holder", [name for name in c.HOLDERS if name != "tiff"])
def test_an_empty_exif_block_is_nothing_hidden(holder: str, block: bytes) -> None:
    kind, build = c.HOLDERS[holder]
    for data in (build(block), build(b"Exif\0\0" + block), build(b"Exif\0\0")):
        plain = read(build(b""), kind)
        found = read(data, kind)
        assert found.notes == ()
        assert found.present == plain.present


@pytest.mark.parametrize("pointer", [0x8769, 0x8825, 0xA005])
def test_an_empty_directory_inside_is_nothing_hidden(pointer: int) -> None:
    block = c.tiff({0x0112: 1, pointer: 38}) + bytes(6)
    assert int.from_bytes(block[8:10], "little") == 2
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + block)))
    assert (found.notes, found.present) == ((), frozenset())


def test_bytes_behind_an_empty_directory_are_hidden() -> None:
    found = read(c.jpeg(c.segment(0xE1, b"Exif\0\0" + EMPTY + b"a name")))
    assert Category.PRIVATE in found.present


@pytest.mark.parametrize(
    "empty",
    [
        c.segment(0xE1, c.XMP_HEADER),
        c.segment(0xE1, c.XMP_HEADER + b"<?xpacket begin='' id='W5M0'?>   \n<?xpacket end='w'?>"),
        c.segment(0xE1, c.XMP_HEADER + c.xmp("")),
        c.segment(0xE1, b"Exif\0\0"),
        c.segment(0xED, b"Photoshop 3.0\0"),
        c.segment(0xED, b"Photoshop 3.0\0" + c.photoshop(0x0404, b"")),
        c.segment(0xED, b"Photoshop 3.0\0" + c.photoshop(0x0404, c.iptc([(2, 0, b"\0\2")]))),
    ],
)
def test_an_empty_block_is_nothing_hidden(empty: bytes) -> None:
    found = read(c.jpeg(empty))
    assert (found.notes, found.present) == ((), frozenset())


def test_the_first_sure_position_is_the_position() -> None:
    unsure = Position(((1.0, 2.0), (-1.0, 2.0)))
    assert Metadata(positions=(unsure, NOWHERE, Position((HERE,)))).position == HERE
    assert Metadata(positions=(unsure,)).position is None
    assert "1.0" not in repr(Metadata(positions=(unsure,)))
