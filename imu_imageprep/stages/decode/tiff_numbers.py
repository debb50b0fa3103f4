"""TIFF: numbers that Pillow does not read, or reads wrongly.

Pillow and libtiff unpack the bytes; what they mean (planes, signs, fractions, depths, byte order)
is read here by TIFF 6.0, where Pillow takes it for something else or has no mode for it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image, TiffImagePlugin

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.stages.decode.kinds import cannot_read
from imu_imageprep.stages.decode.tiff import Tags, number, numbers, order_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imu_imageprep.stages.decode.tiff import Page

# Tags (TIFF 6.0; supplements 1 and 2).
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_FILL_ORDER, _STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES = 266, 273, 277, 278, 279
_PLANES, _PREDICTOR = 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_EXTRA, _KIND = 338, 339

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK = 0, 1, 2, 5
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_SEPARATE = 2
_PLAIN = 1  # no compression
_DEFLATE = frozenset({8, 32946})
_BY_DIFFERENCE, _BY_FLOAT = 2, 3  # predictors
_MOST_PARTS = 1_000_000  # strips or tiles

# Whether each byte is compressed alone, so that bytes come out as they went in (Pillow's names).
_BYTE_CODECS = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})
_PILLOW_READS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000})
_NAMES = {
    32661: "JBIG",
    9: "JBIG",
    10: "JBIG",
    32766: "NeXT run lengths",
    32809: "ThunderScan codes",
    32908: "Pixar's codes",
    32909: "Pixar's codes",
    34661: "JBIG",
    34676: "SGI's LogLuv colours",
    34677: "SGI's LogLuv colours",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34887: "LERC codes",
    34892: "a lossy JPEG of a camera",
    34927: "WebP",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
    22610: "JPEG XR",
    34934: "JPEG XR",
    34933: "PNG",
}
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _CMYK: 4}
_DEEP = 8  # bits; up to here Pillow's modes hold every number


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page's numbers lie.

    Attributes:
        width: pixels.
        height: pixels.
        bits: of each number.
        kind: unsigned, signed or floating-point.
        samples: numbers for each pixel.
        photometric: what they mean.
        separate: each of a pixel's numbers has a plane of its own.
        compression: of the bytes.
        predictor: what was taken away before they were compressed.
        extra: what numbers besides the colours mean.
        order: of bytes in a number.
    """

    width: int
    height: int
    bits: int
    kind: int
    samples: int
    photometric: int
    separate: bool
    compression: int
    predictor: int
    extra: tuple[int, ...]
    order: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


def layout_of(page: Page) -> Layout | None:
    """How the numbers lie, where Pillow does not read them soundly; None where it does.

    Raises:
        InputProblem: nobody here reads them.
    """
    tags = page.tags
    compression = int(number(tags, _COMPRESSION, 1))
    if compression not in _PILLOW_READS:
        name = _NAMES.get(compression, "codes of an unknown kind")
        raise InputProblem(*cannot_read(f"TIFF file with {name} inside"))
    bits, kinds = numbers(tags, _BITS) or (1,), numbers(tags, _KIND) or (1,)
    found = Layout(
        int(number(tags, _WIDTH)),
        int(number(tags, _HEIGHT)),
        bits[0],
        kinds[0] if kinds[0] in (_SIGNED, _FLOAT) else _UNSIGNED,
        int(number(tags, _SAMPLES, 1)),
        int(number(tags, _PHOTOMETRIC, 1)),
        number(tags, _PLANES, 1) == _SEPARATE and number(tags, _SAMPLES, 1) > 1,
        compression,
        int(number(tags, _PREDICTOR, 1)),
        numbers(tags, _EXTRA),
        order_of(page.data),
    )
    if len(set(bits)) > 1 or len(set(kinds)) > 1:
        # RGB of 5, 6 and 5 bits exists on paper; Pillow refuses it.
        return None
    lone_plane = number(tags, _PLANES, 1) == _SEPARATE and found.samples == 1
    if _sound_in_pillow(found) and not (lone_plane and found.bits > _DEEP):
        return None
    readable = found.photometric in _COLOURS and compression in _BYTE_CODECS
    whole = {_FLOAT: (16, 32, 64)}.get(found.kind, (*range(1, 17), 32))
    readable &= found.bits in whole
    readable &= found.predictor == 1 or found.bits in (8, 16, 32, 64)
    readable &= found.predictor in (1, _BY_DIFFERENCE) or found.kind == _FLOAT
    readable &= number(tags, _FILL_ORDER, 1) == 1
    readable &= _COLOURS.get(found.photometric, 0) <= found.samples <= 5  # noqa: PLR2004
    if not readable:
        raise InputProblem(*cannot_read(_kind(found)))
    return found


