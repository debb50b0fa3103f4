"""What a file says about itself besides its pixels.

A walker per container finds the blocks, a reader per block says what is in them, and
:func:`describe` gathers the statements. Readers work on copies of bounded size; nothing that
they raise escapes, and a block that cannot be read is still reported as being there.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category, Credit, Metadata
from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata.statement import (
    Captured,
    Colour,
    Entry,
    Kind,
    Orientation,
    Part,
    Position,
    Unreadable,
    clean,
    guarded,
    placeholder,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from imu_imageprep.domain.photo import Source
    from imu_imageprep.stages.metadata.statement import Statement

    Reader = Callable[[bytes], Iterator[Part | Statement]]

__all__ = ["describe", "listing"]

# What one file may cost: hostile files nest blocks and repeat them.
_DEPTH = 5
_BLOCK_BYTES = 32 << 20
_BLOCKS = 64
# A byte of XML costs far more time than one of EXIF; one of a second picture next to none.
_COST = {Kind.XMP: 8, Kind.PICTURE: 0}

# Module and function of each format and block, imported when one comes: all of them cost 25 ms.
_WALKERS: Mapping[Format, tuple[str, str]] = {
    Format.JPEG: ("jpeg", "parts"),
    Format.PNG: ("png", "parts"),
    Format.WEBP: ("webp_gif_bmp", "parts_webp"),
    Format.HEIF: ("heif_jp2", "parts_heif"),
    Format.AVIF: ("heif_jp2", "parts_avif"),
    Format.TIFF: ("exif", "read_file"),
    Format.GIF: ("webp_gif_bmp", "parts_gif"),
    Format.BMP: ("webp_gif_bmp", "parts_bmp"),
    Format.JPEG2000: ("heif_jp2", "parts_jp2"),
}
_READERS: Mapping[Kind, tuple[str, str]] = {
    Kind.EXIF: ("exif", "read_block"),
    Kind.XMP: ("xmp", "read"),
    Kind.IPTC: ("iptc", "read"),
    Kind.PHOTOSHOP: ("iptc", "read_photoshop"),
    Kind.PICTURE: ("jpeg", "parts"),
}


def describe(source: Source) -> Metadata:
    """Say what was hidden in a file: categories, credits, date, position and orientation.

    Args:
        source: the whole file and its real format.

    Returns:
        Never raises, whatever the bytes; parts that could not be read are named in ``notes``.
    """
    walker = _load(*_WALKERS[source.format])
    return _summary(_Reading().statements(walker(source.data), "the file", 0))


def _load(module: str, function: str) -> Reader:
    reader: Reader = getattr(import_module(f"{__name__}.{module}"), function)
    return reader


class _Reading:
    """One file being read: follows parts into their readers within a budget."""

    def __init__(self) -> None:
        self.bytes_left = _BLOCK_BYTES
        self.blocks_left = _BLOCKS

    def statements(
        self, items: Iterator[Part | Statement], what: str, depth: int
    ) -> Iterator[Statement]:
        """Everything that ``items`` and the parts among them say, in order."""
        for item in guarded(items, what):
            if isinstance(item, Part):
                yield from self._follow(item, depth + 1)
            else:
                yield item

    def _follow(self, part: Part, depth: int) -> Iterator[Statement]:
        if not part.payload:
            return
        self.bytes_left -= _COST.get(part.kind, 1) * len(part.payload)
        self.blocks_left -= 1
        if depth > _DEPTH or self.bytes_left < 0 or self.blocks_left < 0:
            yield Unreadable(part.kind.value)
            return
        found = self.statements(_load(*_READERS[part.kind])(part.payload), part.kind.value, depth)
        if part.kind is Kind.PICTURE:
            # How a second picture is turned, and when it was taken, says nothing about the first.
            yield from (item for item in found if isinstance(item, Entry | Unreadable))
        else:
            yield from found


# How much of what a file says is kept, and how long a value may be.
_VALUES = 1000
_VALUE_LENGTH = 200
_CREDITS = 200
_NOTES = 20
_AROUND_CAMERA = frozenset(("c", "copyright", "by", "user", "digital", "still", "camera"))
# Real files stay far below; a file that goes on and on is not read to its end.
_STATEMENTS = 10_000


def _summary(statements: Iterable[Statement]) -> Metadata:
    """Gather what was said.

    Credits and owners that are blank or a program's placeholder ("unknown") are left out, and so
    is their category. A text that a camera makes of its own name ("(C) by RDC-5300 User") is
    reported and is nobody's credit. Orientation, date and position come from the field that is
    believed first.
    """
    gathered = _Gathered()
    for count, said in enumerate(statements):
        if count >= _STATEMENTS:
            gathered.note("There is more hidden data than was read.")
            break
        gathered.take(said)
    turned = min(gathered.orientations, key=lambda item: item.rank, default=None)
    # A known space of a lesser rank goes before one that cannot be followed.
    colour = min(gathered.colours, key=lambda c: (not c.space.known, c.rank), default=None)
    captured = min(gathered.dates, key=lambda item: item.rank, default=None)
    position = min(gathered.positions, key=lambda item: item.rank, default=None)
    return Metadata(
        present=frozenset(gathered.present),
        credits=tuple(c for c in gathered.credits if not gathered.is_camera(c.text)),
        values=tuple(gathered.values),
        captured=captured.day if captured else None,
        position=(position.latitude, position.longitude) if position else None,
        orientation=turned.value if turned else 1,
        colour=colour.space if colour else None,
        notes=tuple(gathered.notes),
    )


@dataclass(slots=True)
class _Gathered:
    """What was said so far; dicts stand for sets that keep their order."""

    present: set[Category] = field(default_factory=set)
    credits: dict[Credit, None] = field(default_factory=dict)
    values: dict[tuple[Category, str, str], None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    orientations: list[Orientation] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    dates: list[Captured] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    camera: set[str] = field(default_factory=set)

    def take(self, said: Statement) -> None:
        """Add one statement."""
        match said:
            case Entry():
                self._entry(said)
            case Unreadable(what):
                self.note(f"{what[0].upper()}{what[1:]} could not be read completely.")
            case Orientation():
                self.orientations.append(said)
            case Colour():
                self.colours.append(said)
            case Captured():
                self.dates.append(said)
            case Position():
                self.positions.append(said)

    def note(self, text: str) -> None:
        """Add a note; what could not be read counts as private data."""
        self.present.add(Category.PRIVATE)
        if len(self.notes) < _NOTES:
            self.notes[text] = None

    def is_camera(self, text: str) -> bool:
        """Whether a text has no word but those of the camera's maker and model."""
        said = words(text)
        return not self.camera.isdisjoint(said) and said <= self.camera | _AROUND_CAMERA

    def _entry(self, said: Entry) -> None:
        if said.credit is not None or said.category is Category.OWNER:
            text = clean(said.text)
            if placeholder(text):
                return
            if said.credit is not None:
                self.present.add(Category.CREDIT)
                if len(self.credits) < _CREDITS:
                    self.credits[Credit(said.credit, text)] = None
        self.present.add(said.category)
        if said.name in ("Make", "Model"):
            self.camera |= words(said.text)
        if said.text and len(self.values) < _VALUES:
            self.values[said.category, said.name, clean(said.text, _VALUE_LENGTH)] = None


_LISTED = 500  # fields of one file


def listing(source: Source) -> tuple[tuple[tuple[Category, str, str], ...], tuple[str, ...]]:
    """List what exifread names: maker notes above all, which cameras of each make fill differently.

    What is hidden in a file is decided by ``describe``, never by this list: exifread raises on some
    valid files, and does not know XMP, IPTC or text chunks.

    Args:
        source: the whole file.

    Returns:
        (category, field, value) for each field that could be read, and notes for a person.
    """
    import exifread  # noqa: PLC0415  (35 ms, and only for a person who asks)

    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it would quote values
    try:
        tags = exifread.process_file(io.BytesIO(source.data), details=True)
        fields = tuple(
            (_category(name), name, str(tag)[:_VALUE_LENGTH])
            for name, tag in list(tags.items())[:_LISTED]
            if not isinstance(tag, bytes) and str(tag).strip()
        )
    except Exception:  # noqa: BLE001  (it raises a dozen types on damaged and on valid files)
        return (), ("the camera's own fields could not all be read",)
    return fields, ()


def _category(name: str) -> Category:
    return Category.GPS if name.startswith("GPS ") else Category.PRIVATE
