"""Open a picture: read its header, check the limits, prepare the scale; no pixels yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image, JpegImagePlugin, PngImagePlugin

from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem
from imu_imageprep.domain.photo import Format, Size
from imu_imageprep.stages.decode.profiles import profile_in, readable_codes, readable_space
from imu_imageprep.stages.decode.strip import Canvas, StrippedPng, strip_jpeg, strip_png
from imu_imageprep.stages.decode.trouble import in_plain_words, named

if TYPE_CHECKING:
    from imu_imageprep.domain.policy import Limits

# The plugin of the format found, and no other: Image.open would try formats that start programs
# (EPS runs Ghostscript), would open a JPEG with a second picture as MPO, and checks the size
# against a limit of its own that belongs to the whole process. Those named here are loaded when a
# file needs them: 5 CPU ms that most photos do not.
_PLUGINS = {
    Format.WEBP: "WebP",
    Format.AVIF: "Avif",
    Format.TIFF: "Tiff",
    Format.GIF: "Gif",
    Format.BMP: "Bmp",
    Format.JPEG2000: "Jpeg2K",
}
_CROP = "it states a crop that does not fit it; programs may show more or less of it"
_NOT_SQUARE = "its pixels are not square; it is shown as it is stored"
_NO_END = "its end marker is missing; the whole picture is there"
_END, _SCAN = b"\xff\xd9", b"\xff\xda"  # JPEG's markers EOI and SOS
_COUNTED = frozenset({Format.WEBP, Format.AVIF})  # their headers state the number of frames

_COSTLY_MEGAPIXELS = 50  # held in memory at once; more is decoded in a process of its own
_COSTLY_SCANS = 100  # a progressive JPEG has about 10; thousands of passes would take minutes
_JPEG2000_PIXELS = 16_000_000  # its decoder holds about 19 bytes for each


class _Sized(Protocol):
    @property
    def size(self) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture whose header was read and found to be within the limits.

    Attributes:
        image: opened, not loaded; a JPEG is set to its reduced scale.
        format: the real format.
        size: size of the stored picture in pixels, before any reduction or turning.
        costly: it needs much memory or time, and is better decoded in a process of its own.
        frames: how many pictures the file says it holds; None where only counting would tell.
        profile: the embedded colour profile.
        profile_broken: there was a colour profile that could not be unpacked.
        low: the same picture again, opened to give the lower bytes of 16-bit colours.
        data: what the decoder reads, where it may be asked again.
        crop: the part that is shown: left, top, right, bottom.
        canvas: size of what is shown, and where the picture lies in it.
        turn: EXIF orientation that a decoder of an upright format left to be applied.
        notes: what a person should know.
    """

    image: Image.Image
    format: Format
    size: Size
    costly: bool
    frames: int | None
    profile: bytes | None
    profile_broken: bool = False
    low: Image.Image | None = None
    data: bytes = field(default=b"", repr=False)
    crop: tuple[int, int, int, int] | None = None
    canvas: Canvas | None = None
    turn: int = 1
    notes: tuple[str, ...] = ()


def open_picture(data: bytes, form: Format, long_side: int, limits: Limits) -> Picture:
    """Read a picture's header and check its size.

    Args:
        data: the whole file.
        form: its real format.
        long_side: the smallest sufficient long side, in pixels; sets the scale of a JPEG.
        limits: the largest pictures, in megapixels.

    Raises:
        InputProblem: damaged, cut off, larger than the limits, or of a kind that cannot be read.
    """
    with named(data, form):
        return _opened(data, form, long_side, limits)


def _opened(data: bytes, form: Format, long_side: int, limits: Limits) -> Picture:
    if form is Format.HEIF:
        return _open_heif(data, limits)
    if form is Format.PNG:
        return replace(_open_png(strip_png(data), limits), data=data)
    if form is Format.JPEG:
        return _open_jpeg(strip_jpeg(data), long_side, limits)
    if form is Format.TIFF:
        return _open_tiff(data, limits)
    readable = readable_space(data) if form is Format.JPEG2000 else data
    with in_plain_words():
        image = _plugin(form)(BytesIO(readable))
    size = _checked(image, limits, whole=True)
    if form is Format.JPEG2000:
        image.reduce = _resolutions_to_skip(data, size, long_side)
    frames = getattr(image, "n_frames", 1) if form in _COUNTED else None
    crop, canvas = _first_frame(image) if form is Format.GIF else (None, None)
    notes: tuple[str, ...] = ()
    if form is Format.AVIF:
        crop, notes = _shape(data, size)
    return Picture(
        image,
        form,
        size,
        _costly(size),
        frames,
        _profile_of(image) or profile_in(data, form),
        data=data,
        crop=crop,
        canvas=canvas,
        notes=notes,
    )


