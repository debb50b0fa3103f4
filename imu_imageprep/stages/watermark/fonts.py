"""Fonts: the one that ships, one that the rules name, and those of the system."""

from __future__ import annotations

import functools
import itertools
import os
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont, features

from imu_imageprep import assets
from imu_imageprep.domain.errors import ModelProblem, PolicyProblem
from imu_imageprep.domain.rules import names_font_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A character that no font may ever have (Unicode 15, 23.7): it shows as "not in this font" does.
_NONCHARACTER = "\uffff"
# Not assigned: a font that shows something here shows boxes for everything (macOS: LastResort).
_UNASSIGNED = "\u0378"

_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")

# Plain, well-drawn families first, as file names without spaces and hyphens: Noto and Source Han
# where someone installed them; then what Windows, macOS and Linux bring.
_PREFERRED = (
    *("notosans", "sourcehansans", "notonaskh"),
    *("msyh", "segoeui", "seguisb", "nirmala", "leelawui"),
    *("pingfang", "hiraginosans", "stheiti", "tamilsangammn", "geezapro", "sfarabic"),
    *("dejavusans", "wqymicrohei", "droidsans", "lohit", "arial", "tahoma"),
)
_WEIGHTS = ("semibold", "demibold", "bold", "medium", "regular")
_UNSUITABLE = ("italic", "oblique", "slanted", "condensed", "mono", "light", "thin", "serif")
_NO_LETTERS = ("emoji", "lastresort", "blank", "tofu")

GET_FRIBIDI = (
    "Debian: libfribidi0; macOS: brew install fribidi; Windows: put fribidi.dll in a folder on PATH"
)


@dataclass(frozen=True, slots=True)
class Face:
    """A font: its file, and which of the fonts of a collection."""

    path: str
    number: int = 0


@functools.lru_cache(maxsize=128)
def font(face: Face, em: int) -> ImageFont.FreeTypeFont:
    """A font at a size, in pixels per em."""
    return ImageFont.truetype(face.path, em, index=face.number)


def can_shape() -> bool:
    """Whether joined and right-to-left scripts can be set (Raqm, which needs FriBiDi)."""
    return bool(features.check("raqm") and features.check("fribidi"))


def shows(text: str, face: Face) -> bool:
    """Whether a font has every character of a text as its own."""
    return all(_has(char, face) for char in text)


def choose(name: str, text: str, folders: tuple[Path, ...] | None = None) -> tuple[Face, ...]:
    """The fonts that a text is set in, in order of preference.

    The first is the named one, or the one that ships; others follow only where it lacks characters
    of the text, and come from the system's font folders.

    Args:
        name: a font's file, the name of a family on this system, or empty.
        text: what is to be set.
        folders: where fonts lie; None for the system's own places.

    Raises:
        PolicyProblem: there is no such font, or it cannot be read.
        ModelProblem: the font that ships is missing or damaged.
    """
    first = named(name, folders) if name else _shipped()
    missing = [char for char in dict.fromkeys(text) if not _has(char, first)]
    if not missing:
        return (first,)
    places = system_folders() if folders is None else folders
    stack = [first]
    while missing:
        script = _script(missing[0])
        kin = "".join(char for char in missing if _script(char) == script)
        found = _covering(kin, missing[0], places)
        if found is not None:
            stack.append(found)
        missing = [c for c in missing if c not in kin and not (found and _has(c, found))]
    return tuple(stack)


def single(text: str, folders: tuple[Path, ...] | None = None) -> Face | None:
    """A font of the system that has every character of a text; None where there is none."""
    sample = next((char for char in text if right_to_left(char)), text[0])
    return _covering(text, sample, system_folders() if folders is None else folders)


def named(name: str, folders: tuple[Path, ...] | None = None) -> Face:
    """The font that a file or a family's name stands for.

    Raises:
        PolicyProblem: there is none, or it cannot be read.
    """
    if names_font_file(name):
        try:
            font(Face(name), 16)
        except OSError:
            raise PolicyProblem(
                "The watermark font (watermark.font) is missing or is not a font.",
                "Name a TrueType or OpenType file or a font family of this system, or leave the "
                "key out for the one that ships.",
            ) from None
        return Face(name)
    wanted = _plain(name)
    files = _ranked(system_folders() if folders is None else folders)
    # Most families are found by their file's name; the others by opening every font.
    likely = [path for path in files if _plain(Path(path).stem).startswith(wanted)]
    for path in (*likely, *files):
        for face, family in _families(path):
            if _plain(family) == wanted:
                return face
    raise PolicyProblem(
        f"There is no font family called {name} on this system (watermark.font).",
        "Name a font's file instead, or leave the key out for the font that ships.",
    )


