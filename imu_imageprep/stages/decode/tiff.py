"""TIFF: which page is the picture, and what it says."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import TiffImagePlugin

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tags (TIFF 6.0; supplements 1 and 2).
_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT, _ORIENTATION = 254, 255, 256, 257, 274
_X_RESOLUTION, _Y_RESOLUTION, _SUB_PAGES, _PROFILE = 282, 283, 330, 34675

_REDUCED, _MASK = 1, 4  # bits of _SUBFILE
_OLD_REDUCED = 2
_MOST_PAGES = 200
_MOST_SUB_PAGES = 16
_EQUAL = 0.02  # resolutions that differ by less are taken for rounded

Tags = TiffImagePlugin.ImageFileDirectory_v2


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is the picture.

    Attributes:
        data: the file, whose header points at the page.
        tags: what the page says.
        pages: how many pages there are that are neither thumbnails nor masks; None where a later
            one is damaged.
        notes: what a person should know.
    """

    data: bytes
    tags: Tags
    pages: int | None
    notes: tuple[str, ...]


def choose_page(data: bytes) -> Page:
    """The first page that is no thumbnail and no mask; the first page where all are.

    A page that is a thumbnail may have the picture among its sub-pages.
    """
    tags, following = _directory(data, _first(data))
    found = [(_first(data), tags)]
    seen, broken = {_first(data)}, False
    while following and following not in seen and len(seen) < _MOST_PAGES:
        seen.add(following)
        try:
            tags, after = _directory(data, following)
        except _UNREADABLE:
            broken = True
            break
        found.append((following, tags))
        following = after
    whole = [one for one in found if not _aside(one[1])]
    if not whole:
        whole = sorted(_sub_pages(data, found[0][1]), key=lambda one: -_area(one[1]))[:1]
    at, tags = whole[0] if whole else found[0]
    moved = at != found[0][0]
    notes = ["the thumbnail or mask before the picture is left out"] if moved else []
    x, y = (number(tags, tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    if x and y and abs(x - y) > _EQUAL * max(x, y):
        notes.append("its pixels are not square; it is shown as it is stored")
    pages = None if broken else max(1, len(whole))
    return Page(_pointed(data, at) if moved else data, tags, pages, tuple(notes))


_UNREADABLE = (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error)


def _big(data: bytes) -> bool:
    return data[2:3] == b"+" or data[3:4] == b"+"


def order_of(data: bytes) -> str:
    """The order of bytes, as struct and NumPy call it."""
    return "<" if data[:2] == b"II" else ">"


def _first(data: bytes) -> int:
    at = 8 if _big(data) else 4
    layout = order_of(data) + ("Q" if _big(data) else "I")
    return int(struct.unpack_from(layout, data, at)[0])


def _pointed(data: bytes, at: int) -> bytes:
    """The file with another first page."""
    place, layout = (8, "Q") if _big(data) else (4, "I")
    number = struct.pack(order_of(data) + layout, at)
    return data[:place] + number + data[place + len(number) :]


def _directory(data: bytes, at: int) -> tuple[Tags, int]:
    """A page's tags, and the place of the next."""
    tags = Tags(data[: 16 if _big(data) else 8])
    stream = BytesIO(data)
    stream.seek(at)
    tags.load(stream)
    return tags, int(tags.next or 0)


def _aside(tags: Tags) -> bool:
    """Whether a page is a smaller version or a mask of another one."""
    if int(number(tags, _SUBFILE)) & (_REDUCED | _MASK):
        return True
    return number(tags, _OLD_SUBFILE) == _OLD_REDUCED


def _sub_pages(data: bytes, tags: Tags) -> list[tuple[int, Tags]]:
    found = []
    for at in numbers(tags, _SUB_PAGES)[:_MOST_SUB_PAGES]:
        try:
            sub, _ = _directory(data, int(at))
        except _UNREADABLE:
            continue
        if not _aside(sub) and _area(sub):
            found.append((int(at), sub))
    return found


def _area(tags: Tags) -> float:
    return number(tags, _WIDTH) * number(tags, _HEIGHT)


def numbers(tags: Mapping[int, Any], tag: int) -> tuple[Any, ...]:
    """The whole numbers of a tag; none where it holds something else."""
    value = tags.get(tag, ())
    value = value if isinstance(value, tuple) else (value,)
    return value if all(isinstance(one, int) for one in value) else ()


def number(tags: Mapping[int, Any], tag: int, otherwise: float = 0) -> float:
    """The first number of a tag."""
    value = tags.get(tag, otherwise)
    value = value[0] if isinstance(value, tuple) and value else value
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError):
        return otherwise


def orientation_of(page: Page) -> int:
    """How a page's pixels are to be turned, 1 to 8."""
    return int(number(page.tags, _ORIENTATION, 1))


def profile_of(page: Page) -> bytes | None:
    """The colour profile of a page."""
    profile = page.tags.get(_PROFILE)
    return profile if isinstance(profile, bytes) and profile else None
