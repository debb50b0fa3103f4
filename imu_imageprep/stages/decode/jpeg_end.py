"""A JPEG whose end marker is missing: whether the whole picture is there."""

from __future__ import annotations

import hashlib
import random
import re
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import JpegImagePlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOS, _EOI, _RST0 = 0xDA, 0xD9, 0xD0
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Segments that may stand between two scans (T.81, B.2.4): tables, restarts, a comment.
_BETWEEN = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_STUFFED = re.compile(rb"(?:\xff\0)+")
_COEFFICIENTS = 64
_MOST_SCANS = 100
_FILLING = 4096  # bytes; far more than one unit of a picture takes


def with_end(data: bytes) -> bytes | None:
    """The picture with its end marker, if nothing else is missing.

    A scan ends where its last block does, which only its decoder knows. So the picture is decoded
    with several continuations that differ in every bit: where none of them changes a pixel, nothing
    that is missing could.

    Args:
        data: the file, from its first marker on.

    Returns:
        A whole file, or None where more than the marker is missing.
    """
    end = _end_of_scans(_without_trailer(data))
    if end is None:
        return None
    body = data[:end]
    whole = body + bytes((0xFF, _EOI))
    shown = _pixels(whole)
    if shown is None:
        return None
    same = all(_pixels(body + more + bytes((0xFF, _EOI))) == shown for more in _fillings(body))
    return whole if same else None


def _without_trailer(data: bytes) -> bytes:
    """The file without what is known to follow pictures: Samsung's blocks, a video, filling."""
    if data.endswith(b"SEFT"):
        directory = data.rfind(b"SEFH")
        count = int.from_bytes(data[directory + 8 : directory + 12], "little")
        entries = range(directory + 12, min(directory + 12 + 12 * count, len(data) - 8), 12)
        # Each entry says how far before the directory its block starts.
        back = [int.from_bytes(data[at + 4 : at + 8], "little") for at in entries]
        start = directory - max((b for b in back if b <= directory), default=0)
        data = data[: max(0, start)]
    video = data.find(b"ftyp", data.rfind(b"\xff\xda"))
    if video > 0:
        data = data[: video - 4]
    bare = data.rstrip(b"\0\xff")
    # Erased storage is all ones or all zeros; but a byte of ones in a scan has a zero behind it.
    stuffed = _STUFFED.match(data, len(bare))
    return bare + (stuffed[0] if stuffed else b"")


def _end_of_scans(data: bytes) -> int | None:
    """Where the data of the last scan ends; None where scans are missing."""
    at, left = 2, dict[int, set[int]]()
    progressive = False
    for _ in range(_MOST_SCANS * 10):
        found = _MARKER.search(data, at)
        if found is None:
            return None
        marker, start = found[1][0], found.end()
        length = int.from_bytes(data[start : start + 2], "big")
        body = data[start + 2 : start + length]
        if length < 2 or len(body) != length - 2:  # noqa: PLR2004  (it counts itself)
            return None
        at = start + length
        if marker in _FRAMES:
            progressive = marker in (0xC2, 0xCA)
            coefficients = range(_COEFFICIENTS if progressive else 1)
            left = {number: set(coefficients) for number in body[6::3]}
        elif marker == _SOS:
            _note_scan(body, left, progressive=progressive)
            if not any(left.values()):
                following = _MARKER.search(data, at)
                return len(data) if following is None else following.start()
        elif marker not in _BETWEEN:
            return None
    return None


def _note_scan(body: bytes, left: dict[int, set[int]], *, progressive: bool) -> None:
    """Take away what a scan brings to its last bit (T.81, B.2.3 and G.1.1.1)."""
    count = body[0] if body else 0
    first, last, bits = (*body[1 + 2 * count : 4 + 2 * count], 0, 0, 0)[:3]
    if progressive and bits & 15:
        return
    for number in body[1 : 1 + 2 * count : 2]:
        left.get(number, set()).difference_update(range(first, last + 1) if progressive else (0,))


def _fillings(body: bytes) -> Iterator[bytes]:
    """Continuations: random bytes, their opposites, and some after the restart that is due."""
    # Fixed, so that a photo is judged alike each time.
    noise = random.Random(0).randbytes(_FILLING).replace(b"\xff", b"\xfe")  # noqa: S311
    yield noise.replace(b"\0", b"\1")
    yield bytes(value ^ 0xFF for value in noise).replace(b"\xff", b"\xfe")
    restarts = _RESTART.findall(body, max(0, body.rfind(b"\xff\xda")))
    due = (restarts[-1][0] - _RST0 + 1) & 7 if restarts else 0
    yield bytes((0xFF, _RST0 + due)) + noise


def _pixels(data: bytes) -> bytes | None:
    """What tells pixels apart; None where nothing can be decoded."""
    try:
        with JpegImagePlugin.JpegImageFile(BytesIO(data)) as image:
            return hashlib.sha256(image.tobytes()).digest()
    except (OSError, SyntaxError, ValueError):
        return None
