from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from code_scenes import KINDS, Look, code, placed

from imu_imageprep.detectors import codes
from imu_imageprep.detectors.codes import Codes, said_by
from imu_imageprep.domain.box import CODE_MARGIN, Box
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size

WARD = "MRN 0012345 WARD 7"
TEXT = {"code128": "MRN0012345", "ean13": "501234567890"}
TEXT |= dict.fromkeys(("qr", "aztec", "datamatrix", "pdf417"), WARD)
LIGHT, DARK = (250, 250, 250), (20, 20, 20)
LABEL = {"qr": "QR code", "aztec": "Aztec code", "datamatrix": "Data Matrix code"}
LABEL |= dict.fromkeys(("code128", "ean13", "pdf417"), "barcode")


def photo(pixels: np.ndarray) -> Photo:
    frozen = np.ascontiguousarray(pixels, dtype=np.uint8)
    frozen.setflags(write=False)
    return Photo(frozen, Size(frozen.shape[1], frozen.shape[0]))


def room(width: int = 1000, height: int = 750) -> np.ndarray:
    """A softly lit room with a table: no lines but its edge."""
    y, x = np.mgrid[0:height, 0:width]
    light = 150 + 40 * np.sin(x / 170) * np.cos(y / 130) - 50 * (y > height * 0.7)
    return np.stack([light, light - 10, light - 25], axis=2).clip(0, 255).astype(np.uint8)


def look(pixels: np.ndarray) -> Looked:
    return Codes().look(photo(pixels), Metadata())


def shown(kind: str, width: float, how: Look) -> tuple[np.ndarray, Box]:
    pixels, corners = placed(room(), code(kind, TEXT[kind]), (500, 370), width, how, seed=1)
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    box = Box.from_pixels(left, top, right - left, bottom - top, width=1000, height=750)
    return pixels, box


def fill(pixels: np.ndarray, box: Box, *, value: bool) -> None:
    x, y, w, h = box.to_pixels(1000, 750)
    pixels[y : y + h, x : x + w] = value


LOOKS = [
    Look(),
    Look(degrees=25),
    Look(degrees=90),
    Look(degrees=8, tilt=0.3),
    Look(degrees=10, curve=0.7),
    Look(degrees=5, blur=1.2),
    Look(degrees=5, light=0.5, noise=6),
    Look(degrees=5, quality=40),
    Look(degrees=5, mirrored=True),
    Look(degrees=5, ink=LIGHT, paper=DARK),
    Look(degrees=40, ink=LIGHT, paper=DARK),
    Look(degrees=5, ink=LIGHT, paper=(0, 130, 110)),
    Look(degrees=5, paper=(250, 200, 40)),
    Look(degrees=5, ink=(200, 30, 40)),
]


def is_known_to_be_missed(kind: str, how: Look) -> bool:
    """What docs/models.md says is seldom found."""
    if kind == "pdf417":
        return how.degrees % 90 > 8 or how.blur > 0 or how.light < 1 or how.ink == LIGHT
    return kind == "datamatrix" and how.mirrored


@pytest.mark.parametrize(
    ("kind", "how"),
    [(kind, how) for kind in KINDS for how in LOOKS if not is_known_to_be_missed(kind, how)],
    ids=str,
)
def test_a_code_is_found_where_it_is(kind: str, how: Look) -> None:
    pixels, box = shown(kind, 300, how)
    looked = look(pixels)
    assert {(found.kind, found.label) for found in looked.findings} == {("code", LABEL[kind])}
    boxes = [found.box for found in looked.findings if found.box]
    assert max(one.iou(box) for one in boxes) > 0.3
    assert looked.score == pytest.approx(max(found.score for found in looked.findings))
    # With their margin, covered areas hold all bars: the quiet zone around them is paper.
    bars = np.zeros((750, 1000), np.bool_)
    fill(bars, box.grown((-0.15, -0.15, -0.15, -0.15)), value=True)
    area = np.count_nonzero(bars)
    for one in boxes:
        fill(bars, one.grown(CODE_MARGIN), value=False)
    assert np.count_nonzero(bars) < 0.01 * area


@pytest.mark.parametrize("kind", ["qr", "aztec", "code128", "ean13"])
def test_a_code_that_is_too_blurred_to_be_read_is_found_too(kind: str) -> None:
    pixels, _ = shown(kind, 260, Look(blur=2.0))
    assert [finding.label for finding in look(pixels).findings] == [LABEL[kind]]


