"""Draw the scenes that no photograph was needed for."""

import math

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _hills(draw: ImageDraw.ImageDraw, width: int, height: int, near: Colour, far: Colour) -> None:
    """Draw five ridges, the nearest lowest and in the `near` colour."""
    for ridge in range(5):
        top = height * (0.52 + 0.1 * ridge)
        points = [
            (
                x,
                top
                - height * 0.05 * math.sin(x / width * (7 - ridge) + 1.9 * ridge)
                - height * 0.018 * math.sin(x / width * (23 - 3 * ridge) + 4.1 * ridge),
            )
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([*points, (width, height), (0, height)], fill=_mix(far, near, ridge / 4))


def _sky(width: int, height: int) -> Image.Image:
    canvas = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(canvas)
    for y in range(height):
        shade = _mix((60, 150, 240), (214, 240, 250), min(1.0, y / 1000))
        draw.line((0, y, width, y), fill=shade)
    return canvas


def _fir(draw: ImageDraw.ImageDraw, x: float, foot: float, height: float, colour: Colour) -> None:
    for tier in range(4):
        half = height * (0.16 + 0.09 * tier)
        top = foot - height * (1 - 0.2 * tier)
        edge = top + height * 0.34
        draw.polygon([(x, top), (x - half, edge), (x + half, edge)], fill=colour)
    trunk = (x - height * 0.03, foot - height * 0.1, x + height * 0.03, foot)
    draw.rectangle(trunk, fill=_mix(colour, (0, 0, 0), 0.4))


def _forest(
    draw: ImageDraw.ImageDraw, width: int, *, foot: float, height: float, step: int, colour: Colour
) -> None:
    """Draw a row of firs of varying size; the variation is a fixed sequence, not a chance one."""
    for index, x in enumerate(range(-20, width + 60, step)):
        vary = index * 0.618034 % 1  # the golden ratio spreads evenly and never repeats
        ground = foot + 40 * math.sin(x / 400)
        shade = _mix(colour, (0, 0, 0), 0.15 * vary)
        _fir(draw, x + vary * step / 2, ground, height * (0.7 + 0.6 * vary), shade)


def hall() -> Image.Image:
    """Draw a campus building among firs."""
    width, height = 2400, 1600  # twice the final size: reducing smooths the edges
    canvas = _sky(width, height)
    draw = ImageDraw.Draw(canvas)
    _hills(draw, width, height, near=(60, 130, 90), far=(130, 190, 170))
    draw.rectangle((0, 1300, width, height), fill=(90, 150, 70))
    _forest(draw, width, foot=1340, height=330, step=110, colour=(44, 108, 72))
    left, top, long, tall = 620, 800, 1160, 540
    roof: Colour = (80, 50, 60)
    draw.rectangle((left, top, left + long, top + tall), fill=(170, 110, 90))
    ridge = (left + long / 2, top - tall * 0.45)
    draw.polygon([(left - 30, top), (left + long + 30, top), ridge], fill=roof)
    for floor in range(3):
        for bay in range(9):
            x, y = left + long * (bay + 0.28) / 9, top + tall * (0.1 + 0.3 * floor)
            door = floor == 2 and bay == 4
            bottom = top + tall if door else y + tall * 0.18
            fill = _mix(roof, (0, 0, 0), 0.4) if door else (70, 90, 120)
            draw.rectangle((x, y, x + long * 0.44 / 9, bottom), fill=fill)
    draw.polygon([(1140, 1340), (1260, 1340), (1500, height), (900, height)], fill=(150, 130, 110))
    for x, foot, tree in ((120, 1440, 620), (400, 1400, 440), (1980, 1400, 480), (2260, 1450, 680)):
        _fir(draw, x, foot, tree, (16, 80, 40))
    _forest(draw, width, foot=1640, height=300, step=100, colour=(11, 56, 28))
    return canvas.resize((1200, 800), Image.Resampling.LANCZOS)


def balloons() -> Image.Image:
    """Draw hot-air balloons in Display P3 numbers; many of the colours lie outside sRGB."""
    width, height = 2400, 1600
    canvas = _sky(width, height)
    draw = ImageDraw.Draw(canvas)
    _hills(draw, width, height, near=(20, 110, 40), far=(130, 190, 170))
    colours: list[tuple[Colour, Colour]] = [
        ((255, 0, 40), (255, 214, 0)),
        ((0, 220, 60), (250, 250, 250)),
        ((255, 120, 0), (120, 0, 220)),
    ]
    places = [(620, 480, 330), (1420, 340, 230), (1960, 660, 170)]
    for (gore, stripe), (x, y, radius) in zip(colours, places, strict=True):
        basket = (x - radius * 0.16, y + radius * 1.72, x + radius * 0.16, y + radius * 1.98)
        for side in (-1, 1):
            draw.line(
                (x + side * radius * 0.5, y + radius * 0.8, x + side * radius * 0.14, basket[1]),
                fill=(90, 70, 50),
                width=max(4, radius // 40),
            )
        draw.rectangle(basket, fill=(120, 76, 36))
        for index, share in enumerate((1.0, 0.72, 0.43, 0.15)):
            left, right = x - radius * share, x + radius * share
            fill = stripe if index % 2 else gore
            draw.ellipse((left, y - radius, right, y + radius), fill=fill)
            skirt = [(left, y), (right, y), (x + radius * 0.25 * share, y + radius * 1.4)]
            draw.polygon([*skirt, (x - radius * 0.25 * share, y + radius * 1.4)], fill=fill)
    _forest(draw, width, foot=1250, height=200, step=80, colour=(30, 120, 60))
    _forest(draw, width, foot=1530, height=300, step=110, colour=(10, 70, 30))
    return canvas.resize((1200, 800), Image.Resampling.LANCZOS)
