"""Turn an opened picture into upright sRGB pixels: 8 bit, opaque."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageChops, ImageCms

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.stages.decode.opening import (
    CUT_OFF,
    in_plain_words,
    lacks_end,
    named,
    open_with_end,
)

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

    from imu_imageprep.domain.colour import ColourSpace
    from imu_imageprep.stages.decode.opening import Picture
    from imu_imageprep.stages.decode.strip import Canvas

# EXIF orientation (TIFF 6.0, tag 274) to what makes the stored pixels upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_ORIENTATION = 274

# HEIF and TIFF decoders hand out pixels that are upright already.
_TURNED_BY_DECODER = frozenset({Format.HEIF, Format.TIFF})


@dataclass(frozen=True, slots=True)
class Frame:
    """Decoded pixels as plain bytes, as they cross a pipe.

    Attributes:
        size: width and height of ``rgb``.
        rgb: 8-bit RGB, row by row.
        source_size: size of the upright source picture in pixels.
        notes: what a person should know.
    """

    size: Size
    rgb: bytes = field(repr=False)
    source_size: Size
    notes: tuple[str, ...]


def render(
    picture: Picture, orientation: int, long_side: int, colour: ColourSpace | None = None
) -> Frame:
    """Decode a picture's pixels.

    Args:
        picture: opened and within the limits.
        orientation: EXIF orientation 1..8, used where the format has no rotation of its own.
        long_side: the smallest sufficient long side, in pixels.
        colour: the colour space that the file states besides a profile.

    Raises:
        InputProblem: damaged or cut off.
    """
    endless = lacks_end(picture)
    if not endless:
        try:
            return _rendered(picture, orientation, long_side, colour)
        except InputProblem as problem:
            trouble = problem  # what follows the picture may hold a marker of its own
    whole = open_with_end(picture, long_side)
    if whole is None:
        with named(picture.data, picture.format):
            raise InputProblem(*CUT_OFF) if endless else trouble
    return _rendered(whole, orientation, long_side, colour)


def _rendered(
    picture: Picture, orientation: int, long_side: int, colour: ColourSpace | None
) -> Frame:
    image = picture.image
    with named(picture.data, picture.format), in_plain_words():
        image.load()
        notes = [*_frames_note(picture), *picture.notes]
        size = Size(*image.size) if picture.format is Format.TIFF else picture.size
        if picture.format in _TURNED_BY_DECODER:
            orientation = picture.turn
        elif picture.format is Format.AVIF:
            # Pillow states the container's own rotation (irot, imir), which overrides EXIF, here.
            orientation = image.getexif().get(_ORIENTATION, 1)
        small = eight_bit(image)
        deep = _from_deep(picture, small, colour)
        if deep and colour:
            notes += [_BRIGHT] if colour.bright else []
            small, colour = deep, None
        if picture.crop:
            small = small.crop(picture.crop)
            size = Size(*small.size)
        if picture.canvas:
            small = _on_canvas(small, picture.canvas)
            size = Size(*small.size)
        factor = max(small.size) // long_side
        if factor > 1:
            small = Image.Image.reduce(small, factor)  # Pillow's JPEG 2000 class hides the method
        # Reduced first: turning and converting a small picture costs a fraction.
        if orientation in _TURNS:
            small = small.transpose(_TURNS[orientation])
        rgb, said = to_srgb(small, picture.profile, colour)
    if picture.profile_broken and _BROKEN not in said:
        notes.append(_BROKEN)
    notes += said
    upright = Size(size.height, size.width) if orientation in _SIDEWAYS else size
    return Frame(Size(*rgb.size), rgb.tobytes(), upright, tuple(notes))


def _on_canvas(image: Image.Image, canvas: Canvas) -> Image.Image:
    if canvas == (image.size, (0, 0)):
        return image
    ground = Image.new("LA" if image.mode in ("L", "LA") else "RGBA", canvas.size)
    ground.paste(image.convert(ground.mode), canvas.at)
    return ground


def _frames_note(picture: Picture) -> list[str]:
    frames = picture.frames
    if frames is None:
        try:
            frames = getattr(picture.image, "n_frames", 1)
        except (EOFError, OSError, SyntaxError, ValueError, LookupError):
            return ["only the first of several frames is used; later ones are damaged"]
    if frames <= 1:
        return []
    if picture.format is Format.HEIF:
        return [f"only the main one of {frames} pictures is used"]
    unit = "pages" if picture.format is Format.TIFF else "frames"
    return [f"only the first of {frames} {unit} is used"]


_BROKEN = "its colour profile is broken and was ignored"
_NOT_KNOWN = "its colour space is not known: its colours may look different"
_BRIGHT = "it is an HDR picture: it is shown in ordinary brightness"
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


def _from_deep(
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
            said = [_BROKEN]
            transform = _transform(b"", "LAB") if image.mode == "LAB" else None
        if transform is not None:
            return _applied(transform, image), said
        if not said:
            return image.convert("RGB"), said
    rgb = image.convert("RGB")
    if colour is None or colour.is_srgb or image.mode not in ("L", "RGB"):
        return rgb, said
    if not colour.known:
        return rgb, [*said, _NOT_KNOWN]
    # Most photos state nothing, and the child has not loaded NumPy.
    from imu_imageprep.stages.decode.colour import from_stated, pixels_of  # noqa: PLC0415

    converted = from_stated(pixels_of(rgb), colour)
    return converted, [*said, _BRIGHT] if colour.bright else said


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
