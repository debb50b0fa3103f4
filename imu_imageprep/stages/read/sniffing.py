"""Tell what a file really is from its bytes, and refuse by name what is no picture."""

from __future__ import annotations

import contextlib
import re
import struct

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format


def sniff(data: bytes) -> Format:
    """Tell the format from the first bytes (and, for TIFF, its tags), never from a name.

    Raises:
        InputProblem: not a picture, or of a kind that is refused by name.
    """
    if not data:
        raise InputProblem("The file is empty.", "Copy it again from where it came from.")
    # DICOM first: its preamble of 128 bytes may hold another format's signature.
    if _is_dicom(data):
        raise InputProblem(
            "This is a DICOM file, which carries the patient's data with the picture.",
            "Have the imaging department de-identify it and give you a plain picture.",
        )
    found = _picture(data)
    if found is Format.TIFF and _is_raw_tiff(data):
        raise InputProblem(*_RAW)
    if found is None:
        raise InputProblem(*_refusal(data))
    return found


def looks_like_photo(start: bytes) -> bool:
    """Whether a file begins like a photo, or like a RAW or DICOM file, which are refused by name.

    Args:
        start: its first bytes, 132 or more where it has as many.
    """
    if start[_DICOM_MAGIC_AT : _DICOM_MAGIC_AT + 4] == b"DICM" or _picture(start) is not None:
        return True
    return _refusal(start) is _RAW


# --- pictures ------------------------------------------------------------------------------------

_SIGNATURES = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Format.JPEG2000),
    (b"\xff\x4f\xff\x51", Format.JPEG2000),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0", Format.TIFF),
    (b"MM\0+", Format.TIFF),
)
# ISO/IEC 23008-12 (HEIF) and the AVIF specification: major and compatible brands.
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_ANY = {b"mif1", b"mif2", b"mif3", b"msf1"}
# Pictures of other codecs, and what MIAF files (ISO/IEC 23000-22) may begin with.
_HEIF_ANY |= {b"avci", b"evbi", b"jpeg", b"j2ki", b"miaf", b"unif", b"vvic", b"1pic", b"pred"}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # sizes of the known versions of its header


def _picture(data: bytes) -> Format | None:
    for signature, found in _SIGNATURES:
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return Format.BMP
    brands = _brands(data)
    if brands and brands[0] in _AVIF_BRANDS | _HEIF_BRANDS | _HEIF_ANY:
        heif = brands[0] in _HEIF_BRANDS or not _AVIF_BRANDS & set(brands)
        return Format.HEIF if heif else Format.AVIF
    return None


def _brands(data: bytes) -> list[bytes]:
    """Major and compatible brands of an ISO base media file (ISO/IEC 14496-12, 4.3)."""
    if data[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(data[:4], "big"), 1024)
    return [data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))]


# --- refused by name -----------------------------------------------------------------------------

_RAW = (
    "This is a camera RAW file.",
    "Develop it in your camera's or photo software and export it as JPEG.",
)
_PDF = ("This is a PDF document.", "Export the page that you want as a JPEG or PNG picture.")
_POSTSCRIPT = (
    "This is a PostScript file.",
    "Export it as JPEG or PNG from the program it is from.",
)
_SVG = ("This is an SVG drawing.", "Export it as PNG from your drawing program.")
_VIDEO = ("This is a video.", "Save one still picture from it as JPEG.")
_PSD = ("This is a Photoshop document.", "Export it as JPEG or PNG from Photoshop.")
_ARCHIVE = ("This is an archive or an office document.", "Take the photos out of it first.")
_WEB_PAGE = ("This is a web page.", "Save the picture itself, not the page around it.")
_TEXT = ("This is a text file.", "Check that you chose the right file.")


def _not_yet(kind: str) -> tuple[str, str]:
    return f"This is {kind}, which cannot be read yet.", "Save it again as JPEG or PNG."


_JXL = _not_yet("a JPEG XL picture")
_OTHER = ("This is not a picture that can be read.", None)

