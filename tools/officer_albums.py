"""Three albums that an officer answers, made from the samples: an event, a ward visit, a mixed one.

    python tools/officer_albums.py FOLDER

The people are all the astronaut of the samples, a picture in the public domain; everything else is
drawn. What is to be answered how is part of an album, so that a player and a test agree on it.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from samples import scenes  # noqa: E402

SIZE = (1600, 1067)
DAY = "2026-03-04"
_BEGIN = datetime(2026, 3, 4, 9, 0)  # noqa: DTZ001 - cameras write local time
_PEOPLE = (2, 3, 1, 4, 2, 6, 3, 12, 2, 1, 5, 3, 2, 8, 4, 1, 3, 2, 2, 0)  # in each scene of A
_FACE = (270, 40, 590, 380)  # of the portrait
_DATE, _TAKEN, _ARTIST, _RIGHTS, _EXIF = 0x0132, 0x9003, 0x013B, 0x8298, 0x8769


@dataclass(frozen=True)
class Album:
    """Photos, and what is true of them.

    Attributes:
        name: a, b or c.
        photos: what each file is called and holds.
        excluded: of A, the photos whose first face is of somebody who must not be shown.
        patients: of B, which patient a photo shows.
        public: of C, the photos whose code everybody may see.
    """

    name: str
    photos: dict[str, bytes]
    excluded: frozenset[str] = frozenset()
    patients: dict[str, str] = field(default_factory=dict)
    public: frozenset[str] = frozenset()

    def write(self, folder: Path) -> list[Path]:
        """Write the photos into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.photos.items():
            (folder / name).write_bytes(data)
        return [folder / name for name in self.photos]


def albums() -> dict[str, Album]:
    """All three, by name."""
    return {album.name: album for album in (event(), ward(), mixed())}


def event() -> Album:
    """Sixty photos of one event: twenty scenes of three shots each, nearly all with people."""
    photos = {}
    for scene, people in enumerate(_PEOPLE):
        for shot in range(3):
            number = 3 * scene + shot
            taken = _BEGIN + timedelta(minutes=7 * scene, seconds=2 * shot)
            photos[f"event-{number + 1:02}.jpg"] = _jpeg(_group(people, scene, shot), taken)
    excluded = ("event-04.jpg", "event-20.jpg", "event-41.jpg")
    return Album("a", photos, excluded=frozenset(excluded))


def ward() -> Album:
    """Forty photos of a visit: eight of two patients' eyes, doubts, and a few plain ones."""
    with Image.open(ROOT / "samples" / "clinical.jpg") as sample:
        eye = sample.convert("RGB").resize(SIZE)
    hall = scenes.hall().resize(SIZE)
    photos, patients = {}, {}
    for number in range(40):
        name = f"visit-{number + 1:02}.jpg"
        if number < 8:
            made = ImageEnhance.Brightness(eye).enhance(0.8 + 0.05 * number)
            patients[name] = "W3-01" if number < 4 else "W3-02"
        elif number < 34:
            made = Image.blend(eye, hall, 0.5 + 0.005 * (number % 10))
        else:
            made = ImageEnhance.Brightness(hall).enhance(0.9 + 0.05 * (number - 34))
        taken = _BEGIN + timedelta(minutes=3 * number)
        photos[name] = _jpeg(made, taken)
    return Album("b", photos, patients=patients)


def mixed() -> Album:
    """Thirty photos: two makers' pictures, codes of which half are public, texts, plain ones."""
    hall = scenes.hall().resize(SIZE)
    photos: dict[str, bytes] = {}
    public = set()
    for number in range(30):
        name = f"mixed-{number + 1:02}.jpg"
        made = ImageEnhance.Color(hall).enhance(0.6 + 0.02 * number)
        maker = None
        if number < 10:
            maker = "Example Picture Agency" if number < 6 else "Example Photo Club"
        elif number < 18:
            _code(made, f"https://example.org/{number}")
            if number < 14:
                public.add(name)
        elif number < 26:
            _text(made, f"{900101 + number}-14-{5120 + number}")
        photos[name] = _jpeg(made, _BEGIN + timedelta(minutes=5 * number), maker)
    return Album("c", photos, public=frozenset(public))


def _group(people: int, scene: int, shot: int) -> Image.Image:
    """A number of people side by side, in two rows where they are many."""
    ground = (90 + 5 * (scene % 7), 120, 110 - 4 * (scene % 5))
    out = Image.blend(scenes.hall().resize(SIZE), Image.new("RGB", SIZE, ground), 0.7)
    if not people:
        return ImageEnhance.Brightness(out).enhance(1 + 0.02 * shot)
    with Image.open(ROOT / "samples" / "portrait.jpg") as portrait:
        face = portrait.convert("RGB").crop(_FACE)
    columns = people if people <= 6 else people // 2
    wide = min(380, (SIZE[0] - 80) // columns - 12)
    face = face.resize((wide, wide * 17 // 16))
    for place in range(people):
        one = face.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if place % 2 else face
        column, row = place % columns, place // columns
        left = 40 + column * (SIZE[0] - 80) // columns + 3 * shot
        top = 260 + 360 * row if people > 6 else 380
        out.paste(one, (left, top + 2 * shot))
    return out


def _code(picture: Image.Image, said: str) -> None:
    """Put a QR code on a white sheet into a picture."""
    buffer = io.BytesIO()
    segno.make_qr(said).save(buffer, kind="png", scale=8, border=4)
    with Image.open(buffer) as code:
        picture.paste(code.convert("RGB"), (1100, 640))


def _text(picture: Image.Image, said: str) -> None:
    """Put a card with a number into a picture."""
    draw = ImageDraw.Draw(picture)
    draw.rectangle((980, 700, 1540, 880), fill=(250, 250, 246))
    draw.text((1010, 720), "No. K/P", (20, 20, 20), ImageFont.load_default(44))
    draw.text((1010, 790), said, (20, 20, 20), ImageFont.load_default(60))


def _jpeg(picture: Image.Image, taken: datetime, maker: str | None = None) -> bytes:
    exif = Image.Exif()
    when = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif[_DATE] = when
    exif.get_ifd(_EXIF)[_TAKEN] = when
    if maker:
        exif[_ARTIST] = maker
        exif[_RIGHTS] = f"(c) 2026 {maker}. All rights reserved."
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88, exif=exif)
    return buffer.getvalue()


def main() -> None:
    folder = Path(sys.argv[1])
    for name, album in albums().items():
        print(f"{name}: {len(album.write(folder / name))} photos")


if __name__ == "__main__":
    main()
