"""What the boxes of AVIF and HEIF say about the shape of the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from imu_imageprep.boxes import boxes, meta, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.boxes import Box

_TO_SAMPLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")  # ISO 14496-12, 6.3.4
_SAMPLE_ENTRY = 78  # bytes of a visual sample entry before its boxes (12.1.3)
_FRACTIONS = 8  # numbers of four bytes in a clean aperture box (12.1.4)
# What a broken box makes the reader raise.
BROKEN = (ValueError, LookupError, ArithmeticError)


class Shape(NamedTuple):
    """What is to be done to a decoded picture before it is turned.

    Attributes:
        crop: the part that is shown: left, top, right, bottom; None for all of it.
        crop_broken: a part is stated that cannot be followed, or not wholly.
        square: pixels are as wide as they are high.
    """

    crop: tuple[int, int, int, int] | None = None
    crop_broken: bool = False
    square: bool = True


def shape_of(data: bytes, width: int, height: int) -> Shape:
    """The clean aperture and the pixels' aspect that a file states for its picture.

    Args:
        data: the whole file.
        width: of the decoded picture, before it is cropped and turned.
        height: likewise.
    """
    try:
        found = {box.type: data[box.start : box.stop] for box in _stated(data)}
    except BROKEN:
        return Shape()  # whether the file can be read at all, its decoder says
    aspect = found.get(b"pasp", b"")
    square = number(aspect, 0, 4) == number(aspect, 4, 4)
    if b"clap" not in found:
        return Shape(square=square)
    try:
        crop, inside = _crop(found[b"clap"], width, height)
        return Shape(crop, crop_broken=not inside, square=square)
    except BROKEN:
        return Shape(crop_broken=True, square=square)


def codec_of(data: bytes) -> bytes:
    """The four letters that say how the main picture is compressed; empty where unknown."""
    try:
        for box in boxes(data, 0, len(data)):
            if box.type == b"meta":
                found = meta(data, box)
                main = found.primary()
                tiles = {t for link in found.links() if link.source == main for t in link.targets}
                kinds = {item.number: item.type for item in found.items()}
                whole = kinds.get(main, b"")
                tiled = whole in (b"grid", b"iovl", b"iden")
                return next((kinds.get(t, b"") for t in tiles), b"") if tiled else whole
    except BROKEN:
        pass
    return b""


def _stated(data: bytes) -> Iterator[Box]:
    """The properties of the main item; then, as they count more, those of a sequence's frames."""
    for box in boxes(data, 0, len(data)):
        if box.type == b"meta":
            found = meta(data, box)
            if b"iprp" in found.inner:
                yield from found.properties_of(found.primary())
            break
    if data[8:12] == b"avis":  # its decoder takes the first frame of the track
        yield from _of_track(data, 0, len(data), _TO_SAMPLES)


def _of_track(data: bytes, start: int, stop: int, path: tuple[bytes, ...]) -> Iterator[Box]:
    if not path:  # after the version and the number of entries
        for entry in boxes(data, start + 8, stop):
            if entry.type == b"av01":
                yield from boxes(data, entry.start + _SAMPLE_ENTRY, entry.stop)
                return
        return
    for box in boxes(data, start, stop):
        if box.type == path[0]:
            yield from _of_track(data, box.start, box.stop, path[1:])


def _crop(body: bytes, width: int, height: int) -> tuple[tuple[int, int, int, int], bool]:
    """The edges of a clean aperture, to the nearest whole pixels, and whether they lie inside.

    What lies outside the picture is left out, as libheif does.

    Raises:
        ValueError: nothing of the picture is left, or the box breaks off.
        ArithmeticError: a fraction over zero.
    """
    if len(body) < 4 * _FRACTIONS:
        raise ValueError("breaks off")
    # Only the offsets from the middle are signed, but no picture has 2^31 pixels on a side.
    signed = [int.from_bytes(body[at : at + 4], "big", signed=True) for at in range(0, 32, 4)]
    wide, high, right, down = (Fraction(signed[at], signed[at + 1]) for at in (0, 2, 4, 6))
    left, top = (width - wide) / 2 + right, (height - high) / 2 + down
    edges = (round(left), round(top), round(left + wide), round(top + high))
    inside = (max(0, edges[0]), max(0, edges[1]), min(width, edges[2]), min(height, edges[3]))
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        raise ValueError("nothing is left")
    return inside, inside == edges