_REFUSED = (
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIRO", _RAW),  # Olympus ORF, three variants
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\0", _RAW),  # Panasonic RW2
    (b"FOVb", _RAW),  # Sigma X3F
    (b"\0MRM", _RAW),  # Minolta MRW
    (b"II\x1a\0\0\0HEAPCCDR", _RAW),  # Canon CRW
    (b"%PDF-", _PDF),
    (b"%!PS", _POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", _POSTSCRIPT),  # EPS with a preview
    (b"8BPS", _PSD),
    (b"\x1aE\xdf\xa3", _VIDEO),  # Matroska, WebM
    (b"\0\0\x01\xba", _VIDEO),  # MPEG
    (b"\0\0\x01\xb3", _VIDEO),
    (b"FLV\x01", _VIDEO),
    (b"0&\xb2u\x8ef\xcf\x11", _VIDEO),  # Windows Media
    (b"\xff\x0a", _JXL),
    (b"\0\0\0\x0cJXL ", _JXL),
    (b"II\xbc\x01", _not_yet("a JPEG XR picture")),
    (b"II\xbc\0", _not_yet("a JPEG XR picture")),
    (b"WMPHOTO\0", _not_yet("a JPEG XR picture")),
    (b"icns", _not_yet("an Apple icon")),
    (b"gimp xcf", _not_yet("a GIMP picture (XCF)")),
    (b"v/1\1", _not_yet("an OpenEXR picture")),
    (b"#?RADIANCE", _not_yet("a Radiance picture (HDR)")),
    (b"#?RGBE", _not_yet("a Radiance picture (HDR)")),
    (b"DDS |\0\0\0", _not_yet("a DDS texture")),
    (b"SIMPLE  =", _not_yet("a FITS picture")),
    (b"\x97JB2\r\n\x1a\n", _not_yet("a JBIG2 picture")),
    (b"qoif", _not_yet("a QOI picture")),
    (b"FLIF", _not_yet("a FLIF picture")),
    (b"BPG\xfb", _not_yet("a BPG picture")),
    (b"\xf4\xff\x6f", _not_yet("a WebP 2 picture")),
    (b"\x8aMNG\r\n\x1a\n", _not_yet("an MNG animation")),
    (b"\x8bJNG\r\n\x1a\n", _not_yet("a JNG picture")),
    (b"\xd7\xcd\xc6\x9a", _not_yet("a Windows metafile (WMF)")),
    (b"Y\xa6\x6a\x95", _not_yet("a Sun raster picture")),
    (b"\x01\xda", _not_yet("an SGI picture")),
    (b"AT&TFORM", _not_yet("a DjVu document")),
    (b"\x80\x2a\x5f\xd7", _not_yet("a Cineon picture")),
    (b"SDPX", _not_yet("a DPX picture")),
    (b"XPDS", _not_yet("a DPX picture")),
    (b"PK\x03\x04", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0", _ARCHIVE),  # the older Office formats
)
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"pnot"}
_LOOK_FOR_TEXT = 4096


_PNM = re.compile(rb"P(?:[1-6]\s+(?:#[^\n]*\s+)*\d+\s+\d+\s|7\nWIDTH|[Ff]\s+\d+\s+\d+\s)")
_ICONS = {b"\0\0\1\0": "a Windows icon", b"\0\0\2\0": "a Windows cursor"}
_PCX = {bytes((version, 1)) for version in (0, 2, 3, 4, 5)}  # run lengths
_EMF_SIGNATURE_AT, _TGA_DEPTHS = 40, {8, 15, 16, 24, 32}


def _by_structure(data: bytes) -> tuple[str, str] | None:
    """Kinds of pictures that have no plain signature."""
    header = int.from_bytes(data[14:18], "little")
    for fits, kind in (
        (data[:4] in _ICONS and data[4:6] != b"\0\0", _ICONS.get(data[:4], "")),
        (data[:4] == b"FORM" and data[8:12] in (b"ILBM", b"PBM "), "an Amiga picture (IFF)"),
        (_PNM.match(data[:4096]) is not None, "a Netpbm picture (PBM, PGM, PPM)"),
        (
            data[:4] == b"\1\0\0\0" and data[_EMF_SIGNATURE_AT:][:4] == b" EMF",
            "a Windows metafile (EMF)",
        ),
        (data[:1] == b"\x0a" and data[1:3] in _PCX, "a PCX picture"),
        (
            data.endswith(b"TRUEVISION-XFILE.\0") or _is_targa(data[:18]),
            "a Targa picture (TGA)",
        ),
        (
            data[:2] == b"BM" and 12 < header < 1024,  # noqa: PLR2004
            "a BMP file with a header of an unknown kind",
        ),
    ):
        if fits:
            return _not_yet(kind)
    return None


def _is_targa(head: bytes) -> bool:
    """Whether the 18 bytes of Targa's header make sense: it has no signature."""
    if len(head) < 18 or head[1] > 1 or head[2] not in (1, 2, 3, 9, 10, 11):  # noqa: PLR2004
        return False
    mapped = head[2] in (1, 9)
    no_map = head[1] == 0 and not any(head[3:8])
    return (mapped == bool(head[1])) and (mapped or no_map) and head[16] in _TGA_DEPTHS


def _refusal(data: bytes) -> tuple[str, str | None]:
    for signature, refused in _REFUSED:
        if data.startswith(signature):
            return refused
    if data[4:8] == b"ftyp":
        return _RAW if data[8:12] == b"crx " else _VIDEO  # Canon CR3
    if data[4:8] in _QUICKTIME_BOXES or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        return _VIDEO
    if found := _by_structure(data):
        return found
    return _written(data[:_LOOK_FOR_TEXT].removeprefix(b"\xef\xbb\xbf").lstrip())


def _written(start: bytes) -> tuple[str, str | None]:
    """What a file is that may be written in characters."""
    if start.startswith(b"%PDF-"):
        return _PDF
    if start.startswith(b"<") and b"<svg" in start:
        return _SVG
    if start.lower().startswith((b"<!doctype html", b"<html")):
        return _WEB_PAGE
    control = set(range(32)) - set(b"\t\n\r\f\x1b")
    return _OTHER if control & set(start) else _TEXT


# Value representations of DICOM PS3.5, 6.2, that occur among a file's first elements.
_DICOM_VR = {b"AE", b"CS", b"DA", b"IS", b"LO", b"LT", b"OB", b"PN", b"SH", b"TM", b"UI", b"UL"}
_DICOM_MAGIC_AT = 128


def _is_dicom(data: bytes) -> bool:
    """DICOM with its part-10 header, or a bare data set that starts at group 0002 or 0008."""
    if data[_DICOM_MAGIC_AT : _DICOM_MAGIC_AT + 4] == b"DICM":
        return True
    if data[:2] not in (b"\x02\0", b"\x08\0"):
        return False
    element, length = struct.unpack_from("<HI", data.ljust(8, b"\0"), 2)
    implicit = element in (0x0000, 0x0001, 0x0005, 0x0008, 0x0016, 0x0018) and 0 < length < 1024  # noqa: PLR2004
    return data[4:6] in _DICOM_VR or implicit


_DNG_VERSION, _MAKE, _SUB_IFDS, _NEW_SUBFILE, _PHOTOMETRIC = 50706, 271, 330, 254, 262
_SENSOR_DATA = {32803, 34892}  # photometric interpretations CFA and LinearRaw (DNG specification)
_MAX_SUB_IFDS = 16


def _is_raw_tiff(data: bytes) -> bool:
    """Whether a TIFF is a camera's RAW file, whose first picture is a small preview."""
    if data[8:10] == b"CR":  # Canon CR2
        return True
    order = "<" if data[:2] == b"II" else ">"
    main = _folder(data, int.from_bytes(data[4:8], "little" if order == "<" else "big"), order)
    folders = [main, *(_folder(data, at, order) for at in main.get(_SUB_IFDS, ()))]
    if _DNG_VERSION in main or any(_SENSOR_DATA & set(f.get(_PHOTOMETRIC, ())) for f in folders):
        return True
    preview_first = main.get(_NEW_SUBFILE, (0,))[0] & 1
    return bool(preview_first) and _MAKE in main


def _folder(data: bytes, at: int, order: str) -> dict[int, tuple[int, ...]]:
    """Tags of one directory; whole numbers (SHORT, LONG, IFD) with their values, others without.

    A directory that runs past the end gives the tags up to there: the decoder says what is wrong.
    """
    tags: dict[int, tuple[int, ...]] = {}
    with contextlib.suppress(struct.error):
        (count,) = struct.unpack_from(order + "H", data, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number, place = struct.unpack_from(order + "HHII", data, entry)
            tags[tag] = (0,)
            if letter := {3: "H", 4: "I", 13: "I"}.get(kind) if 0 < number <= _MAX_SUB_IFDS else "":
                layout = f"{order}{number}{letter}"
                inline = struct.calcsize(layout) <= 4  # noqa: PLR2004  (the value field's size)
                with contextlib.suppress(struct.error):
                    tags[tag] = struct.unpack_from(layout, data, entry + 8 if inline else place)
    return tags
