"""Made-up logos of many shapes and colours, for tests and for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from imu_imageprep import assets

if TYPE_CHECKING:
    from collections.abc import Callable

    Colour = tuple[int, int, int]

RED, BLUE, GOLD, WHITE, INK = (200, 30, 45), (20, 60, 140), (235, 175, 40), (255,) * 3, (20,) * 3


def _letters(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(assets.root() / "watermark" / "Inter-SemiBold.otf"), size)


def wordmark(colour: Colour = BLUE, width: int = 900) -> Image.Image:
    """A name in one colour, nothing behind it."""
    logo = Image.new("RGBA", (width, width // 3))
    draw = ImageDraw.Draw(logo)
    draw.text((width // 2, width // 6), "STUDIO", (*colour, 255), _letters(width // 5), anchor="mm")
    draw.line((width // 10, width * 0.29, width * 0.9, width * 0.29), (*colour, 255), width // 60)
    return logo


def seal(outer: Colour = RED, inner: Colour = WHITE, side: int = 700) -> Image.Image:
    """A round badge in two colours."""
    logo = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(logo)
    draw.ellipse((0, 0, side - 1, side - 1), (*outer, 255))
    ring = side // 9
    draw.ellipse(
        (ring, ring, side - ring, side - ring), outline=(*inner, 255), width=max(1, side // 40)
    )
    draw.text((side // 2, side // 2), "S", (*inner, 255), _letters(side // 2), anchor="mm")
    return logo


def emblem(side: int = 600) -> Image.Image:
    """A sign in three colours beside a name, on nothing."""
    logo = Image.new("RGBA", (side * 2, side))
    draw = ImageDraw.Draw(logo)
    draw.polygon([(40, side - 40), (side // 2, 40), (side - 40, side - 40)], (*GOLD, 255))
    draw.ellipse((side * 0.35, side * 0.45, side * 0.65, side * 0.75), (*RED, 255))
    draw.text((side, side // 2), "Atlas", (*INK, 255), _letters(side // 3), anchor="lm")
    return logo


def card(side: int = 500) -> Image.Image:
    """Opaque: it brings a ground of its own."""
    logo = Image.new("RGBA", (side * 2, side), (*WHITE, 255))
    ImageDraw.Draw(logo).text(
        (side, side // 2), "CARD", (*BLUE, 255), _letters(side // 2), anchor="mm"
    )
    return logo


LOGOS: dict[str, Callable[[], Image.Image]] = {
    "dark name": wordmark,
    "white name": lambda: wordmark(WHITE),
    "grey name": lambda: wordmark((128, 128, 128)),
    "badge": seal,
    "white badge": lambda: seal(WHITE, BLUE),
    "emblem": emblem,
    "card": card,
    "long": lambda: wordmark(INK).resize((1800, 120)),
    "tall": lambda: seal().resize((160, 800)),
    "tiny": lambda: seal(side=24),
}