def _sound_in_pillow(found: Layout) -> bool:
    """Whether what Pillow makes of such numbers was seen to be right, or is a plain refusal."""
    if found.photometric not in _COLOURS:
        return found.kind == _UNSIGNED and found.bits <= _DEEP
    colours = _COLOURS[found.photometric]
    if found.kind != _UNSIGNED or found.bits not in (1, 2, 4, 8, 16):
        return False
    if found.bits in (2, 4):
        return colours == 1 and found.samples == 1 and found.photometric == _BLACK_IS_ZERO
    if found.bits == 16:  # noqa: PLR2004
        return (
            not found.separate
            and (colours > 1 or found.photometric == _BLACK_IS_ZERO)
            and (found.samples == colours or colours > 1)
        )
    if found.bits == 1:
        return found.samples == 1
    return not (found.separate and (colours == 1 or found.samples > colours))


def _kind(found: Layout) -> str:
    kind = {_SIGNED: " signed", _FLOAT: " floating-point"}.get(found.kind, "")
    return f"TIFF file with {found.bits}-bit{kind} numbers in a rare layout"


def read(page: Page, found: Layout) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in 8 bits a number, and notes.

    Raises:
        OSError, ValueError, MemoryError: damaged, or cut off.
    """
    import numpy as np  # noqa: PLC0415  (most pages do without)

    every = _samples(page, found)
    colours = _COLOURS[found.photometric]
    kept = colours + (1 if _alpha(found, colours) else 0)
    levels, notes = _levels(every[..., :kept], found)
    if found.photometric == _WHITE_IS_ZERO:
        levels[..., 0] = 255 - levels[..., 0]
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA", 5: "CMYK"}
    if found.photometric == _CMYK:
        picture = Image.fromarray(np.ascontiguousarray(levels[..., :4]), "CMYK")
    elif kept == 1:
        picture = Image.fromarray(levels[..., 0], "L")
    else:
        picture = Image.fromarray(np.ascontiguousarray(levels), mode[kept])
        if found.extra[:1] == (1,):  # colours were multiplied by the alpha
            picture = _divided(picture)
    return picture, notes


def _alpha(found: Layout, colours: int) -> bool:
    return found.samples > colours and found.extra[:1] in ((1,), (2,)) and colours < 4  # noqa: PLR2004


def _divided(picture: Image.Image) -> Image.Image:
    if picture.mode == "LA":
        return Image.merge("La", picture.split()).convert("LA")
    return Image.merge("RGBa", picture.split()).convert("RGBA")


def _levels(numbers: NDArray[Any], found: Layout) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Numbers as levels of 0 to 255."""
    import numpy as np  # noqa: PLC0415

    if found.kind == _UNSIGNED:
        low, high, sure = 0.0, float(2**found.bits - 1), True
        if found.bits == 32 and (top := int(numbers.max())) <= 65535:  # noqa: PLR2004
            # Measurements that use a small part of the numbers.
            high, sure = (255.0 if top <= 255 else 65535.0), False  # noqa: PLR2004
    else:
        low, high, sure = _span(numbers, found)
    out = np.empty(numbers.shape, np.uint8)
    scale = 255 / (high - low)
    for row in range(len(numbers)):  # row by row: the numbers between need eight bytes each
        line = (np.nan_to_num(numbers[row].astype(np.float64), nan=low) - low) * scale
        out[row] = np.clip(line + 0.5, 0, 255)
    notes = (
        ()
        if sure
        else ("its numbers do not say which are black and white; it may look different elsewhere",)
    )
    return out, notes


