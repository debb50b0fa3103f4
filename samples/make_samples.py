"""Make every sample picture, with its planted metadata.

    python -m samples.make_samples [FOLDER]

Five pictures are public-domain photographs, read from the installed scikit-image package (nothing
is downloaded); two are drawn here. The same versions of Pillow and scikit-image give the same
bytes. `README.md` lists the pictures.
"""

import hashlib
import io
import struct
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from PIL import Image

from samples import plant, scenes

# sha256 of the pictures as scikit-image 0.26.0 ships them; other bytes are refused.
_SOURCES: Final = {
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "retina.jpg": "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    "brick.png": "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
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
        resized = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    clean = Image.new("RGB", size)  # the source's own comment would be written along otherwise
    clean.paste(resized)
    return clean


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((160, 160))
    return _jpeg(small, 70)


def _print_size() -> list[plant.Field]:
    """Make the fields that readers expect in every first directory: 300 dpi, centred chroma."""
    return [
        plant.rational(0x011A, (300, 1)),
        plant.rational(0x011B, (300, 1)),
        plant.short(0x0128, 2),
        plant.short(0x0213, 1),
    ]


def _device(
    make: str, model: str, software: str, when: str, orientation: int = 1
) -> list[plant.Field]:
    """Make the first EXIF directory of a camera or phone."""
    return [
        plant.text(0x010F, make),
        plant.text(0x0110, model),
        plant.short(0x0112, orientation),
        *_print_size(),
        plant.text(0x0131, software),
        plant.text(0x0132, when),
    ]


def _shot(
    when: str, offset: str, size: tuple[int, int], *more: plant.Field, colour_space: int = 1
) -> list[plant.Field]:
    """Make an Exif directory with the capture time and the stored size (colour space 1 is sRGB)."""
    return [
        plant.Field(0x9000, plant.UNDEFINED, b"0232"),
        plant.text(0x9003, when),
        plant.text(0x9004, when),
        plant.text(0x9011, offset),
        plant.Field(0x9101, plant.UNDEFINED, b"\1\2\3\0"),
        plant.Field(0xA000, plant.UNDEFINED, b"0100"),
        plant.short(0xA001, colour_space),
        plant.long(0xA002, size[0]),
        plant.long(0xA003, size[1]),
        *more,
    ]


def campus() -> bytes:
    """A cup of coffee, with nearly everything that a camera and its owner can leave in a file."""
    picture, when = _photograph("coffee.png", 1200), "2024:05:14 08:41:07"
    camera = _shot(
        when,
        "+01:00",
        picture.size,
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
    picture = picture.crop((20, 0, 700, 850))  # upright format, head and shoulders
    camera = _shot(
        when,
        "-05:00",
        picture.size,
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
    camera = _shot(when, "+00:00", picture.size, plant.text(0xA431, "FND2-000118"))
    block = plant.tiff(image, camera, thumbnail=_thumbnail(picture))
    return plant.jpeg(_jpeg(picture, 84), exif=block, comment="exported by Fundus Station 1.8")


def sourced() -> bytes:
    """A campus building, marked as an agency's own in EXIF, IPTC and XMP."""
    picture, agency = scenes.hall(), "Example Picture Agency"
    rights = f"(c) 2023 {agency}. All rights reserved."
    image = [plant.text(0x013B, agency), plant.text(0x8298, rights), *_print_size()]
    block = plant.tiff(image, _shot("2023:04:02 10:30:00", "+00:00", picture.size))
    records = [(5, "Campus building"), (80, agency), (110, agency), (115, agency), (116, rights)]
    packet = plant.xmp(
        {"photoshop:Credit": agency, "photoshop:Source": agency}, creators=(agency,), rights=rights
    )
    return plant.jpeg(_jpeg(picture, 84), exif=block, packet=packet, photoshop=plant.iptc(records))


def sideways() -> bytes:
    """A rocket on its pad, stored on its side, with the start of a video behind the picture."""
    picture, when = _photograph("rocket.jpg", 1280), "2015:02:10 18:35:12"
    stored = picture.transpose(Image.Transpose.ROTATE_90)  # orientation 6 turns it back, clockwise
    block = plant.tiff(
        _device("Example Phones", "Example Phone 9", "9.4.1", when, orientation=6),
        _shot(when, "-05:00", stored.size),
        plant.gps(28.56180, -80.57700, 5, (23, 35, 12)),
        _thumbnail(stored),
    )
    note = b"the second before and after, with sound"
    video = struct.pack(">I12s8s", 24, b"ftypmp42", b"mp42isom")
    video += struct.pack(">I4s", 8 + len(note), b"free") + note
    return plant.jpeg(_jpeg(stored, 84), exif=block, trailer=video)


def notes() -> bytes:
    """A brick wall as grey PNG, with notes in every kind of text chunk."""
    picture, when = _photograph("brick.png", 512).convert("L"), "2024:09:30 17:55:00"
    block = plant.tiff(
        _device("Example Cameras", "EX-100", "Example Darkroom 4.2", when),
        _shot(when, "+01:00", picture.size, plant.text(0xA431, "EX100-0042-7781")),
        plant.gps(51.47690, -0.00050, 46, (16, 55, 0)),
    )
    packet = plant.xmp({"xmp:CreatorTool": "Example Darkroom 4.2"})
    chunks = [
        plant.png_text("Software", "Example Darkroom 4.2"),
        plant.png_text("Creation Time", "Mon, 30 Sep 2024 17:55:00 +0100"),
        plant.png_utf8_text("Title", "Wall of the north wing, draft № 3", "en"),
        plant.png_utf8_text("XML:com.adobe.xmp", packet.decode()),
        plant.png_packed_text("Comment", "internal: do not send this version out. " * 6),
        (b"eXIf", block),
        (b"tIME", b"\x07\xe8\x09\x1e\x11\x37\x00"),
    ]
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return plant.png(out.getvalue(), chunks)


def wide_gamut() -> bytes:
    """Balloons as WebP in Display P3: to drop the profile without converting would dull them."""
    picture, when = scenes.balloons(), "2024:07:21 06:12:00"
    block = plant.tiff(
        _device("Example Phones", "Example Phone 9", "9.4.1", when),
        _shot(when, "+02:00", picture.size, colour_space=0xFFFF),
        plant.gps(48.85840, 2.29450, 35, (4, 12, 0)),
    )
    packet = plant.xmp(
        {"xmp:CreatorTool": "Example Phone 9", "xmp:CreateDate": "2024-07-21T06:12:00+02:00"}
    )
    out = io.BytesIO()
    picture.save(
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
