"""Turn an opened picture into upright sRGB pixels: 8 bit, opaque."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format, Frame, Size
from imu_imageprep.stages.decode.opening import lacks_end, open_with_end
from imu_imageprep.stages.decode.srgb import BRIGHT, BROKEN, from_deep, to_srgb
from imu_imageprep.stages.decode.trouble import CUT_OFF, in_plain_words, named

if TYPE_CHECKING:
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
        deep = from_deep(picture, small, colour)
        if deep and colour:
            notes += [BRIGHT] if colour.bright else []
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
    if picture.profile_broken and BROKEN not in said:
        notes.append(BROKEN)
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
