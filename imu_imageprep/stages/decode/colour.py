"""Bring any pixel layout to 8 bit, and any colour space to opaque sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageChops, ImageCms

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
_LARGEST_PROFILE = 4_000_000  # bytes; a CMYK profile, the largest kind, has about 2 MB

_BITS_PER_SAMPLE, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0  # TIFF 6.0


def eight_bit(image: Image.Image) -> Image.Image:
    """Bring a loaded picture to one of the 8-bit modes L, LA, RGB, RGBA, CMYK or LAB.

    Deeper samples are scaled, not clipped; palettes are looked up; a transparent colour becomes an
    alpha channel.
    """
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return _scaled(image)
    if mode in ("P", "PA"):
        transparent = mode == "PA" or image.has_transparency_data
        return image.convert("RGBA" if transparent else "RGB")
    if "transparency" in image.info and mode in ("1", "L", "RGB"):
        return _keyed(image)
    simple = {"1": "L", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}
    return image.convert(simple[mode]) if mode in simple else image


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Convert to opaque sRGB, transparent parts on white.

    With a profile, LittleCMS converts by perceptual intent with black point compensation. Without
    one, grey and RGB are taken for sRGB, and CMYK for plain complements.

    Args:
        image: mode L, LA, RGB, RGBA, CMYK or LAB.
        profile: the embedded ICC profile.

    Returns:
        The RGB picture, and False where there was a profile that could not be used.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    rgb, used = _convert(colours, profile)
    if alpha:
        ground = Image.new("RGB", rgb.size, "white")
        ground.paste(rgb, mask=alpha)
        rgb = ground
    return rgb, used


def _convert(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    if image.mode == "LAB":
        profile = profile or b""
    used = True
    if profile is not None:
        try:
            transform = _transform(profile, image.mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            used = False
            transform = _transform(b"", "LAB") if image.mode == "LAB" else None
        if transform is not None:
            return _applied(transform, image), used
    return image.convert("RGB"), used


def _applied(transform: ImageCmsTransform, image: Image.Image) -> Image.Image:
    result = Image.new("RGB", image.size)
    transform.apply(image, result)
    return result


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    """The way from a profile (b"" for CIELAB itself) to sRGB; None where it changes nothing.

    Raises:
        ImageCms.PyCMSError, OSError, ValueError: the profile is broken or of another colour space.
    """
    if len(profile) > _LARGEST_PROFILE:
        raise ValueError("profile too large")
    start = ImageCms.ImageCmsProfile(BytesIO(profile) if profile else _LAB)
    if start.profile.xcolor_space.strip() != _SPACES[mode]:
        raise ValueError("profile of another colour space")
    transform = ImageCms.buildTransform(
        start,
        _SRGB,
        mode,
        "RGB",
        ImageCms.Intent.PERCEPTUAL,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return None if _changes_nothing(transform, mode) else transform


def _changes_nothing(transform: ImageCmsTransform, mode: str) -> bool:
    """Whether a transform leaves colours as they are, within rounding.

    Seen on a grid of colours, not on the profile's name: sRGB has many profiles and many names.
    """
    if mode not in ("L", "RGB"):
        return False
    levels = range(0, 256, 15)
    if mode == "L":
        probe = Image.new("L", (len(levels), 1))
        probe.putdata(list(levels))
    else:
        probe = Image.new("RGB", (len(levels), len(levels) ** 2))
        probe.putdata([(r, g, b) for r in levels for g in levels for b in levels])
    difference = ImageChops.difference(_applied(transform, probe), probe.convert("RGB"))
    # The histogram's three bands of 256 levels: nothing beyond a difference of one.
    histogram = difference.histogram()
    return not any(any(histogram[band + 2 : band + 256]) for band in (0, 256, 512))


def _keyed(image: Image.Image) -> Image.Image:
    key = image.info["transparency"]
    if isinstance(key, tuple) and max(key) > 255:  # noqa: PLR2004  (a 16-bit PNG, read at 8 bit)
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return image.convert("RGBA" if image.mode == "RGB" else "LA")


def _scaled(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 8 bit."""
    deep = image if image.mode == "F" else image.convert("I")
    low, high = cast("tuple[float, float]", deep.getextrema())  # of its single band
    tags = getattr(image, "tag_v2", {})
    low, high = _range(image.mode, low, high, tags.get(_BITS_PER_SAMPLE, (16,))[0])
    scale = 255 / (high - low)
    white_is_zero = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if white_is_zero:
        low, scale = high, -scale
    grey = deep.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    if image.mode.startswith("I;16") and isinstance(image.info.get("transparency"), int):
        grey.info["transparency"] = image.info["transparency"] * 255 // 65535
        return grey.convert("LA")
    return grey


def _range(mode: str, low: float, high: float, bits: int) -> tuple[float, float]:
    """The values that stand for black and white."""
    if mode.startswith("I;16"):
        return 0, 2**bits - 1
    whites = (1.0, 255.0, 65535.0) if mode == "F" else (255, 65535)
    if low >= 0 and high <= whites[-1]:
        return 0, next(white for white in whites if high <= white)
    # Measurements without a known white: the full range, as scientific viewers show them.
    return (low, high) if high > low else (low, low + 1)
