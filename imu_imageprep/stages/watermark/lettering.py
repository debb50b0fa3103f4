"""Setting a line of text: its size, where it breaks, its picture."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from imu_imageprep.stages.watermark.fonts import Face, font
from imu_imageprep.stages.watermark.wording import Line, direction, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Letters smaller than this many pixels per em are not readable any more.
SMALLEST_LETTERS = 8

# A line that is too long is first set this much smaller, before it is broken.
_EASY_SHRINK = 0.8

# Distance of baselines, in ems; more where marks above and below letters would touch.
_LEADING = 1.3


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


@functools.lru_cache(maxsize=128)
def set_text(line: Line, em: int, width: int, *, most_lines: int, align: float) -> Block | None:
    """Set text into at most ``width`` pixels: a little smaller, then in lines, then smaller lines.

    Args:
        line: the text.
        em: wanted letter size in pixels.
        width: room in pixels.
        most_lines: how many lines it may take.
        align: 0 for left, 0.5 for centred, 1 for right.

    Returns:
        The block, or None where even the smallest letters do not fit.
    """
    ways = [tuple(Line(part, line.faces) for part in way) for way in _ways(line.text, most_lines)]
    right = direction(line.text)
    sizes = {lines: _largest(lines, em, width, right) for lines in ways}
    for lines, size in sizes.items():
        if size >= max(SMALLEST_LETTERS, em * _EASY_SHRINK):
            return _drawn(lines, size, align, right)
    lines = max(sizes, key=sizes.__getitem__)
    fits = sizes[lines] >= SMALLEST_LETTERS
    return _drawn(lines, sizes[lines], align, right) if fits else None


class _Run(NamedTuple):
    """A part of a line in one font; ``x`` is where it begins, in pixels, in a given size."""

    face: Face
    text: str
    x: int


@functools.lru_cache(maxsize=256)
def _runs(line: Line, em: int, base: str | None) -> tuple[_Run, ...]:
    """The pieces of a line from left to right."""
    parts = pieces(line)
    runs, x = [], 0.0
    for face, text in reversed(parts) if base == "rtl" else parts:
        runs.append(_Run(face, text, round(x)))
        x += font(face, em).getlength(text, direction=base)
    return tuple(runs)


def _box(line: Line, em: int, base: str | None) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a line's ink, from its beginning on the baseline."""
    boxes = [
        (left + run.x, top, right + run.x, bottom)
        for run in _runs(line, em, base)
        for left, top, right, bottom in [
            font(run.face, em).getbbox(run.text, anchor="ls", direction=base)
        ]
    ]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (
        math.floor(min(lefts)),
        math.floor(min(tops)),
        math.ceil(max(rights)),
        math.ceil(max(bottoms)),
    )


@functools.lru_cache(maxsize=64)
def _ways(text: str, most_lines: int) -> tuple[tuple[str, ...], ...]:
    return tuple(_breaks(text, most_lines))


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


def _largest(lines: tuple[Line, ...], em: int, width: int, base: str | None) -> int:
    """The largest letter size up to ``em`` at which every line fits; 0 for none."""
    longest = max(_ink_width(line, em, base) for line in lines)
    size = em if longest <= width else int(em * width / longest)
    while size > 0 and max(_ink_width(line, size, base) for line in lines) > width:
        size -= 1
    return size


def _ink_width(line: Line, em: int, base: str | None) -> int:
    left, _, right, _ = _box(line, em, base)
    return right - left


@functools.lru_cache(maxsize=32)
def _drawn(lines: tuple[Line, ...], em: int, align: float, base: str | None) -> Block:
    boxes = [_box(line, em, base) for line in lines]  # relative to the baseline
    # Descenders get their room whether or not there are any: baselines then lie level.
    level = font(lines[0].faces[0], em).getbbox("gpy", anchor="ls")[3]
    descent = max(math.ceil(level), boxes[-1][3])
    leadings = [
        max(round(em * _LEADING), above[3] - below[1] + 1)
        for above, below in itertools.pairwise(boxes)
    ]
    width = max(right - left for left, _, right, _ in boxes)
    baseline = -boxes[0][1]
    canvas = Image.new("L", (width, baseline + sum(leadings) + descent))
    draw = ImageDraw.Draw(canvas)
    for one, box, leading in zip(lines, boxes, (*leadings, 0), strict=True):
        x = round((width - (box[2] - box[0])) * align) - box[0]
        for run in _runs(one, em, base):
            chosen = font(run.face, em)
            place = (x + run.x, baseline)
            draw.text(place, run.text, 255, chosen, anchor="ls", direction=base)
        baseline += leading
    ink = np.asarray(canvas)
    ink.setflags(write=False)
    return Block(ink, em)
