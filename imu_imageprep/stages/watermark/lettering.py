"""Setting a line of text: its font, its size, where it breaks."""

from __future__ import annotations

import functools
import itertools
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from imu_imageprep import assets
from imu_imageprep.domain.errors import ModelProblem, PolicyProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Letters smaller than this many pixels per em are not readable any more.
SMALLEST_LETTERS = 8

# A line that is too long is first set this much smaller, before it is broken.
_EASY_SHRINK = 0.8

# Distance of baselines, in ems.
_LEADING = 1.3

# A character that no font may ever have (Unicode 15, 23.7): it shows as "not in this font" does.
_NONCHARACTER = "\uffff"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Lines of text, set.

    Attributes:
        ink: how much of each pixel the letters cover, read-only uint8, shape (height, width);
            tight at the sides and the top, with room for descenders below the last baseline.
        em: the size of the letters in pixels.
    """

    ink: NDArray[np.uint8]
    em: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.ink.shape[0])


def face(path: str) -> str:
    """The font to use: ``path``, or the one that ships.

    Raises:
        PolicyProblem: ``path`` is no font that can be read.
        ModelProblem: the font that ships is missing or damaged.
    """
    chosen = path or str(assets.root() / "watermark" / "Inter-SemiBold.otf")
    try:
        _font(chosen, 16)
    except OSError as problem:
        if path:
            raise PolicyProblem(
                "The watermark font (watermark.font) is missing or is not a font.",
                "Name a TrueType or OpenType file, or leave the key out for the one that ships.",
            ) from problem
        raise ModelProblem("The font that ships with imageprep is missing or damaged.") from problem
    return chosen


def check(name: str, text: str, face: str) -> None:
    """Refuse text that would not be drawn as it was written.

    Args:
        name: what the text is, for the message ("The watermark text").
        text: what is to be drawn, in composed form (NFC).
        face: path of the font.

    Raises:
        PolicyProblem: a line break or a control character, or characters the font does not have.
    """
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise PolicyProblem(
            f"{name} has a line break or a control character.", "Write it as one line."
        )
    missing = [char for char in dict.fromkeys(text) if not _shows(char, face)]
    if missing:
        raise PolicyProblem(
            f"{name} has characters that its font cannot show: {' '.join(missing)}",
            "Set watermark.font to a font file that has them, or write the text without them.",
        )


def set_text(
    text: str, face: str, em: int, width: int, *, most_lines: int, align: float
) -> Block | None:
    """Set text into at most ``width`` pixels: a little smaller, then in lines, then smaller lines.

    Args:
        text: one line of text.
        face: path of the font.
        em: wanted letter size in pixels.
        width: room in pixels.
        most_lines: how many lines it may take.
        align: 0 for left, 0.5 for centred, 1 for right.

    Returns:
        The block, or None where even the smallest letters do not fit.
    """
    sizes = {lines: _largest(lines, face, em, width) for lines in _breaks(text, most_lines)}
    for lines, size in sizes.items():
        if size >= max(SMALLEST_LETTERS, em * _EASY_SHRINK):
            return _drawn(lines, face, size, align)
    lines = max(sizes, key=sizes.__getitem__)
    return _drawn(lines, face, sizes[lines], align) if sizes[lines] >= SMALLEST_LETTERS else None


@functools.lru_cache(maxsize=64)
def _font(face: str, em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face, em)


@functools.lru_cache(maxsize=1024)
def _shows(char: str, face: str) -> bool:
    """Whether a font has a character of its own, told by its picture: Pillow reads no cmap."""
    if unicodedata.category(char) in {"Zs", "Cf"}:  # spaces and joiners have no picture
        return True
    font = _font(face, 32)
    one, none = font.getmask(char), font.getmask(_NONCHARACTER)
    if one.getbbox() is None:
        return False
    return one.size != none.size or bytes(one) != bytes(none)


def _breaks(text: str, most_lines: int) -> Iterator[tuple[str, ...]]:
    """The text in one line, then in two evenly filled ones, and so on."""
    words = text.replace("© ", "©\u00a0").split(" ")
    for count in range(1, min(most_lines, len(words)) + 1):
        ways = itertools.combinations(range(1, len(words)), count - 1)
        yield min((_lines(words, cuts) for cuts in ways), key=_unevenness)


def _lines(words: list[str], cuts: tuple[int, ...]) -> tuple[str, ...]:
    edges = (0, *cuts, len(words))
    return tuple(" ".join(words[a:b]) for a, b in itertools.pairwise(edges))


def _unevenness(lines: tuple[str, ...]) -> float:
    """The longest line; a break inside a phrase counts as a quarter more than one after it."""
    inside = any(not (line[-1].isdigit() or line[-1] in "·,;|/") for line in lines[:-1])
    return max(map(len, lines)) * (1.25 if inside else 1.0)


def _largest(lines: tuple[str, ...], face: str, em: int, width: int) -> int:
    """The largest letter size up to ``em`` at which every line fits; 0 for none."""
    longest = max(_font(face, em).getlength(line) for line in lines)
    size = em if longest <= width else int(em * width / longest)
    while size > 0 and max(_ink_width(line, face, size) for line in lines) > width:
        size -= 1
    return size


def _ink_width(line: str, face: str, em: int) -> int:
    left, _, right, _ = _font(face, em).getbbox(line, anchor="ls")
    return math.ceil(right) - math.floor(left)


@functools.lru_cache(maxsize=32)
def _drawn(lines: tuple[str, ...], face: str, em: int, align: float) -> Block:
    font = _font(face, em)
    boxes = [font.getbbox(line, anchor="ls") for line in lines]  # relative to the baseline
    # Descenders get their room whether or not there are any: baselines then lie level.
    descent = max(math.ceil(font.getbbox("gpy", anchor="ls")[3]), math.ceil(boxes[-1][3]))
    ascent = -math.floor(boxes[0][1])
    leading = round(em * _LEADING)
    width = max(math.ceil(box[2]) - math.floor(box[0]) for box in boxes)
    canvas = Image.new("L", (width, ascent + leading * (len(lines) - 1) + descent))
    draw = ImageDraw.Draw(canvas)
    for row, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        left, right = math.floor(box[0]), math.ceil(box[2])
        x = round((width - (right - left)) * align) - left
        draw.text((x, ascent + row * leading), line, fill=255, font=font, anchor="ls")
    ink = np.asarray(canvas)
    ink.setflags(write=False)
    return Block(ink, em)
