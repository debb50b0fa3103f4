"""Text that can be read in the export and says who somebody is: names, numbers, records, plates.

A picture is searched for lines once. Those large enough to be read in the export are read, the
largest first, and judged by the rules of ``domain/readable``; the others only belong to the page
that they are on. What was read is forgotten with that: a finding has a category and a box, and
nothing here logs, raises or returns a text.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep import assets
from imu_imageprep.detectors.text.areas import MODEL as AREAS
from imu_imageprep.detectors.text.areas import areas, sides
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import Cue, Finding, Flag, Looked
from imu_imageprep.domain.photo import fit_inside
from imu_imageprep.domain.rules import DEFAULT_SIZE

if TYPE_CHECKING:
    from imu_imageprep.detectors.text.areas import Values
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo, Size
    from imu_imageprep.domain.readable.judging import Found
    from imu_imageprep.domain.readable.lines import Line
    from imu_imageprep.domain.readable.names import Names

# Long side, in pixels, at which a picture is searched; its export has 800, or it is a piece
# of a larger one (``domain/pieces``).
SEARCH_SIDE = 736
# Areas lower than this in the export cannot be read there: one is 1.6 times a capital high, and of
# capitals of 5 pixels a third is misread.
LEAST_HEIGHT = 9.0
# So many lines are read at most, the largest first.
MOST_LINES = 40

_NAMES = "text_names"

# Boxes reach this share of a line's height beyond what was found, so that no stroke is left out.
_PAD = 0.1


@dataclass(frozen=True, slots=True)
class Text:
    """Looks for text that identifies somebody.

    Attributes:
        export: the bounds of exports in pixels.
        allowed: texts that are of nobody: an office's own number, a slogan.
    """

    name: ClassVar[str] = "text"
    flag: ClassVar[Flag] = Flag.TEXT
    export: Size = DEFAULT_SIZE
    allowed: tuple[str, ...] = ()

    @property
    def model(self) -> str | None:
        """Version of all that decides; None where the list of models cannot be read."""
        return assets.version_of(AREAS, "text_lines", "text_characters", _NAMES)

    def look(self, photo: Photo, metadata: Metadata) -> Looked:  # noqa: ARG002  (the port's shape)
        """Look for text.

        Args:
            photo: upright sRGB pixels, uint8 RGB, any size.
            metadata: not used.

        Returns:
            One finding per place, labelled with its category; the surest reading of those that hold
            a photo, 0.0 where there is none.

        Raises:
            ModelProblem: a network or a list is missing or damaged.
        """
        shown = max(fit_inside(photo.source_size, self.export))
        scale = shown / max(photo.size)
        found = [(min(sides(quad)) * scale, quad) for quad in areas(photo.pixels, SEARCH_SIDE)]
        found.sort(key=lambda one: -one[0])
        if not found or found[0][0] < LEAST_HEIGHT:
            return Looked((), 0.0)
        return self._judged(photo, found)

    def _judged(self, photo: Photo, found: list[tuple[float, Values]]) -> Looked:
        """Read the lines, the largest first, and keep what they are."""
        # Loaded where there is something to read, which most pictures lack.
        from imu_imageprep.detectors.text.reading import read  # noqa: PLC0415
        from imu_imageprep.domain.readable.clinical import clinical_words  # noqa: PLC0415
        from imu_imageprep.domain.readable.judging import NOTED, SURE, judge  # noqa: PLC0415

        lines = [
            _line(quad, height, *read(photo.pixels, quad))
            if height >= LEAST_HEIGHT and number < MOST_LINES
            else _line(quad, height, "", 0.0)
            for number, (height, quad) in enumerate(found)
        ]
        places = judge(lines, _names(), self.allowed)
        held = (place.sure for place in places if place.category not in NOTED)
        clinical = any(clinical_words(line.text) for line in lines if line.sure >= SURE)
        return Looked(
            tuple(_finding(place, photo.size) for place in places),
            max(held, default=0.0),
            frozenset({Cue.CLINICAL_WORDS}) if clinical else frozenset(),
        )


def _line(quad: Values, height: float, text: str, sure: float) -> Line:
    from imu_imageprep.domain.readable.lines import Bounds, Line  # noqa: PLC0415

    (left, top), (right, bottom) = quad.min(0).tolist(), quad.max(0).tolist()
    one, other = sides(quad)
    bounds = Bounds(left, top, right, bottom)
    return Line(text, min(sure, 1.0), height, bounds, max(one, other), min(one, other))


def _finding(place: Found, size: Size) -> Finding:
    left, top, right, bottom = place.bounds
    pad = _PAD * place.height
    box = Box.from_pixels(
        left - pad,
        top - pad,
        right - left + 2 * pad,
        bottom - top + 2 * pad,
        width=size.width,
        height=size.height,
    )
    return Finding("text", place.sure, box.clipped(), place.category.value)


@functools.cache
def _names() -> Names:
    from imu_imageprep.domain.readable.names import Names  # noqa: PLC0415

    try:
        return Names.from_text(assets.load(_NAMES).decode())
    except ValueError as problem:
        raise ModelProblem("The list of names is damaged.") from problem
