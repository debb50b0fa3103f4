"""What viewers show is what is decoded: crops, pages, numbers and first frames."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tiffs import DEFLATE, LONG, RATIONAL, SHORT, Order, Page, tiff

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Format, Frame, Photo
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.decode.heif import Shape, shape_of
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.decode.pixels import render
from imu_imageprep.stages.read import from_bytes, sniff

HEIGHT, WIDTH = 40, 60
_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH]
COLOURS = np.stack([_X / WIDTH, _Y / HEIGHT, ((_X // 5 + _Y // 5) % 2) * 0.8 + 0.1], -1)
GREY = _X / WIDTH * 0.8 + ((_X // 6 + _Y // 6) % 2) * 0.19


def shown(data: bytes) -> tuple[np.ndarray[Any, Any], tuple[str, ...]]:
    """Pixels and notes, decoded in this process."""
    frame: Frame = render(open_picture(data, sniff(data), 4000, Limits()), 1, 4000)
    pixels = np.frombuffer(frame.rgb, np.uint8)
    return pixels.reshape(frame.size.height, frame.size.width, 3).astype(int), frame.notes


def apart(data: bytes, wanted: np.ndarray[Any, Any]) -> float:
    """Mean difference from colours of 0 to 1."""
    pixels, _ = shown(data)
    wanted = wanted if wanted.ndim == 3 else np.repeat(wanted[..., None], 3, 2)
    return float(np.abs(pixels - wanted * 255).mean())


def photo(data: bytes) -> Photo:
    return decode(from_bytes(data, Limits()), Metadata(), 4000, Limits())


# --- numbers in TIFF -----------------------------------------------------------------------------


@given(
    order=st.sampled_from("<>"),
    planar=st.sampled_from((1, 2)),
    compression=st.sampled_from((1, DEFLATE)),
    rows=st.sampled_from((None, 7, 1)),
    kind=st.sampled_from(("u1", "u2", "u4", "f2", "f4", "f8")),
    grey=st.booleans(),
)
def test_every_layout_of_numbers_shows_the_same(
    order: Order, planar: int, compression: int, rows: int | None, kind: str, *, grey: bool
) -> None:
    numbers = GREY if grey else COLOURS
    if kind[0] == "u":
        stored = (numbers * (256 ** int(kind[1]) - 1)).astype(kind)
    else:
        stored = numbers.astype(kind)
    page = Page(
        stored,
        1 if grey else 2,
        kind=3 if kind[0] == "f" else 1,
        planar=planar,
        compression=compression,
        rows=rows,
    )
    assert apart(tiff(page, order=order), numbers) < 1


def packed(bits: int) -> Any:
    def pack(part: np.ndarray[Any, Any]) -> bytes:
        out = b""
        for row in part:
            text = "".join(f"{int(number):0{bits}b}" for number in row.ravel())
            text += "0" * (-len(text) % 8)
            out += int(text, 2).to_bytes(len(text) // 8, "big")
        return out

    return pack


@pytest.mark.parametrize("bits", [2, 4, 6, 10, 12, 14])
@pytest.mark.parametrize("photometric", [0, 1, 2])
def test_numbers_of_odd_length(bits: int, photometric: int) -> None:
    wanted = COLOURS if photometric == 2 else GREY
    stored = np.round(wanted * (2**bits - 1)).astype("u2")
    if photometric == 0:
        stored = (2**bits - 1) - stored
    page = Page(stored, photometric, bits=bits, packed=packed(bits))
    assert apart(tiff(page), wanted) < max(0.6, 255 / 2**bits)


@pytest.mark.parametrize("kind", ["u1", "u2", "u4"])
def test_white_is_zero(kind: str) -> None:
    most = 256 ** int(kind[1]) - 1
    stored = (most - np.round(GREY * most)).astype(kind)
    assert apart(tiff(Page(stored, 0), order=">"), GREY) < 1


@pytest.mark.parametrize("kind", ["i1", "i2", "i4"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_signed_numbers_do_not_wrap_and_are_noted(kind: str, order: Order) -> None:
    bits = 8 * int(kind[1])
    stored = (GREY * (2**bits - 1) - 2 ** (bits - 1)).astype(kind)
    data = tiff(Page(stored, 1, kind=2), order=order)
    assert apart(data, GREY) < 1
    assert any("black and white" in note for note in shown(data)[1])


def test_cmyk_and_alpha_in_planes_of_16_bits() -> None:
    ink = np.concatenate([COLOURS, GREY[..., None] * 0], -1)
    stored = (ink * 65535).astype("u2")
    assert apart(tiff(Page(stored, 5, planar=2)), 1 - COLOURS) < 1
    half = np.concatenate([COLOURS, np.full((HEIGHT, WIDTH, 1), 0.5)], -1)
    page = Page((half * 65535).astype("u2"), planar=2, tags={338: (SHORT, [2])})
    assert apart(tiff(page), COLOURS / 2 + 0.5) < 1.5
    page = Page((half * 65535).astype("u2"), planar=2, tags={338: (SHORT, [1])})
    assert apart(tiff(page), np.minimum(COLOURS, 0.5) + 0.5) < 1.5


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits"])
@pytest.mark.parametrize("predictor", [1, 2])
def test_libtiff_unpacks_what_pillow_cannot_read(compression: str, predictor: int) -> None:
    # Pillow writes the bytes of big-endian floating-point numbers as a picture of bytes.
    stored = COLOURS.astype(">f4")
    whole = stored.view(">u4").astype("u4")
    if predictor == 2:
        whole[:, 1:] -= whole[:, :-1].copy()
    raw = np.frombuffer(whole.astype(">u4").tobytes(), np.uint8).reshape(HEIGHT, -1)
    out = io.BytesIO()
    Image.fromarray(raw).save(out, "TIFF", compression=compression, tiffinfo={278: HEIGHT})
    with Image.open(io.BytesIO(out.getvalue())) as inside:
        place, size = inside.tag_v2[273][0], inside.tag_v2[279][0]  # type: ignore[attr-defined]
        number = {"tiff_lzw": 5, "packbits": 32773}[compression]
    part = out.getvalue()[place : place + size]
    tags = {317: (SHORT, [predictor])}
    page = Page(stored, kind=3, compression=number, rows=HEIGHT, packed=lambda _: part, tags=tags)
    assert apart(tiff(page, order=">"), COLOURS) < 1


def test_tiles_with_the_predictor_of_floating_point_numbers() -> None:
    side = 64
    padded = np.zeros((side, side, 3), "f4")
    padded[:HEIGHT, :WIDTH] = COLOURS
    raw = b""
    for row in padded:
        ranks = row.astype(">f4").view("u1").reshape(-1, 4).T.reshape(-1)
        steps = ranks.copy()
        steps[3:] -= ranks[:-3]
        raw += steps.tobytes()
    tile = zlib.compress(raw)
    start = tiff(Page(COLOURS.astype("f4"), kind=3, compression=DEFLATE, packed=lambda _: b""))
    tags = {
        317: (SHORT, [3]),
        322: (SHORT, [side]),
        323: (SHORT, [side]),
        324: (LONG, [8]),
        325: (LONG, [len(tile)]),
    }
    page = Page(COLOURS.astype("f4"), kind=3, compression=DEFLATE, packed=lambda _: raw, tags=tags)
    assert start != tiff(page)
    assert apart(tiff(page), COLOURS) < 1


@pytest.mark.filterwarnings("ignore")  # Pillow's, which the child process does not print
@given(st.data())
def test_a_cut_or_changed_file_is_refused_or_read(data: st.DataObject) -> None:
    whole = tiff(
        Page((COLOURS * 65535).astype("u2"), planar=2, compression=DEFLATE, rows=9),
        order=data.draw(st.sampled_from("<>")),
    )
    changed = bytearray(whole[: data.draw(st.integers(8, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        changed[data.draw(st.integers(4, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputProblem):
        picture = open_picture(bytes(changed), Format.TIFF, 960, Limits(megapixels=1))
        assert render(picture, 1, 960).size.width * picture.size.height <= 1e6


def test_numbers_beyond_the_limits_are_not_unpacked() -> None:
    tags = {256: (LONG, [60_000]), 257: (LONG, [60_000])}
    data = tiff(Page(COLOURS.astype("f4"), kind=3, compression=DEFLATE, tags=tags))
    with pytest.raises(InputProblem, match="megapixels"):
        open_picture(data, Format.TIFF, 960, Limits())


# --- pages of TIFF -------------------------------------------------------------------------------

PICTURE = (COLOURS * 255).astype("u1")
SMALL = PICTURE[::4, ::4]
THUMBNAIL = Page(SMALL, tags={254: (LONG, [1])})


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "before",
    [
        THUMBNAIL,
        Page(SMALL, tags={255: (SHORT, [2])}),
        Page(SMALL[..., 0], 4, tags={254: (LONG, [4])}),
    ],
)
def test_thumbnails_and_masks_before_the_picture_are_left_out(order: Order, before: Page) -> None:
    data = tiff(before, Page(PICTURE), order=order)
    pixels, notes = shown(data)
    assert pixels.shape[:2] == (HEIGHT, WIDTH)
    assert notes == ("the thumbnail or mask before the picture is left out",)
    assert photo(data).size == (WIDTH, HEIGHT)


def test_the_picture_after_a_thumbnail_may_be_deep_and_turned() -> None:
    deep = Page((COLOURS * 65535).astype("u2"), planar=2, tags={274: (SHORT, [6])})
    pixels, _ = shown(tiff(THUMBNAIL, deep))
    assert np.abs(pixels - np.rot90(COLOURS * 255, -1)).mean() < 1


def test_pages_that_are_thumbnails_do_not_count() -> None:
    assert shown(tiff(Page(PICTURE), THUMBNAIL))[1] == ()
    assert shown(tiff(Page(PICTURE), Page(PICTURE)))[1] == ("only the first of 2 pages is used",)
    assert shown(tiff(THUMBNAIL, THUMBNAIL))[0].shape[:2] == SMALL.shape[:2]


def test_the_picture_among_the_sub_pages_of_a_thumbnail() -> None:
    tags = {254: (LONG, [1]), 330: (LONG, [0])}
    data = bytearray(tiff(Page(SMALL, tags=tags), Page(PICTURE)))
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    link = first + 2 + 12 * count
    for entry in range(first + 2, link, 12):
        if int.from_bytes(data[entry : entry + 2], "little") == 330:
            data[entry + 8 : entry + 12] = data[link : link + 4]
    data[link : link + 4] = bytes(4)
    assert shown(bytes(data))[0].shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize(("down", "noted"), [(98, True), (204, False), (203, False)])
def test_unequal_resolutions_are_noted(down: int, *, noted: bool) -> None:
    tags = {282: (RATIONAL, [(204, 1)]), 283: (RATIONAL, [(down, 1)])}
    notes = shown(tiff(Page(PICTURE, tags=tags)))[1]
    assert any("not square" in note for note in notes) == noted


# --- AVIF ----------------------------------------------------------------------------------------


def avif(kind: bytes, content: bytes, **options: Any) -> bytes:
    """An AVIF whose colour profile's box became another property."""
    out = io.BytesIO()
    picture = Image.fromarray(PICTURE).resize((480, 320))
    picture.save(out, "AVIF", icc_profile=bytes(len(content) - 4), **options)
    data = bytearray(out.getvalue())
    at = data.find(b"colrprof")
    data[at : at + 4 + len(content)] = kind + content
    properties = data.find(b"ipco")
    index, box = 0, properties + 4
    while box <= at:
        index += 1
        box += int.from_bytes(data[box : box + 4], "big")
    owners = data.find(b"ipma") + 14
    for place in range(owners + 1, owners + 1 + data[owners]):
        if data[place] & 0x7F == index:
            data[place] |= 0x80  # to be understood, as a crop must be
    return bytes(data)


