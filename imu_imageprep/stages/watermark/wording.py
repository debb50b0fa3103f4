"""Texts to be drawn: checked, their fonts found, their order known."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.stages.watermark import fonts

if TYPE_CHECKING:
    from pathlib import Path

    from imu_imageprep.stages.watermark.fonts import Face

# Scripts whose fonts people have to add, by Unicode's name of the script.
_GET_FONT = {
    "CJK": "On Linux, install fonts-noto-cjk or fonts-wqy-microhei for Chinese",
    "TAMIL": "On Linux, install fonts-noto-core for Tamil",
    "ARABIC": "On Linux, install fonts-noto-core for Jawi and Arabic",
}
_GET_ANY = "Install a font that has them (Noto has nearly every script)"


@dataclass(frozen=True, slots=True)
class Line:
    """Text, and the fonts that it is set in; false where it is empty.

    Attributes:
        text: in composed form (NFC).
        faces: each character is set in the first of them that has it.
    """

    text: str
    faces: tuple[Face, ...]

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Line("", ())


def line(
    name: str,
    text: str | None,
    font_name: str = "",
    *,
    folders: tuple[Path, ...] | None = None,
    shaping: bool | None = None,
) -> Line:
    """Find fonts for a text, and refuse what would not be drawn as it was written.

    Args:
        name: what the text is, for the message ("The watermark text").
        text: what is to be drawn; spaces are tidied.
        font_name: a font's file or family (watermark.font); empty for the font that ships.
        folders: where fonts lie; None for the system's own places.
        shaping: whether joined and right-to-left scripts can be set; None for finding out.

    Raises:
        PolicyProblem: a line break or a control character, characters that no font has, a script
            that cannot be set here, or no such font.
    """
    tidy = re.sub(r"[ \u00a0]+", " ", unicodedata.normalize("NFC", text or "")).strip(" ")
    if any(map(_controls, tidy)):
        raise PolicyProblem(
            f"{name} has a line break or a control character.", "Write it as one line."
        )
    if not tidy:
        return NOTHING
    faces = fonts.choose(font_name, tidy, folders)
    missing = [c for c in dict.fromkeys(tidy) if not any(fonts.shows(c, face) for face in faces)]
    if missing:
        known = [_GET_FONT[script] for script in fonts.script_names(missing) if script in _GET_FONT]
        raise PolicyProblem(
            f"{name} has characters that no font here can show: {' '.join(missing)}",
            f"{'; '.join(known) or _GET_ANY}; or set watermark.font to a font file that has them.",
        )
    if needs_shaping(tidy) and not (fonts.can_shape() if shaping is None else shaping):
        raise PolicyProblem(
            f"{name} is in a script whose letters join, stack or run from right to left, and this "
            "system cannot set it.",
            f"Install FriBiDi ({fonts.GET_FRIBIDI}), or write the text in another script.",
        )
    made = Line(tidy, faces)
    if not _in_order(made):
        if whole := fonts.single(tidy, folders):
            return Line(tidy, (whole,))
        raise PolicyProblem(
            f"{name} mixes scripts that no single font here has, so their order would be lost.",
            "Set watermark.font to a font file that has all of them, or write it in one script.",
        )
    return made


def needs_shaping(text: str) -> bool:
    """Whether letters join, carry marks, change places or run from right to left."""
    return any(
        unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        or unicodedata.category(char) in {"Mn", "Mc"}
        or unicodedata.name(char, "").startswith(("ZERO WIDTH", "HANGUL JUNGSEONG"))
        for char in text
    )


def _controls(char: str) -> bool:
    """A line break, a control character, or one that turns the order of others around."""
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return (
        unicodedata.category(char) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(char) in turns
    )


def direction(text: str) -> str | None:
    """The direction of a text: that of its first letter. None where all letters run to the right.

    (Unicode Bidirectional Algorithm, rules P2 and P3.)
    """
    if not any(map(fonts.right_to_left, text)):
        return None
    strong = (c for c in text if fonts.right_to_left(c) or unicodedata.bidirectional(c) == "L")
    return "rtl" if fonts.right_to_left(next(strong)) else "ltr"


def pieces(line: Line) -> list[tuple[Face, str]]:
    """The line in pieces of one font each: a letter keeps its marks, a space stays where it is."""
    if len(line.faces) == 1:
        return [(line.faces[0], line.text)]
    parts: list[tuple[Face, str]] = []
    for cluster in _clusters(line.text):
        letter = cluster[0].isalpha()
        if parts and not letter and fonts.shows(cluster, parts[-1][0]):
            face = parts[-1][0]
        else:
            face = next((f for f in line.faces if fonts.shows(cluster, f)), line.faces[0])
        if parts and parts[-1][0] == face:
            parts[-1] = (face, parts[-1][1] + cluster)
        else:
            parts.append((face, cluster))
    return parts


def _clusters(text: str) -> list[str]:
    """Letters with the marks and joiners that follow them."""
    clusters: list[str] = []
    for char in text:
        if clusters and unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf"}:
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _in_order(line: Line) -> bool:
    """Whether pieces laid side by side are in the order in which the whole would be read.

    They are unless words that run against the line's own direction are in more than one piece.
    """
    parts = pieces(line)
    base = direction(line.text)
    if len(parts) == 1 or base is None:
        return True
    against = None  # the piece with the last letter against the direction, none with it since
    for number, (_, text) in enumerate(parts):
        for char in text:
            if not fonts.right_to_left(char) and unicodedata.bidirectional(char) != "L":
                continue
            if fonts.right_to_left(char) == (base == "rtl"):
                against = None
            elif against not in (None, number):
                return False
            else:
                against = number
    return True
