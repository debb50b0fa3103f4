"""What a file said about itself besides its pixels."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from imu_imageprep.domain.colour import ColourSpace


class Category(StrEnum):
    """The kinds of hidden data that a person is told about."""

    GPS = "gps"
    CAMERA = "camera"
    SERIAL = "serial"
    OWNER = "owner"
    DATE = "date"
    SOFTWARE = "software"
    CAPTION = "caption"
    FACES = "face_regions"
    THUMBNAIL = "thumbnail"
    COMMENT = "comment"
    CREDIT = "credit"
    SECOND_PICTURE = "second_picture"
    MOTION = "motion_video"
    PROVENANCE = "provenance"
    PROFILE = "colour_profile"
    PRIVATE = "private"
    TRAILER = "trailer"


class CreditField(StrEnum):
    """Which field named a creator or an owner of rights, or said that there is one."""

    CREATOR = "creator"
    CREDIT = "credit"
    COPYRIGHT = "copyright"
    SOURCE = "source"
    LICENSOR = "licensor"
    RIGHTS = "rights"
    CONTACT = "contact"


# What is told where a flag or a phrase says that somebody has the rights, and not who.
RIGHTS_RESERVED = "rights reserved"
# They say that somebody made the picture or holds its rights, and how; not who.
OF_SOMEBODY = frozenset({CreditField.RIGHTS, CreditField.CONTACT})


@dataclass(frozen=True, slots=True)
class Credit:
    """One statement of who made a picture or holds its rights."""

    field: CreditField
    text: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """One statement of where the photo was taken.

    Attributes:
        readings: every way in which it can be read, as latitude and longitude in degrees; None for
            a coordinate that is missing or cannot be read.
    """

    readings: tuple[tuple[float | None, float | None], ...] = dataclasses.field(repr=False)

    @property
    def sure(self) -> tuple[float, float] | None:
        """The only way to read it; None where there are several, or a coordinate is not read."""
        latitude, longitude = self.readings[0]
        if len(self.readings) > 1 or latitude is None or longitude is None:
            return None
        return latitude, longitude


# A position that is there, and cannot be read at all.
NOWHERE = Position(((None, None),))

# What cameras write; forwarded and downloaded pictures, screenshots and scans have none of it.
_BY_CAMERA = frozenset({Category.CAMERA, Category.SERIAL, Category.GPS})

NO_CAMERA_DATA = "no camera data"
WHO_TOOK_IT = "no camera data in it: did you take this photo yourself?"
MADE_BEFORE = (
    "this is an export of imageprep, so it has a watermark already; use the original photo instead"
)
POSITION_NOT_READ = "the photo says where it was taken in a way that could not be read"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was found in a file; values never enter a message, a log or a receipt by themselves.

    Attributes:
        present: the categories found.
        credits: what was said of makers and rights, in fields and in free text, in the order read.
        values: (category, field name, value) for ``--show-metadata`` alone.
        captured: the date the photo says it was taken on.
        taken: with the time, by its own clock, where it says that too; told to nobody.
        positions: every statement of where the photo was taken, kept in memory only.
        orientation: EXIF orientation 1..8 (TIFF 6.0, tag 274); 1 where none is stated.
        colour: the colour space that is stated besides an embedded profile; None where none is.
        notes: parts that could not be read, in plain words without their content.
    """

    present: frozenset[Category] = frozenset()
    credits: tuple[Credit, ...] = field(default=(), repr=False)
    values: tuple[tuple[Category, str, str], ...] = field(default=(), repr=False)
    captured: date | None = field(default=None, repr=False)
    taken: datetime | None = field(default=None, repr=False)
    positions: tuple[Position, ...] = field(default=(), repr=False)
    orientation: int = 1
    colour: ColourSpace | None = None
    notes: tuple[str, ...] = ()

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, of the first statement that is sure."""
        return next((one.sure for one in self.positions if one.sure), None)

    @property
    def of_unknown_source(self) -> bool:
        """Nothing says where it is from: no camera data, and no word of a maker or of rights."""
        return _BY_CAMERA.isdisjoint(self.present) and not self.credits

    def by_category(self) -> dict[str, bool]:
        """Every category with whether it was found, in the order people are told."""
        return {category.value: category in self.present for category in Category}