def aperture(*numbers: int) -> bytes:
    return struct.pack(">8i", *numbers)


@pytest.mark.parametrize(
    ("numbers", "crop"),
    [
        ((400, 1, 200, 1, 0, 1, 0, 1), (40, 60, 440, 260)),
        ((200, 1, 100, 1, -140, 1, -110, 1), (0, 0, 200, 100)),
        ((201, 1, 101, 1, -279, 2, -219, 2), (0, 0, 201, 101)),
        ((480, 1, 320, 1, 0, 1, 0, 1), (0, 0, 480, 320)),
    ],
)
def test_the_crop_of_an_avif_is_followed(
    numbers: tuple[int, ...], crop: tuple[int, int, int, int]
) -> None:
    whole, _ = shown(avif(b"pasp", struct.pack(">II", 1, 1)))
    data = avif(b"clap", aperture(*numbers))
    pixels, notes = shown(data)
    left, top, right, bottom = crop
    assert pixels.shape[:2] == (bottom - top, right - left)
    assert np.abs(pixels - whole[top:bottom, left:right]).mean() < 3
    assert notes == ()
    assert photo(data).source_size == (right - left, bottom - top)


def test_the_crop_comes_before_turning() -> None:
    exif = Image.Exif()
    exif[274] = 6
    pixels, _ = shown(avif(b"clap", aperture(200, 1, 100, 1, -140, 1, -110, 1), exif=exif))
    assert pixels.shape[:2] == (200, 100)
    wanted = np.asarray(Image.fromarray(PICTURE).resize((480, 320)))[:100, :200]
    assert np.abs(pixels - np.rot90(wanted, -1).astype(int)).mean() < 12