def _first_frame(image: Image.Image) -> tuple[tuple[int, int, int, int] | None, Canvas | None]:
    """Where a GIF's first frame lies; around it nothing is drawn, whatever Pillow fills in."""
    (tile,) = getattr(image, "tile", None) or [None]
    if tile is None or tile.extents in (None, (0, 0, *image.size)):
        return None, None
    return tile.extents, Canvas(Size(*image.size), tile.extents[:2])


def _shape(
    data: bytes, size: Size, *, cropped: bool = False
) -> tuple[tuple[int, int, int, int] | None, tuple[str, ...]]:
    """The part of an AVIF or HEIF picture that is shown, and notes; ``cropped`` by its decoder."""
    from imu_imageprep.stages.decode.heif import shape_of  # noqa: PLC0415  (for these two alone)

    shape = shape_of(data, *size)
    notes = (_CROP,) if shape.crop_broken and not cropped else ()
    return shape.crop, notes if shape.square else (*notes, _NOT_SQUARE)


def _open_tiff(data: bytes, limits: Limits) -> Picture:
    # On demand, like Pillow's plugins.
    from imu_imageprep.stages.decode.tiff import choose_page, orientation_of, profile_of  # noqa: PLC0415
    from imu_imageprep.stages.decode.tiff_numbers import layout_of, read  # noqa: PLC0415

    with in_plain_words():
        page = choose_page(data)
        layout = layout_of(page)
    if layout is None:
        with in_plain_words():
            image = _plugin(Format.TIFF)(BytesIO(page.data))
        size, profile = _checked(image, limits, whole=True), _profile_of(image)
        turn, page_notes = 1, page.notes  # Pillow turns it
    else:
        size = _checked(layout, limits, whole=True)
        profile = profile_of(page)
        with in_plain_words():
            image, notes = read(page, layout)
        turn, page_notes = orientation_of(page), (*page.notes, *notes)
    return Picture(
        image,
        Format.TIFF,
        size,
        _costly(size),
        page.pages,
        profile,
        data=data,
        turn=turn,
        notes=page_notes,
    )


def _plugin(form: Format) -> Any:
    name = _PLUGINS[form]
    module: Any = import_module(f"PIL.{name}ImagePlugin")
    if form is Format.AVIF:
        module.DEFAULT_MAX_THREADS = 1  # photos run in parallel, not parts of one
    return getattr(module, f"{name}ImageFile")


def lacks_end(picture: Picture) -> bool:
    """Whether a JPEG has no end marker after its picture data, whatever else follows."""
    return picture.format is Format.JPEG and _lacks_end(picture.data)


def _lacks_end(data: bytes) -> bool:
    # From the end of the file, where nearly every photo has it.
    return data.rfind(_END, max(0, data.find(_SCAN))) < 0


def open_with_end(picture: Picture, long_side: int) -> Picture | None:
    """A JPEG with an end marker in place of what follows it; None where more is missing.

    Args:
        picture: opened; its size was checked.
        long_side: the smallest sufficient long side, in pixels.
    """
    from imu_imageprep.stages.decode.jpeg_end import with_end  # noqa: PLC0415  (few lack theirs)

    suits = picture.format is Format.JPEG and (picture.costly or not _costly(picture.size))
    whole = with_end(picture.data) if suits else None
    if whole is None:
        return None
    image = JpegImagePlugin.JpegImageFile(BytesIO(whole))
    _set_scale(image, long_side)
    return replace(picture, image=image, notes=(_NO_END,))


def _open_jpeg(data: bytes, long_side: int, limits: Limits) -> Picture:
    with in_plain_words():
        image = JpegImagePlugin.JpegImageFile(BytesIO(data))
        whole, many_scans = _decodes_whole(image, data)
    size = _checked(image, limits, whole=whole)
    _set_scale(image, long_side)
    held = size if whole else _checked(image, limits, whole=True)
    # Without its end marker it is decoded several times, at its full size.
    costly = many_scans or _costly(held) or (_costly(size) and _lacks_end(data))
    return Picture(image, Format.JPEG, size, costly, 1, _profile_of(image), data=data)


