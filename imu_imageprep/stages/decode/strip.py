"""Reduce a file to what its pixels need, before a decoder sees it.

Captions, thumbnails, text and animation never reach the decoder: a broken or swollen one (a few
kilobytes of compressed text can unpack to gigabytes) must not keep the photo from being read.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

from imu_imageprep.domain.errors import InputProblem

_PNG_SIGNATURE = 8  # bytes
# W3C PNG specification, third edition: the critical chunks, and transparency.
_PNG_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_LARGEST_PROFILE = 4_000_000  # bytes; a CMYK profile, the largest kind, has about 2 MB

# ITU-T T.81, table B.1. Of the application segments, JFIF's and Adobe's state the colour model.
_MARKER = 0xFF
_JPEG_SEGMENTS = frozenset(range(0xC0, 0xFF)) - {*range(0xD0, 0xDB)}  # those before the first scan
_JPEG_UNNEEDED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # APP1-13, APP15, COM
_ICC_SEGMENT = (0xE2, b"ICC_PROFILE\0")  # ICC.1, annex B.4


class StrippedPng(NamedTuple):
    """A PNG file's picture, and what was read besides.

    Attributes:
        data: the smaller file.
        frames: how many frames the file holds.
        profile: the colour profile, unpacked.
        profile_broken: there was one that could not be unpacked.
    """

    data: bytes
    frames: int
    profile: bytes | None
    profile_broken: bool


def strip_png(data: bytes) -> StrippedPng:
    """Keep the chunks that the pixels need, and unpack the colour profile within bounds.

    Args:
        data: the whole PNG file.

    Raises:
        InputProblem: the file ends in the middle of a chunk.
    """
    view = memoryview(data)
    kept = [view[:_PNG_SIGNATURE]]
    frames, profile, broken = 0, None, False
    at = _PNG_SIGNATURE
    while at + 8 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        name = bytes(view[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(data):
            raise InputProblem(
                "The picture is cut off: its end is missing.",
                "Copy it again from where it came from.",
            )
        if name in _PNG_NEEDED:
            kept.append(view[at:end])
        elif name == b"iCCP":
            profile = _unpacked(bytes(view[at + 8 : end - 4]))
            broken = profile is None
        elif name == b"fcTL":  # one per frame
            frames += 1
        at = end
        if name == b"IEND":
            break
    return StrippedPng(b"".join(kept), max(1, frames), profile, broken)


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
