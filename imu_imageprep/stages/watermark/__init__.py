"""Draw the owner's mark and the credit line."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import NotBuiltYet, PolicyProblem
from imu_imageprep.stages.watermark import ink, lettering
from imu_imageprep.stages.watermark.layout import arrange

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import WatermarkRules

__all__ = ["watermark"]

# On a picture with a shorter side than this, letters would cover what there is to see.
SMALLEST_SIDE = 40

TOO_SMALL = "too small for its watermark, which was left out"

# A credit line is owed to its maker: it stays readable however faint the mark is.
_CREDIT_OPACITY = 0.85

# A mark that is all over the picture is fainter than one in a corner.
_TILE_OPACITY = 0.6

# A name alone could be taken for the name of who is shown.
_SAYS_WHAT_IT_IS = re.compile(
    r"©|\(c\)|.*:|(photo|foto|image|picture|courtesy|source)\b", re.IGNORECASE
)


def watermark(photo: Photo, text: str, rules: WatermarkRules, credit: str | None = None) -> Photo:
    """Draw the mark, and the credit line apart from it.

    Nothing is ever cropped: long text is set smaller, then in lines. Pixels that are not in or
    close around the letters stay as they are. On a picture that is too small for a mark it is left
    out and ``notes`` says so; a credit line is never left out, because what was taken from someone
    else may only leave with it.

    Args:
        photo: upright uint8 RGB pixels at their final size.
        text: the mark, with year and owner filled in; empty for none.
        rules: position, opacity and font.
        credit: the credit line; a name alone is drawn as "Photo: name".

    Returns:
        The marked photo.

    Raises:
        PolicyProblem: the font cannot be read or does not have a character, a text has a line
            break, or the picture is too small for its credit line.
        NotBuiltYet: the rules name a logo.
        ModelProblem: the font that ships is missing.
    """
    if rules.logo:
        raise NotBuiltYet("A logo in the watermark (watermark.logo) is not built yet.")
    mark, line = _tidy(text), _credit_line(credit)
    if not mark and not line:
        return photo
    face = lettering.face(rules.font)
    lettering.check("The watermark text", mark, face)
    lettering.check("The credit line", line, face)
    if min(photo.size) < SMALLEST_SIDE:
        layout = None
    else:
        layout = arrange(photo.size, mark, line, rules.position, face)
    if line and (layout is None or layout.credit is None):
        raise PolicyProblem(
            "The picture is too small for its credit line.",
            "Use a larger picture or a shorter credit line.",
        )
    if layout is None or not (layout.marks or layout.credit):
        return dataclasses.replace(photo, notes=(*photo.notes, TOO_SMALL))

    pixels = photo.pixels.copy()
    repeated = len(layout.marks) > 1
    for placed in layout.marks:
        opacity = rules.opacity * (_TILE_OPACITY if repeated else 1.0)
        ink.draw(pixels, placed.block, placed.x, placed.y, opacity)
    if layout.credit is not None:
        opacity = max(rules.opacity, _CREDIT_OPACITY)
        ink.draw(pixels, layout.credit.block, layout.credit.x, layout.credit.y, opacity)
    pixels.setflags(write=False)
    notes = photo.notes if layout.marks or not mark else (*photo.notes, TOO_SMALL)
    return dataclasses.replace(photo, pixels=pixels, notes=notes)


def _tidy(text: str | None) -> str:
    """Composed characters, single spaces; line breaks stay, to be refused."""
    return re.sub(r"[ \u00a0]+", " ", unicodedata.normalize("NFC", text or "")).strip(" ")


def _credit_line(credit: str | None) -> str:
    line = _tidy(credit)
    return line if not line or _SAYS_WHAT_IT_IS.match(line) else f"Photo: {line}"
