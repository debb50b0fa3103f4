"""Text in pictures that the tests draw themselves; all names and numbers are invented."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from command import ROOT
from PIL import Image, ImageDraw, ImageFont

from imu_imageprep import assets
from imu_imageprep.detectors.text import Text
from imu_imageprep.detectors.text.areas import areas, ordered, quads
from imu_imageprep.detectors.text.reading import read
from imu_imageprep.domain.box import TEXT_MARGIN, Box
from imu_imageprep.domain.finding import Cue, Finding, Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.readable.judging import Category

FONT = str(assets.root() / "watermark" / "Inter-SemiBold.otf")
NAME, CARD, CALL = "Nurul Izzati", "880131-18-5566", "012-345 6789"
SIGN = ("EXIT", "KELUAR")


def room(width: int = 1000, height: int = 750) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    light = 150 + 40 * np.sin(x / 170) * np.cos(y / 130)
    pixels = np.stack([light, light - 10, light - 25], axis=2).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def written(
    *texts: str, size: int = 34, at: tuple[int, int] = (300, 250), turn: float = 0
) -> np.ndarray:
    """A white card with some lines, in a room."""
    font = ImageFont.truetype(FONT, size)
    width = round(max(font.getlength(text) for text in texts)) + 2 * size
    card = Image.new("RGBA", (width, round(size * 1.6 * len(texts)) + size), "white")
    draw = ImageDraw.Draw(card)
    for row, text in enumerate(texts):
        draw.text((size, size // 2 + round(row * size * 1.6)), text, "black", font=font)
    card = card.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    scene = room()
    scene.paste(card, at, card)
    return np.asarray(scene)


def photo(pixels: np.ndarray, source: Size | None = None) -> Photo:
    frozen = np.ascontiguousarray(pixels, dtype=np.uint8)
    frozen.setflags(write=False)
    return Photo(frozen, source or Size(frozen.shape[1], frozen.shape[0]))


def look(pixels: np.ndarray, **how: object) -> Looked:
    return Text(**how).look(photo(pixels), Metadata())  # type: ignore[arg-type]


def held(looked: Looked) -> list[str]:
    return [f.label or "" for f in looked.findings if f.label not in ("small-text", "long-number")]


@pytest.mark.parametrize(
    ("texts", "label"),
    [
        ((CARD,), "identity-number"),
        (("MRN 123456",), "record-number"),
        ((NAME,), "name"),
        (("Ahmad bin Yusof",), "name"),
        (("WXY 1234",), "plate"),
        ((CALL,), "phone"),
        (("aiman.yusof@example.com",), "email"),
        (("Patient Name: Nurul Izzati", f"NRIC: {CARD}"), "record"),
    ],
)
@pytest.mark.parametrize("turn", [0, 20])
def test_text_about_a_person_is_found_where_it_is(
    texts: tuple[str, ...], label: str, turn: float
) -> None:
    looked = look(written(*texts, turn=turn))
    (finding,) = (f for f in looked.findings if f.label == label)
    assert held(looked) == [label]
    assert finding.kind == "text"
    assert looked.score == finding.score
    assert 0.6 < finding.score <= 1
    assert finding.box is not None
    size, lines = 34, len(texts)
    length = max(ImageFont.truetype(FONT, size).getlength(text) for text in texts)
    middle = finding.box.x + finding.box.w / 2, finding.box.y + finding.box.h / 2
    lean, rise = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    wide, high = length + 2 * size, size * (1.6 * lines + 1)
    across, down = wide * lean + high * rise, wide * rise + high * lean
    assert middle == pytest.approx(((300 + across / 2) / 1000, (250 + down / 2) / 750), abs=0.03)
    assert finding.box.w * 1000 < across + 3 * size
    assert finding.box.h * 750 < down + 3 * size


@pytest.mark.parametrize("texts", [SIGN, ("OPEN DAY 2026", "Free entry"), ("info@example.com",)])
def test_signs_are_of_nobody(texts: tuple[str, ...]) -> None:
    looked = look(written(*texts))
    assert held(looked) == []
    assert looked.score == 0.0


def test_words_of_clinical_places_are_a_cue_and_no_finding() -> None:
    seen = look(written("KLINIK", "Farmasi"))
    assert seen.cues == {Cue.CLINICAL_WORDS}
    assert held(seen) == []
    assert look(written(*SIGN)).cues == frozenset()


def test_where_nothing_is_written_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(*_: object) -> tuple[str, float]:
        raise AssertionError

    monkeypatch.setattr("imu_imageprep.detectors.text.reading.read", reads)
    assert look(np.asarray(room())) == Looked((), 0.0)


def test_text_that_cannot_be_read_in_the_export_does_not_count() -> None:
    pixels = written(CARD, size=12)
    assert held(look(pixels, export=Size(1000, 750))) == ["identity-number"]
    assert look(pixels, export=Size(200, 150)) == Looked((), 0.0)


def test_a_box_holds_its_line() -> None:
    font = ImageFont.truetype(FONT, 34)
    (finding,) = (f for f in look(written(CARD)).findings if f.label == "identity-number")
    left, top, right, bottom = font.getbbox(CARD)
    line = Box.from_pixels(
        334 + left, 267 + top, right - left, bottom - top, width=1000, height=750
    )
    assert finding.box is not None
    assert finding.box.grown(TEXT_MARGIN).overlap(line) > 0.999 * line.area


def test_covered_text_cannot_be_read() -> None:
    pixels = written("Patient Name: Nurul Izzati", f"NRIC: {CARD}", "Address: Jalan Yusof 7")
    for finding in look(pixels).findings:
        assert finding.box is not None
        x, y, w, h = finding.box.grown(TEXT_MARGIN).to_pixels(1000, 750)
        pixels = pixels.copy()
        pixels[y : y + h, x : x + w] = 60
    assert held(look(pixels)) == []
    assert [text for quad in areas(pixels, 1000) if len(text := read(pixels, quad)[0]) > 2] == []


def test_what_an_office_allows_is_not_told() -> None:
    pixels = written(CALL)
    assert held(look(pixels)) == ["phone"]
    assert held(look(pixels, allowed=("0123456789",))) == []


@pytest.mark.parametrize("shape", [(1, 1), (9, 9), (3, 900), (900, 3), (31, 700), (600, 40)])
def test_pictures_of_any_shape_are_looked_at(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert isinstance(look(noise), Looked)


def test_a_map_full_of_dots_ends() -> None:
    dots = np.zeros((544, 736), np.float32)
    dots[::2, ::2] = 1
    assert quads(dots) == []
    dots = np.kron(dots[:68, :92], np.ones((8, 8), np.float32))
    assert 0 < len(quads(dots)) <= 1000


def test_corners_are_put_in_order() -> None:
    corners = np.array([[9, 1], [9, 5], [1, 5], [1, 1]], np.float32)
    assert ordered(corners).tolist() == [[1, 1], [9, 1], [9, 5], [1, 5]]


def test_many_threads_see_the_same() -> None:
    pixels = written(NAME)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(look, [pixels] * 4))
    assert all(answer == answers[0] for answer in answers)


def test_what_was_read_leaves_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    looked = look(written("Needlina binti Needle", CARD))
    assert held(looked) == ["record"]
    for told in (repr(looked), caplog.text, *(repr(finding) for finding in looked.findings)):
        assert "eedl" not in told.lower()
        assert "5566" not in told
    assert {f.label for f in looked.findings} <= {category.value for category in Category}
    assert all(f == Finding(f.kind, f.score, f.box, f.label) for f in looked.findings)


def test_it_says_what_it_is() -> None:
    detector = Text()
    assert (detector.name, detector.flag) == ("text", Flag.TEXT)
    assert detector.model is not None
    assert detector.model.count("+") == 3


def test_a_run_that_reads_nothing_loads_neither_the_reader_nor_the_rules() -> None:
    script = """
import sys
import numpy as np
from imu_imageprep import assets
from imu_imageprep.detectors.text import Text
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
Text().look(Photo(np.full((300, 400, 3), 90, np.uint8), Size(400, 300)), Metadata())
loaded = [name for name in sys.modules if "readable" in name or name.endswith("text.reading")]
assert loaded == [], loaded
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
