"""Make every sample picture, with its planted metadata.

    python samples/make_samples.py [FOLDER]

Five pictures are public-domain photographs, read from the installed scikit-image package (nothing
is downloaded); two are drawn here. The same versions of Pillow and scikit-image give the same bytes.
`README.md` lists the pictures.
"""

import hashlib
import io
import math
import struct
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

import plant
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

# sha256 of the pictures as scikit-image 0.26.0 ships them; other bytes are refused.
_SOURCES: Final = {
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "retina.jpg": "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    "hubble_deep_field.jpg": "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
}


def _photograph(name: str, long_side: int) -> Image.Image:
    """Read one of scikit-image's photographs and resize it to a long side in pixels."""
    data = files("skimage").joinpath("data", name).read_bytes()
    if hashlib.sha256(data).hexdigest() != _SOURCES[name]:
        raise SystemExit(f"{name}: not the picture that scikit-image 0.26.0 ships")
    with Image.open(io.BytesIO(data)) as picture:
        scale = long_side / max(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
        return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


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


def _evening() -> Image.Image:
    """Draw hills under a low sun."""
    width, height = 2400, 1600  # twice the final size: reducing smooths the edges
    canvas = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(canvas)
    for band in range(16):
        shade = _mix((38, 50, 104), (250, 186, 120), band / 15)
        draw.rectangle((0, band * 64, width, band * 64 + 64), fill=shade)
    draw.rectangle((0, 1024, width, height), fill=(250, 186, 120))
    draw.ellipse((1500, 560, 1780, 840), fill=(255, 236, 190))
    _hills(draw, width, height, near=(20, 30, 52), far=(186, 120, 128))
    return canvas.resize((1200, 800), Image.Resampling.LANCZOS)


def _balloons() -> Image.Image:
    """Draw hot-air balloons in Display P3 numbers; many of the colours lie outside sRGB."""
    width, height = 2400, 1600
    canvas = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(canvas)
    for y in range(height):
        shade = _mix((60, 150, 240), (214, 240, 250), min(1.0, y / 1000))
        draw.line((0, y, width, y), fill=shade)
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
    return canvas.resize((1200, 800), Image.Resampling.LANCZOS)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((160, 160))
    return _jpeg(small, 70)


def _device(
    make: str, model: str, software: str, when: str, orientation: int = 1
) -> list[plant.Field]:
    """Make the first EXIF directory of a camera or phone."""
    return [
        plant.text(0x010F, make),
        plant.text(0x0110, model),
        plant.short(0x0112, orientation),
        plant.rational(0x011A, (300, 1)),
        plant.rational(0x011B, (300, 1)),
        plant.short(0x0128, 2),
        plant.text(0x0131, software),
        plant.text(0x0132, when),
    ]


def _shot(when: str, offset: str, *more: plant.Field) -> list[plant.Field]:
    """Make an Exif directory with the capture time."""
    return [
        plant.Field(0x9000, plant.UNDEFINED, b"0232"),
        plant.text(0x9003, when),
        plant.text(0x9004, when),
        plant.text(0x9011, offset),
        *more,
    ]


def campus() -> bytes:
    """A cup of coffee, with nearly everything that a camera and its owner can leave in a file."""
    picture, when = _photograph("coffee.png", 1200), "2024:05:14 08:41:07"
    camera = _shot(
        when,
        "+01:00",
        plant.Field(0x9286, plant.UNDEFINED, b"ASCII\0\0\0second draft, ask before use"),
        plant.text(0xA430, "Example University, Communications Office"),
        plant.text(0xA431, "EX100-0042-7781"),
        plant.text(0xA434, "Example 35mm F2"),
        plant.text(0xA435, "LENS-0093315"),
    )
    block = plant.tiff(
        _device("Example Cameras", "EX-100", "Example Darkroom 4.2", when),
        camera,
        plant.gps(51.47690, -0.00050, 46, (7, 41, 7)),
        _thumbnail(picture),
    )
    packet = plant.xmp(
        {
            "xmp:CreatorTool": "Example Darkroom 4.2",
            "xmp:CreateDate": "2024-05-14T08:41:07+01:00",
            "xmpMM:DocumentID": "xmp.did:7d5a0e0c-0000-4000-8000-000000000042",
            "aux:SerialNumber": "EX100-0042-7781",
            "aux:OwnerName": "Example University, Communications Office",
        }
    )
    comment = "for the newsletter; the room number is on the receipt under the saucer"
    return plant.jpeg(_jpeg(picture, 84), exif=block, packet=packet, comment=comment)


def portrait() -> bytes:
    """An official portrait, with what a phone writes into a photo."""
    picture, when = _photograph("astronaut.png", 1024), "2024:06:03 15:20:44"
    camera = _shot(
        when,
        "-05:00",
        plant.text(0x9291, "318"),
        plant.text(0xA420, "5f0c6a31d8b24e7790aa000000000317"),
        plant.text(0xA433, "Example Phones"),
        plant.text(0xA434, "Example Phone 9 back camera 5.1mm f/1.8"),
    )
    block = plant.tiff(
        [
            *_device("Example Phones", "Example Phone 9", "9.4.1", when),
            plant.text(0x013C, "Phone of the front desk"),
        ],
        camera,
        plant.gps(29.55930, -95.09000, 8, (20, 20, 44)),
        _thumbnail(picture),
    )
    return plant.jpeg(_jpeg(picture, 84), exif=block)


def clinical() -> bytes:
    """A photograph of a retina, with the names that an examination room leaves behind."""
    picture, when = _photograph("retina.jpg", 1200), "2024:03:19 10:02:30"
    image = [
        *_device("Example Ophthalmics", "Fundus 2", "Fundus Station 1.8", when),
        plant.text(0x010E, "left eye, visit 3, example study 0000"),
    ]
    camera = _shot(when, "+00:00", plant.text(0xA431, "FND2-000118"))
    block = plant.tiff(image, camera, thumbnail=_thumbnail(picture))
    return plant.jpeg(_jpeg(picture, 84), exif=block, comment="exported by Fundus Station 1.8")


def sourced() -> bytes:
    """The Hubble eXtreme Deep Field, credited in EXIF, IPTC and XMP to those who made it."""
    picture = _photograph("hubble_deep_field.jpg", 1000)
    maker, rights = "NASA/ESA Hubble Space Telescope", "Public domain. Please credit NASA and ESA."
    image = [plant.text(0x013B, maker), plant.text(0x8298, rights), plant.short(0x0112, 1)]
    block = plant.tiff(image, _shot("2012:09:25 12:00:00", "+00:00"))
    records = [
        (5, "Hubble eXtreme Deep Field"),
        (80, maker),
        (110, "NASA, ESA"),
        (115, "HubbleSite"),
        (116, rights),
    ]
    packet = plant.xmp(
        {"photoshop:Credit": "NASA, ESA", "photoshop:Source": "HubbleSite"},
        creators=(maker,),
        rights=rights,
    )
    return plant.jpeg(_jpeg(picture, 76), exif=block, packet=packet, photoshop=plant.iptc(records))


def sideways() -> bytes:
    """A rocket on its pad, stored on its side, with the start of a video behind the picture."""
    picture, when = _photograph("rocket.jpg", 1280), "2015:02:10 18:35:12"
    stored = picture.transpose(Image.Transpose.ROTATE_90)  # orientation 6 turns it back, clockwise
    block = plant.tiff(
        _device("Example Phones", "Example Phone 9", "9.4.1", when, orientation=6),
        _shot(when, "-05:00"),
        plant.gps(28.56180, -80.57700, 5, (23, 35, 12)),
        _thumbnail(stored),
    )
    note = b"the second before and after, with sound"
    video = struct.pack(">I12s8s", 24, b"ftypmp42", b"mp42isom")
    video += struct.pack(">I4s", 8 + len(note), b"free") + note
    return plant.jpeg(_jpeg(stored, 84), exif=block, trailer=video)


def notes() -> bytes:
    """Evening hills as PNG, with notes in every kind of text chunk."""
    out = io.BytesIO()
    _evening().save(out, "PNG", optimize=True)
    when = "2024:09:30 17:55:00"
    block = plant.tiff(
        _device("Example Cameras", "EX-100", "Example Darkroom 4.2", when),
        _shot(when, "+01:00", plant.text(0xA431, "EX100-0042-7781")),
        plant.gps(51.47690, -0.00050, 46, (16, 55, 0)),
    )
    packet = plant.xmp({"xmp:CreatorTool": "Example Darkroom 4.2"})
    chunks = [
        plant.png_text("Software", "Example Darkroom 4.2"),
        plant.png_text("Creation Time", "Mon, 30 Sep 2024 17:55:00 +0100"),
        plant.png_utf8_text("Title", "Evening above the campus, draft № 3", "en"),
        plant.png_utf8_text("XML:com.adobe.xmp", packet.decode()),
        plant.png_packed_text("Comment", "internal: do not send this version out. " * 6),
        (b"eXIf", block),
        (b"tIME", b"\x07\xe8\x09\x1e\x11\x37\x00"),
    ]
    return plant.png(out.getvalue(), chunks)


def wide_gamut() -> bytes:
    """Balloons as WebP in Display P3: to drop the profile without converting would dull them."""
    when = "2024:07:21 06:12:00"
    block = plant.tiff(
        _device("Example Phones", "Example Phone 9", "9.4.1", when),
        _shot(when, "+02:00"),
        plant.gps(48.85840, 2.29450, 35, (4, 12, 0)),
    )
    packet = plant.xmp(
        {"xmp:CreatorTool": "Example Phone 9", "xmp:CreateDate": "2024-07-21T06:12:00+02:00"}
    )
    out = io.BytesIO()
    _balloons().save(
        out, "WEBP", quality=84, method=6, icc_profile=plant.display_p3(), exif=block, xmp=packet
    )
    return out.getvalue()


SAMPLES: Final[dict[str, Callable[[], bytes]]] = {
    "campus.jpg": campus,
    "portrait.jpg": portrait,
    "clinical.jpg": clinical,
    "sourced.jpg": sourced,
    "sideways.jpg": sideways,
    "notes.png": notes,
    "wide-gamut.webp": wide_gamut,
}


def main(folder: Path) -> None:
    """Write all samples into a folder."""
    for name, make in SAMPLES.items():
        data = make()
        (folder / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
