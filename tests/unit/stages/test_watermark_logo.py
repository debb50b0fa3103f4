"""The approved logo, alone and with text."""

from __future__ import annotations

import functools
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from sample_logos import LOGOS, card, emblem, seal, wordmark

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Official, Owner, Policy, Position, Profile, WatermarkRules
from imu_imageprep.stages.watermark import Logo, approved_logo, drawing, watermark
from imu_imageprep.stages.watermark.layout import arrange
from imu_imageprep.stages.watermark.logo import Lockup, Stamp
from imu_imageprep.stages.watermark.wording import NOTHING, line

MARK, CREDIT = "© 2026 Tan Mei Ling", "Photo: Nguyễn Thị Ánh Tuyết, CC BY 4.0"
LONG = "© 2026 Puan Sri Dr. Nur Aisyah Siti Khadijah binti Abdul Rahman, Faculty of Medicine"
SIZES = [(800, 600), (600, 800), (450, 600), (1000, 100), (100, 1000), (120, 90), (64, 40)]


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def as_logo(image: Image.Image) -> Logo:
    pixels = np.array(image.crop(image.getbbox()))
    pixels.setflags(write=False)
    return Logo(pixels, "")


@functools.cache
def logo_of(name: str) -> Logo:
    return as_logo(LOGOS[name]())


def ground(width: int, height: int, level: int | tuple[int, int, int] = 128) -> Photo:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = level
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def noise(width: int, height: int, seed: int = 0) -> Photo:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def office(path: Path, data: bytes, *listed: str) -> Policy:
    path.write_bytes(data)
    return Policy(
        profile=Profile.OFFICIAL,
        owner=Owner(responsible="the web editor"),
        watermark=WatermarkRules(logo=str(path)),
        official=Official(listed or (hashlib.sha256(data).hexdigest(),)),
    )


def test_a_listed_logo_is_read_without_its_transparent_edge(tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 40))
    image.paste((10, 200, 30, 255), (20, 10, 50, 25))
    data = png(image)

    logo = approved_logo(office(tmp_path / "logo.png", data))

    assert logo is not None
    assert logo.rgba.shape == (15, 30, 4)
    assert (logo.rgba == (10, 200, 30, 255)).all()
    assert logo.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(tmp_path: Path, mode: str) -> None:
    image = Image.new("L", (40, 30), 200)
    image = Image.new("I;16", (40, 30), 200 << 8) if mode == "I;16" else image.convert(mode)

    logo = approved_logo(office(tmp_path / "logo.png", png(image)))

    assert logo is not None
    assert logo.rgba[0, 0].tolist() == [*[255 if mode == "1" else 200] * 3, 255]


def test_a_webp_logo_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    seal(side=80).save(buffer, "WEBP", lossless=True)
    logo = approved_logo(office(tmp_path / "logo.webp", buffer.getvalue()))
    assert logo is not None
    assert logo.rgba.shape == (80, 80, 4)


def test_a_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image = Image.new("RGB", (20, 20), (10, 100, 200))
    # A profile for other channels than the picture's is as good as none.
    for icc in (srgb.tobytes(), profile.tobytes(), b"broken"):
        logo = approved_logo(office(tmp_path / "logo.png", png(image, icc_profile=icc)))
        assert logo is not None
        assert np.abs(logo.rgba[0, 0, :3].astype(int) - (10, 100, 200)).max() <= 1


def test_a_logo_that_is_not_listed_is_refused_with_its_sha256(tmp_path: Path) -> None:
    data = png(seal(side=50))
    policy = office(tmp_path / "logo.png", data, "0" * 64)

    with pytest.raises(PolicyProblem, match=hashlib.sha256(data).hexdigest()) as caught:
        approved_logo(policy)
    assert "Marketing" in caught.value.advice
    assert caught.value.code == 7


def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    policy = office(tmp_path / "logo.png", png(seal(side=50)))
    assert approved_logo(policy)

    (tmp_path / "logo.png").write_bytes(png(seal(side=51)))

    with pytest.raises(PolicyProblem, match="not an approved one"):
        approved_logo(policy)


