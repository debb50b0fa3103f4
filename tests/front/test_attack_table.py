"""Files that carry more than their picture, whole and decodable: nothing of it comes through."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import containers as c
import numpy as np
import pytest
from pictures import encoded, exif, scene
from PIL import Image

from imu_imageprep import Outcome, Policy, prepare
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format
from imu_imageprep.domain.policy import ExportRules, Flags, Level
from imu_imageprep.stages.verify import inspect

if TYPE_CHECKING:
    from pathlib import Path

NEEDLE = b"needle-4711-of-somebody"
OPEN = Flags(face=Level.NOTE, clinical=Level.NOTE, source=Level.NOTE)
WINDOW = 12  # bytes that two different files do not share by chance
SECOND = encoded(scene(96, 64, spots=((48, 32, 20),)), quality=95)
VIDEO = c.box(b"ftyp", b"mp42") + c.box(b"moov", c.box(b"udta", NEEDLE)) + c.box(b"mdat", NEEDLE)
AUDIO = b"RIFF" + (4 + 8 + len(NEEDLE)).to_bytes(4, "little") + b"WAVE" + c.riff(b"data", NEEDLE)


def picture(kind: str = "JPEG", **options: object) -> bytes:
    return encoded(scene(640, 480), kind, **options)


def within(data: bytes, more: bytes) -> bytes:
    """A JPEG with segments after its start."""
    return data[:2] + more + data[2:]


BEHIND = {
    "a second picture": (picture() + SECOND, SECOND),
    "a second picture, listed": (
        within(picture(), c.segment(0xE2, b"MPF\0" + c.tiff({0xB000: b"0100", 0xB001: 2})))
        + SECOND,
        SECOND,
    ),
    "a video": (picture() + VIDEO, NEEDLE),
    "a video behind a PNG": (picture("PNG") + VIDEO, NEEDLE),
    "a video behind a WebP": (picture("WEBP") + VIDEO, NEEDLE),
    "an audio note": (picture() + AUDIO, NEEDLE),
    "an older edit": (picture() + picture()[2:] + NEEDLE, NEEDLE),
    "a second frame": (
        encoded(
            scene(320, 240),
            "GIF",
            save_all=True,
            append_images=[scene(320, 240, spots=((90, 90, 60),))],
            comment=NEEDLE,
        ),
        NEEDLE,
    ),
    "a page of a TIFF": (
        encoded(scene(320, 240), "TIFF", save_all=True, append_images=[scene(320, 240)]) + NEEDLE,
        NEEDLE,
    ),
}

TITLE = c.xmp(f"<dc:title>{NEEDLE.decode()}</dc:title>")
BY_LINE = c.photoshop(0x0404, c.iptc([(2, 80, NEEDLE)]))
START = 33  # bytes of a PNG before what may follow its header
HIDDEN = {
    "Exif": picture(exif=exif(artist=NEEDLE.decode())),
    "a comment": picture(comment=NEEDLE),
    "XMP": within(picture(), c.segment(0xE1, c.XMP_HEADER + TITLE)),
    "IPTC": within(picture(), c.segment(0xED, b"Photoshop 3.0\0" + BY_LINE)),
    "an unknown segment": within(picture(), c.segment(0xEF, NEEDLE)),
    "a text of a PNG": (
        picture("PNG")[:START] + c.chunk(b"tEXt", b"Author\0" + NEEDLE) + picture("PNG")[START:]
    ),
    "Exif of a PNG": picture("PNG", exif=exif(artist=NEEDLE.decode())),
    "Exif of a WebP": picture("WEBP", exif=exif(artist=NEEDLE.decode())),
}


def exported(
    data: bytes, form: Format, folder: Path, boxes: tuple[tuple[int, int, int, int], ...] = ()
) -> bytes:
    """The export of a file, whose findings are only noted."""
    policy = Policy(export=ExportRules(format=form), flags=OPEN)
    left = io.BytesIO()
    receipt = prepare(data, policy=policy, out=left, ledger=folder / "ledger.db", boxes=boxes)
    assert receipt.outcome is Outcome.EXPORTED, receipt
    assert inspect(left.getvalue()) == ()
    return left.getvalue()


def own(hidden: bytes) -> bytes:
    """What no other file has: of a JPEG its scan's data, for headers are alike in all of them."""
    return hidden.partition(b"\xff\xda")[2][12:] or hidden


def shared(left: bytes, hidden: bytes) -> list[bytes]:
    """Stretches of what was hidden that stand in an export."""
    whole = range(max(1, len(hidden) - WINDOW + 1))
    return [hidden[at : at + WINDOW] for at in whole if hidden[at : at + WINDOW] in left]


@pytest.mark.parametrize("form", EXPORT_FORMATS)
@pytest.mark.parametrize("what", BEHIND)
def test_nothing_behind_the_picture_comes_through(what: str, form: Format, tmp_path: Path) -> None:
    data, hidden = BEHIND[what]
    assert hidden in data
    assert shared(exported(data, form, tmp_path), own(hidden)) == []


@pytest.mark.parametrize("form", EXPORT_FORMATS)
@pytest.mark.parametrize("what", HIDDEN)
def test_nothing_that_was_hidden_comes_through(what: str, form: Format, tmp_path: Path) -> None:
    assert NEEDLE in HIDDEN[what]
    left = exported(HIDDEN[what], form, tmp_path)
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert NEEDLE.decode().encode(encoding) not in left


@pytest.mark.parametrize("form", EXPORT_FORMATS)
def test_a_thumbnail_shows_nothing_that_was_covered(form: Format, tmp_path: Path) -> None:
    """The thumbnail is whole, and the picture is covered: no second picture leaves, and no spot."""
    spotted = scene(640, 480, spots=((320, 240, 90),))
    small = encoded(spotted.resize((160, 120)))
    at = len(c.tiff({}, ifd1={0x0201: 0, 0x0202: 0}))
    block = c.tiff({}, ifd1={0x0201: at, 0x0202: len(small)}) + small
    data = within(encoded(spotted), c.segment(0xE1, b"Exif\0\0" + block))
    left = exported(data, form, tmp_path, boxes=((220, 140, 200, 200),))
    assert shared(left, own(small)) == []
    with Image.open(io.BytesIO(left)) as shown:
        pixels = np.asarray(shown.convert("RGB")).astype(int)
    pink = (pixels[..., 0] > 200) & (pixels[..., 1] < 80) & (pixels[..., 2] > 150)
    assert not pink.any()
