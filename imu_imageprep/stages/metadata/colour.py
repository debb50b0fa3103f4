"""What a file states of its colour space, besides an embedded profile.

Everything here is what a standard's code or number stands for; the walkers find the bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imu_imageprep.domain.colour import (
    ADOBE_RGB,
    ROMM_RGB,
    SRGB,
    SRGB_CURVE,
    UNKNOWN,
    WIDE_GAMUT_RGB,
    ColourSpace,
    Curve,
    power,
    space_of,
)
from imu_imageprep.stages.metadata.statement import Colour, ColourRank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imu_imageprep.stages.metadata.tiff import Tag

_D65, _C = (0.3127, 0.329), (0.31, 0.316)
_NTSC = (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07)
# ITU-T H.273, table 2 (colour primaries).
_PRIMARIES: dict[int, tuple[float, ...]] = {
    1: SRGB.corners,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: _NTSC,
    7: _NTSC,
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*_D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}
# Table 3 (transfer characteristics). 1, 6, 11, 12, 14 and 15 are one function of cameras, whose
# pictures displays show by that of BT.1886.
_AS_BT709 = (1, 6, 11, 12, 14, 15)
_CURVES: dict[int, tuple[float, ...]] = dict.fromkeys(_AS_BT709, power(2.4)) | {
    4: power(2.2),
    5: power(2.8),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: power(1.0),
    13: SRGB_CURVE,
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}
_BRIGHT = {16: Curve.PQ, 18: Curve.HLG}
_UNSPECIFIED, _OF_SRGB, _OF_BRIGHT = 2, 1, 9


def by_code(primaries: int, transfer: int) -> ColourSpace | None:
    """The space that two codes of ITU-T H.273 stand for; None where both are "unspecified"."""
    if primaries == transfer == _UNSPECIFIED:
        return None
    if primaries == _UNSPECIFIED:
        primaries = _OF_BRIGHT if transfer in _BRIGHT else _OF_SRGB
    corners = _PRIMARIES.get(primaries)
    numbers = SRGB_CURVE if transfer == _UNSPECIFIED else _CURVES.get(transfer)
    if corners and transfer in _BRIGHT:
        return ColourSpace(corners, _BRIGHT[transfer], ())
    return ColourSpace(corners, numbers=numbers) if corners and numbers else UNKNOWN


def of_nclx(body: bytes) -> Iterator[Colour]:
    """What a "colr" box of the kind "nclx" states (ISO 14496-12, 12.1.5).

    The curves of television are taken for that of sRGB, as browsers do: those files were made for
    screens. Decoders have followed the matrix and the range.
    """
    primaries, transfer = (int.from_bytes(body[at : at + 2], "big") for at in (4, 6))
    space = by_code(primaries, _SRGB_CODE if transfer in _AS_BT709 else transfer)
    if space and len(body) >= _NCLX_BYTES:
        yield Colour(space, ColourRank.FORMAT)


_SRGB_CODE = 13
_NCLX_BYTES = 10


def of_png(chunks: Mapping[bytes, bytes]) -> Iterator[Colour]:
    """What a PNG's cICP, sRGB, gAMA and cHRM chunks state.

    Source: PNG specification, third edition, 4.3 (which goes before which) and 11.3.2.
    """
    if b"cICP" in chunks:
        codes = chunks[b"cICP"]
        space = by_code(codes[0], codes[1]) if len(codes) == 4 and not codes[2] else UNKNOWN  # noqa: PLR2004
        if space:
            narrow = not codes[3:] or not codes[3]
            space = replace(space, narrow=space.known and narrow, over_profile=space.known)
            yield Colour(space, ColourRank.CODES)
    if b"sRGB" in chunks:
        yield Colour(SRGB, ColourRank.FORMAT)
    places = [_number(chunks.get(b"cHRM", b""), at) / 100_000 for at in range(0, 32, 4)]
    exponent = _number(chunks.get(b"gAMA", b""), 0)  # 0 says nothing, as libpng has it
    if any(places) or exponent:
        corners = tuple(places) if any(places) else None
        space = space_of(corners, 100_000 / exponent if exponent else None)
        yield Colour(space, ColourRank.NUMBERS)


def _number(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 4], "big")


# ITU-T T.800, table I.10, and T.801, table M.25: those whose numbers decoders hand out as RGB.
_JP2 = dict.fromkeys((0, 3, 12, 15, 16, 17, 18), SRGB) | {21: ROMM_RGB}


def of_jp2(body: bytes) -> Iterator[Colour]:
    """What a JPEG 2000 file's "colr" box states by a number; CMYK (12) says so elsewhere too."""
    if body[:1] == b"\1":
        yield Colour(_JP2.get(_number(body, 3), UNKNOWN), ColourRank.FORMAT)


_CALIBRATED, _LINKED = b"\0\0\0\0", b"KNIL"