@pytest.mark.parametrize(
    ("numbers", "shape"),
    [
        ((400, 1, 200, 1, 200, 1, 0, 1), (200, 240)),
        ((900, 1, 200, 1, 0, 1, 0, 1), (200, 480)),
        ((400, 0, 200, 1, 0, 1, 0, 1), (320, 480)),
        ((0, 1, 0, 1, 0, 1, 0, 1), (320, 480)),
        ((10, 1, 10, 1, 9000, 1, 0, 1), (320, 480)),
    ],
)
def test_a_crop_that_does_not_fit_is_noted(
    numbers: tuple[int, ...], shape: tuple[int, int]
) -> None:
    pixels, notes = shown(avif(b"clap", aperture(*numbers)))
    assert pixels.shape[:2] == shape
    assert any("crop" in note for note in notes)


def test_pixels_that_are_not_square_are_noted() -> None:
    assert shown(avif(b"pasp", struct.pack(">II", 4, 3)))[1] == (
        "its pixels are not square; it is shown as it is stored",
    )


@given(st.binary(max_size=300))
def test_any_bytes_have_a_shape(data: bytes) -> None:
    meta = struct.pack(">I", len(data) + 12) + b"meta" + bytes(4) + data
    assert isinstance(shape_of(meta, 10, 10), Shape)