def _span(numbers: NDArray[Any], found: Layout) -> tuple[float, float, bool]:
    """The numbers that stand for black and white, and whether they are sure."""
    import numpy as np  # noqa: PLC0415

    finite = numbers[np.isfinite(numbers)] if found.kind == _FLOAT else numbers
    if not finite.size:
        return 0.0, 1.0, False
    low, high = float(finite.min()), float(finite.max())
    if found.kind == _FLOAT:
        if low >= 0 and high <= 1:
            return 0.0, 1.0, True
        if low >= -1 and high <= 2 and found.samples > 1:  # noqa: PLR2004  (a little beyond, as developers write)
            return 0.0, 1.0, False
        whites: tuple[float, ...] = (255.0, 65535.0)
    else:
        most = float(2 ** (found.bits - 1))
        if low < 0 and high - low > most / 2:  # the whole range is in use
            return -most, most - 1, False
        whites = tuple(white for white in (255.0, 65535.0, most - 1) if white <= max(most - 1, 255))
    if low >= 0 and high <= whites[-1]:
        return 0.0, next(white for white in whites if high <= white), False
    # Measurements without a known white: the full range, as scientific viewers show them.
    return low, (high if high > low else low + 1), False


def _samples(page: Page, found: Layout) -> NDArray[Any]:
    """Every number, by row, column and place in the pixel."""
    import numpy as np  # noqa: PLC0415

    if not found.separate:
        return _plane(page, found, found.samples, 0)
    planes = [_plane(page, found, 1, number) for number in range(found.samples)]
    return np.concatenate(planes, axis=2)


