"""Where the mark and the credit line go."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from imu_imageprep.domain.policy import Position
from imu_imageprep.stages.watermark.lettering import SMALLEST_LETTERS
from imu_imageprep.stages.watermark.logo import set_mark
from imu_imageprep.stages.watermark.wording import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.photo import Size
    from imu_imageprep.stages.watermark.logo import Logo, Mark
    from imu_imageprep.stages.watermark.wording import Line

_Way: TypeAlias = Position | Literal["quarters"]

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


# Ways of repeating a mark: all over the picture, or once in each quarter of it.
_QUARTERS: Literal["quarters"] = "quarters"
_REPEATED: tuple[_Way, ...] = (Position.TILE, _QUARTERS)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A mark or a credit line, and its left top corner in pixels."""

    block: Mark
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


def arrange(
    size: Size, mark: Line, credit: Line, position: Position, logo: Logo | None = None
) -> Layout:
    """Find places for the mark and the credit line, whole and apart from each other.

    Where not all fit, the credit line stays longest: it is owed to someone.

    Args:
        size: the picture in pixels.
        mark: the watermark's text; may be empty.
        credit: the credit line; may be empty.
        position: where the mark goes.
        logo: stands before the mark's text; None for none.

    Returns:
        The layout; without marks or without credit line where the picture is too small for it.
    """
    for way, text, picture in _attempts(position, mark, logo):
        sheet = _Sheet(size, text, credit, picture)
        for scale in _SCALES:
            layout = sheet.arrange(way, scale)
            if bool(layout.marks) == bool(text or picture) and bool(layout.credit) == bool(credit):
                return layout
    return Layout((), None)


def _attempts(
    position: Position, mark: Line, logo: Logo | None
) -> Iterator[tuple[_Way, Line, Logo | None]]:
    """What to draw where, in order of preference: everything first, the credit line alone last."""
    whole, only_logo, only_text = (mark, logo), (NOTHING, logo), (mark, None)
    if position is Position.TILE:
        # A mark that is to survive a cut is rather without its logo than single. One in the
        # middle survives most cuts, where there is no room for more.
        ways = [(way, what) for what in (whole, only_text, only_logo) for way in _REPEATED]
        ways += [(Position.CENTER, what) for what in (whole, only_text, only_logo)]
    else:
        ways = [(position, what) for what in (whole, only_logo, only_text)]
    for way, (text, picture) in dict.fromkeys(ways):
        if text or picture is not None:
            yield way, text, picture
    yield Position.CENTER, NOTHING, None


