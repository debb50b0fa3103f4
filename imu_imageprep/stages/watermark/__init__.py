"""Draw the owner's mark and the credit line."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.stages.watermark import drawing, wording
from imu_imageprep.stages.watermark.layout import Layout, Placed, arrange
from imu_imageprep.stages.watermark.lettering import Block
from imu_imageprep.stages.watermark.logo import Logo, Stamp, approved_logo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import WatermarkRules
    from imu_imageprep.stages.watermark.wording import Line

__all__ = ["Logo", "approved_logo", "watermark"]

# On a picture with a shorter side than this, letters would cover what there is to see.
SMALLEST_SIDE = 40

TOO_SMALL = "too small for its watermark, which was left out"
TOO_SMALL_FOR_TEXT = "too small for the text beside its logo, which was left out"
TOO_SMALL_FOR_LOGO = "too small for the logo beside its text, which was left out"

# A credit line is owed to its maker: it stays readable however faint the mark is.
_CREDIT_OPACITY = 0.85

# A mark that is all over the picture is fainter than one in a corner.
_TILE_OPACITY, _TILE_LOGO_OPACITY = 0.6, 0.7

# A name alone could be taken for the name of who is shown.
_SAYS_WHAT_IT_IS = re.compile(
    r"©|\(c\)|.*:|(photo|foto|image|picture|courtesy|source)\b", re.IGNORECASE
)


def watermark(
    photo: Photo,
    text: str,
    rules: WatermarkRules,
    credit: str | None = None,
    logo: Logo | None = None,
) -> Photo:
    """Draw the mark, and the credit line apart from it.

    Nothing is ever cropped: long text is set smaller, then in lines. Pixels that are not in or
    close around the mark stay as they are. On a picture that is too small for a mark it is left
    out and ``notes`` says so; a credit line is never left out, because what was taken from someone
    else may only leave with it.

    Args:
        photo: upright uint8 RGB pixels at their final size.
        text: the mark's text, with year and owner filled in; empty for none.
        rules: position, opacity and font.
        credit: the credit line; a name alone is drawn as "Photo: name".
        logo: the approved logo, which the mark begins with; None for none. It keeps its colours,
            and its opacity unless it is repeated.

    Returns:
        The marked photo.

    Raises:
        PolicyProblem: there is no such font, no font has a character, a script cannot be set on
            this system, a text has a line break, or the picture is too small for its credit line.
        ModelProblem: the font that ships is missing.
    """
    mark = wording.line("The watermark text", text, rules.font)
    line = wording.line("The credit line", _credit_line(credit), rules.font)
    if not mark and not line and logo is None:
        return photo
    if min(photo.size) < SMALLEST_SIDE:
        layout = None
    else:
        layout = arrange(photo.size, mark, line, rules.position, logo)
    if line and (layout is None or layout.credit is None):
        raise PolicyProblem(
            "The picture is too small for its credit line.",
            "Use a larger picture or a shorter credit line.",
        )
    if layout is None or not (layout.marks or layout.credit):
        return dataclasses.replace(photo, notes=(*photo.notes, TOO_SMALL))

    pixels = photo.pixels.copy()
    repeated = len(layout.marks) > 1
    plate = _needs_plate(pixels, layout)
    for placed in layout.marks:
        opacity = rules.opacity * (_TILE_OPACITY if repeated else 1.0)
        for part, x, y in _parts(placed):
            if isinstance(part, Block):
                drawing.draw_letters(pixels, part, x, y, opacity)
            else:
                logo_opacity = _TILE_LOGO_OPACITY if repeated else 1.0
                drawing.draw_logo(pixels, part, x, y, logo_opacity, plate=plate)
    if layout.credit is not None:
        opacity = max(rules.opacity, _CREDIT_OPACITY)
        for part, x, y in _parts(layout.credit):
            assert isinstance(part, Block)
            drawing.draw_letters(pixels, part, x, y, opacity)
    pixels.setflags(write=False)
    return dataclasses.replace(
        photo, pixels=pixels, notes=(*photo.notes, *_left_out(layout, mark, logo))
    )


def _parts(placed: Placed) -> tuple[tuple[Block | Stamp, int, int], ...]:
    """What is drawn for a mark, each with its left top corner in the picture."""
    mark = placed.block
    if isinstance(mark, (Block, Stamp)):
        return ((mark, placed.x, placed.y),)
    parts: tuple[tuple[Block | Stamp, int, int], ...] = (mark.stamp, mark.block)
    return tuple((part, placed.x + x, placed.y + y) for part, x, y in parts)


def _needs_plate(pixels: NDArray[np.uint8], layout: Layout) -> bool:
    """Whether the ground asks for a plate under any of the logos; they then all get one."""
    return any(
        isinstance(part, Stamp) and drawing.needs_plate(pixels, part, x, y)
        for placed in layout.marks
        for part, x, y in _parts(placed)
    )


def _left_out(layout: Layout, mark: Line, logo: Logo | None) -> tuple[str, ...]:
    if not layout.marks:
        return (TOO_SMALL,) if mark or logo is not None else ()
    drawn = layout.marks[0].block
    if mark and isinstance(drawn, Stamp):
        return (TOO_SMALL_FOR_TEXT,)
    return (TOO_SMALL_FOR_LOGO,) if logo is not None and isinstance(drawn, Block) else ()


def _credit_line(credit: str | None) -> str:
    line = (credit or "").strip()
    return line if not line or _SAYS_WHAT_IT_IS.match(line) else f"Photo: {line}"