def _plane(page: Page, found: Layout, samples: int, plane: int) -> NDArray[Any]:
    """The numbers of one plane, or of all planes where they lie together.

    Raises:
        EOFError, OSError, ValueError, zlib.error: parts are damaged, missing or cut off.
    """
    import numpy as np  # noqa: PLC0415

    tiled = _TILES in page.tags
    tile_width, tile_height = (
        (int(number(page.tags, tag)) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
        if tiled
        else (
            found.width,
            min(int(number(page.tags, _ROWS, 2**32 - 1)) or 2**32 - 1, found.height),
        )
    )
    across = -(-found.width // tile_width)
    down = -(-found.height // tile_height)
    parts = across * down
    if not 0 < parts <= _MOST_PARTS:
        raise ValueError("too many parts")
    row_bits = tile_width * samples * found.bits
    row_bytes = -(-row_bits // 8)
    places = numbers(page.tags, _TILES if tiled else _STRIPS)[plane * parts : (plane + 1) * parts]
    sizes = numbers(page.tags, _TILE_BYTES if tiled else _STRIP_BYTES)
    sizes = sizes[plane * parts : (plane + 1) * parts]
    if found.compression == _PLAIN and len(sizes) != parts:
        rows = [min(tile_height, found.height - y * tile_height) for y in range(down)]
        sizes = tuple(
            row_bytes * (tile_height if tiled else r) for r in rows for _ in range(across)
        )
    if len(places) != parts or len(sizes) != parts:
        raise EOFError("parts of the picture are missing")
    heights = [
        tile_height if tiled else min(tile_height, found.height - y * tile_height)
        for y in range(down)
        for _ in range(across)
    ]
    raw = np.zeros((parts, tile_height, row_bytes), np.uint8)
    for part, (place, size, high) in enumerate(zip(places, sizes, heights, strict=True)):
        stored = page.data[place : place + size]
        plain = _unpacked(stored, found.compression, row_bytes, high)
        if len(plain) < high * row_bytes:
            raise EOFError("a part is cut off")
        flat = np.frombuffer(plain, np.uint8, high * row_bytes)
        raw[part, :high] = flat.reshape(high, row_bytes)
    values = _values(raw, found, tile_width, samples)
    whole = values.reshape(down, across, tile_height, tile_width, samples).swapaxes(1, 2)
    whole = whole.reshape(down * tile_height, across * tile_width, samples)
    return whole[: found.height, : found.width]


def _unpacked(stored: bytes, compression: int, row_bytes: int, rows: int) -> bytes:
    """The bytes of one strip or tile.

    Raises:
        OSError, ValueError, zlib.error: it is damaged.
    """
    if compression == _PLAIN:
        return stored
    if compression in _DEFLATE:
        return zlib.decompressobj().decompress(stored, rows * row_bytes)
    # A page of its own, whose pixels are the bytes: what they mean does not matter to libtiff.
    tags = Tags(b"II*\0\0\0\0\0")
    for tag, value in (
        (_WIDTH, row_bytes), (_HEIGHT, rows), (_BITS, 8), (_COMPRESSION, compression),
        (_PHOTOMETRIC, _BLACK_IS_ZERO), (_STRIPS, 0), (_SAMPLES, 1), (_ROWS, rows),
        (_STRIP_BYTES, len(stored)),
    ):  # fmt: skip
        tags[tag] = value
    # Pillow counts the strip's place from where the tags end.
    file = b"II*\0\x08\0\0\0" + tags.tobytes(8) + stored
    with TiffImagePlugin.TiffImageFile(BytesIO(file)) as image:
        return image.tobytes()


def _values(raw: NDArray[np.uint8], found: Layout, width: int, samples: int) -> NDArray[Any]:
    """Rows of bytes as rows of pixels of numbers."""
    import numpy as np  # noqa: PLC0415

    parts, rows, _ = raw.shape
    size = found.bits // 8
    if found.bits % 8 or size not in (1, 2, 4, 8):
        return _packed(raw, found, width, samples)
    shape = (parts, rows, width, samples)
    kind = {_UNSIGNED: "u", _SIGNED: "i", _FLOAT: "f"}[found.kind]
    if found.predictor == _BY_FLOAT:
        # Adobe's: the bytes of a row's numbers by rank, highest first, each less the one before.
        bytes_ = raw.reshape(parts, rows, -1, samples)
        np.cumsum(bytes_, axis=2, dtype=np.uint8, out=bytes_)
        ranks = bytes_.reshape(parts, rows, size, width * samples)
        joined = np.ascontiguousarray(ranks.swapaxes(2, 3))
        return joined.view(f">{kind}{size}").reshape(shape)
    numbers = raw.view(f"{found.order}u{size}").reshape(shape).astype(f"u{size}", copy=False)
    if found.predictor == _BY_DIFFERENCE:
        numbers = np.cumsum(numbers, axis=2, dtype=numbers.dtype)
    return numbers.view(f"{kind}{size}")


def _packed(raw: NDArray[np.uint8], found: Layout, width: int, samples: int) -> NDArray[Any]:
    """Numbers of up to 16 bits that follow each other without a gap, highest bit first."""
    import numpy as np  # noqa: PLC0415

    parts, rows, _ = raw.shape
    count = width * samples
    out = np.empty((parts, rows, count), np.uint16)
    weights = (1 << np.arange(found.bits - 1, -1, -1)).astype(np.uint32)
    for part in range(parts):
        for row in range(rows):
            bits = np.unpackbits(raw[part, row], count=count * found.bits)
            out[part, row] = bits.reshape(count, found.bits) @ weights
    whole = out.reshape(parts, rows, width, samples)
    if found.kind == _SIGNED:
        shift = 16 - found.bits
        return (whole << shift).view(np.int16) >> shift
    return whole