# --- first frames --------------------------------------------------------------------------------

RED, BLUE = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
PART = (10, 5, 30, 20)


def chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + crc


def apng(still: Image.Image, moving: Image.Image, at: tuple[int, int]) -> bytes:
    """An animation whose still picture is none of its frames."""

    def stored(image: Image.Image) -> tuple[bytes, bytes]:
        out = io.BytesIO()
        image.save(out, "PNG")
        data = out.getvalue()
        start = data.find(b"IDAT")
        return data[16:29], data[start + 4 : start + 4 + int.from_bytes(data[start - 4 : start])]

    header, data = stored(still)
    frame = struct.pack(">5IHHBB", 0, *moving.size, *at, 1, 10, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"acTL", struct.pack(">II", 1, 0)),
            chunk(b"IDAT", data),
            chunk(b"fcTL", frame),
            chunk(b"fdAT", bytes((0, 0, 0, 1)) + stored(moving)[1]),
            chunk(b"IEND", b""),
        )
    )


def test_an_animation_shows_its_first_frame_not_its_still_picture() -> None:
    pixels, _ = shown(apng(RED, BLUE, (0, 0)))
    assert (pixels == (0, 0, 255)).all()
    pixels, _ = shown(apng(RED, BLUE.crop((0, 0, 20, 15)), (10, 5)))
    assert pixels.shape[:2] == (30, 40)
    assert (pixels[5:20, 10:30] == (0, 0, 255)).all()
    assert (pixels[:5] == 255).all()
    assert (pixels[20:] == 255).all()


def test_a_frame_outside_an_animation_is_damage() -> None:
    with pytest.raises(InputProblem, match="damaged"):
        shown(apng(RED, BLUE, (10, 5)))


@pytest.mark.parametrize("transparent", [None, 3])
def test_around_the_first_frame_of_a_gif_nothing_is_drawn(transparent: int | None) -> None:
    part = Image.new("P", (20, 15), 1)
    part.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0, 1, 2, 3])
    out = io.BytesIO()
    part.save(out, "GIF", **({} if transparent is None else {"transparency": transparent}))
    data = bytearray(out.getvalue())
    data[6:10] = struct.pack("<HH", 40, 30)
    at = data.find(b",", 13 + 3 * 2 ** ((data[10] & 7) + 1))
    data[at + 1 : at + 5] = struct.pack("<HH", 10, 5)
    pixels, _ = shown(bytes(data))
    assert pixels.shape[:2] == (30, 40)
    inside = pixels[5:20, 10:30].copy()
    assert (inside == (0, 0, 255)).all()
    pixels[5:20, 10:30] = 255
    assert (pixels == 255).all()
