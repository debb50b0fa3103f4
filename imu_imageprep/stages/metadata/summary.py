"""Gathers statements into one Metadata value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category, Credit, Metadata
from imu_imageprep.stages.metadata.statement import (
    Captured,
    Entry,
    Orientation,
    Position,
    Unreadable,
    clean,
    placeholder,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.stages.metadata.statement import Statement

_VALUES = 1000
_VALUE_LENGTH = 200
_CREDITS = 200
_NOTES = 20
_AROUND_CAMERA = frozenset(("c", "copyright", "by", "user", "digital", "still", "camera"))
# Real files stay far below; a file that goes on and on is not read to its end.
_STATEMENTS = 10_000


def summary(statements: Iterable[Statement]) -> Metadata:
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
    captured = min(gathered.dates, key=lambda item: item.rank, default=None)
    position = min(gathered.positions, key=lambda item: item.rank, default=None)
    return Metadata(
        present=frozenset(gathered.present),
        credits=tuple(c for c in gathered.credits if not gathered.is_camera(c.text)),
        values=tuple(gathered.values),
        captured=captured.day if captured else None,
        position=(position.latitude, position.longitude) if position else None,
        orientation=turned.value if turned else 1,
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