class _Sheet:
    """One picture's measures."""

    def __init__(self, size: Size, mark: Line, credit: Line, logo: Logo | None) -> None:
        short, long = min(size), max(size)
        em = max(_EM_LEAST, _EM_OF_SHORT * short, _EM_OF_LONG * long)
        self.em = min(em, _EM_MOST_OF_SHORT * short)
        self.margin = max(_MARGIN_LEAST, round(_MARGIN * short))
        self.size, self.mark, self.credit, self.logo = size, mark, credit, logo

    def arrange(self, way: _Way, scale: float) -> Layout:
        """The layout at a scale of the letters; parts that do not fit are left out."""
        if way is Position.TILE or way == _QUARTERS:
            line = self._credit(scale, (0.0, 1.0))
            spread = self._tiles if way is Position.TILE else self._quarters
            return Layout(spread(scale, line), line)
        place = _PLACE[way]
        room = self.size.width - 2 * self.margin
        mark = self._mark(scale, room, _MARK_LINES, place[0])
        placed = self._placed(mark, place) if mark else None
        if placed is None:
            return Layout((), self._credit(scale, (0.0, 1.0)))
        return Layout((placed,), self._beside(placed, place, scale))

    def _mark(self, scale: float, room: int, most_lines: int, align: float) -> Mark | None:
        em = self._em(scale)
        return set_mark(self.mark, self.logo, em, room, most_lines=most_lines, align=align)

    def _credit_block(self, scale: float, align: float) -> Mark | None:
        em, room = self._em(scale * _CREDIT_EM), self.size.width - 2 * self.margin
        return set_mark(self.credit, None, em, room, most_lines=_CREDIT_LINES, align=align)

    def _credit(self, scale: float, place: tuple[float, float]) -> Placed | None:
        block = self._credit_block(scale, place[0])
        return self._placed(block, place) if block else None

    def _em(self, scale: float) -> int:
        return max(SMALLEST_LETTERS, round(self.em * scale))

    def _placed(self, block: Mark, place: tuple[float, float]) -> Placed | None:
        free_x = self.size.width - 2 * self.margin - block.width
        free_y = self.size.height - 2 * self.margin - block.height
        if free_x < 0 or free_y < 0:
            return None
        x, y = (self.margin + round(f * p) for f, p in zip((free_x, free_y), place, strict=True))
        return Placed(block, x, y)

    def _beside(self, mark: Placed, place: tuple[float, float], scale: float) -> Placed | None:
        """The credit line: in the opposite corner below, else stacked on the mark, else above."""
        across = 1.0 if place[0] == 0 else 0.0
        gap = 2 * mark.block.em  # less would read as one sentence
        for spot in ((across, 1.0), None, (across, 0.0)):
            block = self._credit_block(scale, place[0] if spot is None else spot[0])
            if block is None:
                return None
            placed = (
                self._stacked(block, mark, place) if spot is None else self._placed(block, spot)
            )
            if placed and placed.clear_of(mark, 2 if spot is None else gap):
                return placed
        return None

    def _stacked(self, block: Mark, mark: Placed, place: tuple[float, float]) -> Placed | None:
        """A block right above a mark at the bottom, right below any other."""
        gap = max(2, mark.block.em // 4)
        level = self._placed(block, (place[0], 0.0))
        y = mark.y - gap - block.height if place[1] == 1 else mark.y + mark.block.height + gap
        inside = self.margin <= y <= self.size.height - self.margin - block.height
        return Placed(block, level.x, y) if level and inside else None

    def _tiles(self, scale: float, credit: Placed | None) -> tuple[Placed, ...]:
        """The mark again and again, so close that any quarter of the picture holds a whole one.

        A window of half the width and half the height holds a whole mark where two neighbouring
        rows, shifted by half a step, both lie in it: step / 2 + mark <= half the width, and
        2 steps + mark <= half the height. Where rows would touch then, a whole mark of every row
        lies in the window: step + mark <= half the width, and the same down. Empty where marks
        would touch even so.
        """
        width, height = self.size
        block = self._mark(scale, int(width * _TILE_WIDTH), _TILE_LINES, 0.5)
        if block is None:
            return ()
        right = width - self.margin - block.width
        bottom = height - self.margin - block.height
        if credit is not None:
            bottom = credit.y - block.height - max(2, block.em // 2)
        air = max(2, block.em // 4)
        across, down = width // 2 - block.width, height // 2 - block.height
        down = min(down, bottom - height // 2)  # the last row lies in the lowest window
        # 2 pixels for rounding.
        for across_step, down_step in ((2 * across - 2, down // 2), (across, down)):
            columns = _spread(self.margin, right, across_step, block.width + air)
            rows = _spread(self.margin, bottom, down_step, block.height + air)
            if len(columns) > 1 and rows:
                break
        else:
            return ()
        shift = (columns[1] - columns[0]) // 2
        return tuple(
            Placed(block, x + shift * (row % 2), y)
            for row, y in enumerate(rows)
            for x in columns
            if x + shift * (row % 2) <= right
        )

    def _quarters(self, scale: float, credit: Placed | None) -> tuple[Placed, ...]:
        """One mark in the middle of each quarter; empty where they would touch anything."""
        wide, high = self.size.width // 2, self.size.height // 2
        block = self._mark(scale, wide - 2 * self.margin, _TILE_LINES, 0.5)
        if block is None:
            return ()
        marks = []
        for left, top in itertools.product(
            (0, self.size.width - wide), (0, self.size.height - high)
        ):
            floor = self.size.height
            if credit is not None and top:
                floor = min(floor, credit.y)
            room = min(high, floor - top) - block.height
            if room < 2 * self.margin:
                return ()
            marks.append(Placed(block, left + (wide - block.width) // 2, top + room // 2))
        return tuple(marks)


def _spread(first: int, last: int, most: int, least: int) -> list[int]:
    """Places from first to last, evenly, ``least`` to ``most`` apart; none where that cannot be."""
    if most < 1 or last < first:
        return []
    count = max(1, math.ceil((last - first) / most))
    places = [first + (last - first) * index // count for index in range(count + 1)]
    return places if places[1] - places[0] >= least else []