def right_to_left(char: str) -> bool:
    """Whether a character is a letter of a script that runs from right to left."""
    return unicodedata.bidirectional(char) in {"R", "AL"}


def system_folders() -> tuple[Path, ...]:
    """Where this system keeps fonts: the user's own first."""
    home = Path.home()
    if sys.platform == "darwin":
        system = Path("/System/Library/Fonts")
        return (home / "Library/Fonts", Path("/Library/Fonts"), system)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        own = [Path(local) / "Microsoft/Windows/Fonts"] if local else []
        return (*own, Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts")
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local/share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return (
        home / ".fonts",
        *(Path(place) / "fonts" for place in (data, *shared.split(":")) if place),
    )


def _shipped() -> Face:
    face = Face(str(assets.root() / "watermark" / "Inter-SemiBold.otf"))
    try:
        font(face, 16)
    except OSError as problem:
        raise ModelProblem("The font that ships with imageprep is missing or damaged.") from problem
    return face


@functools.lru_cache(maxsize=64)
def _covering(text: str, sample: str, folders: tuple[Path, ...]) -> Face | None:
    """The best font of the system that has every character of a text."""
    script = _script(sample).lower()
    for path in sorted(_ranked(folders), key=lambda path: script not in _plain(Path(path).stem)):
        try:
            if shows(text, Face(path)) and not _has(_UNASSIGNED, Face(path)):
                return _simplified(path) if script == "cjk" else Face(path)
        except (OSError, ValueError):  # damaged, or of a kind that FreeType does not draw
            continue
    return None


def _simplified(path: str) -> Face:
    """Of a collection for Chinese, Japanese and Korean, the font with simplified Chinese forms."""
    families = list(_families(path))
    return next((face for face, name in families if name.endswith((" SC", " GB"))), Face(path))


@functools.lru_cache(maxsize=4)
def _ranked(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """The font files of some folders, those that suit a watermark first."""
    files = {
        str(Path(place, name))
        for folder in folders
        for place, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(_SUFFIXES) and not any(x in name.lower() for x in _NO_LETTERS)
    }
    return tuple(sorted(files, key=_rank))


def _rank(path: str) -> tuple[bool, int, int, str]:
    stem = _plain(Path(path).stem)
    unsuitable = any(word in stem for word in _UNSUITABLE)
    family = next((i for i, name in enumerate(_PREFERRED) if stem.startswith(name)), 99)
    weight = next((i for i, name in enumerate(_WEIGHTS) if stem.endswith(name)), 9)
    return unsuitable, family, weight, stem


def _families(path: str) -> Iterator[tuple[Face, str]]:
    """The fonts in a file with the names of their families."""
    for index in itertools.count() if path.lower().endswith(("ttc", "otc")) else (0,):
        try:
            yield Face(path, index), font(Face(path, index), 16).getname()[0] or ""
        except OSError:  # damaged, or after the last one
            return


@functools.lru_cache(maxsize=4096)
def _has(char: str, face: Face) -> bool:
    """Whether a font has a character of its own, told by its picture: Pillow reads no cmap."""
    if unicodedata.category(char) in {"Zs", "Cf"}:  # spaces and joiners have no picture
        return True
    # Without shaping, which would put a mark on a circle of its own.
    plain = _unshaped(face)
    one, none = plain.getmask(char), plain.getmask(_NONCHARACTER)
    if one.getbbox() is None:
        return False
    return one.size != none.size or bytes(one) != bytes(none)


@functools.lru_cache(maxsize=64)
def _unshaped(face: Face) -> ImageFont.FreeTypeFont:
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(face.path, 32, index=face.number, layout_engine=basic)


def script_names(chars: Iterable[str]) -> tuple[str, ...]:
    """The scripts of some characters, as Unicode names them: "CJK", "TAMIL"."""
    return tuple(dict.fromkeys(map(_script, chars)))


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
