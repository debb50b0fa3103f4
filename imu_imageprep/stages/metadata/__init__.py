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

from imu_imageprep.domain.metadata import NOWHERE, Category, Credit, Metadata, Position
from imu_imageprep.domain.naming import placeholder
from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata.statement import (
    GPS,
    TEXT_LIMIT,
    Captured,
    Colour,
    Entry,
    Kind,
    Orientation,
    Part,
    Unreadable,
    clean,
    guarded,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from imu_imageprep.domain.photo import Source
    from imu_imageprep.stages.metadata.positions import Prose
    from imu_imageprep.stages.metadata.statement import Statement

    Reader = Callable[[bytes], Iterator[Part | Statement]]

__all__ = ["describe", "listing"]

# What one file may cost: hostile files nest blocks and repeat them.
_DEPTH = 5
_BLOCK_BYTES = 32 << 20
_BLOCKS = 64
# A byte of XML costs far more time than one of EXIF; one of a second picture next to none.
_WITH_POSITION = (Kind.EXIF, Kind.XMP, Kind.PICTURE)
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
            if part.kind in _WITH_POSITION:
                yield NOWHERE
            return
        found = self.statements(_load(*_READERS[part.kind])(part.payload), part.kind.value, depth)
        if part.kind is Kind.PICTURE:
            # How a second picture is turned, and when it was taken, says nothing about the first;
            # but what was taken in a place shows it.
            yield from (item for item in found if isinstance(item, Entry | Unreadable | Position))
        else:
            yield from found


# How much of what a file says is kept, and how long a value may be.
_VALUES = 1000
_VALUE_LENGTH = 200
_CREDITS = 200
_POSITIONS = 200
# Where people and programs write in their own words, and how much of that is read.
_IN_WORDS = frozenset({Category.CAPTION, Category.COMMENT, Category.OWNER, Category.PRIVATE})
_WORDS_READ = 128 << 10
_NOTES = 20
_PROSE = (Category.CAPTION, Category.COMMENT)
_AROUND_CAMERA = frozenset(("c", "copyright", "by", "user", "digital", "still", "camera"))
# Real files stay far below; a file that goes on and on is not read to its end.
_STATEMENTS = 10_000


def _summary(statements: Iterable[Statement]) -> Metadata:
    """Gather what was said.

    Credits and owners that are blank or a program's placeholder ("unknown") are left out, and so
    is their category. A text that a camera makes of its own name ("(C) by RDC-5300 User") is
    reported and is nobody's credit. Orientation and date come from the field that is believed
    first; of the positions, each is kept.
    """
    gathered = _Gathered()
    for count, said in enumerate(statements):
        if count >= _STATEMENTS:
            gathered.note("There is more hidden data than was read.")
            gathered.take(NOWHERE)
            break
        gathered.take(said)
    for place in gathered.prose.positions() if gathered.prose else ():
        gathered.take(place)
    turned = min(gathered.orientations, key=lambda item: item.rank, default=None)
    # A known space of a lesser rank goes before one that cannot be followed.
    colour = min(gathered.colours, key=lambda c: (not c.space.known, c.rank), default=None)
    captured = min(gathered.dates, key=lambda item: item.rank, default=None)
    return Metadata(
        present=frozenset(gathered.present),
        credits=tuple(c for c in gathered.credits if not gathered.is_camera(c.text)),
        values=tuple(gathered.values),
        captured=captured.day if captured else None,
        taken=captured.at if captured else None,
        positions=tuple(gathered.positions),
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
    positions: dict[Position, None] = field(default_factory=dict)
    camera: set[str] = field(default_factory=set)
    prose: Prose | None = None
    read: set[str] = field(default_factory=set)
    unread: int = _WORDS_READ

    def take(self, said: Statement) -> None:
        """Add one statement."""
        match said:
            case Entry():
                self._entry(said)
            case Unreadable(what):
                self.note(f"{what[0].upper()}{what[1:]} could not be read completely.")
                if what == GPS:
                    self._position(NOWHERE)
            case Orientation():
                self.orientations.append(said)
            case Colour():
                self.colours.append(said)
            case Captured():
                self.dates.append(said)
            case Position():
                self._position(said)

    def note(self, text: str) -> None:
        """Add a note; what could not be read counts as private data."""
        self.present.add(Category.PRIVATE)
        if len(self.notes) < _NOTES:
            self.notes[text] = None

    def _position(self, said: Position) -> None:
        """Add a position; where there are more than are compared, the last stands for the rest."""
        if len(self.positions) < _POSITIONS:
            self.positions[said] = None
        elif said not in self.positions:
            self.positions[NOWHERE] = None

    def _read(self, text: str) -> None:
        """Look for positions in words of people and apps."""
        if self.prose is None:
            from imu_imageprep.stages.metadata.positions import Prose  # noqa: PLC0415 - seldom

            self.prose = Prose()
        self.prose.take(text)

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
                self._credit(Credit(said.credit, text))
        if said.credit is None and said.category in _IN_WORDS:
            self._in_words(said)
        self.present.add(said.category)
        if said.category in _PROSE and any(map(str.isdecimal, said.text)):
            self._read(said.text)
        if said.name in ("Make", "Model"):
            self.camera |= words(said.text)
        if said.text and len(self.values) < _VALUES:
            # A field's name comes from the file too, where its standard leaves it open.
            name, value = (clean(text, _VALUE_LENGTH) for text in (said.name, said.text))
            self.values[said.category, name, value] = None

    def _credit(self, credit: Credit) -> None:
        self.present.add(Category.CREDIT)
        if len(self.credits) < _CREDITS:
            self.credits[credit] = None

    def _in_words(self, said: Entry) -> None:
        """Read a free text for credits; the same one stands in several fields of many files."""
        # Long values of private fields are a program's own data, not words.
        private = said.category is Category.PRIVATE and len(said.text) > TEXT_LIMIT
        if not said.text or private or said.text in self.read:
            return
        self.unread -= min(len(said.text), _WORDS_READ // 8)
        if self.unread < 0:
            self.note("There is more text in it than was read.")
            return
        self.read.add(said.text)
        free_text = import_module(f"{__name__}.free_text")  # only where there is text to read
        for credit in free_text.stated(said.text):
            if not placeholder(credit.text):
                self._credit(credit)


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
