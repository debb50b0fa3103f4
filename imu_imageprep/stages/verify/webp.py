"""Walk a WebP file by RFC 9649 (2024) and, for VP8 frames, RFC 6386 (2011).

Allowed: a RIFF container of exactly the file's size with either VP8 or VP8L alone, or VP8X (no flag
but alpha), ALPH and VP8, or VP8X and VP8L; every reserved bit and padding byte zero; sizes
agreeing. Not seen: bytes at the end of a VP8, VP8L or packed ALPH chunk after its last code, which
only a full decoder finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Size
from imu_imageprep.stages.verify.reading import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.verify.reading import Reading

# The layouts of a still picture (RFC 9649, 2.5 to 2.7).
_LAYOUTS = (
    (b"VP8 ",),
    (b"VP8L",),
    (b"VP8X", b"VP8 "),
    (b"VP8X", b"VP8L"),
    (b"VP8X", b"ALPH", b"VP8 "),
)

# What the other chunks hold (2.7.1).
_KNOWN = {
    b"EXIF": "Exif data",
    b"XMP ": "XMP data",
    b"ICCP": "a colour profile",
    b"ANIM": "an animation",
    b"ANMF": "an animation",
    b"C2PA": "provenance data",
}

# Flags of VP8X (2.7, figure 7); the other bits are reserved.
_ALPHA_FLAG = 0x10

# Far more than a picture has; it bounds the time that a hostile file takes.
_MOST_CHUNKS = 100


@dataclass(slots=True)
class _Picture:
    """What the chunks read so far have stated."""

    canvas: Size | None = None
    alpha: bool = False
    layout: list[bytes] = field(default_factory=list)


def walk(data: bytes, reading: Reading) -> None:
    """Note size and leftovers of a WebP file in ``reading``; it has no density.

    Raises:
        Broken: it cannot be walked to its end.
    """
    stated = int.from_bytes(data[4:8], "little") + 8
    if stated > len(data):
        raise Broken("a file that is cut short or damaged")
    if stated < len(data):
        reading.report(f"{len(data) - stated} bytes after the end of the picture")
    picture = _Picture()
    for kind, body in _chunks(data[:stated], reading):
        _take(kind, body, picture, reading)
    if reading.size is None:
        raise Broken("a picture that is not whole")
    if tuple(picture.layout) not in _LAYOUTS:
        reading.report("chunks that come twice or in the wrong order")
    if picture.canvas not in (None, reading.size):
        reading.report("a canvas of another size than the picture (VP8X)")
    if b"ALPH" in picture.layout and not picture.alpha:
        reading.report("transparency that the picture does not use (ALPH)")


def _take(kind: bytes, body: bytes, picture: _Picture, reading: Reading) -> None:
    if kind == b"VP8X":
        picture.canvas, picture.alpha = _extended(body, reading)
    elif kind == b"ALPH":
        _alpha(body, picture.canvas, reading)
    elif kind == b"VP8 ":
        reading.size = _lossy(body, reading)
    elif kind == b"VP8L":
        reading.size = _lossless(body, reading)
    else:
        what = _KNOWN.get(kind, "a chunk that a web picture does not need")
        shown = kind.decode("ascii").strip() if kind.strip().isalnum() else "no valid name"
        reading.report(f"{what} ({shown})")
        return
    picture.layout.append(kind)


def _chunks(data: bytes, reading: Reading) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk as type and content (2.3); odd lengths are padded by one zero byte."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at == len(data):
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length
        if end + (length & 1) > len(data):
            raise Broken("a file that is cut short or damaged")
        if length & 1 and data[end]:
            reading.report("a padding byte that is not zero")
        yield data[at : at + 4], data[at + 8 : end]
        at = end + (length & 1)
    raise Broken("more chunks than a picture needs")


def _extended(body: bytes, reading: Reading) -> tuple[Size, bool]:
    """VP8X (2.7): flags, 24 reserved bits, width and height less one in 24 bits each."""
    if len(body) < 10:  # noqa: PLR2004
        raise Broken("a damaged header (VP8X)")
    if len(body) > 10:  # noqa: PLR2004
        reading.report("surplus bytes in the header (VP8X)")
    if body[0] & ~_ALPHA_FLAG or any(body[1:4]):
        reading.report("flags that a web picture does not need (VP8X)")
    width, height = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:10], "little")
    return Size(width + 1, height + 1), bool(body[0] & _ALPHA_FLAG)


def _alpha(body: bytes, canvas: Size | None, reading: Reading) -> None:
    """ALPH (2.7.1.2): 2 bits each reserved, preprocessing, filter, compression; then the data."""
    if canvas is None or len(body) < 2:  # noqa: PLR2004
        raise Broken("transparency without a picture (ALPH)")
    preprocessing, compression = body[0] >> 4 & 3, body[0] & 3
    if body[0] >> 6 or preprocessing > 1 or compression > 1:
        reading.report("flags that a web picture does not need (ALPH)")
    if compression == 0 and len(body) - 1 != canvas.width * canvas.height:
        reading.report("surplus bytes in the transparency (ALPH)")


def _lossy(body: bytes, reading: Reading) -> Size:
    """VP8 frame header (RFC 6386, 9.1): frame tag, start code, sides of 14 bits with scaling."""
    if len(body) < 10 or body[3:6] != b"\x9d\x01\x2a":  # noqa: PLR2004
        raise Broken("a damaged picture (VP8)")
    tag = int.from_bytes(body[:3], "little")
    key_frame, version, shown, first_part = tag & 1 == 0, tag >> 1 & 7, tag >> 4 & 1, tag >> 5
    if not key_frame or version > 3 or not shown or 10 + first_part > len(body):  # noqa: PLR2004
        raise Broken("a damaged picture (VP8)")
    width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
    if (width | height) >> 14:
        reading.report("a scaling that the picture does not use (VP8)")
    return Size(width & 0x3FFF, height & 0x3FFF)


def _lossless(body: bytes, reading: Reading) -> Size:
    """VP8L header (RFC 9649, 3.4): signature, sides less one of 14 bits, alpha hint, version 0."""
    if len(body) < 5 or body[0] != 0x2F:  # noqa: PLR2004
        raise Broken("a damaged picture (VP8L)")
    bits = int.from_bytes(body[1:5], "little")
    if bits >> 29:
        reading.report("a version that does not exist (VP8L)")
    return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
