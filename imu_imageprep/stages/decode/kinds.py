"""Name the kinds of pictures that no decoder here reads: they are not damaged."""

from __future__ import annotations

import re

from imu_imageprep.domain.photo import Format

AGAIN = "Save it again as an ordinary JPEG or PNG, 8 bits."

# What T.81, table B.1, and T.87 (JPEG-LS) call frames of kinds that are rare.
_JPEG_FRAMES = {
    0xC3: "lossless JPEG",
    0xC5: "hierarchical JPEG",
    0xC6: "hierarchical JPEG",
    0xC7: "hierarchical lossless JPEG",
    0xCB: "lossless JPEG",
    0xCD: "hierarchical JPEG",
    0xCE: "hierarchical JPEG",
    0xCF: "hierarchical lossless JPEG",
    0xDE: "hierarchical JPEG",
    0xF7: "JPEG-LS picture",
}
_JPEG_READ = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_JPEG_COLOURS = frozenset({1, 3, 4})
_EIGHT = 8  # bits
_MARKER = re.compile(rb"\xff+([^\xff\0\x01\xd0-\xd8])")
_SEGMENTS = 1000

# Compression of a BMP file (wingdi.h); 3 and 4 mean something else with OS/2's header of 64 bytes.
_BMP = {4: "JPEG", 5: "PNG", 11: "CMYK colours", 12: "CMYK colours", 13: "CMYK colours"}
_BMP_OS2 = {3: "Huffman codes", 4: "24-bit run lengths"}
_BMP_OS2_HEADER = 64
_BMP_BITS = frozenset({1, 4, 8, 16, 24, 32})

# Four letters of an item that is a picture (ISO 23008-12 and its amendments).
_HEIF = {
    b"vvc1": "VVC",
    b"vvi1": "VVC",
    b"evc1": "EVC",
    b"avc1": "H.264",
    b"jpeg": "JPEG",
    b"mjpg": "JPEG",
    b"j2k1": "JPEG 2000",
    b"unci": "uncompressed pixels",
    b"mski": "a mask",
    b"av01": "AV1",
    b"hvc1": "H.265",
    b"lhv1": "layered H.265",
    b"tili": "tiles",
    b"iovl": "an overlay",
}
_OWN_CODEC = {Format.HEIF: b"hvc1", Format.AVIF: b"av01"}


def unsupported(data: bytes, form: Format) -> tuple[str, str] | None:
    """What kind a picture is, and advice, where its decoder failed because it does not know it.

    Args:
        data: the whole file.
        form: its real format.

    Returns:
        None where the kind is one that is read: then the picture is damaged.
    """
    kind = None
    if form is Format.JPEG:
        kind = _jpeg(data)
    elif form is Format.PNG and data[12:16] == b"CgBI":
        kind = "PNG in Apple's own form for apps (CgBI)"
    elif form is Format.BMP:
        kind = _bmp(data)
    elif form in _OWN_CODEC:
        from imu_imageprep.stages.decode.heif import codec_of  # noqa: PLC0415  (seldom)

        codec = codec_of(data)
        if codec in _HEIF and codec != _OWN_CODEC[form]:
            kind = f"{form.name} picture with {_HEIF[codec]} inside"
    return None if kind is None else cannot_read(kind)


def cannot_read(kind: str) -> tuple[str, str]:
    """A message that names a kind, and its advice."""
    article = "an" if kind.startswith(("A", "8", "11")) else "a"  # of those above
    return f"This is {article} {kind}, which cannot be read yet.", AGAIN


def _jpeg(data: bytes) -> str | None:
    at = 2
    for _ in range(_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            return None
        marker, start = found[1][0], found.end()
        if marker in _JPEG_FRAMES:
            return _JPEG_FRAMES[marker]
        if marker in _JPEG_READ:
            return _rare_frame(data[start + 2 : start + 8])
        at = start + int.from_bytes(data[start : start + 2], "big")
    return None


def _rare_frame(frame: bytes) -> str | None:
    """What is rare in a frame that starts like any other: bits, height, width, colours."""
    bits, colours = (*frame[:1], _EIGHT)[0], frame[5:6]
    if bits != _EIGHT:
        return f"{bits}-bit JPEG"
    if frame[1:3] == b"\0\0":  # T.81, B.2.5: a DNL segment follows
        return "JPEG that states its height after the picture"
    if colours and colours[0] not in _JPEG_COLOURS:
        return f"JPEG with {colours[0]} colour channels"
    return None


def _bmp(data: bytes) -> str | None:
    header = int.from_bytes(data[14:18], "little")
    if header < 40:  # noqa: PLR2004  (OS/2's first header has no compression)
        return None
    bits = int.from_bytes(data[28:30], "little")
    compression = int.from_bytes(data[30:34], "little")
    names = _BMP | _BMP_OS2 if header == _BMP_OS2_HEADER else _BMP
    name = names.get(compression)
    if name:
        return f"BMP file with {name} inside"
    return None if bits in _BMP_BITS else f"BMP file of {bits} bits for each pixel"
