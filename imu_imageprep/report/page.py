"""The report as one page, written a row at a time, with small pictures of what may be seen."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from imu_imageprep import storage
from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.report import templates
from imu_imageprep.report.tables import named
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from imu_imageprep.report.record import Begun, Ended, Entry

# Exports shown in small: 2,000 of about 4 KB each keep the page at some 10 MB.
MOST_THUMBNAILS = 2000

_THUMBNAIL_SIDE = 160  # pixels; shown at half of it, so that it is sharp on a fine screen
_QUALITY = 60  # about 3 KB each
_OUTLINE_SIDE = 80
_OUTLINE_LEAST = 12  # a panorama is still a shape, not a line
_BOX_LEAST = 2.0


class Run(Protocol):
    """What a report is about."""

    @property
    def begun(self) -> Begun:
        """What was known at its beginning."""
        ...

    @property
    def ended(self) -> Ended:
        """What was known at its end."""
        ...

    def entries(self, outcome: Outcome | None = None) -> Iterable[Entry]:
        """Its photos; only those of one outcome where it is given."""
        ...


def written(entry: Entry) -> bytes:
    """The bytes of an export where it was written; empty where it has no file.

    Raises:
        OSError: it is gone.
    """
    if entry.export_path is None:
        return b""
    where = storage.recorded(entry.export_path)
    if isinstance(where, Path):
        return reachable(where).read_bytes()
    try:
        return storage.store_of(where).read(where, lambda _: None)
    except ImageprepError as problem:
        raise OSError(problem.message) from problem


def write_html(
    run: Run,
    file: TextIO,
    *,
    full_paths: bool,
    most_thumbnails: int = MOST_THUMBNAILS,
    read: Callable[[Entry], bytes] = written,
    language: str = templates.ENGLISH,
) -> None:
    """Write the page.

    Args:
        run: the run to report on.
        file: text file to write to.
        full_paths: name files by where they lie instead of after the arguments.
        most_thumbnails: how many exports are shown in small; the page says how many were not.
        read: gives an export's bytes.
        language: of its words; those of its entries are said in it already.
    """
    say = templates.said_in(language)
    page = templates.page(
        "page.html",
        language,
        begun=run.begun,
        ended=run.ended,
        counts=Counter(run.ended.counts),
        off=[say(words.CHECK[name]) for name in run.ended.not_checked if name in words.CHECK],
        most_thumbnails=most_thumbnails,
        entries=lambda outcome: run.entries(Outcome(outcome)),
        named=functools.partial(named, full_paths=full_paths),
        outline=outline,
        thumbnail=functools.partial(thumbnail, read=read),
    )
    file.writelines(page)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """An export in small: a ``data:`` address, and how large it is shown."""

    address: str
    width: int
    height: int


def thumbnail(entry: Entry, read: Callable[[Entry], bytes] = written) -> Thumbnail | None:
    """The export in small; None where it is gone or was changed since.

    It is made from the file that was written and verified, never from the photo itself.

    Args:
        entry: of the photo.
        read: gives an export's bytes.
    """
    export = entry.receipt["export"]
    if export is None:
        return None
    try:
        data = read(entry)
        if hashlib.sha256(data).hexdigest() != export["sha256"]:
            return None
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    scale = _THUMBNAIL_SIDE / 2 / max(export["width"], export["height"])
    return Thumbnail(
        f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}",
        *(max(1, round(export[side] * scale)) for side in ("width", "height")),
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """A held photo's shape with the boxes (x, y, width, height) of what holds it, and their ids.

    Nobody can be recognised in it, however wrong a detector was.
    """

    width: float
    height: float
    boxes: tuple[tuple[float, float, float, float], ...]
    ids: tuple[str, ...]


def outline(entry: Entry) -> Outline | None:
    """The outline of a held photo; None where it was not seen."""
    source = entry.receipt["source"]
    if source is None:
        return None
    scale = _OUTLINE_SIDE / max(source["width"], source["height"])
    width = max(source["width"] * scale, _OUTLINE_LEAST)
    height = max(source["height"] * scale, _OUTLINE_LEAST)
    across, down = width / source["width"], height / source["height"]
    held = {need["finding"] for need in entry.receipt["held_for"]}
    found = [f for f in entry.receipt["findings"] if f["id"] in held and f["box"]]
    boxes = (
        (x * across, y * down, max(w * across, _BOX_LEAST), max(h * down, _BOX_LEAST))
        for x, y, w, h in (finding["box"] for finding in found)
    )
    return Outline(width, height, tuple(boxes), tuple(finding["id"] for finding in found))