def _open_png(png: StrippedPng, limits: Limits) -> Picture:
    with in_plain_words():
        image = PngImagePlugin.PngImageFile(BytesIO(png.data))
        low = _lower_bytes(png, image)
    size = _checked(png.canvas or image, limits, whole=True)
    return Picture(
        image,
        Format.PNG,
        size,
        _costly(size),
        png.frames,
        png.profile,
        png.profile_broken,
        low,
        canvas=png.canvas,
    )


def _lower_bytes(png: StrippedPng, image: PngImagePlugin.PngImageFile) -> Image.Image | None:
    """The lower bytes of 16-bit colours, of which Pillow hands out the upper ones alone."""
    # Read as numbers whose lower byte comes first, the other byte is taken for the upper one.
    raw = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
    if [tile.args for tile in image.tile] not in [[mode] for mode in raw]:
        return None
    low = PngImagePlugin.PngImageFile(BytesIO(png.data))
    low.tile = [tile._replace(args=raw[str(tile.args)]) for tile in low.tile]
    return low


def _open_heif(data: bytes, limits: Limits) -> Picture:
    import pi_heif  # noqa: PLC0415  (30 ms that only HEIF needs)

    with in_plain_words():
        pi_heif.options.DECODE_THREADS = 1
        heif = pi_heif.open_heif(BytesIO(readable_codes(data)), convert_hdr_to_8bit=True)
        size = _checked(heif, limits, whole=True)
        profile = heif.info.get("icc_profile")
        image = heif.to_pillow()
    _, notes = _shape(data, size, cropped=True)
    return Picture(
        image,
        Format.HEIF,
        size,
        costly=True,
        frames=len(heif),
        profile=profile,
        notes=notes,
        data=data,
    )


def _profile_of(image: Image.Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile else None


def _decodes_whole(image: JpegImagePlugin.JpegImageFile, data: bytes) -> tuple[bool, bool]:
    """Whether the decoder must hold all coefficients, and whether it passes over them too often.

    It must for a progressive JPEG and for a sequential one whose components come in several scans.
    """
    assert image.fp is not None
    scan = data.rfind(b"\xff\xda", 0, image.fp.tell())  # the header stops after the first scan's
    components_in_scan = data[scan + 4]
    whole = "progressive" in image.info or components_in_scan < image.layers
    return whole, whole and data.count(b"\xff\xda") > _COSTLY_SCANS


def _set_scale(image: JpegImagePlugin.JpegImageFile, long_side: int) -> None:
    """Let the decoder reduce by 2, 4 or 8, as far as the long side stays sufficient."""
    wanted = max(image.size) // long_side
    scale = next(s for s in (8, 4, 2, 1) if s <= max(1, wanted))
    if scale > 1:
        # The box has the photo's own aspect: draft() scales by the smaller of the two ratios.
        image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))


def _checked(image: _Sized, limits: Limits, *, whole: bool) -> Size:
    """The size that a header states, if it is within the limits."""
    size = Size(*image.size)
    if min(size) < 1:
        raise InputProblem("The picture says that it has no pixels.", SAVE_AGAIN)
    limit = limits.megapixels_whole if whole else limits.megapixels
    megapixels = size.width * size.height / 1e6
    if megapixels > limit:
        raise InputProblem(
            f"The picture has {megapixels:.0f} megapixels, more than the limit of {limit:g} for its"
            " kind.",
            "Save it smaller, or raise limits.megapixels in the configuration.",
        )
    return size


def _costly(size: Size) -> bool:
    return size.width * size.height > _COSTLY_MEGAPIXELS * 1e6


def _resolutions_to_skip(data: bytes, size: Size, long_side: int) -> int:
    """How many of a large JPEG 2000 picture's resolutions are left undecoded: each one halves it.

    Without this a file of one kilobyte makes its decoder hold gigabytes. A picture of ordinary size
    decodes whole: averaging its pixels is more faithful than the wavelets' own reduction.
    """
    coding_style = data.find(b"\xff\x52")  # the COD marker segment, ITU-T T.800, A.6.1
    there = data[coding_style + 9] if 0 <= coding_style < len(data) - 9 else 0
    sufficient = (max(size) // long_side).bit_length() - 1
    excess = math.ceil(math.log2(max(1, size.width * size.height / _JPEG2000_PIXELS)) / 2)
    return max(0, min(there, sufficient, excess))
