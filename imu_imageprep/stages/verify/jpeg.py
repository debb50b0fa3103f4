"""Walk a JPEG file by ITU-T T.81 (1992), annex B, and JFIF 1.02 (ISO/IEC 10918-5).

Allowed: SOI; one plain JFIF segment right after it; DQT, DHT, DRI, one frame (SOF0 or SOF2), SOS
with its data and RST markers; EOI; nothing else, each segment exactly as long as its content, each
table used by the picture. In a baseline picture (SOF0, what is exported) the data is followed to
its last bit. In a progressive one (SOF2) it is not: bytes between the end of a scan's last code and
the next marker go unseen there. Nor is seen which values a table holds besides those that the
picture needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.stages.verify import jpeg_scan, jpeg_tables
from imu_imageprep.stages.verify.reading import JPEG_SIGNATURE, Broken

if TYPE_CHECKING:
    from imu_imageprep.stages.verify.reading import Reading

_DHT, _EOI, _SOS, _DQT, _DRI, _COM = 0xC4, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE
_SOF0, _SOF2 = 0xC0, 0xC2
_OTHER_SOF = {*range(0xC1, 0xD0)} - {_SOF2, _DHT, 0xC8, 0xCC}
_APP0, _APP15 = 0xE0, 0xEF
_ALONE = {0x00, 0x01, *range(0xD0, 0xD9)}  # markers without a segment (T.81, table B.1)

# "JFIF", version 1.01, unit dots per inch, 72 x 72, thumbnail 0 x 0 (JFIF 1.02, page 5).
_JFIF = b"JFIF\0\x01\x01\x01\x00\x48\x00\x48\x00\x00"
_DOTS_PER_INCH = 1

# What software commonly puts into the application segments.
_APPLICATION = {
    0: "a thumbnail or another addition to JFIF",
    1: "Exif or XMP data",
    2: "a colour profile or further pictures",
    11: "provenance data",
    13: "Photoshop or IPTC data",
    14: "Adobe data",
}

_FILL = re.compile(rb"\xff+")

# Far more than any picture has; it bounds the time that a hostile file takes.
_MOST_SEGMENTS = 10_000


def walk(data: bytes, reading: Reading) -> None:
    """Note size, density and leftovers of a JPEG file in ``reading``.

    Raises:
        Broken: it cannot be walked to its end.
    """
    picture = jpeg_tables.Picture()
    at = len(JPEG_SIGNATURE)
    for number in range(_MOST_SEGMENTS):
        marker, at = _next_marker(data, at, reading)
        if marker == _EOI:
            break
        length = int.from_bytes(data[at : at + 2])
        if length < 2 or at + length > len(data):  # noqa: PLR2004  (the length counts itself)
            raise Broken("a file that is cut short or damaged")
        body = data[at + 2 : at + length]
        at += length
        if marker == _SOS:
            at = jpeg_scan.read(data, at, body, picture, reading)
        else:
            _segment(marker, body, picture, reading, first=number == 0)
    else:
        raise Broken("more segments than a picture needs")
    if at < len(data):
        reading.report(f"{len(data) - at} bytes after the end of the picture")
    picture.finish(reading)


def _next_marker(data: bytes, at: int, reading: Reading) -> tuple[int, int]:
    start = data.find(b"\xff", at)
    fill = _FILL.match(data, start) if start >= 0 else None
    if fill is None or fill.end() == len(data):
        raise Broken("a file that is cut short or damaged")
    if start > at:
        reading.report("bytes between segments")
    if fill.end() - start > 1:
        # T.81, B.1.1.2 allows any number of them, and their number can tell something.
        reading.report("fill bytes between segments")
    marker = data[fill.end()]
    if marker in _ALONE:
        raise Broken("a marker where none belongs")
    return marker, fill.end() + 1


def _segment(
    marker: int, body: bytes, picture: jpeg_tables.Picture, reading: Reading, *, first: bool
) -> None:
    if marker == _APP0 and body.startswith(b"JFIF\0"):
        _jfif(body, reading, first=first)
    elif _APP0 <= marker <= _APP15:
        number = marker - _APP0
        reading.report(f"{_APPLICATION.get(number, 'application data')} (APP{number})")
    elif marker == _COM:
        reading.report("a comment (COM)")
    elif marker == _DQT:
        jpeg_tables.quantisation(body, picture, reading)
    elif marker == _DHT:
        jpeg_tables.huffman(body, picture, reading)
    elif marker == _DRI:
        jpeg_tables.restart(body, picture, reading)
    elif marker in (_SOF0, _SOF2):
        jpeg_tables.frame(body, picture, reading, progressive=marker == _SOF2)
    elif marker in _OTHER_SOF:
        raise Broken("a JPEG picture of a kind that cannot be checked")
    else:
        reading.report(f"a segment that a web picture does not need (FF{marker:02X})")


def _jfif(body: bytes, reading: Reading, *, first: bool) -> None:
    if not first:
        reading.report("a JFIF segment where none belongs (APP0)")
        return
    if body[7:8] == bytes([_DOTS_PER_INCH]) and body[8:10] == body[10:12]:
        reading.dpi = int.from_bytes(body[8:10])
    if len(body) > len(_JFIF) or body[12:14].strip(b"\0"):
        reading.report("a thumbnail or surplus bytes in the JFIF segment (APP0)")
    elif body != _JFIF:
        reading.report("a JFIF segment other than plain version 1.01 with 72 dpi (APP0)")
