"""The logo: only the very file that was approved, and only on official pages."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.policy import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imu_imageprep.domain.policy import Policy

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
        reason = (getattr(problem, "strerror", None) or "no such name").lower()
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
