"""Turn an opened picture into upright sRGB pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.stages.decode.colour import eight_bit, to_srgb
from imu_imageprep.stages.decode.opening import in_plain_words

if TYPE_CHECKING:
    from imu_imageprep.stages.decode.opening import Picture

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


def render(picture: Picture, orientation: int, long_side: int) -> Frame:
    """Decode a picture's pixels.

    Args:
        picture: opened and within the limits.
        orientation: EXIF orientation 1..8, used where the format has no rotation of its own.
        long_side: the smallest sufficient long side, in pixels.

    Raises:
        InputProblem: damaged or cut off.
    """
    image = picture.image
    with in_plain_words():
        image.load()
        notes = _frames_note(picture)
        size = Size(*image.size) if picture.format is Format.TIFF else picture.size
        if picture.format in _TURNED_BY_DECODER:
            orientation = 1
        elif picture.format is Format.AVIF:
            # Pillow states the container's own rotation (irot, imir), which overrides EXIF, here.
            orientation = image.getexif().get(_ORIENTATION, 1)
        small = eight_bit(image)
        factor = max(small.size) // long_side
        if factor > 1:
            small = Image.Image.reduce(small, factor)  # Pillow's JPEG 2000 class hides the method
        # Reduced first: turning and converting a small picture costs a fraction.
        if orientation in _TURNS:
            small = small.transpose(_TURNS[orientation])
        rgb, profile_used = to_srgb(small, picture.profile)
    if picture.profile_broken or not profile_used:
        notes.append("its colour profile is broken and was ignored")
    upright = Size(size.height, size.width) if orientation in _SIDEWAYS else size
    return Frame(Size(*rgb.size), rgb.tobytes(), upright, tuple(notes))


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
