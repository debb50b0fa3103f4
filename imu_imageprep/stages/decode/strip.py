"""Reduce a file to what its pixels need, before a decoder sees it.

Captions, thumbnails, text and animation never reach the decoder: a broken or swollen one (a few
kilobytes of compressed text can unpack to gigabytes) must not keep the photo from being read.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem
from imu_imageprep.domain.photo import Size

_PNG_SIGNATURE = 8  # bytes
# W3C PNG specification, third edition: the critical chunks, and transparency.
_PNG_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_LARGEST_PROFILE = 4_000_000  # bytes; a CMYK profile, the largest kind, has about 2 MB

# ITU-T T.81, table B.1. Of the application segments, JFIF's and Adobe's state the colour model.
_MARKER = 0xFF
_JPEG_SEGMENTS = frozenset(range(0xC0, 0xFF)) - {*range(0xD0, 0xDB)}  # those before the first scan
_JPEG_UNNEEDED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # APP1-13, APP15, COM
_ICC_SEGMENT = (0xE2, b"ICC_PROFILE\0")  # ICC.1, annex B.4


class Canvas(NamedTuple):
    """A transparent area that is larger than the picture in it.

    Attributes:
        size: of the area.
        at: where the picture's left upper corner lies.
    """

    size: Size
    at: tuple[int, int]


class StrippedPng(NamedTuple):
    """A PNG file's picture, and what was read besides.

    Attributes:
        data: the smaller file.
        frames: how many frames the file holds.
        profile: the colour profile, unpacked.
        profile_broken: there was one that could not be unpacked.
        canvas: what an animation's first frame lies in.
    """

    data: bytes
    frames: int
    profile: bytes | None
    profile_broken: bool
    canvas: Canvas | None = None


def strip_png(data: bytes) -> StrippedPng:
    """Keep the chunks that the pixels need, and unpack the colour profile within bounds.

    Of an animation the first frame is kept, as browsers show it: often, but not always, that is the
    picture that programs without animation show.

    Args:
        data: the whole PNG file.

    Raises:
        InputProblem: the file ends in the middle of a chunk.
    """
    view = memoryview(data)
    kept: list[bytes | memoryview] = [view[:_PNG_SIGNATURE]]
    profile, broken = None, False
    animation = _Animation()
    at = _PNG_SIGNATURE
    while at + 8 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        name = bytes(view[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(data):
            if name == b"IEND":  # all that the picture needs was there
                break
            raise InputProblem(
                "The picture is cut off: its end is missing.",
                "Copy it again from where it came from.",
            )
        if name in _PNG_NEEDED:
            kept.append(view[at:end])
        elif name == b"iCCP":
            profile = _unpacked(bytes(view[at + 8 : end - 4]))
            broken = profile is None
        animation.note(name, view[at + 8 : end - 4])
        at = end
        if name == b"IEND":
            break
    canvas = None
    if animation.stated and animation.control and animation.data:
        kept, canvas = _moving(kept, animation.control, animation.data)
    return StrippedPng(b"".join(kept), max(1, animation.frames), profile, broken, canvas)


class _Animation:
    """What a file says of its moving frames (PNG, third edition, 4.9).

    Attributes:
        stated: it is an animation.
        frames: how many.
        control: size and place of the first one, where it is not the still picture.
        data: its data, in pieces.
    """

    def __init__(self) -> None:
        self.stated = False
        self.frames = 0
        self.control = b""
        self.data: list[bytes] = []
        self._still_seen = False

    def note(self, name: bytes, content: memoryview) -> None:
        """Take in the next chunk."""
        if name == b"IDAT":
            self._still_seen = True
        elif name == b"acTL":
            self.stated = not self._still_seen  # later on it means nothing
        elif name == b"fcTL":  # one per frame
            self.frames += 1
            if self.frames == 1 and self._still_seen:
                self.control = bytes(content)
        elif name == b"fdAT" and self.control and self.frames == 1:
            self.data.append(bytes(content[4:]))  # after its number


def _moving(
    kept: list[bytes | memoryview], control: bytes, data: list[bytes]
) -> tuple[list[bytes | memoryview], Canvas]:
    """The chunks with an animation's first frame in place of the still picture.

    Args:
        kept: the chunks that the still picture needs.
        control: content of the frame's fcTL: number, width, height, left, top (PNG, 11.3.6.2).
        data: what the frame's fdAT chunks hold.

    Raises:
        InputProblem: the frame does not lie inside the picture.
    """
    header = bytes(kept[1])
    inside = [int.from_bytes(control[at : at + 4], "big") for at in (4, 8, 12, 16)]
    size = Size(*(int.from_bytes(header[at : at + 4], "big") for at in (8, 12)))
    width, height, left, top = inside
    if header[4:8] != b"IHDR" or left + width > size.width or top + height > size.height:
        raise InputProblem("The picture is damaged and cannot be decoded.", SAVE_AGAIN)
    chunks: list[bytes | memoryview] = [kept[0], _chunk(b"IHDR", control[4:12] + header[16:-4])]
    chunks += [one for one in kept[2:] if bytes(one[4:8]) in (b"PLTE", b"tRNS")]
    chunks += [_chunk(b"IDAT", b"".join(data)), _chunk(b"IEND", b"")]
    return chunks, Canvas(size, (left, top))


def _chunk(name: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + crc


def _unpacked(chunk: bytes) -> bytes | None:
    """The profile of an iCCP chunk: name, NUL, method 0, deflated profile."""
    _, _, rest = chunk.partition(b"\0")
    unpack = zlib.decompressobj()
    try:
        profile = unpack.decompress(rest[1:], _LARGEST_PROFILE)
    except zlib.error:
        return None
    return profile if unpack.eof else None


def strip_jpeg(data: bytes) -> bytes:
    """Drop the segments before the first scan that the pixels do not need; keep the rest as it is.

    Bytes between segments are skipped, as decoders do. From the first irregular marker on, nothing
    is dropped: what a damaged file means is left to the decoder.
    """
    view = memoryview(data)
    kept = [view[:2]]
    at = 2
    while (at := data.find(_MARKER, at)) >= 0 and at + 4 <= len(data):
        marker = view[at + 1]
        end = at + 2 + int.from_bytes(view[at + 2 : at + 4], "big")
        if marker not in _JPEG_SEGMENTS or not at + 4 <= end <= len(data):
            break
        kind, signature = _ICC_SEGMENT
        profile = marker == kind and view[at + 4 : at + 4 + len(signature)] == signature
        if marker not in _JPEG_UNNEEDED or profile:
            kept.append(view[at:end])
        at = end
    if at >= 0:
        kept.append(view[at:])
    return b"".join(kept)
