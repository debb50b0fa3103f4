"""The logo: only the very file that was approved, at its size, alone or with the mark's text."""

from __future__ import annotations

import functools
import hashlib
import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image, ImageCms

from imu_imageprep import atomic
from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.policy import Profile
from imu_imageprep.stages.watermark.lettering import Block, set_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.stages.watermark.wording import Line

_MOST_BYTES = 10_000_000
# 8 bytes for each pixel while it is scaled: 200 MB.
_MOST_PIXELS = 25_000_000
# Alpha that nobody sees, at the edge of what was meant to be transparent.
_INVISIBLE = 8

_ADVICE = "Ask Marketing for the logo as a PNG file with a transparent ground."


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """A logo, without the transparent edge around it.

    Attributes:
        rgba: read-only uint8 sRGB with straight alpha, shape (height, width, 4).
        sha256: of its file, in hex.
    """

    rgba: NDArray[np.uint8]
    sha256: str


def approved_logo(policy: Policy) -> Logo | None:
    """The policy's logo; None where it has none.

    The file is read each time, and what is drawn is what was compared with the list.

    Raises:
        PolicyProblem: the file is missing, not listed in ``official.logo_sha256``, no PNG or WebP
            picture, animated, empty, or too large.
    """
    if not policy.watermark.logo:
        return None
    # The policy refuses this too, when it is made; whoever draws asks again.
    if policy.profile is not Profile.OFFICIAL:
        raise PolicyProblem("A personal page must not carry a logo (watermark.logo).")
    data = _read(Path(policy.watermark.logo))
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 not in policy.official.logo_sha256:
        raise PolicyProblem(
            f"The logo (watermark.logo) is not an approved one: its sha256 is {sha256}.",
            "Ask Marketing, who approve logos, whether this file is theirs; if it is, add its "
            "sha256 to official.logo_sha256.",
        )
    return _decoded(data, sha256)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = atomic.reason(problem, "no such name")
        raise PolicyProblem(
            f"The logo (watermark.logo) could not be read ({reason}).",
            "Its path is relative to the configuration file that names it.",
        ) from None
    if len(data) > _MOST_BYTES:
        raise PolicyProblem("The logo (watermark.logo) has more than 10 MB.", _ADVICE)
    return data


@functools.lru_cache(maxsize=2)
def _decoded(data: bytes, sha256: str) -> Logo:
    from PIL import PngImagePlugin, WebPImagePlugin  # noqa: PLC0415  (only a logo needs them)

    plugin: Callable[[BytesIO], Image.Image]
    if data.startswith(b"\x89PNG"):
        plugin = PngImagePlugin.PngImageFile
    elif data[8:12] == b"WEBP":
        plugin = WebPImagePlugin.WebPImageFile
    else:
        raise PolicyProblem("The logo (watermark.logo) is not a PNG or WebP picture.", _ADVICE)
    try:
        image = plugin(BytesIO(data))
        if image.width * image.height > _MOST_PIXELS:
            raise PolicyProblem(
                "The logo (watermark.logo) has more than 25 million pixels.", _ADVICE
            )
        if getattr(image, "n_frames", 1) > 1:
            raise PolicyProblem("The logo (watermark.logo) is animated.", _ADVICE)
        profile = image.info.get("icc_profile")
        rgba = _srgb(_eight_bit(image), profile)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise PolicyProblem("The logo (watermark.logo) is damaged.", _ADVICE) from None
    seen = rgba.getchannel("A").point(lambda alpha: 255 * (alpha > _INVISIBLE)).getbbox()
    if seen is None:
        raise PolicyProblem("The logo (watermark.logo) is empty: all of it is transparent.")
    pixels = np.array(rgba.crop(seen))
    pixels.setflags(write=False)
    return Logo(pixels, sha256)


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bit grey
        levels = np.asarray(image, dtype=np.uint32) >> 8
        return Image.fromarray(levels.astype(np.uint8)).convert("RGBA")
    return image.convert("RGBA")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, by relative colorimetric intent: a brand's colours stay exact."""
    if not profile:
        return image
    rgb = image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        converted = ImageCms.profileToProfile(rgb, source, target, intent)
    except (ImageCms.PyCMSError, OSError):
        return image  # grey or broken profile: taken for sRGB
    assert converted is not None
    converted.putalpha(image.getchannel("A"))
    return converted