def of_bmp(header: bytes) -> Iterator[Colour]:
    """What a BMP's header states, from its size on (BITMAPV4HEADER: CSType, endpoints, gammas)."""
    kind = header[56:60]
    if kind == _LINKED:
        yield Colour(UNKNOWN, ColourRank.FORMAT)
    elif kind == _CALIBRATED and any(header[60:108]):
        ends = [_number(header[at : at + 4][::-1], 0) / 2**30 for at in range(60, 96, 4)]
        gammas = [_number(header[at : at + 4][::-1], 0) / 2**16 for at in range(96, 108, 4)]
        yield Colour(_by_endpoints(ends, gammas), ColourRank.NUMBERS)


def _by_endpoints(ends: list[float], gammas: list[float]) -> ColourSpace:
    """Red, green and blue as X, Y and Z, whose sum is white.

    Some writers put x, y and z there, whose sums are equal: those say nothing of white.
    """
    gamma = sum(gammas) / 3 if any(gammas) else None
    if not any(ends):
        return space_of(None, gamma)
    primaries = [ends[at : at + 3] for at in (0, 3, 6)]
    sums = [sum(one) for one in primaries]
    if min(sums) <= 0:
        return UNKNOWN
    x, y, z = (sum(values) for values in zip(*primaries, strict=True))
    equal = max(sums) < 1.01 * min(sums)
    white = _D65 if equal else (x / (x + y + z), y / (x + y + z))
    places = (
        one[axis] / whole for one, whole in zip(primaries, sums, strict=True) for axis in (0, 1)
    )
    return space_of((*white, *places), gamma)


# CIPA DC-008 (EXIF 3.0), 4.6.5, DCF 2.0, and what Sony writes besides.
_COLOUR_SPACE, _INTEROPERABILITY, _GAMMA = 0xA001, 0x0001, 0xA500
_STATED = {1: SRGB, 2: ADOBE_RGB, 0xFFFD: WIDE_GAMUT_RGB}
_BY_INTEROPERABILITY = {"R03": ADOBE_RGB, "R98": SRGB}
# TIFF 6.0, section 20.
_TRANSFER_FUNCTION, _WHITE_POINT, _CHROMATICITIES = 0x012D, 0x013E, 0x013F
_STEPS = 256


def of_exif(tags: Iterable[Tag], *, tiff: bool) -> Iterator[Colour]:
    """What an EXIF block or a TIFF file states: its tags of the first picture together.

    Primaries in an EXIF block count only where it says that its colour space is another than sRGB:
    old cameras wrote those of their sensor there, and no viewer follows them.
    """
    first: dict[tuple[bool, int], Tag] = {}
    for tag in tags:
        if tag.directory in ("ifd0", "exif", "interop"):
            first.setdefault((tag.directory == "interop", tag.number), tag)

    def number(name: int) -> float | None:
        tag = first.get((False, name))
        return next(iter(tag.numbers()), None) if tag else None

    stated = number(_COLOUR_SPACE)
    index = first.get((True, _INTEROPERABILITY))
    name = _BY_INTEROPERABILITY.get(index.text()) if index else None
    if stated in _STATED:
        yield Colour(_STATED[int(stated)], ColourRank.EXIF)
    elif name:
        yield Colour(name, ColourRank.EXIF)
    elif tiff or stated is not None:
        space = _by_tags(first, number(_GAMMA))
        if space or stated is not None:
            yield Colour(space or UNKNOWN, ColourRank.EXIF)


def _by_tags(first: Mapping[tuple[bool, int], Tag], gamma: float | None) -> ColourSpace | None:
    """The space of TIFF's tags for white, primaries and light; None where none is there."""
    white, primaries = (first.get((False, tag)) for tag in (_WHITE_POINT, _CHROMATICITIES))
    curve = first.get((False, _TRANSFER_FUNCTION))
    if primaries and not any(primaries.numbers()):
        primaries = None
    if not primaries and not curve:
        return None
    corners = None
    if primaries:
        corners = (*(white.numbers()[:2] if white else _D65), *primaries.numbers()[:6])
    table = _table(curve) if curve else None
    return UNKNOWN if curve and not table else space_of(corners, gamma, table)


def _table(tag: Tag) -> tuple[float, ...] | None:
    """A transfer function at equal steps; None where red, green and blue have different ones."""
    raw = tag.raw(3 * 2 * 65536)
    size = len(raw) // 2
    one = size if size & (size - 1) == 0 else size // 3
    parts = {raw[at : at + 2 * one] for at in range(0, 2 * size, max(2 * one, 1))}
    if len(parts) != 1 or one < 2:  # noqa: PLR2004
        return None
    steps = min(one, _STEPS)
    places = [round(step * (one - 1) / (steps - 1)) * 2 for step in range(steps)]
    return tuple(int.from_bytes(raw[at : at + 2], tag.block.order) / 65535 for at in places)


def of_xmp(local: str, text: str) -> Iterator[Colour]:
    """What a property of an XMP packet states, by its name without the prefix.

    Photoshop's name of the profile is no profile: it says that there was one.
    """
    if local == "ICCProfile":
        space = None if not text or "srgb" in text.lower() else UNKNOWN
    elif local == "ColorSpace":
        space = {"1": SRGB, "2": ADOBE_RGB}.get(text, UNKNOWN) if text else None
    else:
        space = _BY_INTEROPERABILITY.get(text)
    if space:
        yield Colour(space, ColourRank.XMP)
