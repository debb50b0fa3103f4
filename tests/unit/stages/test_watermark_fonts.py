"""Names in every script: fonts found on the system, letters joined, or a clear refusal."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from imu_imageprep import assets
from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import WatermarkRules
from imu_imageprep.stages.watermark import fonts, watermark
from imu_imageprep.stages.watermark.lettering import set_text
from imu_imageprep.stages.watermark.wording import line, needs_shaping, pieces

CHINESE, TAMIL, JAWI = "陈美玲", "செல்வி முத்து", "چڠکو نور عائشة"
INTER = assets.root() / "watermark" / "Inter-SemiBold.otf"

needs_raqm = pytest.mark.skipif(not fonts.can_shape(), reason="FriBiDi is not installed")


def needs_font(text: str) -> pytest.MarkDecorator:
    try:
        line("", text, shaping=True)
    except PolicyProblem:
        return pytest.mark.skip(reason=f"no font here has {text}: install fonts-noto-core")
    return pytest.mark.skipif(False, reason="")


in_chinese, in_tamil, in_jawi = (
    pytest.param(text, marks=needs_font(text)) for text in (CHINESE, TAMIL, JAWI)
)


def grey(width: int = 800, height: int = 600) -> Photo:
    pixels = np.full((height, width, 3), 90, np.uint8)
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def drawn(text: str, em: int = 40) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    block = set_text(line("", text), em, 3000, most_lines=1, align=0)
    assert block is not None
    assert block.em == em
    return np.asarray(block.ink)


@needs_raqm
@pytest.mark.parametrize("name", [in_chinese, in_tamil, in_jawi])
def test_names_are_drawn_in_fonts_of_the_system(name: str) -> None:
    plain = watermark(grey(), "© 2026 ", WatermarkRules())
    full = watermark(grey(), f"© 2026 {name}", WatermarkRules(), credit=name)

    faces = line("", f"© 2026 {name}").faces
    assert faces[0].path == str(INTER)
    assert len(faces) == 2
    assert (full.pixels != plain.pixels).any()


@needs_raqm
@pytest.mark.parametrize("name", [in_chinese, in_tamil, in_jawi])
def test_a_block_in_any_script_holds_all_of_its_ink(name: str) -> None:
    """Drawn with air all around, the same letters have not a pixel more."""
    made = line("", name)
    ink = drawn(name)
    canvas = Image.new("L", (2000, 300))
    whole = next(face for face in made.faces if fonts.shows(name, face))
    font = ImageFont.truetype(whole.path, 40, index=whole.number)
    ImageDraw.Draw(canvas).text((50, 150), name, 255, font, anchor="ls")

    assert int(ink.astype(int).sum()) == int(np.asarray(canvas).astype(int).sum())


@needs_raqm
@pytest.mark.parametrize("name", [in_jawi])
def test_right_to_left_names_stand_in_reading_order(name: str) -> None:
    """In a line that begins in Latin the name follows; in one that does not, it leads."""
    alone, after = drawn(name), drawn(f"Nur {name}")
    assert np.array_equal(after[-alone.shape[0] :, -20:] > 0, alone[:, -20:] > 0)
    # "©" belongs to the direction of the name: it stands on the right, where reading begins.
    marked = drawn(f"© {name}")
    sign = drawn("©")
    assert np.array_equal(marked[:, -sign.shape[1] :].any(axis=0), sign.any(axis=0))


@needs_raqm
@pytest.mark.parametrize("name", [in_jawi])
def test_letters_join(name: str) -> None:
    """Set one by one, the letters of a name are wider than joined."""
    apart = sum(drawn(letter).shape[1] for letter in name if letter != " ")
    assert drawn(name).shape[1] < 0.9 * apart


@needs_raqm
@pytest.mark.parametrize("name", [in_tamil])
def test_vowel_signs_keep_to_their_letters(name: str) -> None:
    """Each piece of a line is a whole number of letters with their signs."""
    made = line("", f"Selvi {name} 2026")
    texts = [text for _, text in pieces(made)]
    assert "".join(texts) == made.text
    assert texts[0] == "Selvi "
    assert [face for face, _ in pieces(made)][1] == made.faces[1]


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        ("© 2026 Nguyễn Thị Ánh Tuyết · Łukasz", False),
        (CHINESE, False),
        (TAMIL, True),
        (JAWI, True),
        ("x\u0302", True),
    ],
)
def test_what_has_to_be_shaped_is_known(text: str, shaped: bool) -> None:
    assert needs_shaping(text) is shaped


@pytest.mark.parametrize("name", [in_tamil, in_jawi])
def test_joined_scripts_are_refused_where_they_cannot_be_set(name: str) -> None:
    with pytest.raises(PolicyProblem, match="join, stack or run from right to left") as caught:
        line("The watermark text", name, shaping=False)
    assert "FriBiDi" in caught.value.advice


@pytest.mark.parametrize(
    ("text", "says", "install"),
    [
        ("© 2026 陈美玲", "陈 美 玲", "fonts-noto-cjk"),
        ("தமி", "த ம", "fonts-noto-core for Tamil"),
        ("© نور", "ن و ر", "for Jawi"),
        ("© 2026 😀", "😀", "Install a font"),
        ("\U000f1234", "\\U000f1234", "Install a font"),
    ],
)
def test_without_a_font_no_boxes_are_drawn(
    tmp_path: Path, text: str, says: str, install: str
) -> None:
    with pytest.raises(PolicyProblem) as caught:
        line("The credit line", text, folders=(tmp_path,))

    expected = "The credit line has characters that no font here can show: "
    assert caught.value.message.startswith(expected + says)
    assert install in caught.value.advice


def test_a_font_of_boxes_and_a_damaged_one_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Bold.ttc").write_bytes(b"not a font")
    (tmp_path / "NotoSansTamil-Bold.ttf").write_bytes(INTER.read_bytes()[:50_000])

    with pytest.raises(PolicyProblem, match="no font here can show"):
        line("The watermark text", "陈 த", folders=(tmp_path,))


@pytest.mark.parametrize("name", ["Inter", "inter semibold", "INTER"])
def test_a_family_of_the_system_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    family = fonts.font(fonts.Face(str(INTER)), 16).getname()[0] or ""
    deep = tmp_path / "otf" / "x"
    deep.mkdir(parents=True)
    shutil.copy(INTER, deep / "Some-File.OTF")

    if name.lower() not in family.lower():
        name = family
    assert fonts.named(name, (tmp_path,)).path == str(deep / "Some-File.OTF")


def test_a_family_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="no font family called Comic") as caught:
        line("The watermark text", "x", "Comic", folders=(tmp_path,))
    assert "file" in caught.value.advice


def test_no_font_is_looked_for_where_the_shipped_one_will_do(tmp_path: Path) -> None:
    made = line("The watermark text", "© 2026 Tan Mei Ling", folders=(tmp_path / "not there",))
    assert [face.path for face in made.faces] == [str(INTER)]
