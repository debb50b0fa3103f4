"""Where the mark and the credit line go."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.policy import Position
from imu_imageprep.stages.watermark.lettering import SMALLEST_LETTERS, Block, set_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.photo import Size

# Letter size in pixels: a share of the short side, for long pictures of the long side; 21 px at
# 800x600, which a phone shows at about half that: the size of a caption.
_EM_OF_SHORT, _EM_OF_LONG, _EM_MOST_OF_SHORT = 0.035, 0.02, 0.25
_EM_LEAST = 10

# The credit line's letters, as a share of the mark's.
_CREDIT_EM = 0.8

# Free edge around everything drawn, as a share of the short side, and its least in pixels.
_MARGIN, _MARGIN_LEAST = 0.027, 4

_MARK_LINES, _TILE_LINES, _CREDIT_LINES = 3, 5, 3

# Widest repeated mark, as a share of the picture's width: two of them and some air in half of it.
_TILE_WIDTH = 0.22

# Sizes tried one after another until mark and credit line both have their place.
_SCALES = (1.0, 0.85, 0.7, 0.55)

# Row and column of every position: 0, 0.5 or 1 from left and from top.
_PLACE = {
    Position.TOP_LEFT: (0.0, 0.0),
    Position.TOP: (0.5, 0.0),
    Position.TOP_RIGHT: (1.0, 0.0),
    Position.LEFT: (0.0, 0.5),
    Position.CENTER: (0.5, 0.5),
    Position.RIGHT: (1.0, 0.5),
    Position.BOTTOM_LEFT: (0.0, 1.0),
    Position.BOTTOM: (0.5, 1.0),
    Position.BOTTOM_RIGHT: (1.0, 1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A block and its left top corner in pixels."""

    block: Block
    x: int
    y: int

    def clear_of(self, other: Placed, gap: int) -> bool:
        """Whether at least ``gap`` pixels lie between the two blocks."""
        return (
            self.x >= other.x + other.block.width + gap
            or other.x >= self.x + self.block.width + gap
            or self.y >= other.y + other.block.height + gap
            or other.y >= self.y + self.block.height + gap
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn where; empty where it does not fit."""

    marks: tuple[Placed, ...]
    credit: Placed | None


def arrange(size: Size, mark: str, credit: str, position: Position, face: str) -> Layout:
    """Find places for the mark and the credit line, whole and apart from each other.

    Where both do not fit, the credit line goes first: it is owed to someone.

    Args:
        size: the picture in pixels.
        mark: the watermark's text; may be empty.
        credit: the credit line; may be empty.
        position: where the mark goes.
        face: path of the font.

    Returns:
        The layout; without marks or without credit line where the picture is too small for it.
    """
    sheet = _Sheet(size, face)
    # Where a mark cannot be repeated, one in the middle survives most cuts.
    positions = (position, Position.CENTER) if position is Position.TILE else (position,)
    for place, scale in itertools.product(positions, _SCALES):
        layout = sheet.arrange(mark, credit, place, scale)
        if bool(layout.marks) == bool(mark) and bool(layout.credit) == bool(credit):
            return layout
    if mark and credit:
        return arrange(size, "", credit, position, face)
    return Layout((), None)


class _Sheet:
    """One picture's measures."""

    def __init__(self, size: Size, face: str) -> None:
        short, long = min(size), max(size)
        em = max(_EM_LEAST, _EM_OF_SHORT * short, _EM_OF_LONG * long)
        self.em = min(em, _EM_MOST_OF_SHORT * short)
        self.margin = max(_MARGIN_LEAST, round(_MARGIN * short))
        self.size, self.face = size, face

    def arrange(self, mark: str, credit: str, position: Position, scale: float) -> Layout:
        if position is Position.TILE:
            line = self._single(credit, (0.0, 1.0), scale * _CREDIT_EM, _CREDIT_LINES)
            return Layout(self._tiles(mark, scale, line), line)
        place = _PLACE[position]
        placed = self._single(mark, place, scale, _MARK_LINES)
        if placed is None:
            return Layout((), self._single(credit, (0.0, 1.0), scale * _CREDIT_EM, _CREDIT_LINES))
        return Layout((placed,), self._beside(credit, placed, place, scale * _CREDIT_EM))

    def _single(
        self, text: str, place: tuple[float, float], scale: float, most_lines: int
    ) -> Placed | None:
        """Text at one of the nine places."""
        room = self.size.width - 2 * self.margin
        block = self._set(text, scale, room, most_lines, place[0])
        return self._placed(block, place) if block else None

    def _set(
        self, text: str, scale: float, width: int, most_lines: int, align: float
    ) -> Block | None:
        em = max(SMALLEST_LETTERS, round(self.em * scale))
        if not text:
            return None
        return set_text(text, self.face, em, width, most_lines=most_lines, align=align)

    def _placed(self, block: Block, place: tuple[float, float]) -> Placed | None:
        free_x = self.size.width - 2 * self.margin - block.width
        free_y = self.size.height - 2 * self.margin - block.height
        if free_x < 0 or free_y < 0:
            return None
        x, y = (self.margin + round(f * p) for f, p in zip((free_x, free_y), place, strict=True))
        return Placed(block, x, y)

    def _beside(
        self, credit: str, mark: Placed, place: tuple[float, float], scale: float
    ) -> Placed | None:
        """The credit line: in the opposite corner below, else stacked on the mark, else above."""
        across = 1.0 if place[0] == 0 else 0.0
        gap = 2 * mark.block.em  # less would read as one sentence
        for spot in ((across, 1.0), None, (across, 0.0)):
            align = place[0] if spot is None else spot[0]
            block = self._set(
                credit, scale, self.size.width - 2 * self.margin, _CREDIT_LINES, align
            )
            if block is None:
                return None
            placed = (
                self._stacked(block, mark, place) if spot is None else self._placed(block, spot)
            )
            if placed and placed.clear_of(mark, 2 if spot is None else gap):
                return placed
        return None

    def _stacked(self, block: Block, mark: Placed, place: tuple[float, float]) -> Placed | None:
        """A block right above a mark at the bottom, right below any other."""
        gap = max(2, mark.block.em // 4)
        level = self._placed(block, (place[0], 0.0))
        y = mark.y - gap - block.height if place[1] == 1 else mark.y + mark.block.height + gap
        inside = self.margin <= y <= self.size.height - self.margin - block.height
        return Placed(block, level.x, y) if level and inside else None

    def _tiles(self, mark: str, scale: float, credit: Placed | None) -> tuple[Placed, ...]:
        """The mark again and again, so close that any quarter of the picture holds a whole one.

        A window of half the width and half the height holds a whole mark where two neighbouring
        rows, shifted by half a step, both lie in it: step / 2 + mark <= half the width, and
        2 steps + mark <= half the height. Pictures too low for that keep rows so close that one
        lies in the window, with step + mark <= half the width. Empty where marks would touch.
        """
        width, height = self.size
        block = self._set(mark, scale, int(width * _TILE_WIDTH), _TILE_LINES, 0.5)
        if block is None:
            return ()
        right = width - self.margin - block.width
        bottom = height - self.margin - block.height
        if credit is not None:
            bottom = credit.y - block.height - max(2, block.em // 2)
        air = max(2, block.em // 4)
        across, down = width // 2 - block.width, height // 2 - block.height
        down = min(down, bottom - height // 2)  # the last row lies in the lowest window
        paired = down // 2
        if paired >= 2 * block.height:
            across, down = 2 * across - 2, paired  # 2 pixels for rounding
        if across < block.width + air or down < block.height + air:
            return ()
        columns = list(_spread(self.margin, right, across))
        shift = (columns[1] - columns[0]) // 2
        return tuple(
            Placed(block, x + shift * (row % 2), y)
            for row, y in enumerate(_spread(self.margin, bottom, down))
            for x in columns
            if x + shift * (row % 2) <= right
        )


def _spread(first: int, last: int, step: int) -> Iterator[int]:
    """Places from first to last, evenly, at most ``step`` apart."""
    count = max(1, math.ceil((last - first) / step))
    for index in range(count + 1):
        yield first + (last - first) * index // count
