"""Draw watermarks and covered areas on many grounds, for people to look at.

python tools/contact_sheet.py OUT_FOLDER [PHOTO ...]

The grounds are generated; photos named on the command line are used besides them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from sample_logos import LOGOS, emblem, seal, wordmark

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import DEFAULT_SIZE, Position, WatermarkRules
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.redact import redact
from imu_imageprep.stages.watermark import Logo, watermark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MARK = "© 2026 Tan Mei Ling"
LONG = "© 2026 Puan Sri Dr. Nur Aisyah Siti Khadijah binti Abdul Rahman, Faculty of Medicine"
CREDIT = "Photo: Nguyễn Thị Ánh Tuyết, CC BY 4.0"
NAMES = {
    "Chinese": "© 2026 陈美玲",
    "Latin and Chinese": "© 2026 Tan Mei Ling 陈美玲",
    "Tamil": "© 2026 செல்வி சுப்பிரமணியம்",
    "Latin and Tamil": "© 2026 Selvi A/P Muthu · செல்வி முத்து",
    "Jawi": "© 2026 نور عائشة بنت عبدالله",
    "Latin and Jawi": "© 2026 Nur Aisyah · نور عائشة",
    "Jawi letters": "© 2026 چڠکو ڤݢاوي ڽاڽي",
    "all": "© 2026 IMU 陈美玲 செல்வி نور عائشة",
}
LONG_CREDIT = "Photo: J. B. Rasmussen-Śliwiński, Public Health Image Library, via Wikimedia Commons"


def gradient(size: Size) -> Image.Image:
    """A sky over ground with soft shapes, as photos often are."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    t = (y / height)[..., None]
    picture = np.array((150, 190, 235)) * (1 - t) + np.array((92, 84, 60)) * t
    rng = np.random.default_rng(7)
    for _ in range(14):
        cx, cy, r = rng.random() * width, rng.random() * height, (0.05 + rng.random() * 0.2) * width
        weight = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / r**2)[..., None] * 0.7
        picture = picture * (1 - weight) + rng.integers(20, 240, 3) * weight
    picture += rng.normal(0, 5, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def noise(size: Size) -> Image.Image:
    rng = np.random.default_rng(1)
    return Image.fromarray(rng.integers(0, 256, (size.height, size.width, 3), dtype=np.uint8))


def crowd(size: Size) -> Image.Image:
    """Busy in the size of letters: the hardest ground."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 256, (max(2, size.height // 12), max(2, size.width // 12), 3))
    large = Image.fromarray(small.astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    return large.filter(ImageFilter.GaussianBlur(1.5))


def halves(size: Size) -> Image.Image:
    """White meets black in the middle of every mark."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for x in range(0, size.width, 160):
        draw.rectangle((x, 0, x + 79, size.height), fill="black")
    return picture


def plain(level: int) -> Callable[[Size], Image.Image]:
    return lambda size: Image.new("RGB", size, (level, level, level))


GROUNDS: dict[str, Callable[[Size], Image.Image]] = {
    "white": plain(255),
    "light": plain(205),
    "middle": plain(128),
    "dark": plain(45),
    "black": plain(0),
    "photo-like": gradient,
    "noise": noise,
    "busy": crowd,
    "halves": halves,
}
SIZES = {
    "landscape": Size(800, 600),
    "portrait": Size(450, 600),
    "120 px": Size(120, 90),
    "41 px": Size(60, 41),
    "panorama": Size(800, 180),
    "strip": Size(800, 60),
    "panorama 10:1": Size(1000, 100),
    "tower 1:10": Size(60, 600),
}


def as_photo(picture: Image.Image) -> Photo:
    pixels = np.array(picture.convert("RGB"))
    pixels.setflags(write=False)
    return Photo(pixels, Size(*picture.size))


def sheet(cells: Iterable[tuple[str, Image.Image]], columns: int) -> Image.Image:
    """Lay captioned pictures out in rows."""
    rows: list[list[tuple[str, Image.Image]]] = [[]]
    for cell in cells:
        if len(rows[-1]) == columns:
            rows.append([])
        rows[-1].append(cell)
    gap, caption = 12, 20
    widths = [max(r[i][1].width for r in rows if len(r) > i) for i in range(len(rows[0]))]
    heights = [max(picture.height for _, picture in row) + caption for row in rows]
    page = Image.new(
        "RGB", (sum(widths) + gap * (len(widths) + 1), sum(heights) + gap * (len(rows) + 1)), "#ddd"
    )
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(14)
    y = gap
    for row, height in zip(rows, heights, strict=True):
        x = gap
        for (name, picture), width in zip(row, widths, strict=False):
            draw.text((x, y), name, fill="black", font=font)
            page.paste(picture, (x, y + caption))
            x += width + gap
        y += height + gap
    return page


def marked(
    picture: Image.Image,
    rules: WatermarkRules,
    text: str = MARK,
    credit: str | None = None,
    logo: Image.Image | None = None,
) -> Image.Image:
    try:
        badge = None if logo is None else Logo(np.array(logo.crop(logo.getbbox())), "")
        photo = watermark(as_photo(picture), text, rules, credit, badge)
    except ImageprepError as problem:
        print(f"{picture.size}: {problem.message}")
        return ImageOps.expand(picture, 2, "red")
    if photo.notes:
        print(picture.size, *photo.notes)
    return Image.fromarray(photo.pixels)


def write_sheets(out: Path, photos: list[Path]) -> None:
    landscape = SIZES["landscape"]
    grounds = {name: make(landscape) for name, make in GROUNDS.items()}
    for path in photos:
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        grounds[path.stem[:12]] = Image.fromarray(fit(as_photo(upright), DEFAULT_SIZE).pixels)
    corner = WatermarkRules()

    def save(name: str, cells: Iterable[tuple[str, Image.Image]], columns: int = 3) -> None:
        path = out / f"{name}.png"
        sheet(cells, columns).save(path)
        print(path)

    save("grounds", ((name, marked(p, corner)) for name, p in grounds.items()))
    save("credit", ((name, marked(p, corner, credit=CREDIT)) for name, p in grounds.items()))
    scene = gradient(landscape)
    save(
        "positions",
        ((p.value, marked(scene, WatermarkRules(position=p), credit=CREDIT)) for p in Position),
    )
    tile = WatermarkRules(position=Position.TILE)
    save("tile", ((name, marked(p, tile, credit=CREDIT)) for name, p in grounds.items()))
    save(
        "sizes",
        (
            (f"{name}, {kind}", marked(gradient(size), rules, text, credit))
            for name, size in SIZES.items()
            for kind, rules, text, credit in (
                ("corner", corner, MARK, None),
                ("long name", corner, LONG, None),
                ("credit", corner, MARK, CREDIT),
                ("both long", corner, LONG, LONG_CREDIT),
                ("tile", tile, MARK, CREDIT),
            )
        ),
        columns=5,
    )
    save(
        "opacity",
        (
            (f"{opacity:.0%}", marked(scene, WatermarkRules(opacity=opacity)))
            for opacity in (0.1, 0.3, 0.45, 0.6, 0.8, 1.0)
        ),
    )
    half = Size(500, 240)
    ground = {name: make(half) for name, make in GROUNDS.items()}
    save(
        "names",
        (
            (f"{name}, {where}", marked(ground[where], corner, text, text))
            for name, text in NAMES.items()
            for where in ("light", "dark", "busy")
        ),
    )
    save(
        "logos",
        (
            (f"{name}, {where}", marked(ground[where], corner, "", None, make()))
            for name, make in LOGOS.items()
            for where in ("white", "middle", "black", "photo-like", "busy")
        ),
        columns=5,
    )
    save(
        "logo-and-text",
        (
            (f"{name}", marked(picture, corner, MARK, CREDIT, logo))
            for name, picture in grounds.items()
            for logo in (wordmark(), seal(), emblem())
        ),
    )
    save(
        "logo-positions",
        (
            (p.value, marked(scene, WatermarkRules(position=p), MARK, CREDIT, seal()))
            for p in Position
        ),
    )
    save(
        "logo-tile",
        ((name, marked(p, tile, MARK, None, emblem())) for name, p in grounds.items()),
    )
    save(
        "logo-sizes",
        (
            (f"{name}, {kind}", marked(gradient(size), rules, text, credit, logo))
            for name, size in SIZES.items()
            for kind, rules, text, credit, logo in (
                ("badge", corner, MARK, None, seal()),
                ("long name", corner, LONG, None, wordmark()),
                ("credit", corner, MARK, CREDIT, emblem()),
                ("tile", tile, MARK, None, seal()),
            )
        ),
        columns=4,
    )
    boxes = (
        Box(0.08, 0.1, 0.16, 0.3),
        Box(0.5, 0.45, 0.3, 0.4),
        Box(0.7, 0.35, 0.25, 0.3),
        Box(0.95, 0.9, 0.2, 0.2),
        Box(0.4, 0.1, 0.03, 0.04),
        Box(0.46, 0.1, 0.001, 0.001),
    )
    pictures = {k: v for k, v in grounds.items() if k in {"photo-like", "busy"} or k not in GROUNDS}
    save(
        "redact",
        (
            (f"{name}, {style.value}", Image.fromarray(redact(as_photo(p), boxes, style).pixels))
            for name, p in pictures.items()
            for style in RedactStyle
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("photos", type=Path, nargs="*")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    write_sheets(args.out, args.photos)


if __name__ == "__main__":
    main()
