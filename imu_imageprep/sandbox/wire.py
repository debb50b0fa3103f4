"""What crosses between a decoder and us: lines of JSON, the file's bytes, and pixels.

A decoder's answer is data from an enemy: of each value the type and the range are checked, and
nothing else is made of it. Whatever does not fit raises one of ``NONSENSE``.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.lines import printable
from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata, Position
from imu_imageprep.domain.photo import Format, Frame, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.domain.sandbox import ShutIn

if TYPE_CHECKING:
    from imu_imageprep.domain.colour import ColourSpace

T = TypeVar("T")
Listing: TypeAlias = tuple[tuple[tuple[Category, str, str], ...], tuple[str, ...]]

LONGEST_LINE = 8 << 20  # bytes of an answer's header; a thousand values of 200 letters, escaped
BYTES_PER_PIXEL = 3
NONSENSE = (ValueError, LookupError, TypeError, OverflowError, RecursionError)

_LONGEST_SENTENCE = 500
_MOST_NOTES = 50
_ORIENTATIONS = range(1, 9)


@dataclass(frozen=True, slots=True)
class Request:
    """What a decoder is asked, besides the file's bytes.

    Attributes:
        format: the real format.
        limits: megapixels and seconds.
        long_side: the smallest sufficient long side, in pixels; None for metadata alone.
        values: list what exifread names, too.
    """

    format: Format
    limits: Limits
    long_side: int | None = None
    values: bool = False

    def to_line(self, size: int) -> bytes:
        """The request's header: one line of JSON; ``size`` bytes of the file follow it."""
        return _line(
            format=self.format,
            megapixels=self.limits.megapixels,
            seconds=self.limits.seconds,
            long_side=self.long_side,
            values=self.values,
            bytes=size,
        )

    @classmethod
    def from_line(cls, line: bytes) -> tuple[Request, int]:
        """The request of a header line, and how many bytes follow it."""
        told = json.loads(line)
        limits = Limits(megapixels=told["megapixels"], seconds=told["seconds"])
        request = cls(Format(told["format"]), limits, told["long_side"], told["values"])
        return request, told["bytes"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a decoder made of a file.

    Attributes:
        metadata: what the file says about itself.
        frame: its pixels, where they were asked for.
        listing: what exifread names, where that was asked for.
    """

    metadata: Metadata = field(repr=False)
    frame: Frame | None = None
    listing: Listing = ((), ())

    def to_wire(self) -> tuple[bytes, bytes]:
        """The header line and the pixels."""
        frame = self.frame
        head = _line(
            metadata=_metadata_told(self.metadata),
            frame=frame and [frame.size, frame.source_size, frame.notes],
            listing=self.listing,
        )
        return head, b"" if frame is None else frame.rgb


@dataclass(frozen=True, slots=True)
class Head:
    """The header line of an answer, checked; ``size`` of the pixels that follow it."""

    metadata: Metadata = field(repr=False)
    listing: Listing = field(repr=False)
    size: Size | None = None
    source_size: Size | None = None
    notes: tuple[str, ...] = ()

    @property
    def expected(self) -> int:
        """How many bytes of pixels follow."""
        return BYTES_PER_PIXEL * self.size.width * self.size.height if self.size else 0

    def answer(self, rgb: bytes) -> Answer:
        """The whole answer, with its pixels."""
        if self.size is None or self.source_size is None:
            return Answer(self.metadata, None, self.listing)
        return Answer(
            self.metadata, Frame(self.size, rgb, self.source_size, self.notes), self.listing
        )


def hello(shut: ShutIn) -> bytes:
    """The first line of a decoder, before it reads anything: what it gave up."""
    return _line(**asdict(shut))


def told_hello(line: bytes) -> ShutIn:
    """What a decoder gave up."""
    told = json.loads(line)
    return ShutIn(files=told["files"] is True, network=told["network"] is True)


def problem_told(problem: InputProblem) -> tuple[bytes, bytes]:
    """A problem as an answer: the header line and no pixels."""
    return _line(problem=[problem.message, problem.advice]), b""


def told_head(line: bytes, request: Request) -> Head | InputProblem:
    """The header of an answer to a request.

    Raises:
        ValueError, LookupError, TypeError, OverflowError, RecursionError: it is no such thing.
    """
    told = json.loads(line)
    if "problem" in told:
        message, advice = (_sentence(text) for text in told["problem"])
        return InputProblem(message, advice)
    metadata = _metadata(told["metadata"])
    values, notes = told["listing"]
    listing = (_values(values), _sentences(notes))
    if request.long_side is None:
        return Head(metadata, listing)
    size, source_size, said = told["frame"]
    shown, whole = _size(size), _size(source_size)
    most = 1e6 * request.limits.megapixels
    if shown.width > whole.width or shown.height > whole.height or math.prod(whole) > most:
        raise ValueError("more pixels than there can be")
    return Head(metadata, listing, shown, whole, _sentences(said))


def _metadata_told(metadata: Metadata) -> dict[str, Any]:
    return {
        "present": sorted(metadata.present),
        "credits": [[credit.field, credit.text] for credit in metadata.credits],
        "values": metadata.values,
        "captured": metadata.captured and metadata.captured.isoformat(),
        "taken": metadata.taken and metadata.taken.isoformat(),
        "positions": [
            [[_finite(degrees) for degrees in one] for one in position.readings]
            for position in metadata.positions
        ],
        "orientation": metadata.orientation,
        "colour": metadata.colour and asdict(metadata.colour),
        "notes": metadata.notes,
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _metadata(told: Any) -> Metadata:
    captured, taken = told["captured"], told["taken"]
    day = None if captured is None else date.fromisoformat(captured)
    moment = None if taken is None else datetime.fromisoformat(taken)
    if moment is not None and moment.tzinfo is not None:
        raise ValueError("a time of a camera has no zone")
    return Metadata(
        present=frozenset(map(Category, told["present"])),
        credits=tuple(Credit(CreditField(kind), _text(text)) for kind, text in told["credits"]),
        values=_values(told["values"]),
        captured=day,
        taken=moment,
        positions=tuple(map(_position, told["positions"])),
        orientation=_orientation(told["orientation"]),
        colour=_colour(told["colour"]),
        notes=_sentences(told["notes"]),
    )


def _values(told: Any) -> tuple[tuple[Category, str, str], ...]:
    return tuple((Category(kind), _text(name), _text(text)) for kind, name, text in told)


def _position(told: Any) -> Position:
    readings = tuple((_degrees(latitude), _degrees(longitude)) for latitude, longitude in told)
    if not readings:
        raise ValueError("a position without a reading")
    return Position(readings)


def _degrees(told: Any) -> float | None:
    return None if told is None else _number(told)


def _orientation(told: Any) -> int:
    if _whole(told) not in _ORIENTATIONS:
        raise ValueError("no such orientation")
    return _whole(told)


def _colour(told: Any) -> ColourSpace | None:
    if told is None:
        return None
    from imu_imageprep.domain.colour import ColourSpace, Curve  # noqa: PLC0415  (few state one)

    return ColourSpace(
        tuple(map(_number, told["corners"])),
        Curve(told["curve"]),
        tuple(map(_number, told["numbers"])),
        narrow=told["narrow"] is True,
        over_profile=told["over_profile"] is True,
        known=told["known"] is True,
    )


def _size(told: Any) -> Size:
    width, height = map(_whole, told)
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    return Size(width, height)


def _sentences(told: Any) -> tuple[str, ...]:
    return tuple(_sentence(text) for text in told[:_MOST_NOTES])


def _sentence(told: Any) -> str:
    return printable(_text(told)[:_LONGEST_SENTENCE])


def _text(told: Any) -> str:
    # Halves of characters cannot be written anywhere.
    return _exactly(str, told).encode("utf-8", "replace").decode()


def _whole(told: Any) -> int:
    return _exactly(int, told)


def _number(told: Any) -> float:
    number = float(told if type(told) is int else _exactly(float, told))
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _exactly(kind: type[T], told: Any) -> T:
    if type(told) is not kind:
        raise TypeError("a value of another type")
    return told


def _line(**values: Any) -> bytes:
    return json.dumps(values).encode() + b"\n"