def animated() -> bytes:
    buffer = io.BytesIO()
    seal(side=40).save(buffer, "PNG", save_all=True, append_images=[card(20)])
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG or WebP"),
        (png(seal(side=50))[:300], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 80, "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8L" + b"\0" * 30, "damaged"),
        (animated(), "animated"),
        (png(Image.new("RGBA", (50, 50))), "transparent"),
        (png(Image.new("1", (5001, 5000))), "25 million pixels"),
        (png(Image.new("1", (30_000, 30_000))), "25 million pixels"),
        (b"\x89PNG" + b"\0" * 10_000_000, "10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_logo_is_refused_although_listed(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(PolicyProblem, match=says):
        approved_logo(office(tmp_path / "logo.png", data))


def test_a_missing_logo_is_said(tmp_path: Path) -> None:
    policy = office(tmp_path / "logo.png", b"x")
    (tmp_path / "logo.png").unlink()
    with pytest.raises(PolicyProblem, match="could not be read") as caught:
        approved_logo(policy)
    assert "relative to the configuration file" in caught.value.advice


@pytest.mark.parametrize("position", Position)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["badge", "dark name", "long", "tall"])
def test_no_logo_is_cropped_and_nothing_overlaps(
    name: str, size: tuple[int, int], position: Position
) -> None:
    logo = logo_of(name)
    for text, credit in (("", ""), (MARK, CREDIT), (LONG, CREDIT)):
        layout = arrange(Size(*size), line("", text), line("", credit), position, logo)
        placed = [*layout.marks, *([layout.credit] if layout.credit else [])]
        for index, one in enumerate(placed):
            assert min(one.x, one.y) >= 4
            assert one.x + one.block.width <= size[0] - 4
            assert one.y + one.block.height <= size[1] - 4
            assert all(one.clear_of(other, 1) for other in placed[:index])
            if isinstance(one.block, Lockup):
                inside(one.block)


def inside(mark: Lockup) -> None:
    """Both parts lie within the lockup and apart from each other."""
    (logo, x, y), (text, left, top) = mark.stamp, mark.block
    assert min(x, y, left, top) >= 0
    assert max(x + logo.width, left + text.width) <= mark.width
    assert max(y + logo.height, top + text.height) <= mark.height
    assert x + logo.width <= left or y + logo.height <= top


@pytest.mark.parametrize("name", LOGOS)
def test_a_logo_is_scaled_down_and_never_up(name: str) -> None:
    logo = logo_of(name)
    for size in SIZES:
        for placed in arrange(Size(*size), NOTHING, NOTHING, Position.CENTER, logo).marks:
            assert isinstance(placed.block, Stamp)
            high, wide = placed.block.rgba.shape[:2]
            assert wide <= logo.rgba.shape[1]
            assert high <= logo.rgba.shape[0]
            assert abs(wide / high / (logo.rgba.shape[1] / logo.rgba.shape[0]) - 1) < 0.1


def test_scaling_leaves_no_dark_seam() -> None:
    """A white logo on nothing stays white wherever it can be seen."""
    logo = as_logo(wordmark((255, 255, 255)))
    (placed,) = arrange(Size(800, 600), NOTHING, NOTHING, Position.CENTER, logo).marks
    assert isinstance(placed.block, Stamp)
    visible = placed.block.rgba[placed.block.rgba[..., 3] > 8]
    assert visible[:, :3].min() >= 250


def test_only_the_marks_own_pixels_change() -> None:
    photo, logo = noise(800, 600), as_logo(emblem())
    marked = watermark(photo, "", WatermarkRules(), None, logo)
    (placed,) = arrange(photo.size, NOTHING, NOTHING, Position.BOTTOM_RIGHT, logo).marks
    outside = np.ones((600, 800), bool)
    outside[placed.y : placed.y + placed.block.height, placed.x :][:, : placed.block.width] = False

    assert np.array_equal(marked.pixels[outside], photo.pixels[outside])
    assert (marked.pixels[~outside] != photo.pixels[~outside]).any()
    assert not marked.pixels.flags.writeable


def contrast_of_outline(photo: Photo, logo: Logo) -> float:
    """What nine tenths of a single-coloured logo's edge have against what lies beside it."""
    (placed,) = arrange(photo.size, NOTHING, NOTHING, Position.BOTTOM_RIGHT, logo).marks
    marked = watermark(photo, "", WatermarkRules(), None, logo).pixels
    mark = placed.block
    assert isinstance(mark, Stamp)
    region = marked[placed.y : placed.y + mark.height, placed.x : placed.x + mark.width]
    alpha = np.pad(mark.rgba[..., 3], mark.edge)
    light = drawing.luminance(region.astype(np.float32))
    inside, beside = [], []
    for axis in (0, 1):
        # From solid to nothing within three pixels.
        solid, empty = alpha[:-3] > 250, alpha[3:] < 5
        inside += [light[:-3][solid & empty], light[3:][(alpha[3:] > 250) & (alpha[:-3] < 5)]]
        beside += [light[3:][solid & empty], light[:-3][(alpha[3:] > 250) & (alpha[:-3] < 5)]]
        if axis == 0:
            alpha, light = alpha.T, light.T
    one, other = np.concatenate(inside), np.concatenate(beside)
    assert len(one) > 20
    contrast = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    return float(np.quantile(contrast, 0.15))


