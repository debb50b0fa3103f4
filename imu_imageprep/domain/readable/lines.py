"""Lines of text in a picture, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Bounds(NamedTuple):
    """An upright rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float


# Lines of a page are no further apart than this, in heights of a line.
_APART = 2.5
# A line that could not be read is no higher than so many heights of one that could.
_LARGER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of text.

    Attributes:
        text: what it says; in no ``repr``, so that no message can hold it.
        sure: how sure its characters are on average, 0..1.
        height: of its area where the picture is exported, in pixels; about 1.6 times a capital.
        bounds: where it is, in pixels of what was looked at.
        length: along the line, in the same pixels.
        thickness: across the line.
    """

    text: str = field(repr=False)
    sure: float
    height: float
    bounds: Bounds
    length: float
    thickness: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle: across and down."""
        left, top, right, bottom = self.bounds
        return (left + right) / 2, (top + bottom) / 2

    def near(self, other: Line, heights: float) -> bool:
        """Whether another line is beside, above or below this one.

        Args:
            other: a line.
            heights: how far above or below at most, in heights of the larger one.
        """
        (x, y), (its_x, its_y) = self.middle, other.middle
        reach = heights * max(self.thickness, other.thickness)
        return abs(y - its_y) <= reach and abs(x - its_x) <= max(self.length, other.length)

    def above(self, other: Line) -> bool:
        """Whether its middle is higher than another's."""
        return self.middle[1] < other.middle[1]


def page(lines: Collection[Line], part: Line) -> list[Line]:
    """All lines of the page that a line is on: each no further from another than a few heights."""
    inside, waiting = [], [part]
    left = [line for line in lines if line is not part]
    while waiting:
        line = waiting.pop()
        inside.append(line)
        reached = [
            other for other in left if _touches(other, line, max(other.thickness, line.thickness))
        ]
        waiting += reached
        left = [other for other in left if not any(other is one for one in reached)]
    return inside


def unread_on(page_of: Collection[Line], unread: Iterable[Line]) -> list[Line]:
    """The lines that could not be read and lie on a page: what they say may belong to it.

    They lead no further, and much larger ones are no lines of that page.
    """
    return [
        line
        for line in unread
        if any(
            line.thickness <= _LARGER * read.thickness and _touches(line, read, read.thickness)
            for read in page_of
        )
    ]


def around(lines: Iterable[Line]) -> Bounds:
    """The rectangle around some lines; no pixel left of or above the picture."""
    lefts, tops, rights, bottoms = zip(*(line.bounds for line in lines), strict=True)
    return Bounds(max(0.0, min(lefts)), max(0.0, min(tops)), max(rights), max(bottoms))


def _touches(one: Line, other: Line, height: float) -> bool:
    """Whether two lines are close enough to be on one page of lines of a height."""
    reach = _APART * height
    a, b = one.bounds, other.bounds
    return (
        a.left - reach <= b.right
        and b.left - reach <= a.right
        and a.top - reach <= b.bottom
        and b.top - reach <= a.bottom
    )