# A logo's area in square ems: wide and tall ones look equally large. Its longest side in ems.
_AREA, _LONGEST = 13.0, 14.0

# A logo with a side smaller than this many pixels says nothing any more.
SMALLEST_LOGO = 12

# Free edge around a logo, which its plate fills where it needs one, in ems; at least 2 pixels.
_EDGE = 0.3

# Between logo and text, in ems.
_GAP = 0.45

# Lines of text beside a logo, at most.
_LINES_BESIDE = 2

# Text beside a logo may be set this much smaller before it goes below it.
_EASY_SHRINK = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A logo at its size.

    Attributes:
        rgba: read-only uint8 sRGB with straight alpha, shape (height, width, 4).
        edge: free edge on each side in pixels, which belongs to it.
        em: the size of the letters that go with it, in pixels.
    """

    rgba: NDArray[np.uint8]
    edge: int
    em: int

    @property
    def width(self) -> int:
        """Width with the edge, in pixels."""
        return int(self.rgba.shape[1]) + 2 * self.edge

    @property
    def height(self) -> int:
        """Height with the edge, in pixels."""
        return int(self.rgba.shape[0]) + 2 * self.edge


@dataclass(frozen=True, slots=True, eq=False)
class Lockup:
    """Logo and text as one: each with its left top corner in pixels."""

    stamp: tuple[Stamp, int, int]
    block: tuple[Block, int, int]
    width: int
    height: int

    @property
    def em(self) -> int:
        """The size of the letters in pixels."""
        return self.block[0].em


Mark: TypeAlias = Block | Stamp | Lockup


def set_mark(
    text: Line, logo: Logo | None, em: int, width: int, *, most_lines: int, align: float
) -> Mark | None:
    """Set a mark into at most ``width`` pixels: logo, text, or the text beside or below the logo.

    Args:
        text: the text; may be empty.
        logo: the logo; None for text alone.
        em: wanted letter size in pixels; the logo's goes with it.
        width: room in pixels.
        most_lines: how many lines the text may take.
        align: 0 for left, 0.5 for centred, 1 for right.

    Returns:
        The mark, or None where it does not fit.
    """
    if logo is None:
        return set_text(text, em, width, most_lines=most_lines, align=align) if text else None
    stamp = _stamp(logo, em, width)
    if stamp is None or not text:
        return stamp
    gap = round(em * _GAP)
    room = width - stamp.width - gap
    lines = min(most_lines, _LINES_BESIDE)
    block = set_text(text, em, room, most_lines=lines, align=0) if room > 0 else None
    if block is not None and block.em >= em * _EASY_SHRINK:
        high = max(stamp.height, block.height)
        return Lockup(
            (stamp, 0, (high - stamp.height) // 2),
            (block, stamp.width + gap, (high - block.height) // 2),
            stamp.width + gap + block.width,
            high,
        )
    block = set_text(text, em, width, most_lines=most_lines, align=align)
    if block is None:
        return None
    wide = max(stamp.width, block.width)
    below = stamp.height + gap // 2
    return Lockup(
        (stamp, round((wide - stamp.width) * align), 0),
        (block, round((wide - block.width) * align), below),
        wide,
        below + block.height,
    )


@functools.lru_cache(maxsize=64)
def _stamp(logo: Logo, em: int, width: int) -> Stamp | None:
    """The logo scaled down to its size beside letters of a size; never enlarged."""
    edge = max(2, round(em * _EDGE))
    high, wide = logo.rgba.shape[:2]
    wanted = min(em * math.sqrt(_AREA / (wide * high)), em * _LONGEST / max(wide, high))
    least = SMALLEST_LOGO / min(wide, high)
    scale = min(1.0, max(wanted, least), (width - 2 * edge) / wide)
    size = (round(wide * scale), round(high * scale))
    if min(size) < min(SMALLEST_LOGO, wide, high) or min(size) < 1:
        return None
    # Pillow weighs colours by their alpha, so that no dark seam appears.
    small = Image.fromarray(logo.rgba).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    rgba = np.array(small)
    rgba.setflags(write=False)
    return Stamp(rgba, edge, em)