levels = st.integers(0, 255)
colours = st.tuples(levels, levels, levels)


@settings(max_examples=60, deadline=None)
@given(colour=colours, level=colours)
def test_a_logo_of_any_colour_reads_on_any_calm_ground(
    colour: tuple[int, int, int], level: tuple[int, int, int]
) -> None:
    assert contrast_of_outline(ground(400, 300, level), as_logo(wordmark(colour))) >= 2.9


@settings(max_examples=25, deadline=None)
@given(colour=colours, seed=st.integers(0, 1000), cell=st.sampled_from([1, 4, 12, 60]))
def test_a_logo_of_any_colour_reads_on_busy_ground(
    colour: tuple[int, int, int], seed: int, cell: int
) -> None:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (300 // cell + 1, 400 // cell + 1, 3), dtype=np.uint8)
    pixels = small.repeat(cell, axis=0).repeat(cell, axis=1)[:300, :400]
    photo = Photo(pixels, Size(400, 300))

    assert contrast_of_outline(photo, as_logo(wordmark(colour))) >= 2.5


def test_a_logo_with_its_own_ground_gets_no_plate() -> None:
    photo, logo = ground(800, 600, 255), as_logo(card())
    (placed,) = arrange(photo.size, NOTHING, NOTHING, Position.BOTTOM_RIGHT, logo).marks
    assert isinstance(placed.block, Stamp)
    assert not drawing.needs_plate(photo.pixels, placed.block, placed.x, placed.y)


@pytest.mark.parametrize("size", [(800, 600), (600, 800), (799, 601), (320, 240), (450, 600)])
@pytest.mark.parametrize("name", ["badge", "emblem", "dark name"])
@pytest.mark.parametrize("text", ["", MARK])
def test_any_quarter_of_a_tiled_picture_holds_a_whole_mark(
    name: str, text: str, size: tuple[int, int]
) -> None:
    logo = logo_of(name)
    marks = arrange(Size(*size), line("", text), NOTHING, Position.TILE, logo).marks
    assert len(marks) > 4
    wide, high = size[0] // 2, size[1] // 2
    block = marks[0].block
    x, y = np.array([m.x for m in marks]), np.array([m.y for m in marks])
    lefts, tops = np.arange(size[0] - wide + 1), np.arange(size[1] - high + 1)
    in_columns = (lefts[:, None] <= x) & (x + block.width <= lefts[:, None] + wide)
    in_rows = (tops[:, None] <= y) & (y + block.height <= tops[:, None] + high)

    assert (in_rows.astype(int) @ in_columns.T.astype(int)).min() >= 1


def test_tiled_logos_all_have_a_plate_or_none() -> None:
    """Half the picture needs one: the other half gets it too."""
    pixels = np.full((600, 800, 3), 255, np.uint8)
    pixels[:, 400:] = 20
    photo, logo = Photo(pixels, Size(800, 600)), as_logo(wordmark())
    marked = watermark(photo, "", WatermarkRules(position=Position.TILE), None, logo)
    for placed in arrange(photo.size, NOTHING, NOTHING, Position.TILE, logo).marks:
        middle = placed.x + placed.block.width // 2
        if middle > 450:
            assert marked.pixels[placed.y + 1, middle].mean() > 100


def test_what_does_not_fit_is_left_out_and_said() -> None:
    logo = as_logo(seal())
    alone = watermark(ground(60, 41), LONG, WatermarkRules(), None, logo)
    assert alone.notes == ("too small for the text beside its logo, which was left out",)
    none = watermark(ground(30, 30), MARK, WatermarkRules(), None, logo)
    assert none.notes == ("too small for its watermark, which was left out",)
    tiled = WatermarkRules(position=Position.TILE)
    text = watermark(ground(800, 60), MARK, tiled, None, logo)
    assert text.notes == ("too small for the logo beside its text, which was left out",)
    assert watermark(ground(800, 600), MARK, WatermarkRules(), CREDIT, logo).notes == ()


def test_opacity_holds_for_text_alone() -> None:
    photo, logo = ground(800, 600), as_logo(seal())
    faint = watermark(photo, "", WatermarkRules(opacity=0.1), None, logo)
    bold = watermark(photo, "", WatermarkRules(opacity=1), None, logo)
    assert np.array_equal(faint.pixels, bold.pixels)
