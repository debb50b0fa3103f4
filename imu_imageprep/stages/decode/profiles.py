"""Colour statements that decoders do not hand out, and those that make them fail."""

from __future__ import annotations

import re

from imu_imageprep.domain.photo import Format

_LARGEST_PROFILE = 4_000_000  # bytes; a CMYK profile, the largest kind, has about 2 MB


def profile_in(data: bytes, form: Format) -> bytes | None:
    """The ICC profile of a BMP or a JPEG 2000 file.

    Args:
        data: the whole file.
        form: its real format; other formats have none here.
    """
    if form is Format.BMP:
        return _of_bmp(data)
    return _of_jp2(data) if form is Format.JPEG2000 else None


def _of_bmp(data: bytes) -> bytes | None:
    """Microsoft's BITMAPV5HEADER: CSType, ProfileData (counted from the header on), ProfileSize."""
    if data[14 + 56 : 14 + 60] != b"DEBM" or int.from_bytes(data[14:18], "little") < 124:  # noqa: PLR2004
        return None
    start, size = (int.from_bytes(data[at : at + 4], "little") for at in (14 + 112, 14 + 116))
    return data[14 + start : 14 + start + min(size, _LARGEST_PROFILE)] or None


def _of_jp2(data: bytes) -> bytes | None:
    """The profile of the first colour box with one (ITU-T T.800, I.5.3).

    Method 2 is a restricted profile, method 3 (T.801) any.
    """
    at, stop = 0, data.find(b"jp2c")
    while (at := data.find(b"colr", at + 4, stop)) >= 0:
        if data[at + 4 : at + 5] in (b"\2", b"\3"):
            end = at - 4 + int.from_bytes(data[at - 4 : at], "big")
            return data[at + 7 : min(end, at + 7 + _LARGEST_PROFILE)] or None
    return None


# ITU-T H.273, tables 2 and 3; 2 is "unspecified".
_PRIMARIES = frozenset((1, 2, *range(4, 13), 22))
_TRANSFERS = frozenset((1, 2, *range(4, 19)))
_NCLX = rb"(?s)colrnclx(..)(..)"


def readable_codes(data: bytes) -> bytes:
    """A HEIF file in which codes of colour that stand for nothing are "unspecified".

    libheif would not open the file. It follows these codes nowhere; the metadata stage does.
    """
    return re.sub(_NCLX, _readable, data) if b"colrnclx" in data else data


def _readable(found: re.Match[bytes]) -> bytes:
    primaries, transfer = (int.from_bytes(code, "big") for code in found.groups())
    known = primaries in _PRIMARIES and transfer in _TRANSFERS
    return found[0] if known else b"colrnclx\0\2\0\2"


# ITU-T T.801, table M.25: spaces of brightness and two colour differences, as sYCC (18) is one.
_LIKE_SYCC = rb"(?s)colr\x01..\x00\x00\x00[\x01\x03\x04\x18]"


def readable_space(data: bytes) -> bytes:
    """A JPEG 2000 file whose colour differences are called sYCC, which the decoder knows.

    Others it would take for red, green and blue, or not decode.
    """
    start = data.find(b"jp2c")
    found = re.search(_LIKE_SYCC, data[: max(start, 0)])
    return data if found is None else data[: found.end() - 1] + b"\x12" + data[found.end() :]
