"""Any colours to opaque sRGB: by a profile, by a stated colour space, or as they are."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageCms

from imu_imageprep.domain.photo import Format

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

    from imu_imageprep.domain.colour import ColourSpace
    from imu_imageprep.stages.decode.opening import Picture

BROKEN = "its colour profile is broken and was ignored"
_NOT_KNOWN = "its colour space is not known: its colours may look different"
BRIGHT = "it is an HDR picture: it is shown in ordinary brightness"
_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
_LARGEST_PROFILE = 4_000_000  # bytes; a CMYK profile, the largest kind, has about 2 MB


def from_deep(
    picture: Picture, small: Image.Image, colour: ColourSpace | None
) -> Image.Image | None:
    """A PNG of 16 bits in sRGB, converted before its dark colours lose their lower bits.

    None where nothing is to be converted, or a profile says how.
    """
    if colour is None or not colour.known or colour.is_srgb or picture.format is not Format.PNG:
        return None
    if picture.profile and not colour.over_profile:
        return None
    from imu_imageprep.stages.decode.colour import from_stated, pixels_of  # noqa: PLC0415

    if picture.image.mode.startswith("I;16"):
        rgb = from_stated(pixels_of(picture.image), colour)
    elif picture.low:
        rgb = from_stated(pixels_of(picture.image, picture.low), colour)
    else:
        return None
    if small.mode in ("LA", "RGBA"):
        rgb.putalpha(small.getchannel("A"))
    return rgb


def to_srgb(
    image: Image.Image, profile: bytes | None, colour: ColourSpace | None
) -> tuple[Image.Image, list[str]]:
    """Convert to opaque sRGB, transparent parts on white.

    With a profile, LittleCMS converts by perceptual intent with black point compensation. Without
    one that can be used, the stated colour space counts. Without both, grey and RGB are taken for
    sRGB, and CMYK for plain complements.

    Args:
        image: mode L, LA, RGB, RGBA, CMYK or LAB.
        profile: the embedded ICC profile.
        colour: the colour space that the file states besides.

    Returns:
        The RGB picture, and what a person should know of its colours.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    rgb, said = _convert(colours, profile, colour)
    if alpha:
        ground = Image.new("RGB", rgb.size, "white")
        ground.paste(rgb, mask=alpha)
        rgb = ground
    return rgb, said


def _convert(
    image: Image.Image, profile: bytes | None, colour: ColourSpace | None
) -> tuple[Image.Image, list[str]]:
    if colour and colour.over_profile:
        profile = None
    if image.mode == "LAB":
        profile = profile or b""
    said = []
    if profile is not None:
        try:
            transform = _transform(profile, image.mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            said = [BROKEN]
            transform = _transform(b"", "LAB") if image.mode == "LAB" else None
        if transform is not None:
            return _applied(transform, image), said
        if not said:
            return _rgb(image), said
    rgb = _rgb(image)
    if colour is None or colour.is_srgb or image.mode not in ("L", "RGB"):
        return rgb, said
    if not colour.known:
        return rgb, [*said, _NOT_KNOWN]
    # Most photos state nothing, and the child has not loaded NumPy.
    from imu_imageprep.stages.decode.colour import from_stated, pixels_of  # noqa: PLC0415

    converted = from_stated(pixels_of(rgb), colour)
    return converted, [*said, BRIGHT] if colour.bright else said


def _rgb(image: Image.Image) -> Image.Image:
    # Pillow would copy a picture that is RGB already.
    return image if image.mode == "RGB" else image.convert("RGB")


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