def test_bars_of_which_only_a_line_is_known_are_covered_whole() -> None:
    """Pale ones, which OpenCV does not find; beside another code."""
    grey = (190, 190, 190)
    pixels, corners = placed(
        room(), code("code128", TEXT["code128"]), (500, 500), 500, Look(ink=grey), seed=1
    )
    pixels, _ = placed(pixels, code("qr", TEXT["qr"]), (500, 150), 150, Look(), seed=2)
    assert codes.barcodes(np.asarray(pixels[..., 0])) == []
    (bars,) = [found.box for found in look(pixels).findings if found.label == "barcode"]
    assert bars is not None
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    paper = Box.from_pixels(left, top, right - left, bottom - top, width=1000, height=750)
    inner = paper.grown((-0.1, -0.1, -0.1, -0.1))
    assert inner.overlap(bars.grown(CODE_MARGIN)) > 0.99 * inner.area


def test_several_codes_are_told_apart() -> None:
    pixels = room()
    for number, (kind, middle) in enumerate([("qr", (200, 200)), ("qr", (800, 200))]):
        pixels, _ = placed(pixels, code(kind, TEXT[kind]), middle, 150, Look(), seed=number)
    pixels, _ = placed(pixels, code("ean13", TEXT["ean13"]), (500, 550), 260, Look(), seed=3)
    assert sorted(str(f.label) for f in look(pixels).findings) == ["QR code", "QR code", "barcode"]


def test_nothing_that_a_code_says_is_kept() -> None:
    pixels, _ = shown("qr", 250, Look())
    assert "0012345" not in repr(look(pixels))


def stripes(period: float, contrast: float) -> np.ndarray:
    x = np.arange(1000)
    light = 150 + contrast * np.sign(np.sin(2 * np.pi * x / period))
    return np.repeat(np.tile(light, (750, 1))[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [room(), stripes(120, 60), stripes(8, 6), np.full((600, 800, 3), 40, np.uint8)],
    ids=["room", "curtain", "faint weave", "black"],
)
def test_no_code_is_found_where_there_is_none(pixels: np.ndarray) -> None:
    assert look(pixels) == Looked((), 0.0)


def test_lines_that_do_not_run_through_are_no_barcode() -> None:
    # A shelf of books of different heights, all narrow.
    random = np.random.default_rng(3)
    shelf = np.full((120, 600), 60, np.uint8)
    for left in range(0, 600, 6):
        for top in range(0, 120, 30):
            shelf[top : top + 30, left : left + 6] = random.integers(0, 256)
    quad = np.array([[0, 0], [600, 0], [600, 120], [0, 120]], np.float32)
    assert codes.plausible(shelf, quad) == 0.0


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (15, 800), (16, 16), (3000, 20), (40, 2000), (2000, 1500)]
)
def test_any_size_is_looked_at(width: int, height: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    looked = look(noise)
    assert 0 <= looked.score <= 1
    for finding in looked.findings:
        assert finding.box == finding.box.clipped() if finding.box else False


def test_threads_find_what_a_serial_run_finds() -> None:
    pictures = [shown(kind, width, Look())[0] for kind in KINDS for width in (160, 250, 400)]
    serial = [look(pixels) for pixels in pictures]
    assert all(looked.findings for looked in serial)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(look, pictures * 2)) == serial * 2


def test_serves_the_code_flag_without_a_model() -> None:
    detector = Codes()
    assert (detector.name, detector.flag, detector.model) == ("codes", Flag.CODE, None)


@pytest.mark.parametrize(
    "how",
    [Look(), Look(degrees=90), Look(degrees=5, tilt=0.1), Look(degrees=5, quality=40)],
    ids=str,
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_code_says_can_be_asked(kind: str, how: Look) -> None:
    pixels, _ = shown(kind, 400, how)
    (found,) = look(pixels).findings
    assert found.box is not None
    said = said_by(photo(pixels), found.box)
    # The last digit is the check digit.
    assert said == TEXT[kind] + "0" * (kind == "ean13")


@pytest.mark.parametrize("kind", ["code128", "ean13"])
def test_nothing_is_made_up_of_bars(kind: str) -> None:
    """A reader that takes them for others tells a number that is not there."""
    for width in (90, 110, 130, 160, 200):
        for blur in (0.0, 0.8, 1.2):
            pixels, box = shown(kind, width, Look(degrees=5, blur=blur))
            assert said_by(photo(pixels), box) in (None, TEXT[kind], TEXT[kind] + "0")


def test_of_two_codes_side_by_side_each_says_its_own() -> None:
    pixels = room()
    pixels, _ = placed(pixels, code("qr", "left"), (350, 370), 200, Look(), seed=1)
    pixels, _ = placed(pixels, code("qr", "right"), (560, 370), 200, Look(), seed=1)
    boxes = sorted((f.box for f in look(pixels).findings if f.box), key=lambda box: box.x)
    assert [said_by(photo(pixels), box) for box in boxes] == ["left", "right"]


def test_where_no_code_is_nothing_is_said() -> None:
    assert said_by(photo(room()), Box(0.2, 0.2, 0.001, 0.001)) is None
    assert said_by(photo(room(40, 30)), Box(0, 0, 1, 1)) is None
