"""What is fuzzed with coverage: the readers, what each must never do, and where its inputs begin.

Every reader takes bytes, answers or raises InputProblem, and is asked about its answer: what goes
to a person has to be one printable line of bounded length, whatever a file says. The inputs to
begin with are made by the writers that the tests use, and by the product's own encoder.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import containers as c
import numpy as np
import tiffs
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format, Photo, Size
from imu_imageprep.domain.policy import ExportRules, Limits
from imu_imageprep.stages.decode.opening import open_picture
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import looks_like_photo, sniff
from imu_imageprep.stages.verify import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A header's limits, small: what is decoded here is decoded a hundred thousand times.
_LIMITS = Limits(megapixels=0.1, bytes=1_000_000, seconds=8)
_LONGEST = 1000  # letters of anything that a file says and a person is told
_MOST = 1000  # values that are kept of one file
_START = 132  # what looks_like_photo asks for


@dataclass(frozen=True, slots=True)
class Reader:
    """One thing that is fuzzed.

    Attributes:
        ask: hands bytes to it; raises AssertionError where its answer is not sound.
        corpus: the inputs to begin with.
        modules: whose lines are counted, as patterns of files below the package.
    """

    ask: Callable[[bytes], None]
    corpus: Callable[[], Iterator[bytes]]
    modules: tuple[str, ...]


def attempt(reader: Reader, data: bytes) -> None:
    """Hand bytes to a reader; a refusal is an answer."""
    try:
        reader.ask(data)
    except InputProblem as refused:
        _line(refused.message)


# --- what an answer has to be ---------------------------------------------------------------------


def _line(text: str, limit: int = _LONGEST) -> None:
    assert text.isprintable(), "control characters go to a person"
    assert len(text) <= limit, "a text without end goes to a person"


def _sniff(data: bytes) -> None:
    sniff(data)
    assert looks_like_photo(data[:_START]), "a photo that does not look like one"


def _verify(data: bytes) -> None:
    leftovers = inspect(data)
    assert len(leftovers) <= 21, "a list without end"
    for leftover in leftovers:
        _line(leftover)


def _described(data: bytes, form: Format) -> None:
    found = describe(c.source(data, form))
    assert 1 <= found.orientation <= 8, "an orientation that does not exist"
    assert max(map(len, (found.values, found.credits, found.positions))) <= _MOST + 1
    for text in (
        *(text for _, name, value in found.values for text in (name, value)),
        *(credit.text for credit in found.credits),
        *found.notes,
    ):
        _line(text)
    assert found.taken is None or found.taken.date() == found.captured, "two dates"


def _container(data: bytes) -> None:
    _described(data, sniff(data))


def _block(form: Format, wrap: Callable[[bytes], bytes]) -> Callable[[bytes], None]:
    return lambda data: _described(wrap(data), form)


def _tiff(data: bytes) -> None:
    """The numbers and pages that are read without Pillow, as decoding begins."""
    open_picture(data, Format.TIFF, 64, _LIMITS)


# --- what it begins with --------------------------------------------------------------------------


def _photo(width: int = 24, height: int = 18) -> Photo:
    values = np.random.default_rng(1).normal(128, 40, (height, width, 3))
    return Photo(values.clip(0, 255).astype(np.uint8), Size(width, height))


def _saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(_photo().pixels).convert(mode)
    if mode.endswith("A"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(out, form, **options)
    return out.getvalue()


def exports() -> Iterator[bytes]:
    """Exports as they leave, and other pictures without anything hidden."""
    for form in EXPORT_FORMATS:
        yield encode(_photo(), ExportRules(format=form)).data
    yield _saved("JPEG", dpi=(72, 72), progressive=True)
    yield _saved("JPEG", "L", dpi=(72, 72), restart_marker_blocks=1)
    yield _saved("JPEG", "CMYK", dpi=(72, 72))
    for mode in ("1", "L", "LA", "P", "RGBA"):
        yield _saved("PNG", mode, dpi=(72, 72))
    yield _saved("PNG", "P", dpi=(72, 72), transparency=0, bits=2)
    yield _interlaced()
    yield from (_saved("WEBP", "RGBA", lossless=lossless) for lossless in (True, False))


def _interlaced() -> bytes:
    header = c.chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 3, 8, 0, 0, 0, 1))
    # Adam7 of 3 x 3: five passes with pixels.
    rows = ((1, 1), (1, 1), (1, 2), (2, 1), (1, 3))
    raw = b"".join(bytes(1 + width) for count, width in rows for _ in range(count))
    data = c.chunk(b"IDAT", zlib.compress(raw))
    density = c.chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))
    return b"\x89PNG\r\n\x1a\n" + header + density + data + c.chunk(b"IEND", b"")


def _containers() -> Iterator[bytes]:
    for _, holder in c.HOLDERS.values():
        yield holder(c.EXIF)
    for _, data in c.XMP_HOLDERS.values():
        yield data
    yield from _jpegs()
    yield c.png(
        c.chunk(b"tEXt", b"Author\0Somebody"),
        c.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"Photo by A. Ali for Agency X (c) 2024")),
        c.chunk(b"iTXt", b"Title\0\0\0en\0\0words"),
        c.chunk(b"tIME", bytes((7, 232, 5, 6, 7, 8, 9))),
    )
    yield c.png(
        c.chunk(b"gAMA", struct.pack(">I", 45455)),
        c.chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        c.chunk(b"cICP", bytes((9, 16, 0, 1))),
        c.chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n  4\n49492a00\n")),
        after=b"after",
    )
    yield c.gif(b"!\xfe\x05words\0", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0", after=b"after")
    yield from _boxes()
    yield _saved("BMP")


def _jpegs() -> Iterator[bytes]:
    yield c.jpeg(c.segment(0xED, b"Photoshop 3.0\0" + c.BY_LINE), c.segment(0xFE, b"a comment"))
    two = c.tiff({0xB000: b"0100", 0xB001: 2, 0xB002: bytes(16) + struct.pack("<IIII", 0, 9, 9, 0)})
    yield c.jpeg(c.segment(0xE2, b"MPF\0" + two), after=_saved("JPEG"))
    position = struct.pack(
        "<4s4s2s2s4sdd", b"\0\1\0\0", b"\0\0\0\0", b"N\0", b"E\0", b"", 3.1, 101.7
    )
    record = struct.pack("<HHIIII", 0x2B, 0, 0, 96, len(position), 0).ljust(32, b"\0")
    head = b"FFF\0".ljust(0x14, b"\0") + struct.pack("<III", 100, 64, 1)
    flir = head.ljust(64, b"\0") + record + position
    yield c.jpeg(c.segment(0xE1, b"FLIR\0\1\0\0" + flir))
    heap = (
        b"Owner\0\0\0"
        + struct.pack("<HHIIHII", 2, 0x0810, 8, 0, 0x580B, 7, 7)
        + struct.pack("<I", 8)
    )
    yield c.jpeg(c.segment(0xE0, b"II\x0e\0\0\0HEAPJPGM" + heap))
    video = c.box(b"ftyp", b"mp42") + c.box(
        b"moov", c.box(b"udta", c.box(b"\xa9xyz", b"\0\x12\x15\xc7+03.1390+101.6869/"))
        + c.box(b"loci", bytes(6) + b"x\0\0" + struct.pack(">iii", 6 << 20, 3 << 16, 0))
    )  # fmt: skip
    yield c.jpeg(c.segment(0xE1, c.XMP_HEADER + c.XMP), after=video)
    more = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + bytes((0, 0, 0, 9, 0, 0, 0, 0))
    yield c.jpeg(c.segment(0xE1, more + c.XMP), c.segment(0xEB, b"JP\0\1\0\0\0\1jumb"))
    yield c.jpeg(
        c.segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(132)), c.segment(0xEC, b"Ducky\0\2words")
    )


def _boxes() -> Iterator[bytes]:
    turned = [
        c.box(b"irot", b"\1"),
        c.box(b"imir", b"\0"),
        c.box(b"colr", b"nclx\0\11\0\20\0\0\x80"),
    ]
    yield c.heif([(b"mime", b"application/rdf+xml\0" + c.XMP)], properties=turned, after=b"after")
    links = [(b"thmb", 2, 1), (b"auxl", 3, 1), (b"cdsc", 4, 1)]
    items = [(b"hvc1", b""), (b"hvc1", b""), (b"Exif", bytes(4) + c.EXIF)]
    auxiliary = [c.box(b"auxC", b"\0\0\0\0urn:mpeg:hevc:2015:auxid:2\0")]
    moved = c.box(b"moov", c.box(b"udta", c.box(b"\xa9xyz", b"+03.1390+101.6869/")))
    yield c.heif(items, links=links, properties=auxiliary, after=moved)
    yield c.heif(items, brand=b"avis", properties=[*turned, *auxiliary], after=moved)
    yield c.jp2(
        c.box(b"jp2h", c.box(b"ihdr", bytes(14)) + c.box(b"colr", b"\1\0\0\0\0\0\x10")),
        c.box(b"asoc", c.box(b"xml ", b"<gml xmlns='http://www.opengis.net/gml'/>")),
        c.box(b"jumb", b"") + c.box(b"jp2i", b"") + c.box(b"uuid", bytes(16)),
        after=b"after",
    )


def _signatures() -> Iterator[bytes]:
    yield from _containers()
    yield bytes(128) + b"DICM"
    yield from (
        b"%PDF-1.7",
        b"<svg xmlns=''/>",
        b"PK\3\4",
        b"\0\0\0\x18ftypqt  ",
        b"FUJIFILMCCD-RAW",
    )
    yield c.tiff({0x010F: "NIKON", 0x0100: 5, 0x014A: 8, 0x828E: 1, 0xC612: b"\1\4\0\0"})


def _exifs() -> Iterator[bytes]:
    yield c.EXIF
    nikon = b"Nikon\0\2\x10\0\0" + c.tiff({0x1D: "1234", 0xA0: "5678"})
    olympus = b"OLYMPUS\0II\3\0" + c.tiff({0x2010: b"\1\0\1\1\2\0\4\0\0\0", 7: "own"})[8:]
    fuji = b"FUJIFILM\x0c\0\0\0" + c.tiff({0x10: "FPX 123", 0x4100: 1})[8:]
    for maker, whole in (("NIKON", nikon), ("OLYMPUS", olympus), ("FUJIFILM", fuji)):
        yield c.tiff({0x010F: maker}, exif={0x927C: whole})
    yield c.tiff({0x010E: "words", 0x9C9B: b"t\0i\0", 0x02BC: c.XMP, 0x83BB: c.BY_LINE})
    for maker in (
        "Canon",
        "NIKON CORPORATION",
        "Apple",
        "FUJIFILM",
        "OLYMPUS",
        "SONY",
        "Panasonic",
    ):
        note = (
            maker.encode()[:7].ljust(8, b"\0") + b"\3\0" + c.tiff({1: 2, 0x0C: "123", 7: "own"})[8:]
        )
        yield c.tiff({0x010F: maker}, exif={0x927C: note})


def _xmps() -> Iterator[bytes]:
    yield c.XMP
    yield c.xmp(
        "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag><rdf:li "
        "mwg-rs:Name='A'/></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        "<xmpRights:Marked>True</xmpRights:Marked><dc:rights>(c) B</dc:rights>"
        "<aux:SerialNumber>1</aux:SerialNumber><GCamera:MotionPhoto>1</GCamera:MotionPhoto>"
    )
    yield c.XMP.decode().encode("utf-16")


def _iptcs() -> Iterator[bytes]:
    yield c.iptc(
        [(1, 90, b"\x1b%G"), (2, 80, b"Zo\xc3\xab"), (2, 116, b"(c)"), (2, 55, b"20240506")]
    )
    yield c.iptc([(2, 120, b"a caption of 3.14, 101.69"), (2, 25, b"word"), (2, 110, b"Agency")])
    yield b"\x1c\x02\x78\x80\x04\0\0\0\5hello"


def _tiffs() -> Iterator[bytes]:
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    rgb = np.arange(36, dtype=np.uint16).reshape(3, 4, 3)
    yield tiffs.tiff(tiffs.Page(rgb))
    yield tiffs.tiff(tiffs.Page(rgb.astype(np.float32), kind=3, planar=2), order=">")
    yield tiffs.tiff(
        tiffs.Page(grey.astype(np.int16), photometric=0, kind=2, compression=8, rows=1)
    )
    yield tiffs.tiff(tiffs.Page(grey.astype(np.uint32), photometric=1, tags={274: (3, [6])}))
    yield tiffs.tiff(
        tiffs.Page(grey.astype(np.uint8), photometric=1, tags={254: (4, [1]), 330: (4, [8])}),
        tiffs.Page(rgb.astype(np.uint8), tags={282: (5, [(72, 1)]), 283: (5, [(36, 1)])}),
    )


READERS: dict[str, Reader] = {
    "sniff": Reader(_sniff, _signatures, ("stages/read/sniffing.py",)),
    "verify": Reader(_verify, exports, ("stages/verify/*.py",)),
    "containers": Reader(_container, _containers, ("stages/metadata/**/*.py",)),
    "exif": Reader(
        _block(Format.WEBP, lambda data: c.webp(c.riff(b"EXIF", data))),
        _exifs,
        ("stages/metadata/exif.py", "stages/metadata/tiff.py", "stages/metadata/cameras.py"),
    ),
    "xmp": Reader(
        _block(Format.WEBP, lambda data: c.webp(c.riff(b"XMP ", data))),
        _xmps,
        ("stages/metadata/xmp*.py",),
    ),
    "iptc": Reader(
        _block(
            Format.JPEG,
            lambda data: c.jpeg(
                c.segment(0xED, b"Photoshop 3.0\0" + c.photoshop(0x0404, data[:60_000]))
            ),
        ),
        _iptcs,
        ("stages/metadata/iptc.py",),
    ),
    "tiff": Reader(_tiff, _tiffs, ("stages/decode/tiff*.py",)),
}
